// ICMP (RFC 792, 950) and ICMPv6 (RFC 4443) for the fast decoder: queries have an id, which conntrack and NAT treat as a
// port; errors quote the packet that they are about.
import { u16be } from '../bytes/integers.ts';
import type { Headers } from './headers.ts';
import {
  IPV4_HEADER,
  IPV6_HEADER,
  extensionLength,
  isExtensionHeader,
  readIpv4Address,
  readIpv6Address,
} from './ip-fields.ts';
import { DCCP, ICMP, ICMPV6, IPV6_FRAGMENT, SCTP, TCP, UDP, UDP_LITE } from './protocols.ts';

const ICMP_HEADER = 8;

/** Echo, timestamp, information and address mask, request and reply: those with an id and a sequence number. */
export function isIcmpQuery(type: number): boolean {
  return type === 0 || type === 8 || (type >= 13 && type <= 18);
}

/** Unreachable, source quench, redirect, time exceeded, parameter problem. */
export function isIcmpError(type: number): boolean {
  return type === 3 || type === 4 || type === 5 || type === 11 || type === 12;
}

export function isIcmpv6Query(type: number): boolean {
  return type === 128 || type === 129;
}

/** Errors are those below 128; 1 to 4 are defined. */
export function isIcmpv6Error(type: number): boolean {
  return type >= 1 && type <= 4;
}

export function decodeIcmp(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < ICMP_HEADER) return;
  const type = bytes[at]!;
  common(headers, bytes, at, isIcmpQuery(type));
  if (isIcmpError(type)) quoted(headers, bytes, at + ICMP_HEADER, end);
}

export function decodeIcmpv6(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < ICMP_HEADER) return;
  const type = bytes[at]!;
  common(headers, bytes, at, isIcmpv6Query(type));
  if (isIcmpv6Error(type)) quoted(headers, bytes, at + ICMP_HEADER, end);
}

function common(headers: Headers, bytes: Uint8Array, at: number, isQuery: boolean): void {
  headers.hasTransport = true;
  headers.icmpType = bytes[at]!;
  headers.icmpCode = bytes[at + 1]!;
  if (!isQuery) return;
  const id = u16be(bytes, at + 4);
  headers.sourcePort = id;
  headers.destinationPort = id;
  headers.icmpSequence = u16be(bytes, at + 6);
}

function quoted(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < IPV4_HEADER) return;
  const first = bytes[at]!;
  if (first >> 4 === 4) {
    const headerLength = (first & 0x0f) * 4;
    if (headerLength < IPV4_HEADER) return;
    headers.hasQuoted = true;
    readIpv4Address(headers.quotedSource, bytes, at + 12);
    readIpv4Address(headers.quotedDestination, bytes, at + 16);
    headers.quotedProtocol = bytes[at + 9]!;
    if ((u16be(bytes, at + 6) & 0x1fff) === 0) quotedPorts(headers, bytes, at + headerLength, end);
  } else if (first >> 4 === 6 && end - at >= IPV6_HEADER) {
    headers.hasQuoted = true;
    readIpv6Address(headers.quotedSource, bytes, at + 8);
    readIpv6Address(headers.quotedDestination, bytes, at + 24);
    let next = bytes[at + 6]!;
    let header = at + IPV6_HEADER;
    while (isExtensionHeader(next) && end - header >= 8) {
      const isLaterFragment = next === IPV6_FRAGMENT && (u16be(bytes, header + 2) & 0xfff8) !== 0;
      const length = extensionLength(next, bytes[header + 1]!);
      next = bytes[header]!;
      header += length;
      if (isLaterFragment) {
        headers.quotedProtocol = next;
        return;
      }
    }
    headers.quotedProtocol = next;
    quotedPorts(headers, bytes, header, end);
  }
}

function quotedPorts(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  switch (headers.quotedProtocol) {
    case TCP:
    case UDP:
    case UDP_LITE:
    case SCTP:
    case DCCP:
      if (end - at < 4) return;
      headers.quotedSourcePort = u16be(bytes, at);
      headers.quotedDestinationPort = u16be(bytes, at + 2);
      return;
    case ICMP:
    case ICMPV6: {
      if (end - at < 6) return;
      const type = bytes[at]!;
      if (!(headers.quotedProtocol === ICMP ? isIcmpQuery(type) : isIcmpv6Query(type))) return;
      const id = u16be(bytes, at + 4);
      headers.quotedSourcePort = id;
      headers.quotedDestinationPort = id;
      return;
    }
    default:
  }
}
