// Whether the times of two legs fit how the clocks of their points stand, as far as that is known.
import type { ClockOffset, Clocks } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import type { SharedPackets, Tie } from './tie.ts';

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

  /** Whether anything relates the clocks of two points. */
  areRelated(p: number, q: number): boolean {
    return this.clocks.between(p, q) !== null;
  }

  /** When the leg was under way by the clock of `point`, with what packets take; null where the clocks are not related. */
  spanAt(leg: number, point: number): { readonly from: number; readonly to: number } | null {
    const l = this.corpus.legs;
    const clock = this.clocks.between(l.point[leg]!, point);
    if (!clock) return null;
    const window = windowOf(clock);
    return { from: l.first[leg]! + clock.offset - window, to: l.last[leg]! + clock.offset + window };
  }

  /** Whether `q` was capturing when a packet was at `p` at this corpus time; true where nothing says that it was not. */
  wasCapturing(time: number, p: number, q: number): boolean {
    const clock = this.clocks.between(p, q);
    if (!clock) return true;
    const { first, last } = this.corpus.points[q]!;
    const window = windowOf(clock);
    return time + clock.offset >= first + window && time + clock.offset <= last - window;
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
    const { out, back, repeated } = tie.packets;
    const once = out.length + back.length;
    if (once > 0) return out.filter(fits).length + back.filter(fits).length >= REPEATED_SHARE * once;
    return repeated.length === 0 || this.repeatsMeet(tie, repeated, clock.offset, window);
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
  private repeatsMeet(tie: Tie, repeated: SharedPackets['repeated'], offset: number, window: number): boolean {
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
    for (const [timesA, timesB] of repeated) {
      count(timesA, timesB, offset, tie.b);
      count(timesB, timesA, -offset, tie.a);
    }
    return due === 0 ? someMeet(repeated, offset, window) : met >= REPEATED_SHARE * due;
  }
}

function someMeet(repeated: SharedPackets['repeated'], offset: number, window: number): boolean {
  return repeated.some(([timesA, timesB]) =>
    timesA.some((a) => timesB.some((b) => Math.abs(b - a - offset) <= window)),
  );
}

/** How far from the clocks' offset the difference of a packet's times may lie. */
export function windowOf(clock: ClockOffset): number {
  return (
    clock.uncertainty + Math.max(clock.samples < MANY_SAMPLES ? LEAST_WINDOW : LEAST_WINDOW_OF_MANY, 2 * clock.spread)
  );
}
