// What the lab must know of a packet: the innermost IP packet of a frame (VXLAN is unwrapped), its addresses and ports, and
// where its parts stand, so that a rewriter can change them. Apart from the program's own decoder: truths are made of it.
import { link } from './pcap.mjs';

const etherType = { ipv4: 0x0800, ipv6: 0x86dd };
const vxlanPort = 4789;
export const protocol = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58, sctp: 132 };
const nameOf = Object.fromEntries(Object.entries(protocol).map(([name, number]) => [number, name]));
const echo = { icmp: [8, 0], icmpv6: [128, 129] };
export const flag = { fin: 1, syn: 2, rst: 4, push: 8, ack: 16 };

/**
 * Decodes a record of a capture; `undefined` where there is no IP. Beside the fields by their usual names:
 * `proto` (tcp, udp, icmp, icmpv6, sctp, gre, or a number), `from` and `to` ("address:port"; an echo's id stands for the
 * port; `undefined` where there are none, as in a later fragment or an ICMP error), `ipAt`, `transportAt`, `payloadAt` and
 * `payloadEnd` (offsets in the frame; the last is where the captured part ends), `payloadLength` (as the IP header says),
 * `device` (SLL2: interface index; SLL: 1 where this host sent it, else 0), `quoted` (an ICMP error's packet, decoded).
 */
export function decode(linkType, frame) {
  switch (linkType) {
    case link.ethernet:
      return decodeNetwork(frame, frame.readUInt16BE(12), 14, undefined);
    case link.raw:
      return decodeNetwork(frame, frame[0] >> 4 === 4 ? etherType.ipv4 : etherType.ipv6, 0, undefined);
    case link.sll:
      return decodeNetwork(frame, frame.readUInt16BE(14), 16, frame.readUInt16BE(0) === 4 ? 1 : 0);
    case link.sll2:
      return decodeNetwork(frame, frame.readUInt16BE(0), 20, frame.readUInt32BE(4));
    default:
      throw new Error(`link type ${linkType} is none of this lab`);
  }
}

function decodeNetwork(frame, type, at, device) {
  const network =
    type === etherType.ipv4 ? decodeIpv4(frame, at) : type === etherType.ipv6 ? decodeIpv6(frame, at) : undefined;
  if (!network) return undefined;
  const packet = { ...network, proto: nameOf[network.protocol] ?? network.protocol, ipAt: at, device };
  if (packet.fragmentOffset > 0) return packet;
  decodeTransport(frame, packet);
  const inner = packet.payloadAt + 8;
  if (packet.proto === 'udp' && packet.dport === vxlanPort && frame.length >= inner + 14) {
    return decodeNetwork(frame, frame.readUInt16BE(inner + 12), inner + 14, device) ?? packet;
  }
  return packet;
}

function decodeIpv4(frame, at) {
  if (frame.length < at + 20) return undefined;
  const fragment = frame.readUInt16BE(at + 6);
  return {
    version: 4,
    src: frame.subarray(at + 12, at + 16).join('.'),
    dst: frame.subarray(at + 16, at + 20).join('.'),
    ttl: frame[at + 8],
    ipId: frame.readUInt16BE(at + 4),
    dontFragment: (fragment & 0x4000) !== 0,
    moreFragments: (fragment & 0x2000) !== 0,
    fragmentOffset: (fragment & 0x1fff) * 8,
    protocol: frame[at + 9],
    transportAt: at + (frame[at] & 15) * 4,
    packetEnd: at + frame.readUInt16BE(at + 2),
  };
}

function decodeIpv6(frame, at) {
  if (frame.length < at + 40) return undefined;
  const packet = {
    version: 6,
    src: ipv6Text(frame.subarray(at + 8, at + 24)),
    dst: ipv6Text(frame.subarray(at + 24, at + 40)),
    ttl: frame[at + 7],
    ipId: undefined,
    fragmentOffset: 0,
    moreFragments: false,
    protocol: frame[at + 6],
    transportAt: at + 40,
    packetEnd: at + 40 + frame.readUInt16BE(at + 4),
  };
  if (packet.protocol === 44 && frame.length >= at + 48) {
    packet.fragmentOffset = frame.readUInt16BE(at + 42) & 0xfff8;
    packet.moreFragments = (frame[at + 43] & 1) === 1;
    packet.protocol = frame[at + 40];
    packet.transportAt += 8;
  }
  return packet;
}

function decodeTransport(frame, packet) {
  const { proto, transportAt: at } = packet;
  const has = (length) => frame.length >= at + length;
  const setPayload = (start) => {
    packet.payloadAt = start;
    packet.payloadEnd = Math.max(start, Math.min(frame.length, packet.packetEnd));
    packet.payloadLength = packet.packetEnd - start;
  };
  setPayload(at);
  if (['tcp', 'udp', 'sctp'].includes(proto) && has(4))
    setPorts(packet, frame.readUInt16BE(at), frame.readUInt16BE(at + 2));
  if (proto === 'tcp' && has(14)) decodeTcp(frame, packet, setPayload);
  if (proto === 'udp') setPayload(at + 8);
  if (proto === 'sctp' && has(8)) {
    packet.tag = frame.readUInt32BE(at + 4);
    setPayload(at + 12);
  }
  if (proto === 'gre' && has(8)) {
    setPorts(packet, undefined, undefined);
    setPayload(at + 8);
  }
  if (echo[proto] && has(8)) decodeIcmp(frame, packet, setPayload);
}

function setPorts(packet, sport, dport) {
  Object.assign(packet, { sport, dport, from: end(packet.src, sport), to: end(packet.dst, dport) });
}

/** One end of a leg; a protocol without ports leaves nothing behind the colon. */
const end = (address, port) => `${address}:${port ?? ''}`;

function decodeTcp(frame, packet, setPayload) {
  const at = packet.transportAt;
  packet.seq = frame.readUInt32BE(at + 4);
  packet.ack = frame.readUInt32BE(at + 8);
  packet.flags = frame[at + 13];
  const dataAt = at + (frame[at + 12] >> 4) * 4;
  setPayload(dataAt);
  for (let option = at + 20; option < Math.min(dataAt, frame.length) && frame[option] !== 0;) {
    if (frame[option] === 1) {
      option += 1;
      continue;
    }
    const length = frame[option + 1];
    if (!(length >= 2) || option + length > frame.length) break;
    if (frame[option] === 8 && length === 10) {
      packet.tsval = frame.readUInt32BE(option + 2);
      packet.tsecr = frame.readUInt32BE(option + 6);
    }
    option += length;
  }
}

function decodeIcmp(frame, packet, setPayload) {
  const at = packet.transportAt;
  packet.icmpType = frame[at];
  if (echo[packet.proto].includes(packet.icmpType)) {
    setPayload(at + 8);
    packet.icmpSeq = frame.readUInt16BE(at + 6);
    const id = frame.readUInt16BE(at + 4);
    setPorts(packet, id, id);
    return;
  }
  const isError = packet.proto === 'icmp' ? [3, 4, 5, 11, 12].includes(packet.icmpType) : packet.icmpType < 128;
  if (isError)
    packet.quoted = decodeNetwork(frame, packet.version === 4 ? etherType.ipv4 : etherType.ipv6, at + 8, undefined);
}

/** RFC 5952. */
export function ipv6Text(bytes) {
  const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
  const [zeros] =
    groups
      .join(':')
      .match(/\b0(?::0)+\b/g)
      ?.sort((a, b) => b.length - a.length) ?? [];
  if (!zeros) return groups.join(':');
  return groups.join(':').replace(new RegExp(`(^|:)${zeros}(:|$)`), '::');
}
