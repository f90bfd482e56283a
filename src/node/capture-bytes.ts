// The bytes of a capture file, decompressed where its first bytes say so: a stream that is handed on in pieces, with a
// limit to what compressed data may grow to.
import fs from 'node:fs';
import {
  COMPRESSION_MAGIC,
  type Compression,
  type Issue,
  Lz4Decoder,
  type TakeBytes,
  compressionOf,
} from '../core/session.ts';
import { GzipDecoder } from './gunzip.ts';
import { zstdDecoder } from './unzstd.ts';

const CHUNK = 1024 * 1024;
/** How long to wait for a pipe that has nothing yet, in milliseconds. */
const PIPE_PAUSE = 10;

/** Times its compressed size that a file may grow to, unless the user says otherwise. */
export const DEFAULT_EXPANSION = 100;
/** Bytes up to which growth is never judged. */
const FREE_EXPANSION = 64 * 1024 * 1024;
/** Bytes that no file may grow to, whatever its own size, unless the limit is lifted. */
const ABSOLUTE_EXPANSION = 64 * 1024 * 1024 * 1024;

export interface StreamOptions {
  /** Times its compressed size that a file may grow to; Infinity lifts every limit. */
  readonly maxExpansion: number;
  /** Bytes of the file that were read, once a chunk. */
  readonly onRead?: (bytes: number) => void;
}

export interface StreamEnd {
  readonly compression: Compression | null;
  /** Why the stream ended before its end; null where it did not. */
  readonly damage: Issue | null;
}

interface Decoder {
  push(chunk: Uint8Array): boolean | Promise<boolean>;
  end(): Issue | null | Promise<Issue | null>;
}

/**
 * Hands on the bytes of the file at `path` (`-`: standard input) until its end, or until `take` wants no more. Throws what
 * the file system throws.
 */
export async function streamCapture(path: string, options: StreamOptions, take: TakeBytes): Promise<StreamEnd> {
  const descriptor = path === '-' ? 0 : fs.openSync(path, 'r');
  try {
    const stat = fs.fstatSync(descriptor);
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const chunk = Buffer.allocUnsafe(CHUNK);
    let filled = 0;
    while (filled < COMPRESSION_MAGIC) {
      const length = await readSome(descriptor, chunk, filled);
      if (length === 0) break;
      filled += length;
    }
    const compression = compressionOf(chunk.subarray(0, filled));
    let read = 0;
    const growth = new Growth(options.maxExpansion, () => read, take);
    const again = stat.isFile() && path !== '-' ? () => chunksOf(path) : null;
    const decoder = compression ? decoderOf(compression, growth.take, again) : null;
    while (filled > 0) {
      read += filled;
      const bytes = chunk.subarray(0, filled);
      if (!(decoder ? await decoder.push(bytes) : take(bytes))) break;
      options.onRead?.(read);
      filled = await readSome(descriptor, chunk, 0);
    }
    return { compression, damage: (await decoder?.end()) ?? growth.damage };
  } finally {
    if (descriptor !== 0) fs.closeSync(descriptor);
  }
}

function decoderOf(compression: Compression, take: TakeBytes, again: (() => Iterable<Uint8Array>) | null): Decoder {
  switch (compression) {
    case 'gzip':
      return new GzipDecoder(take, again);
    case 'zstd':
      return zstdDecoder(take);
    case 'lz4':
      return new Lz4Decoder(take);
  }
}

/** Counts what compressed bytes grow to, and ends it beyond the limit. */
class Growth {
  damage: Issue | null = null;
  private grown = 0;
  private readonly maxExpansion: number;
  private readonly compressedBytes: () => number;
  private readonly takeOn: TakeBytes;

  constructor(maxExpansion: number, compressedBytes: () => number, takeOn: TakeBytes) {
    this.maxExpansion = maxExpansion;
    this.compressedBytes = compressedBytes;
    this.takeOn = takeOn;
  }

  readonly take = (bytes: Uint8Array): boolean => {
    this.grown += bytes.length;
    if (this.grown > FREE_EXPANSION && this.maxExpansion !== Infinity) {
      const compressed = this.compressedBytes();
      if (this.grown > compressed * this.maxExpansion || this.grown > ABSOLUTE_EXPANSION) {
        this.damage = tooLarge(this.grown, compressed, this.maxExpansion);
        return false;
      }
    }
    return this.takeOn(bytes);
  };
}

function tooLarge(grown: number, compressed: number, maxExpansion: number): Issue {
  const limit = grown > ABSOLUTE_EXPANSION ? `${ABSOLUTE_EXPANSION} bytes` : `${maxExpansion} times their size`;
  const message =
    `${compressed} compressed bytes grow to more than ${limit}: a decompression bomb, or very uniform packets. ` +
    'What stands before was read; --max-expansion N, or none, reads on';
  return { code: 'expansion-limit', message, offset: compressed };
}

function* chunksOf(path: string): Generator<Uint8Array> {
  const descriptor = fs.openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (;;) {
      const length = fs.readSync(descriptor, chunk, 0, CHUNK, null);
      if (length === 0) return;
      yield chunk.subarray(0, length);
    }
  } finally {
    fs.closeSync(descriptor);
  }
}

/** Reads into `chunk` from `at` on; 0 at the end. A pipe that does not block is waited for. */
async function readSome(descriptor: number, chunk: Buffer, at: number): Promise<number> {
  for (;;) {
    try {
      return fs.readSync(descriptor, chunk, at, chunk.length - at, null);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      // Windows ends a closed pipe so.
      if (code === 'EOF') return 0;
      if (code !== 'EAGAIN') throw error;
      await new Promise((resolve) => setTimeout(resolve, PIPE_PAUSE));
    }
  }
}
