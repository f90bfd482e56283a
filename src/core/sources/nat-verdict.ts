// Which rule translated a connection: its packet is walked through the chains as the kernel does, order, RETURNs, marks and
// jumps included. What is not known of the packet (often its interfaces, always what ipsets hold and chance) makes a match
// that may be true; a rule that may have been met counts where what it translates to is what was seen.
import { parseAddress } from '../decode/addresses.ts';
import {
  type Action,
  type BaseChain,
  type Chain,
  type Choice,
  type HookName,
  type Match,
  type PortRange,
  type Rule,
  type Ruleset,
  type Table,
  type Translate,
  contains,
} from './nat-rules.ts';
import type { Tuple } from './tuple.ts';

/** A connection on both sides of a box, from the client's side. */
export interface Translated {
  readonly protocol: number;
  readonly before: Tuple;
  readonly after: Tuple;
  /** The box's interfaces that it came in and left by. */
  readonly inInterface: Wire;
  readonly outInterface: Wire;
}

/** What is known of an interface: its name, or that it is a pod's veth or a machine's uplink, or nothing. */
export interface Wire {
  readonly name: string | null;
  readonly kind: 'pod' | 'uplink' | null;
}

/** Names that an uplink never has: veths, bridges, tunnels, branch interfaces. And those that only uplinks have. */
const NO_UPLINK = /^(lo$|vlan|eni|cali|veth|lxc|cni|cbr|docker|br-|flannel|vxlan|tunl|wg|ipip|nodelocaldns|kube-)/;
const UPLINKS_ONLY = /^(eth|ens|enp|eno|bond)/;

/** The rule that translated one end. */
export interface RuleVerdict {
  /**
   * `rule`: this one did it. `clash`: no rule did: the port was taken by another connection, and the kernel chose another.
   * `unknown`: several rules could have, or none explains it (an older state of the rules, or what the dump does not tell).
   */
  readonly status: 'rule' | 'clash' | 'unknown';
  readonly rule: Rule | null;
  /** Chains that lead to the rule, its own last. */
  readonly chains: readonly string[];
  readonly translate: Translate | null;
}

type Truth = 'yes' | 'no' | 'maybe';

interface Outcome {
  readonly rule: Rule;
  readonly translate: Translate;
  readonly chains: readonly string[];
}

/** How a chain was left: for good, perhaps for good, or not. */
type End = 'yes' | 'maybe' | 'no';

/** Bits of a mark, and which of them are known. */
interface Mark {
  value: number;
  known: number;
}

/** Chains deeper than this are a loop; the kernel refuses those. */
const MAX_DEPTH = 32;

/** What a ruleset says of both ends; null of an end that was not translated. */
export interface NatVerdict {
  readonly source: RuleVerdict | null;
  readonly destination: RuleVerdict | null;
}

/** Verdicts that are kept at most: connections differ in their ports, and few rules look at these. */
const MAX_KEPT = 65_536;

/** The rules of one dump, asked for many connections. */
export class NatJudge {
  private readonly ruleset: Ruleset;
  /** Where ranges of ports that rules name begin, and where they have ended: ports between two of these are alike. */
  private readonly bounds: readonly number[];
  private readonly kept = new Map<string, NatVerdict>();

  constructor(ruleset: Ruleset) {
    this.ruleset = ruleset;
    this.bounds = portBounds(ruleset);
  }

  /** Which rules changed a connection's source and destination. */
  verdict(translated: Translated): NatVerdict {
    const { before, after, protocol, inInterface, outInterface } = translated;
    const isEcho = protocol === 1 || protocol === 58;
    const portChanged = before.sport !== after.sport;
    const key =
      `${protocol} ${before.src} ${this.classOf(before.sport)} ${before.dst} ${before.dport} ` +
      `${after.src} ${this.classOf(after.sport)} ${after.dst} ${after.dport} ${portChanged} ` +
      `${inInterface.name ?? inInterface.kind ?? ''} ${outInterface.name ?? outInterface.kind ?? ''}`;
    const known = this.kept.get(key);
    if (known) return known;
    const walk = new Walk(this.ruleset, translated);
    const destination = walk.through('prerouting', 'dnat');
    const source = walk.through('postrouting', 'snat');
    const sourceChanged = before.src !== after.src || portChanged;
    const destinationChanged = before.dst !== after.dst || (!isEcho && before.dport !== after.dport);
    const verdict = {
      source: sourceChanged ? verdictOf(source, before.src === after.src) : null,
      destination: destinationChanged ? verdictOf(destination, false) : null,
    };
    if (this.kept.size >= MAX_KEPT) this.kept.clear();
    this.kept.set(key, verdict);
    return verdict;
  }

  private classOf(port: number): number {
    let low = 0;
    for (let high = this.bounds.length; low < high;) {
      const middle = (low + high) >> 1;
      if (this.bounds[middle]! <= port) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function portBounds({ base }: Ruleset): number[] {
  const bounds = new Set<number>();
  const add = ([first, last]: PortRange): void => void bounds.add(first).add(last + 1);
  const collect = (matches: readonly Match[]): void => {
    for (const match of matches) {
      if (match.kind === 'port' && match.end !== 'destination') match.ranges.forEach(add);
      else if (match.kind === 'any-of') match.alternatives.forEach(collect);
    }
  };
  for (const table of new Set(base.map((b) => b.table))) {
    for (const rule of [...table.chains.values()].flatMap((chain) => chain.rules)) {
      collect(rule.matches);
      for (const action of rule.actions) {
        if (action.kind !== 'snat' && action.kind !== 'dnat') continue;
        for (const { ports } of action.to ?? []) if (ports) add(ports);
      }
    }
  }
  return [...bounds].sort((x, y) => x - y);
}

function verdictOf(outcomes: readonly Outcome[], onlyPortChanged: boolean): RuleVerdict {
  const distinct = new Map(outcomes.map((outcome) => [outcome.rule.text, outcome]));
  const [only] = distinct.values();
  if (distinct.size === 1) {
    return { status: 'rule', rule: only!.rule, chains: only!.chains, translate: only!.translate };
  }
  const status = distinct.size === 0 && onlyPortChanged ? 'clash' : 'unknown';
  return { status, rule: null, chains: [], translate: null };
}

class Walk {
  private readonly ruleset: Ruleset;
  private readonly translated: Translated;
  private readonly isV6: boolean;
  private readonly marks: Record<'packet' | 'connection', Mark> = {
    packet: { value: 0, known: 0xffff_ffff },
    connection: { value: 0, known: 0xffff_ffff },
  };
  /** The packet as the chains that are walked see it. */
  private now: Tuple;
  private hook: HookName = 'prerouting';
  private kind: Translate['kind'] = 'dnat';
  private outcomes: Outcome[] = [];

  constructor(ruleset: Ruleset, translated: Translated) {
    this.ruleset = ruleset;
    this.translated = translated;
    this.now = translated.before;
    this.isV6 = translated.before.src.includes(':');
  }

  /** Rules of a hook that may have translated this end to what was seen. */
  through(hook: HookName, kind: Translate['kind']): readonly Outcome[] {
    this.hook = hook;
    this.kind = kind;
    this.outcomes = [];
    const { before, after } = this.translated;
    if (hook === 'postrouting') this.now = { ...before, dst: after.dst, dport: after.dport };
    for (const base of this.ruleset.base) {
      if (base.hook !== hook || !this.isOfFamily(base)) continue;
      const end = this.chain(base.table, base.chain, [base.chain.name], 'yes');
      // The first translation of a hook holds: later tables do not see the connection's first packet any more.
      if (end === 'yes' && this.outcomes.length > 0) break;
    }
    return this.outcomes;
  }

  private isOfFamily({ table }: BaseChain): boolean {
    return table.family === 'inet' || (table.family === 'ip6') === this.isV6;
  }

  private chain(table: Table, chain: Chain, path: readonly string[], called: 'yes' | 'maybe'): End {
    let reached = called;
    let end: End = 'no';
    for (const rule of chain.rules) {
      const truth = this.all(rule.matches);
      if (truth === 'no') continue;
      const meets = reached === 'yes' && truth === 'yes' ? 'yes' : 'maybe';
      for (const action of rule.actions) {
        const result = this.act(table, rule, action, path, meets);
        if (result === 'go on') continue;
        if (meets === 'yes' && result === 'returned') return end;
        if (meets === 'yes' && result === 'ended') return 'yes';
        // It may have been left here: what follows is met only perhaps.
        reached = 'maybe';
        if (result !== 'returned') end = 'maybe';
      }
    }
    return end;
  }

  /** What an action does to the walk, where its rule is met for certain; `perhaps ended`: also then only perhaps. */
  private act(
    table: Table,
    rule: Rule,
    action: Action,
    path: readonly string[],
    meets: 'yes' | 'maybe',
  ): 'go on' | 'returned' | 'ended' | 'perhaps ended' {
    switch (action.kind) {
      case 'return':
        return 'returned';
      case 'accept':
        return 'ended';
      case 'drop':
        // The packet was seen behind the box: it was not dropped.
        return 'go on';
      case 'jump':
      case 'goto': {
        const next = table.chains.get(action.chain);
        if (!next || path.length >= MAX_DEPTH) return 'go on';
        const end = this.chain(table, next, [...path, next.name], meets);
        if (end === 'yes') return 'ended';
        if (action.kind === 'goto') return end === 'maybe' ? 'perhaps ended' : 'returned';
        return end === 'maybe' ? 'perhaps ended' : 'go on';
      }
      case 'snat':
      case 'dnat': {
        const kind = action.isNetmap ? this.kind : action.kind;
        if (kind !== this.kind || rule.packets === 0 || !this.explains(action)) return 'go on';
        this.outcomes.push({ rule, translate: action, chains: path });
        return 'ended';
      }
      default:
        this.mark(action, meets);
        return 'go on';
    }
  }

  /** Whether what the rule translates to is what was seen. */
  private explains({ to, isNetmap }: Translate): boolean {
    const { before, after } = this.translated;
    const [from, seen, port] =
      this.kind === 'snat' ? [before.src, after.src, after.sport] : [before.dst, after.dst, after.dport];
    if (to === null) return true;
    const address = parseAddress(seen);
    if (!address) return false;
    const fits = ({ addresses, ports }: Choice): boolean => {
      if (addresses && !contains(addresses, address)) return false;
      return ports === null || (port >= ports[0] && port <= ports[1]);
    };
    if (!to.some(fits)) return false;
    return !isNetmap || to.some(({ addresses }) => addresses !== null && isMapped(addresses, from, address));
  }

  private mark(
    action: Extract<Action, { kind: 'set-mark' | 'copy-mark' | 'blur-mark' }>,
    meets: 'yes' | 'maybe',
  ): void {
    const of = action.kind === 'copy-mark' ? action.to : action.of;
    const old = this.marks[of];
    let made: Mark = { value: 0, known: 0 };
    if (action.kind === 'set-mark') {
      // Bits of the mask are cleared, so known; others keep what was known of them.
      made = { value: ((old.value & ~action.mask) ^ action.value) >>> 0, known: (old.known | action.mask) >>> 0 };
    } else if (action.kind === 'copy-mark') {
      const source = this.marks[of === 'packet' ? 'connection' : 'packet'];
      const value = ((old.value & ~action.cleared) ^ (source.value & action.bits)) >>> 0;
      const known = (old.known | action.cleared) & (source.known | ~action.bits);
      made = { value, known: known >>> 0 };
    }
    if (meets === 'maybe')
      made = { value: made.value, known: (made.known & old.known & ~(made.value ^ old.value)) >>> 0 };
    this.marks[of] = made;
  }

  private all(matches: readonly Match[]): Truth {
    let truth: Truth = 'yes';
    for (const match of matches) {
      const one = this.truthOf(match);
      if (one === 'no') return 'no';
      if (one === 'maybe') truth = 'maybe';
    }
    return truth;
  }

  private truthOf(match: Match): Truth {
    const truth = this.plainTruth(match);
    if (!match.not || truth === 'maybe') return truth;
    return truth === 'yes' ? 'no' : 'yes';
  }

  private plainTruth(match: Match): Truth {
    const { now, translated } = this;
    switch (match.kind) {
      case 'address': {
        const address = parseAddress(match.end === 'source' ? now.src : now.dst);
        return truth(address !== null && match.ranges.some((range) => contains(range, address)));
      }
      case 'port': {
        const within = (port: number): boolean => match.ranges.some((range) => isWithin(port, range));
        if (match.end === 'either') return truth(within(now.sport) || within(now.dport));
        return truth(within(match.end === 'source' ? now.sport : now.dport));
      }
      case 'protocol':
        return truth(match.protocols.includes(translated.protocol));
      case 'family':
        return truth(match.isV6 === this.isV6);
      case 'interface': {
        // Before routing nobody knows the way out; a packet that was seen on both sides came and left by a wire.
        const { name, kind } = match.way === 'in' ? translated.inInterface : translated.outInterface;
        if (match.way === 'out' && this.hook === 'prerouting') return 'no';
        if (match.names.every((n) => n === 'lo')) return 'no';
        if (name !== null) return truth(match.names.some((pattern) => isNamed(name, pattern)));
        const isOther = kind === 'uplink' ? NO_UPLINK : kind === 'pod' ? UPLINKS_ONLY : null;
        return isOther && match.names.every((n) => isOther.test(n)) ? 'no' : 'maybe';
      }
      case 'mark': {
        const mark = this.marks[match.of];
        const differs = (mark.value ^ match.value) & match.mask & mark.known;
        if (differs !== 0) return 'no';
        return (match.mask & ~mark.known) === 0 ? 'yes' : 'maybe';
      }
      case 'local':
        // It was forwarded: neither end is the box itself, except where the destination is about to be translated.
        return match.end === 'destination' && this.hook === 'prerouting' ? 'maybe' : 'no';
      case 'any-of': {
        const truths = match.alternatives.map((matches) => this.all(matches));
        return truths.includes('yes') ? 'yes' : truths.includes('maybe') ? 'maybe' : 'no';
      }
      case 'unknown':
        return 'maybe';
    }
  }
}

function truth(value: boolean): Truth {
  return value ? 'yes' : 'no';
}

function isWithin(port: number, [first, last]: PortRange): boolean {
  return port >= first && port <= last;
}

function isNamed(name: string, pattern: string): boolean {
  return pattern.endsWith('*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern;
}

/** Whether `to` is `from` with the prefix of a range put in the place of its own. */
function isMapped(
  range: { readonly low: Uint32Array; readonly high: Uint32Array },
  from: string,
  to: Uint32Array,
): boolean {
  const address = parseAddress(from);
  if (!address) return false;
  return to.every((word, i) => {
    const host = (range.low[i]! ^ range.high[i]!) >>> 0;
    return ((word ^ address[i]!) & host) === 0;
  });
}
