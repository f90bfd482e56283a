// Who has which partner where, and who is the clear best of those that are left.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import type { Crowd } from './crowds.ts';
import type { LegPair, Tie } from './tie.ts';

/** How much better than the second best a partner must be, in the units of `Tie.rank`. */
const MARGIN = 8;
const NONE = -1;

export class Partners {
  private readonly corpus: Corpus;
  /** Per leg a list of its partners: its first entry, and per entry the partner and the next entry. */
  private readonly heads: Int32Array;
  private readonly entries: number[] = [];
  private readonly next: number[] = [];
  /** The other side of a box at the same point, for the later leg of the two. */
  private readonly otherSide = new Map<number, number>();
  /** Per leg: points at which it has more possible partners than were looked at. */
  private readonly crowded = new Map<number, Set<number>>();
  private readonly tcpPoints: readonly number[];

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.heads = new Int32Array(corpus.legs.length).fill(NONE);
    const points = new Set<number>();
    const { protocol, point } = corpus.legs;
    for (let leg = 0; leg < corpus.legs.length; leg++) if (protocol[leg] === TCP) points.add(point[leg]!);
    this.tcpPoints = [...points];
  }

  join({ a, b }: Tie): void {
    const { point } = this.corpus.legs;
    this.add(a, b);
    this.add(b, a);
    if (point[a] === point[b]) this.otherSide.set(Math.max(a, b), Math.min(a, b));
  }

  /** From now on legs choose among no partners where they have a crowd of them, but those with the same tuple. */
  noteCrowds(crowds: readonly Crowd[]): void {
    for (const { leg, point } of crowds) {
      const points = this.crowded.get(leg);
      if (points) points.add(point);
      else this.crowded.set(leg, new Set([point]));
    }
  }

  /** Whether the leg, of TCP, has no partner at some point that saw TCP. */
  isLonely(leg: number): boolean {
    const { point } = this.corpus.legs;
    return this.tcpPoints.some((at) => at !== point[leg] && !this.hasPartnerAt(leg, at)) || this.tcpPoints.length === 1;
  }

  /** Whether one of the two has another partner at the other's point. */
  isTaken({ a, b }: LegPair): boolean {
    const { point } = this.corpus.legs;
    return this.hasPartnerAt(a, point[b]!) || this.hasPartnerAt(b, point[a]!);
  }

  hasPartnerAt(leg: number, point: number): boolean {
    for (let at = this.heads[leg]!; at !== NONE; at = this.next[at]!) {
      if (this.corpus.legs.point[this.entries[at]!] === point) return true;
    }
    return false;
  }

  /** Ties that are the best of both their legs, at each other's point, by the margin. */
  clearBest(ties: readonly Tie[]): Tie[] {
    const free = ties.filter((tie) => !this.isTaken(tie));
    const ofLeg = new TiesOfLegs(free, this.corpus.legs.length);
    /** How often each tie is the clear best: at most once for either leg. */
    const clear = new Uint8Array(free.length);
    for (const leg of ofLeg.legs) this.choose(leg, ofLeg.of(leg), free, clear);
    return free.filter((_, at) => clear[at] === 2);
  }

  private choose(leg: number, own: Uint32Array, ties: readonly Tie[], clear: Uint8Array): void {
    const { point, protocol } = this.corpus.legs;
    const best = new Map<number, number>();
    for (const at of own) {
      const there = point[partnerIn(ties[at]!, leg)]!;
      const known = best.get(there);
      if (known === undefined || ties[at]!.rank > ties[known]!.rank) best.set(there, at);
    }
    // A leg that has several equal partners at one point carries nothing that names one connection: a lone partner at
    // another point may be there by chance, unless its tuple or its ids say more.
    const isCrowded = this.crowded.has(leg);
    let divided = isCrowded && protocol[leg] !== TCP;
    const clearAt: number[] = [];
    for (const [there, at] of best) {
      if (ties[at]!.rank - this.secondBest(leg, there, at, own, ties) >= MARGIN) clearAt.push(at);
      else if (protocol[leg] !== TCP) divided = true;
    }
    for (const at of clearAt) {
      const tie = ties[at]!;
      const isAmongMany = isCrowded && this.crowded.get(leg)!.has(point[partnerIn(tie, leg)]!);
      if (isAmongMany && tie.ends !== 'both kept') continue;
      if (!divided || isDistinct(tie)) clear[at]!++;
    }
  }

  /** The best rank at that point of a partner that is not the best one, nor its other side. */
  private secondBest(leg: number, there: number, best: number, own: Uint32Array, ties: readonly Tie[]): number {
    const { point } = this.corpus.legs;
    const side = this.sideOf(partnerIn(ties[best]!, leg));
    let second = Number.NEGATIVE_INFINITY;
    for (const at of own) {
      const partner = partnerIn(ties[at]!, leg);
      if (point[partner] === there && this.sideOf(partner) !== side) second = Math.max(second, ties[at]!.rank);
    }
    return second;
  }

  /** The same number for both sides of a box that one point sees. */
  private sideOf(leg: number): number {
    return this.otherSide.get(leg) ?? leg;
  }

  private add(leg: number, partner: number): void {
    this.next.push(this.heads[leg]!);
    this.heads[leg] = this.entries.push(partner) - 1;
  }
}

/** The numbers of each leg's ties in a list. */
class TiesOfLegs {
  private readonly starts: Uint32Array;
  private readonly numbers: Uint32Array;

  constructor(ties: readonly Tie[], legs: number) {
    this.starts = new Uint32Array(legs + 2);
    for (const { a, b } of ties) {
      this.starts[a + 2]!++;
      this.starts[b + 2]!++;
    }
    for (let leg = 2; leg < this.starts.length; leg++) this.starts[leg]! += this.starts[leg - 1]!;
    this.numbers = new Uint32Array(2 * ties.length);
    for (const [at, { a, b }] of ties.entries()) {
      this.numbers[this.starts[a + 1]!++] = at;
      this.numbers[this.starts[b + 1]!++] = at;
    }
  }

  /** Legs that have any. */
  get legs(): number[] {
    const legs: number[] = [];
    for (let leg = 0; leg + 2 < this.starts.length; leg++)
      if (this.starts[leg + 1]! > this.starts[leg]!) legs.push(leg);
    return legs;
  }

  of(leg: number): Uint32Array {
    return this.numbers.subarray(this.starts[leg], this.starts[leg + 1]);
  }
}

/** Whether the tie has what no lookalike has. */
function isDistinct(tie: Tie): boolean {
  if (tie.ends === 'both kept') return true;
  const { sameIds, otherIds } = tie.packets;
  return sameIds > 0 && otherIds === 0;
}

function partnerIn(tie: Tie, leg: number): number {
  return tie.a === leg ? tie.b : tie.a;
}
