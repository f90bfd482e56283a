// The report as one HTML file: nothing is fetched and no script runs (its own policy forbids both), so that it can be mailed
// and kept. Light and dark by the reader's setting, printed light. What captures call themselves is text, never markup.
import { durationText } from '../bytes/time.ts';
import type { Ladder } from '../scene/ladder.ts';
import type { PathMap, Tone } from '../scene/path-map.ts';
import { tonesOfJourney } from '../scene/path-story.ts';
import type { ReportParts } from './json.ts';
import { ladderStyle, paintLadder } from './ladder-svg.ts';
import type { Change, Finding, Journey, Point } from './model.ts';
import { bothThemes, colourIn, MONO, SANS, TONES, toneColours } from './palette.ts';
import { paintPath, pathStyle } from './path-svg.ts';
import {
  type Names,
  MAX_PROOFS,
  Totals,
  clockText,
  gapText,
  notesOf,
  placeOf,
  plural,
  pointNames,
  sideFileText,
  sourceOf,
  sourcesOf,
  span,
  targetsOf,
  whoseText,
} from './phrases.ts';
import { type Content, Markup, element, markupOf } from './svg.ts';
import type { GapSummary } from './views.ts';

/** Rows of connections in the page: more than these no browser shows with pleasure, and nobody reads. */
const MAX_ROWS = 5000;
/** Drawings of paths in the page. */
const MAX_MAPS = 8;

/** A journey that is shown by itself, drawn. */
export interface CloserLook {
  readonly journey: Journey;
  readonly map: PathMap;
  readonly ladder: Ladder;
  readonly ladderSummary: string;
  /** Why it was chosen: the title of a finding, or what it is an example of. */
  readonly reason: string;
}

export interface HtmlParts {
  readonly title: string;
  readonly report: ReportParts;
  readonly gaps: readonly GapSummary[];
  readonly map: PathMap;
  readonly closer: Iterable<CloserLook>;
  /** What was done to the report for privacy, or null. */
  readonly privacy: string | null;
}

export function* writeHtml({ title, report, gaps, map, closer, privacy }: HtmlParts): Generator<string> {
  const names = pointNames(report.points);
  yield '<!doctype html>\n<html lang="en">\n';
  yield* write(head(title));
  yield '\n<body>\n<main>\n';
  yield* write(heading(title, report, privacy));
  yield* write(findings(report.findings, names));
  yield* write(maps(map));
  yield* write(points(report, names));
  yield* write(translations(gaps, names));
  yield* connections(report, names);
  yield* closerLooks(closer, names);
  yield* write(lines('Beside the captures', report.sideFiles.map(sideFileText)));
  const failed = report.inputs.flatMap(({ file, error }) => (error === null ? [] : [`${file}: ${error}`]));
  yield* write(lines('Could not be read, or not to the end', failed));
  yield `</main>\n<footer>Snatscope ${report.version}. Times are UTC, as each capture's own clock had them; delays and drawings are corrected by the measured clocks.</footer>\n`;
  yield '</body>\n</html>\n';
}

function* write(content: Content): Generator<string> {
  if (content !== null) yield `${markupOf(content)}\n`;
}

const POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

function head(title: string): Markup {
  const meta = [
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<meta http-equiv="Content-Security-Policy" content="${POLICY}">`,
    '<meta name="referrer" content="no-referrer">',
  ];
  return element(
    'head',
    {},
    new Markup(meta.join('')),
    element('title', {}, `${title} – Snatscope`),
    element(
      'style',
      {},
      new Markup(`${bothThemes()}\n${STYLE}\n${toneStyle()}\n${pathStyle('auto')}\n${ladderStyle('auto')}`),
    ),
  );
}

const STYLE = `
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);font:14px/1.5 ${SANS};font-variant-numeric:tabular-nums}
main{max-width:1360px;margin:0 auto;padding:28px 28px 12px}
footer{max-width:1360px;margin:0 auto;padding:8px 28px 36px;color:var(--text-faint);font-size:12px}
h1{margin:0 0 4px;font-size:26px;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{margin:34px 0 10px;font-size:17px}
.card .picture{margin-top:10px}
h3{margin:0;font-size:14.5px}
p{margin:0}
.lead{color:var(--text-soft)}
.facts{display:flex;flex-wrap:wrap;gap:8px;margin:14px 0 0;padding:0;list-style:none}
.facts li{padding:3px 10px;border:1px solid var(--edge);border-radius:999px;background:var(--surface);font-size:12.5px}
code,.mono{font-family:${MONO};font-size:12px}
.card{margin:0 0 12px;padding:14px 16px;border:1px solid var(--edge);border-radius:10px;background:var(--surface);break-inside:avoid}
.finding{border-left:4px solid var(--none-line)}
.finding.error{border-left-color:var(--bad)}.finding.error .severity{background:var(--bad-ground);color:var(--bad)}
.finding.warning{border-left-color:var(--node-line)}.finding.warning .severity{background:var(--warn-ground);color:var(--warn)}
.severity{display:inline-block;margin-right:8px;padding:1px 8px;border-radius:999px;background:var(--none-ground);color:var(--none);font-size:11.5px;font-weight:600;vertical-align:1px}
.finding p{margin:6px 0 0;color:var(--text-soft)}
.finding-code{float:right;color:var(--text-faint);font-weight:400}
.finding ul{margin:8px 0 0;padding-left:18px;color:var(--text-soft);font-size:13px}
.picture{overflow-x:auto;padding:10px;border:1px solid var(--edge);border-radius:10px;background:var(--surface);margin:0 0 12px;break-inside:avoid}
.picture svg{display:block;margin:0 auto;max-width:100%;height:auto}
.wide{overflow-x:auto;border:1px solid var(--edge);border-radius:10px;background:var(--surface)}
table{width:100%;border-collapse:collapse;font-size:13px}
th,td{padding:6px 10px;border-bottom:1px solid var(--edge);text-align:left;vertical-align:top}
tr:last-child td{border-bottom:0}
th{color:var(--text-faint);font-size:11.5px;font-weight:600;white-space:nowrap}
td.n{text-align:right;white-space:nowrap}
thead{display:table-header-group}
tr{break-inside:avoid}
.chip{display:inline-block;margin:1.5px 0;white-space:nowrap;padding:0 6px;border:1px solid;border-radius:5px;font-family:${MONO};font-size:12px}
.arrow{margin:0 4px;color:var(--text-faint)}
.bad{color:var(--bad);font-weight:600}
.soft{color:var(--text-soft)}
.changes{margin:10px 0 0;padding:0;list-style:none;display:grid;gap:8px}
.changes li{padding:8px 12px;border-radius:8px;background:var(--sunken)}
.changes code{display:block;margin-top:3px;white-space:pre-wrap;overflow-wrap:anywhere;color:var(--text-soft)}
@media print{body{background:#fff;font-size:11px}main,footer{max-width:none;padding:0}h2{break-after:avoid}.wide,.picture{overflow:visible}*{print-color-adjust:exact}@page{margin:14mm;size:A4 landscape}}
`.trim();

function heading(title: string, report: ReportParts, privacy: string | null): Markup {
  const packets = report.points.reduce((sum, point) => sum + point.packets, 0);
  const files = new Set(report.points.map(({ file }) => file)).size;
  const facts = [plural(files, 'capture'), plural(report.points.length, 'point'), plural(packets, 'packet')];
  if (report.filter) {
    const { expression, journeys, of } = report.filter;
    facts.push(`filter: ${expression} (${journeys.toLocaleString('en')} of ${plural(of, 'connection')})`);
  }
  if (privacy !== null) facts.push(privacy);
  return element(
    'header',
    {},
    element('h1', {}, title),
    element('p', { class: 'lead' }, 'Where and how the source address changed on the way, and back.'),
    element(
      'ul',
      { class: 'facts' },
      facts.map((fact) => element('li', {}, fact)),
    ),
  );
}

function findings(found: readonly Finding[], names: Names): Content {
  if (found.length === 0) return null;
  return element(
    'section',
    {},
    element('h2', {}, 'Findings'),
    found.map((finding) => findingCard(finding, names)),
  );
}

function findingCard(finding: Finding, names: Names): Markup {
  const { severity, certainty, title, explain, proof, next, code } = finding;
  const where = [placeOf(finding, names), whoseText(finding)].filter((words) => words !== null).join('; ');
  return element(
    'article',
    { class: `card finding ${severity}` },
    element(
      'h3',
      {},
      element('span', { class: 'severity' }, certainty === 'probable' ? `${severity}, probable` : severity),
      title,
      element('code', { class: 'finding-code' }, code),
    ),
    element('p', {}, explain),
    element(
      'ul',
      {},
      where === '' ? null : element('li', {}, `Where: ${where}`),
      proof
        .slice(0, MAX_PROOFS)
        .map(({ journey, point, time, what }) =>
          element('li', {}, `Proof: ${time.slice(11, 26)} ${names.get(point)!} ${journey}: ${what}`),
        ),
      next.map((command) => element('li', {}, 'Next: ', element('code', {}, command))),
    ),
  );
}

function maps(map: PathMap): Content {
  if (map.paths.length === 0) return null;
  const more = map.paths.length - MAX_MAPS;
  return element(
    'section',
    {},
    element('h2', {}, map.paths.length === 1 ? 'Path' : 'Paths'),
    map.paths.slice(0, MAX_MAPS).map((drawing, i) => element('div', { class: 'picture' }, paintPath(drawing, `p${i}`))),
    more > 0 ? element('p', { class: 'soft' }, `And ${plural(more, 'more path')}.`) : null,
  );
}

function points({ points: all }: ReportParts, names: Names): Content {
  if (all.length === 0) return null;
  return element(
    'section',
    {},
    element('h2', {}, 'Points'),
    table(
      ['', 'point', 'role', 'file', 'link', 'packets', 'captured', 'clock', 'issues'],
      all.map((point) => [
        cell(point.id),
        cell(names.get(point.id)!),
        cell(point.role),
        cell(point.interface === null ? point.file : `${point.file}, ${point.interface}`),
        cell(point.linkType),
        numberCell(point.packets.toLocaleString('en')),
        cell(span(point)),
        cell(clockText(point)),
        cell(point.issues.map(({ code, count }) => `${code} ${count}`).join(', ')),
      ]),
    ),
  );
}

function translations(gaps: readonly GapSummary[], names: Names): Content {
  if (gaps.length === 0) return null;
  return element(
    'section',
    {},
    element('h2', {}, 'Between the points'),
    table(
      ['from', 'to', 'connections', 'rule'],
      gaps.map((gap) => [
        cell(names.get(gap.from)!),
        cell(names.get(gap.to)!),
        cell(gapText(gap)),
        element('td', {}, gap.rule === null ? null : element('code', {}, gap.rule)),
      ]),
    ),
  );
}

function* connections(report: ReportParts, names: Names): Generator<string> {
  const head = [
    '',
    'protocol',
    'source at each change',
    'destination',
    'packets',
    'duration',
    'RTT',
    'confidence',
    'remarks',
  ];
  yield '<section>\n<h2>Connections</h2>\n<div class="wide"><table>';
  yield `${markupOf(tableHead(head))}<tbody>\n`;
  const totals = new Totals();
  let count = 0;
  for (const journey of report.journeys) {
    totals.add(journey);
    if (count++ < MAX_ROWS) yield* write(element('tr', {}, journeyCells(journey, names, report.points)));
  }
  yield '</tbody></table></div>\n';
  if (count > MAX_ROWS) {
    yield* write(
      element(
        'p',
        { class: 'soft' },
        `And ${plural(count - MAX_ROWS, 'more connection')}: the whole list is in the report as CSV or JSON.`,
      ),
    );
  }
  yield* write(element('p', { class: 'soft' }, totals.text()));
  yield '</section>\n';
  yield* write(lines('Not seen further on', totals.unseenText(names)));
}

function journeyCells(journey: Journey, names: Names, points: readonly Point[]): Content[] {
  const first = journey.legs[0]!;
  const lost = journey.changes.some((change) => change.lost[0] + change.lost[1] > 0);
  const remarks = [...notesOf(journey, names), ...journey.findings].join('; ');
  return [
    cell(journey.id),
    cell(journey.proto),
    element('td', {}, sourceChips(journey, points)),
    element('td', {}, chips(targetsOf(journey).map((text) => [text, 'server']))),
    numberCell(`${first.packets[0]}/${first.packets[1]}`),
    numberCell(durationText(journey.durationNs)),
    numberCell(journey.rttNs === null ? '' : durationText(journey.rttNs)),
    cell(journey.confidence),
    element('td', { class: lost ? 'bad' : null }, remarks),
  ];
}

function* closerLooks(looks: Iterable<CloserLook>, names: Names): Generator<string> {
  let any = false;
  for (const { journey, map, ladder, ladderSummary, reason } of looks) {
    if (!any) yield '<section>\n<h2>Some connections drawn</h2>\n';
    any = true;
    yield* write(
      element(
        'article',
        { class: 'card' },
        element('h3', {}, `${journey.id} ${journey.proto}: ${sourcesOf(journey)[0]!} to ${targetsOf(journey)[0]!}`),
        element('p', { class: 'soft' }, reason),
        map.paths.map((drawing) => element('div', { class: 'picture' }, paintPath(drawing, journey.id))),
        element('div', { class: 'picture' }, paintLadder(ladder, ladderSummary)),
        ladder.rows.length < ladder.packets ? element('p', { class: 'soft' }, `${ladderSummary}.`) : null,
        journey.changes.length === 0
          ? null
          : element(
              'ul',
              { class: 'changes' },
              journey.changes.map((change) => changeItem(change, names)),
            ),
      ),
    );
  }
  if (any) yield '</section>\n';
}

function changeItem(change: Change, names: Names): Markup {
  const { kind, confidence, src, dst, conntrack, conntrackSource, rule, evidence, passed, lost } = change;
  const what = kind === 'none' ? 'unchanged' : kind.toUpperCase();
  const ends = [src, dst].flatMap(([before, after]) => (before === after ? [] : [`${before} became ${after}`]));
  const proof = evidence.map(({ kind: name, count }) => `${name} ${count}`).join(', ');
  const counts = [`${passed[0]} out and ${passed[1]} back passed`];
  if (lost[0] + lost[1] > 0) counts.push(`${lost[0]} out and ${lost[1]} back lost`);
  return element(
    'li',
    {},
    element('strong', {}, `${names.get(change.from)!} → ${names.get(change.to)!}: ${what}`),
    ` ${[ends.join(', '), confidence, counts.join(', '), `evidence: ${proof}`].filter((part) => part !== '').join('; ')}`,
    conntrack === null
      ? null
      : element(
          'code',
          {},
          `${conntrack}${conntrackSource === 'packets' ? '   (as it follows from the packets)' : ''}`,
        ),
    rule === null ? null : element('code', {}, rule),
  );
}

/** The sources one behind the other, each in the tone of the place where it was first seen. */
function sourceChips(journey: Journey, points: readonly Point[]): Content[] {
  const tones = tonesOfJourney(journey, points);
  const texts = sourcesOf(journey);
  const legs = journey.legs.filter((leg, i) => i === 0 || sourceOf(leg) !== sourceOf(journey.legs[i - 1]!));
  return chips(texts.map((text, i) => [text, tones.get(legs[i]!.src) ?? 'other']));
}

function chips(ends: readonly (readonly [text: string, tone: Tone])[]): Content[] {
  return ends.flatMap(([text, tone], i) => [
    i === 0 ? null : element('span', { class: 'arrow' }, '→'),
    element('span', { class: `chip t-${tone}` }, text),
  ]);
}

/** Of the chips. */
function toneStyle(): string {
  return TONES.map((tone) => {
    const { ink, ground, line } = toneColours(tone, colourIn('auto'));
    return `.t-${tone}{border-color:${line};background:${ground};color:${ink}}`;
  }).join('\n');
}

function lines(heading: string, texts: readonly string[]): Content {
  if (texts.length === 0) return null;
  return element(
    'section',
    {},
    element('h2', {}, heading),
    element(
      'ul',
      { class: 'soft' },
      texts.map((text) => element('li', {}, text)),
    ),
  );
}

function table(head: readonly string[], rows: readonly (readonly Content[])[]): Markup {
  return element(
    'div',
    { class: 'wide' },
    element(
      'table',
      {},
      tableHead(head),
      element(
        'tbody',
        {},
        rows.map((row) => element('tr', {}, row)),
      ),
    ),
  );
}

function tableHead(names: readonly string[]): Markup {
  return element(
    'thead',
    {},
    element(
      'tr',
      {},
      names.map((name) => element('th', { scope: 'col' }, name)),
    ),
  );
}

function cell(text: string): Markup {
  return element('td', {}, text);
}

function numberCell(text: string): Markup {
  return element('td', { class: 'n' }, text);
}
