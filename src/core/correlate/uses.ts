// Where a leg is several uses one after another. Its packets say so: some of them are in one leg of another point, later
// ones in another leg, and never both. Two such partners exclude each other; between the last packet that speaks for one and
// the first that speaks for the other the leg is divided, at the longest silence there, since that is where an entry expires.
// Silence alone divides nothing.
//
// What counts as evidence: any TCP segment; a datagram that neither leg has twice. Equal datagrams (a constant probe) count
// where several of them met in time. A datagram entry that changes without a silence (its table was flushed) needs more.
import { TCP } from '../decode/headers.ts';
import { BACK } from '../flows/tables.ts';
import type { Assignment } from './assign.ts';
import type { Corpus } from './corpus.ts';
import type { Division } from './division.ts';
import { PacketKeys } from './packet-keys.ts';
import { findUncovered } from './uncovered.ts';

/** An entry that expired was idle for at least this long; nanoseconds. Linux: 30 s for UDP, but anybody may set it. */
const LEAST_TIMEOUT = 1e9;
/** Packets that speak for a partner: one that no leg has twice, or several equal ones. Without a silence more of the first. */
const ENOUGH_EQUAL = 3;
const ENOUGH_WITHOUT_SILENCE = 3;

/** The legs to divide. */
export function findUses(corpus: Corpus, assignment: Assignment): Division {
  return new UseFinder(corpus, assignment).find();
}

interface Neighbour {
  readonly leg: number;
  readonly crossed: boolean;
}

/** A neighbour with the packets that speak for it. */
interface Voice {
  readonly leg: number;
  readonly point: number;
  /** Ascending; whether the packet there is unique. */
  readonly places: ReadonlyMap<number, boolean>;
  readonly first: number;
  readonly last: number;
  readonly out: boolean;
  readonly back: boolean;
}

class UseFinder {
  private readonly corpus: Corpus;
  private readonly assignment: Assignment;
  private readonly keys: PacketKeys;
  private readonly tied = new Set<number>();
  private readonly neighbours = new Map<number, Neighbour[]>();
  private readonly nearestAt = new Map<number, Map<number, number>>();

  constructor(corpus: Corpus, assignment: Assignment) {
    this.corpus = corpus;
    this.assignment = assignment;
    this.keys = new PacketKeys(corpus, assignment.clocks);
    for (const { a, b } of assignment.ties) this.tied.add(this.pairKey(a, b));
  }

  find(): Division {
    const { ties, possible } = this.assignment;
    // Legs that something besides their ties speaks for, or whose partners are not partners of each other.
    const suspects = new Set<number>();
    for (const tie of ties) this.addNeighbours(tie);
    for (const [leg, own] of this.neighbours) if (!this.areTied(own)) suspects.add(leg);
    for (const tie of [...possible, ...findUncovered(this.corpus, this.assignment)]) {
      if (this.tied.has(this.pairKey(tie.a, tie.b))) continue;
      this.addNeighbours(tie);
      suspects.add(tie.a).add(tie.b);
    }
    const division = new Map<number, readonly number[]>();
    for (const leg of [...suspects].sort((x, y) => x - y)) {
      const places = this.divide(leg);
      if (places.length > 0) division.set(leg, places);
    }
    return division;
  }

  private pairKey(a: number, b: number): number {
    return Math.min(a, b) * this.corpus.legs.length + Math.max(a, b);
  }

  private addNeighbours({
    a,
    b,
    crossed,
  }: {
    readonly a: number;
    readonly b: number;
    readonly crossed: boolean;
  }): void {
    for (const [leg, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const list = this.neighbours.get(leg);
      if (!list) this.neighbours.set(leg, [{ leg: other, crossed }]);
      else if (!list.some((n) => n.leg === other)) list.push({ leg: other, crossed });
    }
  }

  private areTied(legs: readonly Neighbour[]): boolean {
    return legs.every((x, i) => legs.slice(i + 1).every((y) => this.tied.has(this.pairKey(x.leg, y.leg))));
  }

  /** Places among the leg's rows at which another use begins. */
  private divide(leg: number): number[] {
    const neighbours = this.neighbours.get(leg)!;
    if (this.corpus.rowsOf(leg).length < 2 || neighbours.length < 2) return [];
    const times = this.keys.timesOf(leg);
    const isTcp = this.corpus.legs.protocol[leg] === TCP;
    let voices = neighbours.flatMap((neighbour) => this.voice(leg, neighbour.leg, this.speaking(leg, neighbour)));
    // What would divide the leg on too little evidence is not heard; the rest may still divide it.
    for (;;) {
      const runs = this.runs(leg, voices, times);
      // TCP's numbers name the connection, also in a segment that was sent again; its time tells which it is.
      const weak = isTcp ? null : weakest(runs, times);
      if (weak === null) return runs.slice(1).map((run) => run.begin);
      voices = voices.flatMap((voice) => {
        if (voice !== weak.voice) return [voice];
        const rest = [...voice.places].filter(([place]) => !weak.places.includes(place));
        return this.voice(leg, voice.leg, new Map(rest));
      });
    }
  }

  /**
   * The places of the leg's packets that the neighbour has, and whether each is unique. A packet that is like others at the same
   * time is the neighbour's only if it is clearly the nearest, for both legs.
   */
  private speaking(leg: number, { leg: other, crossed }: Neighbour): Map<number, boolean> {
    const own = this.nearest(leg, this.corpus.legs.point[other]!);
    const others = this.nearest(other, this.corpus.legs.point[leg]!);
    const speaking = new Map<number, boolean>();
    for (const packet of this.keys.shared(leg, other, crossed)) {
      if (own.get(packet.own) === other && others.get(packet.other) === leg) speaking.set(packet.own, packet.isUnique);
    }
    return speaking;
  }

  /** Per packet of the leg: which leg at that point has it, by the nearest time; left out where two are about as near. */
  private nearest(leg: number, point: number): Map<number, number> {
    const key = leg * this.corpus.points.length + point;
    const known = this.nearestAt.get(key);
    if (known) return known;
    const clock = this.assignment.clocks.between(this.corpus.legs.point[leg]!, point);
    // Delays vary this much: of two packets nearer to each other than that nobody knows which is which.
    const margin = clock ? clock.uncertainty + clock.spread : 0;
    const best = new Map<number, { leg: number; apart: number; second: number }>();
    for (const neighbour of this.neighbours.get(leg)!) {
      if (this.corpus.legs.point[neighbour.leg] !== point) continue;
      for (const { own, apart } of this.keys.shared(leg, neighbour.leg, neighbour.crossed)) {
        const at = best.get(own);
        if (!at) best.set(own, { leg: neighbour.leg, apart, second: Number.POSITIVE_INFINITY });
        else if (apart < at.apart) best.set(own, { leg: neighbour.leg, apart, second: at.apart });
        else if (apart < at.second) at.second = apart;
      }
    }
    const nearest = new Map<number, number>();
    for (const [place, at] of best) if (at.second - at.apart > margin) nearest.set(place, at.leg);
    this.nearestAt.set(key, nearest);
    return nearest;
  }

  private voice(leg: number, other: number, places: ReadonlyMap<number, boolean>): Voice[] {
    if (places.size === 0) return [];
    const p = this.corpus.packetsOf(leg);
    const rows = this.corpus.rowsOf(leg);
    const ordered = [...places.keys()];
    const back = ordered.filter((place) => (p.flags[rows[place]!]! & BACK) !== 0).length;
    return [
      {
        leg: other,
        point: this.corpus.legs.point[other]!,
        places,
        first: ordered[0]!,
        last: ordered.at(-1)!,
        out: back < places.size,
        back: back > 0,
      },
    ];
  }

  /**
   * The packets in order, as runs whose voices are all compatible; a voice that excludes one of the run's begins the next.
   */
  private runs(leg: number, voices: readonly Voice[], times: Float64Array): Run[] {
    const speaking: { place: number; voice: Voice }[] = voices.flatMap((voice) =>
      Array.from(voice.places.keys(), (place) => ({ place, voice })),
    );
    speaking.sort((x, y) => x.place - y.place);
    const excluded = new Map<Voice, Set<Voice>>(voices.map((voice) => [voice, new Set()]));
    for (const [i, x] of voices.entries()) {
      for (const y of voices.slice(i + 1)) {
        if (!this.exclude(leg, x, y, times)) continue;
        excluded.get(x)!.add(y);
        excluded.get(y)!.add(x);
      }
    }
    const runs: Run[] = [{ begin: 0, voices: new Map() }];
    for (const { place, voice } of speaking) {
      const run = runs.at(-1)!;
      const opposed = [...excluded.get(voice)!].filter((other) => run.voices.has(other));
      if (opposed.length === 0) {
        const own = run.voices.get(voice);
        if (own) own.push(place);
        else run.voices.set(voice, [place]);
        continue;
      }
      const until = Math.max(...opposed.map((other) => run.voices.get(other)!.at(-1)!));
      runs.push({ begin: longestSilence(times, until, place), voices: new Map([[voice, [place]]]) });
    }
    return runs;
  }

  /** Whether two neighbours cannot both be partners of one use: no packet is in both, though it could have been. */
  private exclude(leg: number, x: Voice, y: Voice, times: Float64Array): boolean {
    // An outer port comes back to a UDP connection that had it before; TCP packets by turns here and there take two ways.
    if (this.corpus.legs.protocol[leg] === TCP && x.first < y.last && y.first < x.last) return false;
    if (!((x.out && y.out) || (x.back && y.back))) return false;
    if (this.tied.has(this.pairKey(x.leg, y.leg))) return false;
    const [few, many] = x.places.size < y.places.size ? [x, y] : [y, x];
    for (const place of few.places.keys()) if (many.places.has(place)) return false;
    if (x.point === y.point) return true;
    const [sawX, sawY] = [this.mightHaveSeen(leg, y, x, times), this.mightHaveSeen(leg, x, y, times)];
    return this.corpus.legs.protocol[leg] === TCP ? sawX && sawY : sawX || sawY;
  }

  /** Whether the point of `x` was capturing when `y` saw some packet of its. */
  private mightHaveSeen(leg: number, x: Voice, y: Voice, times: Float64Array): boolean {
    const point = this.corpus.legs.point[leg]!;
    const clock = this.assignment.clocks.between(point, x.point);
    if (!clock) return false;
    const { first, last } = this.corpus.points[x.point]!;
    return [...y.places.keys()].some(
      (place) => times[place]! + clock.offset >= first && times[place]! + clock.offset <= last,
    );
  }
}

interface Run {
  /** Place of its first packet. */
  readonly begin: number;
  /** The places at which each voice speaks. */
  readonly voices: Map<Voice, number[]>;
}

/** Of the runs that too little speaks for, the voice with the least, and where it speaks; null where all is well. */
function weakest(
  runs: readonly Run[],
  times: Float64Array,
): { readonly voice: Voice; readonly places: readonly number[] } | null {
  if (runs.length === 1) return null;
  let found: { voice: Voice; places: readonly number[]; weight: number } | null = null;
  for (const [i, run] of runs.entries()) {
    const next = runs[i + 1];
    const isSilent = silenceBefore(run, times) && (next === undefined || silenceBefore(next, times));
    let best: { voice: Voice; places: readonly number[]; weight: number } | null = null;
    for (const [voice, places] of run.voices) {
      const unique = places.filter((place) => voice.places.get(place)).length;
      const enough = isSilent ? unique > 0 || places.length >= ENOUGH_EQUAL : unique >= ENOUGH_WITHOUT_SILENCE;
      const weight = enough ? Number.POSITIVE_INFINITY : unique + places.length / 1e6;
      if (best === null || weight > best.weight) best = { voice, places, weight };
    }
    if (best && best.weight < (found?.weight ?? Number.POSITIVE_INFINITY)) found = best;
  }
  return found;
}

/** Whether the run begins after a time in which an entry can expire, or with the leg. */
function silenceBefore({ begin }: Run, times: Float64Array): boolean {
  return begin === 0 || times[begin]! - times[begin - 1]! >= LEAST_TIMEOUT;
}

/** The place after the longest silence between two places. */
function longestSilence(times: Float64Array, after: number, until: number): number {
  let longest = until;
  let silence = Number.NEGATIVE_INFINITY;
  for (let place = after + 1; place <= until; place++) {
    const gap = times[place]! - times[place - 1]!;
    if (gap > silence) [longest, silence] = [place, gap];
  }
  return longest;
}
