// A digest of bytes: 32 bits of MurmurHash3 (x86, 32). It tells payloads apart quickly; it is no proof against intent.

/** Payload bytes that a digest covers at most. */
export const DIGEST_LENGTH = 64;

/** Never 0 for bytes, 0 for none. Signed, as bit operations are: `>>> 0` makes it unsigned where it is kept. */
export function digest(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length <= 0) return 0;
  let hash = 0x534e4154;
  let at = start;
  for (const words = end - 3; at < words; at += 4) {
    hash = mix(hash, bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24));
  }
  if (at < end) {
    let rest = 0;
    for (let shift = 0; at < end; at += 1, shift += 8) rest |= bytes[at]! << shift;
    hash = mix(hash, rest);
  }
  return finish(hash, length);
}

/** One more 32-bit word; begin with any constant. */
export function mix(hash: number, word: number): number {
  let k = Math.imul(word, 0xcc9e2d51);
  k = (k << 15) | (k >>> 17);
  let h = hash ^ Math.imul(k, 0x1b873593);
  h = (h << 13) | (h >>> 19);
  return (Math.imul(h, 5) + 0xe6546b64) | 0;
}

/** The digest of what was mixed: signed, never 0. */
export function finish(hash: number, length: number): number {
  let h = hash ^ length;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16) || 1;
}
