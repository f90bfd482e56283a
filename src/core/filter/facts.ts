// What a filter asks of the journeys of a session. Journeys are numbers, so that a million of them can be asked without
// one object being made; the report implements this over its tables.
import type { ChangeKind, Confidence, Severity } from '../report/model.ts';

/** How a point may be called in a filter: its id first, then role, interface, file. */
export interface PointNames {
  readonly names: readonly string[];
  /** In a few words, for completion. */
  readonly description: string;
}

/** Of an end: words 0..3 of its address, as in `Headers`, and its port, -1 where there is none. */
export type EndTest = (w0: number, w1: number, w2: number, w3: number, port: number) => boolean;

export interface JourneyFacts {
  /** By point number. */
  readonly points: readonly PointNames[];
  /** Nanoseconds since 1970 of the facts' time 0, and of these the session's first packet. */
  readonly base: bigint;
  readonly start: number;

  protocol(journey: number): number;
  /** Legs from the client to the server; a journey has one at least. */
  legs(journey: number): number;
  point(journey: number, leg: number): number;
  /** 4 or 6. */
  ipVersion(journey: number, leg: number): number;
  /** Of the source or the destination in the journey's direction. */
  end(journey: number, leg: number, destination: boolean, test: EndTest): boolean;
  /** -1 where the protocol has none. */
  port(journey: number, leg: number, destination: boolean): number;
  /** An echo's id at a leg; -1 where it is no echo. */
  icmpId(journey: number, leg: number): number;
  /** Type and code of an ICMP message that is no echo: type << 8 | code; else -1. */
  icmpMessage(journey: number): number;
  /** What happened behind leg 0, 1, …, in the gap to the next one. */
  kind(journey: number, gap: number): ChangeKind;
  portChanged(journey: number, gap: number): boolean;
  /** A time of a packet at any point: nanoseconds after `base`, clocks corrected. */
  someTime(journey: number, test: (time: number) => boolean): boolean;
  /** A one-way delay of a packet between neighbouring points, in nanoseconds. */
  someDelay(journey: number, test: (delay: number) => boolean): boolean;
  /** Packets with proof of their loss, over all gaps. */
  lost(journey: number, back: boolean): number;
  rtt(journey: number): number | null;
  /** At the first leg. */
  duration(journey: number): number;
  packets(journey: number, back: boolean): number;
  bytes(journey: number, back: boolean): number;
  confidence(journey: number): Confidence;
  directionKnown(journey: number): boolean;
  notSeenAt(journey: number): readonly number[];
  findings(journey: number): readonly string[];
  severities(journey: number): readonly Severity[];
  /** Of pods, containers, processes, services: whatever the inputs name its ends. */
  names(journey: number): readonly string[];
  id(journey: number): string;
  /** Its addresses with ports at all points, protocol, confidence and kinds, as one line. */
  text(journey: number): string;
  /** Values worth offering for a field, the likeliest first, each with a few words about it. */
  suggest(field: string): readonly { readonly text: string; readonly description: string }[];
}
