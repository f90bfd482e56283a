// Tunnels in full: their own headers, then the packet or frame within. Which bytes are a tunnel, the fast decoder's rules
// say (`../tunnels.ts`), so that both find the same packet.
import { u16be, u32be } from '../../bytes/integers.ts';
import * as E from '../encapsulation.ts';
import { ETHERIP, ETHERNET_IN_IP, ETHERTYPE_TRANSPARENT, IPIP, IPV6, MPLS_IN_IP, PIM } from '../protocols.ts';
import { erspan3Header, geneveHeader, gtpPayload, teredoPayload, udpTunnel, vxlanPayloadType } from '../tunnels.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';
import { ETHERTYPE_NAMES, etherTypeField, ethernet, ipPacket, mpls, network } from './network.ts';

/** A packet or frame right behind an IP header; false where this protocol is no tunnel. */
export function ipTunnelDetail(
  out: DetailWriter,
  protocol: number,
  at: number,
  end: number,
  packetEnd: number,
): boolean {
  const { bytes } = out;
  switch (protocol) {
    case IPIP:
    case IPV6:
      out.tunnel(() => {
        ipPacket(out, at, end, packetEnd);
      });
      return true;
    case ETHERNET_IN_IP:
      out.tunnel(() => {
        ethernet(out, at, end, packetEnd);
      });
      return true;
    case ETHERIP:
      out.tunnel(() => {
        out.begin('EtherIP', end);
        out.field('version', 'Version', at, 1, (from) => String(bytes[from]! >> 4));
        if (out.has(at, E.ETHERIP_HEADER, 'the EtherIP header')) ethernet(out, at + E.ETHERIP_HEADER, end, packetEnd);
      });
      return true;
    case MPLS_IN_IP:
      out.tunnel(() => {
        mpls(out, at, end, packetEnd);
      });
      return true;
    case PIM:
      if (end <= at || bytes[at] !== 0x21) return false;
      out.tunnel(() => {
        out.begin('PIM register', end);
        out.field('flags', 'Flags', at + 4, 4, (from) => hex(u32be(bytes, from), 8));
        if (out.has(at, E.PIM_REGISTER_HEADER, 'the PIM header')) {
          ipPacket(out, at + E.PIM_REGISTER_HEADER, end, packetEnd);
        }
      });
      return true;
    default:
      return false;
  }
}

/** The tunnel in the UDP datagram whose header is at `at`; false where it is none. */
export function udpTunnelDetail(out: DetailWriter, at: number, end: number, packetEnd: number): boolean {
  const { bytes } = out;
  const payload = at + 8;
  if (end - payload < 8) return false;
  const kind = udpTunnel(bytes, at, end, packetEnd);
  if (kind === E.NO_TUNNEL) return false;
  out.tunnel(() => {
    if (kind === E.VXLAN) vxlan(out, payload, end, packetEnd);
    else if (kind === E.GENEVE) geneve(out, payload, end, packetEnd);
    else if (kind === E.GTP_U) gtpU(out, payload, end, packetEnd);
    else if (kind === E.TEREDO) teredo(out, payload, end, packetEnd);
    else mpls(out, payload, end, packetEnd);
  });
  return true;
}

/** What a tunnel carries by its EtherType; a frame is as deep as the tunnel itself. */
function carried(out: DetailWriter, type: number, at: number, end: number, packetEnd: number): void {
  if (type === ETHERTYPE_TRANSPARENT) ethernet(out, at, end, packetEnd);
  else network(out, type, at, end, packetEnd);
}

function vxlan(out: DetailWriter, at: number, end: number, packetEnd: number): void {
  const { bytes } = out;
  out.begin('VXLAN', end);
  out.field('flags', 'Flags', at, 1, (from) => hex(bytes[from]!, 2));
  // With the group policy extension.
  if ((bytes[at]! & 0x80) !== 0) out.field('policy', 'Group policy', at + 2, 2, (from) => String(u16be(bytes, from)));
  out.field('vni', 'VNI', at + 4, 3, (from) => String(u32be(bytes, from) >>> 8));
  carried(out, vxlanPayloadType(bytes, at), at + E.VXLAN_HEADER, end, packetEnd);
}

function geneve(out: DetailWriter, at: number, end: number, packetEnd: number): void {
  const { bytes } = out;
  const header = geneveHeader(bytes[at]!);
  out.begin('GENEVE', end);
  out.field('type', 'Protocol type', at + 2, 2, etherTypeField(bytes));
  out.field('vni', 'VNI', at + 4, 3, (from) => String(u32be(bytes, from) >>> 8));
  const options = at + E.GENEVE_HEADER;
  const length = header - E.GENEVE_HEADER;
  if (length > 0) out.field('options', 'Options', options, length, () => hexBytes(bytes, options, at + header, ' '));
  if (out.has(at, header, 'the GENEVE header')) carried(out, u16be(bytes, at + 2), at + header, end, packetEnd);
}

function gtpU(out: DetailWriter, at: number, end: number, packetEnd: number): void {
  const { bytes } = out;
  out.begin('GTP-U', end);
  out.field('flags', 'Flags', at, 1, (from) => hex(bytes[from]!, 2));
  out.field('length', 'Length', at + 2, 2, (from) => `${u16be(bytes, from)} bytes`);
  out.field('teid', 'Tunnel endpoint', at + 4, 4, (from) => hex(u32be(bytes, from), 8));
  const packet = gtpPayload(bytes, at, end);
  if (packet < 0) {
    out.stop('the GTP-U header is cut');
    return;
  }
  const more = at + E.GTP_HEADER;
  if (packet > more)
    out.field('extensions', 'Extensions', more, packet - more, () => hexBytes(bytes, more, packet, ' '));
  ipPacket(out, packet, end, packetEnd);
}

function teredo(out: DetailWriter, at: number, end: number, packetEnd: number): void {
  out.begin('Teredo', end);
  const packet = teredoPayload(out.bytes, at, end);
  if (packet > at) out.field('indications', 'Indications', at, packet - at, () => hexBytes(out.bytes, at, packet, ' '));
  ipPacket(out, packet, end, packetEnd);
}

/** GRE with all its fields (RFC 2784, 2890; version 1 is PPTP's, RFC 2637); returns where its payload begins, -1 without. */
export function greDetail(out: DetailWriter, at: number, end: number, packetEnd: number): number {
  const { bytes } = out;
  let payload = -1;
  const decode = () => {
    payload = greHeader(out, at, end);
    // Of versions above 1 nothing is known.
    if (payload < 0 || payload > end || (u16be(bytes, at) & 7) > 1) return;
    const type = u16be(bytes, at + 2);
    if (type === E.ERSPAN_2_TYPE || type === E.ERSPAN_3_TYPE) erspan(out, at, payload, end, packetEnd);
    else if (ETHERTYPE_NAMES.has(type)) carried(out, type, payload, end, packetEnd);
    else return;
    payload = -1;
  };
  out.tunnel(decode);
  return payload;
}

function greHeader(out: DetailWriter, at: number, end: number): number {
  const { bytes } = out;
  out.begin('GRE', end);
  out.field('flags', 'Flags and version', at, 2, (from) => hex(u16be(bytes, from), 4));
  out.field('type', 'Protocol type', at + 2, 2, (from) => {
    const type = u16be(bytes, from);
    const name = type === E.ERSPAN_2_TYPE || type === E.ERSPAN_3_TYPE ? 'ERSPAN' : ETHERTYPE_NAMES.get(type);
    return named(type, name, hex(type, 4));
  });
  if (!out.has(at, 4, 'the GRE header')) return -1;
  const flags = u16be(bytes, at);
  let next = at + 4;
  if ((flags & 0xc000) !== 0) {
    out.field('checksum', 'Checksum', next, 2, (from) => hex(u16be(bytes, from), 4));
    next += 4;
  }
  if ((flags & 0x2000) !== 0) {
    if ((flags & 7) === 1) {
      out.field('length', 'Payload length', next, 2, (from) => `${u16be(bytes, from)} bytes`);
      out.field('callId', 'Call id', next + 2, 2, (from) => String(u16be(bytes, from)));
    } else out.field('key', 'Key', next, 4, (from) => hex(u32be(bytes, from), 8));
    next += 4;
  }
  if ((flags & 0x1000) !== 0) {
    out.field('sequence', 'Sequence number', next, 4, (from) => String(u32be(bytes, from)));
    next += 4;
  }
  if ((flags & 0x0087) === 0x0081) {
    out.field('acknowledgment', 'Acknowledgment number', next, 4, (from) => String(u32be(bytes, from)));
    next += 4;
  }
  if ((flags & 0x4000) !== 0) {
    out.stop('GRE with source routes is not decoded');
    return -1;
  }
  return out.has(at, next - at, 'the GRE header') ? next : -1;
}

function erspan(out: DetailWriter, gre: number, at: number, end: number, packetEnd: number): void {
  const { bytes } = out;
  const isThird = u16be(bytes, gre + 2) === E.ERSPAN_3_TYPE;
  const hasHeader = isThird || (u16be(bytes, gre) & 0x1000) !== 0;
  out.begin(isThird ? 'ERSPAN III' : hasHeader ? 'ERSPAN II' : 'ERSPAN I', end);
  let frame = at;
  if (hasHeader) {
    out.field('vlan', 'VLAN id', at, 2, (from) => String(u16be(bytes, from) & 0x0fff));
    out.field('session', 'Session', at + 2, 2, (from) => String(u16be(bytes, from) & 0x03ff));
    if (!out.has(at, isThird ? E.ERSPAN_3_HEADER : E.ERSPAN_2_HEADER, 'the ERSPAN header')) return;
    frame += isThird ? erspan3Header(bytes, at) : E.ERSPAN_2_HEADER;
  }
  ethernet(out, frame, end, packetEnd);
}
