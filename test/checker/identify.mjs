// An independent judge: which legs of two captures can be told to be one connection, by the packets alone? It shares no
// code with the program and knows no truth; it reads classic pcap with the lab's own reader.
//
// A packet's print is what translation leaves of it: of TCP both numbers, flags and length, or, where a box draws numbers
// anew, timestamps and payload; of datagrams and echoes length and payload; and the IP id where TCP shows that ids are kept. Two
// packets may be one if their prints are equal and their times are as far apart as those of packets that surely are one:
// prints that occur once in each capture bound that distance.
//
//   identifiable  some packet can only be in these two legs, or the tuple is unchanged and a packet is shared
//   symmetric     for each of the two some other leg explains as many packets: several assignments are as good
//   unclear       neither
//   apart         no packet is in both
import { createHash } from 'node:crypto';
import { legKey } from '../../samples/lab/legs.mjs';
import { decode, flag } from '../../samples/lab/packet.mjs';
import { readCapture } from '../../samples/lab/pcap.mjs';

/** µs by which a packet may be earlier or later than those whose distance is known, beside as much as those differ. */
const slack = 10_000;
/** Of this many packets that surely are one, this share must have kept its IP id. */
const idsKept = { atLeast: 20, share: 0.95 };
/** Bytes that a connection may have gone on between two captures. */
const ongoing = 1 << 20;
const icmpv6Echo = { 128: 8, 129: 0 };

/** A capture: its packets that belong to legs, { leg, time, packet, frame }, and by leg; which legs are one connection. */
export function readLegPackets(file) {
  const { linkType, snapLength, records } = readCapture(file);
  const packets = records.flatMap(({ time, bytes }) => {
    const packet = decode(linkType, bytes);
    if (!packet?.from) return [];
    const leg = legKey(packet.proto.replace('icmpv6', 'icmp'), `${packet.from}>${packet.to}`);
    return [{ leg, time, packet, frame: bytes }];
  });
  const room = {}; // by protocol, how many bytes of payload are surely captured of a packet that has them
  for (const { packet } of packets) {
    const bytes = Math.max(0, snapLength - packet.payloadAt);
    room[packet.proto] = Math.min(room[packet.proto] ?? bytes, bytes);
  }
  const capture = { packets, legs: groupBy(packets, ({ leg }) => leg), room };
  return { ...capture, rootOf: groupsOf(capture) };
}

function groupBy(items, keyOf) {
  const groups = new Map();
  for (const item of items) {
    const key = keyOf(item);
    if (groups.has(key)) groups.get(key).push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/**
 * Compares two captures (or one with itself, for a box's both sides in one file). `judge(legA, legB)` gives one of the four
 * words; `sharing(legA, legB, fromA, toA)` counts packets of `legA`, within a time, that can be packets of `legB`.
 */
export function compare(a, b) {
  const room = commonRoom(a, b);
  const absolute = new Comparison(a, b, (entry) => print(entry, room, false, false));
  const numbersKept = absolute.certain.some(([{ packet }]) => packet.proto === 'tcp');
  const first = numbersKept ? absolute : new Comparison(a, b, (entry) => print(entry, room, true, false));
  const tcp = first.certain.filter(
    ([x, y]) => x.packet.proto === 'tcp' && x.packet.version === 4 && y.packet.version === 4,
  );
  const kept = tcp.filter(([x, y]) => x.packet.ipId === y.packet.ipId).length;
  if (tcp.length < idsKept.atLeast || kept / tcp.length < idsKept.share) return first;
  return new Comparison(a, b, (entry) => print(entry, room, !numbersKept, true));
}

/** By protocol, how many bytes of payload both captures have of every packet that is long enough. */
function commonRoom(a, b) {
  const protocols = new Set([...Object.keys(a.room), ...Object.keys(b.room)]);
  return Object.fromEntries(
    [...protocols].map((proto) => [proto, Math.min(a.room[proto] ?? Infinity, b.room[proto] ?? Infinity)]),
  );
}

function print({ packet, frame }, room, numbersAnew, withId) {
  const { proto, payloadAt, payloadLength } = packet;
  const prefix = () => {
    const wanted = Math.min(room[proto], payloadLength);
    return createHash('sha1')
      .update(frame.subarray(payloadAt, payloadAt + wanted))
      .digest('base64');
  };
  const own = () => {
    if (proto === 'tcp') {
      const signs = packet.flags & (flag.syn | flag.fin | flag.rst | flag.ack);
      if (!numbersAnew) return [packet.seq, packet.flags & flag.ack ? packet.ack : 0, signs, payloadLength];
      return [signs, payloadLength, prefix(), packet.tsval, packet.tsecr];
    }
    const type = icmpv6Echo[packet.icmpType] ?? packet.icmpType;
    return [payloadLength, prefix(), type, packet.icmpSeq, packet.tag];
  };
  return [proto.replace('icmpv6', 'icmp'), withId && packet.ipId, ...own()].join();
}

/**
 * A capture of both sides of a box holds most packets twice, in two legs of one connection. Joins such legs of one file: the
 * result maps each leg to the first of its group.
 */
function groupsOf(capture) {
  const first = new Map([...capture.legs.keys()].map((leg) => [leg, leg]));
  const root = (leg) => {
    while (first.get(leg) !== leg) leg = first.get(leg);
    return leg;
  };
  const [tcp, others] = [true, false].map((isTcp) => {
    const packets = capture.packets.filter(({ packet }) => (packet.proto === 'tcp') === isTcp);
    return [...groupBy(packets, (entry) => print(entry, capture.room, false, true)).values()].filter(
      ([x, y, more]) => y && !more && x.leg !== y.leg && x.packet.ttl !== y.packet.ttl,
    );
  });
  if (tcp.length === 0) return root; // not both sides of anything
  const longest = tcp.reduce((most, [x, y]) => Math.max(most, y.time - x.time), 0) + slack;
  for (const [x, y] of [...tcp, ...others.filter(([x, y]) => y.time - x.time <= longest)])
    first.set(root(y.leg), root(x.leg));
  return root;
}

class Comparison {
  constructor(a, b, printOf) {
    this.same = a === b;
    this.a = a;
    this.b = b;
    this.rootA = a.rootOf;
    this.rootB = b.rootOf;
    this.prints = new Map([...a.packets, ...b.packets].map((entry) => [entry, printOf(entry)]));
    this.printsA = groupBy(a.packets, (entry) => this.prints.get(entry));
    this.printsB = this.same ? this.printsA : groupBy(b.packets, (entry) => this.prints.get(entry));
    this.certain = this.#certain();
    const distances = this.certain.map(([x, y]) => y.time - x.time);
    const [least, most] = distances.reduce(
      ([low, high], d) => [Math.min(low, d), Math.max(high, d)],
      [Infinity, -Infinity],
    );
    const tolerance = slack + most - least;
    this.window = distances.length > 0 ? [least - tolerance, most + tolerance] : [-Infinity, Infinity];
    this.counts = new Map();
  }

  /** Packets that occur once at each side, or, in a file of both sides of a box, within one group of legs. */
  #certain() {
    const pairs = [];
    for (const [print, ofA] of this.printsA) {
      if (this.same) {
        if (ofA.length === 2 && ofA[0].leg !== ofA[1].leg) pairs.push(ofA);
        continue;
      }
      const ofB = this.printsB.get(print) ?? [];
      const inOneGroup = (entries, root) => new Set(entries.map(({ leg }) => root(leg))).size === 1;
      const passedOnce = (entries) => new Set(entries.map(({ leg }) => leg)).size === entries.length;
      if (inOneGroup(ofA, this.rootA) && inOneGroup(ofB, this.rootB) && passedOnce(ofA) && passedOnce(ofB)) {
        for (const x of ofA) for (const y of ofB) pairs.push([x, y]);
      }
    }
    return pairs;
  }

  /** Packets of the other side that this one may be; `fromA` says on which side it stands. */
  #partners(entry, fromA) {
    const [least, most] = this.window;
    const prints = (fromA ? this.printsB : this.printsA).get(this.prints.get(entry)) ?? [];
    return prints.filter((other) => {
      if (this.same && other.leg === entry.leg) return false;
      const distance = fromA ? other.time - entry.time : entry.time - other.time;
      return (distance >= least && distance <= most) || (this.same && -distance >= least && -distance <= most);
    });
  }

  /** Of a leg: the groups of legs of the other side, each with the number of this leg's packets that it may have. */
  #explained(leg, fromA) {
    const name = `${fromA} ${leg}`;
    if (!this.counts.has(name)) {
      const root = fromA ? this.rootB : this.rootA;
      const counts = new Map();
      for (const entry of (fromA ? this.a : this.b).legs.get(leg) ?? []) {
        for (const other of new Set(this.#partners(entry, fromA).map((partner) => root(partner.leg)))) {
          counts.set(other, (counts.get(other) ?? 0) + 1);
        }
      }
      this.counts.set(name, counts);
    }
    return this.counts.get(name);
  }

  judge(legA, legB) {
    if (this.sharing(legA, legB) === 0) return 'apart';
    if (legA === legB) return 'identifiable';
    const [groupA, groupB] = [this.rootA(legA), this.rootB(legB)];
    const onlyHere = this.a.legs.get(legA).some((entry) => {
      const partners = this.#partners(entry, true);
      return (
        partners.length > 0 &&
        partners.every((partner) => this.rootB(partner.leg) === groupB) &&
        partners.every((partner) => this.#partners(partner, false).every((back) => this.rootA(back.leg) === groupA))
      );
    });
    if (onlyHere) return 'identifiable';
    const rivalled = (leg, fromA, own) =>
      [...this.#explained(leg, fromA)].some(
        ([other, count]) => other !== own && count >= this.#explained(leg, fromA).get(own),
      );
    return rivalled(legA, true, groupB) && rivalled(legB, false, groupA) ? 'symmetric' : 'unclear';
  }

  /** How many packets of `legA` from `first` to `last` (µs) may be packets of `legB`. */
  sharing(legA, legB, first = -Infinity, last = Infinity) {
    const within = (this.a.legs.get(legA) ?? []).filter(({ time }) => time >= first && time <= last);
    return within.filter((entry) => this.#partners(entry, true).some((partner) => partner.leg === legB)).length;
  }

  /** Whether a TCP connection of the same tuple at both sides goes on here where it stood there: captures that do not overlap. */
  continues(leg) {
    const [here, there] = [this.a, this.b].map(({ legs }) => numbersOf(legs.get(leg) ?? []));
    return [...here].some(([from, seq]) => there.has(from) && Math.abs((there.get(from) - seq) | 0) < ongoing);
  }
}

/** By end, the sequence number of its last segment. */
function numbersOf(packets) {
  return new Map(packets.filter(({ packet }) => packet.proto === 'tcp').map(({ packet }) => [packet.from, packet.seq]));
}
