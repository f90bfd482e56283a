// Recorded captures changed as networks and capturing change them: other IP ids, cut, shifted, doubled, thinned out.
// Classic pcap, little-endian, Ethernet, as the samples are; anything else is refused.
import { seededNumbers } from './seeded.ts';

export interface PcapRecord {
  readonly seconds: number;
  /** Micro- or nanoseconds, as the file's magic number says. */
  readonly fraction: number;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
}

export interface PcapFile {
  readonly header: Uint8Array;
  readonly records: readonly PcapRecord[];
}

const HEADER = 24;
const RECORD = 16;

export function parsePcap(bytes: Uint8Array): PcapFile {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const magic = view.getUint32(0, true);
  if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d) throw new Error('not a little-endian classic pcap');
  if (view.getUint32(20, true) !== 1) throw new Error('not Ethernet');
  const records: PcapRecord[] = [];
  for (let at = HEADER; at < bytes.length;) {
    const captured = view.getUint32(at + 8, true);
    records.push({
      seconds: view.getUint32(at, true),
      fraction: view.getUint32(at + 4, true),
      wireLength: view.getUint32(at + 12, true),
      bytes: bytes.slice(at + RECORD, at + RECORD + captured),
    });
    at += RECORD + captured;
  }
  return { header: bytes.slice(0, HEADER), records };
}

export function formatPcap({ header, records }: PcapFile): Uint8Array {
  const length = records.reduce((sum, r) => sum + RECORD + r.bytes.length, HEADER);
  const out = new Uint8Array(length);
  const view = new DataView(out.buffer);
  out.set(header);
  let at = HEADER;
  for (const { seconds, fraction, wireLength, bytes } of records) {
    [seconds, fraction, bytes.length, wireLength].forEach((word, i) => {
      view.setUint32(at + 4 * i, word, true);
    });
    out.set(bytes, at + RECORD);
    at += RECORD + bytes.length;
  }
  return out;
}

export type Edit = (file: PcapFile) => PcapFile;

/** Every record changed, left out or made into several. */
export const eachRecord =
  (change: (record: PcapRecord) => PcapRecord | readonly PcapRecord[]): Edit =>
  (file) => ({ ...file, records: file.records.flatMap(change) });

/** Every IPv4 packet gets another IP id, its header checksum with it: as a box does that rewrites ids. */
export function otherIpIds(seed: number): Edit {
  const next = seededNumbers(seed);
  return eachRecord((record) => {
    const bytes = record.bytes.slice();
    const ip = 14;
    if (bytes[12] !== 0x08 || bytes[13] !== 0 || bytes.length < ip + 20) return record;
    const id = next() & 0xffff;
    bytes.set([id >> 8, id & 0xff, ...bytes.slice(ip + 6, ip + 10), 0, 0], ip + 4);
    let sum = 0;
    for (let at = ip; at < ip + (bytes[ip]! & 0xf) * 4; at += 2) sum += (bytes[at]! << 8) | bytes[at + 1]!;
    while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
    bytes.set([(~sum >> 8) & 0xff, ~sum & 0xff], ip + 10);
    return { ...record, bytes };
  });
}

export function cutTo(snapLength: number): Edit {
  return eachRecord((record) => ({ ...record, bytes: record.bytes.slice(0, snapLength) }));
}

export function shiftedBy(seconds: number): Edit {
  return eachRecord((record) => ({ ...record, seconds: record.seconds + seconds }));
}

/** Every packet twice, a few microseconds apart, as a capture of `any` has them. */
export const doubled: Edit = eachRecord((record) => [
  record,
  { ...record, fraction: Math.min(record.fraction + 3, 999_999) },
]);

/** Without this share of the packets. */
export function thinned(share: number, seed: number): Edit {
  const next = seededNumbers(seed);
  return eachRecord((record) => (next() / 2 ** 32 < share ? [] : [record]));
}
