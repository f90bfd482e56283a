// One journey's packets, each with the points that saw it, in order of time.
import type { Crossing, FollowedJourney, Stream } from '../correlate/passages.ts';
import { ICMP, ICMPV6, TCP, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import { echoKind } from '../flows/flow-table.ts';
import { FRAGMENT } from '../flows/tables.ts';
import { type ReportSource, pointId } from './build.ts';
import { protocolName } from './build.ts';
import type { Passage, Sighting } from './views.ts';

/** Where a sighted packet's bytes stand. */
interface PacketPlace {
  readonly capture: number;
  readonly row: number;
  readonly point: number;
}

export interface PlacedPassage {
  readonly passage: Passage;
  readonly places: readonly PacketPlace[];
}

export function listPassages(source: ReportSource, number: number): PlacedPassage[] {
  const followed = source.followed(number);
  const start = earliest(followed);
  const chains = [...chainsOf(followed, 'out'), ...chainsOf(followed, 'back')];
  chains.sort((x, y) => x.time - y.time);
  const retransmissions = retransmitted(source, followed);
  return chains.map(({ direction, steps, lostAfter }, index) => {
    const first = steps[0]!;
    const row = first.stream.rows[first.at]!;
    const passage: Passage = {
      index,
      direction,
      label: label(source, first.stream.leg, row),
      name: null,
      sightings: steps.map(({ stream, at }) => sighting(source, stream, at, start)),
      lostAfter: lostAfter === null ? null : pointId(source.corpus.legs.point[lostAfter.leg]!),
      retransmission: retransmissions.has(`${first.stream.leg} ${row}`),
    };
    const places = steps.map(({ stream, at }) => ({
      capture: source.corpus.captureOf(stream.leg),
      row: stream.rows[at]!,
      point: source.corpus.legs.point[stream.leg]!,
    }));
    return { passage, places };
  });
}

interface Chain {
  readonly direction: 'out' | 'back';
  readonly steps: readonly { readonly stream: Stream; readonly at: number }[];
  readonly lostAfter: Stream | null;
  readonly time: number;
}

/** Packets of one direction, each followed from the first point that saw it. */
function* chainsOf(followed: FollowedJourney, direction: 'out' | 'back'): Generator<Chain> {
  const streams = direction === 'out' ? followed.out : [...followed.back].reverse();
  const crossings: Crossing[] = followed.gaps.map((gap) => gap[direction]);
  if (direction === 'back') crossings.reverse();
  // Packets that an earlier point's chain already holds.
  const held = streams.map((stream) => new Uint8Array(stream.rows.length));
  for (const [i, stream] of streams.entries()) {
    for (let first = 0; first < stream.rows.length; first++) {
      if (held[i]![first] === 1) continue;
      const steps = [{ stream, at: first }];
      let lostAfter: Stream | null = null;
      for (let point = i, at = first; point < crossings.length; point++) {
        const crossing = crossings[point]!;
        const next = crossing.next[at]!;
        if (next === -1) {
          if (crossing.isLost[at] === 1) lostAfter = streams[point]!;
          break;
        }
        held[point + 1]![next] = 1;
        steps.push({ stream: streams[point + 1]!, at: next });
        at = next;
      }
      yield { direction, steps, lostAfter, time: stream.times[first]! };
    }
  }
}

function earliest(followed: FollowedJourney): number {
  let least = Number.POSITIVE_INFINITY;
  for (const stream of [...followed.out, ...followed.back])
    for (const time of stream.times) if (time < least) least = time;
  return least;
}

function sighting(source: ReportSource, stream: Stream, at: number, start: number): Sighting {
  const packets = source.corpus.packetsOf(stream.leg);
  const row = stream.rows[at]!;
  return {
    point: pointId(source.corpus.legs.point[stream.leg]!),
    atNs: stream.times[at]! - start,
    time: packetTime(source, source.corpus.captureOf(stream.leg), row),
    wireLength: packets.wireLength[row]!,
    capturedLength: packets.capturedLength[row]!,
  };
}

/** As the capture's own clock had it. */
export function packetTime(source: ReportSource, capture: number, row: number): string {
  const { tables } = source.corpus.captures[capture]!;
  return source.time(tables.packets.time[row]! + source.corpus.timeShift(capture));
}

/** `leg row` of packets whose bytes, or whose SYN, went before them. */
function retransmitted(source: ReportSource, followed: FollowedJourney): Set<string> {
  const again = new Set<string>();
  for (const stream of [...followed.out, ...followed.back]) {
    if (source.corpus.legs.protocol[stream.leg] !== TCP) continue;
    const p = source.corpus.packetsOf(stream.leg);
    let reached: number | null = null;
    for (const row of stream.rows) {
      const occupied = p.payloadLength[row]! + ((p.flags[row]! & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0);
      if (occupied === 0) continue;
      const end = (p.sequence[row]! + occupied) | 0;
      if (reached !== null && ((end - reached) | 0) <= 0) again.add(`${stream.leg} ${row}`);
      else reached = end;
    }
  }
  return again;
}

function label(source: ReportSource, leg: number, row: number): string {
  const protocol = source.corpus.legs.protocol[leg]!;
  const p = source.corpus.packetsOf(leg);
  const flags = p.flags[row]!;
  const length = p.payloadLength[row]!;
  if ((flags & FRAGMENT) !== 0) return 'later fragment';
  if (protocol === TCP) {
    const names = [
      [TCP_SYN, 'SYN'],
      [TCP_FIN, 'FIN'],
      [TCP_RST, 'RST'],
      [TCP_PSH, 'PSH'],
      [TCP_ACK, 'ACK'],
    ] as const;
    const set = names.filter(([bit]) => (flags & bit) !== 0).map(([, name]) => name);
    return [...set, ...(length > 0 ? [String(length)] : [])].join(' ');
  }
  if (protocol === ICMP || protocol === ICMPV6) {
    const [type, code] = [p.acknowledgment[row]! >> 8, p.acknowledgment[row]! & 0xff];
    const echo = echoKind(protocol, type);
    if (echo === 0) return `ICMP type ${type} code ${code}`;
    return `echo ${echo === 1 ? 'request' : 'reply'} ${p.sequence[row]!}`;
  }
  return `${protocolName(protocol).toUpperCase()} ${length}`;
}
