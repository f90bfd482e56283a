// Cuts a stream of chunks into records. A parser sees a window of bytes and takes the whole records in it; what is left of
// an incomplete one is kept and joined with the next chunk's beginning. Only that one record is ever copied, and the copy
// grows with the bytes that arrive, never by what a length field claims.

/** Takes whole records out of a window of bytes. */
export interface RecordParser {
  /**
   * Takes the whole records of `bytes[start..end)`, whose first byte stands at `fileOffset` in the file. Returns where it
   * stopped: at an incomplete record, of which it wants to see `needed` bytes, more than it was shown; or at `end`; or
   * past `end`, to skip what lies between. With `last` no more bytes will come, however many are wanted.
   */
  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number, last: boolean): number;
  /** Bytes wanted of the record at which `parse` stopped; at least 1. */
  readonly needed: number;
  /** Nothing more can be read. */
  readonly stopped: boolean;
}

const FIRST_CARRY = 4096;

export class RecordFraming {
  private parser: RecordParser;
  private carry = new Uint8Array(FIRST_CARRY);
  private carried = 0;
  private toSkip = 0;
  /** File offset of the first byte not yet taken by the parser. */
  private offset = 0;

  constructor(parser: RecordParser) {
    this.parser = parser;
  }

  /** The next bytes of the file. False once the parser has stopped. */
  push(chunk: Uint8Array): boolean {
    if (this.parser.stopped) return false;
    let at = this.skip(chunk, 0);
    while (this.carried > 0 && at < chunk.length) {
      const take = Math.min(this.parser.needed - this.carried, chunk.length - at);
      this.keep(chunk, at, at + take);
      at += take;
      if (this.carried < this.parser.needed) return true;
      const joined = this.carry.subarray(0, this.carried);
      this.carried = 0;
      if (!this.take(joined, false)) return false;
      at = this.skip(chunk, at);
    }
    return at >= chunk.length || this.take(at === 0 ? chunk : chunk.subarray(at), false);
  }

  /** The file has ended: the parser sees what is left once more. */
  end(): void {
    if (this.parser.stopped || this.carried === 0) return;
    const left = this.carry.subarray(0, this.carried);
    this.carried = 0;
    this.take(left, true);
  }

  /** File offset of the record that is not complete, at the end of the file; null where none is. */
  incompleteAt(): number | null {
    return this.carried > 0 || this.toSkip > 0 ? this.offset : null;
  }

  /** What is there of that record. */
  incomplete(): Uint8Array {
    return this.carry.subarray(0, this.carried);
  }

  /** False once the parser has stopped. */
  private take(window: Uint8Array, last: boolean): boolean {
    const stop = this.parser.parse(window, 0, window.length, this.offset, last);
    if (this.parser.stopped) return false;
    if (stop > window.length) {
      this.offset += window.length;
      this.toSkip = stop - window.length;
      return true;
    }
    this.offset += stop;
    // `window` may be the carry itself: copying onto its beginning is safe, the bytes only move forward.
    this.keep(window, stop, window.length);
    return true;
  }

  private skip(chunk: Uint8Array, at: number): number {
    const skipped = Math.min(this.toSkip, chunk.length - at);
    this.toSkip -= skipped;
    this.offset += skipped;
    return at + skipped;
  }

  private keep(bytes: Uint8Array, start: number, end: number): void {
    const length = this.carried + end - start;
    if (length > this.carry.length) {
      const larger = new Uint8Array(Math.max(length, this.carry.length * 2));
      larger.set(this.carry.subarray(0, this.carried));
      this.carry = larger;
    }
    this.carry.set(bytes.subarray(start, end), this.carried);
    this.carried = length;
  }
}
