// The Internet checksum (RFC 1071): a one's complement sum of 16-bit words. Sums are kept unfolded in a double, exact for
// any packet, and may be added to each other.

/** Sum of the words of `bytes[start..end)`, an odd last byte padded with zero. */
export function wordSum(bytes: Uint8Array, start: number, end: number): number {
  let sum = 0;
  let at = start;
  for (; at + 1 < end; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
  if (at < end) sum += bytes[at]! << 8;
  return sum;
}

/** A sum folded to 16 bits; 0 only for a sum of 0. */
export function folded(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x10000);
  return rest;
}

/** Whether two sums stand for the same checksum: 0x0000 and 0xffff are both zero in one's complement. */
export function sameSum(a: number, b: number): boolean {
  return (folded(a) - folded(b)) % 0xffff === 0;
}
