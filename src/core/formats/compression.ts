// Which compression a stream is in, and how its decoding can end. Decoding itself is the host's (gzip and zstd need
// libraries) or `lz4-frame.ts`'s.
import type { Issue } from '../bytes/issues.ts';
import { u32le } from '../bytes/integers.ts';

export type Compression = 'gzip' | 'zstd' | 'lz4';

/** Bytes that tell a compression. */
export const COMPRESSION_MAGIC = 4;

export const ZSTD_FRAME = 0xfd2fb528;
export const LZ4_FRAME = 0x184d2204;
/** `lz4 -l`, as in Linux kernels. */
export const LZ4_LEGACY_FRAME = 0x184c2102;

/** Frames of application data, which zstd and lz4 have in common. */
export function isSkippableFrame(magic: number): boolean {
  return magic >>> 4 === 0x184d2a5;
}

/** The compression that the first bytes tell, or null. Of skippable frames alone nothing can be told: they count as zstd. */
export function compressionOf(head: Uint8Array): Compression | null {
  if (head.length >= 3 && head[0] === 0x1f && head[1] === 0x8b && head[2] === 8) return 'gzip';
  if (head.length < COMPRESSION_MAGIC) return null;
  const magic = u32le(head, 0);
  if (magic === ZSTD_FRAME || isSkippableFrame(magic)) return 'zstd';
  return magic === LZ4_FRAME || magic === LZ4_LEGACY_FRAME ? 'lz4' : null;
}

/** Takes decoded bytes, which are valid only during the call; false where no more are wanted. */
export type TakeBytes = (bytes: Uint8Array) => boolean;

/** The compressed data cannot be decoded further than `offset` (in the compressed file). */
export function corruptCompression(compression: Compression, why: string, offset: number): Issue {
  const message =
    `the ${compression} data is damaged at offset ${offset} of the compressed file (${why}): ` +
    'what stands before was read';
  return { code: 'corrupt-compression', message, offset };
}

/** The compressed data stops in the middle. */
export function truncatedCompression(compression: Compression, offset: number): Issue {
  const message =
    `the ${compression} data ends at offset ${offset} of the compressed file before it is complete ` +
    '(cut off, or still being written): what stands before was read';
  return { code: 'truncated-compression', message, offset };
}
