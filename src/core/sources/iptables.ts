// `iptables-save`, `iptables-legacy-save`, `ip6tables-save`, with and without counters (-c), and `iptables -t nat -S`, with
// and without -v: the chains of all tables, since marks that the mangle table sets decide what the nat table does.
import {
  type Action,
  type Choice,
  type HookName,
  type Match,
  type Rule,
  type Ruleset,
  RulesetBuilder,
  type Table,
  type Translate,
  addressRange,
  choiceOf,
  portRange,
} from './nat-rules.ts';
import { protocolNumber } from './tuple.ts';

const HOOKS: Readonly<Record<string, HookName>> = {
  PREROUTING: 'prerouting',
  INPUT: 'input',
  FORWARD: 'forward',
  OUTPUT: 'output',
  POSTROUTING: 'postrouting',
};

/** Netfilter's priorities (linux/netfilter_ipv4.h): the order of the tables at a hook. */
function priorityOf(table: string, hook: HookName): number {
  if (table === 'nat') return hook === 'postrouting' || hook === 'input' ? 100 : -100;
  return { raw: -300, mangle: -150, filter: 0, security: 50 }[table] ?? 0;
}

export function looksLikeIptables(head: string): boolean {
  const saved = /^\*(nat|filter|mangle|raw|security)\s*$/m.test(head) && /^(:\S+ |\[\d+:\d+\] -A |-A )/m.test(head);
  return saved || /^-P (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) (ACCEPT|DROP)\b/m.test(head);
}

export function parseIptables(text: string): Ruleset {
  const builder = new RulesetBuilder();
  const hooked = new Set<string>();
  // -S does not say of which table it is.
  const isListed = !/^\*\w+\s*$/m.test(text);
  let table = isListed ? (/ -j (SNAT|DNAT|MASQUERADE|REDIRECT|NETMAP)\b/.test(text) ? 'nat' : 'filter') : '';
  let family: Table['family'] = /^(?:.*\n)?#.*ip6tables/.test(text) ? 'ip6' : 'ip';
  const declare = (name: string): void => {
    const hook = HOOKS[name];
    const key = `${family} ${table} ${name}`;
    if (!hook) builder.chain(family, table, name);
    else if (!hooked.has(key)) builder.hook(family, table, name, hook, priorityOf(table, hook));
    hooked.add(key);
  };
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line.startsWith('#')) {
      const generated = /\b(ip6?)tables\S*-save\b/.exec(line);
      if (generated) family = generated[1] === 'ip6' ? 'ip6' : 'ip';
    } else if (line.startsWith('*')) table = line.slice(1);
    else if (line.startsWith(':')) {
      declare(line.slice(1).split(/\s/)[0]!);
    } else if (line.startsWith('-P ') || line.startsWith('-N ')) {
      declare(line.split(/\s+/)[1]!);
    } else if (line !== '' && line !== 'COMMIT') {
      const rule = ruleOf(line, index + 1);
      if (typeof rule === 'string') builder.notRead(index + 1, rule);
      else {
        declare(rule.chain);
        builder.add(family, table, rule.chain, rule.rule);
      }
    }
  }
  const program = text.includes('ip6tables') ? 'ip6tables' : 'iptables';
  return builder.finish(isListed ? `${program} -S` : `${program}-save`);
}

function ruleOf(line: string, number: number): { chain: string; rule: Rule } | string {
  const parts = /^(?:\[(\d+):\d+\]\s+)?-A (\S+)(.*)$/.exec(line);
  if (!parts) return 'neither a chain nor a rule';
  const words = parts[3]!.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];
  const matches: Match[] = [];
  const actions: Action[] = [];
  const shown = ['-A', parts[2]!];
  let module = '';
  let packets = parts[1] === undefined ? null : Number(parts[1]);
  for (let at = 0; at < words.length;) {
    const start = at;
    const not = words[at] === '!';
    if (not) at++;
    const option = words[at++]!;
    if (option === '-j' || option === '-g') {
      const target = words[at++];
      if (target === undefined) return 'no target';
      const args = words.slice(at);
      const action = option === '-g' ? ({ kind: 'goto', chain: target } as const) : actionOf(target, args);
      if (typeof action === 'string') return action;
      if (action) actions.push(action);
      shown.push(option, target, ...args);
      break;
    }
    if (option === '-c') {
      packets = Number(words[at]);
      at += 2;
      continue;
    }
    const values: string[] = [];
    while (at < words.length && !words[at]!.startsWith('-') && words[at] !== '!') values.push(words[at++]!);
    const isComment = option === '--comment' || (option === '-m' && values[0] === 'comment');
    if (!isComment) shown.push(...words.slice(start, at));
    if (option === '-m') module = values[0] ?? '';
    const match = matchOf(module, option, values, not);
    if (typeof match === 'string') return match;
    if (match) matches.push(match);
  }
  return { chain: parts[2]!, rule: { matches, actions, text: shown.join(' '), line: number, packets } };
}

/** Null where an option says nothing (`-m tcp`); a string says why it cannot be read. */
function matchOf(module: string, option: string, values: readonly string[], not: boolean): Match | null | string {
  const [value = ''] = values;
  const addresses = (end: 'source' | 'destination'): Match | string => {
    const ranges = value.split(',').map(addressRange);
    if (ranges.some((range) => range === null)) return `${value} is no address`;
    return { kind: 'address', not, end, ranges: ranges.filter((range) => range !== null) };
  };
  const ports = (end: 'source' | 'destination' | 'either'): Match | string => {
    const ranges = value.split(',').map(portRange);
    if (ranges.some((range) => range === null)) return `${value} is no port`;
    return { kind: 'port', not, end, ranges: ranges.filter((range) => range !== null) };
  };
  switch (option) {
    case '-m':
    case '--comment':
    case '--limit-iface-in':
    case '--limit-iface-out':
      return value === 'comment' || !UNTOLD_MODULES.has(value) ? null : { kind: 'unknown', not: false };
    case '-s':
    case '--src-range':
      return addresses('source');
    case '-d':
    case '--dst-range':
      return addresses('destination');
    case '-i':
    case '-o':
      return { kind: 'interface', not, way: option === '-i' ? 'in' : 'out', names: [value.replace(/\+$/, '*')] };
    case '-p': {
      const protocol = protocolNumber(value);
      return protocol === null ? { kind: 'unknown', not } : { kind: 'protocol', not, protocols: [protocol] };
    }
    case '--sport':
    case '--sports':
      return ports('source');
    case '--dport':
    case '--dports':
      return ports('destination');
    case '--ports':
      return ports('either');
    case '--mark': {
      const [mark, mask = '0xffffffff'] = value.split('/');
      const of = module === 'connmark' ? 'connection' : 'packet';
      return { kind: 'mark', not, of, value: Number(mark), mask: Number(mask) };
    }
    case '--src-type':
    case '--dst-type':
      return value === 'LOCAL'
        ? { kind: 'local', not, end: option === '--src-type' ? 'source' : 'destination' }
        : { kind: 'unknown', not };
    default:
      return { kind: 'unknown', not };
  }
}

/** Modules that match by themselves, without an option. */
const UNTOLD_MODULES: ReadonlySet<string> = new Set(['socket', 'rpfilter', 'cpu']);

/** Null where a target neither translates nor leads anywhere (LOG, CT, …). */
function actionOf(target: string, args: readonly string[]): Action | null | string {
  const value = (name: string): string | undefined => {
    const at = args.indexOf(name);
    return at < 0 ? undefined : args[at + 1];
  };
  const random: Translate['random'] = args.includes('--random-fully')
    ? 'fully'
    : args.includes('--random')
      ? 'hash'
      : 'no';
  const translate = (kind: Translate['kind'], to: string | undefined): Translate | string => {
    if (to === undefined) return { kind, to: null, isNetmap: false, random };
    const choice = choiceOf(to);
    return choice ? { kind, to: [choice], isNetmap: false, random } : `${to} is no address or port to translate to`;
  };
  switch (target) {
    case 'SNAT':
      return translate('snat', value('--to-source'));
    case 'DNAT':
      return translate('dnat', value('--to-destination'));
    case 'MASQUERADE':
    case 'REDIRECT': {
      const ports = value('--to-ports');
      return translate(target === 'MASQUERADE' ? 'snat' : 'dnat', ports === undefined ? undefined : `:${ports}`);
    }
    case 'NETMAP': {
      // One target for both ways: the hook tells which.
      const to = addressRange(value('--to') ?? '');
      const choice: Choice = { addresses: to, ports: null };
      return to ? { kind: 'snat', to: [choice], isNetmap: true, random } : `no address that NETMAP translates to`;
    }
    case 'RETURN':
      return { kind: 'return' };
    case 'ACCEPT':
      return { kind: 'accept' };
    case 'DROP':
    case 'REJECT':
      return { kind: 'drop' };
    case 'MARK':
    case 'CONNMARK':
      return markOf(target === 'MARK' ? 'packet' : 'connection', args, value);
    case 'LOG':
    case 'NFLOG':
    case 'TRACE':
    case 'CT':
    case 'NOTRACK':
    case 'TCPMSS':
    case 'AUDIT':
    case 'CLASSIFY':
    case 'SET':
      return null;
    default:
      return { kind: 'jump', chain: target };
  }
}

function markOf(
  of: 'packet' | 'connection',
  args: readonly string[],
  value: (name: string) => string | undefined,
): Action {
  const set = value('--set-xmark') ?? value('--set-mark');
  if (set !== undefined) {
    const [mark, mask = '0xffffffff'] = set.split('/');
    // --set-mark v/m clears v's bits too; iptables-save prints it as --set-xmark.
    return { kind: 'set-mark', of, value: Number(mark), mask: Number(mask) };
  }
  const bits = (name: string): number => Number(value(name) ?? value('--mask') ?? '0xffffffff');
  if (args.includes('--restore-mark')) {
    return { kind: 'copy-mark', to: 'packet', bits: bits('--ctmask'), cleared: bits('--nfmask') };
  }
  if (args.includes('--save-mark')) {
    return { kind: 'copy-mark', to: 'connection', bits: bits('--nfmask'), cleared: bits('--ctmask') };
  }
  return { kind: 'blur-mark', of };
}
