// Which of the possible partners a leg gets: none unless the evidence leaves one. Rounds:
//   1. TCP legs by what TCP carries; they also tell how the clocks stand.
//   2. All others by payload, within the time that the clocks allow.
//   3. Partners that are taken leave the lists of the rest; who then has one partner left is tied, as probable.
// A tie needs (a) more bits of evidence than there are pairs that could agree by chance, and (b) to be the best for both
// of its legs by a clear margin, at the other's point. Otherwise the possible partners remain as candidates.
import { TCP } from '../decode/headers.ts';
import { CLIENT_IS_DESTINATION, CLIENT_IS_SOURCE } from '../flows/tables.ts';
import type { Confidence } from '../report/model.ts';
import { Clocks } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import { Postings } from './postings.ts';
import { isSketched, keyOf } from './sketch.ts';
import { Sketches, type Tie, compareLegs, knowsClientIsn, knowsServerIsn, routedBetween } from './tie.ts';

/** Legs that may share a key before it says too little to look at their pairs. */
const MAX_SHARING = 256;
/** How much better than the second best a partner must be, in the units of `Tie.rank`. */
const MARGIN = 8;
/** Bits beyond the number of possible pairs: related captures (clocks tied), and captures that nothing yet relates. */
const SAFETY_RELATED = 0;
const SAFETY_UNRELATED = 10;
/** A strong tie has at least this much. */
const STRONG_BITS = 32;
/** What a packet may take beyond the longest delay seen; nanoseconds. */
const LEAST_WINDOW = 250e6;

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
  private readonly sketches: Sketches;
  private readonly clocks = new Clocks();
  private readonly accepted: AcceptedTie[] = [];
  /** Partner of a leg at a point: `leg * points + point`. */
  private readonly partners = new Map<number, number>();
  /** The other side of a box at the same point, for the later leg of the two. */
  private readonly otherSide = new Map<number, number>();
  private readonly tcpPopulation: number[];
  private readonly otherPopulation: number[];

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.sketches = new Sketches(corpus);
    this.tcpPopulation = new Array<number>(corpus.points.length).fill(0);
    this.otherPopulation = new Array<number>(corpus.points.length).fill(0);
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      (corpus.legs.protocol[leg] === TCP ? this.tcpPopulation : this.otherPopulation)[corpus.legs.point[leg]!]!++;
    }
  }

  run(): Assignment {
    const tcp = this.possibleTies(true);
    // Both sides of a box at one point: the two are then one partner to legs elsewhere.
    this.acceptBest(
      tcp.filter((tie) => this.isWithinPoint(tie)),
      'strong',
    );
    this.acceptBest(tcp, 'strong');
    const others = this.possibleTies(false);
    // Twice: the first ties may be the only ones to tell how the clocks stand.
    this.acceptBest(this.timely(others), 'strong');
    this.acceptBest(this.timely(others), 'strong');
    const open = this.undecided([...tcp, ...this.timely(others)]);
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
      const seen = new Set<number>();
      for (const key of keys) {
        const sharing = postings.legsOf(key, MAX_SHARING);
        if (sharing.length <= MAX_SHARING) {
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
    if (knowsClientIsn(this.corpus, leg)) keys.push(keyOf(1, l.isnClient[leg]!, 0));
    if (knowsServerIsn(this.corpus, leg)) keys.push(keyOf(2, l.isnServer[leg]!, 0));
    return keys;
  }

  private compare(a: number, b: number): Tie | null {
    const tie = compareLegs(this.corpus, this.sketches, a, b);
    return tie && this.corpus.legs.point[a] === this.corpus.legs.point[b] && !this.isBothSides(tie) ? null : tie;
  }

  /**
   * One point that sees both sides of a box shows a connection twice: as two tuples, a routed hop apart, at once. Two
   * alike connections (a probe to two servers) have one TTL.
   */
  private isBothSides(tie: Tie): boolean {
    const l = this.corpus.legs;
    const { a, b } = tie;
    if (this.corpus.sameTuple(a, b)) return false;
    if (l.first[a]! > l.last[b]! + LEAST_WINDOW || l.first[b]! > l.last[a]! + LEAST_WINDOW) return false;
    return routedBetween(this.corpus, tie);
  }

  /** Ties whose shared packets lie where the clocks allow; those of related points only. */
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
    if (tie.out.some(fits) || tie.back.some(fits)) return true;
    if (tie.repeated.some(([timesA, timesB]) => timesA.some((a) => timesB.some((b) => fits(b - a))))) return true;
    return tie.out.length + tie.back.length + tie.repeated.length === 0;
  }

  private window(clock: { uncertainty: number; spread: number }): number {
    return clock.uncertainty + Math.max(LEAST_WINDOW, 2 * clock.spread);
  }

  private acceptBest(ties: readonly Tie[], confidence: 'strong' | 'probable'): void {
    for (const tie of this.clearBest(ties)) {
      const { needed, ofTime } = this.bitsNeeded(tie);
      if (tie.bits < needed) continue;
      const weak = tie.bits + ofTime < STRONG_BITS && tie.ends !== 'both kept';
      this.accept({ ...tie, confidence: weak ? 'probable' : confidence });
    }
  }

  /** Ties that are the best of both their legs, at each other's point, by the margin. */
  private clearBest(ties: readonly Tie[]): Tie[] {
    const l = this.corpus.legs;
    const points = this.corpus.points.length;
    const first = new Map<number, Tie>();
    const second = new Map<number, number>();
    const offer = (leg: number, other: number, tie: Tie): void => {
      const key = leg * points + l.point[other]!;
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
    const clear = (leg: number, other: number, tie: Tie): boolean => {
      const key = leg * points + l.point[other]!;
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
    return this.partners.get(leg * this.corpus.points.length + this.corpus.legs.point[other]!);
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
    return { needed: pairs - ofTime + SAFETY_RELATED, ofTime };
  }

  private accept(tie: AcceptedTie): void {
    const l = this.corpus.legs;
    const points = this.corpus.points.length;
    this.accepted.push(tie);
    this.partners.set(tie.a * points + l.point[tie.b]!, tie.b);
    this.partners.set(tie.b * points + l.point[tie.a]!, tie.a);
    if (this.isWithinPoint(tie)) this.otherSide.set(Math.max(tie.a, tie.b), Math.min(tie.a, tie.b));
    const client = l.traits[tie.a]! & (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION);
    if (client !== 0) this.clocks.learn(tie, l.point[tie.a]!, l.point[tie.b]!, (client & CLIENT_IS_SOURCE) !== 0);
  }

  private undecided(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => !this.isTaken(tie));
  }

  /** Who has one possible partner left, which has nobody else left either. */
  private acceptLeftOver(open: readonly Tie[]): void {
    for (let rest = open; ;) {
      const before = this.accepted.length;
      this.acceptBest(this.undecided(rest), 'probable');
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
