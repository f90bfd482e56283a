// From ties to journeys: legs that ties connect are one connection; which end is the client, and in which order its
// packets pass the points, follows from the packets, and where these do not say, from like connections.
import type { Confidence, Evidence } from '../report/model.ts';
import { TCP } from '../decode/headers.ts';
import { CLIENT_IS_DESTINATION, CLIENT_IS_SOURCE } from '../flows/tables.ts';
import type { AcceptedTie, Assignment } from './assign.ts';
import { type Clocks, extremes } from './clocks.ts';
import type { Corpus } from './corpus.ts';
import type { Crowd } from './crowds.ts';
import { type Relation, relate } from './relations.ts';
import { tieIcmpErrors } from './icmp-errors.ts';
import { ConntrackIndex, confirmByDumps } from './dumps.ts';
import { assignOverTime } from './over-time.ts';
import type { SideSource } from '../sources/side-files.ts';
import { shiftBetween } from './tcp-evidence.ts';
import type { SequenceShift, Tie } from './tie.ts';

/** Two neighbouring legs of a journey. */
export interface Link {
  readonly from: number;
  readonly to: number;
  /** What ties the two; empty where they have nothing in common but their ties to other legs. */
  readonly evidence: readonly Evidence[];
  readonly confidence: AcceptedTie['confidence'];
  /** What the box between adds to sequence numbers, the client's first; null where it adds nothing. */
  readonly shift: SequenceShift | null;
}

export interface TracedJourney {
  /** From the client to the server. */
  readonly legs: readonly number[];
  /** Per leg: its first packet came from the server. */
  readonly reversed: readonly boolean[];
  readonly links: readonly Link[];
  readonly directionKnown: boolean;
  readonly confidence: Confidence;
  /** Possible partners that nothing decides between. */
  readonly open: readonly Tie[];
}

export interface Correlation {
  /** With legs divided that were several uses one after another. */
  readonly corpus: Corpus;
  readonly journeys: readonly TracedJourney[];
  readonly clocks: Clocks;
  /** Per leg: where it has more possible partners than `open` holds. */
  readonly crowds: ReadonlyMap<number, readonly Crowd[]>;
  readonly dumps: ConntrackIndex;
  /** By number of the journey. */
  readonly relations: ReadonlyMap<number, readonly Relation[]>;
}

/** What the host or the user knows about the points. */
export interface PointKnowledge {
  /** Where a point stands on the way from client to server, where nothing else tells; ascending. */
  readonly rank: (point: number) => number;
  /** An order given by the user: it decides before everything else. Positions by point, or null. */
  readonly order: readonly number[] | null;
}

export function correlate(whole: Corpus, knowledge: PointKnowledge, sides: readonly SideSource[]): Correlation {
  const { corpus, assignment: byPackets, untranslated } = assignOverTime(whole);
  const dumps = new ConntrackIndex(corpus, sides);
  const assignment = confirmByDumps(corpus, byPackets, dumps);
  const journeys = new Tracer(corpus, assignment, knowledge, untranslated).trace(cluster(corpus, assignment));
  const withErrors = tieIcmpErrors(corpus, journeys);
  const startOf = (journey: TracedJourney): number => corpus.legs.first[journey.legs[0]!]!;
  const sorted = [...withErrors].sort((x, y) => startOf(x) - startOf(y) || x.legs[0]! - y.legs[0]!);
  const relations = relate(corpus, sorted, untranslated);
  const { clocks, crowds } = assignment;
  return { corpus, journeys: sorted, clocks, crowds, dumps, relations };
}

interface Cluster {
  readonly legs: readonly number[];
  readonly ties: readonly AcceptedTie[];
}

/** Connected legs. A tie that would bring two legs of one point together which are not tied themselves is left out. */
function cluster(corpus: Corpus, assignment: Assignment): Cluster[] {
  const parent = new Uint32Array(corpus.legs.length);
  for (let leg = 0; leg < parent.length; leg++) parent[leg] = leg;
  const find = (leg: number): number => {
    while (parent[leg] !== leg) {
      parent[leg] = parent[parent[leg]!]!;
      leg = parent[leg]!;
    }
    return leg;
  };
  const members = new Map<number, { legs: number[]; ties: AcceptedTie[] }>();
  const of = (root: number): { legs: number[]; ties: AcceptedTie[] } => members.get(root) ?? { legs: [root], ties: [] };
  const point = corpus.legs.point;
  const withinPoint = new Set<string>();
  for (const tie of assignment.ties) {
    if (point[tie.a] === point[tie.b]) withinPoint.add(`${Math.min(tie.a, tie.b)} ${Math.max(tie.a, tie.b)}`);
  }
  // Two connections may have used one outer port in turn: that makes them no one connection. (A TCP leg is one use.)
  const mayMeet = (a: number, b: number): boolean => {
    if (point[a] === point[b]) return withinPoint.has(`${Math.min(a, b)} ${Math.max(a, b)}`);
    return corpus.legs.protocol[a] === TCP || assignment.compare(a, b) !== null;
  };
  for (const tie of [...assignment.ties].sort((x, y) => y.bits - x.bits)) {
    const rootA = find(tie.a);
    const rootB = find(tie.b);
    const a = of(rootA);
    if (rootA === rootB) {
      a.ties.push(tie);
      continue;
    }
    const b = of(rootB);
    if (!a.legs.every((x) => b.legs.every((y) => mayMeet(x, y)))) continue;
    parent[rootB] = rootA;
    a.legs.push(...b.legs);
    a.ties.push(...b.ties, tie);
    members.set(rootA, a);
    members.delete(rootB);
  }
  const clusters: Cluster[] = [];
  for (let leg = 0; leg < parent.length; leg++) if (find(leg) === leg) clusters.push(of(leg));
  return clusters;
}

/** How much a verdict from TTLs counts more than one from times, among like connections. */
const TTL_WEIGHT = 4;
/** Two points that a packet passes within this may be one place, where captures take their times in any order; nanoseconds. */
const ONE_MOMENT = 20_000;
/** Like connections decide where at least this share of them agrees. */
const AGREEMENT = 0.9;

class Tracer {
  private readonly corpus: Corpus;
  private readonly assignment: Assignment;
  private readonly knowledge: PointKnowledge;
  private readonly untranslated: ReadonlyMap<number, number>;
  /** Votes that a client's packets pass point p before q: `p * points + q`. */
  private readonly votes = new Map<number, number>();
  /** Connections that pass both points and do not tell, by `p * points + q`, p < q. */
  private readonly abstentions = new Map<number, number>();

  constructor(
    corpus: Corpus,
    assignment: Assignment,
    knowledge: PointKnowledge,
    untranslated: ReadonlyMap<number, number>,
  ) {
    this.corpus = corpus;
    this.assignment = assignment;
    this.knowledge = knowledge;
    this.untranslated = untranslated;
  }

  trace(clusters: readonly Cluster[]): TracedJourney[] {
    const oriented = clusters.map((c) => ({ cluster: c, ...this.orient(c) }));
    for (const { cluster: c, reversed, known } of oriented) if (known) this.vote(c, reversed);
    return oriented.map(({ cluster: c, reversed, known }) => {
      let directionKnown = known;
      if (!known && c.legs.length > 1) {
        const agreement = this.agreement(c, reversed);
        const against = agreement === 0 ? this.agreesWithRoles(c, reversed) < 0 : agreement < 0;
        if (against) for (const leg of c.legs) reversed.set(leg, !reversed.get(leg)!);
        directionKnown = agreement !== 0;
      }
      return this.finish(c, reversed, directionKnown);
    });
  }

  /** Per leg whether its first packet came from the server, and whether that is known or only supposed. */
  private orient(c: Cluster): { reversed: Map<number, boolean>; known: boolean } {
    const reversed = new Map<number, boolean>();
    const sure = c.legs.filter((leg) => this.clientSide(leg) !== 0);
    for (const leg of sure) reversed.set(leg, this.clientSide(leg) === CLIENT_IS_DESTINATION);
    if (sure.length === 0) {
      const earliest = c.legs.reduce((x, y) => (this.corpus.legs.first[y]! < this.corpus.legs.first[x]! ? y : x));
      reversed.set(earliest, false);
    }
    for (let spread = true; spread;) {
      spread = false;
      for (const { a, b, crossed } of c.ties) {
        const known = reversed.has(a) ? a : reversed.has(b) ? b : null;
        if (known === null || (reversed.has(a) && reversed.has(b))) continue;
        reversed.set(known === a ? b : a, reversed.get(known)! !== crossed);
        spread = true;
      }
    }
    for (const leg of c.legs) if (!reversed.has(leg)) reversed.set(leg, false);
    return { reversed, known: sure.length > 0 };
  }

  /** Which side of the leg is the client, where its packets or those of its connection tell; else 0. */
  private clientSide(leg: number): number {
    const { traits } = this.corpus.legs;
    const own = traits[leg]! & (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION);
    const connection = this.untranslated.get(leg);
    if (own !== 0 || connection === undefined) return own;
    const known = traits[connection]! & (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION);
    const turned = !this.corpus.sameEnd(leg, false, connection, false);
    return known !== 0 && turned ? known ^ (CLIENT_IS_SOURCE | CLIENT_IS_DESTINATION) : known;
  }

  private ttls(leg: number, reversed: boolean): [fromClient: number, fromServer: number] {
    const l = this.corpus.legs;
    return reversed ? [l.ttlBack[leg]!, l.ttlOut[leg]!] : [l.ttlOut[leg]!, l.ttlBack[leg]!];
  }

  /** +1: the client's packets pass x before y, by their TTLs; -1: after; 0: they do not say. */
  private byTtl(x: number, y: number, reversed: Map<number, boolean>): number {
    const [clientX, serverX] = this.ttls(x, reversed.get(x)!);
    const [clientY, serverY] = this.ttls(y, reversed.get(y)!);
    const out = clientX === 0 || clientY === 0 ? 0 : Math.sign(clientX - clientY);
    const back = serverX === 0 || serverY === 0 ? 0 : Math.sign(serverY - serverX);
    return out === 0 ? back : back === 0 || back === out ? out : 0;
  }

  /**
   * The same by times, whatever the clocks: at a later point's clock every packet on the way out shows more time than any on the
   * way back.
   */
  private byTime(x: number, y: number, c: Cluster, reversed: Map<number, boolean>, atLeast = ONE_MOMENT): number {
    const tie = c.ties.find((t) => (t.a === x && t.b === y) || (t.a === y && t.b === x));
    if (!tie) return 0;
    const { out, back } = tie.packets;
    if (out.length === 0 || back.length === 0) return 0;
    const [outLeast, outMost] = extremes(out);
    const [backLeast, backMost] = extremes(back);
    const difference = Number(outLeast > backMost + atLeast) - Number(backLeast > outMost + atLeast);
    const order = reversed.get(tie.a)! ? -difference : difference;
    return tie.a === x ? order : -order;
  }

  private vote(c: Cluster, reversed: Map<number, boolean>): void {
    for (const [x, y] of pairs(c.legs)) {
      const ttl = this.byTtl(x, y, reversed);
      const order = ttl === 0 ? this.byTime(x, y, c, reversed) : ttl;
      const [p, q] = [this.corpus.legs.point[x]!, this.corpus.legs.point[y]!];
      if (order === 0) {
        const key = Math.min(p, q) * this.corpus.points.length + Math.max(p, q);
        this.abstentions.set(key, (this.abstentions.get(key) ?? 0) + 1);
        continue;
      }
      const key = order > 0 ? p * this.corpus.points.length + q : q * this.corpus.points.length + p;
      this.votes.set(key, (this.votes.get(key) ?? 0) + (ttl === 0 ? 1 : TTL_WEIGHT));
    }
  }

  /** What like connections say of the order of two points: -1..1, 0 where they are none or divided. */
  private byVotes(p: number, q: number): number {
    const points = this.corpus.points.length;
    const before = this.votes.get(p * points + q) ?? 0;
    const after = this.votes.get(q * points + p) ?? 0;
    const total = before + after;
    if (total === 0 || this.mayBeOnePlace(p, q)) return 0;
    return before >= AGREEMENT * total ? 1 : after >= AGREEMENT * total ? -1 : 0;
  }

  /** Most connections do not tell which of two points comes first: then the few that do are outliers. */
  private mayBeOnePlace(p: number, q: number): boolean {
    const points = this.corpus.points.length;
    const votes = (this.votes.get(p * points + q) ?? 0) + (this.votes.get(q * points + p) ?? 0);
    return votes < (this.abstentions.get(Math.min(p, q) * points + Math.max(p, q)) ?? 0);
  }

  /** Whether a supposed orientation runs with like connections (+1), against them (-1) or cannot be compared (0). */
  private agreement(c: Cluster, reversed: Map<number, boolean>): number {
    let sum = 0;
    for (const [x, y] of pairs(c.legs)) {
      const own = this.byTtl(x, y, reversed) || this.byTime(x, y, c, reversed);
      sum += own * this.byVotes(this.corpus.legs.point[x]!, this.corpus.legs.point[y]!);
    }
    return Math.sign(sum);
  }

  /** The same against the roles of the points: it makes no direction known, but like journeys are then told alike. */
  private agreesWithRoles(c: Cluster, reversed: Map<number, boolean>): number {
    let sum = 0;
    for (const [x, y] of pairs(c.legs)) {
      const [p, q] = [this.corpus.legs.point[x]!, this.corpus.legs.point[y]!];
      const own = this.byTtl(x, y, reversed) || this.byTime(x, y, c, reversed);
      sum += own * Math.sign(this.knowledge.rank(q) - this.knowledge.rank(p));
    }
    return Math.sign(sum);
  }

  private finish(c: Cluster, reversed: Map<number, boolean>, directionKnown: boolean): TracedJourney {
    const legs = this.order(c, reversed);
    const weakest = c.ties.some((t) => t.confidence === 'probable') ? 'probable' : 'strong';
    const links: Link[] = [];
    for (let i = 1; i < legs.length; i++) {
      const [from, to] = [legs[i - 1]!, legs[i]!];
      const direct = c.ties.find((t) => (t.a === from && t.b === to) || (t.a === to && t.b === from));
      const tie = direct ?? this.assignment.compare(from, to);
      const shift = shiftBetween(this.corpus, direct, from, to, reversed.get(from)!);
      links.push({ from, to, evidence: tie?.evidence ?? [], confidence: direct?.confidence ?? weakest, shift });
    }
    const own = new Set(c.legs.map((leg) => this.corpus.legs.point[leg]!));
    const open = c.legs.flatMap((leg) =>
      (this.assignment.open.get(leg) ?? []).filter((t) => !own.has(this.corpus.legs.point[t.a === leg ? t.b : t.a]!)),
    );
    return {
      legs,
      reversed: legs.map((leg) => reversed.get(leg)!),
      links,
      directionKnown,
      confidence: weakestOf(links, open.length > 0),
      open,
    };
  }

  /** Legs from the client to the server: each pair by the best that tells, then by how many a leg comes before. */
  private order(c: Cluster, reversed: Map<number, boolean>): number[] {
    if (c.legs.length === 1) return [...c.legs];
    const point = this.corpus.legs.point;
    const before = new Map<number, number>(c.legs.map((leg) => [leg, 0]));
    for (const [x, y] of pairs(c.legs)) {
      const [p, q] = [point[x]!, point[y]!];
      const given = this.knowledge.order;
      const verdict =
        (given && p !== q ? Math.sign(given[q]! - given[p]!) : 0) ||
        this.byTtl(x, y, reversed) ||
        (this.mayBeOnePlace(p, q) ? 0 : this.byTime(x, y, c, reversed)) ||
        this.byVotes(p, q) ||
        Math.sign(this.knowledge.rank(q) - this.knowledge.rank(p)) ||
        this.byTime(x, y, c, reversed, 0) ||
        Math.sign(y - x);
      const winner = verdict > 0 ? x : y;
      before.set(winner, before.get(winner)! + 1);
    }
    return [...c.legs].sort((x, y) => before.get(y)! - before.get(x)! || x - y);
  }
}

function weakestOf(links: readonly Link[], hasCandidates: boolean): Confidence {
  if (links.length === 0) return hasCandidates ? 'ambiguous' : 'single';
  if (links.some((link) => link.confidence === 'probable')) return 'probable';
  return links.every((link) => link.confidence === 'exact') ? 'exact' : 'strong';
}

function* pairs(legs: readonly number[]): Generator<[number, number]> {
  for (let i = 0; i < legs.length; i++) for (let j = i + 1; j < legs.length; j++) yield [legs[i]!, legs[j]!];
}
