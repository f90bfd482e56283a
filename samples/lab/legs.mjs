// The legs in a capture that the lab itself has made.
//
// A leg is { proto, flow, packets, syns }: `flow` is "src:sport>dst:dport" in the direction of the first packet (ICMP
// echo: the id stands for both ports), `syns` the initial sequence numbers of its connections, in order, repeated SYNs
// included. An ICMP error is a leg too, `src:tN>dst:tN` by its type, with `quotes`, the keys of the legs that it quotes.
import { decode, flag } from './packet.mjs';
import { readCapture } from './pcap.mjs';

/** The name of a leg whatever the direction: its protocol and both ends in a fixed order. */
export const legKey = (proto, flow) => [proto, ...flow.split('>').sort()].join(' ');

export function readLegs(file) {
  const { linkType, records } = readCapture(file);
  const legs = new Map();
  for (const { bytes } of records) {
    const packet = decode(linkType, bytes);
    const flow = packet && flowOf(packet);
    if (!flow) continue;
    const key = legKey(packet.proto, flow);
    if (!legs.has(key)) legs.set(key, { proto: packet.proto, flow, packets: 0, syns: [] });
    const leg = legs.get(key);
    leg.packets++;
    if (packet.quoted) (leg.quotes ??= new Set()).add(legKey(packet.quoted.proto, flowOf(packet.quoted) ?? ''));
    if (packet.proto === 'tcp' && (packet.flags & (flag.syn | flag.ack)) === flag.syn) leg.syns.push(packet.seq);
  }
  return legs;
}

function flowOf(packet) {
  if (packet.from) return `${packet.from}>${packet.to}`;
  return packet.quoted ? `${packet.src}:t${packet.icmpType}>${packet.dst}:t${packet.icmpType}` : undefined;
}
