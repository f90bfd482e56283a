// One journey as detectors look at it: its packets across the points, and what TCP says at each, made when first asked for.
import { TCP } from '../decode/headers.ts';
import type { TracedJourney } from '../correlate/journeys.ts';
import type { FollowedJourney } from '../correlate/passages.ts';
import { ICMP_MESSAGE } from '../flows/tables.ts';
import type { Evidence } from './detector.ts';
import type { Proof } from './finding.ts';
import { type Place, type TcpFacts, tcpFacts } from './tcp-facts.ts';

export class JourneyFacts {
  readonly number: number;
  readonly journey: TracedJourney;
  readonly protocol: number;
  /** An ICMP message that is no echo: it is about another connection. */
  readonly isIcmpMessage: boolean;
  private readonly evidence: Evidence;
  private follow: FollowedJourney | null = null;
  private readonly tcpOf: (TcpFacts | undefined)[] = [];

  constructor(evidence: Evidence, number: number) {
    this.evidence = evidence;
    this.number = number;
    this.journey = evidence.correlation.journeys[number]!;
    const { legs } = evidence.corpus;
    this.protocol = legs.protocol[this.journey.legs[0]!]!;
    this.isIcmpMessage = (legs.traits[this.journey.legs[0]!]! & ICMP_MESSAGE) !== 0;
  }

  /** Its packets, found again from point to point. */
  get followed(): FollowedJourney {
    return (this.follow ??= this.evidence.followed(this.number));
  }

  get isTcp(): boolean {
    return this.protocol === TCP;
  }

  /** Of leg number `at` in the journey; only of TCP. */
  tcp(at: number): TcpFacts {
    const { out, back } = this.followed;
    return (this.tcpOf[at] ??= tcpFacts(this.evidence.corpus.packetsOf(this.journey.legs[at]!), out[at]!, back[at]!));
  }

  /** A packet at leg number `at`, as a proof names it. */
  packet(at: number, place: Place): Pick<Proof, 'journey' | 'leg' | 'row'> {
    const stream = (place.isBack ? this.followed.back : this.followed.out)[at]!;
    return { journey: this.number, leg: stream.leg, row: stream.rows[place.at]! };
  }

  /** The point of leg number `at`; negative numbers count from the end. */
  point(at: number): number {
    return this.evidence.corpus.legs.point[this.journey.legs.at(at)!]!;
  }
}
