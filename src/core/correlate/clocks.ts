// How far the clocks of two points stand apart. A packet takes time from one point to the next, never less than none: so
// of packets that went one way the smallest difference bounds the offset from above, and of those that came back the
// largest bounds it from below (Cristian's bound, over many packets). No symmetry is assumed; half the gap between the
// two is the uncertainty.
import type { SharedPackets } from './tie.ts';

/** Between two points; `offset` is what the second clock shows more than the first, in nanoseconds. */
interface ClockRelation {
  readonly offset: number;
  readonly uncertainty: number;
  /** The longest time a shared packet took, either way, beyond the smallest: what to expect of others. */
  readonly spread: number;
  readonly samples: number;
}

/** With packets of one direction only, the delay is part of the difference: this much is allowed for it. */
const ONE_WAY_UNCERTAINTY = 100e6;
/** Differences that are kept of each direction; when they are more, every other one goes, so that all times are heard. */
const MAX_KEPT = 4096;
/** A difference further from the median than this many median deviations is of a packet that was mistaken for another. */
const OUTLIER = 20;
/** Nor is anything within this an outlier; nanoseconds. */
const NEVER_OUTLIER = 50e6;

/** Keeps at most `MAX_KEPT` values, evenly over all that were added. */
class Thinned {
  values: number[] = [];
  private every = 1;
  private skipped = 0;

  add(value: number): void {
    if (++this.skipped < this.every) return;
    this.skipped = 0;
    this.values.push(value);
    if (this.values.length < MAX_KEPT) return;
    this.values = this.values.filter((_, i) => i % 2 === 0);
    this.every *= 2;
  }
}

class ClockSamples {
  private readonly out = new Thinned();
  private readonly back = new Thinned();
  private count = 0;

  /** `out`: differences of packets from the client; `back`: of packets to it. */
  add(out: readonly number[], back: readonly number[]): void {
    for (const d of out) this.out.add(d);
    for (const d of back) this.back.add(d);
    this.count += out.length + back.length;
  }

  relation(): ClockRelation | null {
    const all = [...this.out.values, ...this.back.values];
    if (all.length === 0) return null;
    const middle = median(all);
    const allowed = Math.max(NEVER_OUTLIER, OUTLIER * median(all.map((d) => Math.abs(d - middle))));
    const sound = (d: number): boolean => Math.abs(d - middle) <= allowed;
    const out = this.out.values.filter(sound);
    const back = this.back.values.filter(sound);
    const [leastOut, mostOut] = extremes(out);
    const [leastBack, mostBack] = extremes(back);
    const spread = Math.max(mostOut, mostBack) - Math.min(leastOut, leastBack);
    const samples = this.count;
    if (out.length === 0 || back.length === 0) {
      const [least, most] = out.length > 0 ? [leastOut, mostOut] : [leastBack, mostBack];
      const uncertainty = ONE_WAY_UNCERTAINTY + (most - least) / 2;
      return { offset: (least + most) / 2, uncertainty, spread, samples };
    }
    const order = Math.sign(median(out) - median(back));
    // Whichever point is nearer to the client, one direction's differences all lie above the offset, the other's below.
    const [low, high] = order >= 0 ? [mostBack, leastOut] : [mostOut, leastBack];
    const uncertainty = Math.max(Math.abs(high - low) / 2, 1000);
    return { offset: (low + high) / 2, uncertainty, spread, samples };
  }
}

export function extremes(values: readonly number[]): [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return [least, most];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** What is known of one clock against another. */
export type ClockOffset = Pick<ClockRelation, 'offset' | 'uncertainty' | 'spread' | 'samples'>;

/** Clock relations of all points: of pairs that ties connect, and through these of all pairs that they lead to. */
export class Clocks {
  private readonly samples = new Map<number, ClockSamples>();
  /** As of the last `settle`, `p * points + q`. */
  private readonly direct = new Map<number, ClockRelation>();
  private offsets: (ClockOffset | null)[][] = [];
  private readonly points: number;

  constructor(points: number) {
    this.points = points;
    this.settle();
  }

  /**
   * Takes the shared packets of a tie between points `p` and `q`; `clientAtSource`: a's source is the client. It counts
   * from the next `settle` on.
   */
  learn(tie: Pick<SharedPackets, 'out' | 'back'>, p: number, q: number, clientAtSource: boolean): void {
    if (p === q) return;
    const key = Math.min(p, q) * this.points + Math.max(p, q);
    let samples = this.samples.get(key);
    if (!samples) this.samples.set(key, (samples = new ClockSamples()));
    const sign = p < q ? 1 : -1;
    const out = (clientAtSource ? tie.out : tie.back).map((d) => sign * d);
    const back = (clientAtSource ? tie.back : tie.out).map((d) => sign * d);
    samples.add(out, back);
  }

  /** Draws the conclusions from all that was learnt. */
  settle(): void {
    for (const [key, samples] of this.samples) {
      const relation = samples.relation();
      if (relation) this.direct.set(key, relation);
    }
    this.offsets = Array.from({ length: this.points }, (_, origin) => this.from(origin));
  }

  /** What q's clock shows more than p's; null where nothing relates them. */
  between(p: number, q: number): ClockOffset | null {
    return this.offsets[p]![q]!;
  }

  /** Every point's clock against that of `origin`; null where none leads there. */
  against(origin: number): readonly (ClockOffset | null)[] {
    return this.offsets[origin]!;
  }

  private relation(p: number, q: number): ClockRelation | null {
    if (p < q) return this.direct.get(p * this.points + q) ?? null;
    const relation = this.direct.get(q * this.points + p);
    return relation ? { ...relation, offset: -relation.offset } : null;
  }

  /** Along the relations with the least uncertainty (Dijkstra). */
  private from(origin: number): (ClockOffset | null)[] {
    const found: (ClockOffset | null)[] = new Array<null>(this.points).fill(null);
    found[origin] = { offset: 0, uncertainty: 0, spread: 0, samples: 0 };
    const settled = new Set<number>();
    for (;;) {
      let next = -1;
      for (let p = 0; p < this.points; p++) {
        const at = found[p];
        if (at && !settled.has(p) && (next < 0 || at.uncertainty < found[next]!.uncertainty)) next = p;
      }
      if (next < 0) return found;
      settled.add(next);
      const from = found[next]!;
      for (let q = 0; q < this.points; q++) {
        const relation = settled.has(q) ? null : this.relation(next, q);
        if (!relation) continue;
        const uncertainty = from.uncertainty + relation.uncertainty;
        const known = found[q];
        if (known && uncertainty >= known.uncertainty) continue;
        const samples = from.samples === 0 ? relation.samples : Math.min(from.samples, relation.samples);
        found[q] = {
          offset: from.offset + relation.offset,
          uncertainty,
          spread: from.spread + relation.spread,
          samples,
        };
      }
    }
  }
}
