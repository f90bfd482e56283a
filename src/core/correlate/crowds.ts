// Crowds: legs that share their rarest key with very many others, as thousands of identical probes do. For each the clock
// leaves those that were under way with it, and IP ids, where boxes keep them, those with the same. If few are left they
// are compared as usual; otherwise they are counted, and the nearest in time listed.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import type { Postings } from './postings.ts';
import type { Sketches } from './sketch.ts';
import type { Timing } from './timing.ts';

/** Possible partners at one point that are compared; with more of them, this many are listed; of a great many fewer. */
const MAX_COMPARED = 64;
const MAX_LISTED = 64;
const MANY = 256;
const LISTED_OF_MANY = 16;
/** Steps to find those that are under way at one time, among long-lived ones. */
const MAX_STEPS = 4096;

/** Possible partners of a leg at a point that are too many to choose from. */
export interface Crowd {
  readonly leg: number;
  readonly point: number;
  readonly count: number;
}

/** Legs of one point that share a key. */
interface Group {
  /** By their beginning. */
  readonly legs: Uint32Array;
  readonly firsts: Float64Array;
  /** Their ends, in order of their own. */
  readonly lasts: Float64Array;
  readonly longest: number;
  byId: Map<number, number[]> | null;
}

interface Found {
  readonly count: number;
  readonly legs: readonly number[];
}

export class CrowdSearch {
  private readonly corpus: Corpus;
  private readonly timing: Timing;
  private readonly sketches: Sketches;
  private readonly postings: Postings;
  private readonly areIdsKept: (p: number, q: number) => boolean;
  private readonly groups = new Map<number, ReadonlyMap<number, Group>>();

  constructor(
    corpus: Corpus,
    timing: Timing,
    sketches: Sketches,
    postings: Postings,
    areIdsKept: (p: number, q: number) => boolean,
  ) {
    this.corpus = corpus;
    this.timing = timing;
    this.sketches = sketches;
    this.postings = postings;
    this.areIdsKept = areIdsKept;
  }

  /** Calls with each point's possible partners of the leg; `isCrowd`: those given are but some of them. */
  forEachPoint(
    leg: number,
    key: number,
    visit: (point: number, partners: readonly number[], count: number, isCrowd: boolean) => void,
  ): void {
    const own = this.corpus.legs.point[leg]!;
    for (const [point, group] of this.groupsOf(key)) {
      if (point === own) continue;
      const { legs, count } = this.partnersIn(leg, key, point, group);
      if (count > 0) visit(point, legs, count, count > MAX_COMPARED);
    }
  }

  private partnersIn(leg: number, key: number, point: number, group: Group): Found {
    const id = this.areIdsKept(this.corpus.legs.point[leg]!, point) ? this.idOf(leg, key) : 0;
    if (id !== 0) {
      const same = this.byId(group, key).get(id) ?? [];
      return { count: same.length, legs: same.slice(0, MAX_LISTED) };
    }
    const span = this.timing.spanAt(leg, point);
    if (!span) return { count: group.legs.length, legs: Array.from(group.legs.subarray(0, listed(group.legs.length))) };
    const end = upperBound(group.firsts, span.to);
    const count = end - upperBound(group.lasts, span.from);
    if (count === 0) return { count, legs: [] };
    const from = upperBound(group.firsts, span.from - group.longest);
    if (count <= MAX_COMPARED && end - from <= MAX_STEPS) {
      const meeting = group.legs.subarray(from, end).filter((other) => this.corpus.legs.last[other]! >= span.from);
      return { count: meeting.length, legs: Array.from(meeting) };
    }
    return { count: Math.max(count, MAX_COMPARED + 1), legs: nearest(group, (span.from + span.to) / 2, listed(count)) };
  }

  private groupsOf(key: number): ReadonlyMap<number, Group> {
    let groups = this.groups.get(key);
    if (!groups) this.groups.set(key, (groups = this.group(key)));
    return groups;
  }

  private group(key: number): Map<number, Group> {
    const { point, first, last } = this.corpus.legs;
    const byPoint = new Map<number, number[]>();
    this.postings.forEach(key, (leg) => {
      const list = byPoint.get(point[leg]!);
      if (list) list.push(leg);
      else byPoint.set(point[leg]!, [leg]);
    });
    const groups = new Map<number, Group>();
    for (const [at, list] of byPoint) {
      const legs = Uint32Array.from(list).sort((x, y) => first[x]! - first[y]! || x - y);
      const longest = list.reduce((most, leg) => Math.max(most, last[leg]! - first[leg]!), 0);
      const firsts = Float64Array.from(legs, (leg) => first[leg]!);
      groups.set(at, { legs, firsts, lasts: Float64Array.from(legs, (leg) => last[leg]!).sort(), longest, byId: null });
    }
    return groups;
  }

  private byId(group: Group, key: number): ReadonlyMap<number, readonly number[]> {
    if (!group.byId) {
      group.byId = new Map();
      for (const leg of group.legs) {
        const id = this.idOf(leg, key);
        const same = group.byId.get(id);
        if (same) same.push(leg);
        else group.byId.set(id, [leg]);
      }
    }
    return group.byId;
  }

  /** IP id of the leg's one packet with this key; 0 where it has none, or several such packets. */
  private idOf(leg: number, key: number): number {
    if (this.corpus.legs.protocol[leg] === TCP) return 0;
    const { starts, keys, rows, counts } = this.sketches;
    for (let i = starts[leg]!; i < starts[leg + 1]!; i++) {
      if (keys[i] === key) return counts[i] === 1 ? this.corpus.packetsOf(leg).ipId[rows[i]!]! : 0;
    }
    return 0;
  }
}

function listed(count: number): number {
  return count > MANY ? LISTED_OF_MANY : MAX_LISTED;
}

/** How many of these, which ascend, are at most `value`. */
function upperBound(values: Float64Array, value: number): number {
  let low = 0;
  for (let high = values.length; low < high;) {
    const middle = (low + high) >> 1;
    if (values[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The legs that began nearest to `time`. */
function nearest({ legs, firsts }: Group, time: number, count: number): number[] {
  let high = upperBound(firsts, time);
  let low = high - 1;
  const found: number[] = [];
  while (found.length < count && (low >= 0 || high < legs.length)) {
    const takeLow = high >= legs.length || (low >= 0 && time - firsts[low]! <= firsts[high]! - time);
    found.push(legs[takeLow ? low-- : high++]!);
  }
  return found;
}
