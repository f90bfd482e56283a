// Which pairs of legs are looked at: those that share a key. Each leg is filed under its keys (ISNs, and the keys of its
// sketch); a key that very many legs share says too little to look at their pairs.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import { Postings } from './postings.ts';
import { isSketched, keyOf } from './sketch.ts';
import { type Sketches, type Tie, compareLegs, knowsClientIsn, knowsServerIsn, routedBetween } from './tie.ts';
import type { Timing } from './timing.ts';

/** Legs that may share a key before it says too little to look at their pairs. */
const MAX_SHARING = 256;
/** Possible ties that are held at once; beyond them only keys that few legs share are looked at. */
const MAX_POSSIBLE = 1_000_000;
const FEW_SHARING = 16;
/** Times are compared over at least this much where one point is looked at alone. */
const AT_ONCE = 250e6;

export class Candidates {
  private readonly corpus: Corpus;
  private readonly sketches: Sketches;
  private readonly timing: Timing;
  private readonly apart: ReadonlySet<number>;

  constructor(corpus: Corpus, sketches: Sketches, timing: Timing, apart: ReadonlySet<number>) {
    this.corpus = corpus;
    this.sketches = sketches;
    this.timing = timing;
    this.apart = apart;
  }

  /** The ties of all pairs of legs that share a key and compare: of TCP, or of all others. */
  possibleTies(tcp: boolean): Tie[] {
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
    if (this.apart.size > 0 && this.apart.has(a) !== this.apart.has(b)) return null;
    if (l.protocol[a] !== TCP && !this.timing.mayMeet(a, b)) return null;
    const tie = compareLegs(this.corpus, this.sketches, a, b);
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
