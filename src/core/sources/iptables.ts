// `iptables-save`: the rules that translate, so that a translation can name the one that did it.
import { addressTextAt, parseAddress } from '../decode/addresses.ts';

export interface NatRule {
  readonly kind: 'snat' | 'dnat';
  /** Addresses that it translates to, first and last of its range; null for MASQUERADE and REDIRECT. */
  readonly to: {
    readonly first: string;
    readonly last: string;
    readonly ports: readonly [number, number] | null;
  } | null;
  /** As iptables-save prints it, without counters and comments. */
  readonly text: string;
  readonly line: number;
}

/** The translating rules of the nat table, in order. */
export function parseIptables(text: string): NatRule[] {
  const rules: NatRule[] = [];
  let table = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line.startsWith('*')) table = line.slice(1);
    if (table !== 'nat') continue;
    const rule = /^(?:\[\d+:\d+\]\s+)?(-A .*)$/.exec(line)?.[1];
    const target = rule === undefined ? undefined : /\s-j (SNAT|MASQUERADE|DNAT|NETMAP|REDIRECT)\b/.exec(rule)?.[1];
    if (rule === undefined || target === undefined) continue;
    const kind = target === 'SNAT' || target === 'MASQUERADE' ? 'snat' : 'dnat';
    const to = /--to-(?:source|destination) (\S+)/.exec(rule)?.[1];
    const withoutComments = rule.replace(/ -m comment --comment (?:"[^"]*"|\S+)/g, '');
    rules.push({ kind, to: to === undefined ? null : targetOf(to), text: withoutComments, line: index + 1 });
  }
  return rules;
}

export function looksLikeIptables(text: string): boolean {
  return /^\*(nat|filter|mangle|raw)\s*$/m.test(text.slice(0, 65536));
}

/** `10.0.0.1`, `10.0.0.1-10.0.0.9:1024-65535`, `[2001:db8::1]:80`. */
function targetOf(text: string): NatRule['to'] {
  const parts = /^\[?([0-9a-fA-F.:]+?)(?:-([0-9a-fA-F.:]+?))?\]?(?::(\d+)(?:-(\d+))?)?$/.exec(text);
  const first = parts?.[1] === undefined ? null : parseAddress(parts[1]);
  if (!parts || !first) return null;
  const last = parts[2] === undefined ? first : (parseAddress(parts[2]) ?? first);
  const ports: readonly [number, number] | null =
    parts[3] === undefined ? null : [Number(parts[3]), Number(parts[4] ?? parts[3])];
  return { first: addressTextAt(first), last: addressTextAt(last), ports };
}

/**
 * The one rule that fits a translation to `address` and `port`; null where none does, or more than one (only the packets'
 * marks would tell). A rule that names its address comes before MASQUERADE, which names none.
 */
export function ruleFor(
  rules: readonly NatRule[],
  kind: 'snat' | 'dnat',
  address: string,
  port: number,
): string | null {
  const fits = (rule: NatRule): boolean => {
    if (rule.kind !== kind || rule.to === null) return false;
    const [low, high] = [parseAddress(rule.to.first), parseAddress(rule.to.last)];
    const at = parseAddress(address);
    if (!low || !high || !at || compare(at, low) < 0 || compare(at, high) > 0) return false;
    return rule.to.ports === null || (port >= rule.to.ports[0] && port <= rule.to.ports[1]);
  };
  const named = [...new Set(rules.filter(fits).map((rule) => rule.text))];
  const unnamed = rules.filter((rule) => rule.kind === kind && rule.to === null);
  if (named.length + unnamed.length === 1) return named[0] ?? unnamed[0]!.text;
  return named.length === 1 && kind === 'dnat' ? named[0]! : null;
}

function compare(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
