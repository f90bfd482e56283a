// What conntrack dumps add to ties that packets made, and where they contradict them. Packets decide: an entry confirms a
// tie between its two tuples, or decides between partners that the packets leave possible; it never makes or breaks one
// against them. A listing shows the last use of a tuple and no time, so it counts only where the tuple was used once.
import { addressText } from '../decode/addresses.ts';
import { ICMP_MESSAGE } from '../flows/tables.ts';
import type { SideFile } from '../report/model.ts';
import type { ConntrackEntry } from '../sources/conntrack-entry.ts';
import type { SideSource } from '../sources/side-files.ts';
import { type Tuple, reverse, tupleText } from '../sources/tuple.ts';
import type { AcceptedTie, Assignment } from './assign.ts';
import type { Corpus } from './corpus.ts';
import type { TracedJourney } from './journeys.ts';
import type { Tie } from './tie.ts';

/** The tuple of a leg as its first packet has it. */
export function tupleOfLeg(corpus: Corpus, leg: number): Tuple {
  const l = corpus.legs;
  return {
    src: addressText(l.source0[leg]!, l.source1[leg]!, l.source2[leg]!, l.source3[leg]!),
    dst: addressText(l.destination0[leg]!, l.destination1[leg]!, l.destination2[leg]!, l.destination3[leg]!),
    sport: l.sourcePort[leg]!,
    dport: l.destinationPort[leg]!,
  };
}

/** Entries that may translate one tuple into another, over one box or several in a row. */
export class ConntrackIndex {
  private readonly byOriginal = new Map<string, { entry: ConntrackEntry; source: SideSource }[]>();
  private readonly legs = new Map<string, number[]>();
  private readonly corpus: Corpus;
  readonly sources: readonly SideSource[];

  constructor(corpus: Corpus, sources: readonly SideSource[]) {
    this.corpus = corpus;
    this.sources = sources.filter((s) => s.content.kind === 'conntrack');
    for (const source of this.sources) {
      for (const entry of entriesOf(source)) {
        const key = tupleText(entry.protocol, entry.original);
        const same = this.byOriginal.get(key);
        if (same) same.push({ entry, source });
        else this.byOriginal.set(key, [{ entry, source }]);
      }
    }
    if (this.byOriginal.size === 0) return;
    for (let leg = 0; leg < corpus.legs.length; leg++) {
      if ((corpus.legs.traits[leg]! & ICMP_MESSAGE) !== 0) continue;
      const key = this.legKey(leg, false);
      const same = this.legs.get(key);
      if (same) same.push(leg);
      else this.legs.set(key, [leg]);
    }
  }

  get isEmpty(): boolean {
    return this.byOriginal.size === 0;
  }

  legKey(leg: number, reversed: boolean): string {
    const tuple = tupleOfLeg(this.corpus, leg);
    return tupleText(this.corpus.legs.protocol[leg]!, reversed ? reverse(tuple) : tuple);
  }

  /** Legs whose tuple, in either direction, this is. */
  legsOf(protocol: number, tuple: Tuple): number[] {
    const forward = this.legs.get(tupleText(protocol, tuple)) ?? [];
    const backward = this.legs.get(tupleText(protocol, reverse(tuple))) ?? [];
    return forward === backward ? forward : [...forward, ...backward];
  }

  /** Whether the tuple stands for one connection only at the leg's point. */
  isUsedOnce(leg: number): boolean {
    const l = this.corpus.legs;
    return (
      this.legsOf(l.protocol[leg]!, tupleOfLeg(this.corpus, leg)).filter((x) => l.point[x] === l.point[leg]).length ===
      1
    );
  }

  /** The entries, box after box, that turn tuple `from` into `to`; null where there are none. */
  path(protocol: number, from: Tuple, to: Tuple, boxes = 3): ConntrackEntry[] | null {
    if (boxes === 0) return null;
    for (const { entry } of this.byOriginal.get(tupleText(protocol, from)) ?? []) {
      const after = reverse(entry.reply);
      if (tupleText(protocol, after) === tupleText(protocol, to)) return [entry];
      if (tupleText(protocol, after) === tupleText(protocol, from)) continue;
      const rest = this.path(protocol, after, to, boxes - 1);
      if (rest) return [entry, ...rest];
    }
    return null;
  }
}

/** The assignment with ties that the dumps confirm as exact, and with open ones that they decide. */
export function confirmByDumps(corpus: Corpus, assignment: Assignment, index: ConntrackIndex): Assignment {
  if (index.isEmpty) return assignment;
  const l = corpus.legs;
  const says = (tie: Tie): boolean => {
    if (!index.isUsedOnce(tie.a) || !index.isUsedOnce(tie.b)) return false;
    for (const reversed of [false, true]) {
      const orient = (leg: number, back: boolean): Tuple => {
        const tuple = tupleOfLeg(corpus, leg);
        return back ? reverse(tuple) : tuple;
      };
      const a = orient(tie.a, reversed);
      const b = orient(tie.b, reversed !== tie.crossed);
      const protocol = l.protocol[tie.a]!;
      if (index.path(protocol, a, b) ?? index.path(protocol, b, a)) return true;
    }
    return false;
  };
  const exact = (tie: Tie): AcceptedTie => tie.accepted('exact', [{ kind: 'conntrack', count: 1 }]);
  const ties = assignment.ties.map((tie) => (says(tie) ? exact(tie) : tie));
  const decided = new Set<number>();
  const trusted = !contradictPackets(corpus, assignment.ties, index);
  const open = new Set([...assignment.open.values()].flat());
  for (const tie of open) {
    if (!trusted || !says(tie)) continue;
    ties.push(exact(tie));
    decided.add(tie.a).add(tie.b);
  }
  const left = new Map<number, Tie[]>();
  for (const [leg, possible] of assignment.open) {
    const rest = possible.filter((tie) => !decided.has(tie.a) && !decided.has(tie.b));
    if (rest.length > 0) left.set(leg, rest);
  }
  return { ...assignment, ties, open: left };
}

/**
 * Whether the dumps contradict what packets tied at all: then they are of another time, and what they say of connections
 * that the packets leave open is no better.
 */
function contradictPackets(corpus: Corpus, ties: readonly AcceptedTie[], index: ConntrackIndex): boolean {
  const partners = new Map<number, Set<number>>();
  const add = (leg: number, other: number): void => {
    const known = partners.get(leg);
    if (known) known.add(other);
    else partners.set(leg, new Set([other]));
  };
  for (const { a, b } of ties) {
    add(a, b);
    add(b, a);
  }
  for (const source of index.sources) {
    for (const { protocol, original, reply } of entriesOf(source)) {
      const before = index.legsOf(protocol, original).filter((leg) => index.isUsedOnce(leg) && partners.has(leg));
      const after = index.legsOf(protocol, reverse(reply)).filter((leg) => index.isUsedOnce(leg) && partners.has(leg));
      for (const leg of before) {
        const point = corpus.legs.point;
        // Tied to another leg at the point where the entry's own is.
        const elsewhere = after.some(
          (other) =>
            point[other] !== point[leg] &&
            !partners.get(leg)!.has(other) &&
            [...partners.get(leg)!].some((partner) => point[partner] === point[other]),
        );
        if (elsewhere) return true;
      }
    }
  }
  return false;
}

/** How each dump agrees with the journeys. */
export function judgeDumps(journeys: readonly TracedJourney[], index: ConntrackIndex): SideFile[] {
  const journeyOf = new Map<number, number>();
  for (const [number, journey] of journeys.entries()) for (const leg of journey.legs) journeyOf.set(leg, number);
  return index.sources.map((source) => {
    const entries = entriesOf(source).filter((entry) => entry.event !== 'UPDATE' && entry.event !== 'DESTROY');
    const count = { agree: 0, absent: 0, contradict: 0 };
    for (const entry of entries) {
      const before = index.legsOf(entry.protocol, entry.original);
      const after = new Set(index.legsOf(entry.protocol, reverse(entry.reply)));
      const ofBefore = new Set(before.map((leg) => journeyOf.get(leg)!));
      const meet = [...after].some((leg) => ofBefore.has(journeyOf.get(leg)!));
      // Both ends were captured, and the packets tie them to others.
      const elsewhere =
        before.length > 0 &&
        after.size > 0 &&
        before.every((leg) => journeys[journeyOf.get(leg)!]!.links.length > 0) &&
        [...after].every((leg) => journeys[journeyOf.get(leg)!]!.links.length > 0);
      if (meet) count.agree++;
      else if (elsewhere) count.contradict++;
      else count.absent++;
    }
    return { file: source.file, kind: 'conntrack', box: source.box, entries: entries.length, ...count };
  });
}

function entriesOf(source: SideSource): readonly ConntrackEntry[] {
  return source.content.kind === 'conntrack' ? source.content.dump.entries : [];
}
