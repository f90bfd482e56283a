// Established connections that ended by a reset: sent by which side, and whether its end sent it or something on the way.
import type { Detector } from './detector.ts';
import { count, destinationOf, grouped } from './ends.ts';
import type { Proof } from './finding.ts';
import type { JourneyFacts } from './journey-facts.ts';

const MAX_PROOFS = 8;

interface Reset {
  readonly journey: number;
  readonly destination: string;
  readonly isBack: boolean;
  /** The point nearest to its sender that saw it. */
  readonly far: number;
  /** The next point towards the sender, which did not see it; null where that was the last. */
  readonly unseen: number | null;
  readonly proof: Proof;
}

export const connectionReset: Detector = {
  code: 'connection-reset',
  start: ({ corpus }) => {
    const found: Reset[] = [];
    return {
      look: (facts) => {
        if (!facts.isTcp || !facts.journey.directionKnown || !facts.tcp(0).isEstablished) return;
        const reset = firstReset(facts, destinationOf(corpus, facts.journey));
        if (reset) found.push(reset);
      },
      conclude: (isExplained) =>
        grouped(
          found.filter(({ journey }) => !isExplained(journey)),
          ({ destination, isBack, far, unseen }) => `${destination} ${isBack} ${far} ${unseen ?? ''}`,
        ).map(({ of }) => {
          const { destination, isBack, far, unseen } = of[0]!;
          const who = isBack ? 'the server' : 'the client';
          return {
            severity: unseen === null ? 'note' : 'warning',
            certainty: unseen === null ? 'certain' : 'probable',
            title:
              unseen === null
                ? `${count(of.length, 'connection')} to ${destination} reset by ${who}'s side`
                : `${count(of.length, 'connection')} to ${destination} reset by something on the way`,
            explain:
              unseen === null
                ? `The reset was seen at every point from ${who}'s end of the captures on: it came from ${who}, or from beyond the last point.`
                : 'The reset was seen here and not at the next point towards its sender, which was capturing and shows the connection: it was born between the two. ' +
                  'Load balancers and firewalls do so; so does a box that forgot the connection.',
            at: far,
            to: unseen,
            journeys: of.map(({ journey }) => journey),
            proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
            next: ['conntrack -E -p tcp   # on the box: does the entry go before the reset?'],
          };
        }),
    };
  },
};

/** The first reset of an established connection, and how far towards its sender it was seen. */
function firstReset(facts: JourneyFacts, destination: string): Reset | null {
  const legs = facts.journey.legs.map((_, at) => at);
  const first = legs
    .flatMap((at) => facts.tcp(at).resets.map((place) => ({ at, place })))
    .sort((x, y) => x.place.time - y.place.time)[0];
  if (!first) return null;
  const { isBack } = first.place;
  const saw = legs.filter((at) => facts.tcp(at).resets.some((reset) => reset.isBack === isBack));
  const far = isBack ? Math.max(...saw) : Math.min(...saw);
  const beyond = isBack ? far + 1 : far - 1;
  return {
    journey: facts.number,
    destination,
    isBack,
    far: facts.point(far),
    unseen: beyond >= 0 && beyond < legs.length ? facts.point(beyond) : null,
    proof: { ...facts.packet(first.at, first.place), what: 'the reset' },
  };
}
