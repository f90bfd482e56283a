// Time. A capture's times are nanoseconds since 1970 and do not fit a double exactly, so a table keeps them relative to a
// base of its own (bigint, the first packet's time): exact for 104 days around it.

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export type EpochNs = bigint;

/** `seconds` (may be negative) and `nanos` (0..999,999,999) as nanoseconds since 1970. */
export function epochNs(seconds: number, nanos: number): EpochNs {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** The second that was written last, and how: times that are written together are of few seconds. */
let lastSecond = Number.NaN;
let lastText = '';

/** ISO 8601 in UTC with nine decimals, such as `2026-01-02T03:04:05.123456789Z`; a year outside 0..9999 is signed. */
export function isoTime(ns: EpochNs): string {
  let seconds = Number(ns / 1_000_000_000n);
  let nanos = Number(ns % 1_000_000_000n);
  if (nanos < 0) {
    nanos += 1_000_000_000;
    seconds -= 1;
  }
  const fraction = String(nanos).padStart(9, '0');
  // The range of Date: 8.64e15 ms either side of 1970.
  if (!(Math.abs(seconds) <= 8.64e12)) return `${seconds}.${fraction}s`;
  if (seconds !== lastSecond) {
    lastText = new Date(seconds * 1000).toISOString().slice(0, -5);
    lastSecond = seconds;
  }
  return `${lastText}.${fraction}Z`;
}

/** A span of time in the unit that suits it: `840 ns`, `36.5 µs`, `1.42 ms`, `350.000 s`. */
export function durationText(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e3) return `${Math.round(ns)} ns`;
  if (size < 1e6) return `${(ns / 1e3).toPrecision(3)} µs`;
  if (size < 1e9) return `${(ns / 1e6).toPrecision(3)} ms`;
  return `${(ns / 1e9).toFixed(3)} s`;
}
