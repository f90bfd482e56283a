// A capture that is still being written: what is there is read into tables, and later what has arrived since. Nothing is
// read twice, and the record at the end, of which a part may be missing yet, waits for its rest. Files are looked at again
// and again (a notification would not come from a network drive); FIFOs and standard input are read without blocking.
//
// Following ends where the file is no longer the one that was begun: shorter than what was read of it, other bytes where
// it was read, another file under its name. Then, and where a file cannot be followed at all, an issue says so.
import fs from 'node:fs';
import { COMPRESSION_MAGIC, Ingest, type Issue, compressionOf, openCapture } from '../core/session.ts';
import { explainError } from './errors.ts';
import { type OnProgress, type ReadResult, readCapture, resultOf } from './read-capture.ts';

const CHUNK = 1024 * 1024;
/** Bytes of a pipe that are read in one turn, so that an endless one lets others have theirs. */
const PIPE_TURN = 64 * CHUNK;
/** Bytes before the place reached, by which a file that was written anew is told although it is longer. */
const KEPT = 64;

export class FollowedCapture {
  /** Nothing more will be read. */
  isOver = false;
  private readonly path: string;
  private readonly maxExpansion: number;
  private readonly ingest = new Ingest();
  private readonly reader = openCapture(this.ingest);
  private readonly chunk = Buffer.allocUnsafe(CHUNK);
  private descriptor: number | null = null;
  private inode = 0;
  private isPipe = false;
  private position = 0;
  private readonly kept = Buffer.alloc(KEPT);
  private failure: string | null = null;
  /** Of a capture that could only be read once. */
  private once: ReadResult | null = null;

  /** `path`: `-` for standard input. */
  constructor(path: string, maxExpansion: number) {
    this.path = path;
    this.maxExpansion = maxExpansion;
  }

  /** Reads what is there now, the first time all; true where the result is another than before. */
  async readOn(onProgress: OnProgress): Promise<boolean> {
    if (this.isOver) return false;
    try {
      if (this.descriptor !== null) return this.readRest(this.descriptor, onProgress);
      const first = this.open();
      if (first === null) this.readRest(this.descriptor!, onProgress);
      else {
        this.close();
        this.once = await readCapture(this.path, this.maxExpansion, onProgress);
        this.once = resultOf(this.once.tables, this.once.ok ? null : this.once.error, [first]);
      }
    } catch (error) {
      this.failure = explainError(error);
      this.finish();
    }
    return true;
  }

  /** What was read so far. */
  result(): ReadResult {
    if (this.once) return this.once;
    const { missing } = this.reader;
    // That the last record is not whole yet is how it should be.
    const further = missing && !this.isOver && missing.code !== 'truncated-tail' ? [missing] : [];
    return resultOf(this.ingest.tables(this.reader.format), this.failure, further);
  }

  close(): void {
    this.isOver = true;
    if (this.descriptor !== null) fs.closeSync(this.descriptor);
    this.descriptor = null;
  }

  /** Opens the file; why it can be read only once, or null. */
  private open(): Issue | null {
    const isInput = this.path === '-';
    try {
      // Windows has neither FIFOs nor the flag, which counts as 0 then.
      const flags = fs.constants.O_RDONLY | fs.constants.O_NONBLOCK;
      this.descriptor = fs.openSync(isInput ? '/dev/stdin' : this.path, flags);
    } catch (error) {
      if (isInput) return notFollowed('standard input cannot be followed here: it was read to its end');
      throw error;
    }
    const stat = fs.fstatSync(this.descriptor);
    if (stat.isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    this.isPipe = stat.isFIFO();
    this.inode = stat.ino;
    if (this.isPipe) return null;
    if (!stat.isFile()) return notFollowed('this is no file that grows: it was read to its end');
    const magic = Buffer.alloc(COMPRESSION_MAGIC);
    const compression = compressionOf(magic.subarray(0, fs.readSync(this.descriptor, magic, 0, magic.length, 0)));
    return compression && notFollowed(`a capture in ${compression} cannot be followed: what is there was read`);
  }

  private readRest(descriptor: number, onProgress: OnProgress): boolean {
    return this.isPipe ? this.readPipe(descriptor, onProgress) : this.readFile(descriptor, onProgress);
  }

  private readFile(descriptor: number, onProgress: OnProgress): boolean {
    const before = this.position;
    const { size } = fs.fstatSync(descriptor);
    const replaced = this.replacement();
    if (size < before || !this.isAsItWas(descriptor)) {
      this.end('the file was written anew, shorter or with other packets');
      return true;
    }
    while (this.position < size) {
      const length = fs.readSync(descriptor, this.chunk, 0, Math.min(CHUNK, size - this.position), this.position);
      if (length === 0 || !this.take(this.chunk.subarray(0, length), onProgress)) break;
    }
    if (replaced !== null) this.end(replaced);
    return this.position > before || this.isOver;
  }

  private readPipe(descriptor: number, onProgress: OnProgress): boolean {
    const before = this.position;
    while (this.position - before < PIPE_TURN) {
      const length = readAvailable(descriptor, this.chunk);
      // A FIFO has no writer at first.
      if (length === 0 && this.position === 0 && this.path !== '-') break;
      if (length === 0) this.finish();
      if (length <= 0 || !this.take(this.chunk.subarray(0, length), onProgress)) break;
    }
    return this.position > before || this.isOver;
  }

  /** False once nothing more is wanted. */
  private take(bytes: Uint8Array, onProgress: OnProgress): boolean {
    if (this.position === 0) {
      const compression = compressionOf(bytes);
      if (compression) {
        this.failure = `a stream in ${compression} cannot be followed; without --follow it is read to its end`;
        this.finish();
        return false;
      }
    }
    this.position += bytes.length;
    const last = bytes.subarray(-KEPT);
    this.kept.copyWithin(0, last.length);
    this.kept.set(last, KEPT - last.length);
    const goesOn = this.reader.push(bytes);
    onProgress(this.position, this.ingest.packetCount);
    // What damage ended stays ended.
    if (!goesOn) this.finish();
    return goesOn;
  }

  /** Why the file under the path is another one than that which is open; null where it is the same. */
  private replacement(): string | null {
    const stat = fs.statSync(this.path === '-' ? '/dev/stdin' : this.path, { throwIfNoEntry: false });
    if (!stat) return 'the file was removed or renamed';
    return stat.ino === this.inode ? null : 'another file has taken its place';
  }

  private isAsItWas(descriptor: number): boolean {
    const length = Math.min(KEPT, this.position);
    const now = Buffer.alloc(length);
    const read = fs.readSync(descriptor, now, 0, length, this.position - length);
    return read === length && now.equals(this.kept.subarray(KEPT - length));
  }

  private end(why: string): void {
    this.finish();
    this.ingest.issue(notFollowed(`${why}: it is not followed any longer, what was read of it stays`));
  }

  private finish(): void {
    if (!this.isOver) this.reader.end();
    this.close();
  }
}

function notFollowed(message: string): Issue {
  return { code: 'not-followed', message, offset: null };
}

/** Bytes read; 0 at the end, -1 where nothing is there yet. */
function readAvailable(descriptor: number, chunk: Buffer): number {
  try {
    return fs.readSync(descriptor, chunk, 0, chunk.length, null);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return -1;
    throw error;
  }
}
