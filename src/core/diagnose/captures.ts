// What the captures themselves lack: packets that tcpdump dropped, files that do not overlap in time, a point that shows
// nothing of what passes the others. Each with the command for the next recording.
import type { Detector } from './detector.ts';
import type { Finding } from './finding.ts';

const BARE: Pick<Finding, 'to' | 'journeys' | 'proof'> = { to: null, journeys: [], proof: [] };
/** A point with fewer legs is no witness. */
const FEWEST_LEGS = 5;

export const captureDrops: Detector = {
  code: 'capture-drops',
  start: ({ corpus }) => ({
    conclude: () =>
      corpus.points.flatMap((point, at): Finding[] =>
        point.dropped === 0
          ? []
          : [
              {
                ...BARE,
                severity: 'warning',
                certainty: 'certain',
                title: `${point.dropped.toLocaleString('en')} packets were dropped while capturing`,
                explain:
                  'The capture says so itself (interface statistics). Packets that are missing at this point alone were perhaps not lost: the capture missed them.',
                at,
                next: ['tcpdump -B 16384 -s 96 …   # a larger buffer, headers only'],
              },
            ],
      ),
  }),
};

export const windowsApart: Detector = {
  code: 'windows-apart',
  start: ({ corpus, visibility }) => ({
    conclude: () => {
      const points = corpus.points.map((point, at) => ({
        at,
        first: point.first - (visibility.offset[at] ?? 0),
        last: point.last - (visibility.offset[at] ?? 0),
      }));
      const timed = points.filter(({ first }) => !Number.isNaN(first));
      return timed.flatMap(({ at, first, last }): Finding[] =>
        timed.length < 2 || timed.some((other) => other.at !== at && other.first <= last && first <= other.last)
          ? []
          : [
              {
                ...BARE,
                severity: 'warning',
                certainty: 'probable',
                title: 'This capture overlaps no other in time',
                explain:
                  'Its first and last packet lie outside the windows of all other captures, so no packet of it can be found again. ' +
                  'It was taken at another time, or its clock is far off and nothing ties it to the others.',
                at,
                next: [
                  'timedatectl   # on both hosts: is the clock synchronised?',
                  'start all captures before the traffic, and stop them after it',
                ],
              },
            ],
      );
    },
  }),
};

export const pointSeesNothing: Detector = {
  code: 'point-sees-nothing',
  start: ({ corpus, correlation, naming }) => ({
    conclude: () => {
      const legs = corpus.points.map(() => 0);
      const tied = corpus.points.map(() => 0);
      for (const journey of correlation.journeys) {
        for (const leg of journey.legs) {
          legs[corpus.legs.point[leg]!]!++;
          if (journey.legs.length > 1) tied[corpus.legs.point[leg]!]!++;
        }
      }
      const others = legs.filter((count) => count >= FEWEST_LEGS).length;
      return corpus.points.flatMap((point, at): Finding[] => {
        const { role } = naming[at]!;
        const isWitness = legs[at]! >= FEWEST_LEGS;
        if (tied[at]! > 0 || role === 'pod-veth' || others - (isWitness ? 1 : 0) === 0) return [];
        const filter = point.filter === null ? '' : ` Its filter was: ${point.filter}.`;
        return [
          {
            ...BARE,
            severity: 'warning',
            certainty: 'probable',
            title: point.packets === 0 ? 'This capture is empty' : 'This capture shows nothing of what the others show',
            explain:
              `No connection of the other points was found here.${filter} Behind a source NAT the pod's address is gone: a filter that names it matches nothing. ` +
              'Or the traffic leaves by another interface.',
            at,
            next: [
              'tcpdump -ni any dst host DESTINATION   # filter by destination: SNAT leaves it alone',
              'ip route get DESTINATION from POD iif VETH   # which interface does it leave by?',
            ],
          },
        ];
      });
    },
  }),
};
