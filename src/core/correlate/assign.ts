// Which of the possible partners a leg gets: none unless the evidence leaves one. Rounds:
//   1. TCP by what TCP carries; it also tells how the clocks stand.
//   2. All others by payload, within what the clocks allow.
//   3. Partners that are taken leave the lists of the rest; who then has one partner left is tied, as probable.
// A tie needs (a) more bits of evidence than there are pairs that could agree by chance (`chance.ts`), and (b) to be the
// best for both of its legs by a clear margin, at the other's point (`partners.ts`). Otherwise the possible partners
// (`candidates.ts`) remain as candidates.
import { TCP } from '../decode/headers.ts';
import { CLIENT_IS_DESTINATION, CLIENT_IS_SOURCE } from '../flows/tables.ts';
import { Candidates } from './candidates.ts';
import { Chance } from './chance.ts';
import { Clocks } from './clocks.ts';
import { Comparison } from './comparison.ts';
import type { Corpus } from './corpus.ts';
import type { Crowd } from './crowds.ts';
import { IpIds } from './ip-ids.ts';
import { Partners } from './partners.ts';
import { UsualShifts } from './usual-shifts.ts';
import type { AcceptedTie, LegPair, Tie } from './tie.ts';
import { Timing } from './timing.ts';

/** TCP ties with at least this much need no clock. */
const TIMELESS_BITS = 52;
/** Differences of clocks that first ties must agree on, within this, to be believed without any other; nanoseconds. */
const AGREEMENT_WINDOW = 20e6;
const AGREEING_TIES = 3;

export type { AcceptedTie } from './tie.ts';

export interface Assignment {
  readonly ties: readonly AcceptedTie[];
  /** All ties that the times allow, those included whose legs have other partners. */
  readonly possible: readonly Tie[];
  /** Per leg: ties that are possible and not decided. */
  readonly open: ReadonlyMap<number, readonly Tie[]>;
  /** Per leg: the points at which it has more possible partners than `open` holds, and how many. */
  readonly crowds: ReadonlyMap<number, readonly Crowd[]>;
  readonly clocks: Clocks;
  /** The evidence between any two legs, whether tied or not. */
  readonly compare: (a: number, b: number) => Tie | null;
}

/** `apart` are legs that may be partners of each other only. */
export function assign(corpus: Corpus, apart: ReadonlySet<number> = new Set()): Assignment {
  return new Assigner(corpus, apart).run();
}

class Assigner {
  private readonly corpus: Corpus;
  private readonly comparison: Comparison;
  private readonly clocks: Clocks;
  private readonly timing: Timing;
  private readonly candidates: Candidates;
  private readonly chance: Chance;
  private readonly partners: Partners;
  private readonly ipIds: IpIds;
  private readonly accepted: AcceptedTie[] = [];

  constructor(corpus: Corpus, apart: ReadonlySet<number>) {
    this.corpus = corpus;
    this.clocks = new Clocks(corpus.points.length);
    this.timing = new Timing(corpus, this.clocks);
    this.comparison = new Comparison(corpus, this.timing);
    this.candidates = new Candidates(corpus, this.comparison, this.timing, apart);
    this.chance = new Chance(corpus, this.timing);
    this.partners = new Partners(corpus);
    this.ipIds = new IpIds(corpus);
  }

  run(): Assignment {
    const { timing } = this;
    const { ties: tcp, crowds: tcpCrowds, listed: tcpListed } = this.candidates.ofTcp();
    this.partners.noteCrowds(tcpCrowds);
    // Both sides of a box at one point: the two are then one partner to legs elsewhere.
    this.acceptBest(tcp.filter((tie) => this.isWithinPoint(tie)));
    this.acceptBest(tcp.filter((tie) => tie.bits >= TIMELESS_BITS));
    this.acceptBest(timing.timely(this.undecided(tcp)));
    const shifted = timing.timely(this.shiftedTies());
    this.acceptBest(shifted);
    const areIdsKept = this.ipIds.kept();
    const datagrams = this.candidates.ofDatagrams(areIdsKept);
    this.partners.noteCrowds(datagrams.crowds);
    const isPossible = (tie: Tie): boolean => !this.isRefutedByIds(tie, areIdsKept);
    const others = datagrams.ties.filter(isPossible);
    this.acceptAgreeing(others);
    const timelyOthers = timing.timely(others);
    this.acceptBest(timelyOthers);
    const possible = [...this.timelyOf(tcp), ...shifted, ...timelyOthers];
    const open = this.undecided(possible);
    this.acceptLeftOver(open);
    const listed = timing.timely([...tcpListed, ...datagrams.listed.filter(isPossible)]);
    return {
      ties: this.accepted,
      possible,
      open: openByLeg(this.undecided([...open, ...listed])),
      crowds: crowdsByLeg([...tcpCrowds, ...datagrams.crowds]),
      clocks: this.clocks,
      compare: (a, b) => this.comparison.compare(a, b),
    };
  }

  /** Ties of legs whose sequence numbers a box changed: where that is proven, or several ties changed by the same. */
  private shiftedTies(): Tie[] {
    const isTaken = (pair: LegPair): boolean => this.partners.isTaken(pair);
    const found = this.candidates.ofShifted((leg) => this.partners.isLonely(leg), isTaken);
    const usual = new UsualShifts(this.corpus);
    for (const { tie } of found) usual.add(tie);
    const proven = found.filter(({ tie, isProven }) => isProven && !usual.isUsual(tie));
    const alike = this.candidates.ofUsualShifts(usual.all, isTaken);
    return [...proven.map(({ tie }) => tie), ...alike.flatMap(({ tie }) => usual.confirmed(tie) ?? [])];
  }

  /** Where IP ids are kept, packets whose ids all differ are not the same. */
  private isRefutedByIds(tie: Tie, areKept: (p: number, q: number) => boolean): boolean {
    const { point } = this.corpus.legs;
    if (!areKept(point[tie.a]!, point[tie.b]!)) return false;
    const { sameIds, otherIds } = tie.packets;
    return sameIds === 0 && otherIds > 0;
  }

  /**
   * The first ties between points that nothing relates yet: there many legs may look alike, and no clock rules any out. They are
   * believed where their times agree on how the clocks stand.
   */
  private acceptAgreeing(ties: readonly Tie[]): void {
    const { point } = this.corpus.legs;
    const unrelated = new Map<number, { tie: Tie; delta: number }[]>();
    for (const tie of this.partners.clearBest(ties.filter((t) => !this.timing.areRelated(point[t.a]!, point[t.b]!)))) {
      const delta = this.deltaOf(tie);
      if (delta === null || !this.chance.isMoreThanChance(tie)) continue;
      const key = this.pairOf(tie);
      const list = unrelated.get(key);
      if (list) list.push({ tie, delta });
      else unrelated.set(key, [{ tie, delta }]);
    }
    for (const list of unrelated.values()) {
      const agreeing = densest(list);
      if (agreeing.length < AGREEING_TIES || agreeing.length * 2 < list.length) continue;
      for (const { tie } of agreeing) this.accept(tie.accepted('strong'));
    }
    this.clocks.settle();
  }

  /** What the clock of the pair's later point shows more, by the tie's first shared packet; null without one. */
  private deltaOf(tie: Tie): number | null {
    const { out, back } = tie.packets;
    const delta = out[0] ?? back[0];
    if (delta === undefined) return null;
    return this.corpus.legs.point[tie.a]! < this.corpus.legs.point[tie.b]! ? delta : -delta;
  }

  private pairOf(tie: Tie): number {
    const [p, q] = [this.corpus.legs.point[tie.a]!, this.corpus.legs.point[tie.b]!];
    return Math.min(p, q) * this.corpus.points.length + Math.max(p, q);
  }

  private acceptBest(ties: readonly Tie[], atMost: 'strong' | 'probable' = 'strong'): void {
    for (const tie of this.partners.clearBest(ties)) {
      const verdict = this.chance.verdict(tie);
      if (verdict) this.accept(tie.accepted(verdict === 'probable' ? verdict : atMost));
    }
    this.clocks.settle();
  }

  private isWithinPoint(tie: Tie): boolean {
    return this.corpus.legs.point[tie.a] === this.corpus.legs.point[tie.b];
  }

  private accept(tie: AcceptedTie): void {
    const l = this.corpus.legs;
    const [p, q] = [l.point[tie.a]!, l.point[tie.b]!];
    this.accepted.push(tie);
    this.partners.join(tie);
    const packets = tie.packets;
    this.ipIds.learn(tie, packets);
    // What TCP tells of the clocks is surer than anything later; others speak where it is silent.
    if (l.protocol[tie.a] !== TCP && this.clocks.between(p, q)) return;
    const client = l.traits[tie.a]! & (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION);
    if (client !== 0) this.clocks.learn(packets, p, q, (client & CLIENT_IS_SOURCE) !== 0);
  }

  /** Ties of TCP that the times allow; those with enough of its numbers need no clock. */
  private timelyOf(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => tie.bits >= TIMELESS_BITS || this.timing.isTimely(tie) !== false);
  }

  private undecided(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => !this.partners.isTaken(tie));
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
}

function openByLeg(open: readonly Tie[]): Map<number, Tie[]> {
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

function crowdsByLeg(crowds: readonly Crowd[]): Map<number, Crowd[]> {
  const byLeg = new Map<number, Crowd[]>();
  for (const crowd of crowds) {
    const list = byLeg.get(crowd.leg);
    if (list) list.push(crowd);
    else byLeg.set(crowd.leg, [crowd]);
  }
  return byLeg;
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
