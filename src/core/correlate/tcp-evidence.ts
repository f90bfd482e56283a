// What TCP carries through translators: initial sequence numbers and the timestamp of the SYN where both legs have their
// opening; where one was captured from its middle on, the packets that both have, or the bytes.
import { TCP } from '../decode/headers.ts';
import * as T from '../flows/tables.ts';
import type { Evidence } from '../report/model.ts';
import type { Corpus } from './corpus.ts';
import { endsKept, hasGroupEnd } from './ends.ts';
import { Postings } from './postings.ts';
import { keyOf } from './sketch.ts';
import { ShiftedStreams } from './shifted-streams.ts';
import { Streams } from './streams.ts';
import { type LegPair, type PacketFinder, type SequenceShift, type SharedPackets, type Tie, tieOf } from './tie.ts';

const BITS = {
  /** An initial sequence number (RFC 6528: unpredictable). */
  isn: 32,
  /** One that several connections share, together with an end that no two of them share. */
  isnWithEnd: 24,
  /** An ISN of 0 was not drawn at all; one that several connections of a point share was not drawn for each. */
  fixedIsn: 4,
  /** Timestamp clock of a SYN: an offset drawn per connection or host. */
  synTimestamp: 20,
  synOptions: 2,
} as const;

/** Unanswered SYNs of a point that may carry one ISN before it tells nothing: two may be both sides of a box. */
const FEW_USES = 2;

const OPENED = T.HAS_SYN | T.HAS_SYN_ACK;

/** Whether the leg has its opening: then the client's ISN is known. */
export function hasOpening(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & OPENED) !== 0;
}

function knowsServerIsn(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & (T.HAS_SYN_ACK | T.BOTH_OPEN)) !== 0;
}

/**
 * What is to be added to sequence numbers on the way from one leg to another, the client's first; null where they are the
 * same. `tie`: that of the two, if they have one; `reversed`: the first packet of `from` came from the server.
 */
export function shiftBetween(
  corpus: Corpus,
  tie: Tie | undefined,
  from: number,
  to: number,
  reversed: boolean,
): SequenceShift | null {
  const l = corpus.legs;
  if (tie) {
    if (!tie.shift) return null;
    const sign = tie.a === from ? 1 : -1;
    const isTurned = tie.a === from ? reversed : reversed !== tie.crossed;
    const [out, back] = [(sign * tie.shift[0]) >>> 0, (sign * tie.shift[1]) >>> 0];
    return isTurned ? [back, out] : [out, back];
  }
  if (l.protocol[from] !== TCP || !hasOpening(corpus, from) || !hasOpening(corpus, to)) return null;
  const client = (l.isnClient[to]! - l.isnClient[from]!) >>> 0;
  const knowsServer = knowsServerIsn(corpus, from) && knowsServerIsn(corpus, to);
  const server = knowsServer ? (l.isnServer[to]! - l.isnServer[from]!) >>> 0 : 0;
  return client === 0 && server === 0 ? null : [client, server];
}

export class TcpEvidence implements PacketFinder {
  private readonly corpus: Corpus;
  private readonly streams: Streams;
  private readonly shifted: ShiftedStreams;
  /** Unanswered SYNs by ISN and point, and with one end besides. */
  private readonly isnUses = new Postings();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    this.streams = new Streams(corpus);
    this.shifted = new ShiftedStreams(corpus);
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      if (corpus.legs.protocol[leg] !== TCP || !hasOpening(corpus, leg) || knowsServerIsn(corpus, leg)) continue;
      this.isnUses.add(this.isnAtPoint(leg), leg);
      this.isnUses.add(this.isnWithEndAtPoint(leg, false), leg);
      this.isnUses.add(this.isnWithEndAtPoint(leg, true), leg);
    }
  }

  /** The tie of two TCP legs, or null where nothing speaks for it or something against it. */
  compare(a: number, b: number): Tie | null {
    return hasOpening(this.corpus, a) && hasOpening(this.corpus, b) ? this.byOpening(a, b) : this.byMiddle(a, b);
  }

  /**
   * The tie of two TCP legs whose sequence numbers differ, and whether it is proven that a box translated one into the
   * other; null where they have nothing in common, or something speaks against it.
   */
  compareShifted(a: number, b: number): { readonly tie: Tie; readonly isProven: boolean } | null {
    const found = this.shifted.compare(a, b);
    const kept = found && this.keptEnds(found.agreement);
    if (!found || kept === null) return null;
    return { tie: tieOf(this.corpus, found.agreement, kept, this), isProven: found.isProven };
  }

  sharedPackets(tie: Tie): SharedPackets {
    if (tie.shift) return this.shifted.shared(tie, tie.shift);
    const whole = !hasOpening(this.corpus, tie.a) || !hasOpening(this.corpus, tie.b);
    return whole ? this.streams.shared(tie) : this.streams.sharedOpening(tie);
  }

  /** Calls with the key that legs of one connection share by their openings: both ISNs where both ends opened it. */
  openingKeys(leg: number, visit: (key: number) => void): void {
    const l = this.corpus.legs;
    visit(l.isnClient[leg]!);
    if ((l.traits[leg]! & T.BOTH_OPEN) !== 0) visit(l.isnServer[leg]!);
  }

  /** The same for openings whose ISN many share: with one of their ends. */
  openingWithEndKeys(leg: number, visit: (key: number) => void): void {
    visit(this.isnWithEnd(leg, false));
    visit(this.isnWithEnd(leg, true));
  }

  private byOpening(a: number, b: number): Tie | null {
    const { corpus } = this;
    const l = corpus.legs;
    const swapped = this.areSwapped(a, b);
    const serverOf = (leg: number): number => l.isnServer[leg]!;
    if (!swapped && l.isnClient[a] !== l.isnClient[b]) return null;
    const bothServer = knowsServerIsn(corpus, a) && knowsServerIsn(corpus, b);
    if (!swapped && bothServer && serverOf(a) !== serverOf(b)) return null;
    const turned = ((l.traits[a]! ^ l.traits[b]!) & T.CLIENT_IS_SOURCE) !== 0;
    const pair = { a, b, crossed: turned !== swapped };
    const kept = this.keptEnds(pair);
    if (kept === null) return null;
    let bits: number = l.isnClient[a] === 0 ? BITS.fixedIsn : this.isnBits(pair);
    if (bothServer) bits += serverOf(a) === 0 ? BITS.fixedIsn : BITS.isn;
    const bothSyns = l.traits[a]! & l.traits[b]! & (T.HAS_SYN | T.HAS_SYN_TIMESTAMP);
    const sameTimestamp = (bothSyns & T.HAS_SYN_TIMESTAMP) !== 0 && l.synTsVal[a] === l.synTsVal[b];
    if (sameTimestamp) bits += BITS.synTimestamp;
    if ((bothSyns & T.HAS_SYN) !== 0 && l.synOptions[a] === l.synOptions[b]) bits += BITS.synOptions;
    const evidence = openingEvidence(bothServer ? 2 : 1, sameTimestamp);
    return tieOf(corpus, { ...pair, bits, rank: bits, evidence }, kept, this);
  }

  /** Both ends sent a SYN, and the points saw the two in another order: what is the client here is the server there. */
  private areSwapped(a: number, b: number): boolean {
    const l = this.corpus.legs;
    return (
      ((l.traits[a]! | l.traits[b]!) & T.BOTH_OPEN) !== 0 &&
      knowsServerIsn(this.corpus, a) &&
      knowsServerIsn(this.corpus, b) &&
      l.isnClient[a] !== l.isnClient[b] &&
      l.isnClient[a] === l.isnServer[b] &&
      l.isnServer[a] === l.isnClient[b]
    );
  }

  /** One of them was captured from its middle on. */
  private byMiddle(a: number, b: number): Tie | null {
    const found = this.streams.compare(a, b);
    if (!found) return null;
    const kept = this.keptEnds(found);
    if (kept === null) return null;
    const { crossed, bits, evidence } = found;
    return tieOf(this.corpus, { a, b, crossed, bits, rank: bits, evidence }, kept, this);
  }

  /** Null where a group address changed: nobody translates one. */
  private keptEnds(pair: LegPair): 0 | 1 | 2 | null {
    const kept = endsKept(this.corpus, pair);
    return kept < 2 && (hasGroupEnd(this.corpus, pair.a) || hasGroupEnd(this.corpus, pair.b)) ? null : kept;
  }

  /**
   * What an equal client ISN is worth. Scanners send one for all their SYNs: then it tells connections apart only together
   * with an end that stays.
   */
  private isnBits({ a, b, crossed }: LegPair): number {
    const many = (x: number, y: number): boolean =>
      this.isnUses.countOf(x) > FEW_USES || this.isnUses.countOf(y) > FEW_USES;
    if (!many(this.isnAtPoint(a), this.isnAtPoint(b))) return BITS.isn;
    for (const end of [false, true]) {
      if (!this.corpus.sameEnd(a, end, b, end !== crossed)) continue;
      if (!many(this.isnWithEndAtPoint(a, end), this.isnWithEndAtPoint(b, end !== crossed))) return BITS.isnWithEnd;
    }
    return BITS.fixedIsn;
  }

  private isnWithEnd(leg: number, destination: boolean): number {
    const l = this.corpus.legs;
    const port = destination ? l.destinationPort[leg]! : l.sourcePort[leg]!;
    return keyOf(l.isnClient[leg]!, this.corpus.word(leg, destination, 3), port);
  }

  private isnAtPoint(leg: number): number {
    return keyOf(this.corpus.legs.isnClient[leg]!, this.corpus.legs.point[leg]!, 0x15a);
  }

  private isnWithEndAtPoint(leg: number, destination: boolean): number {
    const both = this.isnWithEnd(leg, destination);
    return keyOf(both, Math.floor(both / 0x1_0000_0000), this.corpus.legs.point[leg]!);
  }
}

const OPENING_EVIDENCE = [1, 2].map((isns) =>
  [false, true].map((timestamp): readonly Evidence[] => [
    { kind: 'isn', count: isns },
    ...(timestamp ? [{ kind: 'tsval', count: 1 }] : []),
  ]),
);

function openingEvidence(isns: 1 | 2, timestamp: boolean): readonly Evidence[] {
  return OPENING_EVIDENCE[isns - 1]![Number(timestamp)]!;
}
