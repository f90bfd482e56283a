// gzip by Node's zlib, members one after the other included. zlib drops what it had decoded when it meets damage within a
// write, so a damaged file is decoded once more, up to the last bytes before the damage.
import zlib from 'node:zlib';
import { type Issue, type TakeBytes, corruptCompression, truncatedCompression } from '../core/session.ts';

/** Compressed bytes that zlib is given at once: they may grow a thousandfold before anybody can say that it is enough. */
const PIECE = 16 * 1024;
const OUTPUT = 64 * 1024;

export class GzipDecoder {
  private readonly take: TakeBytes;
  /** The compressed bytes from their beginning once more; null where they cannot be had again. */
  private readonly again: (() => Iterable<Uint8Array>) | null;
  private readonly inflater: Inflater;
  /** Compressed bytes decoded without complaint, and bytes handed on. */
  private decoded = 0;
  private handed = 0;
  private wanted = true;
  private failure: Error | null = null;

  constructor(take: TakeBytes, again: (() => Iterable<Uint8Array>) | null) {
    this.take = take;
    this.again = again;
    this.inflater = new Inflater((bytes) => {
      this.hand(bytes);
    });
  }

  async push(chunk: Uint8Array): Promise<boolean> {
    for (let at = 0; at < chunk.length && this.wanted && !this.failure; at += PIECE) {
      const piece = chunk.subarray(at, at + PIECE);
      this.failure = await this.inflater.write(piece);
      if (!this.failure) this.decoded += piece.length;
    }
    return this.wanted && !this.failure;
  }

  /** What was wrong with the data; null where it ended well. */
  async end(): Promise<Issue | null> {
    try {
      if (!this.wanted) return null;
      if (this.failure) {
        const offset = await this.upToTheDamage();
        return corruptCompression('gzip', this.failure.message, offset);
      }
      return (await this.inflater.end()) ? truncatedCompression('gzip', this.decoded) : null;
    } finally {
      this.inflater.close();
    }
  }

  private hand(bytes: Uint8Array): void {
    this.handed += bytes.length;
    if (this.wanted && !this.take(bytes)) this.wanted = false;
  }

  /** Hands on what stands before the damage in the piece that has it, and returns where the damage is. */
  private async upToTheDamage(): Promise<number> {
    if (!this.again) return this.decoded;
    let known = this.handed;
    const inflater = new Inflater((bytes) => {
      const fresh = Math.max(0, bytes.length - known);
      known -= bytes.length - fresh;
      if (fresh > 0) this.hand(bytes.subarray(bytes.length - fresh));
    });
    let offset = 0;
    try {
      for (const chunk of this.again()) {
        for (let at = 0; at < chunk.length && this.wanted;) {
          const length = offset < this.decoded ? Math.min(PIECE, this.decoded - offset, chunk.length - at) : 1;
          if (await inflater.write(chunk.subarray(at, at + length))) return offset;
          at += length;
          offset += length;
        }
      }
    } finally {
      inflater.close();
    }
    return offset;
  }
}

/** zlib's stream as calls: each resolves when all that it yields has been handed on, with the error where there was one. */
class Inflater {
  private readonly stream = zlib.createGunzip({ chunkSize: OUTPUT });
  private answered: (error: Error | null) => void = () => undefined;
  private ended = false;

  constructor(hand: (bytes: Uint8Array) => void) {
    this.stream.on('data', hand);
    this.stream.on('error', (error) => {
      this.answered(error);
    });
    this.stream.on('end', () => {
      this.ended = true;
      this.answered(null);
    });
  }

  write(bytes: Uint8Array): Promise<Error | null> {
    // Zeros that pad the end are not the stream's any more.
    if (this.ended) return Promise.resolve(null);
    return this.ask((answer) =>
      this.stream.write(bytes, () => {
        answer(null);
      }),
    );
  }

  end(): Promise<Error | null> {
    if (this.ended) return Promise.resolve(null);
    return this.ask(() => this.stream.end());
  }

  close(): void {
    this.stream.destroy();
  }

  private ask(question: (answer: (error: Error | null) => void) => void): Promise<Error | null> {
    return new Promise((resolve) => {
      this.answered = resolve;
      question((error) =>
        setImmediate(() => {
          this.answered(error);
        }),
      );
    });
  }
}
