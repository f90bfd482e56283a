// How far the clocks of two points stand apart. A packet takes time from one point to the next, never less than none: so
// of packets that went one way the smallest difference bounds the offset from above, and of those that came back the
// largest bounds it from below (Cristian's bound, over many packets). No symmetry is assumed; half the gap between the
// two is the uncertainty.
import type { Tie } from './tie.ts';

/** Between two points; `offset` is what the second clock shows more than the first, in nanoseconds. */
export interface ClockRelation {
  readonly offset: number;
  readonly uncertainty: number;
  /** The longest time a shared packet took, either way, beyond the smallest: what to expect of others. */
  readonly spread: number;
  readonly samples: number;
  /** +1: packets of the client pass the first point earlier; -1: later; 0: not known from times. */
  readonly order: -1 | 0 | 1;
}

/** With packets of one direction only, the delay is part of the difference: this much is allowed for it. */
const ONE_WAY_UNCERTAINTY = 100e6;
/** Differences that are kept of each direction; beyond that, the extremes are kept anyway. */
const MAX_KEPT = 4096;

export class ClockSamples {
  private readonly out: number[] = [];
  private readonly back: number[] = [];
  private minOut = Number.POSITIVE_INFINITY;
  private maxOut = Number.NEGATIVE_INFINITY;
  private minBack = Number.POSITIVE_INFINITY;
  private maxBack = Number.NEGATIVE_INFINITY;
  private count = 0;

  /** `out`: differences of packets from the client; `back`: of packets to it. */
  add(out: readonly number[], back: readonly number[]): void {
    for (const d of out) {
      this.minOut = Math.min(this.minOut, d);
      this.maxOut = Math.max(this.maxOut, d);
      if (this.out.length < MAX_KEPT) this.out.push(d);
    }
    for (const d of back) {
      this.minBack = Math.min(this.minBack, d);
      this.maxBack = Math.max(this.maxBack, d);
      if (this.back.length < MAX_KEPT) this.back.push(d);
    }
    this.count += out.length + back.length;
  }

  relation(): ClockRelation | null {
    if (this.count === 0) return null;
    const spread = Math.max(this.maxOut, this.maxBack) - Math.min(this.minOut, this.minBack);
    if (this.out.length === 0 || this.back.length === 0) {
      const [least, most] = this.out.length > 0 ? [this.minOut, this.maxOut] : [this.minBack, this.maxBack];
      return {
        offset: (least + most) / 2,
        uncertainty: ONE_WAY_UNCERTAINTY + (most - least) / 2,
        spread,
        samples: this.count,
        order: 0,
      };
    }
    const order = Math.sign(median(this.out) - median(this.back)) as -1 | 0 | 1;
    // Whichever point is nearer to the client, one direction's differences all lie above the offset, the other's below.
    const [low, high] = order >= 0 ? [this.maxBack, this.minOut] : [this.maxOut, this.minBack];
    return {
      offset: (low + high) / 2,
      uncertainty: Math.max(Math.abs(high - low) / 2, 1000),
      spread,
      samples: this.count,
      order,
    };
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((x, y) => x - y);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Clock relations of all pairs of points that ties connect. */
export class Clocks {
  private readonly samples = new Map<string, ClockSamples>();
  private readonly relations = new Map<string, ClockRelation | null>();

  /** Takes the shared packets of a tie between points `p` and `q`; `clientAtSource`: a's source is the client. */
  learn(tie: Tie, p: number, q: number, clientAtSource: boolean): void {
    if (p === q) return;
    const key = p < q ? `${p} ${q}` : `${q} ${p}`;
    let samples = this.samples.get(key);
    if (!samples) this.samples.set(key, (samples = new ClockSamples()));
    const sign = p < q ? 1 : -1;
    const out = (clientAtSource ? tie.out : tie.back).map((d) => sign * d);
    const back = (clientAtSource ? tie.back : tie.out).map((d) => sign * d);
    samples.add(out, back);
    this.relations.delete(key);
  }

  /** What point q's clock shows more than p's; null where nothing is known. */
  between(p: number, q: number): ClockRelation | null {
    if (p === q) return { offset: 0, uncertainty: 0, spread: 0, samples: 0, order: 0 };
    const key = p < q ? `${p} ${q}` : `${q} ${p}`;
    let relation = this.relations.get(key);
    if (relation === undefined) {
      relation = this.samples.get(key)?.relation() ?? null;
      this.relations.set(key, relation);
    }
    if (!relation || p < q) return relation;
    return { ...relation, offset: -relation.offset, order: -relation.order as -1 | 0 | 1 };
  }

  /**
   * Every point's clock against that of `origin`, along the relations with the least uncertainty; null where none leads
   * there.
   */
  against(origin: number, points: number): (Pick<ClockRelation, 'offset' | 'uncertainty'> | null)[] {
    const found: (Pick<ClockRelation, 'offset' | 'uncertainty'> | null)[] = new Array<null>(points).fill(null);
    found[origin] = { offset: 0, uncertainty: 0 };
    const settled = new Set<number>();
    for (;;) {
      let next = -1;
      for (let p = 0; p < points; p++) {
        const at = found[p];
        if (at && !settled.has(p) && (next < 0 || at.uncertainty < found[next]!.uncertainty)) next = p;
      }
      if (next < 0) return found;
      settled.add(next);
      const from = found[next]!;
      for (let q = 0; q < points; q++) {
        const relation = q === next ? null : this.between(next, q);
        if (!relation) continue;
        const uncertainty = from.uncertainty + relation.uncertainty;
        const known = found[q];
        if (!known || uncertainty < known.uncertainty)
          found[q] = { offset: from.offset + relation.offset, uncertainty };
      }
    }
  }
}
