// Two legs of TCP whose sequence numbers differ by a constant in either direction, as behind a firewall that draws initial
// numbers anew. Two questions are answered apart:
//
//   Which?      Timestamps, payloads, ids say which of the connections at the other point it may be.
//   Translated? Payloads pass through a proxy, a relay or SYNPROXY too, which end the connection and open another: the same
//               bytes, other packets. A box that shifts numbers lets every packet through, acknowledgments included, as it
//               is: with its timestamp, its window, its IP id and its TTL but for the hops. `proof` is the weight of that.
//
// Where the second is not answered, both explanations fit, and nothing is claimed.
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import * as T from '../flows/tables.ts';
import type { Evidence } from '../report/model.ts';
import type { Corpus } from './corpus.ts';
import { hopsBetween } from './ends.ts';
import { isMeaningful, keyOf } from './sketch.ts';
import { SharedList, UNDRAWN_BELOW } from './streams.ts';
import type { Agreement, LegPair, SequenceShift, SharedPackets } from './tie.ts';

/** In bits; a relay's own stack agrees in one of these by chance only. */
const PROOF = {
  /** A timestamp: its clock's offset is the sender's own. Two connections of one host may have begun in one moment. */
  timestamp: 16,
  furtherTimestamp: 6,
  mostOfTimestamps: 40,
  /** An IP id, per direction: most hosts count on from a random one. */
  ipId: 12,
  furtherIpId: 2,
  mostOfIpIds: 24,
  /** One direction's numbers kept. */
  keptNumbers: 32,
  /** Each window beyond those that most connections have. */
  window: 2,
  mostOfWindows: 12,
  commonWindows: 2,
  /** TTLs that fell by as much one way as the other, and from values that nobody starts with. */
  ttl: 3,
  inheritedTtl: 5,
} as const;

/** What the proof of a translation takes. */
const ENOUGH_PROOF = 20;

const PAYLOAD_BITS = 20;
const FURTHER_PAYLOAD_BITS = 6;
const MAX_PAYLOAD_BITS = 60;

/** Packets of two legs that are held against each other. */
const LOOKED_AT = 64;
/** Long legs are lined up by what they have in common among so many packets. */
const MAX_ROWS = 4096;
/** Of the packets that one has, and of payloads of one place: this share must be alike. */
const ALIKE = 0.7;
const SAME_PAYLOAD = 0.9;
/** A handshake took as long at either point, within this share of it and these nanoseconds. */
const HANDSHAKE_SHARE = 0.25;
const HANDSHAKE_SLACK = 300e3;
/** What the times of two packets at one point may be off. */
const NO_TIME = 50e3;
/** Windows that differ here and there may be a retransmission's; of fewer nothing is said. */
const FEW = 3;
const KINDS = TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK;
/** TTLs that hosts begin with. */
const INITIAL_TTLS = [32, 64, 128, 255];
const NEAR_HOST = 3;

export interface Shifted {
  /** As a tie has it, without what its ends add. */
  readonly agreement: Agreement & { readonly shift: SequenceShift };
  readonly isProven: boolean;
}

type Pair = readonly [rowA: number, rowB: number];

interface Alignment extends LegPair {
  readonly shift: SequenceShift;
  readonly pairs: readonly Pair[];
  /** Packets that the leg with fewer of them has. */
  readonly least: number;
}

export class ShiftedStreams {
  private readonly corpus: Corpus;

  constructor(corpus: Corpus) {
    this.corpus = corpus;
  }

  /** What two TCP legs agree in but for a constant, or null where that is nothing or something speaks against it. */
  compare(a: number, b: number): Shifted | null {
    const aligned = this.align(a, b);
    if (!aligned || aligned.pairs.length < ALIKE * aligned.least) return null;
    if (aligned.shift[0] === 0 && aligned.shift[1] === 0) return null;
    const marks = new Marks(this.corpus, aligned);
    if (marks.contradict || !this.isOneHandshake(aligned)) return null;
    const { crossed, shift, pairs } = aligned;
    const bits = Math.min(120, marks.proof + marks.payloadBits);
    const rank = bits + Math.min(40, 2 * pairs.length) - Math.min(40, 2 * (aligned.least - pairs.length));
    const agreement = { a, b, crossed, bits, rank, evidence: marks.evidence, shift };
    return { agreement, isProven: marks.proof >= ENOUGH_PROOF };
  }

  /** Packets of two legs with this shift between them. */
  shared({ a, b, crossed }: LegPair, shift: SequenceShift): SharedPackets {
    const [rowsA, rowsB] = this.rowsToCompare(a, b);
    const found = new SharedList(this.corpus, a, b);
    for (const [rowA, rowB] of this.pairsOf({ a, b, crossed }, shift, rowsA, rowsB, true)) found.addOne(rowA, rowB);
    return found;
  }

  private align(a: number, b: number): Alignment | null {
    const l = this.corpus.legs;
    const [rowsA, rowsB] = this.rowsToCompare(a, b);
    const clients = T.CLIENT_IS_SOURCE | T.CLIENT_IS_DESTINATION;
    const known = (l.traits[a]! & clients) !== 0 && (l.traits[b]! & clients) !== 0;
    const isTurned = ((l.traits[a]! ^ l.traits[b]!) & T.CLIENT_IS_SOURCE) !== 0;
    let best: Alignment | null = null;
    for (const crossed of known ? [isTurned] : [false, true]) {
      const pair = { a, b, crossed };
      const shift = this.shiftOf(pair, rowsA, rowsB);
      if (!shift) continue;
      const pairs = this.pairsOf(pair, shift, rowsA, rowsB, false);
      const least = Math.min(rowsA.length, rowsB.length);
      if (!best || pairs.length > best.pairs.length) best = { ...pair, shift, pairs, least };
    }
    return best;
  }

  /** The beginning of both where both have it, else where they have the same content. */
  private rowsToCompare(a: number, b: number): readonly [Uint32Array, Uint32Array] {
    const [rowsA, rowsB] = [this.corpus.rowsOf(a), this.corpus.rowsOf(b)];
    const opened = T.HAS_SYN | T.HAS_SYN_ACK;
    const { traits } = this.corpus.legs;
    if ((traits[a]! & opened) !== 0 && (traits[b]! & opened) !== 0) {
      return [rowsA.subarray(0, LOOKED_AT), rowsB.subarray(0, LOOKED_AT)];
    }
    const [packetsA, packetsB] = [this.corpus.packetsOf(a), this.corpus.packetsOf(b)];
    const places = new Map<number, number>();
    for (const [place, row] of rowsA.subarray(0, MAX_ROWS).entries()) {
      if (isMeaningful(packetsA, row)) places.set(this.contentKey(packetsA, row), place);
    }
    for (const [placeB, row] of rowsB.subarray(0, MAX_ROWS).entries()) {
      const placeA = isMeaningful(packetsB, row) ? places.get(this.contentKey(packetsB, row)) : undefined;
      if (placeA === undefined) continue;
      const before = Math.min(placeA, placeB, LOOKED_AT);
      const from = (rows: Uint32Array, place: number): Uint32Array =>
        rows.subarray(place - before, place - before + LOOKED_AT);
      return [from(rowsA, placeA), from(rowsB, placeB)];
    }
    return [rowsA.subarray(0, 0), rowsB.subarray(0, 0)];
  }

  private contentKey(p: T.PacketTable, row: number): number {
    return keyOf(p.payloadLength[row]!, p[this.corpus.digestColumn][row]!, 0);
  }

  /** From the ISNs where both know them, else what most payloads of one content agree in; null where nothing tells. */
  private shiftOf(pair: LegPair, rowsA: Uint32Array, rowsB: Uint32Array): SequenceShift | null {
    const l = this.corpus.legs;
    const { a, b } = pair;
    const opened = T.HAS_SYN | T.HAS_SYN_ACK;
    const bothOpened = (l.traits[a]! & opened) !== 0 && (l.traits[b]! & opened) !== 0;
    const bothAnswered = (l.traits[a]! & l.traits[b]! & T.HAS_SYN_ACK) !== 0;
    const client = bothOpened ? (l.isnClient[b]! - l.isnClient[a]!) >>> 0 : null;
    const server = bothAnswered ? (l.isnServer[b]! - l.isnServer[a]!) >>> 0 : null;
    const clientIsSource = (l.traits[a]! & T.CLIENT_IS_SOURCE) !== 0;
    const [isnOut, isnBack] = clientIsSource ? [client, server] : [server, client];
    const out = isnOut ?? this.byPayload(pair, rowsA, rowsB, false);
    const back = isnBack ?? this.byPayload(pair, rowsA, rowsB, true);
    if (out === null && back === null) return null;
    return [
      out ?? this.byOther(pair, back!, rowsA, rowsB, false) ?? 0,
      back ?? this.byOther(pair, out!, rowsA, rowsB, true) ?? 0,
    ];
  }

  /** What sequence numbers of one direction differ in, by payloads that each leg has once. */
  private byPayload(pair: LegPair, rowsA: Uint32Array, rowsB: Uint32Array, back: boolean): number | null {
    const key = (p: T.PacketTable, row: number): number | null =>
      isMeaningful(p, row) ? this.contentKey(p, row) : null;
    return this.agreed(pair, rowsA, rowsB, back, key, key, (p, row) => p.sequence[row]!);
  }

  /**
   * The same where the other direction's numbers differ by `shift`: by what packets of that one acknowledge, else by packets
   * of this one that acknowledge the same. Null where neither tells: then there is nothing to shift.
   */
  private byOther(pair: LegPair, shift: number, rowsA: Uint32Array, rowsB: Uint32Array, back: boolean): number | null {
    const keyed =
      (column: 'sequence' | 'acknowledgment', by: number) =>
      (p: T.PacketTable, row: number): number | null => {
        const kind = p.flags[row]! & KINDS;
        return (kind & TCP_ACK) === 0 ? null : keyOf((p[column][row]! + by) >>> 0, p.payloadLength[row]!, kind);
      };
    const inAnswers = this.agreed(
      pair,
      rowsA,
      rowsB,
      !back,
      keyed('sequence', shift),
      keyed('sequence', 0),
      (p, row) => p.acknowledgment[row]!,
    );
    if (inAnswers !== null) return inAnswers;
    const [own, others] = [keyed('acknowledgment', shift), keyed('acknowledgment', 0)];
    return this.agreed(pair, rowsA, rowsB, back, own, others, (p, row) => p.sequence[row]!);
  }

  /** What nearly all packets of one direction that each leg has once, by these keys, differ in. */
  private agreed(
    { a, b, crossed }: LegPair,
    rowsA: Uint32Array,
    rowsB: Uint32Array,
    back: boolean,
    keyOfA: RowKey,
    keyOfB: RowKey,
    value: (p: T.PacketTable, row: number) => number,
  ): number | null {
    const [packetsA, packetsB] = [this.corpus.packetsOf(a), this.corpus.packetsOf(b)];
    const own = uniqueRows(packetsA, rowsA, back, keyOfA);
    const others = uniqueRows(packetsB, rowsB, back !== crossed, keyOfB);
    const differences: number[] = [];
    for (const [key, row] of own) {
      const other = others.get(key);
      if (other !== undefined) differences.push((value(packetsB, other) - value(packetsA, row)) >>> 0);
    }
    return mostFrequent(differences);
  }

  /** Packets that are the same but for the shift, in the order of a's; `once`: those alone that neither leg sent again. */
  private pairsOf(
    { a, b, crossed }: LegPair,
    shift: SequenceShift,
    rowsA: Uint32Array,
    rowsB: Uint32Array,
    once: boolean,
  ): Pair[] {
    const [packetsA, packetsB] = [this.corpus.packetsOf(a), this.corpus.packetsOf(b)];
    const byKey = (
      p: T.PacketTable,
      rows: Uint32Array,
      turned: boolean,
      [out, back]: SequenceShift,
    ): Map<number, number[]> => {
      const found = new Map<number, number[]>();
      for (const row of rows) {
        const flags = p.flags[row]!;
        if ((flags & T.FRAGMENT) !== 0) continue;
        const isBack = ((flags & T.BACK) !== 0) !== turned;
        const [own, other] = isBack ? [back, out] : [out, back];
        const acknowledgment = (flags & TCP_ACK) === 0 ? 0 : (p.acknowledgment[row]! + other) >>> 0;
        const kind = (flags & KINDS) | (isBack ? T.BACK : 0);
        const key = keyOf((p.sequence[row]! + own) >>> 0, acknowledgment, (p.payloadLength[row]! << 9) ^ kind);
        const same = found.get(key);
        if (same) same.push(row);
        else found.set(key, [row]);
      }
      return found;
    };
    const others = byKey(packetsB, rowsB, crossed, [0, 0]);
    const pairs: Pair[] = [];
    for (const [key, own] of byKey(packetsA, rowsA, false, shift)) {
      const there = others.get(key);
      if (!there || (once && own.length + there.length > 2)) continue;
      for (let i = 0; i < Math.min(own.length, there.length); i++) pairs.push([own[i]!, there[i]!]);
    }
    return pairs;
  }

  /**
   * A box that lets a handshake through shows it as long from SYN to acknowledgment on either side, and the answer sooner
   * on the server's. One that answers by itself does not. (Packets that were sent again say nothing here.)
   */
  private isOneHandshake(aligned: Alignment): boolean {
    const [packetsA, packetsB] = [this.corpus.packetsOf(aligned.a), this.corpus.packetsOf(aligned.b)];
    const pairs = this.pairsOf(aligned, aligned.shift, ...this.rowsToCompare(aligned.a, aligned.b), true);
    const find = (wanted: number, direction: number | null): Pair | undefined =>
      pairs.find(([row]) => {
        const flags = packetsA.flags[row]!;
        return (flags & (TCP_SYN | TCP_ACK)) === wanted && (direction === null || (flags & T.BACK) === direction);
      });
    const syn = find(TCP_SYN, null);
    if (!syn) return true;
    const direction = packetsA.flags[syn[0]]! & T.BACK;
    const answer = find(TCP_SYN | TCP_ACK, direction ^ T.BACK);
    const last = find(TCP_ACK, direction);
    const after = ([rowA, rowB]: Pair): readonly [number, number] => [
      packetsA.time[rowA]! - packetsA.time[syn[0]]!,
      packetsB.time[rowB]! - packetsB.time[syn[1]]!,
    ];
    if (last) {
      const [a, b] = after(last);
      if (Math.abs(a - b) > HANDSHAKE_SLACK + HANDSHAKE_SHARE * Math.max(a, b)) return false;
    }
    if (!answer) return true;
    const [a, b] = after(answer);
    const fell = packetsA.ttl[syn[0]]! - packetsB.ttl[syn[1]]!;
    return fell === 0 || (fell > 0 ? a - b : b - a) >= -NO_TIME;
  }
}

/** How the packets of an alignment agree, counted. */
class Marks {
  readonly proof: number;
  readonly payloadBits: number;
  readonly evidence: readonly Evidence[];
  /** Something that a box does not change is not the same. */
  readonly contradict: boolean;

  constructor(corpus: Corpus, aligned: Alignment) {
    const [packetsA, packetsB] = [corpus.packetsOf(aligned.a), corpus.packetsOf(aligned.b)];
    const timestamps = new Agreeing();
    const windows = new Agreeing();
    const payloads = new Agreeing();
    const ids = [new Agreeing(), new Agreeing()] as const;
    let otherSynWindow = false;
    for (const [rowA, rowB] of aligned.pairs) {
      const flags = packetsA.flags[rowA]!;
      const back = (flags & T.BACK) === 0 ? 0 : 1;
      // A clock that has just begun to count was not begun anywhere.
      const hasTimestamps = (flags & packetsB.flags[rowB]! & T.HAS_TIMESTAMPS) !== 0;
      if (hasTimestamps && packetsA.tsVal[rowA]! >= UNDRAWN_BELOW) {
        timestamps.see(packetsA.tsVal[rowA]! * 2 + back, packetsB.tsVal[rowB]! * 2 + back);
      }
      if (packetsA.ipId[rowA] !== 0 && packetsB.ipId[rowB] !== 0) {
        ids[back].see(packetsA.ipId[rowA]!, packetsB.ipId[rowB]!);
      }
      const [digestA, digestB] = [packetsA[corpus.digestColumn][rowA]!, packetsB[corpus.digestColumn][rowB]!];
      if (packetsA.payloadLength[rowA] === 0) {
        windows.see(digestA, digestB);
        if ((flags & TCP_SYN) !== 0 && digestA !== digestB) otherSynWindow = true;
      } else if (isMeaningful(packetsA, rowA)) payloads.see(digestA, digestB);
    }
    this.contradict =
      otherSynWindow || payloads.share < SAME_PAYLOAD || (windows.total >= FEW && windows.share < SAME_PAYLOAD);
    const ofTimestamps = timestamps.share < SAME_PAYLOAD ? 0 : timestamps.distinct;
    const sameIds = ids.map((own) => (own.share < SAME_PAYLOAD ? 0 : own.distinct));
    this.proof =
      graded(ofTimestamps, PROOF.timestamp, PROOF.furtherTimestamp, PROOF.mostOfTimestamps) +
      sameIds.reduce((sum, same) => sum + graded(same, PROOF.ipId, PROOF.furtherIpId, PROOF.mostOfIpIds), 0) +
      Math.min(PROOF.mostOfWindows, PROOF.window * Math.max(0, windows.distinct - PROOF.commonWindows)) +
      (keepsNumbers(packetsA, aligned) ? PROOF.keptNumbers : 0) +
      ttlProof(corpus, aligned);
    this.payloadBits = graded(payloads.distinct, PAYLOAD_BITS, FURTHER_PAYLOAD_BITS, MAX_PAYLOAD_BITS);
    this.evidence = [
      { kind: 'relative-sequence', count: aligned.pairs.length },
      { kind: 'tsval', count: ofTimestamps },
      { kind: 'payload', count: payloads.distinct },
      { kind: 'window', count: windows.distinct },
    ].filter(({ count }) => count > 0);
  }
}

/** Values that are the same at both points, and that are not. */
class Agreeing {
  total = 0;
  private readonly same = new Set<number>();
  private agreeing = 0;

  see(a: number, b: number): void {
    this.total++;
    if (a !== b) return;
    this.agreeing++;
    this.same.add(a);
  }

  get distinct(): number {
    return this.same.size;
  }

  /** 1 where there is nothing. */
  get share(): number {
    return this.total === 0 ? 1 : this.agreeing / this.total;
  }
}

function graded(count: number, first: number, further: number, most: number): number {
  return count === 0 ? 0 : Math.min(most, first + further * (count - 1));
}

/** Whether the numbers of one direction are the same, which had been drawn: then no other stack drew them. */
function keepsNumbers(packetsA: T.PacketTable, { shift, pairs }: Alignment): boolean {
  return shift.some(
    (by, back) =>
      by === 0 &&
      pairs.some(
        ([row]) => ((packetsA.flags[row]! & T.BACK) !== 0) === (back === 1) && packetsA.sequence[row]! >= UNDRAWN_BELOW,
      ),
  );
}

function ttlProof(corpus: Corpus, aligned: Alignment): number {
  const [out, back] = hopsBetween(corpus, aligned);
  if (out === null || out === 0 || out !== back) return 0;
  const l = corpus.legs;
  const isInherited = (ttl: number): boolean =>
    INITIAL_TTLS.every((initial) => ttl > initial || ttl < initial - NEAR_HOST);
  const far = out > 0 ? l.ttlBack[aligned.a]! : l.ttlOut[aligned.a]!;
  return PROOF.ttl + (isInherited(far) ? PROOF.inheritedTtl : 0);
}

/** Null where the packet is not to be compared. */
type RowKey = (p: T.PacketTable, row: number) => number | null;

/** Per key the one row of a direction that has it; keys of several rows are left out. */
function uniqueRows(p: T.PacketTable, rows: Uint32Array, back: boolean, keyOfRow: RowKey): Map<number, number> {
  const found = new Map<number, number>();
  const several = new Set<number>();
  for (const row of rows) {
    if (((p.flags[row]! & T.BACK) !== 0) !== back || (p.flags[row]! & T.FRAGMENT) !== 0) continue;
    const key = keyOfRow(p, row);
    if (key === null) continue;
    if (found.has(key)) several.add(key);
    else found.set(key, row);
  }
  for (const key of several) found.delete(key);
  return found;
}

/** The value that nearly all have; null where there is none. */
function mostFrequent(values: readonly number[]): number | null {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  for (const [value, count] of counts) if (count >= SAME_PAYLOAD * values.length) return value;
  return null;
}
