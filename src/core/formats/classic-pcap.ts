// Classic pcap (draft-ietf-opsawg-pcap): a 24-byte header, then records of a 16-byte header and a frame. Both byte orders,
// times in microseconds or nanoseconds, Kuznetzov's modified form with 24-byte record headers, FCS bits beside the link type.
import type { IssueCode } from '../bytes/issues.ts';
import { u16, u32, u32be, u32le } from '../bytes/integers.ts';
import type { RecordParser } from './framing.ts';
import { packetLimit } from './limits.ts';
import { RESYNCHRONISE_VIEW, findRecords } from './resynchronise.ts';
import type { RecordSink } from './sink.ts';

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
/** Alexey Kuznetzov's form of 1999: interface index, protocol and packet type follow each record's lengths. */
const MODIFIED = 0xa1b2cd34;

const FILE_HEADER = 24;

/** Seconds from one record to the next that make its header doubtful. */
const DOUBTFUL_JUMP = 366 * 86_400;
/** Seconds that a record found behind damage may be away from the last one before it. */
const PLAUSIBLE_JUMP = 86_400;

interface Variant {
  readonly littleEndian: boolean;
  readonly nanoseconds: boolean;
  readonly modified: boolean;
}

function variantOf(magic: number, littleEndian: boolean): Variant | null {
  if (magic !== MICROSECONDS && magic !== NANOSECONDS && magic !== MODIFIED) return null;
  return { littleEndian, nanoseconds: magic === NANOSECONDS, modified: magic === MODIFIED };
}

/** The variant that the first four bytes name, or null where they are not classic pcap's. */
export function classicPcapVariant(bytes: Uint8Array): Variant | null {
  if (bytes.length < 4) return null;
  return variantOf(u32be(bytes, 0), false) ?? variantOf(u32le(bytes, 0), true);
}

export class ClassicPcapParser implements RecordParser {
  readonly format: string;
  needed = FILE_HEADER;
  stopped = false;
  private readonly sink: RecordSink;
  private readonly variant: Variant;
  private readonly recordHeader: number;
  private headerRead = false;
  private limit = 0;
  /** Of the packet before; NaN before the first. */
  private lastSeconds = Number.NaN;
  /** Before version 2.3 the two lengths stood in the other order; 2.3 and DEC's 543.0 were written both ways. */
  private lengthsSwapped: 'no' | 'maybe' | 'yes' = 'no';

  constructor(sink: RecordSink, variant: Variant) {
    this.sink = sink;
    this.variant = variant;
    this.recordHeader = variant.modified ? 24 : 16;
    const unit = variant.modified ? 'modified' : variant.nanoseconds ? 'nanoseconds' : 'microseconds';
    this.format = `pcap (${unit}, ${variant.littleEndian ? 'little' : 'big'}-endian)`;
  }

  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number, last: boolean): number {
    let at = start;
    if (!this.headerRead) {
      if (end - at < FILE_HEADER) return at;
      this.readFileHeader(bytes, at);
      if (this.stopped) return at;
      at += FILE_HEADER;
    }
    const { sink, recordHeader, limit } = this;
    const { littleEndian, nanoseconds } = this.variant;
    const toFile = fileOffset - start;
    for (;;) {
      if (end - at < recordHeader) {
        this.needed = recordHeader;
        return at;
      }
      let captured: number;
      let original: number;
      let seconds: number;
      let fraction: number;
      if (littleEndian) {
        seconds = u32le(bytes, at);
        fraction = u32le(bytes, at + 4);
        captured = u32le(bytes, at + 8);
        original = u32le(bytes, at + 12);
      } else {
        seconds = u32be(bytes, at);
        fraction = u32be(bytes, at + 4);
        captured = u32be(bytes, at + 8);
        original = u32be(bytes, at + 12);
      }
      if (this.lengthsSwapped === 'yes' || (this.lengthsSwapped === 'maybe' && captured > original)) {
        const swapped = captured;
        captured = original;
        original = swapped;
      }
      const record = recordHeader + captured;
      if (captured <= limit && this.isDoubtful(seconds, fraction)) {
        // What follows such a header tells whether it is one.
        if (end - at < record + recordHeader && !last) {
          this.needed = record + recordHeader;
          return at;
        }
        if (end - at >= record + recordHeader && this.capturedLength(bytes, at + record) > limit) captured = Infinity;
      }
      if (captured > limit) {
        const next = this.behindDamage(bytes, at, end, toFile, last);
        if (next < 0) return at;
        at = next;
        continue;
      }
      if (end - at < record) {
        this.needed = record;
        // At the end of the file: a cut record, or one whose length is damaged, with records behind it.
        const next = last ? this.recordsBehind(bytes, at, end, toFile) : -1;
        if (next < 0) return at;
        at = next;
        continue;
      }
      this.lastSeconds = seconds;
      let nanos = nanoseconds ? fraction : fraction * 1000;
      if (nanos >= 1_000_000_000) {
        const carried = Math.floor(nanos / 1_000_000_000);
        seconds += carried;
        nanos -= carried * 1_000_000_000;
      }
      const frame = at + recordHeader;
      at = frame + captured;
      // A frame is at least as long as what was captured of it, whatever its record says.
      sink.packet(0, seconds, nanos, original < captured ? captured : original, bytes, frame, at, toFile + frame);
    }
  }

  private isDoubtful(seconds: number, fraction: number): boolean {
    if (fraction >= (this.variant.nanoseconds ? 1_000_000_000 : 1_000_000)) return true;
    return seconds - this.lastSeconds > DOUBTFUL_JUMP || this.lastSeconds - seconds > DOUBTFUL_JUMP;
  }

  private capturedLength(bytes: Uint8Array, at: number): number {
    return u32(bytes, at + (this.lengthsSwapped === 'yes' ? 12 : 8), this.variant.littleEndian);
  }

  /** Where records begin again behind the damaged one at `at`; negative where more bytes are wanted, or none was found. */
  private behindDamage(bytes: Uint8Array, at: number, end: number, toFile: number, last: boolean): number {
    if (end - at < RESYNCHRONISE_VIEW && !last) {
      this.needed = RESYNCHRONISE_VIEW;
      return -1;
    }
    const next = this.recordsBehind(bytes, at, end, toFile);
    if (next >= 0) return next;
    const claimed = this.capturedLength(bytes, at);
    this.stop(
      'corrupt-length',
      `the record at offset ${toFile + at} is damaged (it claims a packet of ${claimed} bytes), and so is the file ` +
        'from here on; what stands before was read',
      toFile + at,
    );
    return -1;
  }

  /** Where records begin again behind `at`, which is told then; -1 where none do. */
  private recordsBehind(bytes: Uint8Array, at: number, end: number, toFile: number): number {
    const viewEnd = Math.min(end, at + RESYNCHRONISE_VIEW);
    const next = findRecords(bytes, at, viewEnd, this.recordHeader, this.plausibleLength);
    if (next < 0) return -1;
    this.sink.issue({
      code: 'resynchronised',
      message:
        `the record at offset ${toFile + at} is damaged (it claims a packet of ${this.capturedLength(bytes, at)} bytes): ` +
        `${next - at} bytes were left out, up to where records begin again at offset ${toFile + next}`,
      offset: toFile + at,
    });
    return next;
  }

  private readonly plausibleLength = (bytes: Uint8Array, at: number): number => {
    const { littleEndian, nanoseconds } = this.variant;
    const captured = u32(bytes, at + 8, littleEndian);
    if (captured === 0 || captured > this.limit) return 0;
    const original = u32(bytes, at + 12, littleEndian);
    if (captured > original || original > this.limit) return 0;
    if (u32(bytes, at + 4, littleEndian) >= (nanoseconds ? 1_000_000_000 : 1_000_000)) return 0;
    const jump = u32(bytes, at, littleEndian) - this.lastSeconds;
    return jump > PLAUSIBLE_JUMP || jump < -PLAUSIBLE_JUMP ? 0 : this.recordHeader + captured;
  };

  private readFileHeader(bytes: Uint8Array, at: number): void {
    const { littleEndian, nanoseconds } = this.variant;
    const major = u16(bytes, at + 4, littleEndian);
    const minor = u16(bytes, at + 6, littleEndian);
    const snapLength = u32(bytes, at + 16, littleEndian);
    const link = u32(bytes, at + 20, littleEndian);
    if (major !== 2 && major !== 543) {
      this.stop('unsupported-version', `pcap version ${major}.${minor} is not known, only 2.x is`, 4);
      return;
    }
    if (major === 2 && minor < 3) this.lengthsSwapped = 'yes';
    else if (major === 543 || minor === 3) this.lengthsSwapped = 'maybe';
    this.limit = packetLimit(snapLength);
    this.headerRead = true;
    this.sink.interface({
      index: 0,
      name: null,
      description: null,
      linkType: link & 0xffff,
      snapLength,
      filter: null,
      resolutionNs: nanoseconds ? 1 : 1000,
      // Bit 26 says that the length, in 16-bit words, stands in the four highest bits.
      fcsLength: link & 0x04000000 ? (link >>> 28) * 2 : 0,
      hardware: null,
      os: null,
      comments: [],
    });
  }

  private stop(code: IssueCode, message: string, offset: number): void {
    this.sink.issue({ code, message, offset });
    this.stopped = true;
  }
}
