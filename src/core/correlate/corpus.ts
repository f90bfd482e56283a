// All captures of a session side by side: points and legs numbered through, times on one scale, and the packets of a leg
// found at once. A read-only view; nothing here decides anything.
import { concatColumns } from '../bytes/columns.ts';
import type { EpochNs } from '../bytes/time.ts';
import { isIcmp } from '../flows/flow-table.ts';
import * as T from '../flows/tables.ts';
import { type Division, divideLegs } from './division.ts';

/** A capture that was opened, as its host names it. */
export interface Capture {
  readonly file: string;
  readonly tables: T.CaptureTables;
}

export interface CorpusPoint extends T.CapturePoint {
  readonly capture: number;
  /** Its number in the capture's own tables. */
  readonly local: number;
}

export class Corpus {
  readonly captures: readonly Capture[];
  readonly points: readonly CorpusPoint[];
  /** Points are the corpus's, times are nanoseconds after `base`. */
  readonly legs: T.LegTable;
  readonly quoted: T.QuotedTable;
  /**
   * The digest that all captures can be compared by: where one of them was cut by its snap length within what the full
   * digest covers, the short one.
   */
  readonly digestColumn: 'digest' | 'shortDigest';
  /** The earliest capture's base. */
  readonly base: EpochNs;
  /** First leg of each capture, and one past the last. */
  private readonly legBase: number[] = [0];
  /** What to add to a capture's times to get the corpus's. */
  private readonly shift: number[] = [];
  /** Per capture: packets ordered by leg (and by place in the file within one), and where each leg's begin. */
  private readonly order: Uint32Array[] = [];
  private readonly starts: Uint32Array[] = [];
  /** Legs by tuple and point, once somebody asks. */
  private byTuple: Map<number, number[]> | null = null;
  /** Rows of legs that are one use of a divided leg. */
  private readonly useRows = new Map<number, Uint32Array>();
  /** Of later uses: the leg that they are a use of. Of that leg: all its uses in order. */
  private readonly wholeLegs = new Map<number, number>();
  private readonly uses = new Map<number, number[]>();

  /** `division` says which legs are several uses one after another; the first keeps the number of the leg. */
  constructor(captures: readonly Capture[], division: Division = new Map()) {
    this.captures = captures;
    const withTime = captures.filter((c) => c.tables.points.some((p) => p.packets > 0));
    this.base = withTime.reduce(
      (least, c) => (c.tables.base < least ? c.tables.base : least),
      withTime[0]?.tables.base ?? 0n,
    );
    const points: CorpusPoint[] = [];
    const legs: T.LegTable[] = [];
    let quotedBefore = 0;
    for (const [number, { tables }] of captures.entries()) {
      const shift = Number(tables.base - this.base);
      this.shift.push(shift);
      const own = { ...tables.legs };
      own.point = tables.legs.point.map((p) => p + points.length);
      own.first = tables.legs.first.map((t) => t + shift);
      own.last = tables.legs.last.map((t) => t + shift);
      const quotedShift = quotedBefore;
      own.quoted = tables.legs.quoted.map((q) => (q === 0 ? 0 : q + quotedShift));
      quotedBefore += tables.quoted.length;
      legs.push(own);
      this.legBase.push(this.legBase[number]! + tables.legs.length);
      for (const [local, point] of tables.points.entries()) {
        points.push({ ...point, first: point.first + shift, last: point.last + shift, capture: number, local });
      }
      const [order, starts] = orderByLeg(tables.packets, tables.legs.length);
      this.order.push(order);
      this.starts.push(starts);
    }
    this.points = points;
    this.digestColumn = captures.some((c) => c.tables.hasCutDigests) ? 'shortDigest' : 'digest';
    this.legs = concatColumns(T.LEG_COLUMNS, legs);
    this.quoted = concatColumns(
      T.QUOTED_COLUMNS,
      captures.map((c) => c.tables.quoted),
    );
    if (division.size === 0) return;
    const divided = divideLegs(this, division);
    this.legs = divided.legs;
    for (const { leg, of, rows } of divided.uses) {
      this.useRows.set(leg, rows);
      if (leg !== of) this.wholeLegs.set(leg, of);
      const uses = this.uses.get(of);
      if (uses) uses.push(leg);
      else this.uses.set(of, [leg]);
    }
  }

  /** The same captures with legs divided; `division` is of the undivided ones. */
  divided(division: Division): Corpus {
    return new Corpus(this.captures, division);
  }

  /** The leg as the flow table has it: the number of the first of its uses. */
  wholeLeg(leg: number): number {
    return this.wholeLegs.get(leg) ?? leg;
  }

  /** All uses of the leg that this is a use of, in order; itself alone where it is not divided. */
  usesOf(leg: number): readonly number[] {
    return this.uses.get(this.wholeLeg(leg)) ?? [leg];
  }

  captureOf(leg: number): number {
    return this.points[this.legs.point[leg]!]!.capture;
  }

  packetsOf(leg: number): T.PacketTable {
    return this.captures[this.captureOf(leg)]!.tables.packets;
  }

  /** Rows of the leg's packets in its capture's packet table, in the order of the file. */
  rowsOf(leg: number): Uint32Array {
    const use = this.useRows.size === 0 ? undefined : this.useRows.get(leg);
    if (use) return use;
    const capture = this.captureOf(leg);
    const local = leg - this.legBase[capture]!;
    const starts = this.starts[capture]!;
    return this.order[capture]!.subarray(starts[local], starts[local + 1]);
  }

  /** An earlier capture that holds the very same packets, byte for byte as far as tables tell; null where none does. */
  twinOf(capture: number): number | null {
    const { packets } = this.captures[capture]!.tables;
    if (packets.length === 0) return null;
    for (let earlier = 0; earlier < capture; earlier++) {
      const other = this.captures[earlier]!.tables;
      if (other.base !== this.captures[capture]!.tables.base || other.packets.length !== packets.length) continue;
      const isSame = (
        name: 'time' | 'wireLength' | 'capturedLength' | 'ipId' | 'ttl' | 'sequence' | 'digest',
      ): boolean => packets[name].every((value, row) => value === other.packets[name][row]);
      if ((['time', 'wireLength', 'capturedLength', 'ipId', 'ttl', 'sequence', 'digest'] as const).every(isSame))
        return earlier;
    }
    return null;
  }

  /** What to add to the times in the capture's packet table. */
  timeShift(capture: number): number {
    return this.shift[capture]!;
  }

  /** Legs at `point` that have the tuple of `leg`, in either direction. */
  withTupleOf(leg: number, point: number): readonly number[] {
    if (!this.byTuple) {
      this.byTuple = new Map();
      for (let other = 0; other < this.legs.length; other++) {
        const key = this.tupleKey(other) + this.legs.point[other]!;
        const same = this.byTuple.get(key);
        if (same) same.push(other);
        else this.byTuple.set(key, [other]);
      }
    }
    return (this.byTuple.get(this.tupleKey(leg) + point) ?? []).filter((other) => this.sameTuple(leg, other));
  }

  /** The same for both directions of a tuple; different tuples may share it. */
  tupleKey(leg: number): number {
    let sum = 0;
    for (const destination of [false, true]) {
      const port = destination ? this.legs.destinationPort[leg]! : this.legs.sourcePort[leg]!;
      for (let word = 0; word < 4; word++) sum += this.word(leg, destination, word) * (word + 1) + port * 0x1_0001;
    }
    return sum * 256 + this.legs.protocol[leg]!;
  }

  sameTuple(a: number, b: number): boolean {
    const l = this.legs;
    if (l.protocol[a] !== l.protocol[b] || l.ipVersion[a] !== l.ipVersion[b]) return false;
    if (isIcmp(l.protocol[a]!) && (l.sourcePort[a] !== l.sourcePort[b] || l.icmp[a] !== l.icmp[b])) return false;
    return (
      (this.sameEnd(a, false, b, false) && this.sameEnd(a, true, b, true)) ||
      (this.sameEnd(a, false, b, true) && this.sameEnd(a, true, b, false))
    );
  }

  /** Whether one end (source, or destination) of leg `a` has the address and port of one end of `b`. */
  sameEnd(a: number, aDestination: boolean, b: number, bDestination: boolean): boolean {
    const l = this.legs;
    const port = (leg: number, destination: boolean): number =>
      destination ? l.destinationPort[leg]! : l.sourcePort[leg]!;
    // An echo's id stands in both ports and is the translator's to change: it is no part of an end.
    return (
      this.sameAddress(a, aDestination, b, bDestination) &&
      (isIcmp(l.protocol[a]!) || port(a, aDestination) === port(b, bDestination))
    );
  }

  sameAddress(a: number, aDestination: boolean, b: number, bDestination: boolean): boolean {
    for (let word = 3; word >= 0; word--) {
      if (this.word(a, aDestination, word) !== this.word(b, bDestination, word)) return false;
    }
    return true;
  }

  /** Word 0..3 of the leg's source or destination address. */
  word(leg: number, destination: boolean, word: number): number {
    const l = this.legs;
    switch (word) {
      case 0:
        return destination ? l.destination0[leg]! : l.source0[leg]!;
      case 1:
        return destination ? l.destination1[leg]! : l.source1[leg]!;
      case 2:
        return destination ? l.destination2[leg]! : l.source2[leg]!;
      default:
        return destination ? l.destination3[leg]! : l.source3[leg]!;
    }
  }
}

/** Counting sort of packet rows by leg; rows without a leg are left out. */
function orderByLeg(packets: T.PacketTable, legs: number): [Uint32Array, Uint32Array] {
  const starts = new Uint32Array(legs + 1);
  for (let row = 0; row < packets.length; row++) {
    const leg = packets.leg[row]!;
    if (leg !== T.NO_LEG) starts[leg + 1]!++;
  }
  for (let leg = 0; leg < legs; leg++) starts[leg + 1]! += starts[leg]!;
  const order = new Uint32Array(starts[legs]!);
  const next = starts.slice();
  for (let row = 0; row < packets.length; row++) {
    const leg = packets.leg[row]!;
    if (leg !== T.NO_LEG) order[next[leg]!++] = row;
  }
  return [order, starts];
}
