// A connection that was silent for too long: a box on the way had forgotten it and answered the next packet with a reset of
// its own (an AWS NAT gateway after 350 s). The reset is born between two points, and what it answers died there too.
import type { Detector } from './detector.ts';
import { count, grouped, seconds } from './ends.ts';
import type { Proof } from './finding.ts';
import type { JourneyFacts } from './journey-facts.ts';
import type { Place } from './tcp-facts.ts';

const MAX_PROOFS = 8;
/** The reset follows the packet that it answers within this; nanoseconds. */
const ANSWERED_WITHIN = 2e9;
/** Silences are not shorter; nanoseconds. */
const SHORTEST = 1e9;
/** Known timers, in seconds; a silence proves one only from below. */
const TIMERS: readonly { readonly seconds: number; readonly of: string }[] = [
  { seconds: 350, of: 'an AWS NAT gateway, Network Load Balancer or Gateway Load Balancer' },
  { seconds: 432_000, of: "Linux conntrack's established connections" },
];

interface Forgotten {
  readonly journey: number;
  /** The point that saw the reset, and the one behind the box, which did not. */
  readonly at: number;
  readonly behind: number;
  readonly silence: number;
  readonly proof: readonly Proof[];
}

export const idleTimeout: Detector = {
  code: 'idle-timeout',
  explains: ['connection-reset', 'packet-loss'],
  start: () => {
    const found: Forgotten[] = [];
    /** The longest silences that connections at these points survived. */
    let survived = 0;
    return {
      look: (facts) => {
        if (!facts.isTcp) return;
        const forgotten = forgottenAt(facts);
        if (forgotten) found.push(forgotten);
        else survived = Math.max(survived, survivedSilence(facts));
      },
      conclude: () =>
        grouped(found, ({ at, behind }) => `${at} ${behind}`).flatMap(({ of }) => {
          const shortest = Math.min(...of.map(({ silence }) => silence));
          if (shortest <= survived) return [];
          const { at, behind } = of[0]!;
          const timer = TIMERS.findLast(({ seconds }) => shortest >= seconds * 1e9);
          const bounds =
            survived > SHORTEST
              ? `Silences up to ${seconds(survived)} were survived, so the timer lies between that and ${seconds(shortest)}. `
              : `The shortest such silence was ${seconds(shortest)}: the timer is no longer. `;
          return [
            {
              severity: 'error',
              certainty: 'certain',
              title: `${count(of.length, 'idle connection')} reset by a box on the way after ${seconds(shortest)} of silence`,
              explain:
                "After the silence the client's next packet did not get past the box, and a reset answered it that the point " +
                `behind the box never saw: it was born there. The box had dropped its entry. ${bounds}` +
                (timer ? `${timer.of[0]!.toUpperCase()}${timer.of.slice(1)} forgets after ${timer.seconds} s.` : ''),
              at,
              to: behind,
              journeys: of.map(({ journey }) => journey),
              proof: of.flatMap(({ proof }) => proof).slice(0, MAX_PROOFS),
              next: [
                'sysctl net.ipv4.tcp_keepalive_time   # in the pod: below the timer, and SO_KEEPALIVE set by the application?',
                'aws cloudwatch get-metric-statistics --namespace AWS/NATGateway --metric-name IdleTimeoutCount …',
              ],
            },
          ];
        }),
    };
  },
};

/** The packet after a silence that a reset answers, where the point behind the box has neither of them. */
function forgottenAt(facts: JourneyFacts): Forgotten | null {
  const tcp = facts.tcp(0);
  const { longestSilence } = tcp;
  if (!tcp.isEstablished || !longestSilence || longestSilence.length < SHORTEST || longestSilence.after.isBack)
    return null;
  const { after } = longestSilence;
  const isAnswer = ({ isBack, time }: Place): boolean => isBack && Math.abs(time - after.time) <= ANSWERED_WITHIN;
  const reset = tcp.resets.find(isAnswer);
  if (!reset) return null;
  const { out } = facts.followed;
  const behind = facts.journey.legs.findIndex(
    (_, at) =>
      at > 0 &&
      !facts.tcp(at).resets.some(isAnswer) &&
      !out[at]!.times.some((time) => time >= after.time - longestSilence.length / 2),
  );
  if (behind < 0) return null;
  return {
    journey: facts.number,
    at: facts.point(behind - 1),
    behind: facts.point(behind),
    silence: longestSilence.length,
    proof: [
      { ...facts.packet(0, after), what: `the first packet after ${seconds(longestSilence.length)} of silence` },
      { ...facts.packet(0, reset), what: 'the reset that answers it, unknown behind the box' },
    ],
  };
}

function survivedSilence(facts: JourneyFacts): number {
  const { longestSilence, resets, isEstablished } = facts.tcp(0);
  return isEstablished && longestSilence && resets.length === 0 ? longestSilence.length : 0;
}
