// The report as Markdown, for a ticket or a wiki: GitHub's tables. What files and captures call themselves is escaped, so
// that no name becomes a link, a picture or markup.
import { durationText } from '../bytes/time.ts';
import type { ReportParts } from './json.ts';
import type { Journey } from './model.ts';
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

export function* writeMarkdown(title: string, report: ReportParts, gaps: readonly GapSummary[]): Generator<string> {
  const names = pointNames(report.points);
  const packets = report.points.reduce((sum, point) => sum + point.packets, 0);
  const files = new Set(report.points.map(({ file }) => file)).size;
  yield `# ${plain(title)}\n\n`;
  yield `${plural(files, 'capture')}, ${plural(report.points.length, 'point')}, ${plural(packets, 'packet')}; Snatscope ${report.version}.\n`;
  if (report.filter) {
    const { expression, journeys, of } = report.filter;
    yield `\nFilter: ${code(expression)} leaves ${journeys.toLocaleString('en')} of ${plural(of, 'connection')}.\n`;
  }
  yield* findings(report, names);
  yield* points(report, names);
  yield* paths(report, gaps, names);
  yield* connections(report, names);
  yield* list('Beside the captures', report.sideFiles.map(sideFileText));
  yield* list(
    'Could not be read, or not to the end',
    report.inputs.flatMap(({ file, error }) => (error === null ? [] : [`${file}: ${error}`])),
  );
}

function* findings(report: ReportParts, names: Names): Generator<string> {
  if (report.findings.length === 0) return;
  yield '\n## Findings\n';
  for (const finding of report.findings) {
    const probable = finding.certainty === 'probable' ? ' (probable)' : '';
    yield `\n### ${finding.severity}${probable}: ${plain(finding.title)}\n\n`;
    yield `${plain(finding.explain)}\n\n`;
    const where = [placeOf(finding, names), whoseText(finding)].filter((words) => words !== null);
    yield `- Code: ${code(finding.code)}\n`;
    if (where.length > 0) yield `- Where: ${plain(where.join('; '))}\n`;
    for (const { journey, point, time, what } of finding.proof.slice(0, MAX_PROOFS)) {
      yield `- Proof: ${time.slice(11, 26)} ${plain(names.get(point)!)} ${journey}: ${plain(what)}\n`;
    }
    for (const command of finding.next) yield `- Next: ${code(command)}\n`;
  }
}

function* points(report: ReportParts, names: Names): Generator<string> {
  if (report.points.length === 0) return;
  yield '\n## Points\n\n';
  yield* table(
    ['', 'point', 'role', 'packets', 'captured', 'clock', 'issues'],
    report.points.map((point) => [
      point.id,
      plain(names.get(point.id)!),
      point.role,
      point.packets.toLocaleString('en'),
      span(point),
      clockText(point),
      point.issues.map(({ code: name, count }) => `${name} ${count}`).join(', '),
    ]),
  );
}

function* paths(report: ReportParts, gaps: readonly GapSummary[], names: Names): Generator<string> {
  if (report.paths.length === 0) return;
  yield report.paths.length === 1 ? '\n## Path\n' : '\n## Paths\n';
  for (const path of report.paths) yield `\n${path.map((point) => plain(names.get(point)!)).join(' → ')}\n`;
  yield '\n';
  yield* table(
    ['from', 'to', 'connections', 'rule'],
    gaps.map((gap) => [
      plain(names.get(gap.from)!),
      plain(names.get(gap.to)!),
      gapText(gap),
      gap.rule === null ? '' : gap.rule.split('\n').map(code).join('<br>'),
    ]),
  );
}

function* connections(report: ReportParts, names: Names): Generator<string> {
  yield '\n## Connections\n\n';
  const totals = new Totals();
  yield* table(
    ['', 'protocol', 'source at each change', 'destination', 'packets', 'RTT', 'remarks'],
    rows(report.journeys, names, totals),
  );
  yield `\n${totals.text()}\n`;
  yield* list('Not seen further on', totals.unseenText(names));
}

function* rows(journeys: Iterable<Journey>, names: Names, totals: Totals): Generator<string[]> {
  for (const journey of journeys) {
    totals.add(journey);
    const first = journey.legs[0]!;
    yield [
      journey.id,
      journey.proto,
      sourcesOf(journey).map(code).join(' → '),
      targetsOf(journey).map(code).join(' → '),
      `${first.packets[0]}/${first.packets[1]}`,
      journey.rttNs === null ? '' : durationText(journey.rttNs),
      [...notesOf(journey, names), ...journey.findings].map(plain).join('; '),
    ];
  }
}

function* table(head: readonly string[], body: Iterable<readonly string[]>): Generator<string> {
  yield `| ${head.join(' | ')} |\n|${' --- |'.repeat(head.length)}\n`;
  for (const row of body) yield `| ${row.join(' | ')} |\n`;
}

function* list(heading: string, lines: readonly string[]): Generator<string> {
  if (lines.length === 0) return;
  yield `\n## ${heading}\n\n`;
  for (const line of lines) yield `- ${plain(line)}\n`;
}

/** Text that is to be read as it stands, on one line: no markup, no link. */
function plain(text: string): string {
  return oneLine(text)
    .replace(/[\\`*_{}[\]<>#|~&]/g, '\\$&')
    .replace(/^(\d+)?([-+=.)])/, '$1\\$2')
    .replace(/(:)(?=\/\/)|(\bwww)\./gi, (_, colon: string | undefined, www: string | undefined) =>
      colon === undefined ? `${www!}\\.` : '\\:',
    );
}

/** Text as code, also within a table. */
function code(text: string): string {
  const one = oneLine(text).replaceAll('|', '\\|');
  const longest = Math.max(0, ...(one.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${one}${space}${fence}`;
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
