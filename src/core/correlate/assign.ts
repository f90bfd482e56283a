// Which of the possible partners a leg gets: none unless the evidence leaves one. Rounds:
//   1. TCP by what TCP carries; it also tells how the clocks stand.
//   2. All others by payload, within what the clocks allow.
//   3. Partners that are taken leave the lists of the rest; who then has one partner left is tied, as probable.
// A tie needs (a) more bits of evidence than there are pairs that could agree by chance, and (b) to be the best for both
// of its legs by a clear margin, at the other's point. Otherwise the possible partners remain as candidates.
import { TCP } from '../decode/headers.ts';
import { CLIENT_IS_DESTINATION, CLIENT_IS_SOURCE } from '../flows/tables.ts';
import type { Confidence } from '../report/model.ts';
import { type ClockOffset, Clocks } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import { Postings } from './postings.ts';
import { isSketched, keyOf } from './sketch.ts';
import { Sketches, type Tie, compareLegs, isDnsLeg, knowsClientIsn, knowsServerIsn, routedBetween } from './tie.ts';

/** Legs that may share a key before it says too little to look at their pairs. */
const MAX_SHARING = 256;
/** Possible ties that are held at once; beyond them only keys that few legs share are looked at. */
const MAX_POSSIBLE = 1_000_000;
const FEW_SHARING = 16;
/** How much better than the second best a partner must be, in the units of `Tie.rank`. */
const MARGIN = 8;
/** Bits beyond the number of possible pairs, between points whose clocks nothing relates. */
const SAFETY_UNRELATED = 10;
/** A strong tie has at least this much. */
const STRONG_BITS = 32;
/** TCP ties with at least this much need no clock. */
const TIMELESS_BITS = 52;
/** What a packet may take beyond the delays seen; nanoseconds, after few and after many of them. */
const LEAST_WINDOW = 20e6;
const LEAST_WINDOW_OF_MANY = 5e6;
const MANY_SAMPLES = 50;
/** Times are compared over at least this much where one point is looked at alone. */
const AT_ONCE = 250e6;
/** Of packets that were sent several times, this share must be at the other point where it was capturing. */
const REPEATED_SHARE = 0.8;
/** Differences of clocks that first ties must agree on, within this, to be believed without any other; nanoseconds. */
const AGREEMENT_WINDOW = 20e6;
const AGREEING_TIES = 3;
/** A box that keeps IP ids: seen on this many packets, with hardly an exception. */
const IDS_SEEN = 20;
const IDS_KEPT = 0.95;
/** TCP connections at both points that make it telling that not one is tied. */
const TELLING_TCP = 5;

export interface AcceptedTie extends Tie {
  readonly confidence: Extract<Confidence, 'exact' | 'strong' | 'probable'>;
}

export interface Assignment {
  readonly ties: readonly AcceptedTie[];
  /** Per leg: ties that are possible and not decided. */
  readonly open: ReadonlyMap<number, readonly Tie[]>;
  readonly clocks: Clocks;
  /** The evidence between any two legs, whether tied or not. */
  readonly compare: (a: number, b: number) => Tie | null;
}

export function assign(corpus: Corpus): Assignment {
  return new Assigner(corpus).run();
}

class Assigner {
  private readonly corpus: Corpus;
  private readonly points: number;
  private readonly sketches: Sketches;
  private readonly clocks: Clocks;
  private readonly accepted: AcceptedTie[] = [];
  /** Partner of a leg at a point: `leg * points + point`. */
  private readonly partners = new Map<number, number>();
  /** The other side of a box at the same point, for the later leg of the two. */
  private readonly otherSide = new Map<number, number>();
  private readonly tcpPopulation: number[];
  private readonly otherPopulation: number[];
  /** IP ids of packets that TCP ties share, by pair of points: `p * points + q`, p < q. */
  private readonly ids = new Map<number, { same: number; other: number }>();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.points = corpus.points.length;
    this.sketches = new Sketches(corpus);
    this.clocks = new Clocks(this.points);
    this.tcpPopulation = new Array<number>(this.points).fill(0);
    this.otherPopulation = new Array<number>(this.points).fill(0);
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      (corpus.legs.protocol[leg] === TCP ? this.tcpPopulation : this.otherPopulation)[corpus.legs.point[leg]!]!++;
    }
  }

  run(): Assignment {
    const tcp = this.possibleTies(true);
    // Both sides of a box at one point: the two are then one partner to legs elsewhere.
    this.acceptBest(tcp.filter((tie) => this.isWithinPoint(tie)));
    this.acceptBest(tcp.filter((tie) => tie.bits >= TIMELESS_BITS));
    this.acceptBest(this.timely(tcp));
    const ids = this.keptIds();
    const { point } = this.corpus.legs;
    // Where IP ids are kept, packets whose ids all differ are not the same.
    const isRefuted = (tie: Tie): boolean =>
      ids[point[tie.a]!] === ids[point[tie.b]!] && tie.sameIds === 0 && tie.otherIds > 0;
    const others = this.possibleTies(false).filter((tie) => !isRefuted(tie));
    this.acceptAgreeing(others);
    this.acceptBest(this.timely(others));
    const open = this.undecided([...this.timely(tcp), ...this.timely(others)]);
    this.acceptLeftOver(open);
    return {
      ties: this.accepted,
      open: this.openByLeg(this.undecided(open)),
      clocks: this.clocks,
      compare: (a, b) => compareLegs(this.corpus, this.sketches, a, b),
    };
  }

  /** All pairs of legs that share a key and compare. */
  private possibleTies(tcp: boolean): Tie[] {
    const { corpus } = this;
    const postings = new Postings();
    const ties: Tie[] = [];
    const midstream = tcp && this.hasMidstream();
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      if ((corpus.legs.protocol[leg] === TCP) !== tcp || !isSketched(corpus, leg)) continue;
      const keys = tcp ? this.tcpKeys(leg, midstream) : this.sketches.of(leg).keys;
      const limit = ties.length < MAX_POSSIBLE ? MAX_SHARING : FEW_SHARING;
      const seen = new Set<number>();
      for (const key of keys) {
        const sharing = postings.legsOf(key, limit);
        if (sharing.length <= limit) {
          for (const other of sharing) {
            if (seen.has(other)) continue;
            seen.add(other);
            const tie = this.compare(other, leg);
            if (tie) ties.push(tie);
          }
        }
        postings.add(key, leg);
      }
    }
    return ties;
  }

  private hasMidstream(): boolean {
    for (let leg = 0; leg < this.corpus.legs.length; leg++) {
      if (this.corpus.legs.protocol[leg] === TCP && !knowsClientIsn(this.corpus, leg)) return true;
    }
    return false;
  }

  private tcpKeys(leg: number, midstream: boolean): readonly number[] {
    const l = this.corpus.legs;
    const keys: number[] = midstream ? [...this.sketches.of(leg).keys] : [];
    if (knowsServerIsn(this.corpus, leg)) keys.push(keyOf(2, l.isnServer[leg]!, 0));
    if (!knowsClientIsn(this.corpus, leg)) return keys;
    // Without an answer the client's ISN stands alone, and a scanner's is the same for all: then an end goes with it.
    keys.push(keyOf(1, l.isnClient[leg]!, 0));
    if (!knowsServerIsn(this.corpus, leg)) {
      keys.push(this.sketches.isnWithEnd(leg, false), this.sketches.isnWithEnd(leg, true));
    }
    return keys;
  }

  private compare(a: number, b: number): Tie | null {
    const l = this.corpus.legs;
    if (l.protocol[a] !== TCP && !this.mayMeet(a, b)) return null;
    const tie = compareLegs(this.corpus, this.sketches, a, b);
    return tie && l.point[a] === l.point[b] && !this.isBothSides(tie) ? null : tie;
  }

  /** Whether the two were under way at one time, as far as the clocks tell. */
  private mayMeet(a: number, b: number): boolean {
    const l = this.corpus.legs;
    const clock = this.clocks.between(l.point[a]!, l.point[b]!);
    if (!clock) return true;
    const window = this.window(clock);
    return l.first[a]! + clock.offset <= l.last[b]! + window && l.first[b]! <= l.last[a]! + clock.offset + window;
  }

  /**
   * One point that sees both sides of a box shows a connection twice: as two tuples, a routed hop apart, at once. Two
   * alike connections (a probe to two servers) have one TTL.
   */
  private isBothSides(tie: Tie): boolean {
    const l = this.corpus.legs;
    const { a, b } = tie;
    if (this.corpus.sameTuple(a, b)) return false;
    if (l.first[a]! > l.last[b]! + AT_ONCE || l.first[b]! > l.last[a]! + AT_ONCE) return false;
    return routedBetween(this.corpus, tie);
  }

  /** Ties whose shared packets lie where the clocks allow, and those of points that nothing relates. */
  private timely(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => this.isTimely(tie) !== false);
  }

  /** Null where the clocks of the two points are not related. */
  private isTimely(tie: Tie): boolean | null {
    const l = this.corpus.legs;
    const clock = this.clocks.between(l.point[tie.a]!, l.point[tie.b]!);
    if (!clock) return null;
    const window = this.window(clock);
    const fits = (delta: number): boolean => Math.abs(delta - clock.offset) <= window;
    const once = tie.out.length + tie.back.length;
    const fitting = tie.out.filter(fits).length + tie.back.filter(fits).length;
    if (once > 0 && fitting < REPEATED_SHARE * once) return false;
    return tie.repeated.length === 0 || once > 0 || this.repeatsMeet(tie, clock.offset, window);
  }

  /** Of packets sent several times, nearly all that fell within the other point's window are there. */
  private repeatsMeet(tie: Tie, offset: number, window: number): boolean {
    const { legs, points } = this.corpus;
    let due = 0;
    let met = 0;
    const count = (times: readonly number[], others: readonly number[], shift: number, other: number): void => {
      const { first, last } = points[legs.point[other]!]!;
      for (const time of times) {
        const at = time + shift;
        if (at < first + window || at > last - window) continue;
        due++;
        if (others.some((t) => Math.abs(t - at) <= window)) met++;
      }
    };
    for (const [timesA, timesB] of tie.repeated) {
      count(timesA, timesB, offset, tie.b);
      count(timesB, timesA, -offset, tie.a);
    }
    return due === 0 ? this.someMeet(tie, offset, window) : met >= REPEATED_SHARE * due;
  }

  private someMeet(tie: Tie, offset: number, window: number): boolean {
    return tie.repeated.some(([timesA, timesB]) =>
      timesA.some((a) => timesB.some((b) => Math.abs(b - a - offset) <= window)),
    );
  }

  private window(clock: ClockOffset): number {
    return (
      clock.uncertainty + Math.max(clock.samples < MANY_SAMPLES ? LEAST_WINDOW : LEAST_WINDOW_OF_MANY, 2 * clock.spread)
    );
  }

  /**
   * The first ties between points that nothing relates yet: there many legs may look alike, and no clock rules any out. They are
   * believed where their times agree on how the clocks stand.
   */
  private acceptAgreeing(ties: readonly Tie[]): void {
    const unrelated = new Map<number, Tie[]>();
    for (const tie of this.clearBest(ties.filter((t) => this.isTimely(t) === null))) {
      if (tie.out.length + tie.back.length === 0 || !this.isMoreThanChance(tie)) continue;
      const key = this.pairOf(tie);
      const list = unrelated.get(key);
      if (list) list.push(tie);
      else unrelated.set(key, [tie]);
    }
    for (const list of unrelated.values()) {
      const agreeing = densest(list.map((tie) => ({ tie, delta: this.deltaOf(tie) })));
      if (agreeing.length < AGREEING_TIES || agreeing.length * 2 < list.length) continue;
      for (const { tie } of agreeing) this.accept({ ...tie, confidence: 'strong' });
    }
    this.clocks.settle();
  }

  /** What the clock of the pair's later point shows more, by the tie's first shared packet. */
  private deltaOf(tie: Tie): number {
    const delta = tie.out[0] ?? tie.back[0] ?? 0;
    return this.corpus.legs.point[tie.a]! < this.corpus.legs.point[tie.b]! ? delta : -delta;
  }

  private pairOf(tie: Tie): number {
    const [p, q] = [this.corpus.legs.point[tie.a]!, this.corpus.legs.point[tie.b]!];
    return Math.min(p, q) * this.points + Math.max(p, q);
  }

  private acceptBest(ties: readonly Tie[], atMost: 'strong' | 'probable' = 'strong'): void {
    for (const tie of this.clearBest(ties)) {
      const { needed, ofTime } = this.bitsNeeded(tie);
      if (tie.bits < needed || !this.isMoreThanChance(tie)) continue;
      const weak = tie.bits + ofTime < STRONG_BITS && tie.ends !== 'both kept';
      this.accept({ ...tie, confidence: weak ? 'probable' : atMost });
    }
    this.clocks.settle();
  }

  /**
   * Between points that nothing relates, one constant payload is no evidence: anybody may send it. What varies is: TCP's numbers, DNS ids,
   * several payloads in one direction, an IP id.
   */
  private isMoreThanChance(tie: Tie): boolean {
    const l = this.corpus.legs;
    if (this.isTimely(tie) !== null) return true;
    if (l.protocol[tie.a] === TCP) return tie.bits >= STRONG_BITS;
    if (this.areStrangers(l.point[tie.a]!, l.point[tie.b]!)) return false;
    if (tie.variety >= 2 || isDnsLeg(this.corpus, tie.a)) return true;
    return tie.sameIds > 0 && tie.otherIds === 0;
  }

  /** Points that both show TCP connections, at other times, and not one in common: captures of different days or clusters. */
  private areStrangers(p: number, q: number): boolean {
    const [at, other] = [this.corpus.points[p]!, this.corpus.points[q]!];
    if (at.first <= other.last && other.first <= at.last) return false;
    return this.tcpPopulation[p]! >= TELLING_TCP && this.tcpPopulation[q]! >= TELLING_TCP;
  }

  /** Per point a number that is equal for points between which IP ids are kept, as TCP shows, pair after pair. */
  private keptIds(): Int32Array {
    const group = Int32Array.from({ length: this.points }, (_, p) => p);
    for (const [key, { same, other }] of this.ids) {
      if (same + other < IDS_SEEN || same < IDS_KEPT * (same + other)) continue;
      const [kept, gone] = [group[Math.floor(key / this.points)]!, group[key % this.points]!];
      for (let p = 0; p < this.points; p++) if (group[p] === gone) group[p] = kept;
    }
    return group;
  }

  /** Ties that are the best of both their legs, at each other's point, by the margin. */
  private clearBest(ties: readonly Tie[]): Tie[] {
    const l = this.corpus.legs;
    const first = new Map<number, Tie>();
    const second = new Map<number, number>();
    const offer = (leg: number, other: number, tie: Tie): void => {
      const key = leg * this.points + l.point[other]!;
      const best = first.get(key);
      const competes = best !== undefined && this.sideOf(partnerIn(best, leg)) !== this.sideOf(other);
      if (!best || tie.rank > best.rank) {
        if (competes) second.set(key, best.rank);
        first.set(key, tie);
      } else if (competes && tie.rank > (second.get(key) ?? Number.NEGATIVE_INFINITY)) second.set(key, tie.rank);
    };
    for (const tie of ties) {
      if (this.isTaken(tie)) continue;
      offer(tie.a, tie.b, tie);
      offer(tie.b, tie.a, tie);
    }
    // A leg that has several equal partners at one point carries nothing that names one connection: a lone partner at
    // another point may be there by chance, unless its tuple or its ids say more.
    const divided = new Set<number>();
    for (const [key, rank] of second) {
      if (first.get(key)!.rank - rank < MARGIN) divided.add(Math.floor(key / this.points));
    }
    const clear = (leg: number, other: number, tie: Tie): boolean => {
      const key = leg * this.points + l.point[other]!;
      const distinct = tie.ends === 'both kept' || (tie.sameIds > 0 && tie.otherIds === 0);
      if (l.protocol[leg] !== TCP && divided.has(leg) && !distinct) return false;
      return first.get(key) === tie && tie.rank - (second.get(key) ?? Number.NEGATIVE_INFINITY) >= MARGIN;
    };
    return ties.filter((tie) => clear(tie.a, tie.b, tie) && clear(tie.b, tie.a, tie));
  }

  private isWithinPoint(tie: Tie): boolean {
    return this.corpus.legs.point[tie.a] === this.corpus.legs.point[tie.b];
  }

  /** The same number for both sides of a box that one point sees. */
  private sideOf(leg: number): number {
    return this.otherSide.get(leg) ?? leg;
  }

  /** Whether one of the two has another partner at the other's point. */
  private isTaken(tie: Tie): boolean {
    return this.partnerAt(tie.a, tie.b) !== undefined || this.partnerAt(tie.b, tie.a) !== undefined;
  }

  private partnerAt(leg: number, other: number): number | undefined {
    return this.partners.get(leg * this.points + this.corpus.legs.point[other]!);
  }

  /** Bits that a tie must have, and what the agreement of its times with the clocks is worth. */
  private bitsNeeded(tie: Tie): { needed: number; ofTime: number } {
    const l = this.corpus.legs;
    const population = l.protocol[tie.a] === TCP ? this.tcpPopulation : this.otherPopulation;
    const p = l.point[tie.a]!;
    const q = l.point[tie.b]!;
    const pairs = Math.log2(Math.max(1, population[p]!) * Math.max(1, population[q]!));
    const clock = this.clocks.between(p, q);
    if (!clock) return { needed: pairs + SAFETY_UNRELATED, ofTime: 0 };
    const at = this.corpus.points[q]!;
    const fraction = Math.min(1, (2 * this.window(clock)) / Math.max(1, at.last - at.first));
    const ofTime = p === q ? 0 : -Math.log2(fraction);
    return { needed: pairs - ofTime, ofTime };
  }

  private accept(tie: AcceptedTie): void {
    const l = this.corpus.legs;
    const [p, q] = [l.point[tie.a]!, l.point[tie.b]!];
    this.accepted.push(tie);
    this.partners.set(tie.a * this.points + q, tie.b);
    this.partners.set(tie.b * this.points + p, tie.a);
    if (this.isWithinPoint(tie)) this.otherSide.set(Math.max(tie.a, tie.b), Math.min(tie.a, tie.b));
    if (l.protocol[tie.a] === TCP) {
      const key = this.pairOf(tie);
      const seen = this.ids.get(key) ?? { same: 0, other: 0 };
      this.ids.set(key, { same: seen.same + tie.sameIds, other: seen.other + tie.otherIds });
    }
    // What TCP tells of the clocks is surer than anything later; others speak where it is silent.
    if (l.protocol[tie.a] !== TCP && this.clocks.between(p, q)) return;
    const client = l.traits[tie.a]! & (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION);
    if (client !== 0) this.clocks.learn(tie, p, q, (client & CLIENT_IS_SOURCE) !== 0);
  }

  private undecided(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => !this.isTaken(tie));
  }

  /** Who has one possible partner left, which has nobody else left either. */
  private acceptLeftOver(open: readonly Tie[]): void {
    for (let rest = this.undecided(open); ;) {
      const before = this.accepted.length;
      this.acceptBest(rest, 'probable');
      if (this.accepted.length === before) return;
      rest = this.undecided(rest);
    }
  }

  private openByLeg(open: readonly Tie[]): Map<number, Tie[]> {
    const byLeg = new Map<number, Tie[]>();
    const add = (leg: number, tie: Tie): void => {
      const list = byLeg.get(leg);
      if (list) list.push(tie);
      else byLeg.set(leg, [tie]);
    };
    for (const tie of open) {
      add(tie.a, tie);
      add(tie.b, tie);
    }
    return byLeg;
  }
}

function partnerIn(tie: Tie, leg: number): number {
  return tie.a === leg ? tie.b : tie.a;
}

/** The most of these whose deltas lie within `AGREEMENT_WINDOW`. */
function densest<T extends { readonly delta: number }>(items: readonly T[]): T[] {
  const sorted = [...items].sort((x, y) => x.delta - y.delta);
  let best: T[] = [];
  for (let from = 0, to = 0; to < sorted.length; to++) {
    while (sorted[to]!.delta - sorted[from]!.delta > AGREEMENT_WINDOW) from++;
    if (to - from + 1 > best.length) best = sorted.slice(from, to + 1);
  }
  return best;
}
