// What legs of one TCP connection may be found by where a box draws sequence numbers anew: the tuple, if it is kept, the
// timestamp or the IP id of the SYN, and what the first payloads hold. Legs in mid-stream: any payloads.
import { TCP_ACK, TCP_SYN } from '../decode/headers.ts';
import * as T from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';
import { isEverywhere, isMeaningful, keyOf } from './sketch.ts';
import { hasOpening } from './tcp-evidence.ts';

/** Packets of an opening that are looked at, and payloads of each direction among them. */
const OPENING = 24;
const FIRST_PAYLOADS = 3;
/** Of a leg in mid-stream all payloads at its ends, and of the rest a sample that others choose alike. */
const EDGE = 32;

const TUPLE = 1;
const TIMESTAMP = 2;
const PAYLOAD = 3;
const IP_ID = 4;

export class ShiftedKeys {
  private readonly corpus: Corpus;
  /** Some leg lacks its opening: then the others are filed by all their payloads too. */
  private readonly hasMiddle: boolean;

  constructor(corpus: Corpus, legs: readonly number[]) {
    this.corpus = corpus;
    this.hasMiddle = legs.some((leg) => !hasOpening(corpus, leg));
  }

  forEach(leg: number, visit: (key: number) => void): void {
    const l = this.corpus.legs;
    const tuple = this.corpus.tupleKey(leg);
    visit(keyOf(TUPLE, tuple, Math.floor(tuple / 0x1_0000_0000)));
    if ((l.traits[leg]! & T.HAS_SYN_TIMESTAMP) !== 0) visit(keyOf(TIMESTAMP, l.synTsVal[leg]!, 0));
    if (hasOpening(this.corpus, leg)) this.ofOpening(leg, visit);
    if (this.hasMiddle) this.ofPayloads(leg, visit);
  }

  private ofOpening(leg: number, visit: (key: number) => void): void {
    const p = this.corpus.packetsOf(leg);
    const left = [FIRST_PAYLOADS, FIRST_PAYLOADS];
    for (const row of this.corpus.rowsOf(leg).subarray(0, OPENING)) {
      const flags = p.flags[row]!;
      if ((flags & (TCP_SYN | TCP_ACK)) === TCP_SYN && p.ipId[row] !== 0) {
        for (const destination of [false, true]) {
          visit(keyOf(IP_ID, p.ipId[row]!, this.corpus.word(leg, destination, 3)));
        }
      }
      const back = (flags & T.BACK) === 0 ? 0 : 1;
      if (!isMeaningful(p, row) || (flags & T.FRAGMENT) !== 0 || left[back]!-- <= 0) continue;
      visit(this.payloadKey(p, row));
    }
  }

  private ofPayloads(leg: number, visit: (key: number) => void): void {
    const p = this.corpus.packetsOf(leg);
    const rows = this.corpus.rowsOf(leg);
    for (const [place, row] of rows.entries()) {
      if (!isMeaningful(p, row) || (p.flags[row]! & T.FRAGMENT) !== 0) continue;
      const key = this.payloadKey(p, row);
      if (place < EDGE || place >= rows.length - EDGE || isEverywhere(key)) visit(key);
    }
  }

  private payloadKey(p: T.PacketTable, row: number): number {
    return keyOf(PAYLOAD, p.payloadLength[row]!, p[this.corpus.digestColumn][row]!);
  }
}
