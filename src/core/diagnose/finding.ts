// What a detector says: a diagnosed problem or a remark, with what proves it. Points, journeys and packets by number; the
// report gives them their ids and texts.
import type { Severity, Certainty } from '../report/model.ts';

/** A packet that shows it. */
export interface Proof {
  readonly journey: number;
  readonly leg: number;
  /** Row in the packet table of the leg's capture. */
  readonly row: number;
  /** What is to be seen in this packet, without a full stop: 'third SYN, the first that passed'. */
  readonly what: string;
}

export interface Finding {
  readonly severity: Severity;
  /** `probable` where another cause would look the same; `explain` then says which, and what would tell. */
  readonly certainty: Certainty;
  /** One line, with the numbers that matter. */
  readonly title: string;
  /** Plain sentences: what was seen, why it means this, what speaks against other causes. */
  readonly explain: string;
  /** The point where it shows, or the one before the gap where it happened; null where it is of no place. */
  readonly at: number | null;
  /** The point behind the gap. */
  readonly to: number | null;
  /** Journeys that show it; empty where it is about captures. */
  readonly journeys: readonly number[];
  readonly proof: readonly Proof[];
  /** Commands to run next, each with a word on what to look for: `conntrack -S   # insert_failed`. */
  readonly next: readonly string[];
}
