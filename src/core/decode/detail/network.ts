// From a link header's EtherType to the IP packet, in full: VLAN tags, MPLS labels, PPPoE and PPP, LLC. Tunnels share it.
import { u16be, u32be } from '../../bytes/integers.ts';
import {
  ETHERNET_HEADER,
  MPLS_LABEL,
  PPPOE_HEADER,
  PPP_IPV4,
  PPP_IPV6,
  PPP_MPLS,
  SNAP_HEADER,
  VLAN_TAG,
  beginsWithControlWord,
  isEncrypted,
  macsecHeader,
  nshHeader,
  nshPayloadType,
} from '../network.ts';
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
  ETHERTYPE_PROVIDER_VLAN,
  ETHERTYPE_TRANSPARENT,
  ETHERTYPE_VLAN,
  FIRST_ETHERTYPE,
  isVlanTag,
} from '../protocols.ts';
import { arpDetail } from './arp.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { ipv4Detail, ipv6Detail } from './ip.ts';

export const ETHERTYPE_NAMES: ReadonlyMap<number, string> = new Map([
  [ETHERTYPE_IPV4, 'IPv4'],
  [ETHERTYPE_ARP, 'ARP'],
  [ETHERTYPE_IPV6, 'IPv6'],
  [ETHERTYPE_VLAN, '802.1Q'],
  [ETHERTYPE_PROVIDER_VLAN, '802.1ad'],
  [ETHERTYPE_TRANSPARENT, 'transparent Ethernet'],
  [0x8035, 'RARP'],
  [ETHERTYPE_PPP, 'PPP'],
  [ETHERTYPE_MPLS, 'MPLS'],
  [ETHERTYPE_MPLS_MULTICAST, 'MPLS multicast'],
  [0x8863, 'PPPoE discovery'],
  [ETHERTYPE_PPPOE_SESSION, 'PPPoE session'],
  [0x888e, '802.1X'],
  [0x88cc, 'LLDP'],
  [ETHERTYPE_MACSEC, 'MACsec'],
  [ETHERTYPE_NSH, 'NSH'],
]);
const PPP_NAMES: ReadonlyMap<number, string> = new Map([
  [PPP_IPV4, 'IPv4'],
  [PPP_IPV6, 'IPv6'],
  [PPP_MPLS, 'MPLS'],
  [0xc021, 'LCP'],
  [0xc023, 'PAP'],
  [0xc223, 'CHAP'],
  [0x8021, 'IPCP'],
  [0x8057, 'IPV6CP'],
]);

export function etherTypeField(bytes: Uint8Array): (at: number) => string {
  return (at) => {
    const type = u16be(bytes, at);
    return named(type, ETHERTYPE_NAMES.get(type), hex(type, 4));
  };
}

export function network(out: DetailWriter, etherTypeNumber: number, start: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  let type = etherTypeNumber;
  let at = start;
  while (isVlanTag(type)) {
    out.begin('VLAN', end);
    if (!out.has(at, VLAN_TAG, 'the VLAN tag')) return;
    const control = u16be(bytes, at);
    out.field('id', 'VLAN id', at, 2, () => String(control & 0x0fff));
    out.field('priority', 'Priority', at, 2, () => String(control >> 13));
    out.field('dropEligible', 'Drop eligible', at, 2, () => ((control & 0x1000) !== 0 ? 'yes' : 'no'));
    out.field('type', 'EtherType', at + 2, 2, etherTypeField(bytes));
    type = u16be(bytes, at + 2);
    at += VLAN_TAG;
  }
  switch (type) {
    case ETHERTYPE_IPV4:
      ipv4Detail(out, at, end, wireEnd);
      break;
    case ETHERTYPE_IPV6:
      ipv6Detail(out, at, end, wireEnd);
      break;
    case ETHERTYPE_ARP:
      arpDetail(out, at, end);
      break;
    case ETHERTYPE_MPLS:
    case ETHERTYPE_MPLS_MULTICAST:
      mpls(out, at, end, wireEnd);
      break;
    case ETHERTYPE_PPPOE_SESSION:
      pppoe(out, at, end, wireEnd);
      break;
    case ETHERTYPE_PPP:
      ppp(out, at, end, wireEnd);
      break;
    case ETHERTYPE_NSH:
      nsh(out, at, end, wireEnd);
      break;
    case ETHERTYPE_MACSEC:
      macsec(out, at, end, wireEnd);
      break;
    case ETHERTYPE_TRANSPARENT:
      out.within(() => {
        ethernet(out, at, end, wireEnd);
      });
      break;
    default:
      if (type < FIRST_ETHERTYPE) llc(out, at, end, wireEnd);
      else out.stop(`EtherType ${named(type, ETHERTYPE_NAMES.get(type), hex(type, 4))} is not decoded`);
  }
}

export function ethernet(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  const mac = (from: number) => hexBytes(bytes, from, from + 6, ':');
  out.begin('Ethernet', end);
  out.field('destination', 'Destination', at, 6, mac);
  out.field('source', 'Source', at + 6, 6, mac);
  if (!out.has(at, ETHERNET_HEADER, 'the Ethernet header')) return;
  const type = u16be(bytes, at + 12);
  if (type >= FIRST_ETHERTYPE) out.field('type', 'EtherType', at + 12, 2, etherTypeField(bytes));
  else out.field('length', 'Length', at + 12, 2, () => String(type));
  network(out, type, at + ETHERNET_HEADER, end, wireEnd);
}

export function llc(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('LLC', end);
  if (!out.has(at, 3, 'the LLC header')) return;
  out.field('header', 'DSAP, SSAP, control', at, 3, (from) => hexBytes(bytes, from, from + 3, ' '));
  if (bytes[at] === 6 && bytes[at + 1] === 6 && bytes[at + 2] === 3) {
    ipv4Detail(out, at + 3, end, wireEnd);
    return;
  }
  if (bytes[at] !== 0xaa || bytes[at + 1] !== 0xaa || bytes[at + 2] !== 3) {
    out.stop('an 802.3 frame without SNAP holds no IP packet');
    return;
  }
  out.field('oui', 'SNAP organisation', at + 3, 3, (from) => hexBytes(bytes, from, from + 3, ':'));
  out.field('type', 'EtherType', at + 6, 2, etherTypeField(bytes));
  if (!out.has(at, SNAP_HEADER, 'the SNAP header')) return;
  const organisation = (bytes[at + 3]! << 16) | u16be(bytes, at + 4);
  if (organisation !== 0 && organisation !== 0x0000f8) out.stop('what this organisation sends is not decoded');
  else network(out, u16be(bytes, at + 6), at + SNAP_HEADER, end, wireEnd);
}

/** An IP packet of either version. */
export function ipPacket(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const version = at < end ? out.bytes[at]! >> 4 : 0;
  if (version === 4) ipv4Detail(out, at, end, wireEnd);
  else if (version === 6) ipv6Detail(out, at, end, wireEnd);
  else out.stop(at >= end ? 'nothing was captured' : `IP version ${version} is not known`);
}

export function mpls(out: DetailWriter, start: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  let at = start;
  for (;;) {
    out.begin('MPLS', end);
    if (!out.has(at, MPLS_LABEL, 'the MPLS label')) return;
    const word = u32be(bytes, at);
    out.field('label', 'Label', at, 3, () => String(word >>> 12));
    out.field('class', 'Traffic class', at + 2, 1, () => String((word >>> 9) & 7));
    out.field('bottom', 'Bottom of the stack', at + 2, 1, () => ((word & 0x100) !== 0 ? 'yes' : 'no'));
    out.field('ttl', 'Time to live', at + 3, 1, () => String(word & 0xff));
    at += MPLS_LABEL;
    if ((word & 0x100) !== 0) break;
  }
  const version = at < end ? bytes[at]! >> 4 : 4;
  if (version === 4 || version === 6) {
    ipPacket(out, at, end, wireEnd);
    return;
  }
  const hasControlWord = beginsWithControlWord(bytes, at, end);
  if (hasControlWord) out.field('controlWord', 'Control word', at, 4, (from) => hex(u32be(bytes, from), 8));
  out.within(() => {
    ethernet(out, hasControlWord ? at + 4 : at, end, wireEnd);
  });
}

export function pppoe(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('PPPoE', end);
  out.field('version', 'Version and type', at, 1, (from) => hex(bytes[from]!, 2));
  out.field('code', 'Code', at + 1, 1, (from) => named(bytes[from]!, bytes[from] === 0 ? 'session data' : undefined));
  out.field('session', 'Session', at + 2, 2, (from) => hex(u16be(bytes, from), 4));
  out.field('length', 'Length', at + 4, 2, (from) => `${u16be(bytes, from)} bytes`);
  if (!out.has(at, PPPOE_HEADER, 'the PPPoE header')) return;
  if (bytes[at] !== 0x11 || bytes[at + 1] !== 0) out.stop('PPPoE without session data');
  else ppp(out, at + PPPOE_HEADER, end, wireEnd);
}

export function ppp(out: DetailWriter, start: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('PPP', end);
  if (!out.has(start, 2, 'the PPP header')) return;
  let at = start;
  if (u16be(bytes, at) === 0xff03) {
    out.field('address', 'Address and control', at, 2, (from) => hex(u16be(bytes, from), 4));
    at += 2;
  }
  if (!out.has(at, 2, 'the PPP protocol')) return;
  const length = (bytes[at]! & 1) !== 0 ? 1 : 2;
  const protocol = length === 1 ? bytes[at]! : u16be(bytes, at);
  const name = named(protocol, PPP_NAMES.get(protocol), hex(protocol, 4));
  out.field('protocol', 'Protocol', at, length, () => name);
  at += length;
  if (protocol === PPP_IPV4) ipv4Detail(out, at, end, wireEnd);
  else if (protocol === PPP_IPV6) ipv6Detail(out, at, end, wireEnd);
  else if (protocol === PPP_MPLS) mpls(out, at, end, wireEnd);
  else out.stop(`PPP protocol ${name} is not decoded`);
}

export function ciscoHdlc(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Cisco HDLC', end);
  out.field('address', 'Address', at, 1, (from) => hex(bytes[from]!, 2));
  out.field('type', 'EtherType', at + 2, 2, etherTypeField(bytes));
  if (out.has(at, 4, 'the HDLC header')) network(out, u16be(bytes, at + 2), at + 4, end, wireEnd);
}

export function frameRelay(out: DetailWriter, start: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('Frame relay', end);
  let at = start;
  while (at < end && at < start + 3 && (bytes[at]! & 1) === 0) at += 1;
  at += 1;
  out.field('address', 'Address', start, at - start, (from) => hexBytes(bytes, from, at, ' '));
  if (!out.has(at, 3, 'the frame relay header')) return;
  if (bytes[at] !== 0x03) {
    out.field('type', 'EtherType', at, 2, etherTypeField(bytes));
    network(out, u16be(bytes, at), at + 2, end, wireEnd);
    return;
  }
  if (bytes[at + 1] === 0) at += 1;
  out.field('nlpid', 'Network layer protocol', at + 1, 1, (from) => hex(bytes[from]!, 2));
  if (bytes[at + 1] === 0xcc) ipv4Detail(out, at + 2, end, wireEnd);
  else if (bytes[at + 1] === 0x8e) ipv6Detail(out, at + 2, end, wireEnd);
  else if (bytes[at + 1] === 0x80 && out.has(at, 7, 'the SNAP header')) {
    network(out, u16be(bytes, at + 5), at + 7, end, wireEnd);
  } else out.stop('this network layer protocol is not decoded');
}

function nsh(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('NSH', end);
  if (!out.has(at, 8, 'the NSH header')) return;
  const length = nshHeader(bytes, at);
  out.field('next', 'Next protocol', at + 3, 1, (from) => String(bytes[from]!));
  out.field('path', 'Service path', at + 4, 3, (from) => String(u32be(bytes, from) >>> 8));
  out.field('index', 'Service index', at + 7, 1, (from) => String(bytes[from]!));
  if (!out.has(at, length, 'the NSH header')) return;
  out.within(() => {
    network(out, nshPayloadType(bytes[at + 3]!), at + length, end, wireEnd);
  });
}

function macsec(out: DetailWriter, at: number, end: number, wireEnd: number): void {
  const { bytes } = out;
  out.begin('MACsec', end);
  if (!out.has(at, 6, 'the MACsec tag')) return;
  const control = bytes[at]!;
  out.field('control', 'Control', at, 1, () => hex(control, 2));
  out.field('packetNumber', 'Packet number', at + 2, 4, (from) => String(u32be(bytes, from)));
  if (isEncrypted(control)) {
    out.stop('MACsec: the rest is encrypted');
    return;
  }
  const type = at + macsecHeader(control);
  if (!out.has(type, 2, 'the EtherType')) return;
  out.field('type', 'EtherType', type, 2, etherTypeField(bytes));
  out.within(() => {
    network(out, u16be(bytes, type), type + 2, end, wireEnd);
  });
}
