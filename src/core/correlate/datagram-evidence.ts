// What legs without sequence numbers of their own have in common: payloads. UDP, ICMP echo, SCTP, GRE, ESP and whatever
// else IP carries.
import { ESP, SCTP, UDP } from '../decode/headers.ts';
import { isIcmp } from '../flows/flow-table.ts';
import * as T from '../flows/tables.ts';
import type { Evidence } from '../report/model.ts';
import type { Corpus } from './corpus.ts';
import { endsKept, hasGroupEnd, routedBetween } from './ends.ts';
import { Sketches, datagramKey, isEverywhere, isMeaningful } from './sketch.ts';
import { type PacketFinder, type SharedPackets, type Tie, tieOf } from './tie.ts';
import type { Timing } from './timing.ts';

const BITS = {
  /** A DNS message: its id. The question is common among pods. */
  dns: 16,
  /** One payload of some length. */
  payload: 20,
  /** SCTP's verification tag, drawn for the association (RFC 9260), and its TSN; ESP's SPI and sequence number. */
  drawn: 40,
  /** Each further payload: not independent of the first. */
  furtherPayload: 6,
  most: 60,
} as const;

/** In rank: a packet that both have, and one that the other should have and has not. */
const SHARED_RANK = 6;
const MISSING_RANK = 3;
/** Times that are compared of equal packets (keepalives, retries). */
const MAX_TIMES = 4096;

/** A UDP leg whose packets are DNS messages: only these tell the client. */
export function isDnsLeg(corpus: Corpus, leg: number): boolean {
  if (corpus.legs.protocol[leg] !== UDP) return false;
  return (corpus.legs.traits[leg]! & (T.CLIENT_IS_SOURCE | T.CLIENT_IS_DESTINATION)) !== 0;
}

/** Two places in the sketches with one key. */
type Visit = (i: number, j: number) => void;

export class DatagramEvidence implements PacketFinder {
  readonly sketches: Sketches;
  private readonly corpus: Corpus;
  private readonly timing: Timing;

  constructor(corpus: Corpus, timing: Timing) {
    this.corpus = corpus;
    this.timing = timing;
    this.sketches = new Sketches(corpus);
  }

  /** The tie of two legs of one protocol, not TCP, or null where nothing speaks for it or something against it. */
  compare(a: number, b: number): Tie | null {
    const { corpus, sketches } = this;
    let count = 0;
    let meaningful = 0;
    let turned = 0;
    let sameIds = 0;
    const [packetsA, packetsB] = [corpus.packetsOf(a), corpus.packetsOf(b)];
    this.forEachShared(a, b, (i, j) => {
      const [rowA, rowB] = [sketches.rows[i]!, sketches.rows[j]!];
      count++;
      if (isMeaningful(packetsA, rowA)) meaningful++;
      if (((packetsA.flags[rowA]! ^ packetsB.flags[rowB]!) & T.BACK) !== 0) turned++;
      if (sketches.counts[i] === 1 && sketches.counts[j] === 1 && isSameId(packetsA, rowA, packetsB, rowB)) sameIds++;
    });
    if (count === 0) return null;
    const pair = { a, b, crossed: turned * 2 > count };
    const kept = endsKept(corpus, pair);
    const isSame = kept === 2 && corpus.sameTuple(a, b);
    // Nobody translates a multicast or broadcast: equal ones are announcements of two hosts.
    if (!isSame && (hasGroupEnd(corpus, a) || hasGroupEnd(corpus, b))) return null;
    // Where both ends differ and only bytes are equal, a proxy or forwarder may have sent them anew: then with a fresh TTL
    // and another id. A box that translates both ends and rewrites ids besides cannot be told from it.
    if (kept === 0 && (sameIds === 0 || !routedBetween(corpus, pair))) return null;
    const kind = this.kindOf(a, b);
    const bits =
      meaningful === 0 ? 0 : Math.min(BITS.most, firstBits(corpus, a, kind) + BITS.furtherPayload * (meaningful - 1));
    const rank = SHARED_RANK * count - MISSING_RANK * this.missing(a, b, count);
    return tieOf(corpus, { ...pair, bits, rank, evidence: evidenceOf(kind, count) }, kept, this);
  }

  sharedPackets({ a, b }: Tie): SharedPackets {
    const { corpus, sketches } = this;
    const [packetsA, packetsB] = [corpus.packetsOf(a), corpus.packetsOf(b)];
    const shiftA = corpus.timeShift(corpus.captureOf(a));
    const shiftB = corpus.timeShift(corpus.captureOf(b));
    const out: number[] = [];
    const back: number[] = [];
    const outAt: number[] = [];
    const backAt: number[] = [];
    const repeated: (readonly [number[], number[]])[] = [];
    const contentOut = new Set<number>();
    const contentBack = new Set<number>();
    let sameIds = 0;
    let otherIds = 0;
    this.forEachShared(a, b, (i, j) => {
      const [rowA, rowB] = [sketches.rows[i]!, sketches.rows[j]!];
      const isBack = (packetsA.flags[rowA]! & T.BACK) !== 0;
      if (isMeaningful(packetsA, rowA)) (isBack ? contentBack : contentOut).add(packetsA[corpus.digestColumn][rowA]!);
      if (sketches.counts[i] !== 1 || sketches.counts[j] !== 1) {
        const times = [this.timesOf(a, sketches.keys[i]!), this.timesOf(b, sketches.keys[j]!)] as const;
        if (times[0].length > 0 && times[1].length > 0) repeated.push(times);
        return;
      }
      if (packetsA.ipId[rowA] !== 0 && packetsB.ipId[rowB] !== 0) {
        if (packetsA.ipId[rowA] === packetsB.ipId[rowB]) sameIds++;
        else otherIds++;
      }
      if ((packetsA.flags[rowA]! & packetsB.flags[rowB]! & T.HAS_TIME) === 0) return;
      const at = packetsA.time[rowA]! + shiftA;
      (isBack ? back : out).push(packetsB.time[rowB]! + shiftB - at);
      (isBack ? backAt : outAt).push(at);
    });
    const variety = Math.max(contentOut.size, contentBack.size);
    return { out, back, outAt, backAt, repeated, sameIds, otherIds, variety };
  }

  private forEachShared(a: number, b: number, visit: Visit): void {
    const { starts, keys } = this.sketches;
    const [endA, endB] = [starts[a + 1]!, starts[b + 1]!];
    for (let i = starts[a]!, j = starts[b]!; i < endA && j < endB;) {
      const difference = keys[i]! - keys[j]!;
      if (difference < 0) i++;
      else if (difference > 0) j++;
      else visit(i++, j++);
    }
  }

  /** Keys that one of the two has and the other should have: its point was capturing then. */
  private missing(a: number, b: number, count: number): number {
    const { starts, isSampled } = this.sketches;
    const sampled = isSampled[a] === 1 || isSampled[b] === 1;
    const keysOf = (leg: number): number => starts[leg + 1]! - starts[leg]!;
    if (!sampled && keysOf(a) === count && keysOf(b) === count) return 0;
    return this.missingAt(a, b, sampled) + this.missingAt(b, a, sampled);
  }

  private missingAt(leg: number, other: number, sampled: boolean): number {
    const { starts, keys, rows } = this.sketches;
    const packets = this.corpus.packetsOf(leg);
    const shift = this.corpus.timeShift(this.corpus.captureOf(leg));
    const { point } = this.corpus.legs;
    let missing = 0;
    for (let i = starts[leg]!, j = starts[other]!; i < starts[leg + 1]!; i++) {
      while (j < starts[other + 1]! && keys[j]! < keys[i]!) j++;
      if (j < starts[other + 1]! && keys[j] === keys[i]) continue;
      if (sampled && !isEverywhere(keys[i]!)) continue;
      const row = rows[i]!;
      if ((packets.flags[row]! & T.HAS_TIME) === 0) continue;
      if (this.timing.wasCapturing(packets.time[row]! + shift, point[leg]!, point[other]!)) missing++;
    }
    return missing;
  }

  /** Times of all packets of the leg that have this key. */
  private timesOf(leg: number, key: number): number[] {
    const packets = this.corpus.packetsOf(leg);
    const shift = this.corpus.timeShift(this.corpus.captureOf(leg));
    const protocol = this.corpus.legs.protocol[leg]!;
    const times: number[] = [];
    for (const row of this.corpus.rowsOf(leg)) {
      if ((packets.flags[row]! & (T.HAS_TIME | T.FRAGMENT)) !== T.HAS_TIME) continue;
      if (datagramKey(this.corpus, protocol, packets, row) === key) times.push(packets.time[row]! + shift);
      if (times.length === MAX_TIMES) break;
    }
    return times;
  }

  private kindOf(a: number, b: number): string {
    if (isDnsLeg(this.corpus, a) && isDnsLeg(this.corpus, b)) return 'dns';
    return isIcmp(this.corpus.legs.protocol[a]!) ? 'icmp-seq' : 'payload';
  }
}

function firstBits(corpus: Corpus, leg: number, kind: string): number {
  if (kind === 'dns') return BITS.dns;
  const protocol = corpus.legs.protocol[leg]!;
  return protocol === SCTP || protocol === ESP ? BITS.drawn : BITS.payload;
}

function isSameId(packetsA: T.PacketTable, rowA: number, packetsB: T.PacketTable, rowB: number): boolean {
  return packetsA.ipId[rowA] !== 0 && packetsA.ipId[rowA] === packetsB.ipId[rowB];
}

/** Lists of evidence that many ties have are kept once. */
const EVIDENCE = new Map<string, (readonly Evidence[])[]>();

function evidenceOf(kind: string, count: number): readonly Evidence[] {
  let lists = EVIDENCE.get(kind);
  if (!lists) EVIDENCE.set(kind, (lists = []));
  return (lists[count] ??= [{ kind, count }]);
}
