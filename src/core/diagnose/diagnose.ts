// All detectors over one session, in one pass over its journeys.
import type { Detector, Evidence } from './detector.ts';
import type { Finding } from './finding.ts';
import { JourneyFacts } from './journey-facts.ts';
import { captureDrops, pointSeesNothing, windowsApart } from './captures.ts';
import { connectionRefused } from './connection-refused.ts';
import { connectionReset } from './connection-reset.ts';
import { idleTimeout } from './idle-timeout.ts';
import { leftUntranslated } from './left-untranslated.ts';
import { mtuBlackHole } from './mtu-black-hole.ts';
import { packetLoss } from './packet-loss.ts';
import { remapped } from './remapped.ts';
import { slowHop } from './slow-hop.ts';
import { snatPortRace } from './snat-port-race.ts';
import { snatPortsExhausted } from './snat-ports-exhausted.ts';
import { synUnanswered } from './syn-unanswered.ts';
import { unreachable } from './unreachable.ts';

/** From the most specific to the most general: an earlier one may account for what a later one would say. */
export const DETECTORS: readonly Detector[] = [
  snatPortsExhausted,
  snatPortRace,
  mtuBlackHole,
  remapped,
  idleTimeout,
  leftUntranslated,
  connectionRefused,
  unreachable,
  synUnanswered,
  connectionReset,
  packetLoss,
  slowHop,
  captureDrops,
  windowsApart,
  pointSeesNothing,
];

interface CodedFinding extends Finding {
  readonly code: string;
}

export interface Diagnosis {
  /** The gravest first, then the more specific, then the one with more journeys. */
  readonly findings: readonly CodedFinding[];
  /** Codes by journey, in the order of the findings. */
  readonly byJourney: ReadonlyMap<number, readonly string[]>;
}

const GRAVITY = { error: 0, warning: 1, note: 2 } as const;

export function diagnose(evidence: Evidence, detectors: readonly Detector[] = DETECTORS): Diagnosis {
  const investigations = detectors.map((detector) => detector.start(evidence));
  const looking = investigations.filter(({ look }) => look !== undefined);
  for (let number = 0; number < evidence.correlation.journeys.length; number++) {
    const facts = new JourneyFacts(evidence, number);
    for (const { look } of looking) look!(facts);
  }
  const accounted = new Map<string, Set<number>>();
  const found: { finding: CodedFinding; rank: number }[] = [];
  for (const [rank, { code, explains = [] }] of detectors.entries()) {
    const explained = accounted.get(code);
    for (const finding of investigations[rank]!.conclude((journey) => explained?.has(journey) ?? false)) {
      found.push({ finding: { ...finding, code }, rank });
      for (const general of explains) {
        const journeys = accounted.get(general) ?? new Set<number>();
        for (const journey of finding.journeys) journeys.add(journey);
        accounted.set(general, journeys);
      }
    }
  }
  found.sort(
    (x, y) =>
      GRAVITY[x.finding.severity] - GRAVITY[y.finding.severity] ||
      x.rank - y.rank ||
      y.finding.journeys.length - x.finding.journeys.length,
  );
  const findings = found.map(({ finding }) => finding);
  return { findings, byJourney: codesByJourney(findings) };
}

function codesByJourney(findings: readonly CodedFinding[]): Map<number, string[]> {
  const codes = new Map<number, string[]>();
  for (const { code, journeys } of findings) {
    for (const journey of journeys) {
      const known = codes.get(journey);
      if (!known) codes.set(journey, [code]);
      else if (!known.includes(code)) known.push(code);
    }
  }
  return codes;
}
