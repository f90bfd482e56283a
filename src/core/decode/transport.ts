// What IP carries, for the fast decoder: TCP (RFC 9293), UDP, UDP-Lite, SCTP, DCCP, GRE, and the payload behind them. What
// carries another packet is tried as a tunnel first, before anything of the outer packet's transport is noted.
// `end` bounds what was captured of the packet, `packetEnd` where it ended on the wire by its IP length.
import { u16be, u32be } from '../bytes/integers.ts';
import { DIGEST_LENGTH, digest, finish, mix } from './digest.ts';
import type { Headers } from './headers.ts';
import { decodeIcmp, decodeIcmpv6 } from './icmp.ts';
import {
  DCCP,
  ETHERIP,
  ETHERNET_IN_IP,
  GRE,
  ICMP,
  ICMPV6,
  IPIP,
  IPV6,
  MPLS_IN_IP,
  PIM,
  SCTP,
  TCP,
  TCP_SYN,
  UDP,
  UDP_LITE,
} from './protocols.ts';
import { decodeGrePayload, decodeIpTunnel, decodeUdpTunnel } from './tunnels.ts';

const TCP_HEADER = 20;
/** Sequence, acknowledgment, flags and window stand in the first bytes. */
const TCP_FIXED = 16;
const UDP_HEADER = 8;
const SCTP_HEADER = 12;
const SCTP_DATA = 0;
/** With a sequence number of 24 bits. */
const DCCP_HEADER = 12;
const DNS_HEADER = 12;
const DNS = 53;
const MULTICAST_DNS = 5353;

const OPTION_END = 0;
const OPTION_NOP = 1;
const OPTION_MSS = 2;
const OPTION_TIMESTAMPS = 8;

export function decodeTransport(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): void {
  if (headers.fragmentOffset > 0) {
    payload(headers, bytes, at, end, packetEnd);
    return;
  }
  switch (headers.protocol) {
    case TCP:
      decodeTcp(headers, bytes, at, end, packetEnd);
      return;
    case UDP:
    case UDP_LITE:
      decodeUdp(headers, bytes, at, end, packetEnd);
      return;
    case ICMP:
      decodeIcmp(headers, bytes, at, end);
      payload(headers, bytes, at + 8, end, packetEnd);
      return;
    case ICMPV6:
      decodeIcmpv6(headers, bytes, at, end);
      payload(headers, bytes, at + 8, end, packetEnd);
      return;
    case SCTP:
      decodePorts(headers, bytes, at, end);
      decodeSctp(headers, bytes, at, end);
      payload(headers, bytes, at + SCTP_HEADER, end, packetEnd);
      return;
    case DCCP:
      decodePorts(headers, bytes, at, end);
      payload(headers, bytes, at + DCCP_HEADER, end, packetEnd);
      return;
    case GRE:
      decodeGre(headers, bytes, at, end, packetEnd);
      return;
    case IPIP:
    case IPV6:
    case ETHERIP:
    case ETHERNET_IN_IP:
    case PIM:
    case MPLS_IN_IP:
      if (decodeIpTunnel(headers, headers.protocol, bytes, at, end, packetEnd)) return;
      headers.hasTransport = true;
      payload(headers, bytes, at, end, packetEnd);
      return;
    default:
      headers.hasTransport = true;
      payload(headers, bytes, at, end, packetEnd);
  }
}

function decodePorts(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 4) return;
  headers.sourcePort = u16be(bytes, at);
  headers.destinationPort = u16be(bytes, at + 2);
  headers.hasTransport = true;
}

function decodeTcp(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): void {
  decodePorts(headers, bytes, at, end);
  if (end - at < TCP_FIXED) return;
  headers.hasSequence = true;
  headers.sequence = u32be(bytes, at + 4);
  headers.acknowledgment = u32be(bytes, at + 8);
  headers.tcpFlags = bytes[at + 13]!;
  headers.window = u16be(bytes, at + 14);
  const headerLength = (bytes[at + 12]! >> 4) * 4;
  // A header shorter than the smallest is damage: its payload cannot be told.
  if (headerLength < TCP_HEADER) return;
  if (headerLength > TCP_HEADER) tcpOptions(headers, bytes, at + TCP_HEADER, at + headerLength, end);
  else if (headers.tcpFlags & TCP_SYN) headers.synOptions = finish(0, 0) >>> 0;
  payload(headers, bytes, at + headerLength, end, packetEnd);
}

function tcpOptions(headers: Headers, bytes: Uint8Array, start: number, optionsEnd: number, end: number): void {
  const captured = Math.min(optionsEnd, end);
  const isSyn = (headers.tcpFlags & TCP_SYN) !== 0;
  let hash = 0;
  let mixed = 0;
  let at = start;
  while (at < captured) {
    const kind = bytes[at]!;
    if (kind === OPTION_END) break;
    if (kind === OPTION_NOP) {
      at += 1;
      continue;
    }
    if (captured - at < 2) return;
    const length = bytes[at + 1]!;
    if (length < 2 || at + length > captured) return;
    if (kind === OPTION_TIMESTAMPS && length === 10) {
      headers.tsVal = u32be(bytes, at + 2);
      headers.tsEcr = u32be(bytes, at + 6);
      headers.hasTimestamps = true;
    } else if (kind === OPTION_MSS && length === 4) {
      headers.mss = u16be(bytes, at + 2);
    } else if (isSyn) {
      for (let i = at; i < at + length; i += 1) hash = mix(hash, bytes[i]!);
      mixed += length;
    }
    at += length;
  }
  if (isSyn && captured === optionsEnd) headers.synOptions = finish(hash, mixed) >>> 0;
}

/** RFC 9260: the tag that the receiver chose, and the number of the first chunk's data. */
function decodeSctp(headers: Headers, bytes: Uint8Array, at: number, end: number): void {
  if (end - at < 8) return;
  headers.verificationTag = u32be(bytes, at + 4);
  if (end - at >= SCTP_HEADER + 8 && bytes[at + SCTP_HEADER] === SCTP_DATA) {
    headers.tsn = u32be(bytes, at + SCTP_HEADER + 4);
  }
}

function decodeUdp(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): void {
  let udpEnd = packetEnd;
  if (headers.protocol === UDP && end - at >= 6) {
    // UDP may end before the IP packet; its length cannot reach past it, but a first fragment's does.
    const length = u16be(bytes, at + 4);
    if (length >= UDP_HEADER && at + length < packetEnd) udpEnd = at + length;
    if (decodeUdpTunnel(headers, bytes, at, Math.min(end, udpEnd), udpEnd)) return;
  }
  decodePorts(headers, bytes, at, end);
  payload(headers, bytes, at + UDP_HEADER, Math.min(end, udpEnd), udpEnd);
  const { sourcePort, destinationPort, payloadStart } = headers;
  if (
    (sourcePort === DNS ||
      destinationPort === DNS ||
      sourcePort === MULTICAST_DNS ||
      destinationPort === MULTICAST_DNS) &&
    headers.payloadLength >= DNS_HEADER &&
    headers.payloadEnd - payloadStart >= 4
  ) {
    headers.dnsId = u16be(bytes, payloadStart);
    headers.dnsFlags = bytes[payloadStart + 2]! & 0x80 ? 2 : 1;
  }
}

/** RFC 2784, 2890; version 1 is PPTP's (RFC 2637), whose call id is what conntrack keys by. */
function decodeGre(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): void {
  if (end - at < 4) return;
  const flags = u16be(bytes, at);
  const version = flags & 7;
  let length = 4;
  if (flags & 0xc000) length += 4; // checksum, routing offset
  if (flags & 0x2000) length += 4; // key
  if (flags & 0x1000) length += 4; // sequence number
  if (version === 1) {
    if (flags & 0x0080) length += 4; // acknowledgment
    if (end - at < 8) return;
    if (tunnelled(headers, bytes, at, at + length, flags, end, packetEnd)) return;
    headers.destinationPort = u16be(bytes, at + 6);
  } else if (version === 0 && tunnelled(headers, bytes, at, at + length, flags, end, packetEnd)) return;
  headers.hasTransport = true;
  payload(headers, bytes, at + length, end, packetEnd);
}

/** GRE's payload as a packet within; not behind source routes (RFC 1701), whose length is not told. */
function tunnelled(
  headers: Headers,
  bytes: Uint8Array,
  at: number,
  payloadAt: number,
  flags: number,
  end: number,
  packetEnd: number,
): boolean {
  if (payloadAt > end || (flags & 0x4000) !== 0) return false;
  const key = (flags & 0x2000) !== 0 ? u32be(bytes, at + ((flags & 0x8000) !== 0 ? 8 : 4)) : 0;
  const hasSequence = (flags & 0x1000) !== 0;
  return decodeGrePayload(headers, u16be(bytes, at + 2), hasSequence, key, bytes, payloadAt, end, packetEnd);
}

/** The payload from `at` on, of which nothing may have been captured. */
function payload(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): void {
  if (packetEnd > at) headers.payloadLength = packetEnd - at;
  const start = at < end ? at : end;
  headers.payloadStart = start;
  headers.payloadEnd = end;
  if (start < end) {
    const covered = end - start > DIGEST_LENGTH ? DIGEST_LENGTH : end - start;
    headers.digest = digest(bytes, start, start + covered) >>> 0;
    headers.digestLength = covered;
  }
}
