// Which pairs of legs are looked at: those that share a key. TCP legs are filed under their client's ISN, and where one
// begins in mid-stream under the cells that its packets stand in; all others under the keys of their sketches.
//
// A key that very many legs share says too little to look at all their pairs: of the legs that have no rarer one, each has
// a crowd of possible partners. The clock may thin it out. What is left over is counted, some of it listed, and nothing
// tied, unless the tuple is the same.
import { TCP } from '../decode/headers.ts';
import { forEachCell } from './cells.ts';
import type { Comparison } from './comparison.ts';
import type { Corpus } from './corpus.ts';
import { type Crowd, CrowdSearch } from './crowds.ts';
import { routedBetween } from './ends.ts';
import { Postings } from './postings.ts';
import { ShiftedKeys } from './shifted-keys.ts';
import { isSketched, keyOf } from './sketch.ts';
import { hasOpening } from './tcp-evidence.ts';
import type { LegPair, Tie } from './tie.ts';
import type { Timing } from './timing.ts';
import type { UsualShift } from './usual-shifts.ts';

/** Legs that may share a key before it is crowded; fewer once so many possible ties are held. */
const MAX_SHARING = 64;
const FEW_SHARING = 16;
const MANY_TIES = 2_000_000;
/** Times are compared over at least this much where one point is looked at alone. */
const AT_ONCE = 250e6;

export interface PossibleTies {
  readonly ties: readonly Tie[];
  readonly crowds: readonly Crowd[];
  /** Some of the ties with each crowd, to be shown: they are no choice. */
  readonly listed: readonly Tie[];
}

/** A tie of legs with other sequence numbers; `isProven`: that a box translated one into the other. */
export interface ShiftedTie {
  readonly tie: Tie;
  readonly isProven: boolean;
}

export class Candidates {
  private readonly corpus: Corpus;
  private readonly comparison: Comparison;
  private readonly timing: Timing;
  private readonly apart: ReadonlySet<number>;

  constructor(corpus: Corpus, comparison: Comparison, timing: Timing, apart: ReadonlySet<number>) {
    this.corpus = corpus;
    this.comparison = comparison;
    this.timing = timing;
    this.apart = apart;
  }

  /** Of TCP legs. */
  ofTcp(): PossibleTies {
    const { tcp } = this.comparison;
    const { protocol } = this.corpus.legs;
    const [opened, middle] = [[], []] as [number[], number[]];
    for (let leg = 0; leg < this.corpus.legs.length; leg++) {
      if (protocol[leg] === TCP) (hasOpening(this.corpus, leg) ? opened : middle).push(leg);
    }
    const search = this.search(() => false);
    search.among(
      opened,
      (leg, visit) => {
        tcp.openingKeys(leg, visit);
      },
      (leg, visit) => {
        tcp.openingWithEndKeys(leg, visit);
      },
    );
    if (middle.length === 0) return search;
    search.between(middle, opened, (leg, visit) => {
      forEachCell(this.corpus.packetsOf(leg), this.corpus.rowsOf(leg), visit);
    });
    return search;
  }

  /**
   * Of TCP legs that have no partner at some point: legs whose sequence numbers differ by a constant. `isTaken`: one of the
   * two has another partner.
   */
  ofShifted(isLonely: (leg: number) => boolean, isTaken: (pair: LegPair) => boolean): ShiftedTie[] {
    const { protocol } = this.corpus.legs;
    const legs: number[] = [];
    for (let leg = 0; leg < this.corpus.legs.length; leg++) if (protocol[leg] === TCP && isLonely(leg)) legs.push(leg);
    const keys = new ShiftedKeys(this.corpus, legs);
    return this.shiftedSharing(legs, isTaken, (leg, visit) => {
      keys.forEach(leg, visit);
    });
  }

  /** The same of legs whose ISNs differ by what is usual between their points. */
  ofUsualShifts(shifts: readonly UsualShift[], isTaken: (pair: LegPair) => boolean): ShiftedTie[] {
    const { protocol, point, isnClient } = this.corpus.legs;
    const legs: number[] = [];
    for (let leg = 0; leg < this.corpus.legs.length; leg++) {
      if (protocol[leg] === TCP && hasOpening(this.corpus, leg)) legs.push(leg);
    }
    return this.shiftedSharing(legs, isTaken, (leg, visit) => {
      for (const { from, to, client } of shifts) {
        if (point[leg] === to) visit(keyOf(isnClient[leg]!, from, to));
        if (point[leg] === from) visit(keyOf((isnClient[leg]! + client) >>> 0, from, to));
      }
    });
  }

  private shiftedSharing(legs: readonly number[], isTaken: (pair: LegPair) => boolean, keysOf: Keys): ShiftedTie[] {
    const found: ShiftedTie[] = [];
    const search = this.search(
      () => false,
      (a, b) => {
        const { point } = this.corpus.legs;
        const shifted = isTaken({ a, b, crossed: false }) ? null : this.comparison.tcp.compareShifted(a, b);
        if (!shifted || (point[a] === point[b] && !this.isBothSides(shifted.tie))) return null;
        found.push(shifted);
        return null;
      },
    );
    search.rare(legs, keysOf);
    return found;
  }

  /** Of all other legs, within what the clocks allow; `areIdsKept`: between two points, as TCP shows. */
  ofDatagrams(areIdsKept: (p: number, q: number) => boolean): PossibleTies {
    const { sketches } = this.comparison.datagrams;
    const { protocol } = this.corpus.legs;
    const legs: number[] = [];
    for (let leg = 0; leg < this.corpus.legs.length; leg++) {
      if (protocol[leg] !== TCP && isSketched(this.corpus, leg)) legs.push(leg);
    }
    const search = this.search(areIdsKept);
    search.among(legs, (leg, visit) => {
      for (let i = sketches.starts[leg]!; i < sketches.starts[leg + 1]!; i++) visit(sketches.keys[i]!);
    });
    return search;
  }

  private search(
    areIdsKept: (p: number, q: number) => boolean,
    compare: (a: number, b: number) => Tie | null = (a, b) => this.compare(a, b),
  ): Search {
    const { sketches } = this.comparison.datagrams;
    const crowdsOf = (postings: Postings): CrowdSearch =>
      new CrowdSearch(this.corpus, this.timing, sketches, postings, areIdsKept);
    return new Search(this.corpus, compare, crowdsOf);
  }

  private compare(a: number, b: number): Tie | null {
    const l = this.corpus.legs;
    if (this.apart.size > 0 && this.apart.has(a) !== this.apart.has(b)) return null;
    if (l.protocol[a] !== TCP && !this.timing.mayMeet(a, b)) return null;
    const tie = this.comparison.compare(a, b);
    return tie && l.point[a] === l.point[b] && !this.isBothSides(tie) ? null : tie;
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
}

type Keys = (leg: number, visit: (key: number) => void) => void;

/** Finds pairs by their keys and compares each once. */
class Search implements PossibleTies {
  readonly ties: Tie[] = [];
  readonly crowds: Crowd[] = [];
  readonly listed: Tie[] = [];
  private readonly corpus: Corpus;
  private readonly compare: (a: number, b: number) => Tie | null;
  /** Per leg: the last one that it was compared with, + 1. */
  private readonly comparedWith: Uint32Array;
  private readonly crowdSearch: (postings: Postings) => CrowdSearch;

  constructor(
    corpus: Corpus,
    compare: (a: number, b: number) => Tie | null,
    crowdSearch: (postings: Postings) => CrowdSearch,
  ) {
    this.corpus = corpus;
    this.compare = compare;
    this.crowdSearch = crowdSearch;
    this.comparedWith = new Uint32Array(corpus.legs.length);
  }

  /** `finerKeys` are those of legs whose keys are all crowded. */
  among(legs: readonly number[], keysOf: Keys, finerKeys?: Keys): void {
    const postings = new Postings();
    for (const leg of legs)
      keysOf(leg, (key) => {
        postings.add(key, leg);
      });
    const crowded: number[] = [];
    for (const leg of legs) {
      if (!this.compareSharing(postings, leg, keysOf, (other) => other < leg)) crowded.push(leg);
    }
    if (crowded.length === 0) return;
    if (finerKeys) this.among(crowded, finerKeys);
    else this.lookThrough(crowded, legs, postings, keysOf);
  }

  /** Pairs that share a key which is not crowded; of others nothing is said. */
  rare(legs: readonly number[], keysOf: Keys): void {
    const postings = new Postings();
    for (const leg of legs)
      keysOf(leg, (key) => {
        postings.add(key, leg);
      });
    for (const leg of legs) this.compareSharing(postings, leg, keysOf, (other) => other < leg);
  }

  /** Pairs of which at least one is of `legs`. */
  between(legs: readonly number[], others: readonly number[], keysOf: Keys): void {
    const postings = new Postings();
    for (const leg of legs)
      keysOf(leg, (key) => {
        postings.add(key, leg);
      });
    for (const leg of legs) this.compareSharing(postings, leg, keysOf, (other) => other < leg);
    for (const leg of others) this.compareSharing(postings, leg, keysOf, () => true);
  }

  /** Compares a leg with those that share a rare key; false where all its keys are crowded. */
  private compareSharing(postings: Postings, leg: number, keysOf: Keys, wanted: (other: number) => boolean): boolean {
    const limit = this.ties.length < MANY_TIES ? MAX_SHARING : FEW_SHARING;
    let keys = 0;
    let rare = 0;
    keysOf(leg, (key) => {
      keys++;
      if (postings.countOf(key) > limit) return;
      rare++;
      postings.forEach(key, (other) => {
        if (!wanted(other) || this.comparedWith[other] === leg + 1) return;
        this.comparedWith[other] = leg + 1;
        const tie = this.compare(other, leg);
        if (tie) this.ties.push(tie);
      });
    });
    return rare > 0 || keys === 0;
  }

  /** `crowded` are of `legs`. */
  private lookThrough(crowded: readonly number[], legs: readonly number[], postings: Postings, keysOf: Keys): void {
    const crowds = this.crowdSearch(postings);
    const compared = new Set<number>();
    const byTuple = new Postings();
    for (const leg of legs) byTuple.add(this.corpus.tupleKey(leg), leg);
    const compare = (leg: number, other: number, into: Tie[]): void => {
      const pair = Math.min(leg, other) * this.corpus.legs.length + Math.max(leg, other);
      if (compared.has(pair)) return;
      compared.add(pair);
      const tie = this.compare(leg, other);
      if (tie) into.push(tie);
    };
    for (const leg of crowded) {
      byTuple.forEach(this.corpus.tupleKey(leg), (other) => {
        if (other !== leg && this.corpus.sameTuple(leg, other)) compare(leg, other, this.ties);
      });
      let rarest = Number.NaN;
      let least = Number.POSITIVE_INFINITY;
      keysOf(leg, (key) => {
        const count = postings.countOf(key);
        if (count < least) [rarest, least] = [key, count];
      });
      crowds.forEachPoint(leg, rarest, (point, partners, count, isCrowd) => {
        for (const other of partners) compare(leg, other, isCrowd ? this.listed : this.ties);
        if (isCrowd) this.crowds.push({ leg, point, count });
      });
    }
  }
}
