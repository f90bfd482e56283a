// The framing of zstd (RFC 8878): frames of blocks, with skippable frames between. It hands on each frame in whole pieces
// (the header with its first block, then block by block), so that the library that decodes them is never given a window
// larger than is bearable, and damage is known to a block. Checksums are verified.
import type { Issue } from '../bytes/issues.ts';
import { u32le } from '../bytes/integers.ts';
import { Xxhash64 } from '../bytes/xxhash64.ts';
import {
  type TakeBytes,
  ZSTD_FRAME,
  corruptCompression,
  isSkippableFrame,
  truncatedCompression,
} from './compression.ts';
import { RecordFraming, type RecordParser } from './framing.ts';

/** As the zstd tool without `--long=28` and more. */
const WINDOW_LIMIT = 128 * 1024 * 1024;
const BLOCK_LIMIT = 128 * 1024;
const CHECKSUM = 4;
const RLE = 1;
const RESERVED = 3;

/** Decodes one frame. Throws on bytes that it cannot decode. */
interface ZstdFrameDecoder {
  /** A frame's header, or a whole block; `last` with the frame's last, its checksum behind it. */
  push(bytes: Uint8Array, last: boolean): void;
}

/** Asked for at each frame's beginning; it hands what it decodes to `take`. */
export type NewZstdFrame = (take: (bytes: Uint8Array) => void) => ZstdFrameDecoder;

export class ZstdFrames {
  private readonly parser: ZstdParser;
  private readonly framing: RecordFraming;
  private read = 0;

  constructor(newFrame: NewZstdFrame, take: TakeBytes) {
    this.parser = new ZstdParser(newFrame, take);
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
    return complete ? null : truncatedCompression('zstd', this.read);
  }
}

class ZstdParser implements RecordParser {
  needed = 4;
  stopped = false;
  damage: Issue | null = null;
  private readonly newFrame: NewZstdFrame;
  private readonly take: TakeBytes;
  private decoder: ZstdFrameDecoder | null = null;
  /** Of the frame's content, where it has a checksum. */
  private content: Xxhash64 | null = null;

  constructor(newFrame: NewZstdFrame, take: TakeBytes) {
    this.newFrame = newFrame;
    this.take = take;
  }

  get betweenFrames(): boolean {
    return this.decoder === null;
  }

  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number): number {
    let at = start;
    while (!this.stopped) {
      const offset = fileOffset + at - start;
      const taken = this.decoder
        ? this.block(this.decoder, bytes, at, end, offset)
        : this.frame(bytes, at, end, offset);
      if (taken === 0) return at;
      at += taken;
      if (at > end) return at;
    }
    return at;
  }

  /** Takes a frame's header, or a whole skippable frame; 0 where `needed` bytes are wanted. */
  private frame(bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (end - at < 4) return this.wants(4);
    const magic = u32le(bytes, at);
    if (isSkippableFrame(magic)) return end - at < 8 ? this.wants(8) : 8 + u32le(bytes, at + 4);
    if (magic !== ZSTD_FRAME) return this.fail('no frame begins here', offset);
    if (end - at < 6) return this.wants(6);
    const descriptor = bytes[at + 4]!;
    const single = (descriptor & 0x20) !== 0;
    const dictionary = [0, 1, 2, 4][descriptor & 3]!;
    const sizeCode = descriptor >>> 6;
    const sizeBytes = sizeCode > 0 ? 1 << sizeCode : single ? 1 : 0;
    const length = 5 + (single ? 0 : 1) + dictionary + sizeBytes;
    if (end - at < length) return this.wants(length);
    if ((descriptor & 0x08) !== 0) return this.fail('a reserved bit is set', offset);
    if (bytes.subarray(at + length - sizeBytes - dictionary, at + length - sizeBytes).some((byte) => byte !== 0)) {
      return this.fail('it needs a dictionary', offset);
    }
    const window = single ? contentSize(bytes, at + length, sizeBytes) : windowSize(bytes[at + 5]!);
    if (window > WINDOW_LIMIT) return this.fail(`it needs a window of ${window} bytes`, offset);
    this.content = (descriptor & 0x04) !== 0 ? new Xxhash64() : null;
    this.decoder = this.newFrame((decoded) => {
      this.content?.update(decoded);
      if (!this.stopped && !this.take(decoded)) this.stopped = true;
    });
    this.hand(this.decoder, bytes.subarray(at, at + length), false, offset);
    return length;
  }

  private block(decoder: ZstdFrameDecoder, bytes: Uint8Array, at: number, end: number, offset: number): number {
    if (end - at < 3) return this.wants(3);
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
    const last = (header & 1) !== 0;
    const type = (header >>> 1) & 3;
    const size = header >>> 3;
    if (type === RESERVED || size > BLOCK_LIMIT) return this.fail('a block is not well formed', offset);
    const length = 3 + (type === RLE ? 1 : size) + (last && this.content ? CHECKSUM : 0);
    if (end - at < length) return this.wants(length);
    this.hand(decoder, bytes.subarray(at, at + length), last, offset);
    if (last) {
      const stated = at + length - CHECKSUM;
      if (!this.stopped && this.content && this.content.digest() % 0x1_0000_0000n !== BigInt(u32le(bytes, stated))) {
        return this.fail('the checksum differs: some packet before here is not as it was', offset);
      }
      this.decoder = null;
    }
    return length;
  }

  private hand(decoder: ZstdFrameDecoder, bytes: Uint8Array, last: boolean, offset: number): void {
    try {
      decoder.push(bytes, last);
    } catch (error) {
      this.fail(error instanceof Error ? error.message : 'it cannot be decoded', offset);
    }
  }

  private wants(bytes: number): 0 {
    this.needed = bytes;
    return 0;
  }

  private fail(why: string, offset: number): 0 {
    this.damage = corruptCompression('zstd', why, offset);
    this.stopped = true;
    return 0;
  }
}

/** The size of a single segment's content, which is its window; it ends at `end`. */
function contentSize(bytes: Uint8Array, end: number, length: number): number {
  let size = length === 2 ? 256 : 0;
  for (let i = 0; i < length; i += 1) size += bytes[end - length + i]! * 2 ** (8 * i);
  return size;
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3));
  return base + (base / 8) * (descriptor & 7);
}
