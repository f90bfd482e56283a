// Whether what two legs share is more than what chance would give them: against how many pairs there are, and, between
// points that nothing relates yet, against what strangers' captures have in common.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import { isDnsLeg } from './datagram-evidence.ts';
import type { Tie } from './tie.ts';
import type { Timing } from './timing.ts';

/** Bits beyond the number of possible pairs, between points whose clocks nothing relates. */
const SAFETY_UNRELATED = 10;
/** However well the times fit, an end that is the same is no evidence alone. */
const LEAST_BITS = 12;
/** A strong tie has at least this much. */
const STRONG_BITS = 32;
/** TCP connections at both points that make it telling that not one is tied. */
const TELLING_TCP = 5;

export class Chance {
  private readonly corpus: Corpus;
  private readonly timing: Timing;
  /** Legs per point. */
  private readonly tcpPopulation: number[];
  private readonly otherPopulation: number[];

  constructor(corpus: Corpus, timing: Timing) {
    this.corpus = corpus;
    this.timing = timing;
    this.tcpPopulation = new Array<number>(corpus.points.length).fill(0);
    this.otherPopulation = new Array<number>(corpus.points.length).fill(0);
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      (corpus.legs.protocol[leg] === TCP ? this.tcpPopulation : this.otherPopulation)[corpus.legs.point[leg]!]!++;
    }
  }

  /** How sure a tie is by its bits and times: null where it may be chance. */
  verdict(tie: Tie): 'strong' | 'probable' | null {
    const { needed, ofTime } = this.bitsNeeded(tie);
    if (tie.bits < Math.max(LEAST_BITS, needed) || !this.isMoreThanChance(tie)) return null;
    return tie.bits + ofTime < STRONG_BITS && tie.ends !== 'both kept' ? 'probable' : 'strong';
  }

  /**
   * Between points that nothing relates, one constant payload is no evidence: anybody may send it. What varies is: TCP's numbers, DNS ids,
   * several payloads in one direction, an IP id.
   */
  isMoreThanChance(tie: Tie): boolean {
    const l = this.corpus.legs;
    const [p, q] = [l.point[tie.a]!, l.point[tie.b]!];
    if (this.timing.areRelated(p, q)) return true;
    if (l.protocol[tie.a] === TCP) return tie.bits >= STRONG_BITS;
    if (this.areStrangers(p, q)) return false;
    if (isDnsLeg(this.corpus, tie.a)) return true;
    const { variety, sameIds, otherIds } = tie.packets;
    return variety >= 2 || (sameIds > 0 && otherIds === 0);
  }

  /** Points that both show TCP connections, at other times, and not one in common: captures of different days or clusters. */
  private areStrangers(p: number, q: number): boolean {
    const [at, other] = [this.corpus.points[p]!, this.corpus.points[q]!];
    if (at.first <= other.last && other.first <= at.last) return false;
    return this.tcpPopulation[p]! >= TELLING_TCP && this.tcpPopulation[q]! >= TELLING_TCP;
  }

  /** Bits that a tie must have, and what the agreement of its times with the clocks is worth. */
  private bitsNeeded(tie: Tie): { needed: number; ofTime: number } {
    const l = this.corpus.legs;
    const population = l.protocol[tie.a] === TCP ? this.tcpPopulation : this.otherPopulation;
    const [p, q] = [l.point[tie.a]!, l.point[tie.b]!];
    const pairs = Math.log2(Math.max(1, population[p]!) * Math.max(1, population[q]!));
    const ofTime = this.timing.bitsOfTime(p, q);
    return ofTime === null ? { needed: pairs + SAFETY_UNRELATED, ofTime: 0 } : { needed: pairs - ofTime, ofTime };
  }
}
