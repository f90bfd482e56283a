// Ends of journeys as findings name them, and journeys grouped by them. The direction of a journey is from its client.
import { joinHostPort } from '../decode/addresses.ts';
import { ICMP, ICMPV6, SCTP, TCP, UDP } from '../decode/headers.ts';
import type { Corpus } from '../correlate/corpus.ts';
import { tupleOfLeg } from '../correlate/dumps.ts';
import type { TracedJourney } from '../correlate/journeys.ts';
import { type Tuple, reverse } from '../sources/tuple.ts';

/** The tuple of leg number `at` of a journey (negative: from the end), from the client's side. */
export function tupleAt(corpus: Corpus, journey: TracedJourney, at: number): Tuple {
  const index = at < 0 ? journey.legs.length + at : at;
  const tuple = tupleOfLeg(corpus, journey.legs[index]!);
  return journey.reversed[index]! ? reverse(tuple) : tuple;
}

/** `10.42.3.21:51602`: the client as leg number `at` shows it. */
export function sourceAt(corpus: Corpus, journey: TracedJourney, at: number): string {
  const { src, sport } = tupleAt(corpus, journey, at);
  return joinHostPort(src, sport);
}

/** `tcp 198.51.100.10:443`: what the client asked for, as leg number `at` shows it. */
export function destinationOf(corpus: Corpus, journey: TracedJourney, at = 0): string {
  const { dst, dport } = tupleAt(corpus, journey, at);
  const protocol = corpus.legs.protocol[journey.legs[0]!]!;
  const name = PROTOCOLS[protocol] ?? `protocol ${protocol}`;
  return protocol === TCP || protocol === UDP || protocol === SCTP
    ? `${name} ${joinHostPort(dst, dport)}`
    : `${name} ${dst}`;
}

const PROTOCOLS: Readonly<Record<number, string>> = {
  [TCP]: 'tcp',
  [UDP]: 'udp',
  [SCTP]: 'sctp',
  [ICMP]: 'icmp',
  [ICMPV6]: 'icmpv6',
};

/** Items under each of their keys, in the order of the first of each; the key with the most first. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): { key: string; of: T[] }[] {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups].map(([key, of]) => ({ key, of })).sort((x, y) => y.of.length - x.of.length);
}

/** '1 connection', '12 connections'. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number.toLocaleString('en')} ${number === 1 ? one : many}`;
}

/** '360 s', '2.5 s'. */
export function seconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e9).toLocaleString('en', { maximumSignificantDigits: 4 })} s`;
}
