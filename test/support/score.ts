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
  readonly pairs: readonly { readonly proto: string; readonly a: TruthLeg; readonly b: TruthLeg }[];
}

export interface Score {
  readonly pairs: number;
  readonly found: number;
  readonly missed: readonly string[];
  /** Pairs that the report ties and the truth does not have. */
  readonly wrong: readonly string[];
}

/** Of a truth only the pairs whose legs the captures still hold, where they were thinned out or left out. */
export function score(report: Report, truth: Truth, counts: (a: string, b: string) => boolean = () => true): Score {
  const fileOf = new Map(report.points.map((p) => [p.id, p.file]));
  const own = (journey: Journey): string[] =>
    journey.legs.map((leg) => key(fileOf.get(leg.point)!, journey.proto, flowOf(leg)));
  const told = report.journeys.filter((j) => j.confidence !== 'ambiguous').map(own);
  const tied = new Set(told.flatMap((legs) => pairsOf(legs)));
  const wanted = new Set<string>();
  const partners = new Set<string>();
  const covered = new Set<string>();
  for (const { proto, a, b } of truth.pairs) {
    const [x, y] = [key(a.file, proto, a.flow), key(b.file, proto, b.flow)];
    const pair = pairOf(x, y);
    partners.add(pair);
    covered.add(pairOf(a.file, b.file));
    if (counts(x, y)) wanted.add(pair);
  }
  const isWrong = (pair: string): boolean => {
    if (partners.has(pair)) return false;
    const [x, y] = pair.split(' = ').map((k) => k.split(' | '));
    return !/\[|icmp .*:t\d/.test(pair) && covered.has(pairOf(x![0]!, y![0]!));
  };
  const missed = [...wanted].filter((pair) => !tied.has(pair));
  return { pairs: wanted.size, found: wanted.size - missed.length, missed, wrong: [...tied].filter(isWrong) };
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

function key(file: string, proto: string, flow: string): string {
  return `${file} | ${proto} ${flow.split('>').sort().join(' ~ ')}`;
}

function pairOf(x: string, y: string): string {
  return [x, y].sort().join(' = ');
}

function pairsOf(legs: readonly string[]): string[] {
  return legs.flatMap((x, i) => legs.slice(i + 1).flatMap((y) => (x === y ? [] : [pairOf(x, y)])));
}
