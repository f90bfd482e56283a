// pcapng (draft-ietf-opsawg-pcapng): blocks of a type, a length, a body and the length again. Read are section headers,
// interface descriptions, enhanced, simple and obsolete packets, name resolution and interface statistics; every other
// block is skipped without being held. A file may hold several sections, each with its own byte order and interfaces.
import type { IssueCode } from '../bytes/issues.ts';
import { u16, u32, u64 } from '../bytes/integers.ts';
import type { RecordParser } from './framing.ts';
import { BLOCK_LIMIT, packetLimit } from './limits.ts';
import type { RecordSink } from './sink.ts';
import { RESYNCHRONISE_VIEW, findRecords } from './resynchronise.ts';
import { TickClock } from './tick-clock.ts';

/** The first block's type, the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE_DESCRIPTION = 1;
const OBSOLETE_PACKET = 2;
const SIMPLE_PACKET = 3;
const NAME_RESOLUTION = 4;
const INTERFACE_STATISTICS = 5;
const ENHANCED_PACKET = 6;
const DECRYPTION_SECRETS = 10;

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
/** Type and length at the front, length at the back. */
const BLOCK_OVERHEAD = 12;
/** Interface, ticks (two words), captured and original length, in a packet block's body. */
const PACKET_HEADER = 20;
/** Block types of the specification run to 0x0c, and custom blocks; others are local use or later inventions. */
const LAST_KNOWN_TYPE = 0x0c;
const CUSTOM = 0xbad;
const CUSTOM_NOT_COPIED = 0x40000bad;

const OPTION_END = 0;
const OPTION_COMMENT = 1;
const SHB_HARDWARE = 2;
const SHB_OS = 3;
const SHB_APPLICATION = 4;
const PACKET_FLAGS = 2;
const PACKET_DROPS = 4;
/** In the flags of a packet: where it went. */
const DIRECTIONS = [null, 'in', 'out', null] as const;
const NAME_END = 0;
const NAME_IPV4 = 1;
const NAME_IPV6 = 2;
const IF_NAME = 2;
const IF_DESCRIPTION = 3;
const IF_TSRESOL = 9;
const IF_FILTER = 11;
const IF_OS = 12;
const IF_FCSLEN = 13;
const IF_TSOFFSET = 14;
const IF_HARDWARE = 15;
const ISB_IFRECV = 4;
const ISB_IFDROP = 5;

/** In an obsolete packet block. */
const DROPS_UNKNOWN = 0xffff;

/** Interfaces that a file may describe; more are damage. */
const INTERFACE_LIMIT = 65_536;

interface SectionInterface {
  /** Number in the file. */
  readonly index: number;
  readonly clock: TickClock;
  readonly snapLength: number;
  readonly packetLimit: number;
}

export class PcapngParser implements RecordParser {
  needed = BLOCK_OVERHEAD;
  stopped = false;
  private readonly sink: RecordSink;
  private littleEndian = true;
  private sections = 0;
  private interfaceCount = 0;
  /** Of the current section, by the number that its packets use. */
  private interfaces: SectionInterface[] = [];
  /** The block before ended with another length than it began with: the next must look like a block. */
  private doubtful = false;
  private readonly remark: { direction: 'in' | 'out' | null; comment: string | null; dropped: number } = {
    direction: null,
    comment: null,
    dropped: 0,
  };
  private readonly text = new TextDecoder('utf-8');

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  get format(): string {
    const order = this.littleEndian ? 'little' : 'big';
    return this.sections > 1 ? `pcapng (${this.sections} sections)` : `pcapng (${order}-endian)`;
  }

  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number, last: boolean): number {
    const toFile = fileOffset - start;
    let at = start;
    for (;;) {
      if (end - at < BLOCK_OVERHEAD) {
        this.needed = BLOCK_OVERHEAD;
        return at;
      }
      let type = u32(bytes, at, this.littleEndian);
      if (type === SECTION_HEADER && !this.readByteOrder(bytes, at, toFile + at)) return at;
      type = u32(bytes, at, this.littleEndian);
      const stated = u32(bytes, at + 4, this.littleEndian);
      // Some writers leave the padding out of the length.
      const length = stated + (-stated & 3);
      if (stated < BLOCK_OVERHEAD || (this.doubtful && !isKnown(type))) {
        const why = `no pcapng block begins at offset ${toFile + at} (type 0x${type.toString(16)}, length ${stated})`;
        const next = this.behindDamage(bytes, at, end, toFile, last, why);
        if (next < 0) return at;
        at = next;
        continue;
      }
      if (!isRead(type, length)) {
        this.doubtful = false;
        if (type === DECRYPTION_SECRETS) this.sink.secrets();
        at += length;
        if (at > end) return at;
        continue;
      }
      if (length > BLOCK_LIMIT) {
        const why = `a block of ${length} bytes is claimed at offset ${toFile + at}, more than any capture holds`;
        const next = this.behindDamage(bytes, at, end, toFile, last, why);
        if (next < 0) return at;
        at = next;
        continue;
      }
      if (end - at < length) {
        this.needed = length;
        // At the end of the file: a cut block, or one whose length is damaged, with blocks behind it.
        const why = `a block of ${length} bytes is claimed at offset ${toFile + at}, more than the file has`;
        const next = last ? this.blocksBehind(bytes, at, end, toFile, why) : -1;
        if (next < 0) return at;
        at = next;
        continue;
      }
      this.doubtful = u32(bytes, at + length - 4, this.littleEndian) !== stated;
      if (this.doubtful) {
        this.report('bad-block', `the block's two lengths differ at offset ${toFile + at}`, toFile + at);
      }
      // The body: [body, bodyEnd).
      const body = at + 8;
      const bodyEnd = at + length - 4;
      if (type === ENHANCED_PACKET) this.enhancedPacket(bytes, body, bodyEnd, toFile);
      else if (type === SECTION_HEADER) this.sectionHeader(bytes, body, bodyEnd, toFile);
      else if (type === INTERFACE_DESCRIPTION) this.interfaceDescription(bytes, body, bodyEnd, toFile);
      else if (type === SIMPLE_PACKET) this.simplePacket(bytes, body, bodyEnd, toFile);
      else if (type === OBSOLETE_PACKET) this.obsoletePacket(bytes, body, bodyEnd, toFile);
      else if (type === NAME_RESOLUTION) this.nameResolution(bytes, body, bodyEnd, toFile);
      else this.interfaceStatistics(bytes, body, bodyEnd, toFile);
      if (this.stopped) return at;
      at += length;
    }
  }

  /** Where blocks begin again behind the damage at `at`; negative where more bytes are wanted, or none was found. */
  private behindDamage(bytes: Uint8Array, at: number, end: number, toFile: number, last: boolean, why: string): number {
    if (end - at < RESYNCHRONISE_VIEW && !last) {
      this.needed = RESYNCHRONISE_VIEW;
      return -1;
    }
    const next = this.blocksBehind(bytes, at, end, toFile, why);
    if (next < 0) {
      this.stop('corrupt-length', `${why}: the file is damaged from here on; what stands before was read`, toFile + at);
    }
    return next;
  }

  /** Where blocks begin again behind `at`, which is told then; -1 where none do. */
  private blocksBehind(bytes: Uint8Array, at: number, end: number, toFile: number, why: string): number {
    const viewEnd = Math.min(end, at + RESYNCHRONISE_VIEW);
    const next = findRecords(bytes, at, viewEnd, BLOCK_OVERHEAD, (window, from) =>
      this.plausibleLength(window, from, viewEnd),
    );
    if (next < 0) return -1;
    const message = `${why}: ${next - at} bytes were left out, up to where blocks begin again at offset ${toFile + next}`;
    this.report('resynchronised', message, toFile + at);
    this.doubtful = false;
    return next;
  }

  /** Of a block of a known type, whose two lengths are the same as far as both are there. */
  private plausibleLength(bytes: Uint8Array, at: number, end: number): number {
    const length = u32(bytes, at + 4, this.littleEndian);
    if (length < BLOCK_OVERHEAD || length % 4 !== 0 || length > BLOCK_LIMIT) return 0;
    if (!isKnown(u32(bytes, at, this.littleEndian))) return 0;
    if (at + length <= end && u32(bytes, at + length - 4, this.littleEndian) !== length) return 0;
    return length;
  }

  /** A section's byte order must be known before its header's length can be read. */
  private readByteOrder(bytes: Uint8Array, at: number, offset: number): boolean {
    if (u32(bytes, at + 8, true) === BYTE_ORDER_MAGIC) this.littleEndian = true;
    else if (u32(bytes, at + 8, false) === BYTE_ORDER_MAGIC) this.littleEndian = false;
    else {
      this.stop('bad-block', `the section at offset ${offset} does not say its byte order`, offset);
      return false;
    }
    return true;
  }

  private sectionHeader(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < 16) {
      this.stop('bad-block', `the section header at offset ${toFile + body - 8} is too short`, toFile + body - 8);
      return;
    }
    const major = u16(bytes, body + 4, this.littleEndian);
    const minor = u16(bytes, body + 6, this.littleEndian);
    if (major !== 1) {
      this.stop('unsupported-version', `pcapng version ${major}.${minor} is not known, only 1.x is`, toFile + body + 4);
      return;
    }
    this.sections += 1;
    this.interfaces = [];
    let hardware: string | null = null;
    let os: string | null = null;
    let application: string | null = null;
    const comments: string[] = [];
    this.options(bytes, body + 16, bodyEnd, toFile, (code, from, to) => {
      if (code === SHB_HARDWARE) hardware = this.string(bytes, from, to);
      else if (code === SHB_OS) os = this.string(bytes, from, to);
      else if (code === SHB_APPLICATION) application = this.string(bytes, from, to);
      else if (code === OPTION_COMMENT) comments.push(this.string(bytes, from, to));
    });
    this.sink.section({ hardware, os, application, comments });
  }

  private interfaceDescription(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < 8) {
      this.report('bad-block', `the interface at offset ${toFile + body - 8} is too short`, toFile + body - 8);
      return;
    }
    if (this.interfaceCount >= INTERFACE_LIMIT) {
      this.stop('bad-block', `more than ${INTERFACE_LIMIT} interfaces are described`, toFile + body - 8);
      return;
    }
    const { littleEndian } = this;
    const snapLength = u32(bytes, body + 4, littleEndian);
    let name: string | null = null;
    let description: string | null = null;
    let filter: string | null = null;
    let resolution = 6;
    let offsetSeconds = 0;
    let fcsLength = 0;
    let hardware: string | null = null;
    let os: string | null = null;
    const comments: string[] = [];
    this.options(bytes, body + 8, bodyEnd, toFile, (code, from, to) => {
      if (code === IF_NAME) name = this.string(bytes, from, to);
      else if (code === IF_DESCRIPTION) description = this.string(bytes, from, to);
      // The first byte tells the filter's form: 0 is libpcap's text, others are byte code.
      else if (code === IF_FILTER && to > from && bytes[from] === 0) filter = this.string(bytes, from + 1, to);
      else if (code === IF_TSRESOL && to > from) resolution = bytes[from]!;
      else if (code === IF_FCSLEN && to > from) fcsLength = bytes[from]!;
      else if (code === IF_HARDWARE) hardware = this.string(bytes, from, to);
      else if (code === IF_OS) os = this.string(bytes, from, to);
      else if (code === OPTION_COMMENT) comments.push(this.string(bytes, from, to));
      else if (code === IF_TSOFFSET && to - from >= 8) offsetSeconds = Number(u64(bytes, from, littleEndian, true));
    });
    const clock = new TickClock(resolution, offsetSeconds);
    const index = this.interfaceCount++;
    this.interfaces.push({ index, clock, snapLength, packetLimit: packetLimit(snapLength) });
    this.sink.interface({
      index,
      name,
      description,
      linkType: u16(bytes, body, littleEndian),
      snapLength,
      filter,
      resolutionNs: clock.resolutionNs,
      fcsLength,
      hardware,
      os,
      comments,
    });
  }

  private enhancedPacket(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < PACKET_HEADER) this.tooShort(toFile + body - 8);
    else this.packet(u32(bytes, body, this.littleEndian), 0, bytes, body, bodyEnd, toFile);
  }

  /** As the enhanced packet, but with 16 bits each for the interface and a count of drops. */
  private obsoletePacket(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < PACKET_HEADER) this.tooShort(toFile + body - 8);
    else {
      const drops = u16(bytes, body + 2, this.littleEndian);
      const id = u16(bytes, body, this.littleEndian);
      this.packet(id, drops === DROPS_UNKNOWN ? 0 : drops, bytes, body, bodyEnd, toFile);
    }
  }

  private packet(
    interfaceId: number,
    drops: number,
    bytes: Uint8Array,
    body: number,
    bodyEnd: number,
    toFile: number,
  ): void {
    const { littleEndian } = this;
    const frame = body + PACKET_HEADER;
    const captured = u32(bytes, body + 12, littleEndian);
    const original = u32(bytes, body + 16, littleEndian);
    const from = this.interfaces[interfaceId];
    if (!from) {
      this.unknownInterface(interfaceId, toFile + frame);
      return;
    }
    if (captured > bodyEnd - frame || captured > from.packetLimit) {
      this.report(
        'bad-block',
        `the packet at offset ${toFile + frame} claims ${captured} bytes, its block has ${bodyEnd - frame}`,
        toFile + frame,
      );
      return;
    }
    const { clock } = from;
    clock.read(bytes, body + 4, littleEndian);
    this.sink.packet(
      from.index,
      clock.seconds,
      clock.nanos,
      original < captured ? captured : original,
      bytes,
      frame,
      frame + captured,
      toFile + frame,
    );
    const options = frame + captured + (-captured & 3);
    if (bodyEnd - options >= 4 || drops > 0) this.packetOptions(drops, bytes, options, bodyEnd, toFile);
  }

  /** Written out, since some tools put options beside every packet. */
  private packetOptions(drops: number, bytes: Uint8Array, start: number, end: number, toFile: number): void {
    const { littleEndian, remark } = this;
    remark.direction = null;
    remark.comment = null;
    remark.dropped = drops;
    for (let at = start; end - at >= 4;) {
      const code = u16(bytes, at, littleEndian);
      const length = u16(bytes, at + 2, littleEndian);
      if (code === OPTION_END) break;
      const value = at + 4;
      if (value + length > end) {
        this.report('bad-block', `an option runs out of its block at offset ${toFile + at}`, toFile + at);
        break;
      }
      if (code === PACKET_FLAGS && length === 4) {
        remark.direction = DIRECTIONS[u32(bytes, value, littleEndian) & 3]!;
      } else if (code === PACKET_DROPS && length === 8) {
        remark.dropped = Number(u64(bytes, value, littleEndian));
      } else if (code === OPTION_COMMENT) {
        const comment = this.string(bytes, value, value + length);
        remark.comment = remark.comment === null ? comment : `${remark.comment}\n${comment}`;
      }
      at = value + length + (-length & 3);
    }
    if (remark.direction !== null || remark.comment !== null || remark.dropped > 0) this.sink.remark(remark);
  }

  /** Records of an address and its names, each ended by a zero. */
  private nameResolution(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    for (let at = body; bodyEnd - at >= 4;) {
      const type = u16(bytes, at, this.littleEndian);
      const length = u16(bytes, at + 2, this.littleEndian);
      if (type === NAME_END) return;
      const value = at + 4;
      if (value + length > bodyEnd) {
        this.report('bad-block', `a name runs out of its block at offset ${toFile + at}`, toFile + at);
        return;
      }
      const address = type === NAME_IPV4 ? 4 : type === NAME_IPV6 ? 16 : 0;
      if (address > 0 && length > address) {
        const names = this.text
          .decode(bytes.subarray(value + address, value + length))
          .split('\0')
          .filter(Boolean);
        if (names.length > 0) this.sink.names(bytes.subarray(value, value + address), names);
      }
      at = value + length + (-length & 3);
    }
  }

  /** A packet of the section's first interface, without a time; its captured length follows from the snap length. */
  private simplePacket(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < 4) {
      this.tooShort(toFile + body - 8);
      return;
    }
    const from = this.interfaces[0];
    if (!from) {
      this.unknownInterface(0, toFile + body);
      return;
    }
    const original = u32(bytes, body, this.littleEndian);
    const frame = body + 4;
    const kept = from.snapLength > 0 ? Math.min(original, from.snapLength) : original;
    const captured = Math.min(kept, bodyEnd - frame);
    this.sink.packet(from.index, NaN, 0, original, bytes, frame, frame + captured, toFile + frame);
  }

  private interfaceStatistics(bytes: Uint8Array, body: number, bodyEnd: number, toFile: number): void {
    if (bodyEnd - body < 12) {
      this.report('bad-block', `the statistics at offset ${toFile + body - 8} are too short`, toFile + body - 8);
      return;
    }
    const { littleEndian } = this;
    const id = u32(bytes, body, littleEndian);
    const of = this.interfaces[id];
    if (!of) {
      this.unknownInterface(id, toFile + body);
      return;
    }
    let received: number | null = null;
    let dropped: number | null = null;
    this.options(bytes, body + 12, bodyEnd, toFile, (code, from, to) => {
      if (to - from < 8) return;
      if (code === ISB_IFRECV) received = Number(u64(bytes, from, littleEndian));
      else if (code === ISB_IFDROP) dropped = Number(u64(bytes, from, littleEndian));
    });
    this.sink.statistics(of.index, { received, dropped });
  }

  /** Calls `each` with the code and the value's place of every option in [start, end). */
  private options(
    bytes: Uint8Array,
    start: number,
    end: number,
    toFile: number,
    each: (code: number, from: number, to: number) => void,
  ): void {
    let at = start;
    while (end - at >= 4) {
      const code = u16(bytes, at, this.littleEndian);
      const length = u16(bytes, at + 2, this.littleEndian);
      if (code === OPTION_END) return;
      if (at + 4 + length > end) {
        this.report('bad-block', `an option runs out of its block at offset ${toFile + at}`, toFile + at);
        return;
      }
      each(code, at + 4, at + 4 + length);
      at += 4 + length + (-length & 3);
    }
  }

  private string(bytes: Uint8Array, from: number, to: number): string {
    let end = to;
    while (end > from && bytes[end - 1] === 0) end -= 1;
    return this.text.decode(bytes.subarray(from, end));
  }

  private tooShort(offset: number): void {
    this.report('bad-block', `the packet block at offset ${offset} is too short`, offset);
  }

  private unknownInterface(id: number, offset: number): void {
    this.report('unknown-interface', `a block at offset ${offset} belongs to interface ${id}, never described`, offset);
  }

  private report(code: IssueCode, message: string, offset: number): void {
    this.sink.issue({ code, message, offset });
  }

  private stop(code: IssueCode, message: string, offset: number): void {
    this.report(code, message, offset);
    this.stopped = true;
  }
}

function isRead(type: number, length: number): boolean {
  return (
    (type === NAME_RESOLUTION && length <= BLOCK_LIMIT) ||
    type === ENHANCED_PACKET ||
    type === SECTION_HEADER ||
    type === INTERFACE_DESCRIPTION ||
    type === SIMPLE_PACKET ||
    type === OBSOLETE_PACKET ||
    type === INTERFACE_STATISTICS
  );
}

function isKnown(type: number): boolean {
  return (
    (type > 0 && type <= LAST_KNOWN_TYPE) || type === SECTION_HEADER || type === CUSTOM || type === CUSTOM_NOT_COPIED
  );
}
