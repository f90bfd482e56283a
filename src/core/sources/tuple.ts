// A connection's tuple in one direction, as conntrack writes it.

/** One direction of a connection. Of ICMP both ports hold the id; of GRE they are the keys; 0 where a protocol has none. */
export interface Tuple {
  readonly src: string;
  readonly dst: string;
  readonly sport: number;
  readonly dport: number;
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
  33: 'dccp',
  47: 'gre',
  58: 'icmpv6',
  132: 'sctp',
  136: 'udplite',
};

/** As conntrack names it; `unknown` for those that it tracks by address alone. */
export function conntrackProtocolName(protocol: number): string {
  return PROTOCOL_NAMES[protocol] ?? 'unknown';
}

/** The number of a protocol that is written as its name or number; null where it is neither. */
export function protocolNumber(text: string): number | null {
  if (/^\d{1,3}$/.test(text)) return Number(text) <= 255 ? Number(text) : null;
  const known = NUMBERS.get(text.toLowerCase());
  return known ?? null;
}

const NUMBERS = new Map<string, number>([
  ...Object.entries(PROTOCOL_NAMES).map(([number, name]) => [name, Number(number)] as const),
  ['ipv6-icmp', 58],
  ['icmp6', 58],
  ['esp', 50],
  ['ah', 51],
]);

/** Protocols whose tuples have ports. */
export function hasPorts(protocol: number): boolean {
  return protocol === 6 || protocol === 17 || protocol === 33 || protocol === 132 || protocol === 136;
}
