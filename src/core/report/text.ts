// The report as text, fit to paste into an incident channel: the path once, then a line a connection, then totals and what
// was not seen. Plain characters, no colour; a line is at most as long as its addresses make it.
import type { ReportParts } from './json.ts';
import type { Finding, Journey, Point } from './model.ts';
import {
  MAX_PROOFS,
  type Names,
  Totals,
  clockText,
  gapText,
  notesOf,
  placeOf,
  plural,
  pointNames,
  sideFileText,
  sourcesOf,
  span,
  targetsOf,
  whoseText,
} from './phrases.ts';
import type { GapSummary } from './views.ts';

export function* writeText(report: ReportParts, gaps: readonly GapSummary[]): Generator<string> {
  const names = pointNames(report.points);
  yield* heading(report);
  yield* findings(report, names);
  yield* points(report.points, names);
  yield* paths(report, gaps, names);
  const totals = new Totals();
  let any = false;
  for (const journey of report.journeys) {
    if (!any) yield '\nConnections (source at each change -> destination; packets out/back)\n';
    any = true;
    yield `${connection(journey, names)}\n`;
    totals.add(journey);
  }
  if (!any) yield `\nNo connection ${report.filter ? 'passes the filter' : 'was found in these captures'}.\n`;
  yield `\nTotal: ${totals.text()}\n`;
  yield* unseen(totals, names);
  yield* sideFiles(report);
  yield* problems(report);
}

function* heading(report: ReportParts): Generator<string> {
  const packets = report.points.reduce((sum, p) => sum + p.packets, 0);
  const files = new Set(report.points.map((p) => p.file)).size;
  yield `Snatscope ${report.version}: ${plural(files, 'capture')}, ${plural(report.points.length, 'point')}, ${plural(packets, 'packet')}\n`;
  if (report.filter) {
    const { expression, journeys, of } = report.filter;
    yield `Filter: ${expression}  (${journeys.toLocaleString('en')} of ${plural(of, 'connection')})\n`;
  }
}

/** Before all else: what is wrong, where, how one knows and what to do next. Remarks in two lines each. */
function* findings(report: ReportParts, names: Names): Generator<string> {
  for (const finding of report.findings) {
    const probable = finding.certainty === 'probable' ? ' (probable)' : '';
    yield `\n${finding.severity.toUpperCase()} ${finding.code}${probable}: ${finding.title}\n`;
    yield* whereabouts(finding, names);
    if (finding.severity === 'note') continue;
    yield `  ${finding.explain}\n`;
    for (const { journey, point, time, what } of finding.proof.slice(0, MAX_PROOFS))
      yield `  Proof: ${time.slice(11, 26)} ${names.get(point)!} ${journey}: ${what}\n`;
    for (const command of finding.next) yield `  Next:  ${command}\n`;
  }
}

function* whereabouts(finding: Finding, names: Names): Generator<string> {
  const where = [placeOf(finding, names), whoseText(finding)].filter((words) => words !== null);
  if (where.length > 0) yield `  Where: ${where.join('; ')}\n`;
}

function* points(list: readonly Point[], names: Names): Generator<string> {
  yield '\nPoints\n';
  const width = Math.max(0, ...[...names.values()].map((n) => n.length));
  for (const point of list) {
    const issues = point.issues.map((i) => `${i.code} ${i.count}`).join(', ');
    const parts = [
      point.role,
      plural(point.packets, 'packet'),
      span(point),
      clockText(point),
      ...(issues === '' ? [] : [issues]),
    ];
    yield `  ${point.id.padEnd(3)} ${names.get(point.id)!.padEnd(width)}  ${parts.join(', ')}\n`;
  }
}

function* paths(report: ReportParts, gaps: readonly GapSummary[], names: Names): Generator<string> {
  if (report.paths.length === 0) return;
  yield report.paths.length === 1 ? '\nPath\n' : '\nPaths\n';
  const between = (from: string, to: string): GapSummary | undefined =>
    gaps.find((g) => g.from === from && g.to === to);
  const told = new Set<string>();
  for (const path of report.paths) {
    yield `  ${path.map((p) => names.get(p)!).join(' -> ')}\n`;
    for (const [i, to] of path.entries()) {
      const from = path[i - 1];
      const gap = from === undefined ? undefined : between(from, to);
      if (gap === undefined || told.has(`${gap.from} ${gap.to}`)) continue;
      told.add(`${gap.from} ${gap.to}`);
      yield `    ${names.get(gap.from)!} -> ${names.get(gap.to)!}: ${gapText(gap)}\n`;
      for (const rule of gap.rule?.split('\n') ?? []) yield `      by ${rule}\n`;
    }
  }
}

function connection(journey: Journey, names: Names): string {
  const first = journey.legs[0]!;
  const notes = notesOf(journey, names);
  const ends = [...sourcesOf(journey), ...targetsOf(journey)].join(' -> ');
  const note = notes.length === 0 ? '' : `  [${notes.join('; ')}]`;
  return `  ${journey.proto.padEnd(5)} ${ends}  ${first.packets[0]}/${first.packets[1]}${note}`;
}

function* unseen(totals: Totals, names: Names): Generator<string> {
  const lines = totals.unseenText(names);
  if (lines.length === 0) return;
  yield '\nNot seen further on\n';
  for (const line of lines) yield `  ${line}\n`;
}

function* sideFiles(report: ReportParts): Generator<string> {
  if (report.sideFiles.length === 0) return;
  yield '\nBeside the captures\n';
  for (const side of report.sideFiles) {
    yield `  ${sideFileText(side)}\n`;
  }
}

function* problems(report: ReportParts): Generator<string> {
  const failed = report.inputs.filter((input) => input.error !== null);
  if (failed.length === 0) return;
  yield '\nCould not be read, or not to the end\n';
  for (const { file, error } of failed) yield `  ${file}: ${error!}\n`;
}
