// The report as text, fit to paste into an incident channel: the path once, then a line a connection, then totals and what
// was not seen. Plain characters, no colour; a line is at most as long as its addresses make it.
import { durationText } from '../bytes/time.ts';
import { endText } from './build.ts';
import { isOneToOne } from './gaps.ts';
import type { ReportParts } from './json.ts';
import type { Change, Finding, Journey, Leg, Point, RelatedJourney } from './model.ts';
import type { GapSummary } from './views.ts';

/** Gaps and destinations that the closing summary names at most. */
const MAX_NAMED = 8;
/** Packets that are shown of a finding. */
const MAX_PROOFS = 3;

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
  yield* totals.write(names);
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
function* findings(report: ReportParts, names: ReadonlyMap<string, string>): Generator<string> {
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

function* whereabouts(finding: Finding, names: ReadonlyMap<string, string>): Generator<string> {
  const place = [finding.at, finding.to].flatMap((p) => (p === null ? [] : [names.get(p)!]));
  const shown = finding.journeys.slice(0, MAX_NAMED).join(', ');
  const more = finding.journeys.length > MAX_NAMED ? `, and ${finding.journeys.length - MAX_NAMED} more` : '';
  const where = place.length === 0 ? [] : [`${place.length === 1 ? 'at' : 'between'} ${place.join(' and ')}`];
  const whose = finding.journeys.length === 0 ? [] : [`connections ${shown}${more}`];
  if (where.length + whose.length > 0) yield `  Where: ${[...where, ...whose].join('; ')}\n`;
}

function* points(list: readonly Point[], names: ReadonlyMap<string, string>): Generator<string> {
  yield '\nPoints\n';
  const width = Math.max(0, ...[...names.values()].map((n) => n.length));
  for (const point of list) {
    const clock =
      point.clock === null ? 'clock not related' : point.id === 'p0' ? 'clock of reference' : clockText(point);
    const issues = point.issues.map((i) => `${i.code} ${i.count}`).join(', ');
    const parts = [point.role, plural(point.packets, 'packet'), span(point), clock, ...(issues === '' ? [] : [issues])];
    yield `  ${point.id.padEnd(3)} ${names.get(point.id)!.padEnd(width)}  ${parts.join(', ')}\n`;
  }
}

function clockText(point: Point): string {
  const { offsetNs, uncertaintyNs } = point.clock!;
  return `clock ${offsetNs < 0 ? '-' : '+'}${durationText(Math.abs(offsetNs))} within ${durationText(uncertaintyNs)}`;
}

function span(point: Point): string {
  if (point.first === null || point.last === null) return 'no times';
  return `${point.first.slice(0, 23).replace('T', ' ')} to ${point.last.slice(11, 23)} UTC`;
}

function* paths(
  report: ReportParts,
  gaps: readonly GapSummary[],
  names: ReadonlyMap<string, string>,
): Generator<string> {
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
      const kinds = gap.kinds.map(
        ({ kind, count }) => `${kind === 'none' ? 'unchanged' : kind.toUpperCase()} ${count}`,
      );
      const oneToOne = isOneToOne(gap) ? ' (1:1 by all that was seen: every port kept)' : '';
      yield `    ${names.get(gap.from)!} -> ${names.get(gap.to)!}: ${kinds.join(', ')}${oneToOne}\n`;
      for (const rule of gap.rule?.split('\n') ?? []) yield `      by ${rule}\n`;
    }
  }
}

function connection(journey: Journey, names: ReadonlyMap<string, string>): string {
  const first = journey.legs[0]!;
  const last = journey.legs.at(-1)!;
  if (typeof first.sport === 'string') return icmpMessage(journey);
  const sources = [source(first)];
  for (const leg of journey.legs) if (source(leg) !== sources.at(-1)) sources.push(source(leg));
  const asked = destination(first);
  const reached = destination(last);
  const target = asked === reached ? asked : `${reached} (asked for ${asked})`;
  const notes: string[] = [];
  if (journey.direction === 'unknown') notes.push('direction unknown');
  if (journey.confidence === 'ambiguous') {
    for (const c of journey.candidates) notes.push(`${plural(c.count, 'possible partner')} at ${names.get(c.to)!}`);
  } else if (journey.confidence === 'single') notes.push(`seen at ${names.get(first.point)!} only`);
  else {
    if (journey.confidence !== 'strong') notes.push(journey.confidence);
    if (journey.notSeenAt.length > 0) notes.push(`not seen beyond ${names.get(last.point)!}`);
  }
  for (const { kind } of journey.related) notes.push(RELATED[kind]);
  for (const change of journey.changes) notes.push(...losses(change, names));
  const counts = `${first.packets[0]}/${first.packets[1]}`;
  const note = notes.length === 0 ? '' : `  [${notes.join('; ')}]`;
  return `  ${journey.proto.padEnd(5)} ${sources.join(' -> ')} -> ${target}  ${counts}${note}`;
}

const RELATED: Readonly<Record<RelatedJourney['kind'], string>> = {
  continues: 'went another way before',
  'continued-by': 'went another way later',
  untranslated: 'some packets left untranslated',
  'untranslated-of': 'packets that left untranslated',
};

/** An ICMP error has one source; who it is for is what the boxes translate. */
function icmpMessage(journey: Journey): string {
  const first = journey.legs[0]!;
  const targets = [first.dst];
  for (const leg of journey.legs) if (leg.dst !== targets.at(-1)) targets.push(leg.dst);
  const type = String(first.sport).slice(1);
  return `  ${journey.proto.padEnd(5)} ${first.src} type ${type} -> ${targets.join(' -> ')}  ${first.packets[0]}/0`;
}

function losses(change: Change, names: ReadonlyMap<string, string>): string[] {
  const between = `between ${names.get(change.from)!} and ${names.get(change.to)!}`;
  const notes: string[] = [];
  if (change.lost[0] > 0) notes.push(`${change.lost[0]} lost on the way out ${between}`);
  if (change.lost[1] > 0) notes.push(`${change.lost[1]} lost on the way back ${between}`);
  return notes;
}

function source(leg: Leg): string {
  return end(leg, leg.src, leg.sport);
}

function destination(leg: Leg): string {
  return leg.icmpId === null ? end(leg, leg.dst, leg.dport) : leg.dst;
}

function end(leg: Leg, address: string, port: Leg['sport']): string {
  if (leg.icmpId !== null) return `${address} id ${leg.icmpId}`;
  return endText(address, port);
}

class Totals {
  private journeys = 0;
  private translated = 0;
  private readonly confidence = new Map<string, number>();
  private readonly unseen = new Map<string, { last: string; journeys: number; destinations: Map<string, number> }>();

  add(journey: Journey): void {
    this.journeys++;
    if (journey.changes.some((c) => c.kind !== 'none')) this.translated++;
    this.confidence.set(journey.confidence, (this.confidence.get(journey.confidence) ?? 0) + 1);
    if (journey.notSeenAt.length === 0) return;
    const last = journey.legs.at(-1)!;
    let at = this.unseen.get(last.point);
    if (!at) this.unseen.set(last.point, (at = { last: last.point, journeys: 0, destinations: new Map() }));
    at.journeys++;
    const text = destination(last);
    // Bounded: beyond these the count says enough.
    if (at.destinations.size < 1000 || at.destinations.has(text)) {
      at.destinations.set(text, (at.destinations.get(text) ?? 0) + 1);
    }
  }

  *write(names: ReadonlyMap<string, string>): Generator<string> {
    const order = ['exact', 'strong', 'probable', 'ambiguous', 'single'];
    const counts = order.filter((c) => this.confidence.has(c)).map((c) => `${this.confidence.get(c)!} ${c}`);
    yield `\nTotal: ${plural(this.journeys, 'connection')} (${counts.join(', ')}), ${this.translated} translated\n`;
    if (this.unseen.size === 0) return;
    yield '\nNot seen further on\n';
    for (const { last, journeys, destinations } of [...this.unseen.values()].slice(0, MAX_NAMED)) {
      const most = [...destinations].sort((x, y) => y[1] - x[1]);
      const named = most.slice(0, MAX_NAMED).map(([text, count]) => (count > 1 ? `${text} (${count})` : text));
      const more = most.length > MAX_NAMED ? `, and ${most.length - MAX_NAMED} more` : '';
      yield `  beyond ${names.get(last)!}: ${plural(journeys, 'connection')} to ${named.join(', ')}${more}\n`;
    }
  }
}

function* sideFiles(report: ReportParts): Generator<string> {
  if (report.sideFiles.length === 0) return;
  yield '\nBeside the captures\n';
  for (const side of report.sideFiles) {
    yield side.kind === 'conntrack'
      ? `  ${side.file} (${side.box}): ${side.agree} of ${plural(side.entries, 'entry', 'entries')} agree with the packets, ${side.absent} are not in the captures, ${side.contradict} contradict them\n`
      : `  ${side.file} (${side.box}): ${plural(side.entries, 'translating rule')}\n`;
  }
}

function* problems(report: ReportParts): Generator<string> {
  const failed = report.inputs.filter((input) => input.error !== null);
  if (failed.length === 0) return;
  yield '\nCould not be read, or not to the end\n';
  for (const { file, error } of failed) yield `  ${file}: ${error!}\n`;
}

/** Short names of points: the file without folder and ending, and the interface where a file has several. */
function pointNames(list: readonly Point[]): Map<string, string> {
  const stem = (file: string): string =>
    file.replace(/^.*[\\/]/, '').replace(/\.(pcapng|pcap|cap)(\.(gz|zst|lz4))?$/i, '');
  const stems = new Set<string>();
  const repeated = new Set<string>();
  for (const file of new Set(list.map((p) => p.file))) (stems.has(stem(file)) ? repeated : stems).add(stem(file));
  return new Map(
    list.map((point) => {
      const name = repeated.has(stem(point.file)) ? point.file : stem(point.file);
      const several = list.filter((p) => p.file === point.file).length > 1;
      return [point.id, several ? `${name}#${point.interface ?? point.id}` : name];
    }),
  );
}

function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
