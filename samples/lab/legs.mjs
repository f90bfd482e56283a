// The legs in a capture that the lab itself has made: classic pcap, microseconds, little-endian, Ethernet, IPv4.
//
// A leg is { proto, flow, packets, syns }: `flow` is "src:sport>dst:dport" in the direction of the first packet (ICMP
// echo: the id stands for both ports), `syns` the initial sequence numbers of its connections, in order, repeated SYNs
// included. ICMP errors are no legs.
import fs from 'node:fs';

const magic = 0xa1b2c3d4;
const ethernet = 1;
const protocols = { 1: 'icmp', 6: 'tcp', 17: 'udp' };

/** The name of a leg whatever the direction: its protocol and both ends in a fixed order. */
export const legKey = (proto, flow) => [proto, ...flow.split('>').sort()].join(' ');

export function readLegs(file) {
  const bytes = fs.readFileSync(file);
  if (bytes.length < 24 || bytes.readUInt32LE(0) !== magic || bytes.readUInt32LE(20) !== ethernet) {
    throw new Error(`${file}: not a capture of this lab`);
  }
  const legs = new Map();
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const packet = decode(bytes.subarray(at + 16, at + 16 + bytes.readUInt32LE(at + 8)));
    if (!packet) continue;
    const key = legKey(packet.proto, packet.flow);
    if (!legs.has(key)) legs.set(key, { proto: packet.proto, flow: packet.flow, packets: 0, syns: [] });
    const leg = legs.get(key);
    leg.packets++;
    if (packet.isn !== undefined) leg.syns.push(packet.isn);
  }
  return legs;
}

function decode(frame) {
  if (frame.readUInt16BE(12) !== 0x0800) return undefined;
  const ip = frame.subarray(14);
  const proto = protocols[ip[9]];
  if (!proto) return undefined;
  const above = ip.subarray((ip[0] & 15) * 4);
  if (proto === 'icmp' && above[0] !== 0 && above[0] !== 8) return undefined;
  const [from, to] = proto === 'icmp' ? [4, 4] : [0, 2];
  const end = (addressAt, portAt) => `${ip.subarray(addressAt, addressAt + 4).join('.')}:${above.readUInt16BE(portAt)}`;
  const opens = proto === 'tcp' && (above[13] & 0x12) === 0x02;
  return { proto, flow: `${end(12, from)}>${end(16, to)}`, isn: opens ? above.readUInt32BE(4) : undefined };
}
