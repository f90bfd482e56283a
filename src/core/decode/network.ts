// From a link header's EtherType to the IP packet: VLAN tags, MPLS labels, PPPoE and PPP, LLC. Link layers and tunnels share
// it. All return true where an IP packet was found whose addresses could be read, and leave `headers` as they were if not.
import { u16be, u32be } from '../bytes/integers.ts';
import { MAX_TUNNELS } from './encapsulation.ts';
import type { Headers } from './headers.ts';
import { decodeIpv4, decodeIpv6 } from './ip.ts';
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_MACSEC,
  ETHERTYPE_MPLS,
  ETHERTYPE_MPLS_MULTICAST,
  ETHERTYPE_NSH,
  ETHERTYPE_PPP,
  ETHERTYPE_PPPOE_SESSION,
  ETHERTYPE_TRANSPARENT,
  FIRST_ETHERTYPE,
  isVlanTag,
} from './protocols.ts';

export const ETHERNET_HEADER = 14;
export const VLAN_TAG = 4;
export const MPLS_LABEL = 4;
export const PPPOE_HEADER = 6;
const MACSEC_TAG = 6;
const LLC_HEADER = 3;
/** LLC and SNAP before an EtherType (RFC 1042): AA AA 03, organisation, type. */
export const SNAP_HEADER = 8;

/** PPP protocols (RFC 1661). */
export const PPP_IPV4 = 0x0021;
export const PPP_IPV6 = 0x0057;
export const PPP_MPLS = 0x0281;

export function decodeNetwork(
  headers: Headers,
  etherType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireEnd: number,
): boolean {
  let type = etherType;
  let at = start;
  while (isVlanTag(type)) {
    if (end - at < VLAN_TAG) return false;
    type = u16be(bytes, at + 2);
    at += VLAN_TAG;
  }
  switch (type) {
    case ETHERTYPE_IPV4:
      return decodeIpv4(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_IPV6:
      return decodeIpv6(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
      return decodeMpls(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_PPPOE_SESSION:
      return decodePppoe(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_PPP:
      return decodePpp(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_NSH:
      return decodeNsh(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_MACSEC:
      return decodeMacsec(headers, bytes, at, end, wireEnd);
    case ETHERTYPE_TRANSPARENT:
      return decodeInnerEthernet(headers, bytes, at, end, wireEnd);
    default:
      return type < FIRST_ETHERTYPE && decodeLlc(headers, bytes, at, end, wireEnd);
  }
}

/** An IP packet of either version. */
export function decodeIp(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end <= at) return false;
  const version = bytes[at]! >> 4;
  if (version === 4) return decodeIpv4(headers, bytes, at, end, wireEnd);
  return version === 6 && decodeIpv6(headers, bytes, at, end, wireEnd);
}

export function decodeEthernet(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < ETHERNET_HEADER) return false;
  const type = u16be(bytes, at + 12);
  if (type === ETHERTYPE_IPV4) return decodeIpv4(headers, bytes, at + ETHERNET_HEADER, end, wireEnd);
  return decodeNetwork(headers, type, bytes, at + ETHERNET_HEADER, end, wireEnd);
}

/** A frame within a frame; how deep is bounded. */
function decodeInnerEthernet(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (headers.depth >= MAX_TUNNELS) return false;
  headers.depth += 1;
  return decodeEthernet(headers, bytes, at, end, wireEnd);
}

/** IEEE 802.2: SNAP of RFC 1042 or of bridges (802.1H), or IP's own service access point. */
export function decodeLlc(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < LLC_HEADER) return false;
  const word = (bytes[at]! << 16) | u16be(bytes, at + 1);
  if (word === 0x060603) return decodeIpv4(headers, bytes, at + LLC_HEADER, end, wireEnd);
  if (word !== 0xaaaa03 || end - at < SNAP_HEADER) return false;
  const organisation = (bytes[at + 3]! << 16) | u16be(bytes, at + 4);
  if (organisation !== 0 && organisation !== 0x0000f8) return false;
  return decodeNetwork(headers, u16be(bytes, at + 6), bytes, at + SNAP_HEADER, end, wireEnd);
}

/** RFC 3032. What the labels carry is told by its first nibble (RFC 4928): 0 begins a pseudowire's control word (RFC 4385). */
export function decodeMpls(headers: Headers, bytes: Uint8Array, start: number, end: number, wireEnd: number): boolean {
  let at = start;
  for (;;) {
    if (end - at < MPLS_LABEL) return false;
    const isLast = (bytes[at + 2]! & 1) !== 0;
    at += MPLS_LABEL;
    if (isLast) break;
  }
  if (end <= at) return false;
  const version = bytes[at]! >> 4;
  if (version === 4 || version === 6) return decodeIp(headers, bytes, at, end, wireEnd);
  const frame = beginsWithControlWord(bytes, at, end) ? at + 4 : at;
  return decodeInnerEthernet(headers, bytes, frame, end, wireEnd);
}

/** A control word, or a destination MAC that begins alike: the EtherType behind the one or the other tells. */
export function beginsWithControlWord(bytes: Uint8Array, at: number, end: number): boolean {
  if (bytes[at]! >> 4 !== 0) return false;
  const type = at + ETHERNET_HEADER - 2;
  return end - type < 6 || isUsualType(u16be(bytes, type + 4)) || !isUsualType(u16be(bytes, type));
}

function isUsualType(type: number): boolean {
  return type === ETHERTYPE_IPV4 || type === ETHERTYPE_IPV6 || type === ETHERTYPE_ARP || isVlanTag(type);
}

/** A service function's header (RFC 8300): its length in words, what follows it. */
function decodeNsh(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < 8) return false;
  const packet = at + nshHeader(bytes, at);
  if (packet > end || headers.depth >= MAX_TUNNELS) return false;
  headers.depth += 1;
  return decodeNetwork(headers, nshPayloadType(bytes[at + 3]!), bytes, packet, end, wireEnd);
}

export function nshHeader(bytes: Uint8Array, at: number): number {
  return Math.max(8, (bytes[at + 1]! & 0x3f) * 4);
}

/** The EtherType of NSH's next protocol; 1 (none that is decoded) for others. */
export function nshPayloadType(next: number): number {
  const types = [1, ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_TRANSPARENT, ETHERTYPE_NSH, ETHERTYPE_MPLS];
  return types[next] ?? 1;
}

/** IEEE 802.1AE where it only proves integrity; encrypted, its inside cannot be read. */
function decodeMacsec(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < MACSEC_TAG + 2 || isEncrypted(bytes[at]!)) return false;
  const type = at + macsecHeader(bytes[at]!);
  if (end - type < 2 || headers.depth >= MAX_TUNNELS) return false;
  headers.depth += 1;
  return decodeNetwork(headers, u16be(bytes, type), bytes, type + 2, end, wireEnd);
}

/** Encrypted, or altered otherwise: the E and C bits of the tag. */
export function isEncrypted(tagControl: number): boolean {
  return (tagControl & 0x0c) !== 0;
}

/** Up to the EtherType: the tag, with the channel's identifier where the SC bit is set. */
export function macsecHeader(tagControl: number): number {
  return (tagControl & 0x20) !== 0 ? MACSEC_TAG + 8 : MACSEC_TAG;
}

/** A session (RFC 2516): version 1, type 1, code 0. */
export function decodePppoe(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < PPPOE_HEADER || bytes[at] !== 0x11 || bytes[at + 1] !== 0) return false;
  return decodePpp(headers, bytes, at + PPPOE_HEADER, end, wireEnd);
}

/** RFC 1661, 1662: address and control may be left out, the protocol be compressed to one byte. */
export function decodePpp(headers: Headers, bytes: Uint8Array, start: number, end: number, wireEnd: number): boolean {
  let at = start;
  if (end - at >= 2 && u16be(bytes, at) === 0xff03) at += 2;
  if (end - at < 2) return false;
  const isCompressed = (bytes[at]! & 1) !== 0;
  const protocol = isCompressed ? bytes[at]! : u16be(bytes, at);
  at += isCompressed ? 1 : 2;
  switch (protocol) {
    case PPP_IPV4:
      return decodeIpv4(headers, bytes, at, end, wireEnd);
    case PPP_IPV6:
      return decodeIpv6(headers, bytes, at, end, wireEnd);
    case PPP_MPLS:
      return decodeMpls(headers, bytes, at, end, wireEnd);
    default:
      return false;
  }
}

/** Cisco's HDLC: address, control, EtherType. */
export function decodeCiscoHdlc(
  headers: Headers,
  bytes: Uint8Array,
  at: number,
  end: number,
  wireEnd: number,
): boolean {
  return end - at >= 4 && decodeNetwork(headers, u16be(bytes, at + 2), bytes, at + 4, end, wireEnd);
}

/** Whether these bytes begin as Cisco's HDLC does: unicast or multicast address, control 0. */
export function isCiscoHdlc(bytes: Uint8Array, at: number, end: number): boolean {
  return end - at >= 4 && (bytes[at] === 0x0f || bytes[at] === 0x8f) && bytes[at + 1] === 0;
}

/** RFC 2427 behind an address of two to four bytes (Q.922), or Cisco's EtherType in its place. */
export function decodeFrameRelay(
  headers: Headers,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireEnd: number,
): boolean {
  let at = start;
  while (at < end && at < start + 3 && (bytes[at]! & 1) === 0) at += 1;
  at += 1;
  if (end - at < 3) return false;
  if (bytes[at] !== 0x03) return decodeNetwork(headers, u16be(bytes, at), bytes, at + 2, end, wireEnd);
  if (bytes[at + 1] === 0) at += 1;
  switch (bytes[at + 1]) {
    case 0xcc:
      return decodeIpv4(headers, bytes, at + 2, end, wireEnd);
    case 0x8e:
      return decodeIpv6(headers, bytes, at + 2, end, wireEnd);
    case 0x80:
      if (end - at < 7 || u32be(bytes, at + 1) !== 0x80000000) return false;
      return decodeNetwork(headers, u16be(bytes, at + 5), bytes, at + 7, end, wireEnd);
    default:
      return false;
  }
}
