// Every form in which a session is given away, in pieces that are made when they are taken: a million journeys never stand
// in memory as one text.
import { TCP } from '../decode/headers.ts';
import { type Ladder, drawLadder } from '../scene/ladder.ts';
import { type PathMap, pathMap } from '../scene/path-map.ts';
import { type ReportSource, journeyId } from './build.ts';
import { writeCsv } from './csv.ts';
import { summariseGaps } from './gaps.ts';
import { type CloserLook, writeHtml } from './html.ts';
import { type ReportParts, writeJson } from './json.ts';
import { writeMarkdown } from './markdown.ts';
import { writeLadderSvg } from './ladder-svg.ts';
import type { Finding, Input, Journey, Point, SideFile } from './model.ts';
import { writePathSvg } from './path-svg.ts';
import { PassageList } from './passage-list.ts';
import { plural, sourcesOf, targetsOf } from './phrases.ts';
import { writeText } from './text.ts';
import type { ExportRequest } from './views.ts';

/** What an export is made from. */
export interface Exported {
  readonly title: string;
  readonly version: string;
  readonly source: ReportSource;
  readonly points: readonly Point[];
  readonly paths: readonly (readonly string[])[];
  readonly inputs: readonly Input[];
  readonly sideFiles: readonly SideFile[];
}

/** Journeys that a page draws one by one. */
const MAX_DRAWN = 12;
/** Of each finding. */
const DRAWN_PER_FINDING = 2;
/** Journeys that examples are looked for among. */
const LOOKED_AT = 20_000;
/** Of drawings in files, in pixels. */
const WIDTH = 1240;
/** Of a ladder within a page, and in a file of its own. */
const SHOWN_LADDER = 900;
const LONGEST_LADDER = 30_000;

/** `numbers`: the journeys that the request's filter leaves. */
export function exportPieces(
  from: Exported,
  { format, filter, theme, picture }: ExportRequest,
  numbers: Uint32Array,
): Generator<string> {
  const { source, title } = from;
  const report = partsOf(from, filter, numbers);
  switch (format) {
    case 'text':
      return writeText(report, summariseGaps(source, numbers));
    case 'json':
      return writeJson(report);
    case 'csv':
      return writeCsv(report.journeys, longest(source, numbers));
    case 'md':
      return writeMarkdown(title, report, summariseGaps(source, numbers));
    case 'html': {
      const gaps = summariseGaps(source, numbers);
      const closer = closerLooks(from, report.findings, numbers);
      return writeHtml({ title, report, gaps, map: mapOf(from, numbers), closer, privacy: null });
    }
    case 'svg': {
      // Of one connection its own path is drawn, of several the sum.
      const only = numbers.length === 1 ? source.journey(numbers[0]!) : null;
      if (only && picture === 'ladder') {
        const ladder = ladderOf(from, numbers[0]!, only, LONGEST_LADDER);
        return once(writeLadderSvg(ladder, ladderSummary(only, ladder), theme));
      }
      return once(writePathSvg(only ? mapOfJourney(from, only) : mapOf(from, numbers), theme));
    }
  }
}

function* once(text: string): Generator<string> {
  yield text;
}

function partsOf(
  { version, source, points, paths, inputs, sideFiles }: Exported,
  filter: string,
  numbers: Uint32Array,
): ReportParts {
  const of = source.correlation.journeys.length;
  const expression = filter.trim();
  return {
    version,
    points,
    paths,
    journeys: journeysOf(source, numbers),
    findings: findingsOf(source, numbers),
    inputs,
    sideFiles,
    filter: expression === '' ? null : { expression, journeys: numbers.length, of },
  };
}

function* journeysOf(source: ReportSource, numbers: Uint32Array): Generator<Journey> {
  for (const number of numbers) yield source.journey(number);
}

/** Those about the journeys, and those that are about none. */
function findingsOf(source: ReportSource, numbers: Uint32Array): readonly Finding[] {
  const all = source.findings();
  if (numbers.length === source.correlation.journeys.length) return all;
  const kept = new Set(Array.from(numbers, journeyId));
  return all.filter(({ journeys }) => journeys.length === 0 || journeys.some((id) => kept.has(id)));
}

function longest(source: ReportSource, numbers: Uint32Array): number {
  return numbers.reduce((most, number) => Math.max(most, source.correlation.journeys[number]!.legs.length), 0);
}

function mapOf({ source, points, paths }: Exported, numbers: Uint32Array): PathMap {
  return pathMap({ points, paths, gaps: summariseGaps(source, numbers), journey: null }, WIDTH);
}

function mapOfJourney({ source, points, paths }: Exported, journey: Journey): PathMap {
  return pathMap({ points, paths, gaps: summariseGaps(source), journey }, WIDTH);
}

/** Its first `height` pixels. */
function ladderOf({ source, points }: Exported, number: number, journey: Journey, height: number): Ladder {
  const list = new PassageList(source, number);
  const { packets, rows } = list.ladder(1);
  const wordsOf = (packet: number): { time: string; name: string } => ({
    time: list.timeText(packet, 'relative'),
    name: list.label(packet),
  });
  return drawLadder({ journey, points, packets, rows, wordsOf }, WIDTH, 0, height);
}

function ladderSummary(journey: Journey, { packets, rows }: Ladder): string {
  const shown = rows.length < packets ? `, the first ${rows.length} of them drawn` : '';
  return `${plural(packets, 'packet')} of ${journey.id} from ${sourcesOf(journey)[0]!} to ${targetsOf(journey)[0]!}, time downwards${shown}`;
}

/** Journeys to draw: those that show a finding, then one of each kind that there is. */
function* closerLooks(from: Exported, findings: readonly Finding[], numbers: Uint32Array): Generator<CloserLook> {
  const { source } = from;
  const chosen = new Map<number, string>();
  const kept = new Set(numbers);
  for (const { title, journeys } of findings) {
    const own = journeys.flatMap((id) => source.numberOf(id) ?? []).filter((number) => kept.has(number));
    for (const number of own.slice(0, DRAWN_PER_FINDING)) if (!chosen.has(number)) chosen.set(number, title);
  }
  const kinds = new Map<string, { readonly first: number; count: number }>();
  for (const number of numbers.subarray(0, LOOKED_AT)) {
    const kind = kindOf(source, number);
    const known = kinds.get(kind);
    if (known) known.count++;
    else kinds.set(kind, { first: number, count: 1 });
  }
  for (const { first, count } of [...kinds.values()].sort((x, y) => y.count - x.count)) {
    if (!chosen.has(first))
      chosen.set(first, `An example of ${plural(count, 'connection')} on this way, translated so`);
  }
  const gaps = summariseGaps(source);
  for (const [number, reason] of [...chosen].slice(0, MAX_DRAWN)) {
    const journey = source.journey(number);
    const map = pathMap({ points: from.points, paths: from.paths, gaps, journey }, WIDTH);
    const ladder = ladderOf(from, number, journey, SHOWN_LADDER);
    yield { journey, map, ladder, ladderSummary: ladderSummary(journey, ladder), reason };
  }
}

/** The points that it passed and what was done between them; TCP and all else apart. */
function kindOf(source: ReportSource, number: number): string {
  const { corpus, correlation } = source;
  const journey = correlation.journeys[number]!;
  const points = journey.legs.map((leg) => corpus.legs.point[leg]!);
  const kinds = journey.links.map((_, gap) => source.kindOf(journey, gap));
  return [corpus.legs.protocol[journey.legs[0]!] === TCP, ...points, ...kinds].join(' ');
}
