// An lz4 block (github.com/lz4/lz4, doc/lz4_Block_format.md): sequences of literals and of matches within the 64 KiB
// before.

/**
 * Decodes `bytes[start..end)` into `out` from `at` on; matches may reach back to `out[0]`. Returns where the decoded bytes
 * end; where the block is cut, not well formed or does not fit, the bitwise complement of where its good bytes end.
 */
export function decodeLz4Block(bytes: Uint8Array, start: number, end: number, out: Uint8Array, at: number): number {
  let from = start;
  let to = at;
  while (from < end) {
    const token = bytes[from++]!;
    let literals = token >>> 4;
    if (literals === 15) {
      let more: number;
      do {
        if (from >= end) return ~to;
        more = bytes[from++]!;
        literals += more;
      } while (more === 255);
    }
    if (from + literals > end || to + literals > out.length) return ~to;
    if (literals > 32) {
      out.set(bytes.subarray(from, from + literals), to);
      from += literals;
      to += literals;
    } else {
      for (const stop = from + literals; from < stop;) out[to++] = bytes[from++]!;
    }
    // A block ends with literals.
    if (from === end) return to;
    if (from + 2 > end) return ~to;
    const distance = bytes[from]! | (bytes[from + 1]! << 8);
    from += 2;
    let length = (token & 15) + 4;
    if (length === 19) {
      let more: number;
      do {
        if (from >= end) return ~to;
        more = bytes[from++]!;
        length += more;
      } while (more === 255);
    }
    if (distance === 0 || distance > to || to + length > out.length) return ~to;
    if (distance >= length && length > 32) {
      out.copyWithin(to, to - distance, to - distance + length);
      to += length;
    } else {
      // A match may overlap what it writes.
      for (const stop = to + length; to < stop; to += 1) out[to] = out[to - distance]!;
    }
  }
  return ~to;
}
