// The uses of tuples that a dump tells of. An event log tells each use with its beginning and end; a listing the last one,
// without either. Events are printed 50 to 230 µs after the packet that caused them (more where several programs listen),
// and a use ends for conntrack long after its last packet: seconds for UDP, minutes for TCP.
import type { EpochNs } from '../bytes/time.ts';
import type { ConntrackDump } from './conntrack.ts';
import type { ConntrackEntry } from './conntrack-entry.ts';
import { tupleText } from './tuple.ts';

export interface TupleUse {
  /** The entry as it is quoted: from the first event, or from the listing. */
  readonly entry: ConntrackEntry;
  /** A log's: its first and last event by the clock of the box; null in a listing or a log without times. */
  readonly from: EpochNs | null;
  readonly to: EpochNs | null;
  /** The log saw it begin (NEW), or end (DESTROY; or the same tuple begins anew). */
  readonly hasBegun: boolean;
  readonly hasEnded: boolean;
  /** Numbers of its first and last event within the log: order, where there are no times. */
  readonly fromOrder: number;
  readonly toOrder: number;
}

interface OpenUse {
  readonly first: ConntrackEntry;
  readonly fromOrder: number;
  last: ConntrackEntry;
  toOrder: number;
  hasEnded: boolean;
}

/** In the order of their beginning. */
export function usesOfTuples(dump: ConntrackDump): TupleUse[] {
  if (!dump.isLog) {
    return dump.entries.map((entry, order) => {
      return { entry, from: null, to: null, hasBegun: false, hasEnded: false, fromOrder: order, toOrder: order };
    });
  }
  const uses: OpenUse[] = [];
  const open = new Map<string, OpenUse>();
  for (const [order, entry] of dump.entries.entries()) {
    const key = `${tupleText(entry.protocol, entry.original)} ${entry.zones.join(' ')}`;
    let use = open.get(key);
    // Another translation, or a beginning: the use before has ended though the log does not say so.
    if (use && (entry.event === 'NEW' || tupleText(0, use.first.reply) !== tupleText(0, entry.reply))) {
      use.hasEnded = true;
      use.toOrder = order;
      use = undefined;
    }
    if (!use) {
      use = { first: entry, fromOrder: order, last: entry, toOrder: order, hasEnded: false };
      uses.push(use);
      open.set(key, use);
    }
    use.last = entry;
    use.toOrder = order;
    if (entry.event === 'DESTROY') {
      use.hasEnded = true;
      open.delete(key);
    }
  }
  return uses.map(({ first, last, fromOrder, toOrder, hasEnded }): TupleUse => {
    return {
      entry: first,
      from: first.time,
      to: last.time,
      hasBegun: first.event === 'NEW',
      hasEnded,
      fromOrder,
      toOrder,
    };
  });
}
