// Whether two legs are one connection: the evidence that says so, and how much it weighs. Weights are bits: how unlikely
// it is that unrelated legs agree so far. docs/matching.md argues each figure.
import { TCP, UDP } from '../decode/headers.ts';
import { isIcmp } from '../flows/flow-table.ts';
import * as T from '../flows/tables.ts';
import type { Evidence } from '../report/model.ts';
import type { Corpus } from './corpus.ts';
import { type Sketch, isSketched, keyOf, sketchLeg } from './sketch.ts';

const BITS = {
  /** An initial sequence number (RFC 6528: unpredictable). */
  isn: 32,
  /** One that several connections share, together with an end that no two of them share. */
  isnWithEnd: 24,
  /** Timestamp clock of a SYN: an offset drawn per connection or host. */
  synTimestamp: 20,
  synOptions: 2,
  /** One (sequence, acknowledgment) pair in mid-stream. */
  segment: 40,
  maxSegments: 80,
  /** A DNS message: its id. The question is common among pods. */
  dns: 16,
  /** One payload of some length. */
  payload: 20,
  /** Each further payload: not independent of the first. */
  furtherPayload: 6,
  maxPayload: 60,
  /** An unchanged tuple: both addresses and both ports. */
  sameTuple: 40,
  /** One end unchanged, as in SNAT (destination) or DNAT (source). */
  sameEnd: 8,
} as const;

/** An ISN of 0 was not drawn at all; one that several connections of a point share was not drawn for each. */
const FIXED_ISN_BITS = 4;

/** Two legs that may be one connection. */
export interface Tie {
  readonly a: number;
  readonly b: number;
  /** The first packet of one ran in the direction of the other's answers. */
  readonly crossed: boolean;
  readonly bits: number;
  /** To choose among several partners: what they share, less what they should share and do not. */
  readonly rank: number;
  readonly ends: 'both kept' | 'one kept' | 'none kept';
  readonly evidence: readonly Evidence[];
  /** Shared packets, each sent once, whose IP ids (not 0) are equal, and differ. */
  readonly sameIds: number;
  readonly otherIds: number;
  /** Different payloads that both legs have in one direction. Of one payload alone, nobody knows who else sends it. */
  readonly variety: number;
  /** Corpus time at `b` less that at `a`, of shared packets in the direction of a's first packet, and against it. */
  readonly out: readonly number[];
  readonly back: readonly number[];
  /** Times at `a` and at `b` of equal packets that were sent several times: which is which only a clock can tell. */
  readonly repeated: readonly (readonly [a: readonly number[], b: readonly number[]])[];
}

/** What is known of legs beyond their tables: sketches, each made once, and which ISNs tell connections apart. */
export class Sketches {
  private readonly made = new Map<number, Sketch>();
  /** Unanswered SYNs with an ISN at a point, and with it one end: how many legs. */
  private readonly isnUses = new Map<number, number>();
  private readonly corpus: Corpus;

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    const l = corpus.legs;
    for (let leg = 0; leg < l.length; leg++) {
      if (l.protocol[leg] !== TCP || !knowsClientIsn(corpus, leg) || knowsServerIsn(corpus, leg)) continue;
      for (const key of [this.isnKey(leg), this.isnEndKey(leg, false), this.isnEndKey(leg, true)]) {
        this.isnUses.set(key, (this.isnUses.get(key) ?? 0) + 1);
      }
    }
  }

  /**
   * What an equal client ISN is worth. Scanners send one for all their SYNs: then it tells connections apart only together
   * with an end that stays. (Two uses may be both sides of a box.)
   */
  isnBits(a: number, b: number, crossed: boolean): number {
    const uses = (key: number): number => this.isnUses.get(key) ?? 0;
    if (Math.max(uses(this.isnKey(a)), uses(this.isnKey(b))) <= 2) return BITS.isn;
    for (const end of [false, true]) {
      if (!this.corpus.sameEnd(a, end, b, end !== crossed)) continue;
      if (Math.max(uses(this.isnEndKey(a, end)), uses(this.isnEndKey(b, end !== crossed))) <= 2) return BITS.isnWithEnd;
    }
    return FIXED_ISN_BITS;
  }

  /** Of the leg's client ISN together with one of its ends. */
  isnWithEnd(leg: number, destination: boolean): number {
    const l = this.corpus.legs;
    const port = destination ? l.destinationPort[leg]! : l.sourcePort[leg]!;
    return keyOf(l.isnClient[leg]!, this.corpus.word(leg, destination, 3), port);
  }

  private isnKey(leg: number): number {
    return keyOf(this.corpus.legs.isnClient[leg]!, this.corpus.legs.point[leg]!, 0x15a);
  }

  private isnEndKey(leg: number, destination: boolean): number {
    const both = this.isnWithEnd(leg, destination);
    return keyOf(both, Math.floor(both / 0x1_0000_0000), this.corpus.legs.point[leg]!);
  }

  of(leg: number): Sketch {
    let sketch = this.made.get(leg);
    if (!sketch) {
      sketch = sketchLeg(this.corpus, leg);
      this.made.set(leg, sketch);
    }
    return sketch;
  }
}

/** The evidence that legs `a` and `b` are one connection, or null where there is none or some against it. */
export function compareLegs(corpus: Corpus, sketches: Sketches, a: number, b: number): Tie | null {
  const l = corpus.legs;
  if (l.protocol[a] !== l.protocol[b] || !isSketched(corpus, a) || !isSketched(corpus, b)) return null;
  return l.protocol[a] === TCP ? compareTcp(corpus, sketches, a, b) : compareDatagrams(corpus, sketches, a, b);
}

export function knowsClientIsn(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & (T.HAS_SYN | T.HAS_SYN_ACK)) !== 0;
}

export function knowsServerIsn(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & T.HAS_SYN_ACK) !== 0;
}

function compareTcp(corpus: Corpus, sketches: Sketches, a: number, b: number): Tie | null {
  const l = corpus.legs;
  const evidence: Evidence[] = [];
  const sharesClientIsn = knowsClientIsn(corpus, a) && knowsClientIsn(corpus, b);
  const sharesServerIsn = knowsServerIsn(corpus, a) && knowsServerIsn(corpus, b);
  if (sharesClientIsn && l.isnClient[a] !== l.isnClient[b]) return null;
  if (sharesServerIsn && l.isnServer[a] !== l.isnServer[b]) return null;
  if (!sharesClientIsn && !sharesServerIsn) {
    // One of them was captured from its middle on.
    const shared = intersect(sketches.of(a), sketches.of(b));
    if (shared.count === 0) return null;
    const bits = Math.min(BITS.maxSegments, BITS.segment * shared.count);
    evidence.push({ kind: 'segments', count: shared.count });
    return finish(corpus, { a, b, crossed: shared.crossed > shared.straight }, bits, bits, evidence, shared);
  }
  const crossed = ((l.traits[a]! ^ l.traits[b]!) & T.CLIENT_IS_SOURCE) !== 0;
  let bits = 0;
  if (sharesClientIsn) bits += l.isnClient[a] === 0 ? FIXED_ISN_BITS : sketches.isnBits(a, b, crossed);
  if (sharesServerIsn) bits += l.isnServer[a] === 0 ? FIXED_ISN_BITS : BITS.isn;
  evidence.push({ kind: 'isn', count: Number(sharesClientIsn) + Number(sharesServerIsn) });
  const bothSyns = l.traits[a]! & l.traits[b]! & (T.HAS_SYN | T.HAS_SYN_TIMESTAMP);
  if ((bothSyns & T.HAS_SYN_TIMESTAMP) !== 0 && l.synTsVal[a] === l.synTsVal[b]) {
    bits += BITS.synTimestamp;
    evidence.push({ kind: 'tsval', count: 1 });
  }
  if ((bothSyns & T.HAS_SYN) !== 0 && l.synOptions[a] === l.synOptions[b]) bits += BITS.synOptions;
  return finish(corpus, { a, b, crossed }, bits, bits, evidence, openingPackets(corpus, a, b, crossed));
}

function compareDatagrams(corpus: Corpus, sketches: Sketches, a: number, b: number): Tie | null {
  const l = corpus.legs;
  const shared = intersect(sketches.of(a), sketches.of(b));
  if (shared.count === 0) return null;
  const isDns = isDnsLeg(corpus, a) && isDnsLeg(corpus, b);
  let bits = 0;
  if (shared.meaningful > 0) {
    const first = isDns ? BITS.dns : BITS.payload;
    bits = Math.min(BITS.maxPayload, first + BITS.furtherPayload * (shared.meaningful - 1));
  }
  // What one has of its packets' keys and the other lacks, as far as both sketches reach.
  const missing = shared.reachA + shared.reachB - 2 * shared.count;
  const rank = 6 * shared.count - 3 * missing;
  const kind = isDns ? 'dns' : isIcmp(l.protocol[a]!) ? 'icmp-seq' : 'payload';
  const pair = { a, b, crossed: shared.crossed > shared.straight };
  return finish(corpus, pair, bits, rank, [{ kind, count: shared.count }], shared);
}

/** A UDP leg whose packets are DNS messages: only these tell the client. */
export function isDnsLeg(corpus: Corpus, leg: number): boolean {
  if (corpus.legs.protocol[leg] !== UDP) return false;
  return (corpus.legs.traits[leg]! & (T.CLIENT_IS_SOURCE | T.CLIENT_IS_DESTINATION)) !== 0;
}

function finish(
  corpus: Corpus,
  pair: Pick<Tie, 'a' | 'b' | 'crossed'>,
  bits: number,
  rank: number,
  evidence: Evidence[],
  packets: SharedPackets,
): Tie | null {
  const { a, b, crossed } = pair;
  const kept = Number(corpus.sameEnd(a, false, b, crossed)) + Number(corpus.sameEnd(a, true, b, !crossed));
  const sameTuple = kept === 2 && corpus.sameTuple(a, b);
  // Nobody translates a multicast or broadcast: equal ones are announcements of two hosts.
  if (!sameTuple && (isGroup(corpus, a) || isGroup(corpus, b))) return null;
  // Where both ends differ and only bytes are equal, a proxy or forwarder may have sent them anew: then with a fresh TTL
  // and another id. A box that translates both ends and rewrites ids besides cannot be told from it.
  const relayed = !routedBetween(corpus, pair) || packets.sameIds === 0;
  if (kept === 0 && corpus.legs.protocol[a] !== TCP && relayed) return null;
  if (sameTuple) evidence.push({ kind: 'tuple', count: 1 });
  const bonus = sameTuple ? BITS.sameTuple : kept > 0 ? BITS.sameEnd : 0;
  return {
    ...pair,
    bits: bits + bonus,
    rank: rank + bonus,
    ends: kept === 2 ? 'both kept' : kept === 1 ? 'one kept' : 'none kept',
    evidence,
    sameIds: packets.sameIds,
    otherIds: packets.otherIds,
    variety: packets.variety,
    out: packets.out,
    back: packets.back,
    repeated: packets.repeated,
  };
}

function isGroup(corpus: Corpus, leg: number): boolean {
  const v4 = corpus.legs.ipVersion[leg] === 4;
  for (const destination of [false, true]) {
    const low = corpus.word(leg, destination, 3);
    if (v4 ? low >>> 28 === 14 || low === 0xffff_ffff : corpus.word(leg, destination, 0) >>> 24 === 0xff) return true;
  }
  return false;
}

/**
 * Whether packets went through a router between the two: their TTL fell one way on the way out, the other way on the way
 * back, as far as each was seen.
 */
export function routedBetween(corpus: Corpus, { a, b, crossed }: Pick<Tie, 'a' | 'b' | 'crossed'>): boolean {
  const l = corpus.legs;
  const [outB, backB] = crossed ? [l.ttlBack[b]!, l.ttlOut[b]!] : [l.ttlOut[b]!, l.ttlBack[b]!];
  const fell = (x: number, y: number): number => (x === 0 || y === 0 ? 0 : Math.sign(x - y));
  const out = fell(l.ttlOut[a]!, outB);
  const back = fell(l.ttlBack[a]!, backB);
  return out === 0 ? back !== 0 : back === 0 || back === -out;
}

type SharedPackets = Pick<Tie, 'out' | 'back' | 'repeated' | 'sameIds' | 'otherIds' | 'variety'>;

interface Shared extends SharedPackets {
  readonly count: number;
  readonly meaningful: number;
  readonly straight: number;
  readonly crossed: number;
  /** How many keys of each sketch lie where both sketches reach. */
  readonly reachA: number;
  readonly reachB: number;
}

function intersect(a: Sketch, b: Sketch): Shared {
  const out: number[] = [];
  const back: number[] = [];
  const repeated: [readonly number[], readonly number[]][] = [];
  const contentOut = new Set<number>();
  const contentBack = new Set<number>();
  const ids = { same: 0, other: 0 };
  let count = 0;
  let meaningful = 0;
  let straight = 0;
  const bound = Math.min(
    a.complete ? Number.POSITIVE_INFINITY : a.keys.at(-1)!,
    b.complete ? Number.POSITIVE_INFINITY : b.keys.at(-1)!,
  );
  const reachA = a.keys.findLastIndex((key) => key <= bound) + 1;
  const reachB = b.keys.findLastIndex((key) => key <= bound) + 1;
  for (let i = 0, j = 0; i < a.keys.length && j < b.keys.length;) {
    const difference = a.keys[i]! - b.keys[j]!;
    if (difference < 0) i++;
    else if (difference > 0) j++;
    else {
      count++;
      if (a.meaningful[i]!) {
        meaningful++;
        (a.back[i]! ? contentBack : contentOut).add(a.content[i]!);
      }
      if (a.ipIds[i] !== 0 && b.ipIds[j] !== 0) ids[a.ipIds[i] === b.ipIds[j] ? 'same' : 'other']++;
      if (a.back[i] === b.back[j]) straight++;
      const [timesA, timesB] = [a.times[i]!, b.times[j]!];
      if (timesA.length === 1 && timesB.length === 1) (a.back[i]! ? back : out).push(timesB[0]! - timesA[0]!);
      else if (timesA.length > 0 && timesB.length > 0) repeated.push([timesA, timesB]);
      i++;
      j++;
    }
  }
  return {
    count,
    meaningful,
    straight,
    crossed: count - straight,
    reachA,
    reachB,
    sameIds: ids.same,
    otherIds: ids.other,
    variety: Math.max(contentOut.size, contentBack.size),
    out,
    back,
    repeated,
  };
}

/** Packets at the beginning of two TCP legs that are the same by all that survives translation, and when. */
const OPENING = 12;
/** Equal packets this far apart were sent again: which of them the other point saw, only a clock could tell. */
const SENT_AGAIN = 10e6;
function openingPackets(corpus: Corpus, a: number, b: number, crossed: boolean): SharedPackets {
  const ids = { same: 0, other: 0 };
  const packetsA = corpus.packetsOf(a);
  const packetsB = corpus.packetsOf(b);
  const shift = corpus.timeShift(corpus.captureOf(b)) - corpus.timeShift(corpus.captureOf(a));
  const out: number[] = [];
  const back: number[] = [];
  const rowsA = corpus.rowsOf(a).subarray(0, OPENING);
  const rowsB = corpus.rowsOf(b).subarray(0, OPENING);
  const taken = new Set<number>();
  for (const rowA of rowsA) {
    const flagsA = packetsA.flags[rowA]!;
    if ((flagsA & T.HAS_TIME) === 0 || isSentAgain(packetsA, rowsA, packetsA, rowA)) continue;
    for (const rowB of rowsB) {
      if (
        taken.has(rowB) ||
        ((flagsA ^ packetsB.flags[rowB]!) & T.BACK) !== (crossed ? T.BACK : 0) ||
        !isSameSegment(packetsA, rowA, packetsB, rowB) ||
        isSentAgain(packetsB, rowsB, packetsA, rowA)
      ) {
        continue;
      }
      taken.add(rowB);
      const [idA, idB] = [packetsA.ipId[rowA]!, packetsB.ipId[rowB]!];
      if (idA !== 0 && idB !== 0) ids[idA === idB ? 'same' : 'other']++;
      ((flagsA & T.BACK) !== 0 ? back : out).push(packetsB.time[rowB]! - packetsA.time[rowA]! + shift);
      break;
    }
  }
  return { out, back, repeated: [], sameIds: ids.same, otherIds: ids.other, variety: 0 };
}

/** Whether packets like `like` of `packets` stand among these rows at times that differ. */
function isSentAgain(among: T.PacketTable, rows: Uint32Array, packets: T.PacketTable, like: number): boolean {
  let first = Number.NaN;
  for (const row of rows) {
    if (!isSameSegment(packets, like, among, row)) continue;
    if (Number.isNaN(first)) first = among.time[row]!;
    else if (Math.abs(among.time[row]! - first) > SENT_AGAIN) return true;
  }
  return false;
}

function isSameSegment(packetsA: T.PacketTable, a: number, packetsB: T.PacketTable, b: number): boolean {
  const flags = packetsA.flags[a]! & packetsB.flags[b]!;
  return (
    packetsA.sequence[a] === packetsB.sequence[b] &&
    packetsA.acknowledgment[a] === packetsB.acknowledgment[b] &&
    packetsA.payloadLength[a] === packetsB.payloadLength[b] &&
    ((packetsA.flags[a]! ^ packetsB.flags[b]!) & 0x17) === 0 &&
    (flags & T.HAS_TIME) !== 0 &&
    ((flags & T.HAS_TIMESTAMPS) === 0 || packetsA.tsVal[a] === packetsB.tsVal[b])
  );
}
