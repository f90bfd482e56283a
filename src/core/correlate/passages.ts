// One journey's packets followed across its points. Between two neighbouring points, in each direction, a packet is found
// again by what survives translation: TCP by sequence, acknowledgment, length, flags and timestamp, others by length and
// digest (and an echo's sequence number). Equal ones (a SYN sent again without timestamps) are told apart by IP id and
// time. Where segmentation differs, byte ranges decide: a packet passed if what nothing else accounts for covers it.
import { TCP, TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import { BACK, HAS_TIME, HAS_TIMESTAMPS, ICMP_ERROR, type PacketTable } from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';
import type { TracedJourney } from './journeys.ts';
import { datagramKey, keyOf } from './sketch.ts';
import type { SequenceShift } from './tie.ts';

/** Packets of a leg in the journey's direction `back`, in the order of the file. */
export interface Stream {
  readonly leg: number;
  readonly rows: readonly number[];
  /** Corpus times by the first point's clock; NaN without one. */
  readonly times: readonly number[];
}

/** One direction between two neighbouring points; indices are into the streams. */
export interface Crossing {
  readonly upstream: Stream;
  readonly downstream: Stream;
  /** Per upstream packet: its first counterpart downstream, or -1. */
  readonly next: Int32Array;
  /**
   * Per upstream packet: 1 where it was lost on the way. A packet with neither counterpart nor loss was not seen further
   * on, and nothing proves that it was lost (outside the window there, or not captured).
   */
  readonly isLost: Uint8Array;
  /** Per downstream packet: 1 where nothing upstream accounts for it. */
  readonly born: Uint8Array;
  /** Per downstream packet: the upstream packet of more bytes that it is a segment of, or -1. */
  readonly segmentOf: Int32Array;
  readonly passed: number;
  readonly lost: number;
  readonly bornCount: number;
  /** Corrected one-way delays of packets found one for one, in nanoseconds. */
  readonly delays: readonly number[];
  /** Packets found one for one whose IP ids are equal and not 0. */
  readonly sameIpId: number;
}

export interface FollowedJourney {
  /** Per link of the journey: client to server, and back. */
  readonly gaps: readonly { readonly out: Crossing; readonly back: Crossing }[];
  /** Per leg. */
  readonly out: readonly Stream[];
  readonly back: readonly Stream[];
}

/** What points can see, as far as following packets needs it. */
export interface Visibility {
  /** What to subtract from a point's corpus times to get the first point's clock. */
  readonly offset: readonly number[];
  /** Per point: whether any journey shows packets of this direction there. */
  readonly seesOut: readonly boolean[];
  readonly seesBack: readonly boolean[];
}

/** Beyond the ends of a point's window this much is no longer "it would have seen it"; nanoseconds. */
const WINDOW_EDGE = 1e6;
/** Pieces of one packet are at most this far apart. */
const RESEGMENTED_WITHIN = 1e9;
/** One packet that a point shows twice (a capture of `any`) stands there within this time; nanoseconds. */
const SHOWN_TWICE_WITHIN = 1e6;
/** An untranslated packet is at the next point at this time, clocks corrected; nanoseconds. */
const UNTRANSLATED_WITHIN = 250e6;
/** Equal packets that are paired by trying all pairs; more are paired in order. */
const MAX_PAIRS = 4096;

export function followPackets(corpus: Corpus, journey: TracedJourney, visibility: Visibility): FollowedJourney {
  const streams = journey.legs.map((leg, i) => streamsOf(corpus, leg, journey.reversed[i]!, visibility));
  const out = streams.map((s) => s.out);
  const back = streams.map((s) => s.back);
  const gaps = journey.links.map(({ shift }, i) => {
    const [client, server] = shift ?? [0, 0];
    return {
      out: cross(corpus, out[i]!, out[i + 1]!, [client, server], back[i]!, visibility, true),
      back: cross(corpus, back[i + 1]!, back[i]!, [-server, -client], out[i + 1]!, visibility, false),
    };
  });
  return { gaps, out, back };
}

function streamsOf(
  corpus: Corpus,
  leg: number,
  reversed: boolean,
  visibility: Visibility,
): { out: Stream; back: Stream } {
  const packets = corpus.packetsOf(leg);
  const shift = corpus.timeShift(corpus.captureOf(leg)) - visibility.offset[corpus.legs.point[leg]!]!;
  const streams = [
    { rows: [] as number[], times: [] as number[] },
    { rows: [] as number[], times: [] as number[] },
  ] as const;
  for (const row of corpus.rowsOf(leg)) {
    const flags = packets.flags[row]!;
    const stream = streams[((flags & BACK) !== 0) === reversed ? 0 : 1];
    stream.rows.push(row);
    stream.times.push((flags & HAS_TIME) === 0 ? Number.NaN : packets.time[row]! + shift);
  }
  return { out: { leg, ...streams[0] }, back: { leg, ...streams[1] } };
}

function cross(
  corpus: Corpus,
  up: Stream,
  down: Stream,
  shift: SequenceShift,
  answers: Stream,
  visibility: Visibility,
  out: boolean,
): Crossing {
  const crossing = new Matcher(corpus, up, down, shift);
  crossing.matchAlike(true);
  crossing.matchAlike(false);
  crossing.coverRanges();
  return crossing.conclude(answers, visibility, out);
}

class Matcher {
  private readonly corpus: Corpus;
  private readonly up: Stream;
  private readonly down: Stream;
  /** To add to what upstream packets have as sequence and as acknowledgment number. */
  private readonly shift: SequenceShift;
  private readonly isTcp: boolean;
  private readonly isIcmpError: boolean;
  private readonly next: Int32Array;
  private readonly taken: Uint8Array;
  private readonly segmentOf: Int32Array;
  private readonly delays: number[] = [];
  private sameIpId = 0;
  /** Upstream packets whose bytes another one carries too. */
  private sentAgain: ReadonlySet<number> | null = null;
  /** How far the other direction acknowledged, as the upstream point saw it. */
  private acknowledged: { readonly any: boolean; readonly number: number } | null = null;

  constructor(corpus: Corpus, up: Stream, down: Stream, shift: SequenceShift) {
    this.corpus = corpus;
    this.up = up;
    this.down = down;
    this.shift = shift;
    this.isTcp = corpus.legs.protocol[up.leg] === TCP;
    this.isIcmpError = (corpus.legs.traits[up.leg]! & ICMP_ERROR) !== 0;
    this.next = new Int32Array(up.rows.length).fill(-1);
    this.taken = new Uint8Array(down.rows.length);
    this.segmentOf = new Int32Array(down.rows.length).fill(-1);
  }

  /** Finds packets one for one; `strictly` with acknowledgment and timestamp, else without (boxes may rewrite them). */
  matchAlike(strictly: boolean): void {
    if (!strictly && !this.isTcp) return;
    const upstream = this.group(this.up, strictly, (i) => this.next[i] === -1);
    const downstream = this.group(this.down, strictly, (i) => this.taken[i] === 0);
    for (const [key, us] of upstream) {
      const ds = downstream.get(key);
      if (ds) this.pair(us, ds);
    }
  }

  private group(stream: Stream, strictly: boolean, free: (i: number) => boolean): Map<number, number[]> {
    const p = this.corpus.packetsOf(stream.leg);
    const [own, other] = this.shiftOf(stream);
    const groups = new Map<number, number[]>();
    for (let i = 0; i < stream.rows.length; i++) {
      if (!free(i)) continue;
      const row = stream.rows[i]!;
      let key: number;
      if (this.isTcp) {
        const kind = p.flags[row]! & (strictly ? TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK : TCP_SYN | TCP_FIN | TCP_RST);
        // An empty packet without SYN, FIN or RST is known by its acknowledgment alone.
        if (!strictly && p.payloadLength[row] === 0 && kind === 0) continue;
        const stamp = strictly && (p.flags[row]! & HAS_TIMESTAMPS) !== 0 ? p.tsVal[row]! : 0;
        const acknowledges = strictly && (p.flags[row]! & TCP_ACK) !== 0;
        key = keyOf(
          p.sequence[row]! + own,
          (p.payloadLength[row]! << 8) | kind,
          (acknowledges ? p.acknowledgment[row]! + other : 0) ^ Math.imul(stamp, 0x9e3779b1),
        );
      } else {
        // What an ICMP error quotes is translated with it; between IPv4 and IPv6 even its length changes.
        key = this.isIcmpError ? 0 : datagramKey(this.corpus, this.corpus.legs.protocol[stream.leg]!, p, row);
      }
      const group = groups.get(key);
      if (group) group.push(i);
      else groups.set(key, [i]);
    }
    return groups;
  }

  /** Pairs packets that look alike: those with the same IP id first, then the nearest in time. */
  private pair(us: readonly number[], ds: readonly number[]): void {
    if (us.length === 1 && ds.length === 1) {
      this.take(us[0]!, ds[0]!);
      return;
    }
    if (us.length * ds.length > MAX_PAIRS) {
      for (let i = 0; i < Math.min(us.length, ds.length); i++) this.take(us[i]!, ds[i]!);
      return;
    }
    const pairs: { u: number; d: number; otherId: boolean; apart: number }[] = [];
    for (const u of us) {
      for (const d of ds) {
        const apart = Math.abs(this.down.times[d]! - this.up.times[u]!);
        pairs.push({ u, d, otherId: !this.hasSameIpId(u, d), apart: Number.isNaN(apart) ? 0 : apart });
      }
    }
    pairs.sort((x, y) => Number(x.otherId) - Number(y.otherId) || x.apart - y.apart || x.u - y.u || x.d - y.d);
    for (const { u, d } of pairs) if (this.next[u] === -1 && this.taken[d] === 0) this.take(u, d);
    // One packet shown twice went where its twin went.
    for (const u of us) {
      const twin =
        this.next[u] === -1 ? us.find((v) => this.next[v] !== -1 && isTwin(this.corpus, this.up, u, v)) : null;
      if (twin != null) this.next[u] = this.next[twin]!;
    }
    for (const d of ds) {
      if (ds.some((e) => this.taken[e] === 1 && isTwin(this.corpus, this.down, d, e))) this.taken[d] = 1;
    }
  }

  private hasSameIpId(u: number, d: number): boolean {
    const id = this.corpus.packetsOf(this.up.leg).ipId[this.up.rows[u]!]!;
    return id !== 0 && id === this.corpus.packetsOf(this.down.leg).ipId[this.down.rows[d]!];
  }

  private take(u: number, d: number): void {
    this.next[u] = d;
    this.taken[d] = 1;
    const delay = this.down.times[d]! - this.up.times[u]!;
    if (!Number.isNaN(delay)) this.delays.push(delay);
    if (this.hasSameIpId(u, d)) this.sameIpId++;
  }

  /** Segmentation that differs: what is left on either side, by byte ranges. */
  coverRanges(): void {
    if (!this.isTcp) return;
    const us = this.unmatchedRanges(this.up, (i) => this.next[i] === -1);
    const ds = this.unmatchedRanges(this.down, (i) => this.taken[i] === 0);
    if (us.ranges.length === 0 || ds.ranges.length === 0) return;
    const usedDown = new Set<number>();
    for (const u of us.ranges) {
      const pieces = ds.overlapping(u);
      if (!covers(u, pieces)) continue;
      this.next[u.index] = pieces[0]!.index;
      for (const piece of pieces) {
        usedDown.add(piece.index);
        if (pieces.length > 1 && this.segmentOf[piece.index] === -1) this.segmentOf[piece.index] = u.index;
      }
    }
    for (const d of ds.ranges) if (usedDown.has(d.index) || covers(d, us.overlapping(d))) this.taken[d.index] = 1;
  }

  private shiftOf(stream: Stream): SequenceShift {
    return stream === this.up ? this.shift : [0, 0];
  }

  private unmatchedRanges(stream: Stream, free: (i: number) => boolean): RangeList {
    const p = this.corpus.packetsOf(stream.leg);
    const [own] = this.shiftOf(stream);
    const ranges: Range[] = [];
    for (let i = 0; i < stream.rows.length; i++) {
      const row = stream.rows[i]!;
      const length = p.payloadLength[row]!;
      if (length > 0 && free(i))
        ranges.push({ index: i, start: (p.sequence[row]! + own) >>> 0, length, time: stream.times[i]! });
    }
    return new RangeList(ranges);
  }

  conclude(answers: Stream, visibility: Visibility, out: boolean): Crossing {
    const { corpus, up, down } = this;
    const upPoint = corpus.points[corpus.legs.point[up.leg]!]!;
    const downNumber = corpus.legs.point[down.leg]!;
    const downPoint = corpus.points[downNumber]!;
    const sees = down.rows.length > 0 || (out ? visibility.seesOut : visibility.seesBack)[downNumber]!;
    const within = (time: number, point: { first: number; last: number }, offset: number): boolean =>
      time >= point.first - offset + WINDOW_EDGE && time <= point.last - offset - WINDOW_EDGE;
    const mayBeUntranslated = !corpus.sameTuple(up.leg, down.leg);
    const isLost = new Uint8Array(up.rows.length);
    let passed = 0;
    let lost = 0;
    for (let u = 0; u < up.rows.length; u++) {
      if (this.next[u] !== -1) passed++;
      else if (
        sees &&
        within(up.times[u]!, downPoint, visibility.offset[downNumber]!) &&
        !this.wasReceivedAllTheSame(u, answers) &&
        !(mayBeUntranslated && untranslatedAt(corpus, up, u, downNumber, visibility))
      ) {
        isLost[u] = 1;
        lost++;
      }
    }
    const born = new Uint8Array(down.rows.length);
    let bornCount = 0;
    const upOffset = visibility.offset[corpus.legs.point[up.leg]!]!;
    for (let d = 0; d < down.rows.length; d++) {
      if (this.taken[d] === 1 || !within(down.times[d]!, upPoint, upOffset)) continue;
      if (mayBeUntranslated && untranslatedAt(corpus, down, d, corpus.legs.point[up.leg]!, visibility)) continue;
      born[d] = 1;
      bornCount++;
    }
    const { next, segmentOf, delays, sameIpId } = this;
    return { upstream: up, downstream: down, next, isLost, born, segmentOf, passed, lost, bornCount, delays, sameIpId };
  }

  /** A byte that was acknowledged and not sent again did arrive: its packet was not captured, not lost. */
  private wasReceivedAllTheSame(u: number, answers: Stream): boolean {
    if (!this.isTcp) return false;
    const p = this.corpus.packetsOf(this.up.leg);
    const row = this.up.rows[u]!;
    const length = p.payloadLength[row]!;
    if (length === 0) return false;
    const end = (p.sequence[row]! + length) >>> 0;
    this.sentAgain ??= sentAgain(this.unmatchedRanges(this.up, () => true));
    if (this.sentAgain.has(u)) return false;
    this.acknowledged ??= highestAcknowledgment(p, answers.rows);
    return this.acknowledged.any && ((this.acknowledged.number - end) | 0) >= 0;
  }
}

/**
 * Where a packet of a stream stands at another point with the tuple that it has here, in a leg of its own: what conntrack takes for
 * invalid is let through as it is; its time by the first point's clock. Null where it does not.
 */
export function untranslatedAt(
  corpus: Corpus,
  { leg, rows, times }: Stream,
  at: number,
  point: number,
  visibility: Visibility,
): { readonly leg: number; readonly row: number; readonly time: number } | null {
  if (corpus.legs.protocol[leg] !== TCP) return null;
  const p = corpus.packetsOf(leg);
  const row = rows[at]!;
  let found: { leg: number; row: number; time: number } | null = null;
  let nearest = UNTRANSLATED_WITHIN;
  for (const other of corpus.withTupleOf(leg, point)) {
    const q = corpus.packetsOf(other);
    const shift = corpus.timeShift(corpus.captureOf(other)) - visibility.offset[point]!;
    for (const there of corpus.rowsOf(other)) {
      const isAlike =
        q.sequence[there] === p.sequence[row] &&
        q.payloadLength[there] === p.payloadLength[row] &&
        q[corpus.digestColumn][there] === p[corpus.digestColumn][row] &&
        (q.flags[there]! & 0xff) === (p.flags[row]! & 0xff);
      const time = q.time[there]! + shift;
      const apart = isAlike ? Math.abs(time - times[at]!) : Number.POSITIVE_INFINITY;
      if (apart <= nearest) [found, nearest] = [{ leg: other, row: there, time }, apart];
    }
  }
  return found;
}

/** Whether two equal packets of a stream are one that the point shows twice. */
function isTwin(corpus: Corpus, { leg, rows, times }: Stream, a: number, b: number): boolean {
  const { ipId } = corpus.packetsOf(leg);
  return ipId[rows[a]!] === ipId[rows[b]!] && Math.abs(times[a]! - times[b]!) <= SHOWN_TWICE_WITHIN;
}

function highestAcknowledgment(p: PacketTable, rows: readonly number[]): { any: boolean; number: number } {
  let number = 0;
  let any = false;
  for (const row of rows) {
    if ((p.flags[row]! & TCP_ACK) === 0 || (p.flags[row]! & TCP_RST) !== 0) continue;
    if (!any || ((p.acknowledgment[row]! - number) | 0) > 0) number = p.acknowledgment[row]!;
    any = true;
  }
  return { any, number };
}

interface Range {
  readonly index: number;
  readonly start: number;
  readonly length: number;
  readonly time: number;
}

/** Byte ranges in sequence order; sequence numbers wrap, so the order is relative to one of them. */
class RangeList {
  readonly ranges: readonly Range[];
  private readonly longest: number;

  constructor(ranges: readonly Range[]) {
    const base = ranges[0]?.start ?? 0;
    this.ranges = [...ranges].sort((x, y) => ((x.start - base) | 0) - ((y.start - base) | 0) || x.index - y.index);
    this.longest = ranges.reduce((most, r) => Math.max(most, r.length), 0);
  }

  /** Those that share bytes with `range` at about its time. */
  overlapping(range: Range): Range[] {
    let low = 0;
    for (let high = this.ranges.length; low < high;) {
      const middle = (low + high) >> 1;
      if (((this.ranges[middle]!.start - range.start) | 0) < -this.longest) low = middle + 1;
      else high = middle;
    }
    const found: Range[] = [];
    for (; low < this.ranges.length; low++) {
      const other = this.ranges[low]!;
      const from = (other.start - range.start) | 0;
      if (from >= range.length) break;
      if (from + other.length > 0 && !(Math.abs(other.time - range.time) > RESEGMENTED_WITHIN)) found.push(other);
    }
    return found;
  }
}

/** Indices of ranges that lie within another one. */
function sentAgain(list: RangeList): Set<number> {
  const again = new Set<number>();
  const base = list.ranges[0]?.start ?? 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (const [at, range] of list.ranges.entries()) {
    const start = (range.start - base) | 0;
    if (start + range.length <= reached) again.add(range.index);
    reached = Math.max(reached, start + range.length);
    // Several that begin together: all but the longest lie within it, and the longest within an equal one.
    for (let next = at + 1; next < list.ranges.length && list.ranges[next]!.start === range.start; next++) {
      if (list.ranges[next]!.length >= range.length) {
        again.add(range.index);
        break;
      }
    }
  }
  return again;
}

function covers(range: Range, pieces: readonly Range[]): boolean {
  let reached = 0;
  for (const piece of pieces) {
    const from = (piece.start - range.start) | 0;
    if (from > reached) return false;
    reached = Math.max(reached, from + piece.length);
  }
  return reached >= range.length;
}
