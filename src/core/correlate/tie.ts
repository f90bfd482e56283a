// A tie: two legs that may be one connection, what says so and how much it weighs, and the packets that they share.
// Weights are bits: how unlikely it is that unrelated legs agree so far. docs/matching.md argues each figure.
import type { Confidence, Evidence } from '../report/model.ts';
import type { Corpus } from './corpus.ts';

/** An unchanged tuple: both addresses and both ports. */
const SAME_TUPLE_BITS = 40;
/** One end unchanged, as in SNAT (destination) or DNAT (source). */
const SAME_END_BITS = 8;
const SAME_TUPLE: Evidence = { kind: 'tuple', count: 1 };
const ENDS = ['none kept', 'one kept', 'both kept'] as const;

/** Which packets two legs have in common, each sent once but for those of `repeated`. */
export interface SharedPackets {
  /** Corpus time at `b` less that at `a`, of packets in the direction of a's first packet, and against it. */
  readonly out: readonly number[];
  readonly back: readonly number[];
  /** Corpus times of these at `a`. */
  readonly outAt: readonly number[];
  readonly backAt: readonly number[];
  /** Times at `a` and at `b` of equal packets that were sent several times: which is which only a clock can tell. */
  readonly repeated: readonly (readonly [a: readonly number[], b: readonly number[]])[];
  /** Packets whose IP ids (not 0) are equal, and differ. */
  readonly sameIds: number;
  readonly otherIds: number;
  /** Different payloads that both legs have in one direction. Of one payload alone, nobody knows who else sends it. */
  readonly variety: number;
}

/** Two legs in the way in which they may be one connection. */
export interface LegPair {
  readonly a: number;
  readonly b: number;
  /** The first packet of one ran in the direction of the other's answers. */
  readonly crossed: boolean;
}

/** What a box adds to sequence numbers: in the direction of a's first packet, and against it; modulo 2^32. */
export type SequenceShift = readonly [out: number, back: number];

/** Finds the packets of a tie. They are not kept with it: most ties are asked once. */
export interface PacketFinder {
  sharedPackets(tie: Tie): SharedPackets;
}

/** What was found out about two legs, before their ends are looked at. */
export interface Agreement extends LegPair {
  readonly bits: number;
  /** To choose among several partners: what they share, less what they should share and do not. */
  readonly rank: number;
  readonly evidence: readonly Evidence[];
  readonly shift?: SequenceShift;
}

export class Tie implements LegPair {
  readonly a: number;
  readonly b: number;
  readonly crossed: boolean;
  readonly bits: number;
  readonly rank: number;
  readonly ends: (typeof ENDS)[number];
  readonly evidence: readonly Evidence[];
  /** Null where sequence numbers passed as they were. */
  readonly shift: SequenceShift | null;
  private readonly finder: PacketFinder;

  constructor(agreement: Agreement, ends: Tie['ends'], finder: PacketFinder) {
    this.a = agreement.a;
    this.b = agreement.b;
    this.crossed = agreement.crossed;
    this.bits = agreement.bits;
    this.rank = agreement.rank;
    this.ends = ends;
    this.evidence = agreement.evidence;
    this.shift = agreement.shift ?? null;
    this.finder = finder;
  }

  /** Found anew at each call: keep what is needed more than once. */
  get packets(): SharedPackets {
    return this.finder.sharedPackets(this);
  }

  /** With more evidence. */
  strengthened(bits: number, more: Evidence): Tie {
    const { agreement } = this;
    const evidence = [...this.evidence, more];
    return new Tie({ ...agreement, bits: this.bits + bits, rank: this.rank + bits, evidence }, this.ends, this.finder);
  }

  accepted(confidence: AcceptedTie['confidence'], more: readonly Evidence[] = []): AcceptedTie {
    const evidence = more.length === 0 ? this.evidence : [...this.evidence, ...more];
    return new AcceptedTie({ ...this.agreement, evidence }, this.ends, this.finder, confidence);
  }

  private get agreement(): Agreement {
    const { a, b, crossed, bits, rank, evidence, shift } = this;
    return shift ? { a, b, crossed, bits, rank, evidence, shift } : { a, b, crossed, bits, rank, evidence };
  }
}

export class AcceptedTie extends Tie {
  readonly confidence: Extract<Confidence, 'exact' | 'strong' | 'probable'>;

  constructor(agreement: Agreement, ends: Tie['ends'], finder: PacketFinder, confidence: AcceptedTie['confidence']) {
    super(agreement, ends, finder);
    this.confidence = confidence;
  }
}

/** Evidence is of few kinds: equal lists are kept once. */
const withTuple = new WeakMap<readonly Evidence[], readonly Evidence[]>();

function withSameTuple(evidence: readonly Evidence[]): readonly Evidence[] {
  let longer = withTuple.get(evidence);
  if (!longer) withTuple.set(evidence, (longer = [...evidence, SAME_TUPLE]));
  return longer;
}

/** The tie of this agreement, with what its ends add to it. */
export function tieOf(corpus: Corpus, agreement: Agreement, kept: 0 | 1 | 2, finder: PacketFinder): Tie {
  const isSame = kept === 2 && corpus.sameTuple(agreement.a, agreement.b);
  const bonus = isSame ? SAME_TUPLE_BITS : kept > 0 ? SAME_END_BITS : 0;
  const { bits, rank, evidence } = agreement;
  const whole = {
    ...agreement,
    bits: bits + bonus,
    rank: rank + bonus,
    evidence: isSame ? withSameTuple(evidence) : evidence,
  };
  return new Tie(whole, ENDS[kept], finder);
}
