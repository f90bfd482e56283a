// lz4 frames (github.com/lz4/lz4, doc/lz4_Frame_format.md): one after the other, with skippable frames between, and the
// legacy form of `lz4 -l`. All checksums are verified. Of the decoded bytes only one block and the 64 KiB before it are held.
import type { Issue } from '../bytes/issues.ts';
import { u32le } from '../bytes/integers.ts';
import { Xxhash32, xxhash32 } from '../bytes/xxhash32.ts';
import {
  LZ4_FRAME,
  LZ4_LEGACY_FRAME,
  type TakeBytes,
  corruptCompression,
  isSkippableFrame,
  truncatedCompression,
} from './compression.ts';
import { RecordFraming, type RecordParser } from './framing.ts';
import { decodeLz4Block } from './lz4-block.ts';

/** How far back a match reaches. */
const HISTORY = 65_536;
const LEGACY_BLOCK = 8 * 1024 * 1024;

/** What is expected next. */
type Expected = 'frame' | 'block' | 'checksum' | 'legacy block';

export class Lz4Decoder {
  private readonly parser: Lz4Parser;
  private readonly framing: RecordFraming;
  private read = 0;

  constructor(take: TakeBytes) {
    this.parser = new Lz4Parser(take);
    this.framing = new RecordFraming(this.parser);
  }

  push(chunk: Uint8Array): boolean {
    this.read += chunk.length;
    return this.framing.push(chunk);
  }

  /** What was wrong with the data; null where it ended well. */
  end(): Issue | null {
    if (this.parser.stopped) return this.parser.damage;
    const complete = this.framing.incompleteAt() === null && this.parser.betweenFrames;
    if (!complete) this.parser.cutBlock(this.framing.incomplete());
    return complete ? null : truncatedCompression('lz4', this.read);
  }
}

class Lz4Parser implements RecordParser {
  needed = 4;
  stopped = false;
  damage: Issue | null = null;
  private readonly take: TakeBytes;
  private expected: Expected = 'frame';
  private hasBlockChecksums = false;
  private hasContentChecksum = false;
  private content = new Xxhash32();
  private blockLimit = 0;
  /** History, then the block being decoded. */
  private out = new Uint8Array(0);
  private history = 0;

  constructor(take: TakeBytes) {
    this.take = take;
  }

  get betweenFrames(): boolean {
    return this.expected === 'frame' || this.expected === 'legacy block';
  }

  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number): number {
    let at = start;
    while (!this.stopped) {
      const taken = this.element(bytes, at, end, fileOffset + at - start);
      if (taken === 0) return at;
      at += taken;
      if (at > end) return at;
    }
    return at;
  }

  /** Takes one element of the stream at `at`; returns its length, or 0 where `needed` bytes are wanted of it. */
  private element(bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (end - at < 4) return this.wants(4);
    const word = u32le(bytes, at);
    switch (this.expected) {
      case 'frame':
        return this.frame(word, bytes, at, end, offset);
      case 'block':
        return this.block(word, bytes, at, end, offset);
      case 'legacy block':
        if (word === LZ4_LEGACY_FRAME || word === LZ4_FRAME || isSkippableFrame(word)) {
          return this.frame(word, bytes, at, end, offset);
        }
        return this.legacyBlock(word, bytes, at, end, offset);
      case 'checksum':
        if (word !== this.content.digest()) return this.fail("the content's checksum differs", offset);
        this.expected = 'frame';
        return 4;
    }
  }

  private frame(magic: number, bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (isSkippableFrame(magic)) {
      if (end - at < 8) return this.wants(8);
      this.expected = 'frame';
      return 8 + u32le(bytes, at + 4);
    }
    this.history = 0;
    if (magic === LZ4_LEGACY_FRAME) {
      this.startFrame(LEGACY_BLOCK, 'legacy block');
      return 4;
    }
    if (magic !== LZ4_FRAME) return this.fail('no frame begins here', offset);
    if (end - at < 7) return this.wants(7);
    const flags = bytes[at + 4]!;
    const sizeCode = (bytes[at + 5]! >>> 4) & 7;
    const length = 7 + ((flags & 0x08) !== 0 ? 8 : 0) + ((flags & 0x01) !== 0 ? 4 : 0);
    if (end - at < length) return this.wants(length);
    if (flags >>> 6 !== 1 || sizeCode < 4) return this.fail('its frame header is of no known version', offset);
    if (bytes[at + length - 1] !== ((xxhash32(bytes.subarray(at + 4, at + length - 1)) >>> 8) & 0xff)) {
      return this.fail("the frame header's checksum differs", offset);
    }
    if ((flags & 0x01) !== 0) return this.fail('it needs a dictionary', offset);
    this.hasBlockChecksums = (flags & 0x10) !== 0;
    this.hasContentChecksum = (flags & 0x04) !== 0;
    this.content = new Xxhash32();
    this.startFrame(1 << (8 + 2 * sizeCode), 'block');
    return length;
  }

  private startFrame(blockLimit: number, expected: Expected): void {
    this.blockLimit = blockLimit;
    this.expected = expected;
    if (this.out.length < HISTORY + blockLimit) this.out = new Uint8Array(HISTORY + blockLimit);
  }

  private block(word: number, bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (word === 0) {
      this.expected = this.hasContentChecksum ? 'checksum' : 'frame';
      return 4;
    }
    const size = word & 0x7fffffff;
    if (size > this.blockLimit) return this.fail(`a block of ${size} bytes is claimed`, offset);
    const length = 4 + size + (this.hasBlockChecksums ? 4 : 0);
    if (end - at < length) return this.wants(length);
    const data = at + 4;
    const dataEnd = data + size;
    if (this.hasBlockChecksums && xxhash32(bytes.subarray(data, dataEnd)) !== u32le(bytes, dataEnd)) {
      return this.fail("a block's checksum differs", offset);
    }
    if (word >>> 31 === 1) {
      this.out.set(bytes.subarray(data, dataEnd), this.history);
      return this.hand(this.history + size, length);
    }
    const decoded = decodeLz4Block(bytes, data, dataEnd, this.room(), this.history);
    return decoded < 0 ? this.failWithin(decoded, offset) : this.hand(decoded, length);
  }

  /** Blocks of the legacy form are independent, and as long as they like below 8 MiB. */
  private legacyBlock(size: number, bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (size > LEGACY_BLOCK + LEGACY_BLOCK / 255 + 16) return this.fail(`a block of ${size} bytes is claimed`, offset);
    if (end - at < 4 + size) return this.wants(4 + size);
    this.history = 0;
    const decoded = decodeLz4Block(bytes, at + 4, at + 4 + size, this.room(), 0);
    return decoded < 0 ? this.failWithin(decoded, offset) : this.hand(decoded, 4 + size);
  }

  /** Hands on what can be decoded of a block whose end is missing. */
  cutBlock(bytes: Uint8Array): void {
    if (bytes.length <= 4 || (this.expected !== 'block' && this.expected !== 'legacy block')) return;
    const isStored = this.expected === 'block' && bytes[3]! >= 0x80;
    if (isStored) {
      this.take(bytes.subarray(4));
      return;
    }
    if (this.expected === 'legacy block') this.history = 0;
    const decoded = decodeLz4Block(bytes, 4, bytes.length, this.room(), this.history);
    this.take(this.out.subarray(this.history, decoded < 0 ? ~decoded : decoded));
  }

  private room(): Uint8Array {
    return this.out.subarray(0, this.history + this.blockLimit);
  }

  /** Hands on what was decoded behind the history, up to `decoded`, and keeps the end of it as history. */
  private hand(decoded: number, length: number): number {
    const bytes = this.out.subarray(this.history, decoded);
    if (this.hasContentChecksum) this.content.update(bytes);
    if (!this.take(bytes)) this.stopped = true;
    const kept = Math.min(decoded, HISTORY);
    this.out.copyWithin(0, decoded - kept, decoded);
    this.history = kept;
    return length;
  }

  /** The beginning of a damaged block is handed on. */
  private failWithin(decoded: number, offset: number): 0 {
    this.hand(~decoded, 0);
    return this.fail('a block is not well formed', offset);
  }

  private wants(bytes: number): 0 {
    this.needed = bytes;
    return 0;
  }

  private fail(why: string, offset: number): 0 {
    this.damage = corruptCompression('lz4', why, offset);
    this.stopped = true;
    return 0;
  }
}
