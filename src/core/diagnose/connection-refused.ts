// A SYN that is answered by a reset: nothing listens there, or a firewall rejects. One finding for each destination.
import { TCP_ACK } from '../decode/headers.ts';
import type { Detector } from './detector.ts';
import { count, destinationOf, grouped } from './ends.ts';
import type { Proof } from './finding.ts';

/** Of equal cases this many are shown as proof. */
const MAX_PROOFS = 8;
/** One refusal is an answer; a destination that refuses this many and serves none is out of order. */
const MANY = 3;

export const connectionRefused: Detector = {
  code: 'connection-refused',
  start: ({ corpus }) => {
    const refused: { journey: number; destination: string; at: number; proof: Proof }[] = [];
    const served = new Set<string>();
    return {
      look: (facts) => {
        if (!facts.isTcp || !facts.journey.directionKnown) return;
        const { syns, synAcks, isEstablished, resets } = facts.tcp(0);
        if (isEstablished) served.add(destinationOf(corpus, facts.journey));
        const reset = resets.find(({ isBack }) => isBack);
        if (!reset || syns.length === 0 || synAcks.length > 0 || isEstablished) return;
        const leg = facts.journey.legs[0]!;
        const row = facts.followed.back[0]!.rows[reset.at]!;
        if ((corpus.packetsOf(leg).flags[row]! & TCP_ACK) === 0) return;
        // The furthest point that saw it is the nearest to who sent it.
        const sender = facts.journey.legs.findLastIndex((_, at) => facts.tcp(at).resets.some(({ isBack }) => isBack));
        refused.push({
          journey: facts.number,
          destination: destinationOf(corpus, facts.journey),
          at: facts.point(sender),
          proof: { journey: facts.number, leg, row, what: 'a reset answers the SYN' },
        });
      },
      conclude: () =>
        grouped(refused, ({ destination }) => destination).map(({ key, of }) => ({
          severity: of.length >= MANY && !served.has(key) ? 'warning' : 'note',
          certainty: 'certain',
          title: `${key} refused ${count(of.length, 'connection')}`,
          explain:
            'Each SYN was answered by a reset: nothing listens on that port, or a firewall on the way rejects. ' +
            'The translations work, since the reset found its way back.',
          at: of[0]!.at,
          to: null,
          journeys: of.map(({ journey }) => journey),
          proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
          next: ['ss -ltn   # on the server: does anything listen on this port?'],
        })),
    };
  },
};
