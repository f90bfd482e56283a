// Keys of packets: of what survives translation, one number. And for all legs but TCP's a sketch: which keys a leg has.
//   ICMP echo  request or reply, sequence number, length and digest of the payload (ICMPv6's as ICMP's: NAT64)
//   SCTP       verification tag besides
//   others     length and digest of the payload
// Addresses, ports, IP ids, TTLs and checksums are what boxes rewrite: no key holds them.
//
// A sketch of up to `WHOLE` packets has the keys of all. Of longer legs it has the keys of the first and the last packets,
// and of those between one in eight, chosen by the key itself: two captures choose alike, whichever part of a connection
// either saw, and even where they have but few packets in common, of its end and of its beginning.
import { ICMP, ICMPV6, SCTP, TCP } from '../decode/headers.ts';
import { echoKind, isIcmp } from '../flows/flow-table.ts';
import { FRAGMENT, ICMP_MESSAGE, type PacketTable } from '../flows/tables.ts';
import type { Corpus } from './corpus.ts';

/** Packets up to which a leg is sketched whole; at either end of a longer one, half as many. */
const WHOLE = 64;
/** Of the rest the keys with these bits 0. */
const SAMPLED = 7;
/** Payloads shorter than this say next to nothing. */
const MEANINGFUL_PAYLOAD = 8;
const MOST = 0xffff;

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

/** Whether sketches say anything about this leg: an ICMP error is known by the packet that it quotes. */
export function isSketched(corpus: Corpus, leg: number): boolean {
  return (corpus.legs.traits[leg]! & ICMP_MESSAGE) === 0;
}

/** Whether the packet's payload is enough to tell it from others. */
export function isMeaningful(packets: PacketTable, row: number): boolean {
  return packets.payloadLength[row]! >= MEANINGFUL_PAYLOAD;
}

/** The key of a packet that is not TCP's. */
export function datagramKey(corpus: Corpus, protocol: number, packets: PacketTable, row: number): number {
  return keyOf(kindOf(protocol, packets, row), packets.payloadLength[row]!, packets[corpus.digestColumn][row]!);
}

function kindOf(protocol: number, packets: PacketTable, row: number): number {
  if (protocol === SCTP) return packets.acknowledgment[row]! ^ SCTP;
  if (!isIcmp(protocol)) return protocol;
  const echo = echoKind(protocol, packets.acknowledgment[row]! >>> 8);
  return (echo << 16) ^ packets.sequence[row]!;
}

/** The same for protocols that NAT64 turns into each other. */
export function protocolFamily(protocol: number): number {
  return protocol === ICMPV6 ? ICMP : protocol;
}

/** The sketches of all legs but TCP's, one after another; a leg's keys ascend. */
export class Sketches {
  /** Where each leg's keys begin, and one past the last. */
  readonly starts: Uint32Array;
  keys = new Float64Array(1024);
  /** The key's first packet. */
  rows = new Uint32Array(1024);
  /** How many packets have it, 65535 at most. */
  counts = new Uint16Array(1024);
  /** 1 for legs of which not all keys are there. */
  readonly isSampled: Uint8Array;
  private readonly corpus: Corpus;
  private length = 0;

  constructor(corpus: Corpus) {
    this.corpus = corpus;
    const legs = corpus.legs.length;
    this.starts = new Uint32Array(legs + 1);
    this.isSampled = new Uint8Array(legs);
    for (let leg = 0; leg < legs; leg++) {
      if (corpus.legs.protocol[leg] !== TCP && isSketched(corpus, leg)) this.sketch(leg);
      this.starts[leg + 1] = this.length;
    }
  }

  private sketch(leg: number): void {
    const rows = this.corpus.rowsOf(leg);
    const packets = this.corpus.packetsOf(leg);
    const protocol = this.corpus.legs.protocol[leg]!;
    if (rows.length > WHOLE) {
      this.sample(leg, rows, packets, protocol);
      return;
    }
    const start = this.length;
    for (const row of rows) {
      if ((packets.flags[row]! & FRAGMENT) === 0)
        this.insert(start, datagramKey(this.corpus, protocol, packets, row), row);
    }
  }

  /** Adds a key in its place among those from `start` on. */
  private insert(start: number, key: number, row: number): void {
    let at = this.length;
    while (at > start && this.keys[at - 1]! > key) at--;
    if (at > start && this.keys[at - 1] === key) {
      if (this.counts[at - 1]! < MOST) this.counts[at - 1]!++;
      return;
    }
    this.reserve(1);
    for (let i = this.length; i > at; i--) {
      this.keys[i] = this.keys[i - 1]!;
      this.rows[i] = this.rows[i - 1]!;
      this.counts[i] = this.counts[i - 1]!;
    }
    this.put(at, key, row, 1);
    this.length++;
  }

  private sample(leg: number, rows: Uint32Array, packets: PacketTable, protocol: number): void {
    this.isSampled[leg] = 1;
    const found = new Map<number, { row: number; count: number }>();
    const edge = WHOLE / 2;
    const see = (row: number, wanted: boolean): void => {
      if ((packets.flags[row]! & FRAGMENT) !== 0) return;
      const key = datagramKey(this.corpus, protocol, packets, row);
      const known = found.get(key);
      if (known) known.count++;
      else if (wanted || (key & SAMPLED) === 0) found.set(key, { row, count: 1 });
    };
    for (let i = 0; i < rows.length; i++) see(rows[i]!, i < edge);
    // A key of the last packets alone was passed over until now: it is counted from its first place on.
    const late = new Set<number>();
    for (const row of rows.subarray(-edge)) {
      const key = datagramKey(this.corpus, protocol, packets, row);
      if ((packets.flags[row]! & FRAGMENT) === 0 && !found.has(key)) late.add(key);
    }
    if (late.size > 0) {
      for (const row of rows) {
        if ((packets.flags[row]! & FRAGMENT) !== 0) continue;
        const key = datagramKey(this.corpus, protocol, packets, row);
        if (!late.has(key)) continue;
        const known = found.get(key);
        if (known) known.count++;
        else found.set(key, { row, count: 1 });
      }
    }
    const keys = Float64Array.from(found.keys()).sort();
    this.reserve(keys.length);
    for (const key of keys) {
      const { row, count } = found.get(key)!;
      this.put(this.length++, key, row, Math.min(count, MOST));
    }
  }

  private put(at: number, key: number, row: number, count: number): void {
    this.keys[at] = key;
    this.rows[at] = row;
    this.counts[at] = count;
  }

  private reserve(more: number): void {
    let size = this.keys.length;
    if (this.length + more <= size) return;
    while (size < this.length + more) size *= 2;
    const [keys, rows, counts] = [new Float64Array(size), new Uint32Array(size), new Uint16Array(size)];
    keys.set(this.keys);
    rows.set(this.rows);
    counts.set(this.counts);
    this.keys = keys;
    this.rows = rows;
    this.counts = counts;
  }
}

/** Whether a sampled leg has all packets of this key in its sketch, wherever they were in the leg. */
export function isEverywhere(key: number): boolean {
  return (key & SAMPLED) === 0;
}
