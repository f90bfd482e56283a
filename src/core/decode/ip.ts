// IPv4 (RFC 791) and IPv6 (RFC 8200) for the fast decoder. `end` is where the captured bytes end, `wireEnd` where the frame
// ended on the wire; the IP length decides what of it is the packet, so that Ethernet's padding never counts.
import { u16be, u32be } from '../bytes/integers.ts';
import type { Headers } from './headers.ts';
import {
  IPV4_HEADER,
  IPV6_HEADER,
  extensionLength,
  isExtensionHeader,
  readIpv4Address,
  readIpv6Address,
} from './ip-fields.ts';
import { AH, HOP_BY_HOP, IPV6_FRAGMENT } from './protocols.ts';
import { decodeTransport } from './transport.ts';

const JUMBO_PAYLOAD = 0xc2;

export function decodeIpv4(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < IPV4_HEADER) return false;
  const first = bytes[at]!;
  const headerLength = (first & 0x0f) * 4;
  if (first >> 4 !== 4 || headerLength < IPV4_HEADER) return false;
  const fragment = u16be(bytes, at + 6);
  headers.ipVersion = 4;
  headers.ipId = u16be(bytes, at + 4);
  headers.dontFragment = (fragment & 0x4000) !== 0;
  headers.moreFragments = (fragment & 0x2000) !== 0;
  headers.fragmentOffset = (fragment & 0x1fff) * 8;
  headers.ttl = bytes[at + 8]!;
  headers.protocol = bytes[at + 9]!;
  readIpv4Address(headers.source, bytes, at + 12);
  readIpv4Address(headers.destination, bytes, at + 16);
  // Segmentation offload and big TCP leave the length 0.
  const packetEnd = at + (u16be(bytes, at + 2) || wireEnd - at);
  const captured = Math.min(end, packetEnd);
  let transport = at + headerLength;
  if (headers.fragmentOffset === 0) {
    while (headers.protocol === AH && captured - transport >= 8) {
      headers.protocol = bytes[transport]!;
      transport += extensionLength(AH, bytes[transport + 1]!);
    }
  }
  decodeTransport(headers, bytes, transport, captured, packetEnd);
  return true;
}

export function decodeIpv6(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < IPV6_HEADER || bytes[at]! >> 4 !== 6) return false;
  headers.ipVersion = 6;
  // Those of an outer packet do not count.
  headers.ipId = 0;
  headers.dontFragment = false;
  headers.moreFragments = false;
  headers.fragmentOffset = 0;
  headers.ttl = bytes[at + 7]!;
  readIpv6Address(headers.source, bytes, at + 8);
  readIpv6Address(headers.destination, bytes, at + 24);
  const payloadLength = u16be(bytes, at + 4);
  let packetEnd = payloadLength > 0 ? at + IPV6_HEADER + payloadLength : wireEnd;
  let next = bytes[at + 6]!;
  let header = at + IPV6_HEADER;
  while (isExtensionHeader(next)) {
    headers.protocol = next;
    if (Math.min(end, packetEnd) - header < 8) return true;
    const following = bytes[header]!;
    if (next === IPV6_FRAGMENT) {
      const fragment = u16be(bytes, header + 2);
      headers.fragmentOffset = fragment & 0xfff8;
      headers.moreFragments = (fragment & 1) !== 0;
      headers.ipId = u32be(bytes, header + 4);
      header += 8;
      if (headers.fragmentOffset > 0) {
        next = following;
        break;
      }
    } else {
      if (next === HOP_BY_HOP && payloadLength === 0 && u16be(bytes, header + 2) === ((JUMBO_PAYLOAD << 8) | 4)) {
        packetEnd = at + IPV6_HEADER + u32be(bytes, header + 4);
      }
      header += extensionLength(next, bytes[header + 1]!);
    }
    next = following;
  }
  headers.protocol = next;
  decodeTransport(headers, bytes, header, Math.min(end, packetEnd), packetEnd);
  return true;
}
