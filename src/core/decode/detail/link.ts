// The frame and its link layer, in full.
import { u16be, u32be, u32le } from '../../bytes/integers.ts';
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
  linkTypeName,
} from '../../formats/link-types.ts';
import {
  ETHERTYPE_ARP,
  ETHERTYPE_IPV4,
  ETHERTYPE_IPV6,
  ETHERTYPE_PROVIDER_VLAN,
  ETHERTYPE_VLAN,
  etherTypeOfFamily,
  isVlanTag,
} from '../protocols.ts';
import { arpDetail } from './arp.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { ipv4Detail, ipv6Detail } from './ip.ts';

const ETHERTYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [ETHERTYPE_IPV4, 'IPv4'],
  [ETHERTYPE_ARP, 'ARP'],
  [ETHERTYPE_IPV6, 'IPv6'],
  [ETHERTYPE_VLAN, '802.1Q'],
  [ETHERTYPE_PROVIDER_VLAN, '802.1ad'],
  [0x8035, 'RARP'],
  [0x8847, 'MPLS'],
  [0x8863, 'PPPoE discovery'],
  [0x8864, 'PPPoE session'],
  [0x888e, '802.1X'],
  [0x88cc, 'LLDP'],
]);
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

export function frameDetail(out: DetailWriter, linkType: number, wireLength: number): void {
  const { bytes } = out;
  const end = bytes.length;
  out.begin('Frame', end);
  out.field('linkType', 'Link type', 0, 0, () => linkTypeName(linkType));
  out.field('wireLength', 'Length', 0, 0, () => `${wireLength} bytes`);
  out.field(
    'capturedLength',
    'Captured',
    0,
    0,
    () => `${end} bytes`,
    end < wireLength ? `${wireLength - end} bytes are missing` : null,
  );
  switch (linkType) {
    case LINKTYPE_ETHERNET:
      ethernet(out, wireLength);
      break;
    case LINKTYPE_LINUX_SLL:
      cooked(out, wireLength);
      break;
    case LINKTYPE_LINUX_SLL2:
      cooked2(out, wireLength);
      break;
    case LINKTYPE_RAW:
    case LINKTYPE_RAW_12:
    case LINKTYPE_RAW_14:
    case LINKTYPE_IPV4:
    case LINKTYPE_IPV6:
      rawIp(out, wireLength);
      break;
    case LINKTYPE_NULL:
    case LINKTYPE_LOOP:
      loopback(out, wireLength);
      break;
    default:
      out.stop(`link type ${linkTypeName(linkType)} is not decoded`);
  }
}

function mac(bytes: Uint8Array): (at: number) => string {
  return (at) => hexBytes(bytes, at, at + 6, ':');
}

function etherType(bytes: Uint8Array): (at: number) => string {
  return (at) => {
    const type = u16be(bytes, at);
    return named(type, ETHERTYPE_NAMES.get(type), hex(type, 4));
  };
}

function ethernet(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Ethernet', bytes.length);
  out.field('destination', 'Destination', 0, 6, mac(bytes));
  out.field('source', 'Source', 6, 6, mac(bytes));
  if (!out.has(0, 14, 'the Ethernet header')) return;
  const type = u16be(bytes, 12);
  if (type >= 0x0600) {
    out.field('type', 'EtherType', 12, 2, etherType(bytes));
    network(out, type, 14, wireEnd);
    return;
  }
  out.field('length', 'Length', 12, 2, () => String(type));
  out.begin('LLC', bytes.length);
  if (!out.has(14, 3, 'the LLC header')) return;
  out.field('header', 'DSAP, SSAP, control', 14, 3, (at) => hexBytes(bytes, at, at + 3, ' '));
  if (bytes[14] !== 0xaa || bytes[15] !== 0xaa || bytes[16] !== 3) {
    out.stop('an 802.3 frame without SNAP holds no IP packet');
    return;
  }
  out.field('oui', 'SNAP organisation', 17, 3, (at) => hexBytes(bytes, at, at + 3, ':'));
  out.field('type', 'EtherType', 20, 2, etherType(bytes));
  if (out.has(14, 8, 'the SNAP header')) network(out, u16be(bytes, 20), 22, wireEnd);
}

function cooked(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Linux cooked v1', bytes.length);
  out.field('packetType', 'Packet type', 0, 2, (at) => named(u16be(bytes, at), PACKET_TYPES[u16be(bytes, at)]));
  out.field('device', 'Device type', 2, 2, (at) => named(u16be(bytes, at), ARPHRD_NAMES.get(u16be(bytes, at))));
  out.field('addressLength', 'Address length', 4, 2, (at) => String(u16be(bytes, at)));
  out.field('source', 'Source', 6, 8, (at) => linkAddress(bytes, at, u16be(bytes, 4)));
  out.field('type', 'Protocol', 14, 2, etherType(bytes));
  if (out.has(0, 16, 'the cooked header')) network(out, u16be(bytes, 14), 16, wireEnd);
}

function cooked2(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Linux cooked v2', bytes.length);
  out.field('type', 'Protocol', 0, 2, etherType(bytes));
  out.field('interface', 'Interface index', 4, 4, (at) => String(u32be(bytes, at)));
  out.field('device', 'Device type', 8, 2, (at) => named(u16be(bytes, at), ARPHRD_NAMES.get(u16be(bytes, at))));
  out.field('packetType', 'Packet type', 10, 1, (at) => named(bytes[at]!, PACKET_TYPES[bytes[at]!]));
  out.field('addressLength', 'Address length', 11, 1, (at) => String(bytes[at]!));
  out.field('source', 'Source', 12, 8, (at) => linkAddress(bytes, at, bytes[11]!));
  if (out.has(0, 20, 'the cooked header')) network(out, u16be(bytes, 0), 20, wireEnd);
}

function linkAddress(bytes: Uint8Array, at: number, length: number): string {
  return length === 0 ? 'none' : hexBytes(bytes, at, at + Math.min(length, 8), ':');
}

function rawIp(out: DetailWriter, wireEnd: number): void {
  const version = (out.bytes[0] ?? 0) >> 4;
  if (version === 4) ipv4Detail(out, 0, out.bytes.length, wireEnd);
  else if (version === 6) ipv6Detail(out, 0, out.bytes.length, wireEnd);
  else out.stop(out.bytes.length === 0 ? 'nothing was captured' : `IP version ${version} is not known`);
}

function loopback(out: DetailWriter, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Loopback', bytes.length);
  if (!out.has(0, 4, 'the loopback header')) return;
  const type = etherTypeOfFamily(u32be(bytes, 0)) || etherTypeOfFamily(u32le(bytes, 0));
  // The family's byte order is that of the machine that captured: the smaller reading is meant.
  const family = Math.min(u32be(bytes, 0), u32le(bytes, 0));
  out.field('family', 'Address family', 0, 4, () => named(family, ETHERTYPE_NAMES.get(type)));
  network(out, type, 4, wireEnd);
}

function network(out: DetailWriter, etherTypeNumber: number, start: number, wireEnd: number): void {
  const { bytes } = out;
  const end = bytes.length;
  let type = etherTypeNumber;
  let at = start;
  while (isVlanTag(type)) {
    out.begin('VLAN', end);
    if (!out.has(at, 4, 'the VLAN tag')) return;
    const control = u16be(bytes, at);
    out.field('id', 'VLAN id', at, 2, () => String(control & 0x0fff));
    out.field('priority', 'Priority', at, 2, () => String(control >> 13));
    out.field('dropEligible', 'Drop eligible', at, 2, () => ((control & 0x1000) !== 0 ? 'yes' : 'no'));
    out.field('type', 'EtherType', at + 2, 2, etherType(bytes));
    type = u16be(bytes, at + 2);
    at += 4;
  }
  if (type === ETHERTYPE_IPV4) ipv4Detail(out, at, end, wireEnd);
  else if (type === ETHERTYPE_IPV6) ipv6Detail(out, at, end, wireEnd);
  else if (type === ETHERTYPE_ARP) arpDetail(out, at, end);
  else out.stop(`EtherType ${named(type, ETHERTYPE_NAMES.get(type), hex(type, 4))} is not decoded`);
}
