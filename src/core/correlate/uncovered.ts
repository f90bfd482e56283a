// Packets that no tie explains, though the point where a partner is, or should be, was capturing then: those of a tied leg
// that went on where its partner had ended, or were there before it began; and those of legs of which nothing was tied. Where
// they are found at another point, the two legs share these packets too: an entry expired and the connection went on with
// another port, or a port was used again. Sketches may miss such a part, since it can be a few packets of very many.
import { TCP } from '../decode/headers.ts';
import { BACK, HAS_TIME, ICMP_MESSAGE } from '../flows/tables.ts';
import type { AcceptedTie, Assignment } from './assign.ts';
import type { Corpus } from './corpus.ts';
import { packetKey } from './packet-keys.ts';
import { windowOf } from './timing.ts';

/** Packets of one leg that are looked up at most, of each kind: those nearest to the partner. */
const MAX_UNCOVERED = 256;
/** Packets at the beginning and the end of a TCP leg by which it may be found. */
const LOOKED_AT = 64;
/** Equal packets at one point and one time that still tell something. */
const MAX_ALIKE = 8;

/** Two legs of different points that share packets, though other ties were made. */
export interface SharingLegs {
  readonly a: number;
  readonly b: number;
  readonly crossed: boolean;
}

export function findUncovered(corpus: Corpus, { ties, clocks }: Assignment): SharingLegs[] {
  const search = new Search(corpus, clocks);
  const tied = new Uint8Array(corpus.legs.length);
  for (const tie of ties) {
    search.addUncovered(tie, tie.a, tie.b);
    search.addUncovered(tie, tie.b, tie.a);
    tied[tie.a] = tied[tie.b] = 1;
  }
  for (let leg = 0; leg < tied.length; leg++) if (tied[leg] === 0) search.addUntied(leg);
  return search.find(ties);
}

interface Uncovered {
  readonly leg: number;
  readonly row: number;
  readonly time: number;
}

class Search {
  private readonly corpus: Corpus;
  private readonly clocks: Assignment['clocks'];
  /** Point -> key -> packets, in the order of time once all are filed. */
  private readonly filed = new Map<number, Map<number, Uncovered[]>>();
  private readonly spans = new Map<number, Float64Array>();

  constructor(corpus: Corpus, clocks: Assignment['clocks']) {
    this.corpus = corpus;
    this.clocks = clocks;
  }

  /** Files the packets of `leg` that lie beside `partner`, each direction by itself. */
  addUncovered(tie: AcceptedTie, leg: number, partner: number): void {
    const { legs, points } = this.corpus;
    const [p, q] = [legs.point[leg]!, legs.point[partner]!];
    const clock = this.clocks.between(p, q);
    if (!clock) return;
    const window = windowOf(clock);
    const own = this.spanOf(leg);
    const other = this.spanOf(partner);
    const { first: open, last: closed } = points[q]!;
    for (const back of [0, 1]) {
      const [from, to] = [own[2 * back]!, own[2 * back + 1]!];
      const there = tie.crossed ? 1 - back : back;
      const [begun, ended] = [other[2 * there]!, other[2 * there + 1]!];
      if (!(to + clock.offset > ended + window) && !(from + clock.offset < begun - window)) continue;
      const isUncovered = (time: number): boolean =>
        (time > ended + window || time < begun - window) && time >= open && time <= closed;
      this.file(leg, back === 1, (time) => isUncovered(time + clock.offset));
    }
  }

  /** A datagram leg without any partner: its packets may be in several legs elsewhere, with too few of them in each. */
  addUntied(leg: number): void {
    const { legs } = this.corpus;
    if (legs.protocol[leg] === TCP || (legs.traits[leg]! & ICMP_MESSAGE) !== 0) return;
    for (const back of [false, true]) this.file(leg, back, () => true);
  }

  private file(leg: number, back: boolean, isUncovered: (time: number) => boolean): void {
    const { corpus } = this;
    const p = corpus.packetsOf(leg);
    const shift = corpus.timeShift(corpus.captureOf(leg));
    const point = corpus.legs.point[leg]!;
    let count = 0;
    for (const row of corpus.rowsOf(leg)) {
      if (((p.flags[row]! & BACK) !== 0) !== back || (p.flags[row]! & HAS_TIME) === 0) continue;
      const time = p.time[row]! + shift;
      const key = isUncovered(time) ? packetKey(corpus, leg, row) : null;
      if (key === null) continue;
      let byKey = this.filed.get(point);
      if (!byKey) this.filed.set(point, (byKey = new Map<number, Uncovered[]>()));
      const alike = byKey.get(key);
      if (alike) alike.push({ leg, row, time });
      else byKey.set(key, [{ leg, row, time }]);
      if (++count === MAX_UNCOVERED) return;
    }
  }

  /** Looks the filed packets up in legs that have no partner at their points, and among each other. */
  find(ties: readonly AcceptedTie[]): SharingLegs[] {
    for (const byKey of this.filed.values()) {
      for (const alike of byKey.values()) if (alike.length > 1) alike.sort((x, y) => x.time - y.time);
    }
    const { corpus } = this;
    const { legs } = corpus;
    const points = corpus.points.length;
    const partnerAt = new Set<number>();
    for (const { a, b } of ties) partnerAt.add(a * points + legs.point[b]!).add(b * points + legs.point[a]!);
    const found = new Pairs(corpus);
    for (let leg = 0; leg < legs.length; leg++) {
      const lacks = [...this.filed.keys()].filter((p) => !partnerAt.has(leg * points + p));
      if (lacks.length === 0) continue;
      const p = corpus.packetsOf(leg);
      const shift = corpus.timeShift(corpus.captureOf(leg));
      const rows = corpus.rowsOf(leg);
      for (const row of legs.protocol[leg] === TCP ? ends(rows) : rows) {
        const key = packetKey(corpus, leg, row);
        if (key !== null) this.meet({ leg, row, time: p.time[row]! + shift }, key, lacks, found);
      }
    }
    for (const [point, byKey] of this.filed) {
      const all = [...this.filed.keys()].filter((p) => p >= point);
      for (const [key, alike] of byKey) for (const packet of alike) this.meet(packet, key, all, found);
    }
    for (const { a, b } of ties) found.leaveOut(a, b);
    return found.list();
  }

  /** Notes the legs whose filed packets were at these points when this one was at its own. */
  private meet(packet: Uncovered, key: number, points: readonly number[], found: Pairs): void {
    const { legs } = this.corpus;
    for (const point of points) {
      const alike = this.filed.get(point)!.get(key);
      if (!alike) continue;
      const clock = this.clocks.between(legs.point[packet.leg]!, point);
      if (!clock) continue;
      const [from, to] = [packet.time + clock.offset - windowOf(clock), packet.time + clock.offset + windowOf(clock)];
      const begin = firstAt(alike, from);
      let end = begin;
      while (end < alike.length && alike[end]!.time <= to) end++;
      if (end - begin > MAX_ALIKE) continue;
      for (let i = begin; i < end; i++) found.note(packet, alike[i]!);
    }
  }

  /** Corpus times of the leg's first and last packet out, and of those back; NaN without one. */
  private spanOf(leg: number): Float64Array {
    const known = this.spans.get(leg);
    if (known) return known;
    const span = new Float64Array(4).fill(Number.NaN);
    const p = this.corpus.packetsOf(leg);
    const shift = this.corpus.timeShift(this.corpus.captureOf(leg));
    for (const row of this.corpus.rowsOf(leg)) {
      const flags = p.flags[row]!;
      if ((flags & HAS_TIME) === 0) continue;
      const at = (flags & BACK) === 0 ? 0 : 2;
      const time = p.time[row]! + shift;
      if (!(time >= span[at]!)) span[at] = time;
      if (!(time <= span[at + 1]!)) span[at + 1] = time;
    }
    this.spans.set(leg, span);
    return span;
  }
}

/** The rows at the beginning and at the end of a leg. */
function ends(rows: Uint32Array): Iterable<number> {
  return rows.length <= 2 * LOOKED_AT ? rows : [...rows.subarray(0, LOOKED_AT), ...rows.subarray(-LOOKED_AT)];
}

/** The first of these, in order of time, that is not before `time`. */
function firstAt(packets: readonly Uncovered[], time: number): number {
  let low = 0;
  for (let high = packets.length; low < high;) {
    const middle = (low + high) >> 1;
    if (packets[middle]!.time < time) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Pairs of legs that were found to share packets. */
class Pairs {
  private readonly corpus: Corpus;
  private readonly found = new Map<number, { a: number; b: number; straight: number; crossed: number }>();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
  }

  note(x: Uncovered, y: Uncovered): void {
    const { legs } = this.corpus;
    if (x.leg === y.leg || legs.protocol[x.leg] !== legs.protocol[y.leg]) return;
    // One point that shows a packet twice shows both sides of a box, or the packet twice.
    if (legs.point[x.leg] === legs.point[y.leg] && this.corpus.sameTuple(x.leg, y.leg)) return;
    const key = this.key(x.leg, y.leg);
    let pair = this.found.get(key);
    if (!pair) this.found.set(key, (pair = { a: x.leg, b: y.leg, straight: 0, crossed: 0 }));
    const flags = this.corpus.packetsOf(x.leg).flags[x.row]! ^ this.corpus.packetsOf(y.leg).flags[y.row]!;
    pair[(flags & BACK) === 0 ? 'straight' : 'crossed']++;
  }

  leaveOut(a: number, b: number): void {
    this.found.delete(this.key(a, b));
  }

  list(): SharingLegs[] {
    return [...this.found.values()].map(({ a, b, straight, crossed }) => ({ a, b, crossed: crossed > straight }));
  }

  private key(a: number, b: number): number {
    return Math.min(a, b) * this.corpus.legs.length + Math.max(a, b);
  }
}
