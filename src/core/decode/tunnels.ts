// Tunnels, for the fast decoder: the flow of a packet is that of the innermost IP packet which could be read. Each function
// here gets a tunnel's bytes, returns true where it found such a packet, whose headers then stand in `headers`, and false
// with the outer packet's headers untouched.
//
// A tunnel is told by its port or protocol number and by what must stand in its header. VXLAN is recognised on any port,
// by rules so strict that other data does not pass: see `looksLikeVxlan`.
import { folded, wordSum } from '../bytes/checksum.ts';
import { u16be, u32be } from '../bytes/integers.ts';
import * as E from './encapsulation.ts';
import type { Headers } from './headers.ts';
import { decodeIpv6 } from './ip.ts';
import { IPV4_HEADER } from './ip-fields.ts';
import { ETHERNET_HEADER, decodeEthernet, decodeIp, decodeMpls, decodeNetwork } from './network.ts';
import {
  ETHERIP,
  ETHERNET_IN_IP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_NSH,
  ETHERTYPE_TRANSPARENT,
  IPIP,
  IPV6,
  MPLS_IN_IP,
  PIM,
} from './protocols.ts';

const UDP_HEADER = 8;
const VXLAN_HAS_VNI = 0x08;
const GTP_G_PDU = 0xff;

/**
 * Begins to unwrap a tunnel: false where that would be too deep. Keeps the addresses of the outermost packet, which those
 * of the inner one are about to replace.
 */
function enter(headers: Headers): boolean {
  if (headers.depth >= E.MAX_TUNNELS) return false;
  if (headers.depth === 0) {
    headers.tunnelSource.set(headers.source);
    headers.tunnelDestination.set(headers.destination);
  }
  headers.depth += 1;
  return true;
}

/** What a tunnel carries by its EtherType; a frame is as deep as the tunnel itself. */
function decodeCarried(
  headers: Headers,
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  packetEnd: number,
): boolean {
  if (type === ETHERTYPE_TRANSPARENT) return decodeEthernet(headers, bytes, at, end, packetEnd);
  return decodeNetwork(headers, type, bytes, at, end, packetEnd);
}

/** The outermost tunnel is noted last. */
function unwrapped(headers: Headers, isInside: boolean, kind: number, id: number): boolean {
  if (isInside) {
    headers.tunnel = kind;
    headers.tunnelId = id;
  }
  return isInside;
}

/** IP, Ethernet or MPLS right behind an IP header. */
export function decodeIpTunnel(
  headers: Headers,
  protocol: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  packetEnd: number,
): boolean {
  if (end - at < 4 || !enter(headers)) return false;
  switch (protocol) {
    case IPIP:
    case IPV6:
      return unwrapped(headers, decodeIp(headers, bytes, at, end, packetEnd), E.IP_IN_IP, 0);
    case ETHERIP:
      // RFC 3378: version 3.
      if (bytes[at]! >> 4 !== 3) return false;
      return unwrapped(headers, decodeEthernet(headers, bytes, at + E.ETHERIP_HEADER, end, packetEnd), E.ETHER_IP, 0);
    case ETHERNET_IN_IP:
      return unwrapped(headers, decodeEthernet(headers, bytes, at, end, packetEnd), E.ETHER_IP, 0);
    case PIM:
      // A multicast packet on its way to the rendezvous point (RFC 7761): version 2, type 1.
      if (bytes[at] !== 0x21) return false;
      return unwrapped(
        headers,
        decodeIp(headers, bytes, at + E.PIM_REGISTER_HEADER, end, packetEnd),
        E.PIM_REGISTER,
        0,
      );
    case MPLS_IN_IP:
      return unwrapped(headers, decodeMpls(headers, bytes, at, end, packetEnd), E.MPLS_TUNNEL, u32be(bytes, at) >>> 12);
    default:
      return false;
  }
}

/** What GRE carries from `at` on (RFC 2784); `id` is its key. ERSPAN I has no sequence number and no header of its own. */
export function decodeGrePayload(
  headers: Headers,
  type: number,
  hasSequence: boolean,
  id: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  packetEnd: number,
): boolean {
  if (!enter(headers)) return false;
  if (type === E.ERSPAN_2_TYPE) {
    const frame = hasSequence ? at + E.ERSPAN_2_HEADER : at;
    if (end < frame) return false;
    const session = hasSequence ? u16be(bytes, at + 2) & 0x03ff : 0;
    return unwrapped(headers, decodeEthernet(headers, bytes, frame, end, packetEnd), E.ERSPAN, session);
  }
  if (type === E.ERSPAN_3_TYPE) {
    if (end - at < E.ERSPAN_3_HEADER) return false;
    const frame = at + erspan3Header(bytes, at);
    const session = u16be(bytes, at + 2) & 0x03ff;
    return unwrapped(headers, decodeEthernet(headers, bytes, frame, end, packetEnd), E.ERSPAN, session);
  }
  return unwrapped(headers, decodeCarried(headers, type, bytes, at, end, packetEnd), E.GRE_TUNNEL, id);
}

/** With the platform's subheader, where the last bit tells of one. */
export function erspan3Header(bytes: Uint8Array, at: number): number {
  return E.ERSPAN_3_HEADER + (bytes[at + E.ERSPAN_3_HEADER - 1]! & 1) * 8;
}

/** A tunnel in the UDP datagram whose header is at `at`. */
export function decodeUdpTunnel(
  headers: Headers,
  bytes: Uint8Array,
  at: number,
  end: number,
  packetEnd: number,
): boolean {
  const payload = at + UDP_HEADER;
  if (end - payload < 8) return false;
  const kind = udpTunnel(bytes, at, end, packetEnd);
  if (kind === E.NO_TUNNEL || !enter(headers)) return false;
  switch (kind) {
    case E.VXLAN:
      return unwrapped(
        headers,
        decodeVxlan(headers, bytes, payload, end, packetEnd),
        kind,
        u32be(bytes, payload + 4) >>> 8,
      );
    case E.GENEVE: {
      const frame = payload + geneveHeader(bytes[payload]!);
      const type = u16be(bytes, payload + 2);
      const isInside = end >= frame && decodeCarried(headers, type, bytes, frame, end, packetEnd);
      return unwrapped(headers, isInside, kind, u32be(bytes, payload + 4) >>> 8);
    }
    case E.GTP_U: {
      const packet = gtpPayload(bytes, payload, end);
      const isInside = packet >= 0 && decodeIp(headers, bytes, packet, end, packetEnd);
      return unwrapped(headers, isInside, kind, u32be(bytes, payload + 4));
    }
    case E.TEREDO: {
      const packet = teredoPayload(bytes, payload, end);
      return unwrapped(headers, packet >= 0 && decodeIpv6(headers, bytes, packet, end, packetEnd), kind, 0);
    }
    case E.MPLS_TUNNEL:
      return unwrapped(
        headers,
        decodeMpls(headers, bytes, payload, end, packetEnd),
        kind,
        u32be(bytes, payload) >>> 12,
      );
    default:
      return false;
  }
}

/** Which tunnel the UDP datagram at `at` is, by its ports and the first bytes of its payload, of which eight are there. */
export function udpTunnel(bytes: Uint8Array, at: number, end: number, packetEnd: number): number {
  const payload = at + UDP_HEADER;
  const first = bytes[payload]!;
  switch (u16be(bytes, at + 2)) {
    case E.VXLAN_PORT:
    case E.VXLAN_LINUX_PORT:
    case E.VXLAN_GPE_PORT:
      return (first & VXLAN_HAS_VNI) !== 0 ? E.VXLAN : E.NO_TUNNEL;
    case E.GENEVE_PORT:
      // Version 0.
      return first >> 6 === 0 ? E.GENEVE : E.NO_TUNNEL;
    case E.GTP_U_PORT:
      // Version 1, GTP proper, a user's packet.
      return (first & 0xf0) === 0x30 && bytes[payload + 1] === GTP_G_PDU ? E.GTP_U : E.NO_TUNNEL;
    case E.MPLS_PORT:
      return E.MPLS_TUNNEL;
    case E.TEREDO_PORT:
      return isTeredo(bytes, payload, end) ? E.TEREDO : E.NO_TUNNEL;
    default:
      if (u16be(bytes, at) === E.TEREDO_PORT && isTeredo(bytes, payload, end)) return E.TEREDO;
      return looksLikeVxlan(bytes, payload, end, packetEnd) ? E.VXLAN : E.NO_TUNNEL;
  }
}

/** RFC 7348: an Ethernet frame; with the generic protocol extension its next protocol. */
function decodeVxlan(headers: Headers, bytes: Uint8Array, at: number, end: number, packetEnd: number): boolean {
  const type = vxlanPayloadType(bytes, at);
  return decodeCarried(headers, type, bytes, at + E.VXLAN_HEADER, end, packetEnd);
}

/** The EtherType of what VXLAN carries. */
export function vxlanPayloadType(bytes: Uint8Array, at: number): number {
  if ((bytes[at]! & 0x04) === 0) return ETHERTYPE_TRANSPARENT;
  const next = bytes[at + 3]!;
  if (next === 1) return ETHERTYPE_IPV4;
  if (next === 4) return ETHERTYPE_NSH;
  return next === 2 ? ETHERTYPE_IPV6 : ETHERTYPE_TRANSPARENT;
}

/**
 * VXLAN on another port: the flags and all reserved bits are as RFC 7348 wants them, and behind a unicast source MAC
 * stands an IPv4 packet that ends where the datagram ends and whose header checksum is right.
 */
function looksLikeVxlan(bytes: Uint8Array, at: number, end: number, packetEnd: number): boolean {
  if (bytes[at] !== VXLAN_HAS_VNI || u32be(bytes, at) !== 0x08000000 || bytes[at + 7] !== 0) return false;
  const frame = at + E.VXLAN_HEADER;
  const ip = frame + ETHERNET_HEADER;
  if (end - ip < IPV4_HEADER || (bytes[frame + 6]! & 1) !== 0) return false;
  if (u16be(bytes, frame + 12) !== ETHERTYPE_IPV4 || bytes[ip] !== 0x45) return false;
  return ip + u16be(bytes, ip + 2) === packetEnd && folded(wordSum(bytes, ip, ip + IPV4_HEADER)) === 0xffff;
}

/** With the options (RFC 8926). */
export function geneveHeader(firstByte: number): number {
  return E.GENEVE_HEADER + (firstByte & 0x3f) * 4;
}

/** Behind the optional fields and extension headers (3GPP TS 29.281); -1 where they are cut. */
export function gtpPayload(bytes: Uint8Array, start: number, end: number): number {
  const flags = bytes[start]!;
  let at = start + E.GTP_HEADER;
  if ((flags & 7) === 0) return at;
  at += 4;
  if (at > end) return -1;
  let next = (flags & 4) !== 0 ? bytes[at - 1]! : 0;
  while (next !== 0) {
    if (at >= end) return -1;
    const length = bytes[at]! * 4;
    if (length === 0 || at + length > end) return -1;
    at += length;
    next = bytes[at - 1]!;
  }
  return at;
}

/** Behind authentication and origin indication (RFC 4380 5.1.1); -1 where they are cut. */
export function teredoPayload(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  if (u16be(bytes, at) === 0x0001) at += 13 + bytes[at + 2]! + bytes[at + 3]!;
  if (end - at >= 2 && u16be(bytes, at) === 0) at += 8;
  return at <= end ? at : -1;
}

function isTeredo(bytes: Uint8Array, at: number, end: number): boolean {
  const packet = teredoPayload(bytes, at, end);
  return packet >= 0 && packet < end && bytes[packet]! >> 4 === 6;
}
