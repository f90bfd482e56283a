// The bytes of single packets, read again from their files for the detail view. A compressed file has to be decompressed
// from its beginning up to the packet; what lies around the packet is kept, within bounds, since its neighbours are asked
// for next.
import fs from 'node:fs';
import { compressionOf } from '../core/session.ts';
import { streamCapture } from './capture-bytes.ts';
import { explainError } from './errors.ts';
import type { CaptureInput } from './inputs.ts';

/** Decompressed bytes kept before and behind a packet, and in all. */
const AROUND = 2 * 1024 * 1024;
const KEPT = 32 * 1024 * 1024;

/** Decompressed bytes of a file from `offset` on. */
interface Stretch {
  readonly path: string;
  readonly offset: number;
  readonly bytes: Uint8Array;
}

export class PacketBytes {
  /** The least lately used first. */
  private stretches: Stretch[] = [];

  /** `length` bytes from `offset` of the (decompressed) file, fewer where it ends before. */
  async read({ path, name }: CaptureInput, offset: number, length: number): Promise<Uint8Array> {
    if (path === '-') throw new Error('The bytes of a capture from standard input are not kept.');
    try {
      return readPlain(path, offset, length) ?? (await this.readCompressed(path, offset, length));
    } catch (error) {
      throw new Error(`${name}: ${explainError(error)}`, { cause: error });
    }
  }

  private async readCompressed(path: string, offset: number, length: number): Promise<Uint8Array> {
    const known = this.stretches.find(
      (kept) => kept.path === path && kept.offset <= offset && offset + length <= kept.offset + kept.bytes.length,
    );
    const stretch = known ?? (await decompressAround(path, offset, length));
    this.keep(stretch);
    return stretch.bytes.slice(offset - stretch.offset, offset - stretch.offset + length);
  }

  private keep(stretch: Stretch): void {
    this.stretches = [...this.stretches.filter((kept) => kept !== stretch), stretch];
    let total = this.stretches.reduce((sum, { bytes }) => sum + bytes.length, 0);
    while (total > KEPT && this.stretches.length > 1) total -= this.stretches.shift()!.bytes.length;
  }
}

/** Null where the file is compressed. */
function readPlain(path: string, offset: number, length: number): Uint8Array | null {
  const descriptor = fs.openSync(path, 'r');
  try {
    if (!fs.fstatSync(descriptor).isFile()) throw new Error('the bytes of a pipe are not kept');
    const head = new Uint8Array(4);
    if (compressionOf(head.subarray(0, fs.readSync(descriptor, head, 0, head.length, 0)))) return null;
    const bytes = new Uint8Array(length);
    return bytes.subarray(0, fs.readSync(descriptor, bytes, 0, length, offset));
  } finally {
    fs.closeSync(descriptor);
  }
}

async function decompressAround(path: string, offset: number, length: number): Promise<Stretch> {
  const start = Math.max(0, offset - AROUND);
  const end = offset + length + AROUND;
  const bytes = new Uint8Array(end - start);
  let at = 0;
  // The file has been read once, so that its growth was judged then.
  await streamCapture(path, { maxExpansion: Infinity }, (piece) => {
    const from = Math.max(start, at);
    const to = Math.min(end, at + piece.length);
    if (from < to) bytes.set(piece.subarray(from - at, to - at), from - start);
    at += piece.length;
    return at < end;
  });
  return { path, offset: start, bytes: bytes.subarray(0, Math.max(0, Math.min(at, end) - start)) };
}
