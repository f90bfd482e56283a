// The frame and its link layer, in full.
import { u16be, u32be, u32le } from '../../bytes/integers.ts';
import * as L from '../../formats/link-types.ts';
import {
  ENC_HEADER,
  familyAt,
  isDecodedLinkType,
  juniperPayload,
  nflogPayload,
  pflogHeader,
  pktapPayload,
  tokenRingHeader,
} from '../link.ts';
import { isCiscoHdlc } from '../network.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import {
  ETHERTYPE_NAMES,
  ciscoHdlc,
  ethernet,
  etherTypeField,
  frameRelay,
  ipPacket,
  llc,
  mpls,
  network,
  ppp,
  pppoe,
} from './network.ts';

const PACKET_TYPES = ['to this host', 'broadcast', 'multicast', 'to another host', 'sent by this host'];
const ARPHRD_NAMES: ReadonlyMap<number, string> = new Map([
  [1, 'Ethernet'],
  [512, 'PPP'],
  [768, 'IPIP tunnel'],
  [769, 'IPv6 tunnel'],
  [772, 'loopback'],
  [776, 'SIT tunnel'],
  [778, 'GRE tunnel'],
  [824, 'netlink'],
  [65534, 'none'],
]);

const DIRECTIONS = ['received', 'sent'];

export function frameDetail(out: DetailWriter, linkType: number, wireLength: number): void {
  const { bytes } = out;
  const end = bytes.length;
  out.begin('Frame', end);
  out.field('linkType', 'Link type', 0, 0, () => L.linkTypeName(linkType));
  out.field('wireLength', 'Length', 0, 0, () => `${wireLength} bytes`);
  out.field(
    'capturedLength',
    'Captured',
    0,
    0,
    () => `${end} bytes`,
    end < wireLength ? `${wireLength - end} bytes are missing` : null,
  );
  if (!isDecodedLinkType(linkType)) out.stop(`link type ${L.linkTypeName(linkType)} is not decoded`);
  else link(out, linkType, 0, wireLength);
}

function link(out: DetailWriter, linkType: number, at: number, wireEnd: number): void {
  const { bytes } = out;
  const end = bytes.length;
  switch (linkType) {
    case L.LINKTYPE_ETHERNET:
      ethernet(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_LINUX_SLL:
      cooked(out, wireEnd);
      break;
    case L.LINKTYPE_LINUX_SLL2:
      cooked2(out, wireEnd);
      break;
    case L.LINKTYPE_RAW:
    case L.LINKTYPE_RAW_12:
    case L.LINKTYPE_RAW_14:
    case L.LINKTYPE_IPV4:
    case L.LINKTYPE_IPV6:
      ipPacket(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_NULL:
    case L.LINKTYPE_LOOP:
      loopback(out, at, wireEnd);
      break;
    case L.LINKTYPE_PPP:
    case L.LINKTYPE_PPP_SERIAL:
      if (isCiscoHdlc(bytes, at, end)) ciscoHdlc(out, at, end, wireEnd);
      else ppp(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_PPP_PPPD:
    case L.LINKTYPE_PPP_WITH_DIR:
      direction(out, at);
      ppp(out, bytes[at + 1] === 0x03 ? at + 2 : at + 1, end, wireEnd);
      break;
    case L.LINKTYPE_PPP_ETHER:
      pppoe(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_C_HDLC:
      ciscoHdlc(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_C_HDLC_WITH_DIR:
      direction(out, at);
      ciscoHdlc(out, at + 1, end, wireEnd);
      break;
    case L.LINKTYPE_FRELAY:
      frameRelay(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_FRELAY_WITH_DIR:
      direction(out, at);
      frameRelay(out, at + 1, end, wireEnd);
      break;
    case L.LINKTYPE_MPLS:
      mpls(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_ENC:
      out.begin('ENC', end);
      out.field('spi', 'SPI', at + 4, 4, (from) => hex(u32be(bytes, from), 8));
      if (out.has(at, ENC_HEADER, 'the header')) network(out, familyAt(bytes, at), at + ENC_HEADER, end, wireEnd);
      break;
    case L.LINKTYPE_PFLOG:
      out.begin('PFLOG', end);
      if (!out.has(at, 4, 'the header')) return;
      out.field('action', 'Action', at + 2, 1, (from) => named(bytes[from]!, ['pass', 'drop', 'scrub'][bytes[from]!]));
      out.field('interface', 'Interface', at + 4, 16, (from) => text(bytes, from, from + 16));
      if (out.has(at, pflogHeader(bytes[at]!), 'the header')) {
        ipPacket(out, at + pflogHeader(bytes[at]!), end, wireEnd);
      }
      break;
    case L.LINKTYPE_NFLOG: {
      out.begin('NFLOG', end);
      if (!out.has(at, 4, 'the header')) return;
      out.field('family', 'Address family', at, 1, (from) => String(bytes[from]!));
      out.field('group', 'Group', at + 2, 2, (from) => String(u16be(bytes, from)));
      const packet = nflogPayload(bytes, at, end);
      if (packet < 0) out.stop('NFLOG holds no packet');
      else ipPacket(out, packet, end, wireEnd);
      break;
    }
    case L.LINKTYPE_TOKEN_RING:
      opaque(out, 'Token ring', at, 14, end, () => {
        llc(out, at + tokenRingHeader(bytes, at, end), end, wireEnd);
      });
      break;
    case L.LINKTYPE_FDDI:
      opaque(out, 'FDDI', at, 13, end, () => {
        llc(out, at + 13, end, wireEnd);
      });
      break;
    case L.LINKTYPE_ATM_RFC1483:
      llc(out, at, end, wireEnd);
      break;
    case L.LINKTYPE_IP_OVER_FC:
      opaque(out, 'Fibre Channel', at, 16, end, () => {
        llc(out, at + 16, end, wireEnd);
      });
      break;
    case L.LINKTYPE_APPLE_IP_OVER_IEEE1394:
      opaque(out, 'IEEE 1394', at, 18, end, () => {
        network(out, u16be(bytes, at + 16), at + 18, end, wireEnd);
      });
      break;
    case L.LINKTYPE_IPNET:
      opaque(out, 'IPNET', at, 24, end, () => {
        ipPacket(out, at + 24, end, wireEnd);
      });
      break;
    case L.LINKTYPE_NETANALYZER:
      opaque(out, 'netANALYZER', at, 4, end, () => {
        ethernet(out, at + 4, end, wireEnd);
      });
      break;
    case L.LINKTYPE_IPOIB:
      opaque(out, 'IPoIB', at, 44, end, () => {
        network(out, u16be(bytes, at + 40), at + 44, end, wireEnd);
      });
      break;
    case L.LINKTYPE_PKTAP:
      pktap(out, at, wireEnd);
      break;
    default:
      juniper(out, linkType, at, wireEnd);
  }
}

/** A header whose bytes are shown as they are. */
function opaque(out: DetailWriter, name: string, at: number, length: number, end: number, decode: () => void): void {
  out.begin(name, end);
  out.field('header', 'Header', at, length, (from) => hexBytes(out.bytes, from, from + length, ' '));
  if (out.has(at, length, 'the header')) decode();
}

function direction(out: DetailWriter, at: number): void {
  out.begin('Direction', out.bytes.length);
  out.field('direction', 'Direction', at, 1, (from) => named(out.bytes[from]!, DIRECTIONS[out.bytes[from]!]));
}

function pktap(out: DetailWriter, at: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('PKTAP', bytes.length);
  const frame = pktapPayload(bytes, at, bytes.length);
  if (frame < 0) {
    out.stop('the PKTAP header is cut or not valid');
    return;
  }
  const within = u32le(bytes, at + 8);
  out.field('linkType', 'Link type', at + 8, 4, () => L.linkTypeName(within));
  if (frame >= at + 36) out.field('interface', 'Interface', at + 12, 24, (from) => text(bytes, from, from + 24));
  if (within === L.LINKTYPE_PKTAP || !isDecodedLinkType(within)) {
    out.stop(`link type ${L.linkTypeName(within)} is not decoded`);
  } else if (within === L.LINKTYPE_LINUX_SLL || within === L.LINKTYPE_LINUX_SLL2) {
    out.stop('a cooked header within PKTAP is not decoded');
  } else link(out, within, frame, wireEnd);
}

function juniper(out: DetailWriter, linkType: number, at: number, wireEnd: number): void {
  const { bytes } = out;
  const end = bytes.length;
  out.begin('Juniper', end);
  const frame = juniperPayload(bytes, at, end);
  if (frame < 0) {
    out.stop('the Juniper header is cut or not valid');
    return;
  }
  out.field('flags', 'Flags', at + 3, 1, (from) => hex(bytes[from]!, 2));
  if ((bytes[at + 3]! & 2) !== 0) ipPacket(out, frame, end, wireEnd);
  else if (linkType === L.LINKTYPE_JUNIPER_ETHER) ethernet(out, frame, end, wireEnd);
  else if (linkType === L.LINKTYPE_JUNIPER_PPP) ppp(out, frame, end, wireEnd);
  else ciscoHdlc(out, frame, end, wireEnd);
}

/** A name in a field of fixed size, padded with zeros. */
function text(bytes: Uint8Array, start: number, end: number): string {
  let name = '';
  for (let at = start; at < end && bytes[at] !== 0; at += 1) {
    const byte = bytes[at]!;
    name += byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '?';
  }
  return name;
}

function cooked(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Linux cooked v1', bytes.length);
  out.field('packetType', 'Packet type', 0, 2, (at) => named(u16be(bytes, at), PACKET_TYPES[u16be(bytes, at)]));
  out.field('device', 'Device type', 2, 2, (at) => named(u16be(bytes, at), ARPHRD_NAMES.get(u16be(bytes, at))));
  out.field('addressLength', 'Address length', 4, 2, (at) => String(u16be(bytes, at)));
  out.field('source', 'Source', 6, 8, (at) => linkAddress(bytes, at, u16be(bytes, 4)));
  out.field('type', 'Protocol', 14, 2, etherTypeField(bytes));
  if (out.has(0, 16, 'the cooked header')) network(out, u16be(bytes, 14), 16, bytes.length, wireEnd);
}

function cooked2(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Linux cooked v2', bytes.length);
  out.field('type', 'Protocol', 0, 2, etherTypeField(bytes));
  out.field('interface', 'Interface index', 4, 4, (at) => String(u32be(bytes, at)));
  out.field('device', 'Device type', 8, 2, (at) => named(u16be(bytes, at), ARPHRD_NAMES.get(u16be(bytes, at))));
  out.field('packetType', 'Packet type', 10, 1, (at) => named(bytes[at]!, PACKET_TYPES[bytes[at]!]));
  out.field('addressLength', 'Address length', 11, 1, (at) => String(bytes[at]!));
  out.field('source', 'Source', 12, 8, (at) => linkAddress(bytes, at, bytes[11]!));
  if (out.has(0, 20, 'the cooked header')) network(out, u16be(bytes, 0), 20, bytes.length, wireEnd);
}

function linkAddress(bytes: Uint8Array, at: number, length: number): string {
  return length === 0 ? 'none' : hexBytes(bytes, at, at + Math.min(length, 8), ':');
}

function loopback(out: DetailWriter, at: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Loopback', bytes.length);
  if (!out.has(at, 4, 'the loopback header')) return;
  const type = familyAt(bytes, at);
  // The family's byte order is that of the machine that captured: the smaller reading is meant.
  const family = Math.min(u32be(bytes, at), u32le(bytes, at));
  out.field('family', 'Address family', at, 4, () => named(family, ETHERTYPE_NAMES.get(type)));
  if (type === 0) out.stop(`address family ${family} is not decoded`);
  else network(out, type, at + 4, bytes.length, wireEnd);
}
