// A packet's identity across points, for questions about single packets of two legs: what survives translation as one
// number, and when the packet was there.
import { TCP, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import { BACK, FRAGMENT, HAS_TIME } from '../flows/tables.ts';
import type { Clocks } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import { datagramKey, isMeaningful, keyOf } from './sketch.ts';
import { windowOf } from './timing.ts';

/** The packet at `row` of the leg's capture; null where it says too little to be known again. */
export function packetKey(corpus: Corpus, leg: number, row: number): number | null {
  const p = corpus.packetsOf(leg);
  const protocol = corpus.legs.protocol[leg]!;
  const flags = p.flags[row]!;
  if ((flags & FRAGMENT) !== 0 || (flags & HAS_TIME) === 0) return null;
  if (protocol === TCP) {
    if (p.sequence[row] === 0 && p.acknowledgment[row] === 0) return null;
    // Not its length: a super-packet and the first of its segments are one.
    return keyOf(p.sequence[row]!, p.acknowledgment[row]!, flags & (TCP_SYN | TCP_FIN | TCP_RST));
  }
  if (!isMeaningful(p, row)) return null;
  return datagramKey(corpus, protocol, p, row);
}

/** A leg's packets by key. */
class KeyedPackets {
  /** Key, with the direction in its sign (a key is never 0), -> places among the leg's rows, ascending. */
  readonly places = new Map<number, number[]>();
  /** Per row of the leg: its key, 0 for none, and its corpus time. */
  readonly keys: Float64Array;
  readonly times: Float64Array;

  constructor(corpus: Corpus, leg: number) {
    const rows = corpus.rowsOf(leg);
    const p = corpus.packetsOf(leg);
    const shift = corpus.timeShift(corpus.captureOf(leg));
    this.keys = new Float64Array(rows.length);
    this.times = new Float64Array(rows.length);
    for (const [place, row] of rows.entries()) {
      this.times[place] = (p.flags[row]! & HAS_TIME) === 0 ? Number.NaN : p.time[row]! + shift;
      const key = packetKey(corpus, leg, row);
      if (key === null) continue;
      const directed = (p.flags[row]! & BACK) === 0 ? key : -key;
      this.keys[place] = directed;
      const places = this.places.get(directed);
      if (places) places.push(place);
      else this.places.set(directed, [place]);
    }
  }
}

/** A packet that two legs have. */
export interface SharedPacket {
  /** Its place among the rows of the one, and of the other. */
  readonly own: number;
  readonly other: number;
  /** How far its times are from what the clocks' offset lets expect; nanoseconds, 0 where nothing relates the clocks. */
  readonly apart: number;
  /** Neither leg has another packet like it. */
  readonly isUnique: boolean;
}

/** Which packets two legs have in common, by key and time; each leg's keys are made once. */
export class PacketKeys {
  private readonly corpus: Corpus;
  private readonly clocks: Clocks;
  private readonly made = new Map<number, KeyedPackets>();

  constructor(corpus: Corpus, clocks: Clocks) {
    this.corpus = corpus;
    this.clocks = clocks;
  }

  /**
   * In the order of `leg`'s rows; of several equal packets of `other` the nearest in time. `crossed`: the first packet of one
   * leg ran in the direction of the other's answers. Without related clocks only packets that neither leg has twice.
   */
  shared(leg: number, other: number, crossed: boolean): SharedPacket[] {
    const { point } = this.corpus.legs;
    const own = this.of(leg);
    const others = this.of(other);
    const clock = this.clocks.between(point[leg]!, point[other]!);
    const [offset, window] = clock ? [clock.offset, windowOf(clock)] : [0, 0];
    const found: SharedPacket[] = [];
    for (const [place, key] of own.keys.entries()) {
      const places = key === 0 ? undefined : others.places.get(crossed ? -key : key);
      if (!places) continue;
      const isUnique = places.length === 1 && own.places.get(key)!.length === 1;
      if (!clock) {
        if (isUnique) found.push({ own: place, other: places[0]!, apart: 0, isUnique });
        continue;
      }
      let nearest = -1;
      let apart = Number.POSITIVE_INFINITY;
      for (const there of places) {
        const distance = Math.abs(others.times[there]! - own.times[place]! - offset);
        if (distance < apart) [nearest, apart] = [there, distance];
      }
      if (apart <= window) found.push({ own: place, other: nearest, apart, isUnique });
    }
    return found;
  }

  /** Corpus times of the leg's packets; NaN without one. */
  timesOf(leg: number): Float64Array {
    return this.of(leg).times;
  }

  private of(leg: number): KeyedPackets {
    let keyed = this.made.get(leg);
    if (!keyed) this.made.set(leg, (keyed = new KeyedPackets(this.corpus, leg)));
    return keyed;
  }
}
