// What the report's writers say of the same things, so that text, Markdown and HTML say it alike.
import { durationText } from '../bytes/time.ts';
import { endText } from './build.ts';
import { isOneToOne } from './gaps.ts';
import type { Change, Finding, Journey, Leg, Point, RelatedJourney, SideFile } from './model.ts';
import type { GapSummary } from './views.ts';

/** Gaps, journeys and destinations that a summary names at most. */
const MAX_NAMED = 8;
/** Packets that are shown of a finding. */
export const MAX_PROOFS = 3;

/** What points are called: by id. */
export type Names = ReadonlyMap<string, string>;

/** Short names of points: the file without folder and ending, and the interface where a file has several. */
export function pointNames(list: readonly Point[]): Names {
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

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}

export function clockText(point: Point): string {
  if (point.clock === null) return 'clock not related';
  if (point.id === 'p0') return 'clock of reference';
  const { offsetNs, uncertaintyNs } = point.clock;
  return `clock ${offsetNs < 0 ? '-' : '+'}${durationText(Math.abs(offsetNs))} within ${durationText(uncertaintyNs)}`;
}

/** When a point was capturing, as its own clock had it. */
export function span(point: Point): string {
  if (point.first === null || point.last === null) return 'no times';
  return `${point.first.slice(0, 23).replace('T', ' ')} to ${point.last.slice(11, 23)} UTC`;
}

/** What was done between two points, in counts of connections. */
export function gapText(gap: GapSummary): string {
  const kinds = gap.kinds.map(({ kind, count }) => `${kind === 'none' ? 'unchanged' : kind.toUpperCase()} ${count}`);
  return `${kinds.join(', ')}${isOneToOne(gap) ? ' (1:1 by all that was seen: every port kept)' : ''}`;
}

/** Where a finding is, or null. */
export function placeOf({ at, to }: Finding, names: Names): string | null {
  const place = [at, to].flatMap((point) => (point === null ? [] : [names.get(point)!]));
  if (place.length === 0) return null;
  return place.length === 1 ? `at ${place[0]!}` : `between ${place.join(' and ')}`;
}

/** Which connections a finding is about, or null. */
export function whoseText({ journeys }: Finding): string | null {
  if (journeys.length === 0) return null;
  const more = journeys.length > MAX_NAMED ? `, and ${journeys.length - MAX_NAMED} more` : '';
  return `connections ${journeys.slice(0, MAX_NAMED).join(', ')}${more}`;
}

/** The source at each place where it changes. */
export function sourcesOf({ legs }: Journey): string[] {
  const first = legs[0]!;
  // An ICMP error has one source; who it is for is what the boxes translate.
  if (typeof first.sport === 'string') return [`${first.src} type ${first.sport.slice(1)}`];
  return changing(legs.map(sourceOf));
}

/** Where it went: one text, or of an ICMP error the destination at each place where it changes. */
export function targetsOf({ legs }: Journey): string[] {
  const first = legs[0]!;
  if (typeof first.sport === 'string') return changing(legs.map((leg) => leg.dst));
  const asked = destinationOf(first);
  const reached = destinationOf(legs.at(-1)!);
  return [asked === reached ? asked : `${reached} (asked for ${asked})`];
}

function changing(texts: readonly string[]): string[] {
  return texts.filter((text, i) => text !== texts[i - 1]);
}

/** What is to be said of a journey beside its ends. */
export function notesOf(journey: Journey, names: Names): string[] {
  const first = journey.legs[0]!;
  if (typeof first.sport === 'string') return [];
  const notes: string[] = [];
  if (journey.direction === 'unknown') notes.push('direction unknown');
  if (journey.confidence === 'ambiguous') {
    for (const c of journey.candidates) notes.push(`${plural(c.count, 'possible partner')} at ${names.get(c.to)!}`);
  } else if (journey.confidence === 'single') notes.push(`seen at ${names.get(first.point)!} only`);
  else {
    if (journey.confidence !== 'strong') notes.push(journey.confidence);
    if (journey.notSeenAt.length > 0) notes.push(`not seen beyond ${names.get(journey.legs.at(-1)!.point)!}`);
  }
  for (const { kind } of journey.related) notes.push(RELATED[kind]);
  for (const change of journey.changes) notes.push(...losses(change, names));
  return notes;
}

const RELATED: Readonly<Record<RelatedJourney['kind'], string>> = {
  continues: 'went another way before',
  'continued-by': 'went another way later',
  untranslated: 'some packets left untranslated',
  'untranslated-of': 'packets that left untranslated',
};

function losses(change: Change, names: Names): string[] {
  const between = `between ${names.get(change.from)!} and ${names.get(change.to)!}`;
  const notes: string[] = [];
  if (change.lost[0] > 0) notes.push(`${change.lost[0]} lost on the way out ${between}`);
  if (change.lost[1] > 0) notes.push(`${change.lost[1]} lost on the way back ${between}`);
  return notes;
}

export function sourceOf(leg: Leg): string {
  return end(leg, leg.src, leg.sport);
}

function destinationOf(leg: Leg): string {
  return leg.icmpId === null ? end(leg, leg.dst, leg.dport) : leg.dst;
}

function end(leg: Leg, address: string, port: Leg['sport']): string {
  if (leg.icmpId !== null) return `${address} id ${leg.icmpId}`;
  return endText(address, port);
}

export function sideFileText(side: SideFile): string {
  const what =
    side.kind === 'conntrack'
      ? `${side.agree} of ${plural(side.entries, 'entry', 'entries')} agree with the packets, ${side.absent} are not in the captures, ${side.contradict} contradict them`
      : plural(side.entries, 'translating rule');
  return `${side.file} (${side.box}): ${what}`;
}

/** Counts what a report's journeys come to, while they are written one by one. */
export class Totals {
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
    const text = destinationOf(last);
    // Bounded: beyond these the count says enough.
    if (at.destinations.size < 1000 || at.destinations.has(text)) {
      at.destinations.set(text, (at.destinations.get(text) ?? 0) + 1);
    }
  }

  text(): string {
    const order = ['exact', 'strong', 'probable', 'ambiguous', 'single'];
    const counts = order.filter((c) => this.confidence.has(c)).map((c) => `${this.confidence.get(c)!} ${c}`);
    return `${plural(this.journeys, 'connection')} (${counts.join(', ')}), ${this.translated} translated`;
  }

  /** Where connections were not seen further on, a line a point. */
  unseenText(names: Names): string[] {
    return [...this.unseen.values()].slice(0, MAX_NAMED).map(({ last, journeys, destinations }) => {
      const most = [...destinations].sort((x, y) => y[1] - x[1]);
      const named = most.slice(0, MAX_NAMED).map(([text, count]) => (count > 1 ? `${text} (${count})` : text));
      const more = most.length > MAX_NAMED ? `, and ${most.length - MAX_NAMED} more` : '';
      return `beyond ${names.get(last)!}: ${plural(journeys, 'connection')} to ${named.join(', ')}${more}`;
    });
  }
}
