// What a file is, from its first bytes, decompressed where they say so: for files whose names do not tell.
import fs from 'node:fs';
import zlib from 'node:zlib';
import {
  type Compression,
  Lz4Decoder,
  SIDE_FILE_HEAD,
  compressionOf,
  isCaptureMagic,
  sideFileKind,
} from '../core/session.ts';
import { decodeText } from './text.ts';
import { zstdDecoder } from './unzstd.ts';

/** Enough for a whole first block of zstd; of gzip and lz4 less would do. */
const HEAD = 160 * 1024;

/** Null where it is neither, or cannot be read. */
export function kindOfFile(file: string): 'capture' | 'side' | null {
  let descriptor: number | null = null;
  try {
    descriptor = fs.openSync(file, 'r');
    const head = Buffer.alloc(HEAD);
    const length = fs.readSync(descriptor, head, 0, 8, 0);
    const compression = compressionOf(head.subarray(0, length));
    if (!compression && isCaptureMagic(head.subarray(0, length))) return 'capture';
    const whole = head.subarray(0, fs.readSync(descriptor, head, 0, HEAD, 0));
    const first = compression ? inside(compression, whole) : whole;
    if (isCaptureMagic(first.subarray(0, 8))) return 'capture';
    return sideFileKind(decodeText(first).slice(0, SIDE_FILE_HEAD)) === null ? null : 'side';
  } catch {
    return null;
  } finally {
    if (descriptor !== null) fs.closeSync(descriptor);
  }
}

/** The first bytes of what the beginning of a compressed file holds. */
function inside(compression: Compression, head: Uint8Array): Uint8Array {
  let first = new Uint8Array(0);
  const take = (bytes: Uint8Array): boolean => {
    first = bytes.slice(0, SIDE_FILE_HEAD);
    return false;
  };
  // What little of it is decompressed here cannot grow much, whatever it is.
  if (compression === 'gzip')
    return zlib.gunzipSync(head.subarray(0, 16 * 1024), { finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const decoder = compression === 'zstd' ? zstdDecoder(take) : new Lz4Decoder(take);
  decoder.push(head);
  decoder.end();
  return first;
}
