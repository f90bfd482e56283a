// Builds what carries packets within packets, for tests: `ipv4({…}, vxlan(7, ethernet(…)))`. As in `packets.ts`, written
// apart from `src/core`.
import { bytesOf, raw, u16, u32, udp, type Network, type Transport } from './packets.ts';

const IPV4 = 0x0800;

/** A whole Ethernet frame in UDP (RFC 7348). */
export function vxlan(vni: number, frame: Uint8Array, port = 4789): Transport {
  return udp({ sourcePort: 50_000, destinationPort: port, checksum: 0 }, bytesOf([8, 0, 0, 0], u32(vni << 8), frame));
}

/** RFC 8926; `options` of whole words. */
export function geneve(vni: number, type: number, data: Uint8Array, options: readonly number[] = []): Transport {
  const header = bytesOf([options.length / 4, 0], u16(type), u32(vni << 8), options);
  return udp({ sourcePort: 50_000, destinationPort: 6081, checksum: 0 }, bytesOf(header, data));
}

/** 3GPP TS 29.281: a user's packet; `extension` is a whole chain of extension headers, its first type before it. */
export function gtpU(teid: number, packet: Network, extension: readonly number[] = []): Transport {
  const optional = extension.length > 0 ? [0, 0, 0, ...extension] : [];
  const length = optional.length + packet.bytes.length;
  const header = bytesOf([extension.length > 0 ? 0x34 : 0x30, 0xff], u16(length), u32(teid), optional);
  return udp({ sourcePort: 2152, destinationPort: 2152 }, bytesOf(header, packet.bytes));
}

export interface GreOptions {
  readonly key?: number;
  readonly sequence?: number;
  readonly checksum?: boolean;
}

/** RFC 2784 and 2890. */
export function gre(type: number, data: Uint8Array, options: GreOptions = {}): Transport {
  const { key, sequence, checksum = false } = options;
  const flags = (checksum ? 0x8000 : 0) | (key === undefined ? 0 : 0x2000) | (sequence === undefined ? 0 : 0x1000);
  const optional = [
    ...(checksum ? u32(0) : []),
    ...(key === undefined ? [] : u32(key)),
    ...(sequence === undefined ? [] : u32(sequence)),
  ];
  return raw(47, bytesOf(u16(flags, type), optional, data));
}

/** ERSPAN: version 1 (type I, no header), 2 or 3. */
export function erspan(version: 1 | 2 | 3, session: number, frame: Uint8Array): Transport {
  if (version === 1) return gre(0x88be, frame);
  const header = version === 2 ? [...u16(0x1000, session), ...u32(0)] : [...u16(0x2000, session), ...u32(0), ...u32(0)];
  return gre(version === 2 ? 0x88be : 0x22eb, bytesOf(header, frame), { sequence: 1 });
}

/** An IP packet in an IP packet. */
export function ipInIp(packet: Network): Transport {
  return raw(packet.etherType === IPV4 ? 4 : 41, packet.bytes);
}

/** Labels in their order, the last with the bottom of the stack. */
export function mpls(labels: readonly number[], data: Uint8Array): Network {
  const stack = labels.flatMap((label, index) => u32((label << 12) | (index === labels.length - 1 ? 0x100 : 0) | 64));
  return { etherType: 0x8847, bytes: bytesOf(stack, data) };
}

/** PPP without address and control. */
export function ppp(packet: Network): Uint8Array {
  return bytesOf(u16(packet.etherType === IPV4 ? 0x21 : 0x57), packet.bytes);
}

/** A session's packet (RFC 2516). */
export function pppoe(session: number, packet: Network): Network {
  const inner = ppp(packet);
  return { etherType: 0x8864, bytes: bytesOf([0x11, 0], u16(session, inner.length), inner) };
}
