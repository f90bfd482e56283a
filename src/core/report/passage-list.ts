// One journey's packets, each with the points that saw it, in order of time. They are columns, since a long journey has
// many; rows are made when asked for.
import { type FollowedJourney, type Stream, untranslatedAt } from '../correlate/passages.ts';
import { ICMP, ICMPV6, TCP, TCP_ACK, TCP_FIN, TCP_PSH, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import { echoKind } from '../flows/flow-table.ts';
import { FRAGMENT } from '../flows/tables.ts';
import { type LadderPackets, type LadderRows, ladderRows } from '../scene/ladder-rows.ts';
import { type ReportSource, pointId, protocolName } from './build.ts';
import type { Passage, Sighting, TimeForm } from './views.ts';

/** Where a sighted packet's bytes stand. */
interface PacketPlace {
  readonly capture: number;
  readonly row: number;
  readonly point: number;
}

/** A packet in a leg of the corpus; `own` is the journey's leg there, `time` by the first point's clock. */
interface Placed {
  readonly own: number;
  readonly leg: number;
  readonly row: number;
  readonly time: number;
  readonly untranslated: boolean;
}

/** A packet from the first point that saw it on; `steps` are places in the streams of its direction. */
interface Chain {
  readonly back: boolean;
  readonly steps: readonly number[];
  /** The first step's place on the way: 0 is where packets of this direction come from. */
  readonly from: number;
  readonly isLost: boolean;
  readonly time: number;
  /** Of the chain whose packet this is a segment of: the place in the stream before the first; or -1. */
  readonly segmentOf: number;
}

export class PassageList {
  readonly length: number;
  private readonly source: ReportSource;
  /** Of the first packet, by the first point's clock. */
  private readonly start: number;
  private readonly followed: FollowedJourney;
  private readonly legs: number;
  private readonly again: ReadonlyMap<Stream, Uint8Array>;
  private readonly isBack: Uint8Array;
  private readonly from: Uint16Array;
  private readonly lost: Uint8Array;
  /** Passage of the packet that this one is a segment of, or -1. */
  private readonly pieceOf: Int32Array;
  /** First step of each passage, and one past the last. */
  private readonly firstStep: Uint32Array;
  private readonly steps: Uint32Array;
  private drawn: { readonly zoom: number; readonly packets: LadderPackets; readonly rows: LadderRows } | null = null;

  constructor(source: ReportSource, number: number) {
    this.source = source;
    this.followed = source.followed(number);
    this.legs = this.followed.out.length;
    this.start = earliest(this.followed);
    this.again = retransmitted(source, this.followed);
    const chains = [...chainsOf(this.followed, false), ...chainsOf(this.followed, true)];
    // Packets without a time stay where their files have them, after all others.
    const order = (time: number): number => (Number.isNaN(time) ? Number.MAX_VALUE : time);
    chains.sort((x, y) => order(x.time) - order(y.time));
    this.length = chains.length;
    this.isBack = Uint8Array.from(chains, ({ back }) => (back ? 1 : 0));
    this.from = Uint16Array.from(chains, ({ from }) => from);
    this.lost = Uint8Array.from(chains, ({ isLost }) => (isLost ? 1 : 0));
    this.firstStep = new Uint32Array(chains.length + 1);
    for (const [i, { steps }] of chains.entries()) this.firstStep[i + 1] = this.firstStep[i]! + steps.length;
    this.steps = new Uint32Array(this.firstStep[chains.length]!);
    for (const [i, { steps }] of chains.entries()) this.steps.set(steps, this.firstStep[i]);
    this.pieceOf = this.wholesOf(chains);
  }

  passage(index: number): Passage {
    const first = this.stream(index, 0);
    const at = this.steps[this.firstStep[index]!]!;
    const sightings = this.placed(index).map((place) => this.sighting(place));
    return {
      index,
      direction: this.isBack[index] === 1 ? 'back' : 'out',
      label: this.label(index),
      name: null,
      sightings,
      lostAfter: this.lost[index] === 1 ? sightings.at(-1)!.point : null,
      retransmission: this.again.get(first)?.[at] === 1,
      segmentOf: this.pieceOf[index]! < 0 ? null : this.pieceOf[index]!,
    };
  }

  places(index: number): PacketPlace[] {
    const { corpus } = this.source;
    return this.placed(index).map(({ leg, row }) => ({
      capture: corpus.captureOf(leg),
      row,
      point: corpus.legs.point[leg]!,
    }));
  }

  /** Where the packet was seen, in path order: its steps, and points that it passed untranslated. */
  private placed(index: number): Placed[] {
    const { corpus, visibility } = this.source;
    const steps = this.stepsOf(index);
    const [first] = steps;
    const streams =
      this.isBack[index] === 1 ? [...this.followed.back.entries()].reverse() : this.followed.out.entries();
    return [...streams].flatMap(([own, stream]): Placed[] => {
      const step = steps.find(({ leg }) => leg === own);
      if (step) {
        return [
          { own, leg: stream.leg, row: stream.rows[step.at]!, time: stream.times[step.at]!, untranslated: false },
        ];
      }
      if (steps.length === this.legs || corpus.sameTuple(first!.stream.leg, stream.leg)) return [];
      const point = corpus.legs.point[stream.leg]!;
      const found = untranslatedAt(corpus, first!.stream, first!.at, point, visibility);
      return found ? [{ own, ...found, untranslated: true }] : [];
    });
  }

  /** What its ladder is drawn from. */
  ladder(zoom: number): { readonly packets: LadderPackets; readonly rows: LadderRows } {
    if (this.drawn?.zoom !== zoom) {
      const packets = this.drawn?.packets ?? this.ladderPackets();
      this.drawn = { zoom, packets, rows: ladderRows(packets, zoom) };
    }
    return this.drawn;
  }

  /** What it is by its headers, such as `SYN`. */
  label(index: number): string {
    const { leg, rows } = this.stream(index, 0);
    return label(this.source, leg, rows[this.steps[this.firstStep[index]!]!]!);
  }

  /** When it was first seen, clocks corrected: after the journey's first packet, after the packet before it, or by day. */
  timeText(index: number, form: TimeForm): string {
    const time = this.timeOf(index);
    if (Number.isNaN(time)) return 'no time';
    if (form === 'absolute') return this.source.time(time).slice(11, 26);
    const before = form === 'delta' && index > 0 ? this.timeOf(index - 1) : this.start;
    return ((time - before) / 1e9).toFixed(6);
  }

  private timeOf(index: number): number {
    return this.stream(index, 0).times[this.steps[this.firstStep[index]!]!]!;
  }

  /** Times are nanoseconds after `start`. */
  private ladderPackets(): LadderPackets {
    const lane = new Uint16Array(this.steps.length);
    const time = new Float64Array(this.steps.length);
    const payload = new Uint32Array(this.steps.length);
    const shared = new Uint8Array(this.steps.length);
    const seen = new Map<Stream, Uint8Array>();
    for (let index = 0; index < this.length; index++) {
      for (const [i, { stream, at, leg }] of this.stepsOf(index).entries()) {
        const step = this.firstStep[index]! + i;
        lane[step] = leg;
        time[step] = stream.times[at]! - this.start;
        payload[step] = this.source.corpus.packetsOf(stream.leg).payloadLength[stream.rows[at]!]!;
        let before = seen.get(stream);
        if (!before) seen.set(stream, (before = new Uint8Array(stream.rows.length)));
        shared[step] = before[at]!;
        before[at] = 1;
      }
    }
    const { isBack, lost, firstStep, pieceOf: segmentOf } = this;
    const again = Uint8Array.from({ length: this.length }, (_, index) => {
      const at = this.steps[firstStep[index]!]!;
      return this.again.get(this.stream(index, 0))?.[at] ?? 0;
    });
    return { length: this.length, isBack, isLost: lost, again, segmentOf, firstStep, lane, time, payload, shared };
  }

  private stepsOf(index: number): { stream: Stream; at: number; leg: number }[] {
    const from = this.firstStep[index]!;
    return Array.from(this.steps.subarray(from, this.firstStep[index + 1]), (at, i) => {
      const leg = this.legOf(index, i);
      return { stream: this.stream(index, i), at, leg };
    });
  }

  /** The leg of a passage's step, counted from the client's side. */
  private legOf(index: number, step: number): number {
    const onTheWay = this.from[index]! + step;
    return this.isBack[index] === 1 ? this.legs - 1 - onTheWay : onTheWay;
  }

  private stream(index: number, step: number): Stream {
    return (this.isBack[index] === 1 ? this.followed.back : this.followed.out)[this.legOf(index, step)]!;
  }

  /** Per passage that of the packet which it is a segment of, or -1. */
  private wholesOf(chains: readonly Chain[]): Int32Array {
    const wholes = new Int32Array(chains.length).fill(-1);
    if (chains.every(({ segmentOf }) => segmentOf < 0)) return wholes;
    const holder = new Map<Stream, Int32Array>();
    for (let index = 0; index < chains.length; index++) {
      for (const { stream, at } of this.stepsOf(index)) {
        let own = holder.get(stream);
        if (!own) holder.set(stream, (own = new Int32Array(stream.rows.length).fill(-1)));
        if (own[at] === -1) own[at] = index;
      }
    }
    for (const [index, { segmentOf, back, from }] of chains.entries()) {
      if (segmentOf < 0) continue;
      const before = back ? this.followed.back[this.legs - from]! : this.followed.out[from - 1]!;
      wholes[index] = holder.get(before)?.[segmentOf] ?? -1;
    }
    return wholes;
  }

  private sighting({ own, leg, row, time, untranslated }: Placed): Sighting {
    const packets = this.source.corpus.packetsOf(leg);
    return {
      point: pointId(this.source.corpus.legs.point[leg]!),
      leg: own,
      atNs: time - this.start,
      time: packetTime(this.source, this.source.corpus.captureOf(leg), row),
      wireLength: packets.wireLength[row]!,
      capturedLength: packets.capturedLength[row]!,
      untranslated,
    };
  }
}

/** Packets of one direction, each followed from the first point that saw it. */
function* chainsOf(followed: FollowedJourney, back: boolean): Generator<Chain> {
  const streams = back ? [...followed.back].reverse() : followed.out;
  const crossings = followed.gaps.map((gap) => (back ? gap.back : gap.out));
  if (back) crossings.reverse();
  // Packets that an earlier point's chain already holds.
  const held = streams.map((stream) => new Uint8Array(stream.rows.length));
  for (const [from, stream] of streams.entries()) {
    for (let first = 0; first < stream.rows.length; first++) {
      if (held[from]![first] === 1) continue;
      const steps = [first];
      let isLost = false;
      for (let point = from, at = first; point < crossings.length; point++) {
        const crossing = crossings[point]!;
        const next = crossing.next[at]!;
        if (next === -1) {
          isLost = crossing.isLost[at] === 1;
          break;
        }
        held[point + 1]![next] = 1;
        steps.push(next);
        at = next;
      }
      const segmentOf = from === 0 ? -1 : crossings[from - 1]!.segmentOf[first]!;
      yield { back, steps, from, isLost, time: stream.times[first]!, segmentOf };
    }
  }
}

function earliest(followed: FollowedJourney): number {
  let least = Number.POSITIVE_INFINITY;
  for (const stream of [...followed.out, ...followed.back])
    for (const time of stream.times) if (time < least) least = time;
  return least;
}

/** As the capture's own clock had it. */
export function packetTime(source: ReportSource, capture: number, row: number): string {
  const { tables } = source.corpus.captures[capture]!;
  return source.time(tables.packets.time[row]! + source.corpus.timeShift(capture));
}

/** Per stream of TCP: 1 where a packet's bytes, or its SYN, went before it. */
function retransmitted(source: ReportSource, followed: FollowedJourney): Map<Stream, Uint8Array> {
  const streams = new Map<Stream, Uint8Array>();
  for (const stream of [...followed.out, ...followed.back]) {
    if (source.corpus.legs.protocol[stream.leg] !== TCP) continue;
    const p = source.corpus.packetsOf(stream.leg);
    const again = new Uint8Array(stream.rows.length);
    let reached: number | null = null;
    for (const [at, row] of stream.rows.entries()) {
      const occupied = p.payloadLength[row]! + ((p.flags[row]! & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0);
      if (occupied === 0) continue;
      const end = (p.sequence[row]! + occupied) | 0;
      if (reached !== null && ((end - reached) | 0) <= 0) again[at] = 1;
      else reached = end;
    }
    streams.set(stream, again);
  }
  return streams;
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
