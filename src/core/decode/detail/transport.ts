// What IP carries, in full: TCP, UDP, UDP-Lite, SCTP, DCCP, ESP, IGMP, ICMP (of `icmp.ts`), tunnels (of `tunnels.ts`), the
// payload and the application's message that it is recognised as.
import { u16be, u32be } from '../../bytes/integers.ts';
import { recognise } from '../application/recognise.ts';
import { DCCP, ESP, GRE, ICMP, ICMPV6, IGMP, SCTP, TCP, UDP, UDP_LITE } from '../protocols.ts';
import { addressText } from '../addresses.ts';
import { MAPPED } from '../ip-fields.ts';
import { checkTransportSum, pseudoSum } from './checksums.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { icmpDetail } from './icmp.ts';
import { protocolName } from './names.ts';
import { tcpOptionsDetail } from './tcp-options.ts';
import { greDetail, ipTunnelDetail, udpTunnelDetail } from './tunnels.ts';

/** How IP carries the transport's bytes. */
export interface Carried {
  /** Where the captured bytes of the packet end, and where the packet ended on the wire. */
  readonly end: number;
  readonly packetEnd: number;
  /** Where source and destination address stand; behind a routing header the last one's there. */
  readonly addresses: readonly [number, number];
  readonly fragmentOffset: number;
  readonly isFragment: boolean;
  readonly version: 4 | 6;
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
const SCTP_CHUNKS = ['DATA', 'INIT', 'INIT ACK', 'SACK', 'HEARTBEAT', 'HEARTBEAT ACK', 'ABORT', 'SHUTDOWN'];
const IGMP_TYPES: ReadonlyMap<number, string> = new Map([
  [0x11, 'query'],
  [0x12, 'report v1'],
  [0x16, 'report v2'],
  [0x17, 'leave'],
  [0x22, 'report v3'],
]);
const SHOWN_BYTES = 24;

export function transportDetail(out: DetailWriter, protocol: number, at: number, carried: Carried): void {
  if (carried.fragmentOffset > 0) {
    payload(out, at, carried);
    out.stop('a later fragment: its transport header is in the first');
    return;
  }
  switch (protocol) {
    case TCP:
      tcp(out, at, carried);
      break;
    case UDP:
      udp(out, at, carried);
      break;
    case UDP_LITE:
      udpLite(out, at, carried);
      break;
    case ICMP:
    case ICMPV6:
      icmpDetail(out, protocol, at, carried);
      break;
    case SCTP:
      sctp(out, at, carried);
      break;
    case DCCP:
      dccp(out, at, carried);
      break;
    case GRE:
      gre(out, at, carried);
      break;
    case ESP:
      esp(out, at, carried);
      break;
    case IGMP:
      igmp(out, at, carried);
      break;
    default:
      if (!out.isQuoted && ipTunnelDetail(out, protocol, at, carried.end, carried.packetEnd)) break;
      payload(out, at, carried);
      out.stop(`IP protocol ${named(protocol, protocolName(protocol))} is not decoded`);
  }
}

/** Adds the checksum field and tells what it covers. */
export function checksumField(
  out: DetailWriter,
  layer: number,
  protocol: number,
  start: number,
  checksumAt: number,
  carried: Carried,
  hasPseudoHeader: boolean,
): void {
  const { bytes } = out;
  const { end, packetEnd, addresses } = carried;
  if (checksumAt + 2 > end) return;
  const value = (from: number) => hex(u16be(bytes, from), 4);
  if (out.isQuoted) {
    out.field('checksum', 'Checksum', checksumAt, 2, value);
    return;
  }
  const length = packetEnd - start;
  const pseudo = hasPseudoHeader ? pseudoSum(bytes, addresses, carried.version, protocol, length) : 0;
  out.transport = { layer, start, end, pseudoSum: pseudo, checksumAt };
  if (protocol === UDP && carried.version === 4 && u16be(bytes, checksumAt) === 0) {
    out.field('checksum', 'Checksum', checksumAt, 2, value, 'not used by the sender', 'none');
  } else if (carried.isFragment) {
    out.field('checksum', 'Checksum', checksumAt, 2, value, 'not verifiable: a fragment', 'unverifiable');
  } else if (protocol === UDP && u16be(bytes, start + 4) > length) {
    out.field('checksum', 'Checksum', checksumAt, 2, value, 'not verifiable: the length is wrong', 'unverifiable');
  } else {
    const { state, note } = checkTransportSum(bytes, start, end, length, checksumAt, pseudo);
    out.field('checksum', 'Checksum', checksumAt, 2, value, note, state);
  }
}

function ports(out: DetailWriter, at: number): void {
  const { bytes } = out;
  out.field('sourcePort', 'Source port', at, 2, (from) => String(u16be(bytes, from)));
  out.field('destinationPort', 'Destination port', at + 2, 2, (from) => String(u16be(bytes, from)));
}

function tcp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  const { end } = carried;
  const layer = out.begin('TCP', end);
  ports(out, at);
  out.field('sequence', 'Sequence number', at + 4, 4, (from) => String(u32be(bytes, from)));
  out.field('acknowledgment', 'Acknowledgment number', at + 8, 4, (from) => String(u32be(bytes, from)));
  out.field('headerLength', 'Header length', at + 12, 1, (from) => `${(bytes[from]! >> 4) * 4} bytes`);
  out.field('flags', 'Flags', at + 13, 1, (from) => {
    const set = TCP_FLAGS.filter((_, bit) => (bytes[from]! & (1 << bit)) !== 0);
    return set.join(' ') || 'none';
  });
  out.field('window', 'Window', at + 14, 2, (from) => String(u16be(bytes, from)));
  checksumField(out, layer, TCP, at, at + 16, carried, true);
  out.field('urgent', 'Urgent pointer', at + 18, 2, (from) => String(u16be(bytes, from)));
  if (!out.has(at, 20, 'the TCP header')) return;
  const headerLength = (bytes[at + 12]! >> 4) * 4;
  if (headerLength < 20) {
    out.stop(`the TCP header length ${headerLength} is shorter than the smallest header`);
    return;
  }
  tcpOptionsDetail(out, at + 20, at + headerLength, end);
  if (!out.has(at, headerLength, 'the TCP header')) return;
  payload(out, at + headerLength, carried);
  application(out, TCP, at, at + headerLength, carried);
}

function udp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  const layer = out.begin('UDP', carried.end);
  ports(out, at);
  out.field('length', 'Length', at + 4, 2, (from) => `${u16be(bytes, from)} bytes`);
  const length = at + 6 <= carried.end ? u16be(bytes, at + 4) : 0;
  const packetEnd = length >= 8 && at + length < carried.packetEnd ? at + length : carried.packetEnd;
  const datagram: Carried = { ...carried, packetEnd, end: Math.min(carried.end, packetEnd) };
  checksumField(out, layer, UDP, at, at + 6, datagram, true);
  if (!out.has(at, 8, 'the UDP header')) return;
  if (!out.isQuoted && udpTunnelDetail(out, at, datagram.end, packetEnd)) return;
  payload(out, at + 8, datagram);
  application(out, UDP, at, at + 8, datagram);
}

/** The message that the payload is recognised as, in a layer of its own over the same bytes. */
function application(out: DetailWriter, protocol: number, at: number, start: number, carried: Carried): void {
  const { bytes } = out;
  const { end, packetEnd } = carried;
  const message = recognise(protocol, u16be(bytes, at), u16be(bytes, at + 2), bytes, start, end, packetEnd - start);
  if (!message) return;
  out.begin(message.layer, end);
  for (const { key, label, value, start: from, end: to } of message.fields) {
    out.field(key, label, from, to - from, () => value);
  }
}

/** RFC 3828: the length field is that of the checksum's coverage, 0 for all. */
function udpLite(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('UDP-Lite', carried.end);
  ports(out, at);
  out.field('coverage', 'Checksum coverage', at + 4, 2, (from) => `${u16be(bytes, from)} bytes`);
  out.field('checksum', 'Checksum', at + 6, 2, (from) => hex(u16be(bytes, from), 4));
  if (out.has(at, 8, 'the UDP-Lite header')) payload(out, at + 8, carried);
}

function sctp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('SCTP', carried.end);
  ports(out, at);
  out.field('tag', 'Verification tag', at + 4, 4, (from) => hex(u32be(bytes, from), 8));
  out.field('checksum', 'Checksum', at + 8, 4, (from) => hex(u32be(bytes, from), 8));
  if (!out.has(at, 12, 'the SCTP header')) return;
  const chunk = at + 12;
  out.field('chunk', 'First chunk', chunk, 1, (from) => named(bytes[from]!, SCTP_CHUNKS[bytes[from]!]));
  if (chunk < carried.end && bytes[chunk] === 0) {
    out.field('tsn', 'TSN', chunk + 4, 4, (from) => String(u32be(bytes, from)));
  }
  payload(out, chunk, carried);
}

function dccp(out: DetailWriter, at: number, carried: Carried): void {
  out.begin('DCCP', carried.end);
  ports(out, at);
  if (out.has(at, 12, 'the DCCP header')) payload(out, at + 12, carried);
}

function gre(out: DetailWriter, at: number, carried: Carried): void {
  if (out.isQuoted) {
    payload(out, at, carried);
    return;
  }
  const rest = greDetail(out, at, carried.end, carried.packetEnd);
  if (rest >= 0) payload(out, rest, carried);
}

/** RFC 4303: the rest is encrypted. */
function esp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('ESP', carried.end);
  out.field('spi', 'SPI', at, 4, (from) => hex(u32be(bytes, from), 8));
  out.field('sequence', 'Sequence number', at + 4, 4, (from) => String(u32be(bytes, from)));
  if (out.has(at, 8, 'the ESP header')) payload(out, at + 8, carried);
}

/** RFC 3376 and before it. */
function igmp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('IGMP', carried.end);
  out.field('type', 'Type', at, 1, (from) => named(bytes[from]!, IGMP_TYPES.get(bytes[from]!), hex(bytes[from]!, 2)));
  out.field('group', 'Group', at + 4, 4, (from) => addressText(0, 0, MAPPED, u32be(bytes, from)));
  if (out.has(at, 8, 'the IGMP header')) payload(out, at + 8, carried);
}

/** The payload's length on the wire and its captured bytes. */
export function payload(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  const { end, packetEnd } = carried;
  if (packetEnd <= at) return;
  out.begin('Payload', end);
  const captured = Math.max(0, end - at);
  const missing = packetEnd - at - captured;
  out.field(
    'length',
    'Length',
    Math.min(at, end),
    captured,
    () => `${packetEnd - at} bytes`,
    missing > 0 ? `${missing} bytes were not captured` : null,
  );
  if (captured > 0) {
    const shown = Math.min(end, at + SHOWN_BYTES);
    const more = shown < packetEnd ? ' …' : '';
    out.field(
      'bytes',
      'First bytes',
      at,
      captured,
      () => `${hexBytes(bytes, at, shown, ' ')}${more}`,
      asText(bytes, at, end),
    );
  }
  if (missing > 0) out.stop(`the payload is cut: ${captured} of ${packetEnd - at} bytes are here`);
}

/** The payload's beginning where it is readable, as HTTP's first line is. */
function asText(bytes: Uint8Array, start: number, end: number): string | null {
  let text = '';
  for (let at = start; at < end && text.length < 80; at += 1) {
    const byte = bytes[at]!;
    if (byte === 0x0d || byte === 0x0a) break;
    if (byte < 0x20 || byte > 0x7e) return null;
    text += String.fromCharCode(byte);
  }
  return text.length >= 4 ? text : null;
}
