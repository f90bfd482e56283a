// Where the packets of a journey stand on the ladder, from top to bottom. Time runs downwards and never back: between two
// moments that follow one another the ladder goes down by their distance, as far as that is no more than a gap may take;
// what is longer is folded, and marked. Packets begin at least a row apart, so that each has room for its words.
// All of it is columns, since a long journey has many packets; what is painted is cut out of them by `rowsWithin`.

/** The packets of a journey as columns, in order of the time they were first seen; `firstStep` has one more. */
export interface LadderPackets {
  readonly length: number;
  readonly isBack: Uint8Array;
  /** 1 where it was lost, with proof, after its last step. */
  readonly isLost: Uint8Array;
  /** 1 where its bytes went before it. */
  readonly again: Uint8Array;
  /** The packet of more bytes that it is a later segment of, or -1. */
  readonly segmentOf: Int32Array;
  readonly firstStep: Uint32Array;
  /** Per step, which is a packet at one point: the leg, counted from the client. */
  readonly lane: Uint16Array;
  /** Nanoseconds after the journey's first packet, clocks corrected; NaN without one. */
  readonly time: Float64Array;
  /** Bytes of payload. */
  readonly payload: Uint32Array;
  /** 1 where an earlier packet has the same step: several that became one. */
  readonly shared: Uint8Array;
}

export interface LadderRows {
  readonly height: number;
  /** Per step, in pixels from the top. */
  readonly y: Float64Array;
  /** Per packet, how far down this and all before it reach. */
  readonly reach: Float64Array;
  readonly folds: readonly Fold[];
  /** Per packet, how many segments it became on the way; 0 where it stayed one. */
  readonly segments: Uint32Array;
}

/** A stretch of time that takes less room than it should. */
export interface Fold {
  readonly top: number;
  readonly bottom: number;
  readonly ns: number;
}

/** From one packet's first step to the next one's, at least. */
const ROW_HEIGHT = 21;
/** Above the first packet and below the last. */
const MARGIN = 16;
/** A hop that is long, but still usual, goes down by this much, unzoomed. */
const USUAL_HOP = 9;
const USUAL = 0.75;
/** A gap of time takes this much room at most, unzoomed: more is folded. */
const LONGEST_GAP = 44;
/** Hops that the usual one is taken from. */
const SAMPLED_HOPS = 2001;

/** `zoom`: 1 as it suits the journey's usual hop; twice that stretches time to twice its length. */
export function ladderRows(packets: LadderPackets, zoom: number): LadderRows {
  const { length, firstStep } = packets;
  const pixelsPerNs = (USUAL_HOP / usualHop(packets)) * zoom;
  const longest = LONGEST_GAP * Math.max(1, zoom);
  const time = knownTimes(packets);
  const order = Uint32Array.from(time.keys());
  order.sort((a, b) => time[a]! - time[b]! || a - b);
  const isFirst = new Uint8Array(time.length);
  for (let packet = 0; packet < length; packet++) isFirst[firstStep[packet]!] = 1;
  const y = new Float64Array(time.length);
  const folds: Fold[] = [];
  let at = MARGIN;
  let lastRow = Number.NEGATIVE_INFINITY;
  let before = time.length === 0 ? 0 : time[order[0]!]!;
  for (const step of order) {
    const ns = time[step]! - before;
    const wanted = ns * pixelsPerNs;
    const top = at;
    at += Math.min(wanted, longest);
    if (isFirst[step] === 1) {
      at = Math.max(at, lastRow + ROW_HEIGHT);
      lastRow = at;
    }
    if (wanted > longest) folds.push({ top, bottom: at, ns });
    before = time[step]!;
    y[step] = at;
  }
  const reach = new Float64Array(length);
  let lowest = 0;
  for (let packet = 0; packet < length; packet++) {
    for (let step = firstStep[packet]!; step < firstStep[packet + 1]!; step++) lowest = Math.max(lowest, y[step]!);
    reach[packet] = lowest;
  }
  const segments = new Uint32Array(length);
  for (const whole of packets.segmentOf) if (whole >= 0) segments[whole]! += segments[whole] === 0 ? 2 : 1;
  return { height: at + MARGIN, y, reach, folds, segments };
}

/** Steps without a time stand where the packet was seen before, or beside the packet before it. */
function knownTimes({ time, firstStep, length }: LadderPackets): Float64Array {
  const known = Float64Array.from(time);
  let before = 0;
  for (let packet = 0; packet < length; packet++) {
    for (let step = firstStep[packet]!; step < firstStep[packet + 1]!; step++) {
      if (Number.isNaN(known[step]!)) known[step] = step > firstStep[packet]! ? known[step - 1]! : before;
    }
    before = known[firstStep[packet]!]!;
  }
  return known;
}

/** The upper quartile of hops all over the journey; of a single point, of the times between packets. */
function usualHop({ time, firstStep, length }: LadderPackets): number {
  const every = Math.max(1, Math.floor(length / SAMPLED_HOPS));
  const hops: number[] = [];
  const waits: number[] = [];
  for (let packet = 0; packet < length; packet += every) {
    for (let step = firstStep[packet]! + 1; step < firstStep[packet + 1]!; step++) {
      const ns = time[step]! - time[step - 1]!;
      if (ns > 0) hops.push(ns);
    }
    const wait = packet === 0 ? Number.NaN : time[firstStep[packet]!]! - time[firstStep[packet - 1]!]!;
    if (wait > 0) waits.push(wait);
  }
  const sorted = (hops.length > 0 ? hops : waits).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * USUAL)] ?? 1;
}

/** Packets that have any of their line between two heights: the first, and one past the last. */
export function rowsWithin(
  packets: LadderPackets,
  rows: LadderRows,
  top: number,
  bottom: number,
): { readonly first: number; readonly end: number } {
  const first = firstWhere(packets.length, (packet) => rows.reach[packet]! >= top);
  const end = firstWhere(packets.length, (packet) => rows.y[packets.firstStep[packet]!]! > bottom);
  return { first, end: Math.max(first, end) };
}

/** Where a stretch of this height begins that has the packet in its middle. */
export function centredTop(
  { firstStep, length }: LadderPackets,
  { y, height }: LadderRows,
  packet: number,
  stretch: number,
): number {
  if (length === 0) return 0;
  const at = y[firstStep[Math.min(packet, length - 1)]!]!;
  return Math.max(0, Math.min(at - stretch / 2, height - stretch));
}

/** Folds that touch the stretch. */
export function foldsWithin({ folds }: LadderRows, top: number, bottom: number): readonly Fold[] {
  const first = firstWhere(folds.length, (at) => folds[at]!.bottom >= top);
  const end = firstWhere(folds.length, (at) => folds[at]!.top > bottom);
  return folds.slice(first, Math.max(first, end));
}

/** The first of 0..length-1 for which `holds`, which then holds for all after it; `length` where none. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  for (let high = length; low < high;) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
