// The clock of a pcapng interface: 64-bit ticks of a power of ten or of two, plus an offset, turned into seconds and
// nanoseconds without loss. 64 bits do not fit a double, so the division goes in steps of 16 bits; only resolutions that
// do not divide a nanosecond take bigint.

import { u32 } from '../bytes/integers.ts';

const SECOND_NS = 1_000_000_000;

export class TickClock {
  /** Of the time last set: seconds since 1970 and nanoseconds 0..999,999,999, rounded down. */
  seconds = 0;
  nanos = 0;
  /** Length of a tick. */
  readonly resolutionNs: number;
  private readonly offsetSeconds: number;
  /** Ticks a second where that is a power of ten up to 10^9; otherwise 0, and `manyTicks` holds it. */
  private readonly ticks: number;
  private readonly manyTicks: bigint;
  private readonly nanosPerTick: number;

  /** `resolution` is the byte of if_tsresol: a negative power of ten, or of two where the highest bit is set. */
  constructor(resolution: number, offsetSeconds: number) {
    const exponent = resolution & 0x7f;
    const binary = (resolution & 0x80) !== 0;
    this.resolutionNs = SECOND_NS / (binary ? 2 ** exponent : 10 ** exponent);
    this.offsetSeconds = offsetSeconds;
    this.ticks = !binary && exponent <= 9 ? 10 ** exponent : 0;
    this.nanosPerTick = this.ticks > 0 ? SECOND_NS / this.ticks : 0;
    this.manyTicks = this.ticks > 0 ? 0n : (binary ? 2n : 10n) ** BigInt(exponent);
  }

  /** Takes the tick count at `at`: its high and its low 32 bits, in this order whatever the byte order of each. */
  read(bytes: Uint8Array, at: number, littleEndian: boolean): void {
    const high = u32(bytes, at, littleEndian);
    const low = u32(bytes, at + 4, littleEndian);
    const { ticks } = this;
    if (ticks === 0) {
      const count = (BigInt(high) << 32n) | BigInt(low);
      this.seconds = Number(count / this.manyTicks) + this.offsetSeconds;
      this.nanos = Number(((count % this.manyTicks) * 1_000_000_000n) / this.manyTicks);
      return;
    }
    // Long division in base 2^16: a remainder is below 10^9, so each step stays below 2^46 and is exact.
    const first = Math.floor(high / ticks);
    const middle = (high - first * ticks) * 65_536 + (low >>> 16);
    const second = Math.floor(middle / ticks);
    const last = (middle - second * ticks) * 65_536 + (low & 0xffff);
    const third = Math.floor(last / ticks);
    this.seconds = first * 4_294_967_296 + second * 65_536 + third + this.offsetSeconds;
    this.nanos = (last - third * ticks) * this.nanosPerTick;
  }
}
