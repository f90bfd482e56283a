// Whether boxes between two points keep IP ids, as TCP ties show.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import type { SharedPackets, Tie } from './tie.ts';

/** A box that keeps IP ids: seen on this many packets, with hardly an exception. */
const IDS_SEEN = 20;
const IDS_KEPT = 0.95;

export class IpIds {
  private readonly corpus: Corpus;
  /** Packets of TCP ties that share an id, and that do not, by pair of points: `p * points + q`, p < q. */
  private readonly seen = new Map<number, { same: number; other: number }>();

  constructor(corpus: Corpus) {
    this.corpus = corpus;
  }

  learn(tie: Tie, { sameIds, otherIds }: SharedPackets): void {
    const l = this.corpus.legs;
    if (l.protocol[tie.a] !== TCP) return;
    const [p, q] = [l.point[tie.a]!, l.point[tie.b]!];
    const key = Math.min(p, q) * this.corpus.points.length + Math.max(p, q);
    const { same, other } = this.seen.get(key) ?? { same: 0, other: 0 };
    this.seen.set(key, { same: same + sameIds, other: other + otherIds });
  }

  /** Between which points ids are kept, by all that was learnt. */
  kept(): (p: number, q: number) => boolean {
    const group = this.groups();
    return (p, q) => group[p] === group[q];
  }

  /** Per point a number that is equal for points between which IP ids are kept, pair after pair. */
  private groups(): Int32Array {
    const points = this.corpus.points.length;
    const group = Int32Array.from({ length: points }, (_, p) => p);
    for (const [key, { same, other }] of this.seen) {
      if (same + other < IDS_SEEN || same < IDS_KEPT * (same + other)) continue;
      const [kept, gone] = [group[Math.floor(key / points)]!, group[key % points]!];
      for (let p = 0; p < points; p++) if (group[p] === gone) group[p] = kept;
    }
    return group;
  }
}
