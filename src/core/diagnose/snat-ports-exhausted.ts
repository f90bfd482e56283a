// A box that has no source port left for one destination: the SYNs reach it and do not leave it, while connections to that
// destination which came before go on, and others pass. (The kernel tries random windows of the range, so it can give up
// before the very last port is in use.)
import { parseAddress } from '../decode/addresses.ts';
import { contains } from '../sources/nat-rules.ts';
import type { Detector, Evidence } from './detector.ts';
import { count, destinationOf, grouped, tupleAt } from './ends.ts';
import type { Finding, Proof } from './finding.ts';
import type { JourneyFacts } from './journey-facts.ts';

const MAX_PROOFS = 8;
/** Ports of a range in use, at least, where a rule tells the range. */
const IN_USE = 0.9;
/** Without a rule: so many neighbouring ports, and none but these, speak of a range. */
const FEWEST_PORTS = 3;

interface Passed {
  readonly journey: number;
  readonly from: number;
  readonly to: number;
  readonly destination: string;
  readonly source: string;
  readonly port: number;
  readonly first: number;
  readonly last: number;
}

interface Stuck {
  readonly journey: number;
  /** The furthest point that saw it. */
  readonly from: number;
  readonly destination: string;
  readonly first: number;
  readonly proof: Proof;
}

export const snatPortsExhausted: Detector = {
  code: 'snat-ports-exhausted',
  explains: ['syn-unanswered', 'packet-loss'],
  start: (evidence) => {
    const { corpus } = evidence;
    const passed: Passed[] = [];
    const stuck: Stuck[] = [];
    return {
      look: (facts) => {
        if (!facts.isTcp || !facts.journey.directionKnown) return;
        notePassed(facts, evidence, passed);
        const { syns, synAcks, isEstablished } = facts.tcp(0);
        if (syns.length < 2 || synAcks.length > 0 || isEstablished) return;
        stuck.push({
          journey: facts.number,
          from: facts.point(-1),
          destination: destinationOf(corpus, facts.journey, -1),
          first: facts.followed.out.at(-1)!.times[0]!,
          proof: {
            ...facts.packet(0, syns.at(-1)!),
            what: `the last of ${count(syns.length, 'SYN')}; the port range is in use`,
          },
        });
      },
      conclude: () =>
        grouped(stuck, ({ from, destination }) => `${from} ${destination}`).flatMap(({ of }) => {
          // Where others to the same destination went from there.
          const onwards = passed.filter((p) => p.from === of[0]!.from && p.destination === of[0]!.destination);
          return [...new Set(onwards.map(({ to }) => to))].flatMap((to) => judge(of, to, passed, evidence));
        }),
    };
  },
};

function notePassed(facts: JourneyFacts, { corpus }: Evidence, passed: Passed[]): void {
  const { out } = facts.followed;
  for (let at = 1; at < facts.journey.legs.length; at++) {
    const before = tupleAt(corpus, facts.journey, at - 1);
    const after = tupleAt(corpus, facts.journey, at);
    if (before.src === after.src) continue;
    const times = [...out[at]!.times, ...facts.followed.back[at]!.times].filter((time) => !Number.isNaN(time));
    passed.push({
      journey: facts.number,
      from: facts.point(at - 1),
      to: facts.point(at),
      destination: destinationOf(corpus, facts.journey, at - 1),
      source: after.src,
      port: after.sport,
      first: times.reduce((x, y) => Math.min(x, y), Number.POSITIVE_INFINITY),
      last: times.reduce((x, y) => Math.max(x, y), Number.NEGATIVE_INFINITY),
    });
  }
}

/** What the connections that passed between the same points say of those that did not. */
function judge(stuck: readonly Stuck[], to: number, passed: readonly Passed[], evidence: Evidence): Finding[] {
  const { from, destination } = stuck[0]!;
  const through = passed.filter((p) => p.from === from && p.to === to);
  const same = through.filter((p) => p.destination === destination);
  const firstStuck = Math.min(...stuck.map(({ first }) => first));
  const before = same.filter((p) => p.first < firstStuck);
  // The point behind shows that it went on capturing.
  if (before.length === 0 || !through.some((p) => p.last > firstStuck)) return [];
  const ports = [...new Set(before.map(({ port }) => port))].sort((x, y) => x - y);
  const [low, high] = [ports[0]!, ports.at(-1)!];
  const range = rangeOf(evidence, before[0]!.source, low);
  const isFull = range !== null && ports.length >= IN_USE * (range[1] - range[0] + 1);
  const looksFull = range === null && ports.length >= FEWEST_PORTS && high - low + 1 === ports.length;
  if (!isFull && !looksFull) return [];
  const [first, last] = range ?? [low, high];
  const others = through.filter((p) => p.destination !== destination && p.last > firstStuck);
  const elsewhere =
    others.length === 0
      ? ''
      : ` Meanwhile ${count(others.length, 'connection')} to other destinations passed: a port is taken once for each destination.`;
  return [
    {
      severity: 'error',
      certainty: isFull ? 'certain' : 'probable',
      title: `No source port left for ${destination}: ${count(stuck.length, 'connection')} not translated`,
      explain:
        `${count(ports.length, 'connection')} to it had taken the ports ${first} to ${last} of ${before[0]!.source} before; ` +
        `the SYNs of the others reached the box again and again and never left it, and none came back refused.${elsewhere}` +
        (isFull ? '' : ' The range is read off the packets; the rules of the box would confirm it.'),
      at: from,
      to,
      journeys: stuck.map(({ journey }) => journey),
      proof: stuck.slice(0, MAX_PROOFS).map(({ proof }) => proof),
      next: [
        'conntrack -S   # insert_failed rises with each SYN',
        `conntrack -L -d ${destination.replace(/^tcp (.*):\d+$/, '$1')} | wc -l   # entries to this destination`,
        'aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name ErrorPortAllocation …   # where the box is a NAT gateway',
      ],
    },
  ];
}

/** The ports that a rule of an opened dump translates to, for an address and a port that it gave. */
function rangeOf({ rules }: Evidence, address: string, port: number): readonly [number, number] | null {
  const words = parseAddress(address);
  for (const { translate } of rules.snatRules) {
    for (const { addresses, ports } of translate.to ?? []) {
      if (ports === null || (addresses && !(words && contains(addresses, words)))) continue;
      if (port >= ports[0] && port <= ports[1]) return ports;
    }
  }
  return null;
}
