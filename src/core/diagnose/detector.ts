// What detectors are made of, and what they are given. A detector sees every journey once, in order, and concludes; it
// holds what it needs of them (numbers, rows), never the journeys' packets.
import type { Corpus } from '../correlate/corpus.ts';
import type { GapRules } from '../correlate/gap-rules.ts';
import type { Correlation } from '../correlate/journeys.ts';
import type { FollowedJourney, Visibility } from '../correlate/passages.ts';
import type { Role } from '../report/model.ts';
import type { Finding } from './finding.ts';
import type { JourneyFacts } from './journey-facts.ts';

/** Everything that a diagnosis rests on. */
export interface Evidence {
  readonly corpus: Corpus;
  readonly correlation: Correlation;
  readonly visibility: Visibility;
  readonly naming: readonly { readonly role: Role; readonly host: string | null }[];
  /** Rules of opened dumps, and which of them translated. */
  readonly rules: GapRules;
  /** Sequences of points that most journeys took. */
  readonly paths: readonly (readonly number[])[];
  followed(journey: number): FollowedJourney;
  /** Points behind a journey's last one on its path, in order, that were capturing when it began and did not see it. */
  pointsBeyond(journey: number): readonly number[];
}

/** One kind of finding. */
export interface Detector {
  /** Stable: scripts and the pages of docs/findings use it. */
  readonly code: string;
  /** More general codes: what this one finds in a journey accounts for what they would say of it. */
  readonly explains?: readonly string[];
  readonly start: (evidence: Evidence) => Investigation;
}

/** A detector at work on one session. */
interface Investigation {
  readonly look?: (facts: JourneyFacts) => void;
  /** `isExplained`: a more specific finding accounts for this journey. */
  readonly conclude: (isExplained: (journey: number) => boolean) => readonly Finding[];
}
