// Two connections at once that a box would give the same source port: the second one's first packet is dropped when its
// entry cannot be inserted, and its retry passes (without --random-fully). The packets show it by its shape: nothing but
// first SYNs is lost in the gap, each beside another connection to the same destination that began in the same moment.
import type { Detector, Evidence } from './detector.ts';
import { count, destinationOf, tupleAt } from './ends.ts';
import type { JourneyFacts } from './journey-facts.ts';
import { type Lost, lossesOf } from './losses.ts';

const MAX_PROOFS = 8;
/** Both connections began within this; nanoseconds. */
const AT_ONCE = 20e6;

interface Begun {
  readonly journey: number;
  /** The point behind the box: pods have points of their own before it. */
  readonly behind: number;
  readonly destination: string;
  readonly time: number;
  readonly portBefore: number;
}

export const snatPortRace: Detector = {
  code: 'snat-port-race',
  explains: ['packet-loss'],
  start: (evidence) => {
    const { corpus } = evidence;
    const begun: Begun[] = [];
    const lostSyns: (Lost & Begun)[] = [];
    let otherLosses = 0;
    return {
      look: (facts) => {
        if (facts.isIcmpMessage) return;
        const own = [...beginningsOf(facts, evidence)];
        begun.push(...own);
        for (const lost of lossesOf(facts, corpus)) {
          const beginning = own.find(({ behind }) => behind === lost.to);
          const isFirst = beginning !== undefined && lost.isSyn && !lost.isBack && lost.time === beginning.time;
          if (isFirst && lost.isRepaired) lostSyns.push({ ...lost, ...beginning });
          else otherLosses++;
        }
      },
      conclude: (isExplained) => {
        const rivals = (lost: Begun): Begun[] =>
          begun.filter(
            (other) =>
              other.journey !== lost.journey &&
              other.behind === lost.behind &&
              other.destination === lost.destination &&
              other.portBefore === lost.portBefore &&
              Math.abs(other.time - lost.time) <= AT_ONCE,
          );
        const raced = lostSyns.filter((lost) => !isExplained(lost.journey) && rivals(lost).length > 0);
        if (raced.length === 0 || otherLosses > raced.length) return [];
        const { from, to } = raced[0]!;
        const random = evidence.rules.snatRules[0] ? evidence.rules.snatRules[0].translate.random === 'fully' : null;
        if (random === true) return [];
        return [
          {
            severity: 'error',
            certainty: 'probable',
            title: `${count(raced.length, 'connection')} lost their first SYN in a race for a source port`,
            explain:
              'Each began together with another connection that has the same source port and destination, in another pod; one of the two passed, ' +
              'the SYN of the other vanished in the box, and its retry a second later passed with another port. Nothing else is lost there. ' +
              (random === false
                ? 'The rule translates without --random-fully, which makes such clashes likely. '
                : '') +
              'A rise of insert_failed would prove it; plain loss would not choose these SYNs.',
            at: from,
            to,
            journeys: [...new Set(raced.flatMap((lost) => [lost.journey, ...rivals(lost).map((r) => r.journey)]))],
            proof: raced.slice(0, MAX_PROOFS).map(({ packet }) => ({ ...packet, what: 'the SYN that lost the race' })),
            next: [
              'conntrack -S   # insert_failed',
              'iptables -t nat -S | grep SNAT   # is --random-fully there? (AWS_VPC_K8S_CNI_RANDOMIZESNAT=prng)',
            ],
          },
        ];
      },
    };
  },
};

/** Where the journey's first SYN enters a gap that translates its source. */
function* beginningsOf(facts: JourneyFacts, { corpus }: Evidence): Generator<Begun> {
  if (!facts.isTcp || !facts.journey.directionKnown) return;
  for (let at = 1; at < facts.journey.legs.length; at++) {
    const before = tupleAt(corpus, facts.journey, at - 1);
    if (before.src === tupleAt(corpus, facts.journey, at).src) continue;
    const syn = facts.tcp(at - 1).syns[0];
    if (!syn) continue;
    yield {
      journey: facts.number,
      behind: facts.point(at),
      destination: destinationOf(corpus, facts.journey, at - 1),
      time: syn.time,
      portBefore: before.sport,
    };
  }
}
