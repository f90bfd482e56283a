// A connection that its box translated one way, forgot while it was silent, and translated another way when it spoke again: to
// the server that is a stranger in mid-connection, which it resets.
import type { Detector } from './detector.ts';
import { count, grouped, seconds, sourceAt } from './ends.ts';
import type { Proof } from './finding.ts';

const MAX_PROOFS = 8;

export const remapped: Detector = {
  code: 'remapped-after-idle',
  explains: ['connection-reset'],
  start: ({ corpus, correlation }) => {
    const found: {
      journeys: readonly [number, number];
      from: number;
      to: number;
      silence: number;
      isTcp: boolean;
      wasReset: boolean;
      proof: Proof;
    }[] = [];
    return {
      look: (facts) => {
        const before = correlation.relations.get(facts.number)?.find(({ kind }) => kind === 'continues')?.journey;
        if (before === undefined || facts.journey.legs.length < 2) return;
        const earlier = correlation.journeys[before]!;
        const l = corpus.legs;
        const at = facts.journey.legs.findIndex((leg, i) => {
          const there = earlier.legs.findIndex((other) => l.point[other] === l.point[leg]);
          return i > 0 && there >= 0 && sourceAt(corpus, facts.journey, i) !== sourceAt(corpus, earlier, there);
        });
        if (at < 0) return;
        const leg = facts.journey.legs[at]!;
        found.push({
          journeys: [before, facts.number],
          from: facts.point(at - 1),
          to: facts.point(at),
          silence: l.first[facts.journey.legs[0]!]! - l.last[earlier.legs[0]!]!,
          isTcp: facts.isTcp,
          wasReset: facts.isTcp && facts.tcp(at).resets.some(({ isBack }) => isBack),
          proof: {
            journey: facts.number,
            leg,
            row: corpus.rowsOf(leg)[0]!,
            what: `leaves as ${sourceAt(corpus, facts.journey, at)}`,
          },
        });
      },
      conclude: () =>
        grouped(found, ({ from, to }) => `${from} ${to}`).map(({ of }) => {
          const silence = Math.min(...of.map((one) => one.silence));
          const wasReset = of.some((one) => one.wasReset);
          return {
            severity: wasReset ? 'error' : of.some(({ isTcp }) => isTcp) ? 'warning' : 'note',
            certainty: 'certain',
            title: `${count(of.length, 'connection')} changed the source port in mid-life, after ${seconds(silence)} of silence`,
            explain:
              'The box had dropped the entry while nothing was sent, and made a new one with another port for the next packet (a box that picks up ' +
              `connections in the middle, net.netfilter.nf_conntrack_tcp_loose=1). ${
                wasReset
                  ? 'The server does not know that port and answered with a reset.'
                  : 'The server knows nothing of the new port.'
              }`,
            at: of[0]!.from,
            to: of[0]!.to,
            journeys: of.flatMap(({ journeys }) => journeys),
            proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
            next: [
              'sysctl net.netfilter.nf_conntrack_tcp_timeout_established net.netfilter.nf_conntrack_udp_timeout_stream',
              'sysctl net.ipv4.tcp_keepalive_time   # in the pod: below that',
            ],
          };
        }),
    };
  },
};
