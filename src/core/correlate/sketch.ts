// A sketch of a leg: up to `SKETCH_SIZE` of its packets, each as a key of what survives translation. The packets with the
// smallest keys are taken (a bottom-k sample), so that two points which saw the same packets chose the same ones, however
// many others either of them missed. What makes a key, by protocol:
//   TCP        sequence and acknowledgment number (a super-packet and its first segment share them)
//   ICMP echo  request or reply, sequence number, length and digest of the payload
//   others     length and digest of the payload
// Addresses, ports, IP ids, TTLs and checksums are what boxes rewrite: no key holds them.
import { TCP, TCP_ACK, TCP_SYN } from '../decode/headers.ts';
import { isIcmp } from '../flows/flow-table.ts';
import { BACK, FRAGMENT, HAS_TIME, ICMP_MESSAGE } from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';

const SKETCH_SIZE = 24;
/** Times that are kept of equal packets (keepalives, retries). */
const MAX_TIMES = 64;

/** Payloads shorter than this say next to nothing. */
export const MEANINGFUL_PAYLOAD = 8;

/** The keys of one leg, ascending; parallel arrays. */
export interface Sketch {
  readonly keys: readonly number[];
  /** Of the key's first packet: ran against the leg's first packet. */
  readonly back: readonly boolean[];
  /** Corpus times of the key's packets, the first `MAX_TIMES` of them. */
  readonly times: readonly (readonly number[])[];
  /** Whether the key has enough to it to tell packets apart (a payload of some length; TCP numbers). */
  readonly meaningful: readonly boolean[];
  /** IP id of the key's packet; 0 where it has none, or where there are several such packets. */
  readonly ipIds: readonly number[];
  /** Digest of the key's payload. */
  readonly content: readonly number[];
  /** False: the leg had more packets than the sketch holds. */
  readonly complete: boolean;
}

/** A key of 53 bits out of three 32-bit words, as a number. */
export function keyOf(a: number, b: number, c: number): number {
  let h1 = Math.imul(a ^ 0x9e3779b9, 0x85ebca6b);
  let h2 = Math.imul(a ^ 0x7f4a7c15, 0xc2b2ae35);
  h1 = Math.imul((h1 ^ (h1 >>> 15)) + b, 0x2c1b3c6d);
  h2 = Math.imul((h2 ^ (h2 >>> 13)) + b, 0x297a2d39);
  h1 = Math.imul((h1 ^ (h1 >>> 12)) + c, 0x9e3779b1);
  h2 = Math.imul((h2 ^ (h2 >>> 14)) + c, 0x85ebca77);
  h1 ^= h1 >>> 16;
  h2 ^= h2 >>> 15;
  return (h1 >>> 0) * 0x20_0000 + ((h2 >>> 0) & 0x1f_ffff);
}

export function sketchLeg(corpus: Corpus, leg: number): Sketch {
  const packets = corpus.packetsOf(leg);
  const shift = corpus.timeShift(corpus.captureOf(leg));
  const protocol = corpus.legs.protocol[leg]!;
  const { digestColumn } = corpus;
  const found = new Map<number, number[]>();
  let bound = Number.POSITIVE_INFINITY;
  let complete = true;
  for (const row of corpus.rowsOf(leg)) {
    const flags = packets.flags[row]!;
    if ((flags & FRAGMENT) !== 0) continue;
    let key: number;
    if (protocol === TCP) {
      // A SYN's number is compared as an ISN; a packet without an acknowledgment has but half a key.
      if ((flags & TCP_SYN) !== 0 || (flags & TCP_ACK) === 0) continue;
      key = keyOf(TCP, packets.sequence[row]!, packets.acknowledgment[row]!);
    } else if (isIcmp(protocol)) {
      const kind = (packets.acknowledgment[row]! << 16) ^ packets.sequence[row]!;
      key = keyOf(kind, packets.payloadLength[row]!, packets[digestColumn][row]!);
    } else {
      key = keyOf(protocol, packets.payloadLength[row]!, packets[digestColumn][row]!);
    }
    const equal = found.get(key);
    if (equal) {
      if (equal.length < MAX_TIMES) equal.push(row);
      continue;
    }
    if (key > bound) {
      complete = false;
      continue;
    }
    found.set(key, [row]);
    if (found.size > 2 * SKETCH_SIZE) {
      const keep = [...found.keys()].sort((x, y) => x - y);
      for (const dropped of keep.splice(SKETCH_SIZE)) found.delete(dropped);
      bound = keep.at(-1)!;
      complete = false;
    }
  }
  let entries = [...found].sort((x, y) => x[0] - y[0]);
  if (entries.length > SKETCH_SIZE) {
    entries = entries.slice(0, SKETCH_SIZE);
    complete = false;
  }
  const timesOf = (rows: readonly number[]): number[] =>
    rows.filter((row) => (packets.flags[row]! & HAS_TIME) !== 0).map((row) => packets.time[row]! + shift);
  return {
    keys: entries.map(([key]) => key),
    back: entries.map(([, rows]) => (packets.flags[rows[0]!]! & BACK) !== 0),
    times: entries.map(([, rows]) => timesOf(rows)),
    meaningful: entries.map(([, rows]) => protocol === TCP || packets.payloadLength[rows[0]!]! >= MEANINGFUL_PAYLOAD),
    ipIds: entries.map(([, rows]) => (rows.length === 1 ? packets.ipId[rows[0]!]! : 0)),
    content: entries.map(([, rows]) => packets[digestColumn][rows[0]!]!),
    complete,
  };
}

/** Whether sketches say anything about this leg: an ICMP error is known by the packet that it quotes. */
export function isSketched(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & ICMP_MESSAGE) === 0;
}
