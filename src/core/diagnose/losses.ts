// The packets of a journey that were lost between two of its points, with what became of them.
import { TCP_FIN, TCP_SYN } from '../decode/headers.ts';
import type { Corpus } from '../correlate/corpus.ts';
import type { Crossing } from '../correlate/passages.ts';
import type { Proof } from './finding.ts';
import type { JourneyFacts } from './journey-facts.ts';

export interface Lost {
  readonly journey: number;
  /** Points before and behind the loss, in the direction of the packet. */
  readonly from: number;
  readonly to: number;
  readonly isBack: boolean;
  /** Corrected, nanoseconds. */
  readonly time: number;
  readonly isSyn: boolean;
  readonly payloadLength: number;
  readonly wireLength: number;
  /** The same bytes (or the same SYN) passed later: the sender repaired it. Only TCP says so. */
  readonly isRepaired: boolean;
  readonly packet: Pick<Proof, 'journey' | 'leg' | 'row'>;
}

export function* lossesOf(facts: JourneyFacts, corpus: Corpus): Generator<Lost> {
  for (const gap of facts.followed.gaps) {
    yield* lossesIn(facts, corpus, gap.out, false);
    yield* lossesIn(facts, corpus, gap.back, true);
  }
}

function* lossesIn(facts: JourneyFacts, corpus: Corpus, crossing: Crossing, isBack: boolean): Generator<Lost> {
  if (crossing.lost === 0) return;
  const { upstream, downstream, isLost } = crossing;
  const p = corpus.packetsOf(upstream.leg);
  const point = corpus.legs.point;
  for (let at = 0; at < isLost.length; at++) {
    if (isLost[at] === 0) continue;
    const row = upstream.rows[at]!;
    const isSyn = (p.flags[row]! & TCP_SYN) !== 0;
    yield {
      journey: facts.number,
      from: point[upstream.leg]!,
      to: point[downstream.leg]!,
      isBack,
      time: upstream.times[at]!,
      isSyn,
      payloadLength: p.payloadLength[row]!,
      wireLength: p.wireLength[row]!,
      isRepaired: facts.isTcp && isRepaired(corpus, crossing, row),
      packet: { journey: facts.number, leg: upstream.leg, row },
    };
  }
}

/** Whether the bytes of an upstream packet passed in another one. A packet without any (an ACK) is made good by the next. */
function isRepaired(corpus: Corpus, { upstream, downstream }: Crossing, row: number): boolean {
  const p = corpus.packetsOf(upstream.leg);
  const q = corpus.packetsOf(downstream.leg);
  const occupied = (flags: number, length: number): number => length + ((flags & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0);
  const length = occupied(p.flags[row]!, p.payloadLength[row]!);
  if (length === 0) return downstream.rows.length > 0;
  const end = p.sequence[row]! + length;
  return downstream.rows.some((other) => {
    const reach = occupied(q.flags[other]!, q.payloadLength[other]!);
    return (
      reach > 0 && ((q.sequence[other]! - p.sequence[row]!) | 0) <= 0 && ((q.sequence[other]! + reach - end) | 0) >= 0
    );
  });
}
