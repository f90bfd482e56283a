// A line of `conntrack -L`, `conntrack -E` or `/proc/net/nf_conntrack`. Tokens are read loosely: newer versions print more.
//
//   [1795399084.003186]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT src=A dst=B sport=p dport=q zone-orig=9 packets=1
//   bytes=60 [UNREPLIED] src=B dst=S sport=q dport=p2 packets=0 bytes=0 [ASSURED] mark=128 zone=7 delta-time=1
//   [start=Mon Nov 23 01:58:04 2026] use=1 id=2302930200 [USERSPACE] portid=3198583042
//
// ICMP prints type, code and id in the place of ports, GRE its keys. A second `id=` behind an echo's is conntrack's own.
import {
  type ConntrackEvent,
  type Counter,
  type ParsedLine,
  canonicalAddress,
  conntrackTuple,
  countOf,
  portNumber,
} from './conntrack-entry.ts';
import { type Tuple, conntrackProtocolName, hasPorts, protocolNumber } from './tuple.ts';

const ICMP = 1;
const GRE = 47;
const ICMPV6 = 58;

export function parsePlainLine(line: string): ParsedLine {
  const prefix = /^(?:\[(\d{1,12})\.(\d{1,9})\]\s*)?(?:\[(NEW|UPDATE|DESTROY)\]\s*)?(?:ipv[46]\s+\d+\s+)?/.exec(line)!;
  const text = line.slice(prefix[0].length);
  const tuplesAt = text.search(/(?:^|\s)src=/);
  if (tuplesAt < 0) return 'no address';
  const head = text.slice(0, tuplesAt).trim().split(/\s+/);
  const [name, number] = head;
  const protocol = number === undefined ? null : protocolNumber(number);
  if (name === undefined || protocol === null || !/^\d/.test(number!)) return 'no protocol at its beginning';
  const named = protocolNumber(name);
  if (named !== null && named !== protocol) return `protocol ${name} is not ${number!}`;
  const rest = head.slice(2);

  const directions = [new Map<string, string>(), new Map<string, string>()] as const;
  let direction = -1;
  let isReplied = true;
  let ownId: string | null = null;
  for (const token of text.slice(tuplesAt).trim().split(/\s+/)) {
    const equals = token.indexOf('=');
    if (equals <= 0) {
      if (token === '[UNREPLIED]') isReplied = false;
      continue;
    }
    const key = token.slice(0, equals);
    if (key === 'src' && ++direction > 1) return 'more than two tuples: lines that ran together';
    const values = directions[direction as 0 | 1];
    const isEchoId = key === 'id' && (protocol === ICMP || protocol === ICMPV6) && !values.has('id');
    if (key === 'id' && !isEchoId) ownId = token.slice(equals + 1);
    else if (!values.has(key)) values.set(key, token.slice(equals + 1));
  }
  if (direction < 1) return 'no reply tuple';
  const original = tupleOf(protocol, directions[0]);
  if (typeof original === 'string') return original;
  const reply = tupleOf(protocol, directions[1]);
  if (typeof reply === 'string') return reply;

  const zone = zoneOf(directions[1].get('zone'));
  return {
    protocol,
    original,
    reply,
    isComplete: true,
    state: rest.find((word) => /^[A-Z][A-Z_0-9]+$/.test(word)) ?? null,
    event: (prefix[3] as ConntrackEvent | undefined) ?? null,
    time: prefix[1] === undefined ? null : BigInt(prefix[1]) * 1_000_000_000n + BigInt(prefix[2]!.padEnd(9, '0')),
    timeout: rest[0] !== undefined && /^\d{1,9}$/.test(rest[0]) ? Number(rest[0]) : null,
    counters: countersOf(directions),
    isReplied,
    zones: [zoneOf(directions[0].get('zone-orig')) || zone, zoneOf(directions[1].get('zone-reply')) || zone],
    mark: countOf(directions[1].get('mark')),
    id: ownId,
    text,
  };
}

function tupleOf(protocol: number, values: ReadonlyMap<string, string>): Tuple | string {
  const src = canonicalAddress(values.get('src'));
  const dst = canonicalAddress(values.get('dst'));
  if (src === null || dst === null) return 'an address that cannot be read';
  const ports = portsOf(protocol, values);
  return ports ? { src, dst, sport: ports[0], dport: ports[1] } : 'a port or id that cannot be read';
}

function portsOf(protocol: number, values: ReadonlyMap<string, string>): [number, number] | null {
  if (protocol === ICMP || protocol === ICMPV6) {
    const id = portNumber(values.get('id'));
    return id === null ? null : [id, id];
  }
  if (protocol === GRE) {
    const [source, destination] = [keyOf(values.get('srckey')), keyOf(values.get('dstkey'))];
    return source === null || destination === null ? null : [source, destination];
  }
  if (!hasPorts(protocol)) return [0, 0];
  const [source, destination] = [portNumber(values.get('sport')), portNumber(values.get('dport'))];
  return source === null || destination === null ? null : [source, destination];
}

function keyOf(text: string | undefined): number | null {
  return text !== undefined && /^(0x[\da-f]{1,8}|\d{1,10})$/i.test(text) ? Number(text) : null;
}

function countersOf(directions: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>]) {
  const counters = directions.map((values): Counter | null => {
    const [packets, bytes] = [countOf(values.get('packets')), countOf(values.get('bytes'))];
    return packets === null || bytes === null ? null : { packets, bytes };
  });
  const [original, reply] = counters;
  return original && reply ? ([original, reply] as const) : null;
}

function zoneOf(text: string | undefined): number {
  return portNumber(text) ?? 0;
}

/** What `-o save` and `-o xml` say, as `conntrack -L` would print it; of an incomplete entry the addresses. */
export function plainText(entry: Omit<Exclude<ParsedLine, string>, 'text'>): string {
  const { protocol, original, reply } = entry;
  const tuple = (direction: Tuple, isReply: boolean): string =>
    entry.isComplete ? conntrackTuple(protocol, direction, isReply) : `src=${direction.src} dst=${direction.dst}`;
  const words = [
    `${conntrackProtocolName(protocol).padEnd(8)} ${protocol}`,
    ...(entry.timeout === null ? [] : [String(entry.timeout)]),
    ...(entry.state === null ? [] : [entry.state]),
    tuple(original, false),
    ...(entry.isReplied ? [] : ['[UNREPLIED]']),
    tuple(reply, true),
  ];
  return words.join(' ');
}
