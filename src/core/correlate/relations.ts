// What journeys have to do with each other: parts of a connection that its box translated one way and later another, and
// packets of a connection that left untranslated.
import type { RelatedJourney } from '../report/model.ts';
import type { Corpus } from './corpus.ts';
import type { TracedJourney } from './journeys.ts';

export interface Relation {
  readonly kind: RelatedJourney['kind'];
  /** Number of the other journey. */
  readonly journey: number;
}

/** By journey; `untranslated`: legs of such packets -> a leg of their connection. */
export function relate(
  corpus: Corpus,
  journeys: readonly TracedJourney[],
  untranslated: ReadonlyMap<number, number>,
): ReadonlyMap<number, readonly Relation[]> {
  const relations = new Map<number, Relation[]>();
  const add = (journey: number, kind: Relation['kind'], other: number): void => {
    const known = relations.get(journey);
    if (!known) relations.set(journey, [{ kind, journey: other }]);
    else if (!known.some((r) => r.kind === kind && r.journey === other)) known.push({ kind, journey: other });
  };
  const journeyOf = new Map<number, number>();
  const beginning = new Map<number, number>();
  for (const [number, journey] of journeys.entries()) {
    if (untranslated.size > 0) for (const leg of journey.legs) journeyOf.set(leg, number);
    const first = journey.legs[0]!;
    if (corpus.usesOf(first).length > 1) beginning.set(first, number);
  }
  for (const [use, number] of beginning) {
    const uses = corpus.usesOf(use);
    const before = beginning.get(uses[uses.indexOf(use) - 1] ?? -1);
    if (before === undefined) continue;
    add(number, 'continues', before);
    add(before, 'continued-by', number);
  }
  for (const [leg, connection] of untranslated) {
    const [own, other] = [journeyOf.get(leg)!, journeyOf.get(connection)!];
    add(own, 'untranslated-of', other);
    add(other, 'untranslated', own);
  }
  return relations;
}
