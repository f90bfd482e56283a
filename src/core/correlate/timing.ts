// Whether the times of two legs fit how the clocks of their points stand, as far as that is known.
import type { ClockOffset, Clocks } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import type { Tie } from './tie.ts';

/** What a packet may take beyond the delays seen; nanoseconds, after few and after many of them. */
const LEAST_WINDOW = 20e6;
const LEAST_WINDOW_OF_MANY = 5e6;
const MANY_SAMPLES = 50;
/** Of packets that were sent several times, this share must be at the other point where it was capturing. */
const REPEATED_SHARE = 0.8;

export class Timing {
  private readonly corpus: Corpus;
  private readonly clocks: Clocks;

  constructor(corpus: Corpus, clocks: Clocks) {
    this.corpus = corpus;
    this.clocks = clocks;
  }

  /** Whether the two legs were under way at one time, as far as the clocks tell. */
  mayMeet(a: number, b: number): boolean {
    const l = this.corpus.legs;
    const clock = this.clocks.between(l.point[a]!, l.point[b]!);
    if (!clock) return true;
    const window = windowOf(clock);
    return l.first[a]! + clock.offset <= l.last[b]! + window && l.first[b]! <= l.last[a]! + clock.offset + window;
  }

  /** Ties whose shared packets lie where the clocks allow, and those of points that nothing relates. */
  timely(ties: readonly Tie[]): Tie[] {
    return ties.filter((tie) => this.isTimely(tie) !== false);
  }

  /** Null where the clocks of the two points are not related. */
  isTimely(tie: Tie): boolean | null {
    const l = this.corpus.legs;
    const clock = this.clocks.between(l.point[tie.a]!, l.point[tie.b]!);
    if (!clock) return null;
    const window = windowOf(clock);
    const fits = (delta: number): boolean => Math.abs(delta - clock.offset) <= window;
    const once = tie.out.length + tie.back.length;
    const fitting = tie.out.filter(fits).length + tie.back.filter(fits).length;
    if (once > 0 && fitting < REPEATED_SHARE * once) return false;
    return tie.repeated.length === 0 || once > 0 || this.repeatsMeet(tie, clock.offset, window);
  }

  /** Bits that the agreement of times is worth between two points; null where their clocks are not related. */
  bitsOfTime(p: number, q: number): number | null {
    const clock = this.clocks.between(p, q);
    if (!clock) return null;
    if (p === q) return 0;
    const at = this.corpus.points[q]!;
    return -Math.log2(Math.min(1, (2 * windowOf(clock)) / Math.max(1, at.last - at.first)));
  }

  /** Of packets sent several times, nearly all that fell within the other point's window are there. */
  private repeatsMeet(tie: Tie, offset: number, window: number): boolean {
    const { legs, points } = this.corpus;
    let due = 0;
    let met = 0;
    const count = (times: readonly number[], others: readonly number[], shift: number, other: number): void => {
      const { first, last } = points[legs.point[other]!]!;
      for (const time of times) {
        const at = time + shift;
        if (at < first + window || at > last - window) continue;
        due++;
        if (others.some((t) => Math.abs(t - at) <= window)) met++;
      }
    };
    for (const [timesA, timesB] of tie.repeated) {
      count(timesA, timesB, offset, tie.b);
      count(timesB, timesA, -offset, tie.a);
    }
    return due === 0 ? someMeet(tie, offset, window) : met >= REPEATED_SHARE * due;
  }
}

function someMeet(tie: Tie, offset: number, window: number): boolean {
  return tie.repeated.some(([timesA, timesB]) =>
    timesA.some((a) => timesB.some((b) => Math.abs(b - a - offset) <= window)),
  );
}

/** How far from the clocks' offset the difference of a packet's times may lie. */
export function windowOf(clock: ClockOffset): number {
  return (
    clock.uncertainty + Math.max(clock.samples < MANY_SAMPLES ? LEAST_WINDOW : LEAST_WINDOW_OF_MANY, 2 * clock.spread)
  );
}
