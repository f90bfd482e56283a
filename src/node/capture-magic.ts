// Whether a file is a capture, from its first bytes: for files whose names do not tell.
import fs from 'node:fs';
import zlib from 'node:zlib';
import { type Compression, Lz4Decoder, compressionOf, isCaptureMagic } from '../core/session.ts';
import { zstdDecoder } from './unzstd.ts';

/** Enough for a whole first block of zstd; of gzip and lz4 less would do. */
const HEAD = 160 * 1024;

/** False also where the file cannot be read. */
export function hasCaptureMagic(file: string): boolean {
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(file, 'r');
    const head = Buffer.alloc(HEAD);
    const length = fs.readSync(descriptor, head, 0, 8, 0);
    const compression = compressionOf(head.subarray(0, length));
    if (!compression) return isCaptureMagic(head.subarray(0, length));
    return isCaptureMagic(inside(compression, head.subarray(0, fs.readSync(descriptor, head, 0, HEAD, 0))));
  } catch {
    return false;
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

/** The first bytes of what the beginning of a compressed file holds. */
function inside(compression: Compression, head: Uint8Array): Uint8Array {
  let first = new Uint8Array(0);
  const take = (bytes: Uint8Array): boolean => {
    first = bytes.slice(0, 8);
    return false;
  };
  if (compression === 'gzip')
    return zlib.gunzipSync(head.subarray(0, 512), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const decoder = compression === 'zstd' ? zstdDecoder(take) : new Lz4Decoder(take);
  decoder.push(head);
  decoder.end();
  return first;
}
