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
  /** False where the dump's counters (`iptables-save -c`) say that no packet ever matched. */
  readonly mayHaveMatched: boolean;
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
    const [, packets, rule] = /^(?:\[(\d+):\d+\]\s+)?(-A .*)$/.exec(line) ?? [];
    const target = rule === undefined ? undefined : /\s-j (SNAT|MASQUERADE|DNAT|NETMAP|REDIRECT)\b/.exec(rule)?.[1];
    if (rule === undefined || target === undefined) continue;
    const kind = target === 'SNAT' || target === 'MASQUERADE' ? 'snat' : 'dnat';
    const to = /--to-(?:source|destination) (\S+)/.exec(rule)?.[1];
    const withoutComments = rule.replace(/ -m comment --comment (?:"[^"]*"|\S+)/g, '');
    const mayHaveMatched = packets !== '0';
    rules.push({
      kind,
      to: to === undefined ? null : targetOf(to),
      mayHaveMatched,
      text: withoutComments,
      line: index + 1,
    });
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
 * The one rule of a box that fits a translation to `address` and `port`; null where none does, or more than one (only the
 * packets' marks would tell). A rule that names no address (MASQUERADE, REDIRECT) fits all.
 */
export function ruleFor(
  rules: readonly NatRule[],
  kind: 'snat' | 'dnat',
  address: string,
  port: number,
): string | null {
  const at = parseAddress(address);
  const fits = (rule: NatRule): boolean => {
    if (rule.kind !== kind || !rule.mayHaveMatched) return false;
    if (rule.to === null) return true;
    const [low, high] = [parseAddress(rule.to.first), parseAddress(rule.to.last)];
    if (!low || !high || !at || compare(at, low) < 0 || compare(at, high) > 0) return false;
    return rule.to.ports === null || (port >= rule.to.ports[0] && port <= rule.to.ports[1]);
  };
  const fitting = [...new Set(rules.filter(fits).map((rule) => rule.text))];
  return fitting.length === 1 ? fitting[0]! : null;
}

function compare(a: Uint32Array, b: Uint32Array): number {
  for (let i = 0; i < 4; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return 0;
}
