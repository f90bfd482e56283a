// Solaris snoop (RFC 1761): a 16-byte header, then records of a 24-byte header, a frame and padding; all big-endian, times
// in microseconds. Shomiti's and Finisar's analysers wrote the same under versions 3 to 5.
import type { IssueCode } from '../bytes/issues.ts';
import { u32be } from '../bytes/integers.ts';
import type { RecordParser } from './framing.ts';
import { packetLimit } from './limits.ts';
import { LINKTYPE_ETHERNET, LINKTYPE_FDDI, LINKTYPE_NULL, LINKTYPE_TOKEN_RING, SNOOP_LINKTYPES } from './link-types.ts';
import type { RecordSink } from './sink.ts';

/** "snoop" and three zeros. */
const MAGIC_HIGH = 0x736e6f6f;
const MAGIC_LOW = 0x70000000;
const FILE_HEADER = 16;
const RECORD_HEADER = 24;
/** Bytes of padding that a record may have behind its frame; RFC 1761 pads to four, others wrote more. */
const PADDING_LIMIT = 65_536;

/** Of the datalink types that have a LINKTYPE_ number. */
const LINK_TYPES: ReadonlyMap<number, number> = new Map([
  [0, LINKTYPE_ETHERNET],
  [2, LINKTYPE_TOKEN_RING],
  [4, LINKTYPE_ETHERNET],
  [8, LINKTYPE_FDDI],
  [9, LINKTYPE_NULL],
  [14, LINKTYPE_NULL],
]);

export function isSnoop(head: Uint8Array): boolean {
  return head.length >= 8 && u32be(head, 0) === MAGIC_HIGH && u32be(head, 4) === MAGIC_LOW;
}

export class SnoopParser implements RecordParser {
  readonly format = 'snoop';
  needed = FILE_HEADER;
  stopped = false;
  private readonly sink: RecordSink;
  private readonly limit = packetLimit(0);
  private headerRead = false;
  /** Packets dropped until now, as the last record counts them. */
  private dropped = 0;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  parse(bytes: Uint8Array, start: number, end: number, fileOffset: number): number {
    let at = start;
    if (!this.headerRead) {
      if (end - at < FILE_HEADER) return at;
      this.readFileHeader(bytes, at);
      if (this.stopped) return at;
      at += FILE_HEADER;
    }
    const toFile = fileOffset - start;
    for (;;) {
      if (end - at < RECORD_HEADER) {
        this.needed = RECORD_HEADER;
        return at;
      }
      const original = u32be(bytes, at);
      const captured = u32be(bytes, at + 4);
      const length = u32be(bytes, at + 8);
      const padding = length - RECORD_HEADER - captured;
      if (captured > this.limit || padding < 0 || padding > PADDING_LIMIT) {
        this.stop(
          'corrupt-length',
          `a packet of ${captured} bytes in a record of ${length} is claimed at offset ${toFile + at}: ` +
            'the file is damaged from here on; what stands before was read',
          toFile + at,
        );
        return at;
      }
      const frame = at + RECORD_HEADER;
      // The last record's padding may be missing.
      if (end < frame + captured) {
        this.needed = RECORD_HEADER + captured;
        return at;
      }
      this.countDrops(u32be(bytes, at + 12));
      const micros = u32be(bytes, at + 20);
      const carried = Math.floor(micros / 1_000_000);
      this.sink.packet(
        0,
        u32be(bytes, at + 16) + carried,
        (micros - carried * 1_000_000) * 1000,
        original < captured ? captured : original,
        bytes,
        frame,
        frame + captured,
        toFile + frame,
      );
      at += length;
      if (at > end) return at;
    }
  }

  private readFileHeader(bytes: Uint8Array, at: number): void {
    const version = u32be(bytes, at + 8);
    const datalink = u32be(bytes, at + 12);
    if (version < 2 || version > 5) {
      this.stop('unsupported-version', `snoop version ${version} is not known, only 2 to 5 are`, 8);
      return;
    }
    this.headerRead = true;
    this.sink.interface({
      index: 0,
      name: null,
      description: null,
      linkType: LINK_TYPES.get(datalink) ?? SNOOP_LINKTYPES + Math.min(datalink, 0xffff),
      snapLength: 0,
      filter: null,
      resolutionNs: 1000,
      fcsLength: 0,
      hardware: null,
      os: null,
      comments: [],
    });
  }

  /** Each record counts the drops before it. */
  private countDrops(dropped: number): void {
    if (dropped === this.dropped) return;
    this.dropped = dropped;
    this.sink.statistics(0, { received: null, dropped });
  }

  private stop(code: IssueCode, message: string, offset: number): void {
    this.sink.issue({ code, message, offset });
    this.stopped = true;
  }
}
