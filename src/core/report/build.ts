// From a correlation to the report's values: points, paths, and one journey at a time, so that a million of them never
// stand in memory as objects.
import { isoTime } from '../bytes/time.ts';
import { median } from '../correlate/clocks.ts';
import type { Corpus, CorpusPoint } from '../correlate/corpus.ts';
import { type GapRule, GapRules, NO_RULE } from '../correlate/gap-rules.ts';
import { type ConntrackIndex, tupleOfLeg } from '../correlate/dumps.ts';
import type { Correlation, Link, TracedJourney } from '../correlate/journeys.ts';
import { type Crossing, type FollowedJourney, type Visibility, followPackets } from '../correlate/passages.ts';
import { joinHostPort } from '../decode/addresses.ts';
import { GRE, ICMP, ICMPV6, SCTP, TCP, UDP } from '../decode/headers.ts';
import { isIcmp } from '../flows/flow-table.ts';
import { commentOf, metadataOf } from '../flows/remarks.ts';
import { ICMP_MESSAGE } from '../flows/tables.ts';
import { type Diagnosis, diagnose } from '../diagnose/diagnose.ts';
import { linkTypeName } from '../formats/link-types.ts';
import { pointName } from '../scene/point-names.ts';
import { conntrackLine } from '../sources/conntrack-entry.ts';
import type { SideSource } from '../sources/side-files.ts';
import { type Tuple, reverse } from '../sources/tuple.ts';
import type { Candidates, Change, ChangeKind, Finding, Journey, Leg, Point, Protocol, Role } from './model.ts';

/** Packets of a leg whose comments are read. */
const COMMENTED_PACKETS = 16;
/** Candidates that are listed of one gap at most. */
const MAX_CANDIDATES = 64;

const PROTOCOLS: Readonly<Record<number, Protocol>> = {
  [TCP]: 'tcp',
  [UDP]: 'udp',
  [ICMP]: 'icmp',
  [ICMPV6]: 'icmpv6',
  [SCTP]: 'sctp',
  [GRE]: 'gre',
};

export function protocolName(protocol: number): Protocol {
  return PROTOCOLS[protocol] ?? `other:${protocol}`;
}

export interface PointNaming {
  readonly role: Role;
  readonly roleSource: Point['roleSource'];
  readonly host: string | null;
}

/** Everything that the report's values are made from. */
export class ReportSource {
  readonly correlation: Correlation;
  readonly corpus: Corpus;
  readonly naming: readonly PointNaming[];
  readonly rules: GapRules;
  readonly visibility: Visibility;
  /** Distinct sequences of points, those that most journeys took first; no one a part of another. */
  readonly paths: readonly (readonly number[])[];
  readonly diagnosis: Diagnosis;
  private readonly clocks: readonly ({ offset: number; uncertainty: number } | null)[];

  constructor(correlation: Correlation, naming: readonly PointNaming[], sides: readonly SideSource[]) {
    this.correlation = correlation;
    this.corpus = correlation.corpus;
    this.naming = naming;
    this.rules = new GapRules(this.corpus, (point) => naming[point]!.role, sides);
    this.clocks = this.corpus.points.length === 0 ? [] : correlation.clocks.against(0);
    this.visibility = { offset: this.offsets(), ...this.directionsSeen() };
    this.paths = this.findPaths();
    this.diagnosis = diagnose(this);
  }

  get dumps(): ConntrackIndex {
    return this.correlation.dumps;
  }

  points(): Point[] {
    const named = this.corpus.points.map((point, number) => ({
      file: this.corpus.captures[point.capture]!.file,
      interface: point.interfaceName,
      role: this.naming[number]!.role,
    }));
    return this.corpus.points.map((point, number) => {
      const clock = this.clocks[number] ?? null;
      const capture = this.corpus.captures[point.capture]!;
      const time = (ns: number): string | null => (Number.isNaN(ns) ? null : this.time(ns));
      const issues = [...point.issues, ...(point.local === 0 ? capture.tables.issues : [])];
      return {
        id: pointId(number),
        name: pointName(named[number]!, named),
        file: capture.file,
        interface: point.interfaceName,
        ...this.naming[number]!,
        linkType: linkTypeName(point.linkType),
        packets: point.packets,
        bytes: point.bytes,
        first: time(point.first),
        last: time(point.last),
        clock: clock && {
          offsetNs: Math.round(clock.offset),
          skewPpm: 0,
          uncertaintyNs: Math.round(clock.uncertainty),
        },
        issues: [
          ...issues.map(({ code, count, first }) => ({ code, count, message: first.message })),
          ...this.givenTwice(point),
        ],
      };
    });
  }

  private givenTwice(point: CorpusPoint): Point['issues'] {
    const twin = this.corpus.twinOf(point.capture);
    if (twin === null) return [];
    const message = `These are the packets of ${this.corpus.captures[twin]!.file} once more: one of the two files is enough.`;
    return [{ code: 'given-twice', count: point.packets, message }];
  }

  findings(): Finding[] {
    const { corpus } = this;
    return this.diagnosis.findings.map(({ at, to, journeys, proof, ...finding }) => ({
      ...finding,
      at: at === null ? null : pointId(at),
      to: to === null ? null : pointId(to),
      journeys: journeys.map(journeyId),
      proof: proof.map(({ journey, leg, row, what }) => ({
        journey: journeyId(journey),
        point: pointId(corpus.legs.point[leg]!),
        time: this.time(corpus.packetsOf(leg).time[row]! + corpus.timeShift(corpus.captureOf(leg))),
        what,
      })),
    }));
  }

  /** Number of the journey with this id; null where there is none. */
  numberOf(id: string): number | null {
    const number = /^j[1-9]\d*$/.test(id) ? Number(id.slice(1)) - 1 : -1;
    return number >= 0 && number < this.correlation.journeys.length ? number : null;
  }

  followed(number: number): FollowedJourney {
    return followPackets(this.corpus, this.correlation.journeys[number]!, this.visibility);
  }

  journey(number: number): Journey {
    const journey = this.correlation.journeys[number]!;
    const followed = this.followed(number);
    const legs = journey.legs.map((leg, i) => this.leg(leg, journey.reversed[i]!));
    const first = followed.out[0]!;
    const times = [...first.times, ...followed.back[0]!.times].filter((t) => !Number.isNaN(t));
    return {
      id: journeyId(number),
      proto: protocolName(this.corpus.legs.protocol[journey.legs[0]!]!),
      direction: journey.directionKnown ? 'known' : 'unknown',
      confidence: journey.confidence,
      legs,
      changes: journey.links.map((link, i) => this.change(journey, link, i, followed.gaps[i]!)),
      candidates: this.candidates(journey),
      findings: this.diagnosis.byJourney.get(number) ?? [],
      durationNs: times.length === 0 ? 0 : greatest(times) - least(times),
      rttNs: roundTrip(first.times, followed.back[0]!.times),
      notSeenAt: this.pointsWithout(number).map(pointId),
      metadata: this.metadata(journey),
      related: (this.correlation.relations.get(number) ?? []).map(({ kind, journey: other }) => ({
        kind,
        journey: journeyId(other),
      })),
    };
  }

  /** ISO time of a corpus time. */
  time(ns: number): string {
    return isoTime(this.corpus.base + BigInt(Math.round(ns)));
  }

  leg(leg: number, reversed: boolean): Leg {
    const l = this.corpus.legs;
    const tuple = tupleOfLeg(this.corpus, leg);
    const oriented = reversed ? reverse(tuple) : tuple;
    const echo = this.isEcho(leg);
    const ports = this.ports(leg, oriented);
    const swap = <T>(pair: readonly [T, T]): readonly [T, T] => (reversed ? [pair[1], pair[0]] : pair);
    return {
      point: pointId(l.point[leg]!),
      src: oriented.src,
      sport: ports[0],
      dst: oriented.dst,
      dport: ports[1],
      icmpId: echo ? tuple.sport : null,
      packets: swap([l.packetsOut[leg]!, l.packetsBack[leg]!]),
      bytes: swap([l.bytesOut[leg]!, l.bytesBack[leg]!]),
      first: this.time(l.first[leg]!),
      last: this.time(l.last[leg]!),
    };
  }

  /** An ICMP or ICMPv6 echo, known by its id. */
  isEcho(leg: number): boolean {
    const l = this.corpus.legs;
    return isIcmp(l.protocol[leg]!) && !this.isIcmpError(leg);
  }

  private ports(leg: number, tuple: Tuple): [number | string | null, number | string | null] {
    const l = this.corpus.legs;
    const protocol = l.protocol[leg]!;
    if (protocol === TCP || protocol === UDP || protocol === SCTP) return [tuple.sport, tuple.dport];
    if (!this.isIcmpError(leg)) return [null, null];
    const type = `t${l.icmp[leg]! >> 8}`;
    return [type, type];
  }

  private change(journey: TracedJourney, link: Link, index: number, gap: { out: Crossing; back: Crossing }): Change {
    const l = this.corpus.legs;
    const before = orientedTuple(this.corpus, link.from, journey.reversed[index]!);
    const after = orientedTuple(this.corpus, link.to, journey.reversed[index + 1]!);
    const hasPorts = [TCP, UDP, SCTP].includes(l.protocol[link.from]!);
    const echo = this.isEcho(link.from);
    const kind = this.kindOf(journey, index);
    const [fromLeg, toLeg] = [
      this.leg(link.from, journey.reversed[index]!),
      this.leg(link.to, journey.reversed[index + 1]!),
    ];
    const entry = kind === 'none' || kind === 'nat64' || !(hasPorts || echo) ? null : this.entry(link, before, after);
    const rules = this.ruleOf(link, kind, before, after);
    const evidence = [...link.evidence];
    const sameIds = gap.out.sameIpId + gap.back.sameIpId;
    if (sameIds > 0) evidence.push({ kind: 'ip-id', count: sameIds });
    return {
      from: pointId(l.point[link.from]!),
      to: pointId(l.point[link.to]!),
      confidence: link.confidence,
      source: link.evidence.some((e) => e.kind === 'conntrack') ? 'conntrack' : 'packets',
      kind,
      portChanged: this.portChanged(journey, index),
      src: [endText(fromLeg.src, fromLeg.sport), endText(toLeg.src, toLeg.sport)],
      dst: [endText(fromLeg.dst, fromLeg.dport), endText(toLeg.dst, toLeg.dport)],
      conntrack: entry?.text ?? null,
      conntrackSource: entry?.source ?? null,
      rule: rules.text,
      ruleDetails: rules.details,
      evidence,
      passed: [gap.out.passed, gap.back.passed],
      lost: [gap.out.lost, gap.back.lost],
      born: [gap.out.bornCount, gap.back.bornCount],
      delayNs: { out: percentiles(gap.out.delays), back: percentiles(gap.back.delays) },
    };
  }

  private entry(link: Link, before: Tuple, after: Tuple): { text: string; source: 'dump' | 'packets' } {
    const protocol = this.corpus.legs.protocol[link.from]!;
    const path = this.dumps.path(protocol, before, after);
    if (path) return { text: path.map((entry) => entry.text).join('\n'), source: 'dump' };
    const reply = reverse(after);
    return { text: conntrackLine(protocol, before, reply), source: 'packets' };
  }

  /** What was translated in a gap of a journey, from the client's side. */
  kindOf({ legs, reversed }: TracedJourney, gap: number): ChangeKind {
    const { corpus } = this;
    const [from, to] = [legs[gap]!, legs[gap + 1]!];
    const [fromReversed, toReversed] = [reversed[gap]!, reversed[gap + 1]!];
    if (corpus.legs.ipVersion[from] !== corpus.legs.ipVersion[to]) return 'nat64';
    const changes = (destination: boolean, withPort: boolean): boolean =>
      !corpus.sameAddress(from, fromReversed !== destination, to, toReversed !== destination) ||
      (withPort && this.portOf(from, fromReversed, destination) !== this.portOf(to, toReversed, destination));
    // An echo's id stands in both ports, and is the source's.
    const destination = changes(true, !this.isEcho(from));
    if (changes(false, true)) return destination ? 'snat+dnat' : 'snat';
    return destination ? 'dnat' : 'none';
  }

  portChanged({ legs, reversed }: TracedJourney, gap: number): boolean {
    return [false, true].some(
      (destination) =>
        this.portOf(legs[gap]!, reversed[gap]!, destination) !==
        this.portOf(legs[gap + 1]!, reversed[gap + 1]!, destination),
    );
  }

  /** Of the source or destination from the client's side. */
  portOf(leg: number, reversed: boolean, destination: boolean): number {
    const { sourcePort, destinationPort } = this.corpus.legs;
    return reversed === destination ? sourcePort[leg]! : destinationPort[leg]!;
  }

  /** An ICMP message that is no echo. */
  isIcmpError(leg: number): boolean {
    return (this.corpus.legs.traits[leg]! & ICMP_MESSAGE) !== 0;
  }

  /** The rule of an opened dump, of the box between the two points, that made `after` of `before`. */
  ruleOf(link: Link, kind: ChangeKind, before: Tuple, after: Tuple): GapRule {
    if (kind === 'none') return NO_RULE;
    const { point, protocol } = this.corpus.legs;
    return this.rules.of(point[link.from]!, point[link.to]!, protocol[link.from]!, before, after);
  }

  private candidates(journey: TracedJourney): Candidates[] {
    const l = this.corpus.legs;
    const byGap = new Map<string, { from: number; to: number; legs: Leg[]; count: number; crowd: number }>();
    for (const tie of journey.open) {
      const own = journey.legs.includes(tie.a) ? tie.a : tie.b;
      const other = own === tie.a ? tie.b : tie.a;
      const [from, to] = [l.point[own]!, l.point[other]!];
      const key = `${from} ${to}`;
      let gap = byGap.get(key);
      if (!gap) byGap.set(key, (gap = { from, to, legs: [], count: 0, crowd: 0 }));
      const reversed = journey.reversed[journey.legs.indexOf(own)]!;
      gap.count++;
      gap.crowd = Math.max(gap.crowd, this.crowdOf(own, to));
      if (gap.legs.length < MAX_CANDIDATES) gap.legs.push(this.leg(other, reversed !== tie.crossed));
    }
    return [...byGap.values()].map(({ from, to, legs, count, crowd }) => ({
      from: pointId(from),
      to: pointId(to),
      legs,
      count: Math.max(count, crowd),
      wanted: `The packets are alike. A log of conntrack -E from the box between ${pointId(from)} and ${pointId(to)} would decide.`,
    }));
  }

  /** How many possible partners the leg has at the point, where they are too many to be looked at; else 0. */
  private crowdOf(leg: number, point: number): number {
    return this.correlation.crowds.get(leg)?.find((crowd) => crowd.point === point)?.count ?? 0;
  }

  /** Of the first packets of each leg: what a process sends says the same of all. */
  metadata({ legs }: TracedJourney): Journey['metadata'] {
    const found = new Map<string, Set<string>>();
    for (const leg of legs) {
      const { comments } = this.corpus.captures[this.corpus.captureOf(leg)]!.tables.remarks;
      if (comments.rows.length === 0) continue;
      for (const row of this.corpus.rowsOf(leg).subarray(0, COMMENTED_PACKETS)) {
        const comment = commentOf(comments, row);
        if (comment === null) continue;
        for (const [key, value] of metadataOf(comment)) found.set(key, (found.get(key) ?? new Set()).add(value));
      }
    }
    return [...found].map(([key, values]) => ({ key, value: [...values].join(', ') }));
  }

  /** Points of the path that the journey seems to have been on, that could have seen it and did not. */
  pointsWithout(number: number): number[] {
    const l = this.corpus.legs;
    const journey = this.correlation.journeys[number]!;
    const own = journey.legs.map((leg) => l.point[leg]!);
    const path = this.paths.find((p) => isSubsequence(own, p));
    if (!path) return [];
    const start = l.first[journey.legs[0]!]! - this.visibility.offset[own[0]!]!;
    return path.slice(path.indexOf(own[0]!)).filter((p) => {
      const point = this.corpus.points[p]!;
      const offset = this.visibility.offset[p]!;
      return !own.includes(p) && start >= point.first - offset && start <= point.last - offset;
    });
  }

  pointsBeyond(number: number): number[] {
    const { legs } = this.correlation.journeys[number]!;
    const last = this.corpus.legs.point[legs.at(-1)!]!;
    const own = legs.map((leg) => this.corpus.legs.point[leg]!);
    const path = this.paths.find((p) => isSubsequence(own, p)) ?? [];
    return this.pointsWithout(number).filter((p) => path.indexOf(p) > path.indexOf(last));
  }

  /** To subtract from a point's times; points that nothing relates to the first keep their own clock. */
  private offsets(): number[] {
    const { points } = this.corpus;
    const offsets = this.clocks.map((clock) => clock?.offset ?? Number.NaN);
    for (let p = 0; p < points.length; p++) {
      if (!Number.isNaN(offsets[p])) continue;
      const island = this.correlation.clocks.against(p);
      for (const [q, clock] of island.entries()) if (clock && Number.isNaN(offsets[q])) offsets[q] = clock.offset;
    }
    return offsets;
  }

  private directionsSeen(): Pick<Visibility, 'seesOut' | 'seesBack'> {
    const { corpus, correlation } = this;
    const seesOut = corpus.points.map(() => false);
    const seesBack = corpus.points.map(() => false);
    for (const { legs, reversed } of correlation.journeys) {
      for (const [i, leg] of legs.entries()) {
        const [out, back] = [corpus.legs.packetsOut[leg]!, corpus.legs.packetsBack[leg]!];
        const p = corpus.legs.point[leg]!;
        if ((reversed[i]! ? back : out) > 0) seesOut[p] = true;
        if ((reversed[i]! ? out : back) > 0) seesBack[p] = true;
      }
    }
    return { seesOut, seesBack };
  }

  private findPaths(): number[][] {
    const { journeys } = this.correlation;
    const known = journeys.filter((journey) => journey.directionKnown);
    return this.pathsOf(known.some((journey) => journey.legs.length > 1) ? known : journeys);
  }

  private pathsOf(journeys: readonly TracedJourney[]): number[][] {
    const { corpus } = this;
    const counts = new Map<string, { path: number[]; count: number }>();
    for (const journey of journeys) {
      if (this.isIcmpError(journey.legs[0]!)) continue;
      const path = [...new Set(journey.legs.map((leg) => corpus.legs.point[leg]!))];
      if (path.length < 2) continue;
      const key = path.join(' ');
      const known = counts.get(key);
      if (known) known.count++;
      else counts.set(key, { path, count: 1 });
    }
    const sorted = [...counts.values()].sort((x, y) => y.path.length - x.path.length || y.count - x.count);
    const kept: { path: number[]; count: number }[] = [];
    for (const candidate of sorted) {
      const within = kept.find((k) => isSubsequence(candidate.path, k.path));
      if (within) within.count += candidate.count;
      else kept.push({ ...candidate });
    }
    return kept.sort((x, y) => y.count - x.count || x.path[0]! - y.path[0]!).map((k) => k.path);
  }
}

export function pointId(number: number): string {
  return `p${number}`;
}

export function journeyId(number: number): string {
  return `j${number + 1}`;
}

export function orientedTuple(corpus: Corpus, leg: number, reversed: boolean): Tuple {
  const tuple = tupleOfLeg(corpus, leg);
  return reversed ? reverse(tuple) : tuple;
}

/** An address, joined with what stands in the port's place where something does. */
export function endText(address: string, port: Leg['sport']): string {
  if (typeof port === 'number') return joinHostPort(address, port);
  return port === null ? address : `${address}:${port}`;
}

function isSubsequence(part: readonly number[], whole: readonly number[]): boolean {
  let at = 0;
  for (const element of whole) if (at < part.length && part[at] === element) at++;
  return at === part.length;
}

function percentiles(delays: readonly number[]): readonly [number, number] | null {
  if (delays.length === 0) return null;
  const sorted = [...delays].sort((x, y) => x - y);
  return [
    Math.round(median(sorted)),
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))]!),
  ];
}

/** From the last packet out before the first answer to that answer. */
export function roundTrip(out: readonly number[], back: readonly number[]): number | null {
  const answer = back.find((t) => !Number.isNaN(t));
  if (answer === undefined) return null;
  const before = out.filter((t) => t <= answer);
  return before.length === 0 ? null : answer - greatest(before);
}

function least(values: readonly number[]): number {
  return values.reduce((x, y) => Math.min(x, y), Number.POSITIVE_INFINITY);
}

function greatest(values: readonly number[]): number {
  return values.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY);
}
