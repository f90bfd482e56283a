// Assignment over time. Ties between whole legs come first; then what they leave unexplained tells which legs are several
// uses one after another, and which hold packets that left untranslated. With those divided and put aside all is assigned
// anew, until nothing more is found: a use that got its partner may show where that partner is to be divided. In the end a
// division stands only if its uses got partners: else the leg stays whole there.
import { type Assignment, assign } from './assign.ts';
import type { Corpus } from './corpus.ts';
import type { Division } from './division.ts';
import { findUntranslated } from './untranslated.ts';
import { findUses } from './uses.ts';

/** Chains of ports that were used in turn are followed so far. */
const ROUNDS = 6;

export interface TimedAssignment {
  /** With divided legs. */
  readonly corpus: Corpus;
  readonly assignment: Assignment;
  /** Legs of packets that left untranslated -> a leg of their connection, at another point. */
  readonly untranslated: ReadonlyMap<number, number>;
}

export function assignOverTime(whole: Corpus): TimedAssignment {
  let corpus = whole;
  let assignment = assign(whole);
  const untranslated = findUntranslated(whole, assignment);
  const apart = new Set(untranslated.keys());
  if (apart.size > 0) assignment = assign(whole, apart);
  let division: Division = new Map();
  const divide = (into: Division): void => {
    division = into;
    corpus = whole.divided(division);
    assignment = assign(corpus, apart);
  };
  for (let round = 0; round < ROUNDS; round++) {
    const more = findUses(corpus, assignment);
    if (more.size === 0) break;
    divide(refined(corpus, division, more));
  }
  for (;;) {
    const kept = justified(corpus, assignment, division);
    if (placesIn(kept) === placesIn(division)) return { corpus, assignment, untranslated };
    divide(kept);
  }
}

/** A division of whole legs with those of their uses. */
function refined(corpus: Corpus, division: Division, ofUses: Division): Division {
  const legs = new Map(division);
  for (const [use, places] of ofUses) {
    const leg = corpus.wholeLeg(use);
    const before = division.get(leg) ?? [];
    const begin = [0, ...before][corpus.usesOf(leg).indexOf(use)]!;
    legs.set(
      leg,
      [...(legs.get(leg) ?? []), ...places.map((place) => begin + place)].sort((x, y) => x - y),
    );
  }
  return legs;
}

/** The division without the places that gave a use no partner; such a use belongs to the one before it, the first to the next. */
function justified(corpus: Corpus, { ties }: Assignment, division: Division): Division {
  const tied = new Set(ties.flatMap(({ a, b }) => [a, b]));
  const kept = new Map<number, readonly number[]>();
  for (const [leg, places] of division) {
    const failed = corpus.usesOf(leg).flatMap((use, i) => (tied.has(use) ? [] : [places[Math.max(0, i - 1)]!]));
    const left = places.filter((place) => !failed.includes(place));
    if (left.length > 0) kept.set(leg, left);
  }
  return kept;
}

function placesIn(division: Division): number {
  return [...division.values()].reduce((sum, places) => sum + places.length, 0);
}
