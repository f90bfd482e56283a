// The kernel's own answer: `conntrack -L` (plain or `-o extended`), `/proc/net/nf_conntrack` and `conntrack -E` events.
// Tokens are read loosely: newer versions print more of them. An entry has two tuples; before the box the connection is
// its original tuple, after it the reverse of its reply tuple.
import { addressTextAt, parseAddress } from '../decode/addresses.ts';

/** One direction of a connection; for ICMP both ports hold the id. */
export interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
}

export interface ConntrackEntry {
  /** IP protocol number. */
  readonly protocol: number;
  readonly original: Tuple;
  readonly reply: Tuple;
  /** Such as ESTABLISHED; null for protocols without one. */
  readonly state: string | null;
  /** NEW, UPDATE or DESTROY in an event log; null in a dump. */
  readonly event: 'NEW' | 'UPDATE' | 'DESTROY' | null;
  /** The entry in the form of `conntrack -L`, without the prefixes of other forms. */
  readonly text: string;
  /** Line of the file, from 1. */
  readonly line: number;
}

export interface ConntrackDump {
  readonly entries: readonly ConntrackEntry[];
  /** Lines that are no entry (blank lines and conntrack's own closing line do not count), the first few. */
  readonly unread: readonly { readonly line: number; readonly reason: string }[];
}

const MAX_UNREAD_KEPT = 20;

export function parseConntrack(text: string): ConntrackDump {
  const entries: ConntrackEntry[] = [];
  const unread: { line: number; reason: string }[] = [];
  let line = 0;
  for (const raw of text.split('\n')) {
    line++;
    const trimmed = raw.trim();
    if (trimmed === '' || trimmed.startsWith('#') || /^conntrack v.*flow entries/.test(trimmed)) continue;
    const entry = parseLine(trimmed, line);
    if (typeof entry !== 'string') entries.push(entry);
    else if (unread.length < MAX_UNREAD_KEPT) unread.push({ line, reason: entry });
  }
  return { entries, unread };
}

/** Whether a text is likely to be of this kind. */
export function looksLikeConntrack(text: string): boolean {
  return /\bsrc=\S+ dst=\S+ /.test(text.slice(0, 65536));
}

/** The entry, or why it is none. */
function parseLine(text: string, line: number): ConntrackEntry | string {
  // `[1700000000.123456]` of -o timestamp, ` [NEW] ` of -E, `ipv4     2 ` of -o extended and /proc.
  const rest = text
    .replace(/^\[\d+\.\d+\]\s*/, '')
    .replace(/^\[(NEW|UPDATE|DESTROY)\]\s*/, '')
    .replace(/^ipv[46]\s+\d+\s+/, '');
  const event = /^(?:\[\d+\.\d+\]\s*)?\[(NEW|UPDATE|DESTROY)\]/.exec(text)?.[1] as ConntrackEntry['event'] | undefined;
  const head = /^(\S+)\s+(\d+)\s/.exec(rest);
  if (!head) return 'no protocol at its beginning';
  const protocol = Number(head[2]);
  const pairs = [...rest.matchAll(/\b([a-z]+(?:-[a-z]+)?)=(\S+)/g)].map((m) => [m[1]!, m[2]!] as const);
  const second = pairs.findIndex(([key], i) => i > 0 && key === 'src');
  if (second < 0) return 'no reply tuple';
  const original = tupleOf(pairs.slice(0, second));
  const reply = tupleOf(pairs.slice(second));
  if (!original || !reply) return 'an address or port that cannot be read';
  const state = /^\S+\s+\d+\s+(?:\d+\s+)?([A-Z][A-Z_0-9]+)\s/.exec(rest)?.[1] ?? null;
  return { protocol, original, reply, state, event: event ?? null, text: rest, line };
}

function tupleOf(pairs: readonly (readonly [string, string])[]): Tuple | null {
  const find = (key: string): string | undefined => pairs.find(([k]) => k === key)?.[1];
  const src = canonical(find('src'));
  const dst = canonical(find('dst'));
  if (src === null || dst === null) return null;
  const id = find('id');
  const isIcmp = find('type') !== undefined;
  const port = (text: string | undefined): number => (text === undefined ? 0 : Number(text));
  const sport = isIcmp ? port(id) : port(find('sport'));
  const dport = isIcmp ? port(id) : port(find('dport'));
  return Number.isInteger(sport) && Number.isInteger(dport) ? { src, dst, sport, dport } : null;
}

function canonical(text: string | undefined): string | null {
  const words = text === undefined ? null : parseAddress(text);
  return words ? addressTextAt(words) : null;
}

/** `sport` and `dport` swapped with the addresses. */
export function reverse(tuple: Tuple): Tuple {
  return { src: tuple.dst, dst: tuple.src, sport: tuple.dport, dport: tuple.sport };
}

/** A tuple as one string, for maps. */
export function tupleText(protocol: number, t: Tuple): string {
  return `${protocol} ${t.src} ${t.sport} ${t.dst} ${t.dport}`;
}

const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  1: 'icmp',
  6: 'tcp',
  17: 'udp',
  58: 'icmpv6',
  132: 'sctp',
  47: 'gre',
};

/** An entry as `conntrack -L` prints it, as far as packets tell: both tuples, no timeout and no state. */
export function conntrackLine(protocol: number, original: Tuple, reply: Tuple, echo: boolean): string {
  const name = `${(PROTOCOL_NAMES[protocol] ?? 'unknown').padEnd(8)} ${protocol}`;
  const type = (isReply: boolean): number => (protocol === 58 ? (isReply ? 129 : 128) : isReply ? 0 : 8);
  const tuple = (t: Tuple, isReply: boolean): string =>
    `src=${t.src} dst=${t.dst} ` +
    (echo ? `type=${type(isReply)} code=0 id=${t.sport}` : `sport=${t.sport} dport=${t.dport}`);
  return `${name} ${tuple(original, false)} ${tuple(reply, true)}`;
}
