// The packets, and the bytes, that two legs of TCP have in common, wherever in the connection either capture began.
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import * as T from '../flows/tables.ts';
import type { Evidence } from '../report/model.ts';
import { cellOf, forEachCell, lastCellOf } from './cells.ts';
import type { Corpus } from './corpus.ts';
import { keyOf } from './sketch.ts';
import type { LegPair, SharedPackets } from './tie.ts';

const BITS = {
  /** One (sequence, acknowledgment) pair: 64 bits, less for neighbours in one stream. */
  segment: 40,
  /** One of which a half was not drawn: 0 or absent, as in resets, or counted from the beginning of numbers. */
  halfSegment: 24,
  undrawn: 4,
  most: 80,
  /** No packet in common, but the same bytes, cut in other ways; each further cell in which they are. */
  ranges: 30,
  furtherRange: 5,
  mostOfRanges: 50,
} as const;

/** Cells in which two long legs are compared, evenly over all that they share. */
const MAX_CELLS = 16;
/** Of the bytes that the leg with fewer of them has there, this share must be the other's too. */
const COMMON_BYTES = 0.5;
/** Packets at the beginning of two legs that are looked at. */
const OPENING = 12;
/** Equal packets this far apart were sent again: which of them the other point saw, only a clock could tell. */
const SENT_AGAIN = 10e6;
/** Beside TCP flags. */
const EMPTY = 0x100;
/** Numbers that are lower were hardly drawn: some stacks, and many hand-made captures, count from 0. */
export const UNDRAWN_BELOW = 0x1_0000;

interface Found extends LegPair {
  readonly bits: number;
  readonly evidence: readonly Evidence[];
}

/** The packets of two legs in the cells that both have. */
interface CommonPart {
  /** Of which both numbers were drawn. */
  readonly cells: number;
  readonly rowsA: readonly number[];
  readonly rowsB: readonly number[];
}

export class Streams {
  private readonly corpus: Corpus;

  constructor(corpus: Corpus) {
    this.corpus = corpus;
  }

  /** What legs of which one lacks its opening share; null where that is nothing. */
  compare(a: number, b: number): Found | null {
    const part = this.commonPart(a, b);
    if (!part) return null;
    return this.bySegments(a, b, part) ?? this.byRanges(a, b, part);
  }

  /** Packets that both legs have in cells that they share. */
  shared({ a, b }: LegPair): SharedPackets {
    const part = this.commonPart(a, b) ?? { rowsA: [], rowsB: [] };
    const packetsB = this.corpus.packetsOf(b);
    const byKey = new Map<number, number[]>();
    for (const row of part.rowsB) push(byKey, segmentKey(packetsB, row), row);
    const packetsA = this.corpus.packetsOf(a);
    const own = new Map<number, number[]>();
    for (const row of part.rowsA) push(own, segmentKey(packetsA, row), row);
    const found = new SharedList(this.corpus, a, b);
    for (const [key, rows] of own) {
      const others = byKey.get(key);
      if (others) found.add(rows, others);
    }
    return found;
  }

  /** Packets at the beginning of both legs that are the same by all that survives translation. */
  sharedOpening({ a, b, crossed }: LegPair): SharedPackets {
    const [packetsA, packetsB] = [this.corpus.packetsOf(a), this.corpus.packetsOf(b)];
    const found = new SharedList(this.corpus, a, b);
    const rowsA = this.corpus.rowsOf(a).subarray(0, OPENING);
    const rowsB = this.corpus.rowsOf(b).subarray(0, OPENING);
    let taken = 0;
    for (const rowA of rowsA) {
      const flagsA = packetsA.flags[rowA]!;
      if ((flagsA & T.HAS_TIME) === 0 || isSentAgain(packetsA, rowsA, packetsA, rowA)) continue;
      for (const [at, rowB] of rowsB.entries()) {
        if (
          (taken & (1 << at)) !== 0 ||
          ((flagsA ^ packetsB.flags[rowB]!) & T.BACK) !== (crossed ? T.BACK : 0) ||
          !isSameSegment(packetsA, rowA, packetsB, rowB) ||
          isSentAgain(packetsB, rowsB, packetsA, rowA)
        ) {
          continue;
        }
        taken |= 1 << at;
        found.addOne(rowA, rowB);
        break;
      }
    }
    return found;
  }

  private bySegments(a: number, b: number, { rowsA, rowsB }: CommonPart): Found | null {
    const [packetsA, packetsB] = [this.corpus.packetsOf(a), this.corpus.packetsOf(b)];
    const keysOfA = new Map<number, number>();
    for (const row of rowsA) keysOfA.set(segmentKey(packetsA, row), row);
    let count = 0;
    let crossed = 0;
    let bits = 0;
    for (const row of rowsB) {
      const key = segmentKey(packetsB, row);
      const other = keysOfA.get(key);
      if (other === undefined) continue;
      keysOfA.delete(key);
      count++;
      crossed += Number(((packetsA.flags[other]! ^ packetsB.flags[row]!) & T.BACK) !== 0);
      bits += bitsOf(packetsB, row);
    }
    if (count === 0) return null;
    return {
      a,
      b,
      crossed: crossed * 2 > count,
      bits: Math.min(BITS.most, bits),
      evidence: [{ kind: 'segments', count }],
    };
  }

  /** Where segmentation differs so far that no packet of one begins where one of the other does. */
  private byRanges(a: number, b: number, { cells, rowsA, rowsB }: CommonPart): Found | null {
    if (cells === 0) return null;
    let best: { crossed: boolean; share: number } | null = null;
    for (const crossed of [false, true]) {
      let common = 0;
      let least = 0;
      for (const back of [false, true]) {
        const own = this.rangesOf(a, rowsA, back);
        const others = this.rangesOf(b, rowsB, back !== crossed);
        common += commonBytes(own, others);
        least += Math.min(bytesIn(own), bytesIn(others));
      }
      const share = least === 0 ? 0 : common / least;
      if (share >= COMMON_BYTES && (!best || share > best.share)) best = { crossed, share };
    }
    if (!best) return null;
    const bits = Math.min(BITS.mostOfRanges, BITS.ranges + BITS.furtherRange * (cells - 1));
    const count = Math.min(rowsA.length, rowsB.length);
    return { a, b, crossed: best.crossed, bits, evidence: [{ kind: 'ranges', count }] };
  }

  /** Byte ranges of one direction, joined where they touch, by place in the stream. */
  private rangesOf(leg: number, rows: readonly number[], back: boolean): Range[] {
    const p = this.corpus.packetsOf(leg);
    const own = rows.filter((row) => p.payloadLength[row]! > 0 && ((p.flags[row]! & T.BACK) !== 0) === back);
    const ranges = own.map((row): Range => ({ start: p.sequence[row]!, length: p.payloadLength[row]! }));
    return joined(ranges);
  }

  private commonPart(a: number, b: number): CommonPart | null {
    const [x, y] = this.corpus.rowsOf(a).length <= this.corpus.rowsOf(b).length ? [a, b] : [b, a];
    const cells = new Set<number>();
    forEachCell(this.corpus.packetsOf(x), this.corpus.rowsOf(x), (cell) => cells.add(cell));
    const shared = new Set<number>();
    forEachCell(this.corpus.packetsOf(y), this.corpus.rowsOf(y), (cell) => {
      if (cells.has(cell)) shared.add(cell);
    });
    if (shared.size === 0) return null;
    const every = Math.ceil(shared.size / MAX_CELLS);
    const looked = every === 1 ? shared : new Set([...shared].filter((_, i) => i % every === 0));
    const within = (leg: number): number[] => {
      const p = this.corpus.packetsOf(leg);
      return Array.from(
        this.corpus.rowsOf(leg).filter((row) => looked.has(cellOf(p, row)) || looked.has(lastCellOf(p, row))),
      );
    };
    const drawn = [...shared].filter((cell) => cell >= UNDRAWN_BELOW && cell % UNDRAWN_BELOW !== 0).length;
    return { cells: drawn, rowsA: within(a), rowsB: within(b) };
  }
}

/** Packets of two legs that are one and the same, as `SharedPackets`. */
export class SharedList implements SharedPackets {
  readonly out: number[] = [];
  readonly back: number[] = [];
  readonly outAt: number[] = [];
  readonly backAt: number[] = [];
  readonly repeated: [number[], number[]][] = [];
  sameIds = 0;
  otherIds = 0;
  readonly variety = 0;
  private readonly packetsA: T.PacketTable;
  private readonly packetsB: T.PacketTable;
  private readonly shiftA: number;
  private readonly shiftB: number;

  constructor(corpus: Corpus, a: number, b: number) {
    this.packetsA = corpus.packetsOf(a);
    this.packetsB = corpus.packetsOf(b);
    this.shiftA = corpus.timeShift(corpus.captureOf(a));
    this.shiftB = corpus.timeShift(corpus.captureOf(b));
  }

  addOne(rowA: number, rowB: number): void {
    const [idA, idB] = [this.packetsA.ipId[rowA]!, this.packetsB.ipId[rowB]!];
    if (idA !== 0 && idB !== 0) {
      if (idA === idB) this.sameIds++;
      else this.otherIds++;
    }
    if ((this.packetsA.flags[rowA]! & this.packetsB.flags[rowB]! & T.HAS_TIME) === 0) return;
    const at = this.packetsA.time[rowA]! + this.shiftA;
    const delta = this.packetsB.time[rowB]! + this.shiftB - at;
    const isBack = (this.packetsA.flags[rowA]! & T.BACK) !== 0;
    (isBack ? this.back : this.out).push(delta);
    (isBack ? this.backAt : this.outAt).push(at);
  }

  add(rowsA: readonly number[], rowsB: readonly number[]): void {
    if (rowsA.length === 1 && rowsB.length === 1) {
      this.addOne(rowsA[0]!, rowsB[0]!);
      return;
    }
    const times = (p: T.PacketTable, rows: readonly number[], shift: number): number[] =>
      rows.filter((row) => (p.flags[row]! & T.HAS_TIME) !== 0).map((row) => p.time[row]! + shift);
    const [timesA, timesB] = [times(this.packetsA, rowsA, this.shiftA), times(this.packetsB, rowsB, this.shiftB)];
    if (timesA.length > 0 && timesB.length > 0) this.repeated.push([timesA, timesB]);
  }
}

/** Of a packet in mid-stream: a super-packet and the first of its segments share it. */
function segmentKey(p: T.PacketTable, row: number): number {
  const flags = p.flags[row]!;
  const acknowledgment = (flags & TCP_ACK) === 0 ? 0 : p.acknowledgment[row]!;
  // The last of a super-packet's segments has its FIN.
  const kind = p.payloadLength[row] === 0 ? (flags & (TCP_FIN | TCP_RST)) | EMPTY : flags & TCP_RST;
  return keyOf(p.sequence[row]!, acknowledgment, kind);
}

function bitsOf(p: T.PacketTable, row: number): number {
  const drawn = (n: number): number => Number(n >= UNDRAWN_BELOW);
  const acknowledgment = (p.flags[row]! & TCP_ACK) === 0 ? 0 : p.acknowledgment[row]!;
  return [BITS.undrawn, BITS.halfSegment, BITS.segment][drawn(p.sequence[row]!) + drawn(acknowledgment)]!;
}

interface Range {
  readonly start: number;
  readonly length: number;
}

function joined(ranges: readonly Range[]): Range[] {
  const base = ranges[0]?.start ?? 0;
  const sorted = [...ranges].sort((x, y) => ((x.start - base) | 0) - ((y.start - base) | 0));
  const whole: { start: number; length: number }[] = [];
  for (const { start, length } of sorted) {
    const last = whole.at(-1);
    const from = last ? (start - last.start) | 0 : 0;
    if (last && from <= last.length) last.length = Math.max(last.length, from + length);
    else whole.push({ start, length });
  }
  return whole;
}

function bytesIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { length }) => sum + length, 0);
}

/** Of two lists that are joined and in order. */
function commonBytes(xs: readonly Range[], ys: readonly Range[]): number {
  let common = 0;
  for (const x of xs) {
    for (const y of ys) {
      const from = (y.start - x.start) | 0;
      common += Math.max(0, Math.min(x.length, from + y.length) - Math.max(0, from));
    }
  }
  return common;
}

function push(map: Map<number, number[]>, key: number, row: number): void {
  const rows = map.get(key);
  if (rows) rows.push(row);
  else map.set(key, [row]);
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
    ((packetsA.flags[a]! ^ packetsB.flags[b]!) & (TCP_SYN | TCP_FIN | TCP_RST | TCP_ACK)) === 0 &&
    (flags & T.HAS_TIME) !== 0 &&
    ((flags & T.HAS_TIMESTAMPS) === 0 || packetsA.tsVal[a] === packetsB.tsVal[b])
  );
}
