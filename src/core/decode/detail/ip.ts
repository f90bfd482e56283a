// IPv4 and IPv6 in full.
import { u16be, u32be } from '../../bytes/integers.ts';
import { addressText } from '../addresses.ts';
import { IPV4_HEADER, IPV6_HEADER, MAPPED, extensionLength, isExtensionHeader } from '../ip-fields.ts';
import { AH, HOP_BY_HOP, IPV6_FRAGMENT, IPV6_OPTIONS, IPV6_ROUTE, NO_NEXT_HEADER } from '../protocols.ts';
import { checkHeaderSum } from './checksums.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { protocolName } from './names.ts';
import { type Carried, transportDetail } from './transport.ts';

const ECN = ['not ECN-capable', 'ECT(1)', 'ECT(0)', 'congestion experienced'];
const EXTENSION_NAMES: ReadonlyMap<number, string> = new Map([
  [HOP_BY_HOP, 'IPv6 hop-by-hop options'],
  [IPV6_ROUTE, 'IPv6 routing'],
  [IPV6_FRAGMENT, 'IPv6 fragment'],
  [AH, 'Authentication header'],
  [IPV6_OPTIONS, 'IPv6 destination options'],
]);

/** The packet at `at`: captured up to `end`, its frame sent up to `wireEnd`. */
export function ipv4Detail(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('IPv4', end);
  if (!out.has(at, 1, 'the IPv4 header')) return;
  const first = bytes[at]!;
  const headerLength = (first & 0x0f) * 4;
  const number = (from: number) => String(bytes[from]!);
  const address = (from: number) => addressText(0, 0, MAPPED, u32be(bytes, from));
  out.field('version', 'Version', at, 1, () => String(first >> 4));
  out.field('headerLength', 'Header length', at, 1, () => `${headerLength} bytes`);
  out.field('dscp', 'DSCP', at + 1, 1, (from) => String(bytes[from]! >> 2));
  out.field('ecn', 'ECN', at + 1, 1, (from) => named(bytes[from]! & 3, ECN[bytes[from]! & 3]));
  out.field('length', 'Total length', at + 2, 2, (from) => {
    const length = u16be(bytes, from);
    return length === 0 ? '0 (segmentation offload)' : `${length} bytes`;
  });
  out.field('id', 'Identification', at + 4, 2, (from) => hex(u16be(bytes, from), 4));
  out.field('flags', 'Flags', at + 6, 2, (from) => fragmentFlags(u16be(bytes, from)));
  out.field('fragmentOffset', 'Fragment offset', at + 6, 2, (from) => `${(u16be(bytes, from) & 0x1fff) * 8} bytes`);
  out.field('ttl', 'Time to live', at + 8, 1, number);
  out.field('protocol', 'Protocol', at + 9, 1, (from) => named(bytes[from]!, protocolName(bytes[from]!)));
  const headerEnd = at + headerLength;
  const isValid = first >> 4 === 4 && headerLength >= IPV4_HEADER;
  const sum = isValid && headerEnd <= end ? checkHeaderSum(bytes, at, headerEnd) : null;
  out.field('checksum', 'Header checksum', at + 10, 2, (from) => hex(u16be(bytes, from), 4), sum?.note, sum?.state);
  out.field('source', 'Source address', at + 12, 4, address);
  out.field('destination', 'Destination address', at + 16, 4, address);
  if (!isValid) {
    out.stop(`the IPv4 header is not valid (version ${first >> 4}, header length ${headerLength})`);
    return;
  }
  if (at + IPV4_HEADER <= end) out.notePacket();
  if (headerLength > IPV4_HEADER) {
    const options = at + IPV4_HEADER;
    out.field('options', 'Options', options, headerEnd - options, () => hexBytes(bytes, options, headerEnd, ' '));
  }
  if (!out.has(at, headerLength, 'the IPv4 header')) return;
  const fragment = u16be(bytes, at + 6);
  const packetEnd = at + (u16be(bytes, at + 2) || wireEnd - at);
  if (packetEnd < headerEnd) {
    out.stop('the IPv4 total length is shorter than the header');
    return;
  }
  let protocol = bytes[at + 9]!;
  let transport = headerEnd;
  while (protocol === AH && (fragment & 0x1fff) === 0) {
    out.begin('Authentication header', Math.min(end, packetEnd));
    if (!out.has(transport, 8, 'the authentication header')) return;
    const from = transport;
    const size = extensionLength(AH, bytes[from + 1]!);
    out.field('protocol', 'Next header', from, 1, () => named(bytes[from]!, protocolName(bytes[from]!)));
    out.field('spi', 'SPI', from + 4, 4, () => hex(u32be(bytes, from + 4), 8));
    if (!out.has(from, size, 'the authentication header')) return;
    protocol = bytes[from]!;
    transport += size;
  }
  transportDetail(out, protocol, transport, {
    end: Math.min(end, packetEnd),
    packetEnd,
    addresses: [at + 12, at + 16],
    fragmentOffset: (fragment & 0x1fff) * 8,
    isFragment: (fragment & 0x3fff) !== 0,
    version: 4,
  });
  padding(out, packetEnd, end);
}

function fragmentFlags(word: number): string {
  const flags = [word & 0x8000 ? 'reserved' : '', word & 0x4000 ? 'DF' : '', word & 0x2000 ? 'MF' : ''];
  return flags.filter((flag) => flag !== '').join(' ') || 'none';
}

export function ipv6Detail(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('IPv6', end);
  if (!out.has(at, 1, 'the IPv6 header')) return;
  const version = bytes[at]! >> 4;
  const address = (from: number) =>
    addressText(u32be(bytes, from), u32be(bytes, from + 4), u32be(bytes, from + 8), u32be(bytes, from + 12));
  out.field('version', 'Version', at, 1, () => String(version));
  out.field('dscp', 'DSCP', at, 2, (from) => String((u16be(bytes, from) >> 6) & 0x3f));
  out.field('ecn', 'ECN', at + 1, 1, (from) => named((bytes[from]! >> 4) & 3, ECN[(bytes[from]! >> 4) & 3]));
  out.field('flowLabel', 'Flow label', at, 4, (from) => hex(u32be(bytes, from) & 0xfffff, 5));
  out.field('length', 'Payload length', at + 4, 2, (from) => `${u16be(bytes, from)} bytes`);
  out.field('protocol', 'Next header', at + 6, 1, (from) => named(bytes[from]!, protocolName(bytes[from]!)));
  out.field('ttl', 'Hop limit', at + 7, 1, (from) => String(bytes[from]!));
  out.field('source', 'Source address', at + 8, 16, address);
  out.field('destination', 'Destination address', at + 24, 16, address);
  if (version !== 6) {
    out.stop(`the IPv6 header is not valid (version ${version})`);
    return;
  }
  if (!out.has(at, IPV6_HEADER, 'the IPv6 header')) return;
  out.notePacket();
  const length = u16be(bytes, at + 4);
  let packetEnd = length > 0 ? at + IPV6_HEADER + length : wireEnd;
  let header = at + IPV6_HEADER;
  let next = bytes[at + 6]!;
  let fragmentOffset = 0;
  let isFragment = false;
  let finalDestination = at + 24;
  while (isExtensionHeader(next) && fragmentOffset === 0) {
    out.begin(EXTENSION_NAMES.get(next) ?? 'IPv6 extension', Math.min(end, packetEnd));
    if (!out.has(header, 8, 'the extension header')) return;
    const size = extensionLength(next, bytes[header + 1]!);
    out.field('protocol', 'Next header', header, 1, (from) => named(bytes[from]!, protocolName(bytes[from]!)));
    if (next === IPV6_FRAGMENT) {
      const word = u16be(bytes, header + 2);
      fragmentOffset = word & 0xfff8;
      isFragment = word !== 0;
      out.field('fragmentOffset', 'Fragment offset', header + 2, 2, () => `${fragmentOffset} bytes`);
      out.field('flags', 'Flags', header + 2, 2, () => (word & 1 ? 'MF' : 'none'));
      out.field('id', 'Identification', header + 4, 4, (from) => hex(u32be(bytes, from), 8));
    } else {
      out.field('length', 'Length', header + 1, 1, () => `${size} bytes`);
      out.field('data', 'Data', header + 2, size - 2, (from) => hexBytes(bytes, from, header + size, ' '));
      if (next === HOP_BY_HOP && length === 0 && u16be(bytes, header + 2) === 0xc204) {
        packetEnd = at + IPV6_HEADER + u32be(bytes, header + 4);
      }
      if (!out.has(header, size, 'the extension header')) return;
      if (next === IPV6_ROUTE) finalDestination = lastOfRoute(bytes, header, size) ?? finalDestination;
    }
    next = bytes[header]!;
    header += size;
  }
  if (next === NO_NEXT_HEADER) return;
  transportDetail(out, next, header, {
    end: Math.min(end, packetEnd),
    packetEnd,
    addresses: [at + 8, finalDestination],
    fragmentOffset,
    isFragment,
    version: 6,
  } satisfies Carried);
  padding(out, packetEnd, end);
}

/**
 * Where the last destination stands in a routing header that has segments left: what the transport checksum covers (RFC 8200
 * 8.1). Segment routing (RFC 8754) lists the last one first.
 */
function lastOfRoute(bytes: Uint8Array, at: number, size: number): number | null {
  const type = bytes[at + 2]!;
  if (bytes[at + 3] === 0 || size < 24) return null;
  if (type === 4) return at + 8;
  return type === 0 || type === 2 ? at + size - 16 : null;
}

/** Bytes of the frame behind the packet: Ethernet's padding, a trailer, a frame check sequence. */
function padding(out: DetailWriter, packetEnd: number, end: number): void {
  if (out.isQuoted || packetEnd >= end) return;
  out.begin('Padding', end);
  out.field('bytes', 'Bytes behind the packet', packetEnd, end - packetEnd, () => `${end - packetEnd} bytes`);
}
