// Where the time goes: the gap whose one-way delay is far above that of the others.
import type { Detector } from './detector.ts';

/** Nothing below this is slow; nanoseconds. */
const SLOW = 5e6;
/** So many times the delay of all other gaps of the paths together. */
const STANDS_OUT = 5;
const FEWEST_PACKETS = 10;
/** Delays kept a gap and direction: evenly over all. */
const MAX_KEPT = 4096;

class Delays {
  readonly kept: number[] = [];
  readonly journeys = new Set<number>();
  private every = 1;
  private seen = 0;

  add(journey: number, delays: readonly number[]): void {
    if (delays.length > 0 && this.journeys.size < 1000) this.journeys.add(journey);
    for (const delay of delays) {
      if (this.seen++ % this.every === 0) this.kept.push(delay);
      if (this.kept.length < MAX_KEPT) continue;
      this.kept.splice(0, MAX_KEPT, ...this.kept.filter((_, i) => i % 2 === 0));
      this.every *= 2;
    }
  }

  quantile(share: number): number {
    const sorted = [...this.kept].sort((x, y) => x - y);
    return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  }
}

export const slowHop: Detector = {
  code: 'slow-hop',
  start: ({ corpus, correlation }) => {
    const gaps = new Map<string, { from: number; to: number; out: Delays; back: Delays }>();
    return {
      look: (facts) => {
        if (facts.isIcmpMessage) return;
        for (const { out, back } of facts.followed.gaps) {
          const [from, to] = [corpus.legs.point[out.upstream.leg]!, corpus.legs.point[out.downstream.leg]!];
          const key = `${from} ${to}`;
          let gap = gaps.get(key);
          if (!gap) gaps.set(key, (gap = { from, to, out: new Delays(), back: new Delays() }));
          gap.out.add(facts.number, out.delays);
          gap.back.add(facts.number, back.delays);
        }
      },
      conclude: () => {
        // Both ways together: how the clocks stand then cancels out.
        const measured = [...gaps.values()]
          .filter(({ out, back }) => out.kept.length >= FEWEST_PACKETS && back.kept.length >= FEWEST_PACKETS)
          .map((gap) => ({ ...gap, both: gap.out.quantile(0.5) + gap.back.quantile(0.5) }));
        const [slowest, next] = measured.sort((x, y) => y.both - x.both);
        if (!slowest || slowest.both < SLOW || (next && slowest.both < STANDS_OUT * next.both)) return [];
        const { from, to, out, back, both } = slowest;
        const clock = correlation.clocks.between(from, to);
        const ms = (ns: number): string => `${(ns / 1e6).toLocaleString('en', { maximumSignificantDigits: 3 })} ms`;
        return [
          {
            severity: 'note',
            certainty: 'certain',
            title: `${ms(both)} of every round trip are spent here`,
            explain:
              `Half of the packets take longer than ${ms(out.quantile(0.5))} on the way out and ${ms(back.quantile(0.5))} on the way back ` +
              `(one in a hundred longer than ${ms(out.quantile(0.99))} and ${ms(back.quantile(0.99))}). ` +
              (next ? `The slowest of the other gaps takes ${ms(next.both)} both ways. ` : '') +
              (clock && clock.uncertainty > 0
                ? `The sum holds whatever the clocks show; how it divides is known within ${ms(clock.uncertainty)}.`
                : ''),
            at: from,
            to,
            journeys: [...new Set([...out.journeys, ...back.journeys])],
            proof: [],
            next: [
              'tc -s qdisc   # queues of the box between',
              'mtr ADDRESS   # where does the time go on the way there?',
            ],
          },
        ];
      },
    };
  },
};
