// Connections that never came about: SYN after SYN, no SYN-ACK, no reset. How far the SYN got tells where to look: it was
// not seen behind a point that would have shown it, or it left the last point and nothing came back.
import type { Detector } from './detector.ts';
import { count, destinationOf, grouped } from './ends.ts';
import type { Proof } from './finding.ts';

const MAX_PROOFS = 8;
/** SYNs that a client sends before its silence is no mere end of the capture. */
const TELLING_SYNS = 2;

interface Unanswered {
  readonly journey: number;
  readonly destination: string;
  /** The furthest point that saw a SYN, and the next that would have. */
  readonly reached: number;
  readonly missed: number | null;
  readonly syns: number;
  readonly proof: Proof;
}

export const synUnanswered: Detector = {
  code: 'syn-unanswered',
  start: (evidence) => {
    const { corpus } = evidence;
    const found: Unanswered[] = [];
    return {
      look: (facts) => {
        if (!facts.isTcp || !facts.journey.directionKnown) return;
        const { syns } = facts.tcp(0);
        if (syns.length < TELLING_SYNS) return;
        const legs = facts.journey.legs.length;
        for (let at = 0; at < legs; at++) {
          const { synAcks, resets, isEstablished } = facts.tcp(at);
          if (synAcks.length > 0 || isEstablished || resets.some(({ isBack }) => isBack)) return;
        }
        const reached = facts.point(-1);
        const missed = evidence.pointsBeyond(facts.number)[0] ?? null;
        found.push({
          journey: facts.number,
          destination: destinationOf(corpus, facts.journey),
          reached,
          missed,
          syns: syns.length,
          proof: { ...facts.packet(0, syns.at(-1)!), what: `the last of ${count(syns.length, 'SYN')}, unanswered` },
        });
      },
      conclude: (isExplained) =>
        grouped(
          found.filter(({ journey }) => !isExplained(journey)),
          ({ destination, reached, missed }) => `${destination} ${reached} ${missed ?? ''}`,
        ).map(({ of }) => {
          const { destination, reached, missed } = of[0]!;
          return {
            severity: 'warning',
            certainty: 'certain',
            title: `${destination} did not answer ${count(of.length, 'connection')}`,
            explain:
              missed === null
                ? 'Every SYN was seen at the last point of its way, translated or not, and nothing came back: no SYN-ACK, no reset, no ICMP error. ' +
                  'The server, a firewall before it, or the way back is to blame; the boxes between the points are not.'
                : 'The SYNs were seen here and not at the next point, which was capturing and shows other connections. ' +
                  'They died between the two, without a reset or an ICMP error.',
            at: reached,
            to: missed,
            journeys: of.map(({ journey }) => journey),
            proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
            next:
              missed === null
                ? ['tcpdump -ni any   # on the server, for the address that the last point shows: do the SYNs arrive?']
                : [
                    'conntrack -S   # insert_failed, drop: is the box refusing to translate?',
                    'iptables -L -v -n   # DROP rules whose counters rise',
                  ],
          };
        }),
    };
  },
};
