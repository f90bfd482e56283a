// What a box's rules say, whichever program printed them: tables of chains of rules, as far as they decide about
// translation. A match that is not understood is kept as one that may be true: a rule is never ruled out by what is unknown.
import { parseAddress, parseCidr } from '../decode/addresses.ts';

export type HookName = 'prerouting' | 'input' | 'forward' | 'output' | 'postrouting';

/** First and last address, in the four words of `parseAddress`. */
export interface AddressRange {
  readonly low: Uint32Array;
  readonly high: Uint32Array;
}

export type PortRange = readonly [first: number, last: number];

export type Match = { readonly not: boolean } & (
  | { readonly kind: 'address'; readonly end: 'source' | 'destination'; readonly ranges: readonly AddressRange[] }
  | { readonly kind: 'port'; readonly end: 'source' | 'destination' | 'either'; readonly ranges: readonly PortRange[] }
  | { readonly kind: 'protocol'; readonly protocols: readonly number[] }
  | { readonly kind: 'family'; readonly isV6: boolean }
  /** `eth0`, `eni*`. */
  | { readonly kind: 'interface'; readonly way: 'in' | 'out'; readonly names: readonly string[] }
  | { readonly kind: 'mark'; readonly of: 'packet' | 'connection'; readonly value: number; readonly mask: number }
  /** The address is one of the box's own. */
  | { readonly kind: 'local'; readonly end: 'source' | 'destination' }
  | { readonly kind: 'any-of'; readonly alternatives: readonly (readonly Match[])[] }
  | { readonly kind: 'unknown' }
);

/** An address range, ports, or both, that a translation chooses from. */
export interface Choice {
  readonly addresses: AddressRange | null;
  readonly ports: PortRange | null;
}

export interface Translate {
  readonly kind: 'snat' | 'dnat';
  /** One of these; null where the rule does not say (MASQUERADE's address, REDIRECT's, what nft cannot print). */
  readonly to: readonly Choice[] | null;
  /** NETMAP: the prefix is replaced, the rest of the address and the port stay. */
  readonly isNetmap: boolean;
  /** How a port is chosen: kept where it is free, by a hash with a random offset, or at random. */
  readonly random: 'no' | 'hash' | 'fully';
}

export type Action =
  | Translate
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'return' | 'accept' | 'drop' }
  /** mark = (mark & ~mask) ^ value. */
  | { readonly kind: 'set-mark'; readonly of: 'packet' | 'connection'; readonly value: number; readonly mask: number }
  /** The packet's mark from the connection's, or the other way round, of these bits. */
  | {
      readonly kind: 'copy-mark';
      readonly to: 'packet' | 'connection';
      readonly bits: number;
      readonly cleared: number;
    }
  /** The mark becomes something that the rule does not tell. */
  | { readonly kind: 'blur-mark'; readonly of: 'packet' | 'connection' };

export interface Rule {
  readonly matches: readonly Match[];
  readonly actions: readonly Action[];
  /** As it was printed, without counters and comments. */
  readonly text: string;
  readonly line: number;
  /** Packets that it counted; null where it does not count. */
  readonly packets: number | null;
}

export interface Chain {
  readonly name: string;
  readonly rules: readonly Rule[];
}

/** A chain that the kernel calls. */
export interface BaseChain {
  readonly hook: HookName;
  readonly priority: number;
  readonly table: Table;
  readonly chain: Chain;
}

export interface Table {
  readonly family: 'ip' | 'ip6' | 'inet';
  readonly name: string;
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface Ruleset {
  /** Such as `iptables-save`, `nft list ruleset`. */
  readonly form: string;
  /** In the order in which a packet meets them at each hook. */
  readonly base: readonly BaseChain[];
  /** Rules that translate. */
  readonly translating: number;
  readonly unread: { readonly count: number; readonly first: readonly { line: number; reason: string }[] };
}

const MAX_UNREAD_KEPT = 20;

interface GrowingChain extends Chain {
  readonly rules: Rule[];
}
interface GrowingTable extends Table {
  readonly chains: Map<string, GrowingChain>;
}

export class RulesetBuilder {
  private readonly tables = new Map<string, GrowingTable>();
  private readonly base: BaseChain[] = [];
  private readonly unread: { line: number; reason: string }[] = [];
  private unreadCount = 0;
  private translating = 0;

  chain(family: Table['family'], table: string, name: string): GrowingChain {
    const key = `${family} ${table}`;
    let found = this.tables.get(key);
    if (!found) this.tables.set(key, (found = { family, name: table, chains: new Map() }));
    let chain = found.chains.get(name);
    if (!chain) found.chains.set(name, (chain = { name, rules: [] }));
    return chain;
  }

  /** Says that the kernel calls a chain. */
  hook(family: Table['family'], table: string, name: string, hook: HookName, priority: number): void {
    const chain = this.chain(family, table, name);
    this.base.push({ hook, priority, table: this.tables.get(`${family} ${table}`)!, chain });
  }

  add(family: Table['family'], table: string, chain: string, rule: Rule): void {
    if (rule.actions.some((action) => action.kind === 'snat' || action.kind === 'dnat')) this.translating++;
    this.chain(family, table, chain).rules.push(rule);
  }

  notRead(line: number, reason: string): void {
    this.unreadCount++;
    if (this.unread.length < MAX_UNREAD_KEPT) this.unread.push({ line, reason });
  }

  finish(form: string): Ruleset {
    const base = [...this.base].sort((x, y) => x.priority - y.priority);
    return { form, base, translating: this.translating, unread: { count: this.unreadCount, first: this.unread } };
  }
}

/** Rules that translate one end, chain by chain. */
export function translatingRules(
  { base }: Ruleset,
  kind: Translate['kind'],
): { readonly rule: Rule; readonly translate: Translate }[] {
  const tables = new Set(base.map(({ table }) => table));
  const rules = [...tables].flatMap(({ chains }) => [...chains.values()].flatMap((chain) => chain.rules));
  return rules.flatMap((rule) =>
    rule.actions.flatMap((action) => (action.kind === kind ? [{ rule, translate: action }] : [])),
  );
}

/** `10.0.0.1`, `10.0.0.0/8`, `10.0.0.1-10.0.0.9`, IPv6 alike, also in brackets; null where the text is none. */
export function addressRange(text: string): AddressRange | null {
  const bare = text.replaceAll(/[[\]]/g, '');
  const dash = bare.indexOf('-');
  if (dash > 0) {
    const [low, high] = [parseAddress(bare.slice(0, dash)), parseAddress(bare.slice(dash + 1))];
    return low && high ? { low, high } : null;
  }
  const masked = /^(.+)\/(\d+\.\d+\.\d+\.\d+)$/.exec(bare);
  const cidr = parseCidr(masked ? `${masked[1]!}/${maskLength(masked[2]!)}` : bare);
  if (!cidr) return null;
  const low = cidr.words.slice();
  const high = cidr.words.slice();
  for (let word = 0; word < 4; word++) {
    const bits = Math.min(32, Math.max(0, cidr.prefix - word * 32));
    const host = bits === 0 ? 0xffff_ffff : bits === 32 ? 0 : 0xffff_ffff >>> bits;
    low[word] = low[word]! & ~host;
    high[word] = high[word]! | host;
  }
  return { low, high };
}

/** Of a mask such as 255.255.0.0; that of an impossible one is beyond any prefix. */
function maskLength(mask: string): number {
  const value = parseAddress(mask)?.[3] ?? 0;
  const ones = value === 0 ? 0 : Math.clz32(~value);
  return value === (ones === 0 ? 0 : (0xffff_ffff << (32 - ones)) >>> 0) ? ones : 33;
}

/** `80`, `80-90`, `80:90`; null where the text is none. */
export function portRange(text: string): PortRange | null {
  const parts = /^(\d{1,5})(?:[-:](\d{1,5}))?$/.exec(text);
  if (!parts) return null;
  const [first, last] = [Number(parts[1]), Number(parts[2] ?? parts[1])];
  return first <= last && last <= 65_535 ? [first, last] : null;
}

/** `10.0.0.1`, `10.0.0.1-10.0.0.9:1024-65535`, `[2001:db8::1]:80`, `:1024-2048`; null where the text is none. */
export function choiceOf(text: string): Choice | null {
  const parts = /^(\[[^\]]+\](?:-\[[^\]]+\])?|[\d.]+(?:-[\d.]+)?|)(?::(\d+(?:-\d+)?)(?:\/\d+)?)?$/.exec(text);
  if (!parts) {
    const addresses = addressRange(text);
    return addresses && { addresses, ports: null };
  }
  const addresses = parts[1] === '' ? null : addressRange(parts[1]!);
  const ports = parts[2] === undefined ? null : portRange(parts[2]);
  if ((parts[1] !== '' && !addresses) || (parts[2] !== undefined && !ports)) return null;
  return addresses || ports ? { addresses, ports } : null;
}

export function contains(range: AddressRange, address: ArrayLike<number>): boolean {
  return compareAddresses(range.low, address) <= 0 && compareAddresses(address, range.high) <= 0;
}

function compareAddresses(a: ArrayLike<number>, b: ArrayLike<number>): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
