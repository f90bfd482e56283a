// What IP carries, in full: TCP, UDP, SCTP's common header, GRE's first words, ICMP (of `icmp.ts`), DNS and the payload.
import { u16be, u32be } from '../../bytes/integers.ts';
import { GRE, ICMP, ICMPV6, SCTP, TCP, UDP } from '../protocols.ts';
import { checkTransportSum, pseudoSum } from './checksums.ts';
import { dnsDetail } from './dns.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { icmpDetail } from './icmp.ts';
import { protocolName } from './names.ts';
import { tcpOptionsDetail } from './tcp-options.ts';

/** How IP carries the transport's bytes. */
export interface Carried {
  /** Where the captured bytes of the packet end, and where the packet ended on the wire. */
  readonly end: number;
  readonly packetEnd: number;
  /** Where source and destination address stand, side by side. */
  readonly addresses: readonly [number, number];
  readonly fragmentOffset: number;
  readonly isFragment: boolean;
  readonly version: 4 | 6;
}

const TCP_FLAGS = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR'];
const SHOWN_BYTES = 24;

export function transportDetail(out: DetailWriter, protocol: number, at: number, carried: Carried): void {
  if (carried.fragmentOffset > 0) {
    payload(out, at, carried);
    out.stop('a later fragment: its transport header is in the first');
    return;
  }
  if (protocol === TCP) tcp(out, at, carried);
  else if (protocol === UDP) udp(out, at, carried);
  else if (protocol === ICMP || protocol === ICMPV6) {
    icmpDetail(out, protocol, at, carried);
  } else if (protocol === SCTP) sctp(out, at, carried);
  else if (protocol === GRE) gre(out, at, carried);
  else {
    payload(out, at, carried);
    out.stop(`IP protocol ${named(protocol, protocolName(protocol))} is not decoded`);
  }
}

/** Adds the checksum field and tells what it covers. */
export function checksumField(
  out: DetailWriter,
  layer: string,
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
  const pseudo = hasPseudoHeader ? pseudoSum(bytes, addresses[0], addresses[1], protocol, length) : 0;
  out.transport = { layer, start, end, pseudoSum: pseudo, checksumAt };
  if (protocol === UDP && carried.version === 4 && u16be(bytes, checksumAt) === 0) {
    out.field('checksum', 'Checksum', checksumAt, 2, value, 'not used by the sender', 'none');
  } else if (carried.isFragment) {
    out.field('checksum', 'Checksum', checksumAt, 2, value, 'not verifiable: a fragment', 'unverifiable');
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
  if (out.has(at, headerLength, 'the TCP header')) payload(out, at + headerLength, carried);
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
  const isDns = [u16be(bytes, at), u16be(bytes, at + 2)].some((port) => port === 53 || port === 5353);
  payload(out, at + 8, datagram);
  if (isDns) dnsDetail(out, at + 8, datagram.end);
}

function sctp(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('SCTP', carried.end);
  ports(out, at);
  out.field('tag', 'Verification tag', at + 4, 4, (from) => hex(u32be(bytes, from), 8));
  out.field('checksum', 'Checksum', at + 8, 4, (from) => hex(u32be(bytes, from), 8));
  if (out.has(at, 12, 'the SCTP header')) payload(out, at + 12, carried);
}

function gre(out: DetailWriter, at: number, carried: Carried): void {
  const { bytes } = out;
  out.begin('GRE', carried.end);
  out.field('flags', 'Flags and version', at, 2, (from) => hex(u16be(bytes, from), 4));
  out.field('type', 'Protocol type', at + 2, 2, (from) => hex(u16be(bytes, from), 4));
  if (out.has(at, 4, 'the GRE header')) payload(out, at + 4, carried);
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
