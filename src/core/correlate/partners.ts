// Who has which partner where, and who is the clear best of those that are left.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import type { Tie } from './tie.ts';

/** How much better than the second best a partner must be, in the units of `Tie.rank`. */
const MARGIN = 8;

export class Partners {
  private readonly corpus: Corpus;
  private readonly points: number;
  /** Partner of a leg at a point: `leg * points + point`. */
  private readonly partners = new Map<number, number>();
  /** The other side of a box at the same point, for the later leg of the two. */
  private readonly otherSide = new Map<number, number>();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.points = corpus.points.length;
  }

  join({ a, b }: Tie): void {
    const { point } = this.corpus.legs;
    this.partners.set(a * this.points + point[b]!, b);
    this.partners.set(b * this.points + point[a]!, a);
    if (point[a] === point[b]) this.otherSide.set(Math.max(a, b), Math.min(a, b));
  }

  /** Whether one of the two has another partner at the other's point. */
  isTaken(tie: Tie): boolean {
    return this.partnerAt(tie.a, tie.b) !== undefined || this.partnerAt(tie.b, tie.a) !== undefined;
  }

  /** Ties that are the best of both their legs, at each other's point, by the margin. */
  clearBest(ties: readonly Tie[]): Tie[] {
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

  /** The same number for both sides of a box that one point sees. */
  private sideOf(leg: number): number {
    return this.otherSide.get(leg) ?? leg;
  }

  private partnerAt(leg: number, other: number): number | undefined {
    return this.partners.get(leg * this.points + this.corpus.legs.point[other]!);
  }
}

function partnerIn(tie: Tie, leg: number): number {
  return tie.a === leg ? tie.b : tie.a;
}
