// Recorded TCP changed as boxes change it: other sequence numbers, options rewritten or taken out, segments cut or joined.
// For edits as in `pcap-edit.ts`: classic pcap, Ethernet, IPv4. TCP checksums are not made anew (offload leaves them wrong
// too).
import { type Edit, type PcapRecord, eachRecord } from './pcap-edit.ts';
import { seededNumbers } from './seeded.ts';

const IP = 14;
const TCP = 6;
const SYN = 0x02;
const ACK = 0x10;
const MSS_OPTION = 2;
const TIMESTAMP_OPTION = 8;
const NOP = 1;

/** The TCP segment of a record: where its header begins, and how long it and the payload are on the wire. */
interface Segment {
  readonly view: DataView;
  readonly at: number;
  readonly headerLength: number;
  readonly payloadLength: number;
  readonly flags: number;
  /** `address:port` of both ends. */
  readonly source: string;
  readonly destination: string;
}

function segmentOf(bytes: Uint8Array): Segment | null {
  if (bytes.length < IP + 40 || bytes[12] !== 0x08 || bytes[13] !== 0 || bytes[IP + 9] !== TCP) return null;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  // A later fragment has no header.
  if ((view.getUint16(IP + 6) & 0x1fff) !== 0) return null;
  const at = IP + (bytes[IP]! & 0xf) * 4;
  if (bytes.length < at + 20) return null;
  const headerLength = (bytes[at + 12]! >> 4) * 4;
  const payloadLength = view.getUint16(IP + 2) - (at - IP) - headerLength;
  const end = (address: number, port: number): string =>
    `${bytes.slice(address, address + 4).join('.')}:${view.getUint16(port)}`;
  return {
    view,
    at,
    headerLength,
    payloadLength,
    flags: bytes[at + 13]!,
    source: end(IP + 12, at),
    destination: end(IP + 16, at + 2),
  };
}

/** Every TCP segment changed in place, in a copy of its record. */
const eachSegment = (change: (segment: Segment) => void): Edit =>
  eachRecord((record) => {
    const bytes = record.bytes.slice();
    const segment = segmentOf(bytes);
    if (segment) change(segment);
    return { ...record, bytes };
  });

/** Which of a connection's two directions get other numbers, or both get the same ones in every connection. */
export type Renumbered = 'both' | 'client' | 'server' | 'constant';

/** Sequence numbers as a firewall rewrites them that draws initial numbers anew: another shift per connection and direction. */
export function renumbered(which: Renumbered, seed: number): Edit {
  const next = seededNumbers(seed);
  const shifts = new Map<string, number>();
  const clients = new Set<string>();
  const constant = { client: next(), server: next() };
  const shiftOf = (segment: Segment, turned: boolean): number => {
    const { source, destination } = segment;
    const [from, to] = turned ? [destination, source] : [source, destination];
    const key = `${from} ${to}`;
    const isClient = clients.has(key) || (!clients.has(`${to} ${from}`) && portOf(from) > portOf(to));
    if (which === 'constant') return isClient ? constant.client : constant.server;
    if (which !== 'both' && isClient !== (which === 'client')) return 0;
    let shift = shifts.get(key);
    if (shift === undefined) shifts.set(key, (shift = next()));
    return shift;
  };
  return eachSegment((segment) => {
    const { view, at, flags, source, destination } = segment;
    if ((flags & (SYN | ACK)) === SYN) clients.add(`${source} ${destination}`);
    view.setUint32(at + 4, view.getUint32(at + 4) + shiftOf(segment, false));
    if ((flags & ACK) !== 0) view.setUint32(at + 8, view.getUint32(at + 8) + shiftOf(segment, true));
  });
}

function portOf(end: string): number {
  return Number(end.split(':')[1]);
}

/** Calls with each option's kind, and where it stands. */
function forEachOption({ view, at, headerLength }: Segment, visit: (kind: number, place: number) => void): void {
  const end = Math.min(at + headerLength, view.byteLength);
  for (let place = at + 20; place < end;) {
    const kind = view.getUint8(place);
    if (kind === 0) return;
    if (kind === NOP) {
      place++;
      continue;
    }
    if (place + 1 >= end) return;
    const length = view.getUint8(place + 1);
    if (length < 2 || place + length > end) return;
    visit(kind, place);
    place += length;
  }
}

/** As iptables' TCPOPTSTRIP does: NOPs in the place of timestamps. */
export const withoutTimestamps: Edit = eachSegment((segment) => {
  forEachOption(segment, (kind, place) => {
    if (kind !== TIMESTAMP_OPTION) return;
    for (let i = 0; i < 10; i++) segment.view.setUint8(place + i, NOP);
  });
});

/** Timestamps of another clock: each end's shifted by a constant, as SYNPROXY and scrubbers do. */
export function otherTimestamps(seed: number): Edit {
  const next = seededNumbers(seed);
  const shifts = new Map<string, number>();
  const shiftOf = (end: string): number => {
    let shift = shifts.get(end);
    if (shift === undefined) shifts.set(end, (shift = next()));
    return shift;
  };
  return eachSegment((segment) => {
    const { view, source, destination } = segment;
    forEachOption(segment, (kind, place) => {
      if (kind !== TIMESTAMP_OPTION) return;
      view.setUint32(place + 2, view.getUint32(place + 2) + shiftOf(source));
      if (view.getUint32(place + 6) !== 0) view.setUint32(place + 6, view.getUint32(place + 6) + shiftOf(destination));
    });
  });
}

/** As iptables' TCPMSS does. */
export function otherMss(mss: number): Edit {
  return eachSegment((segment) => {
    forEachOption(segment, (kind, place) => {
      if (kind === MSS_OPTION) segment.view.setUint16(place + 2, mss);
    });
  });
}

/** Segments of at most so many bytes, as a point behind segmentation offload sees them: IP ids count on. */
export function cutIntoSegments(size: number): Edit {
  return eachRecord((record): readonly PcapRecord[] => {
    const segment = segmentOf(record.bytes);
    if (!segment || segment.payloadLength <= size) return [record];
    const { at, headerLength, payloadLength, flags } = segment;
    const payloadAt = at + headerLength;
    const pieces: PcapRecord[] = [];
    for (let from = 0; from < payloadLength; from += size) {
      const length = Math.min(size, payloadLength - from);
      const captured = record.bytes.slice(payloadAt + from, payloadAt + from + length);
      const bytes = new Uint8Array(payloadAt + captured.length);
      bytes.set(record.bytes.subarray(0, payloadAt));
      bytes.set(captured, payloadAt);
      const view = new DataView(bytes.buffer);
      view.setUint16(IP + 2, payloadAt - IP + length);
      const id = view.getUint16(IP + 4);
      if (id !== 0) view.setUint16(IP + 4, id + pieces.length);
      view.setUint32(at + 4, view.getUint32(at + 4) + from);
      // The last has the FIN and the PSH.
      if (from + size < payloadLength) view.setUint8(at + 13, flags & ~0x09);
      pieces.push({ ...record, bytes, wireLength: payloadAt + length });
    }
    return pieces;
  });
}
