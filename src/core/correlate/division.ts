// A leg of the flow table can be several connections in turn (an outer port that two pods' connections had one after the
// other), or one that had several partners in turn (its entry expired, it left with another port). Such a leg is divided
// into uses: each is a leg of its own with a part of the packets, in the order of the file.
import { concatColumns } from '../bytes/columns.ts';
import { TCP, TCP_ACK, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import * as T from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';

/** Leg -> the places among its rows at which a later use begins; ascending, none of them 0. */
export type Division = ReadonlyMap<number, readonly number[]>;

interface Use {
  readonly leg: number;
  /** The divided leg; it keeps its number as the first of its uses. */
  readonly of: number;
  readonly rows: Uint32Array;
}

/** The legs with those of `division` in uses; later uses are appended. */
export function divideLegs(corpus: Corpus, division: Division): { legs: T.LegTable; uses: Use[] } {
  const uses: Use[] = [];
  const whole = corpus.legs;
  let count = whole.length;
  for (const [of, places] of division) {
    const rows = corpus.rowsOf(of);
    for (const [i, from] of [0, ...places].entries()) {
      uses.push({ leg: i === 0 ? of : count++, of, rows: rows.slice(from, places[i]) });
    }
  }
  const later = Object.fromEntries(
    Object.entries(T.LEG_COLUMNS).map(([name, type]) => [name, new type(count - whole.length)]),
  );
  const legs = concatColumns(T.LEG_COLUMNS, [whole, { ...later, length: count - whole.length } as T.LegTable]);
  for (const use of uses) fillUse(corpus, whole, legs, use);
  return { legs, uses };
}

/** What a leg's columns say of its packets, for the packets of this use; "out" stays the direction of the leg's first. */
function fillUse(corpus: Corpus, whole: T.LegTable, legs: T.LegTable, { leg, of, rows }: Use): void {
  for (const name of Object.keys(T.LEG_COLUMNS) as (keyof typeof T.LEG_COLUMNS)[]) legs[name][leg] = whole[name][of]!;
  const packets = corpus.packetsOf(of);
  const shift = corpus.timeShift(corpus.captureOf(of));
  const isTcp = whole.protocol[of] === TCP;
  const found = { out: 0, back: 0, bytesOut: 0, bytesBack: 0, ttlOut: 0, ttlBack: 0, syn: false, synAck: false };
  let [first, last] = [Number.NaN, Number.NaN];
  for (const row of rows) {
    const flags = packets.flags[row]!;
    const back = (flags & T.BACK) !== 0;
    found[back ? 'back' : 'out']++;
    found[back ? 'bytesBack' : 'bytesOut'] += packets.wireLength[row]!;
    const ttl = back ? 'ttlBack' : 'ttlOut';
    if (found[ttl] === 0 && !(isTcp && (flags & TCP_RST) !== 0)) found[ttl] = packets.ttl[row]!;
    if (isTcp && (flags & TCP_SYN) !== 0) found[(flags & TCP_ACK) !== 0 ? 'synAck' : 'syn'] = true;
    if ((flags & T.HAS_TIME) === 0) continue;
    const time = packets.time[row]! + shift;
    if (!(time >= first)) first = time;
    if (!(time <= last)) last = time;
  }
  legs.packetsOut[leg] = found.out;
  legs.packetsBack[leg] = found.back;
  legs.bytesOut[leg] = found.bytesOut;
  legs.bytesBack[leg] = found.bytesBack;
  legs.ttlOut[leg] = found.ttlOut;
  legs.ttlBack[leg] = found.ttlBack;
  legs.first[leg] = Number.isNaN(first) ? whole.first[of]! : first;
  legs.last[leg] = Number.isNaN(last) ? whole.last[of]! : last;
  if (!found.syn) legs.traits[leg]! &= ~(T.HAS_SYN | T.HAS_SYN_TIMESTAMP);
  if (!found.synAck) legs.traits[leg]! &= ~T.HAS_SYN_ACK;
}
