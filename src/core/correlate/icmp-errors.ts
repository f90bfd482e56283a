// An ICMP error quotes the packet that it answers, and a translator rewrites the quotation as it rewrites the error. So
// two error legs are one where the connections that they quote are: at each point the quoted tuple is that of a leg, and
// those legs are one journey.
import * as T from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';

import type { Link, TracedJourney } from './journeys.ts';
import { keyOf } from './sketch.ts';

/** The journeys, with those of ICMP errors joined where they quote one connection. */
export function tieIcmpErrors(corpus: Corpus, journeys: readonly TracedJourney[]): TracedJourney[] {
  const l = corpus.legs;
  const isError = (journey: TracedJourney): boolean => (l.traits[journey.legs[0]!]! & T.ICMP_ERROR) !== 0;
  if (!journeys.some(isError)) return [...journeys];
  const legsByTuple = new Map<number, number[]>();
  const journeyOf = new Map<number, number>();
  for (const [number, journey] of journeys.entries()) {
    if (isError(journey)) continue;
    for (const leg of journey.legs) {
      journeyOf.set(leg, number);
      const key = tupleKey(l.point[leg]!, l.protocol[leg]!, end(l, leg, false), end(l, leg, true));
      const same = legsByTuple.get(key);
      if (same) same.push(leg);
      else legsByTuple.set(key, [leg]);
    }
  }
  const kept: TracedJourney[] = [];
  const groups = new Map<string, { parent: TracedJourney; towardsClient: boolean; legs: Map<number, number[]> }>();
  for (const journey of journeys) {
    const leg = journey.legs[0]!;
    const quoted = isError(journey) ? quotedLeg(corpus, leg, legsByTuple) : null;
    if (quoted === null) {
      kept.push(journey);
      continue;
    }
    const number = journeyOf.get(quoted)!;
    const parent = journeys[number]!;
    const q = corpus.quoted;
    const row = l.quoted[leg]! - 1;
    const sentBySource = sameEnd(end(q, row, false), end(l, quoted, false));
    const towardsClient = sentBySource !== parent.reversed[parent.legs.indexOf(quoted)]!;
    const key = `${number} ${towardsClient} ${errorKey(l, leg, parent)}`;
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { parent, towardsClient, legs: new Map() }));
    const at = group.legs.get(quoted);
    if (at) at.push(leg);
    else group.legs.set(quoted, [leg]);
  }
  for (const { parent, towardsClient, legs } of groups.values()) {
    // Two errors about one leg (a tuple quoted in two ways) cannot be told apart at the other points.
    if ([...legs.values()].some((same) => same.length > 1)) {
      for (const leg of [...legs.values()].flat()) kept.push(alone(leg));
      continue;
    }
    const ordered = parent.legs.filter((leg) => legs.has(leg)).map((leg) => legs.get(leg)![0]!);
    kept.push(along(towardsClient ? ordered.reverse() : ordered));
  }
  return kept;
}

/**
 * What an error's legs have in common: its type and code, and who sent it. Where the connection changes between IPv4 and
 * IPv6, the error does too (RFC 7915): then the type as ICMPv6 has it, and of the sender's address the part that both hold.
 */
function errorKey(l: T.LegTable, error: number, { legs }: TracedJourney): string {
  const from = end(l, error, false).slice(0, 4);
  const isTranslated = legs.some((leg) => l.ipVersion[leg] !== l.ipVersion[legs[0]!]);
  if (!isTranslated) return `${l.icmp[error]!} ${from.join(' ')}`;
  return `${l.ipVersion[error] === 4 ? asIcmpv6(l.icmp[error]!) : l.icmp[error]!} ${from[3]!}`;
}

const UNREACHABLE = 0x300;
/** Codes of "destination unreachable" -> type and code of ICMPv6 (RFC 7915 4.2); all others: no route. */
const UNREACHABLE_AS_ICMPV6: Readonly<Record<number, number>> = {
  2: 0x401,
  3: 0x104,
  4: 0x200,
  9: 0x101,
  10: 0x101,
  13: 0x101,
};
const TIME_EXCEEDED = 0xb00;

function asIcmpv6(icmp: number): number {
  if ((icmp & 0xff00) === UNREACHABLE) return UNREACHABLE_AS_ICMPV6[icmp & 0xff] ?? 0x100;
  return (icmp & 0xff00) === TIME_EXCEEDED ? 0x300 | (icmp & 0xff) : icmp;
}

function alone(leg: number): TracedJourney {
  return along([leg]);
}

function along(legs: readonly number[]): TracedJourney {
  const links: Link[] = [];
  for (let i = 1; i < legs.length; i++) {
    const [a, b] = [legs[i - 1]!, legs[i]!];
    links.push({ from: a, to: b, evidence: [{ kind: 'quoted', count: 1 }], confidence: 'strong', shift: null });
  }
  const confidence = legs.length > 1 ? 'strong' : 'single';
  return { legs, reversed: legs.map(() => false), links, directionKnown: true, confidence, open: [] };
}

/** Leg at the error's point whose tuple it quotes; null where none or several could be. */
function quotedLeg(corpus: Corpus, error: number, legsByTuple: ReadonlyMap<number, number[]>): number | null {
  const l = corpus.legs;
  const q = corpus.quoted;
  const row = l.quoted[error]! - 1;
  const source = end(q, row, false);
  const destination = end(q, row, true);
  const found = (legsByTuple.get(tupleKey(l.point[error]!, q.protocol[row]!, source, destination)) ?? []).filter(
    (leg) =>
      (sameEnd(source, end(l, leg, false)) && sameEnd(destination, end(l, leg, true))) ||
      (sameEnd(source, end(l, leg, true)) && sameEnd(destination, end(l, leg, false))),
  );
  if (found.length <= 1) return found[0] ?? null;
  // A tuple used again: the one that was under way, if only one was.
  const underWay = found.filter((leg) => l.first[leg]! <= l.last[error]! && l.last[leg]! + 1e9 >= l.first[error]!);
  return underWay.length === 1 ? underWay[0]! : null;
}

type End = readonly [number, number, number, number, port: number];

function end(t: T.LegTable | T.QuotedTable, row: number, destination: boolean): End {
  return destination
    ? [t.destination0[row]!, t.destination1[row]!, t.destination2[row]!, t.destination3[row]!, t.destinationPort[row]!]
    : [t.source0[row]!, t.source1[row]!, t.source2[row]!, t.source3[row]!, t.sourcePort[row]!];
}

function sameEnd(x: End, y: End): boolean {
  return x.every((word, i) => word === y[i]);
}

/** The same for both directions. */
function tupleKey(point: number, protocol: number, a: End, b: End): number {
  const hash = (e: End): number => keyOf(e[3] ^ Math.imul(e[0], 31) ^ Math.imul(e[1], 37), e[2], e[4]);
  return Math.floor(keyOf(point, protocol, 0) / 2) + Math.floor(hash(a) / 4) + Math.floor(hash(b) / 4);
}
