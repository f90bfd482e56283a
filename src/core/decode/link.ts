// The link layer of the fast decoder: finds the IP packet in a frame. It never throws, whatever the bytes, and never reads
// at or past `end`. What each link type's header is, is told at www.tcpdump.org/linktypes.html.
import { u16be, u16le, u32be, u32le } from '../bytes/integers.ts';
import * as L from '../formats/link-types.ts';
import type { Headers } from './headers.ts';
import {
  decodeCiscoHdlc,
  decodeEthernet,
  decodeFrameRelay,
  decodeIp,
  decodeLlc,
  decodeMpls,
  decodeNetwork,
  decodePpp,
  decodePppoe,
  isCiscoHdlc,
} from './network.ts';
import { etherTypeOfFamily } from './protocols.ts';

const SLL_HEADER = 16;
const SLL2_HEADER = 20;
export const ENC_HEADER = 12;
const TOKEN_RING_HEADER = 14;
const FDDI_HEADER = 13;
const FIBRE_CHANNEL_HEADER = 16;
const IEEE1394_HEADER = 18;
const IPNET_HEADER = 24;
const NETANALYZER_HEADER = 4;
/** InfiniBand's global route header and IPoIB's own. */
const IPOIB_HEADER = 44;
/** Netlink messages in a cooked capture: their protocol field is a netlink family. */
const ARPHRD_NETLINK = 824;
/** NFLOG's attribute that holds the packet. */
const NFULA_PAYLOAD = 9;
/** "MGC" before a Juniper router's frames. */
const JUNIPER_MAGIC = 0x4d4743;
const JUNIPER_EXTENSION = 0x80;
const JUNIPER_NO_LINK = 0x02;

const DECODED: ReadonlySet<number> = new Set([
  L.LINKTYPE_NULL,
  L.LINKTYPE_ETHERNET,
  L.LINKTYPE_TOKEN_RING,
  L.LINKTYPE_PPP,
  L.LINKTYPE_FDDI,
  L.LINKTYPE_RAW_12,
  L.LINKTYPE_RAW_14,
  L.LINKTYPE_PPP_SERIAL,
  L.LINKTYPE_PPP_ETHER,
  L.LINKTYPE_ATM_RFC1483,
  L.LINKTYPE_RAW,
  L.LINKTYPE_C_HDLC,
  L.LINKTYPE_FRELAY,
  L.LINKTYPE_LOOP,
  L.LINKTYPE_ENC,
  L.LINKTYPE_LINUX_SLL,
  L.LINKTYPE_PFLOG,
  L.LINKTYPE_IP_OVER_FC,
  L.LINKTYPE_APPLE_IP_OVER_IEEE1394,
  L.LINKTYPE_PPP_PPPD,
  L.LINKTYPE_JUNIPER_ETHER,
  L.LINKTYPE_JUNIPER_PPP,
  L.LINKTYPE_JUNIPER_CHDLC,
  L.LINKTYPE_PPP_WITH_DIR,
  L.LINKTYPE_C_HDLC_WITH_DIR,
  L.LINKTYPE_FRELAY_WITH_DIR,
  L.LINKTYPE_MPLS,
  L.LINKTYPE_IPNET,
  L.LINKTYPE_IPV4,
  L.LINKTYPE_IPV6,
  L.LINKTYPE_NFLOG,
  L.LINKTYPE_NETANALYZER,
  L.LINKTYPE_IPOIB,
  L.LINKTYPE_PKTAP,
  L.LINKTYPE_LINUX_SLL2,
]);

/** Whether `decodeHeaders` knows the link type. */
export function isDecodedLinkType(linkType: number): boolean {
  return DECODED.has(linkType);
}

/**
 * Fills `headers` from the frame `bytes[start..end)`. True where it holds an IP packet whose addresses could be read: the
 * innermost, where tunnels carry one. `wireLength` serves packets whose IP length is 0 (segmentation offload), where the
 * frame's length takes its place.
 */
export function decodeHeaders(
  headers: Headers,
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength = end - start,
): boolean {
  headers.clear();
  const wireEnd = start + wireLength;
  switch (linkType) {
    case L.LINKTYPE_ETHERNET:
      return decodeEthernet(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_LINUX_SLL: {
      if (end - start < SLL_HEADER) return false;
      headers.linkPacketType = u16be(bytes, start);
      headers.linkHardware = u16be(bytes, start + 2);
      if (headers.linkHardware === ARPHRD_NETLINK) return false;
      return decodeNetwork(headers, u16be(bytes, start + 14), bytes, start + SLL_HEADER, end, wireEnd);
    }
    case L.LINKTYPE_LINUX_SLL2: {
      if (end - start < SLL2_HEADER) return false;
      // An index is a signed int in the kernel; no system has as many as 2^31.
      headers.linkInterface = u32be(bytes, start + 4) & 0x7fffffff;
      headers.linkPacketType = bytes[start + 10]!;
      headers.linkHardware = u16be(bytes, start + 8);
      if (headers.linkHardware === ARPHRD_NETLINK) return false;
      return decodeNetwork(headers, u16be(bytes, start), bytes, start + SLL2_HEADER, end, wireEnd);
    }
    case L.LINKTYPE_PKTAP: {
      const payload = pktapPayload(bytes, start, end);
      if (payload < 0) return false;
      const linkTypeWithin = u32le(bytes, start + 8);
      return linkTypeWithin !== L.LINKTYPE_PKTAP && decodeFrame(headers, linkTypeWithin, bytes, payload, end, wireEnd);
    }
    default:
      return decodeFrame(headers, linkType, bytes, start, end, wireEnd);
  }
}

/** The link types that are rarer in captures of a cluster. */
function decodeFrame(
  headers: Headers,
  linkType: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireEnd: number,
): boolean {
  switch (linkType) {
    case L.LINKTYPE_ETHERNET:
      return decodeEthernet(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_RAW:
    case L.LINKTYPE_RAW_12:
    case L.LINKTYPE_RAW_14:
    case L.LINKTYPE_IPV4:
    case L.LINKTYPE_IPV6:
      return decodeIp(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_NULL:
    case L.LINKTYPE_LOOP:
      if (end - start < 4) return false;
      return decodeNetwork(headers, familyAt(bytes, start), bytes, start + 4, end, wireEnd);
    case L.LINKTYPE_PPP:
    case L.LINKTYPE_PPP_SERIAL:
      if (isCiscoHdlc(bytes, start, end)) return decodeCiscoHdlc(headers, bytes, start, end, wireEnd);
      return decodePpp(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_PPP_PPPD:
    case L.LINKTYPE_PPP_WITH_DIR: {
      // The direction, in the address's place or before it.
      const ppp = end - start >= 2 && bytes[start + 1] === 0x03 ? start + 2 : start + 1;
      return decodePpp(headers, bytes, ppp, end, wireEnd);
    }
    case L.LINKTYPE_PPP_ETHER:
      return decodePppoe(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_C_HDLC:
      return decodeCiscoHdlc(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_C_HDLC_WITH_DIR:
      return decodeCiscoHdlc(headers, bytes, start + 1, end, wireEnd);
    case L.LINKTYPE_FRELAY:
      return decodeFrameRelay(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_FRELAY_WITH_DIR:
      return decodeFrameRelay(headers, bytes, start + 1, end, wireEnd);
    case L.LINKTYPE_MPLS:
      return decodeMpls(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_ENC:
      if (end - start < ENC_HEADER) return false;
      return decodeNetwork(headers, familyAt(bytes, start), bytes, start + ENC_HEADER, end, wireEnd);
    case L.LINKTYPE_PFLOG:
      if (end - start < 2) return false;
      return decodeIp(headers, bytes, start + pflogHeader(bytes[start]!), end, wireEnd);
    case L.LINKTYPE_NFLOG: {
      const packet = nflogPayload(bytes, start, end);
      return packet >= 0 && decodeIp(headers, bytes, packet, end, wireEnd);
    }
    case L.LINKTYPE_TOKEN_RING:
      if (end - start < TOKEN_RING_HEADER) return false;
      return decodeLlc(headers, bytes, start + tokenRingHeader(bytes, start, end), end, wireEnd);
    case L.LINKTYPE_FDDI:
      return decodeLlc(headers, bytes, start + FDDI_HEADER, end, wireEnd);
    case L.LINKTYPE_ATM_RFC1483:
      return decodeLlc(headers, bytes, start, end, wireEnd);
    case L.LINKTYPE_IP_OVER_FC:
      return decodeLlc(headers, bytes, start + FIBRE_CHANNEL_HEADER, end, wireEnd);
    case L.LINKTYPE_APPLE_IP_OVER_IEEE1394:
      if (end - start < IEEE1394_HEADER) return false;
      return decodeNetwork(headers, u16be(bytes, start + 16), bytes, start + IEEE1394_HEADER, end, wireEnd);
    case L.LINKTYPE_IPNET:
      return decodeIp(headers, bytes, start + IPNET_HEADER, end, wireEnd);
    case L.LINKTYPE_NETANALYZER:
      return decodeEthernet(headers, bytes, start + NETANALYZER_HEADER, end, wireEnd);
    case L.LINKTYPE_IPOIB:
      if (end - start < IPOIB_HEADER) return false;
      return decodeNetwork(headers, u16be(bytes, start + 40), bytes, start + IPOIB_HEADER, end, wireEnd);
    case L.LINKTYPE_JUNIPER_ETHER:
    case L.LINKTYPE_JUNIPER_PPP:
    case L.LINKTYPE_JUNIPER_CHDLC: {
      const frame = juniperPayload(bytes, start, end);
      if (frame < 0) return false;
      if ((bytes[start + 3]! & JUNIPER_NO_LINK) !== 0) return decodeIp(headers, bytes, frame, end, wireEnd);
      if (linkType === L.LINKTYPE_JUNIPER_ETHER) return decodeEthernet(headers, bytes, frame, end, wireEnd);
      if (linkType === L.LINKTYPE_JUNIPER_PPP) return decodePpp(headers, bytes, frame, end, wireEnd);
      return decodeCiscoHdlc(headers, bytes, frame, end, wireEnd);
    }
    default:
      return false;
  }
}

/** The EtherType of an address family in the byte order of the machine that captured, which the file need not share. */
export function familyAt(bytes: Uint8Array, at: number): number {
  return etherTypeOfFamily(u32be(bytes, at)) || etherTypeOfFamily(u32le(bytes, at));
}

/** PF's header tells its length, without the padding to whole words. */
export function pflogHeader(length: number): number {
  return (length + 3) & ~3;
}

/** With the source-routing field, where the source address's first bit tells of one. */
export function tokenRingHeader(bytes: Uint8Array, start: number, end: number): number {
  const routing = (bytes[start + 8]! & 0x80) !== 0 && end - start > TOKEN_RING_HEADER;
  return TOKEN_RING_HEADER + (routing ? bytes[start + TOKEN_RING_HEADER]! & 0x1f : 0);
}

/** Where the packet begins in NFLOG's attributes, -1 where there is none. They are in the byte order of the machine. */
export function nflogPayload(bytes: Uint8Array, start: number, end: number): number {
  let at = start + 4;
  while (end - at >= 4) {
    // Types are small: the byte that is 0 tells the order.
    const isLittle = bytes[at + 3] === 0;
    const length = isLittle ? u16le(bytes, at) : u16be(bytes, at);
    const type = (isLittle ? u16le(bytes, at + 2) : u16be(bytes, at + 2)) & 0x7fff;
    if (length < 4) return -1;
    if (type === NFULA_PAYLOAD) return at + 4;
    at += (length + 3) & ~3;
  }
  return -1;
}

/** Where the frame begins behind Apple's header, -1 where that is cut or not valid. */
export function pktapPayload(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 12) return -1;
  const length = u32le(bytes, start);
  return length >= 12 && length <= end - start ? start + length : -1;
}

/** Where the frame, or the packet without a link header, begins behind Juniper's header; -1 where that is not valid. */
export function juniperPayload(bytes: Uint8Array, start: number, end: number): number {
  if (end - start < 6 || u32be(bytes, start) >>> 8 !== JUNIPER_MAGIC) return -1;
  const flags = bytes[start + 3]!;
  let at = start + 4;
  if ((flags & JUNIPER_EXTENSION) !== 0) at += 2 + u16be(bytes, at);
  if ((flags & JUNIPER_NO_LINK) !== 0) at += 4;
  return at <= end ? at : -1;
}
