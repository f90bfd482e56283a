// Time. A capture's times are nanoseconds since 1970 and do not fit a double exactly, so a table keeps them relative to a
// base of its own (bigint, the first packet's time): exact for 104 days around it.

/** Nanoseconds since 1970-01-01T00:00:00Z. */
export type EpochNs = bigint;

/** `seconds` (may be negative) and `nanos` (0..999,999,999) as nanoseconds since 1970. */
export function epochNs(seconds: number, nanos: number): EpochNs {
  return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
}

/** ISO 8601 in UTC with nine decimals, such as `2026-01-02T03:04:05.123456789Z`; a year outside 0..9999 is signed. */
export function isoTime(ns: EpochNs): string {
  let seconds = ns / 1_000_000_000n;
  let nanos = ns % 1_000_000_000n;
  if (nanos < 0n) {
    nanos += 1_000_000_000n;
    seconds -= 1n;
  }
  const ms = Number(seconds) * 1000;
  // The range of Date: 8.64e15 ms either side of 1970.
  if (!(Math.abs(ms) <= 8.64e15)) return `${seconds}.${String(nanos).padStart(9, '0')}s`;
  return `${new Date(ms).toISOString().slice(0, -5)}.${String(nanos).padStart(9, '0')}Z`;
}
