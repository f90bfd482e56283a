// One entry of the kernel's connection table, whatever form it was printed in, and how `conntrack -L` writes it.
import type { EpochNs } from '../bytes/time.ts';
import { addressTextAt, parseAddress } from '../decode/addresses.ts';
import { type Tuple, conntrackProtocolName, hasPorts } from './tuple.ts';

export type ConntrackEvent = 'NEW' | 'UPDATE' | 'DESTROY';

export interface Counter {
  readonly packets: number;
  readonly bytes: number;
}

export interface ConntrackEntry {
  /** IP protocol number. */
  readonly protocol: number;
  readonly original: Tuple;
  readonly reply: Tuple;
  /**
   * False where the form leaves out what tells connections of two hosts apart: `-o xml` prints no ICMP id at all, `-o save`
   * none of the reply. Such an entry says something of addresses only.
   */
  readonly isComplete: boolean;
  /** Such as ESTABLISHED; null for protocols without one. */
  readonly state: string | null;
  /** Null in a listing. */
  readonly event: ConntrackEvent | null;
  /** When the event was printed (`-o timestamp`), by the clock of the box; it happened a little earlier. */
  readonly time: EpochNs | null;
  /** Seconds that the entry has left; null where it does not say. */
  readonly timeout: number | null;
  /** Of the original direction and of the replies; null where accounting is off. */
  readonly counters: readonly [Counter, Counter] | null;
  /** An answer was seen: no [UNREPLIED]. */
  readonly isReplied: boolean;
  /** Conntrack zones of the two directions; two entries with one tuple may differ in them alone. */
  readonly zones: readonly [number, number];
  readonly mark: number | null;
  /** Conntrack's own id (`-o id`), as text. */
  readonly id: string | null;
  /** The entry in the form of `conntrack -L`, without the prefixes of other forms. */
  readonly text: string;
  /** Line of the file, from 1. */
  readonly line: number;
}

/** What a line's parser found; a string says why it is no entry. */
export type ParsedLine = Omit<ConntrackEntry, 'line'> | string;

/** Canonical text of an address; null where it is none. */
export function canonicalAddress(text: string | undefined): string | null {
  if (text === undefined) return null;
  if (CANONICAL_IPV4.test(text)) return text;
  const words = parseAddress(text);
  return words ? addressTextAt(words) : null;
}
const OCTET = '(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)';
const CANONICAL_IPV4 = new RegExp(`^${OCTET}\\.${OCTET}\\.${OCTET}\\.${OCTET}$`);

/** A port of 0..65535 in decimal; null where the text is none. */
export function portNumber(text: string | undefined): number | null {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return null;
  const port = Number(text);
  return port <= 65_535 ? port : null;
}

/** An entry as `conntrack -L` prints it, as far as packets tell: both tuples, no timeout and no state. */
export function conntrackLine(protocol: number, original: Tuple, reply: Tuple): string {
  const name = `${conntrackProtocolName(protocol).padEnd(8)} ${protocol}`;
  return `${name} ${conntrackTuple(protocol, original, false)} ${conntrackTuple(protocol, reply, true)}`;
}

/** One direction of an entry; an ICMP one is an echo's. */
export function conntrackTuple(protocol: number, tuple: Tuple, isReply: boolean): string {
  const addresses = `src=${tuple.src} dst=${tuple.dst}`;
  if (protocol === 1) return `${addresses} type=${isReply ? 0 : 8} code=0 id=${tuple.sport}`;
  if (protocol === 58) return `${addresses} type=${isReply ? 129 : 128} code=0 id=${tuple.sport}`;
  if (protocol === 47) {
    return `${addresses} srckey=0x${tuple.sport.toString(16)} dstkey=0x${tuple.dport.toString(16)}`;
  }
  return hasPorts(protocol) ? `${addresses} sport=${tuple.sport} dport=${tuple.dport}` : addresses;
}

/** A count that is written in decimal; null where the text is none. */
export function countOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
