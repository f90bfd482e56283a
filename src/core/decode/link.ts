// The link layer of the fast decoder: finds the IP packet in a frame. It never throws, whatever the bytes, and never reads
// at or past `end`.
import { u16be, u32be, u32le } from '../bytes/integers.ts';
import {
  LINKTYPE_ETHERNET,
  LINKTYPE_IPV4,
  LINKTYPE_IPV6,
  LINKTYPE_LINUX_SLL,
  LINKTYPE_LINUX_SLL2,
  LINKTYPE_LOOP,
  LINKTYPE_NULL,
  LINKTYPE_RAW,
  LINKTYPE_RAW_12,
  LINKTYPE_RAW_14,
} from '../formats/link-types.ts';
import type { Headers } from './headers.ts';
import { decodeIpv4, decodeIpv6 } from './ip.ts';
import { ETHERTYPE_IPV4, ETHERTYPE_IPV6, etherTypeOfFamily, isVlanTag } from './protocols.ts';

const ETHERNET_HEADER = 14;
const SLL_HEADER = 16;
const SLL2_HEADER = 20;
const VLAN_TAG = 4;
/** Smaller values of the EtherType field are IEEE 802.3 lengths. */
const FIRST_ETHERTYPE = 0x0600;
/** LLC and SNAP before an EtherType (RFC 1042): AA AA 03 00 00 00. */
const SNAP_HEADER = 8;
/** Netlink messages in a cooked capture: their protocol field is a netlink family. */
const ARPHRD_NETLINK = 824;

/** Whether `decodeHeaders` knows the link type. */
export function isDecodedLinkType(linkType: number): boolean {
  switch (linkType) {
    case LINKTYPE_ETHERNET:
    case LINKTYPE_LINUX_SLL:
    case LINKTYPE_LINUX_SLL2:
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      return true;
    default:
      return false;
  }
}

/**
 * Fills `headers` from the frame `bytes[start..end)`. True where it holds an IP packet whose addresses could be read.
 * `wireLength` serves packets whose IP length is 0 (segmentation offload), where the frame's length takes its place.
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
    case LINKTYPE_ETHERNET: {
      if (end - start < ETHERNET_HEADER) return false;
      const type = u16be(bytes, start + 12);
      if (type >= FIRST_ETHERTYPE) return network(headers, type, bytes, start + ETHERNET_HEADER, end, wireEnd);
      return snap(headers, bytes, start + ETHERNET_HEADER, end, wireEnd);
    }
    case LINKTYPE_LINUX_SLL: {
      if (end - start < SLL_HEADER) return false;
      headers.linkPacketType = u16be(bytes, start);
      if (u16be(bytes, start + 2) === ARPHRD_NETLINK) return false;
      return network(headers, u16be(bytes, start + 14), bytes, start + SLL_HEADER, end, wireEnd);
    }
    case LINKTYPE_LINUX_SLL2: {
      if (end - start < SLL2_HEADER) return false;
      // An index is a signed int in the kernel; no system has as many as 2^31.
      headers.linkInterface = u32be(bytes, start + 4) & 0x7fffffff;
      headers.linkPacketType = bytes[start + 10]!;
      if (u16be(bytes, start + 8) === ARPHRD_NETLINK) return false;
      return network(headers, u16be(bytes, start), bytes, start + SLL2_HEADER, end, wireEnd);
    }
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6: {
      if (end <= start) return false;
      const version = bytes[start]! >> 4;
      if (version === 4) return decodeIpv4(headers, bytes, start, end, wireEnd);
      return version === 6 && decodeIpv6(headers, bytes, start, end, wireEnd);
    }
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP: {
      if (end - start < 4) return false;
      // NULL is in the byte order of the machine that captured, which the file need not share.
      const type = etherTypeOfFamily(u32be(bytes, start)) || etherTypeOfFamily(u32le(bytes, start));
      return network(headers, type, bytes, start + 4, end, wireEnd);
    }
    default:
      return false;
  }
}

function network(
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
  if (type === ETHERTYPE_IPV4) return decodeIpv4(headers, bytes, at, end, wireEnd);
  return type === ETHERTYPE_IPV6 && decodeIpv6(headers, bytes, at, end, wireEnd);
}

function snap(headers: Headers, bytes: Uint8Array, at: number, end: number, wireEnd: number): boolean {
  if (end - at < SNAP_HEADER || u32be(bytes, at) !== 0xaaaa0300 || u16be(bytes, at + 4) !== 0) return false;
  return network(headers, u16be(bytes, at + 6), bytes, at + SNAP_HEADER, end, wireEnd);
}
