// Holds a report against a sample's truth.json: did each leg find its partner, and was anything invented? A truth is
// closed: its pairs are all that there is between the files that they name.
import type { Journey, Leg, Report } from '../../src/core/report/model.ts';

interface TruthLeg {
  readonly file: string;
  /** `address:port>address:port`, in either direction; an echo's id stands for both ports. */
  readonly flow: string;
}

export interface Truth {
  readonly closed: boolean;
  /** Files between which the pairs are all that there is, beside those that have pairs. */
  readonly between?: readonly (readonly [string, string])[];
  readonly pairs: readonly { readonly proto: string; readonly a: TruthLeg; readonly b: TruthLeg }[];
}

export interface Score {
  readonly pairs: number;
  readonly found: number;
  readonly missed: readonly string[];
  /** Pairs that the report ties and the truth does not have, and changes that are not what their legs show. */
  readonly wrong: readonly string[];
}

/** Of a truth only the pairs whose legs the captures still hold, where they were thinned out or left out. */
export function score(report: Report, truth: Truth, counts: (a: string, b: string) => boolean = () => true): Score {
  const fileOf = new Map(report.points.map((p) => [p.id, p.file]));
  const own = (journey: Journey): string[] =>
    journey.legs.map((leg) => key(fileOf.get(leg.point)!, journey.proto, flowOf(leg)));
  const told = report.journeys.filter((j) => j.confidence !== 'ambiguous');
  const tied = new Set(told.flatMap((journey) => pairsOf(own(journey))));
  const wanted = new Set<string>();
  const covered = new Set((truth.between ?? []).map(([a, b]) => pairOf(a, b)));
  const onwards = new Map<string, Set<string>>();
  const lead = (from: string, to: string): void => {
    const known = onwards.get(from);
    if (known) known.add(to);
    else onwards.set(from, new Set([to]));
  };
  for (const { proto, a, b } of truth.pairs) {
    const [x, y] = [key(a.file, proto, a.flow), key(b.file, proto, b.flow)];
    covered.add(pairOf(a.file, b.file));
    lead(x, y);
    if (sameTuple(x, y)) lead(y, x);
    if (counts(x, y)) wanted.add(pairOf(x, y));
  }
  // Over several boxes a claim is right if the truth leads from one leg to the other.
  const leads = (from: string, to: string): boolean => {
    const seen = new Set([from]);
    for (const leg of seen) for (const next of onwards.get(leg) ?? []) seen.add(next);
    return seen.has(to);
  };
  const isWrong = (pair: string): boolean => {
    const [x, y] = pair.split(' = ') as [string, string];
    const [fileX, fileY] = [x, y].map((leg) => leg.split(' | ')[0]!) as [string, string];
    return !/icmp .*:t\d/.test(pair) && covered.has(pairOf(fileX, fileY)) && !leads(x, y) && !leads(y, x);
  };
  const missed = [...wanted].filter((pair) => !tied.has(pair));
  const wrong = [...[...tied].filter(isWrong), ...told.flatMap(contradictions)];
  return { pairs: wanted.size, found: wanted.size - missed.length, missed, wrong };
}

/** Changes of a journey that say something else than the legs between which they stand. */
function contradictions(journey: Journey): string[] {
  return journey.changes.flatMap((change, i) => {
    const [from, to] = [journey.legs[i]!, journey.legs[i + 1]!];
    if (from.icmpId !== null || change.kind === 'nat64') return [];
    const source = from.src !== to.src || from.sport !== to.sport;
    const destination = from.dst !== to.dst || from.dport !== to.dport;
    const kind = source && destination ? 'snat+dnat' : source ? 'snat' : destination ? 'dnat' : 'none';
    return kind === change.kind ? [] : [`${journey.id}: ${change.kind} from ${flowOf(from)} to ${flowOf(to)}`];
  });
}

/** The legs that a report knows, as the `counts` of `score` gets them. */
export function legsOf(report: Report): Set<string> {
  const fileOf = new Map(report.points.map((p) => [p.id, p.file]));
  return new Set(report.journeys.flatMap((j) => j.legs.map((l) => key(fileOf.get(l.point)!, j.proto, flowOf(l)))));
}

function flowOf(leg: Leg): string {
  const ports = leg.icmpId === null ? [leg.sport, leg.dport] : [leg.icmpId, leg.icmpId];
  return `${leg.src}:${ports[0] ?? ''}>${leg.dst}:${ports[1] ?? ''}`;
}

/** An echo and its translation to the other IP version are one protocol. */
function key(file: string, proto: string, flow: string): string {
  return `${file} | ${proto.replace('icmpv6', 'icmp')} ${flow.split('>').sort().join(' ~ ')}`;
}

function sameTuple(x: string, y: string): boolean {
  return x.split(' | ')[1] === y.split(' | ')[1];
}

function pairOf(x: string, y: string): string {
  return [x, y].sort().join(' = ');
}

function pairsOf(legs: readonly string[]): string[] {
  return legs.flatMap((x, i) => legs.slice(i + 1).flatMap((y) => (x === y ? [] : [pairOf(x, y)])));
}
