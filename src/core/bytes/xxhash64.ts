// xxHash, 64 bits, seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md), of which zstd's checksum is the low half. Bytes
// come in pieces of any size. A 64-bit number is two signed 32-bit halves in place `i` (low) and `i + 1` (high) of an
// Int32Array: bigint would be fifty times slower.
import { u32le } from './integers.ts';

const PRIME_1 = 0x9e3779b185ebca87n;
const PRIME_2 = 0xc2b2ae3d27d4eb4fn;
const PRIME_3 = 0x165667b19e3779f9n;
const PRIME_4 = 0x85ebca77c2b2ae63n;
const PRIME_5 = 0x27d4eb2f165667c5n;
const STRIPE = 32;

const P1_LOW = 0x85ebca87;
const P1_HIGH = 0x9e3779b1;
const P2_LOW = 0x27d4eb4f;
const P2_HIGH = 0xc2b2ae3d;

/** High half of the product of two unsigned 32-bit numbers. */
function highProduct(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const cross = aHigh * bLow + ((aLow * bLow) >>> 16);
  const other = aLow * bHigh + (cross & 0xffff);
  // `cross` and `other` stay below 2^33, past what >>> holds.
  return (aHigh * bHigh + Math.floor(cross / 65_536) + Math.floor(other / 65_536)) | 0;
}

/** One of the four lanes takes the eight bytes at `at`. */
function round(lanes: Int32Array, lane: number, bytes: Uint8Array, at: number): void {
  const inputLow = u32le(bytes, at);
  const inputHigh = u32le(bytes, at + 4);
  const productLow = Math.imul(inputLow, P2_LOW);
  const productHigh = highProduct(inputLow, P2_LOW) + Math.imul(inputLow, P2_HIGH) + Math.imul(inputHigh, P2_LOW);
  const low = (lanes[lane]! >>> 0) + (productLow >>> 0);
  const sumLow = low | 0;
  const sumHigh = (lanes[lane + 1]! + productHigh + (low > 0xffffffff ? 1 : 0)) | 0;
  // Rotated left by 31 bits.
  const turnedLow = ((sumLow << 31) | (sumHigh >>> 1)) >>> 0;
  const turnedHigh = (sumHigh << 31) | (sumLow >>> 1);
  lanes[lane] = Math.imul(turnedLow, P1_LOW);
  lanes[lane + 1] = highProduct(turnedLow, P1_LOW) + Math.imul(turnedLow, P1_HIGH) + Math.imul(turnedHigh, P1_LOW);
}

export class Xxhash64 {
  private readonly lanes = new Int32Array(8);
  private total = 0;
  /** Bytes that do not fill a stripe yet. */
  private readonly rest = new Uint8Array(STRIPE);
  private resting = 0;

  constructor() {
    const starts = [PRIME_1 + PRIME_2, PRIME_2, 0n, -PRIME_1];
    for (const [lane, start] of starts.entries()) {
      this.lanes[2 * lane] = Number(BigInt.asIntN(32, start));
      this.lanes[2 * lane + 1] = Number(BigInt.asIntN(32, start >> 32n));
    }
  }

  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    let at = 0;
    if (this.resting > 0) {
      at = Math.min(STRIPE - this.resting, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.resting);
      this.resting += at;
      if (this.resting < STRIPE) return;
      this.stripe(this.rest, 0);
      this.resting = 0;
    }
    for (; at + STRIPE <= bytes.length; at += STRIPE) this.stripe(bytes, at);
    this.rest.set(bytes.subarray(at));
    this.resting = bytes.length - at;
  }

  digest(): bigint {
    const lane = (number: number): bigint =>
      (BigInt(this.lanes[2 * number + 1]! >>> 0) << 32n) | BigInt(this.lanes[2 * number]! >>> 0);
    let hash = PRIME_5;
    if (this.total >= STRIPE) {
      const lanes = [lane(0), lane(1), lane(2), lane(3)];
      hash = [1, 7, 12, 18].reduce((sum, bits, number) => sum + rotated(lanes[number]!, bits), 0n);
      for (const value of lanes) hash = product(hash ^ scrambled(value), PRIME_1) + PRIME_4;
    }
    hash = word(hash + BigInt(this.total));
    let at = 0;
    for (; at + 8 <= this.resting; at += 8) {
      const value = (BigInt(u32le(this.rest, at + 4)) << 32n) | BigInt(u32le(this.rest, at));
      hash = word(product(rotated(hash ^ scrambled(value), 27), PRIME_1) + PRIME_4);
    }
    for (; at + 4 <= this.resting; at += 4) {
      hash = word(product(rotated(hash ^ product(BigInt(u32le(this.rest, at)), PRIME_1), 23), PRIME_2) + PRIME_3);
    }
    for (; at < this.resting; at += 1) {
      hash = product(rotated(hash ^ product(BigInt(this.rest[at]!), PRIME_5), 11), PRIME_1);
    }
    hash = product(hash ^ (hash >> 33n), PRIME_2);
    hash = product(hash ^ (hash >> 29n), PRIME_3);
    return hash ^ (hash >> 32n);
  }

  private stripe(bytes: Uint8Array, at: number): void {
    for (let lane = 0; lane < 8; lane += 2) round(this.lanes, lane, bytes, at + 4 * lane);
  }
}

function word(value: bigint): bigint {
  return BigInt.asUintN(64, value);
}

function product(a: bigint, b: bigint): bigint {
  return word(a * b);
}

function rotated(value: bigint, bits: number): bigint {
  const within = word(value);
  return word(within << BigInt(bits)) | (within >> BigInt(64 - bits));
}

function scrambled(value: bigint): bigint {
  return product(rotated(product(value, PRIME_2), 31), PRIME_1);
}
