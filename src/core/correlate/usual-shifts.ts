// Shifts of sequence numbers that several connections between two points have in common: a box that adds the same to all.
// No two connections that a relay opened anew have one shift but once in 2^32. Connections that nothing else tells apart
// (equal requests of many pods) are then found by their numbers.
import { CLIENT_IS_SOURCE } from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';
import { hasOpening } from './tcp-evidence.ts';
import type { Tie } from './tie.ts';

/** So many connections, with different numbers of their own, make a shift the box's. */
const USUAL = 3;

/** Both of a connection's numbers are what the shift makes of those before: as good as two equal ISNs. */
const USUAL_BITS = 64;

/** What is added to the client's ISN at one point to get that at another one. */
export interface UsualShift {
  readonly from: number;
  readonly to: number;
  readonly client: number;
}

export class UsualShifts {
  private readonly corpus: Corpus;
  /** ISNs of clients at either point of legs that have a partner with this shift. */
  private readonly numbers = new Map<string, { readonly shift: UsualShift; readonly isns: Set<number> }>();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
  }

  add(tie: Tie): void {
    const found = this.shiftOf(tie);
    if (!found) return;
    const known = this.numbers.get(found.key);
    const isn = this.corpus.legs.isnClient[found.first]!;
    if (known) known.isns.add(isn);
    else this.numbers.set(found.key, { shift: found.shift, isns: new Set([isn]) });
  }

  isUsual(tie: Tie): boolean {
    const found = this.shiftOf(tie);
    return found !== null && (this.numbers.get(found.key)?.isns.size ?? 0) >= USUAL;
  }

  /** The tie with the weight of its shift; null where that is none of the usual ones. */
  confirmed(tie: Tie): Tie | null {
    return this.isUsual(tie) ? tie.strengthened(USUAL_BITS, { kind: 'usual-shift', count: 1 }) : null;
  }

  get all(): readonly UsualShift[] {
    return [...this.numbers.values()].filter(({ isns }) => isns.size >= USUAL).map(({ shift }) => shift);
  }

  /** From the point with the lower number on; null where not both legs have their opening. */
  private shiftOf(tie: Tie): { readonly key: string; readonly first: number; readonly shift: UsualShift } | null {
    const { legs } = this.corpus;
    if (!tie.shift || !hasOpening(this.corpus, tie.a) || !hasOpening(this.corpus, tie.b)) return null;
    const isTurned = legs.point[tie.a]! > legs.point[tie.b]!;
    const [first, second] = isTurned ? [tie.b, tie.a] : [tie.a, tie.b];
    const clientIsOut = (legs.traits[tie.a]! & CLIENT_IS_SOURCE) !== 0;
    const [client, server] = [tie.shift[clientIsOut ? 0 : 1], tie.shift[clientIsOut ? 1 : 0]].map(
      (shift) => (isTurned ? -shift : shift) >>> 0,
    ) as [number, number];
    const [from, to] = [legs.point[first]!, legs.point[second]!];
    return { key: [from, to, client, server].join(' '), first, shift: { from, to, client } };
  }
}
