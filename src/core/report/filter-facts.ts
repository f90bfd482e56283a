// The tables as a filter asks them: columns first, and a journey's packets only where its question is about them.
import { roundTrip, journeyId, type ReportSource } from './build.ts';
import { protocolName } from './build.ts';
import type { FollowedJourney } from '../correlate/passages.ts';
import { addressText, joinHostPort } from '../decode/addresses.ts';
import { SCTP, TCP, UDP } from '../decode/headers.ts';
import type { EndTest, JourneyFacts, PointNames } from '../filter/facts.ts';
import { HAS_TIME } from '../flows/tables.ts';
import { baseName } from '../scene/point-names.ts';
import type { ChangeKind, Confidence, Point, Severity } from './model.ts';

/** Journeys that are looked at for values to offer, and values that are offered. */
const LOOKED_AT = 50_000;
const OFFERED = 20;

type Suggestions = readonly { readonly text: string; readonly description: string }[];

export class TableFacts implements JourneyFacts {
  readonly points: readonly PointNames[];
  readonly base: bigint;
  readonly start: number;
  private readonly source: ReportSource;
  private latest: { readonly journey: number; readonly followed: FollowedJourney } | null = null;
  /** Severities of the findings about each journey, once somebody asks. */
  private graveness: Map<number, Severity[]> | null = null;
  private readonly suggestions = new Map<string, Suggestions>();

  constructor(source: ReportSource, points: readonly Point[]) {
    this.source = source;
    this.points = points.map(namesOf);
    this.base = source.corpus.base;
    this.start = firstPacket(source);
  }

  protocol(journey: number): number {
    return this.source.corpus.legs.protocol[this.leg(journey, 0)]!;
  }

  legs(journey: number): number {
    return this.traced(journey).legs.length;
  }

  point(journey: number, leg: number): number {
    return this.source.corpus.legs.point[this.leg(journey, leg)]!;
  }

  ipVersion(journey: number, leg: number): number {
    return this.source.corpus.legs.ipVersion[this.leg(journey, leg)]!;
  }

  end(journey: number, leg: number, destination: boolean, test: EndTest): boolean {
    const { corpus } = this.source;
    const number = this.leg(journey, leg);
    const side = destination !== this.traced(journey).reversed[leg]!;
    const word = (at: number): number => corpus.word(number, side, at);
    return test(word(0), word(1), word(2), word(3), this.port(journey, leg, destination));
  }

  port(journey: number, leg: number, destination: boolean): number {
    const protocol = this.protocol(journey);
    if (protocol !== TCP && protocol !== UDP && protocol !== SCTP) return -1;
    return this.source.portOf(this.leg(journey, leg), this.traced(journey).reversed[leg]!, destination);
  }

  icmpId(journey: number, leg: number): number {
    const number = this.leg(journey, leg);
    return this.source.isEcho(number) ? this.source.corpus.legs.sourcePort[number]! : -1;
  }

  icmpMessage(journey: number): number {
    const first = this.leg(journey, 0);
    return this.source.isIcmpError(first) ? this.source.corpus.legs.icmp[first]! : -1;
  }

  kind(journey: number, gap: number): ChangeKind {
    return this.source.kindOf(this.traced(journey), gap);
  }

  portChanged(journey: number, gap: number): boolean {
    return this.source.portChanged(this.traced(journey), gap);
  }

  someTime(journey: number, test: (time: number) => boolean): boolean {
    const { corpus, visibility } = this.source;
    return this.traced(journey).legs.some((leg) => {
      const { time, flags } = corpus.packetsOf(leg);
      const shift = corpus.timeShift(corpus.captureOf(leg)) - visibility.offset[corpus.legs.point[leg]!]!;
      return corpus.rowsOf(leg).some((row) => (flags[row]! & HAS_TIME) !== 0 && test(time[row]! + shift));
    });
  }

  someDelay(journey: number, test: (delay: number) => boolean): boolean {
    return this.followed(journey).gaps.some(({ out, back }) => out.delays.some(test) || back.delays.some(test));
  }

  lost(journey: number, back: boolean): number {
    return this.followed(journey).gaps.reduce((sum, gap) => sum + (back ? gap.back : gap.out).lost, 0);
  }

  rtt(journey: number): number | null {
    const { out, back } = this.followed(journey);
    return roundTrip(out[0]!.times, back[0]!.times);
  }

  duration(journey: number): number {
    const { first, last } = this.source.corpus.legs;
    const leg = this.leg(journey, 0);
    return last[leg]! - first[leg]!;
  }

  packets(journey: number, back: boolean): number {
    const { packetsOut, packetsBack } = this.source.corpus.legs;
    return this.firstLeg(journey, back, packetsOut, packetsBack);
  }

  bytes(journey: number, back: boolean): number {
    const { bytesOut, bytesBack } = this.source.corpus.legs;
    return this.firstLeg(journey, back, bytesOut, bytesBack);
  }

  confidence(journey: number): Confidence {
    return this.traced(journey).confidence;
  }

  directionKnown(journey: number): boolean {
    return this.traced(journey).directionKnown;
  }

  notSeenAt(journey: number): readonly number[] {
    return this.source.pointsWithout(journey);
  }

  findings(journey: number): readonly string[] {
    return this.source.diagnosis.byJourney.get(journey) ?? [];
  }

  severities(journey: number): readonly Severity[] {
    if (!this.graveness) {
      this.graveness = new Map();
      for (const { severity, journeys } of this.source.diagnosis.findings) {
        for (const each of journeys) this.graveness.set(each, [...(this.graveness.get(each) ?? []), severity]);
      }
    }
    return this.graveness.get(journey) ?? [];
  }

  names(journey: number): readonly string[] {
    const { corpus } = this.source;
    const found = new Set(this.source.metadata(this.traced(journey)).map(({ value }) => value));
    for (const leg of this.traced(journey).legs) {
      const { names } = corpus.captures[corpus.captureOf(leg)]!.tables.remarks;
      if (names.size === 0) continue;
      for (const end of [false, true]) for (const name of names.get(this.addressText(leg, end)) ?? []) found.add(name);
    }
    return [...found];
  }

  id(journey: number): string {
    return journeyId(journey);
  }

  text(journey: number): string {
    const { legs, reversed } = this.traced(journey);
    const parts = [journeyId(journey), protocolName(this.protocol(journey)), this.confidence(journey)];
    for (const [i, leg] of legs.entries()) {
      const end = (destination: boolean): string => {
        const address = this.addressText(leg, destination !== reversed[i]!);
        const port = this.port(journey, i, destination);
        return port < 0 ? address : joinHostPort(address, port);
      };
      parts.push(this.points[this.point(journey, i)]!.names[0]!, end(false), end(true));
      if (i > 0) parts.push(this.kind(journey, i - 1));
    }
    return parts.join(' ').toLowerCase();
  }

  suggest(field: string): Suggestions {
    const known = this.suggestions.get(field);
    if (known) return known;
    const counts = new Map<string, number>();
    const { journeys } = this.source.correlation;
    const looked = Math.min(journeys.length, LOOKED_AT);
    for (let journey = 0; journey < looked; journey++) {
      for (const value of this.valuesOf(field, journey)) counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    const most = [...counts].sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1)).slice(0, OFFERED);
    const offered = most.map(([text, count]) => ({
      text,
      description: `${count}${looked < journeys.length ? ' or more' : ''} ${count === 1 ? 'journey' : 'journeys'}`,
    }));
    this.suggestions.set(field, offered);
    return offered;
  }

  /** What a journey has for a field whose values are worth choosing among. */
  private valuesOf(field: string, journey: number): ReadonlySet<string> {
    const values = new Set<string>();
    const ends = /(?:^|\.)src/.test(field) ? [false] : /(?:^|\.)dst/.test(field) ? [true] : [false, true];
    const kind = /(?:^|\.)(addr|src|dst)$/.test(field) ? 'address' : field.endsWith('port') ? 'port' : field;
    if (kind === 'name') return new Set(this.names(journey));
    if (kind === 'finding') return new Set(this.findings(journey));
    if (kind !== 'address' && kind !== 'port') return values;
    const version = field.startsWith('ip.') ? 4 : field.startsWith('ipv6.') ? 6 : null;
    const protocol = /^(tcp|udp|sctp)\./.exec(field)?.[1];
    if (protocol !== undefined && protocolName(this.protocol(journey)) !== protocol) return values;
    const { legs, reversed } = this.traced(journey);
    for (const [i, leg] of legs.entries()) {
      if (version !== null && this.ipVersion(journey, i) !== version) continue;
      for (const end of ends) {
        if (kind === 'address') values.add(this.addressText(leg, end !== reversed[i]!));
        else if (this.port(journey, i, end) >= 0) values.add(String(this.port(journey, i, end)));
      }
    }
    return values;
  }

  private traced(journey: number): ReportSource['correlation']['journeys'][number] {
    return this.source.correlation.journeys[journey]!;
  }

  private leg(journey: number, at: number): number {
    return this.traced(journey).legs[at]!;
  }

  private firstLeg(journey: number, back: boolean, out: ArrayLike<number>, backwards: ArrayLike<number>): number {
    const { legs, reversed } = this.traced(journey);
    return (back === reversed[0]! ? out : backwards)[legs[0]!]!;
  }

  private addressText(leg: number, destination: boolean): string {
    const { corpus } = this.source;
    const word = (at: number): number => corpus.word(leg, destination, at);
    return addressText(word(0), word(1), word(2), word(3));
  }

  private followed(journey: number): FollowedJourney {
    if (this.latest?.journey !== journey) this.latest = { journey, followed: this.source.followed(journey) };
    return this.latest.followed;
  }
}

function namesOf({ id, role, interface: name, file }: Point): PointNames {
  const own = name === null ? baseName(file) : `${baseName(file)}#${name}`;
  const names = [id, role, own, baseName(file), file, ...(name === null ? [] : [name, `${file}#${name}`])];
  return { names: [...new Set(names)], description: `${own} (${role})` };
}

/** By the clock that all are corrected to. */
function firstPacket({ corpus, visibility }: ReportSource): number {
  const times = corpus.points.map(({ first }, number) => first - visibility.offset[number]!);
  return times.reduce((least, time) => (time < least ? time : least), Number.POSITIVE_INFINITY);
}
