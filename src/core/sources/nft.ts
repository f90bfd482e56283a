// `nft list ruleset`, also with handles (-a) and as JSON (-j), which is brought to the same text first. Of a statement that
// is not understood the rule keeps that it may match. What nft cannot print (targets of iptables extensions: an empty end
// of the line, or `xt target "SNAT"`) is a translation that does not say to what.
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
import { rulesetText } from './nft-json.ts';
import { protocolNumber } from './tuple.ts';

export function looksLikeNft(head: string): boolean {
  return /^\s*\{\s*"nftables"\s*:/.test(head) || /^table (ip|ip6|inet|arp|bridge|netdev) \S+ \{/m.test(head);
}

/** A string says why nothing of it can be read. */
export function parseNft(text: string): Ruleset | string {
  if (!text.trimStart().startsWith('{')) return parseText(text, 'nft list ruleset');
  const listed = rulesetText(text);
  return listed === null ? 'the JSON of nft is damaged or cut off' : parseText(listed, 'nft -j list ruleset');
}

const PRIORITIES: Readonly<Record<string, number>> = {
  raw: -300,
  mangle: -150,
  dstnat: -100,
  filter: 0,
  security: 50,
  srcnat: 100,
};
const FAMILIES: Readonly<Record<string, Table['family']>> = { ip: 'ip', ip6: 'ip6', inet: 'inet' };

function parseText(text: string, form: string): Ruleset {
  const builder = new RulesetBuilder();
  const lines = balancedLines(text);
  const sets = readSets(lines);
  const managed = iptablesTables(lines);
  let table: { family: Table['family']; name: string } | null = null;
  let block: { kind: string; name: string } | null = null;
  for (const { line, number } of lines) {
    const opening = /^(table|chain|set|map|flowtable|counter|ct \w+|meter|quota|limit)\s+(.*?)\s*\{$/.exec(line);
    if (opening?.[1] === 'table') {
      const [family, name] = opening[2]!.split(/\s+/);
      table = FAMILIES[family!] === undefined ? null : { family: FAMILIES[family!]!, name: name ?? '' };
    } else if (opening) {
      block = { kind: opening[1]!, name: opening[2]! };
      if (table && block.kind === 'chain') builder.chain(table.family, table.name, block.name);
    } else if (line === '}') {
      if (block) block = null;
      else table = null;
    } else if (table && block?.kind === 'chain') {
      const base = /^type \S+ hook (\w+) priority (\S+)(?:\s*([+-])\s*(\d+))?\s*;/.exec(line);
      if (base) {
        const offset = base[4] === undefined ? 0 : Number(base[4]) * (base[3] === '-' ? -1 : 1);
        const priority = (PRIORITIES[base[2]!] ?? Number(base[2])) + offset;
        builder.hook(table.family, table.name, block.name, base[1] as HookName, Number.isNaN(priority) ? 0 : priority);
      } else if (!line.startsWith('policy ')) {
        const key = `${table.family} ${table.name}`;
        for (const rule of new RuleReader(line, number, managed.has(key), sets.get(key)).rules()) {
          builder.add(table.family, table.name, block.name, rule);
        }
      }
    }
  }
  if (table !== null) builder.notRead(lines.at(-1)?.number ?? 1, 'the listing ends within a table');
  return builder.finish(form);
}

/** Lines without comments of -a; one whose braces do not close goes on in the next, as elements of sets do. */
function balancedLines(text: string): { line: string; number: number }[] {
  const found: { line: string; number: number }[] = [];
  let held = '';
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\s# handle \d+\s*$/, '').trim();
    if (held === '' && (line === '' || line.startsWith('#'))) continue;
    held = held === '' ? line : `${held} ${line}`;
    const opened = held.replaceAll(/"[^"]*"/g, '').replace(/\{$/, '');
    const depth = opened.split('{').length - opened.split('}').length;
    if (depth > 0 && !/^(table|chain|set|map|flowtable)\s.*\{$/.test(held)) continue;
    found.push({ line: held, number: index + 1 });
    held = '';
  }
  if (held !== '') found.push({ line: held, number: text.split('\n').length });
  return found;
}

/** Tables that iptables-nft keeps, by the names of their base chains. */
function iptablesTables(lines: readonly { line: string }[]): Set<string> {
  const managed = new Set<string>();
  let table = '';
  for (const { line } of lines) {
    const opened = /^table (\S+ \S+) \{$/.exec(line);
    if (opened) table = opened[1]!;
    else if (/^chain (PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING) \{$/.test(line)) managed.add(table);
  }
  return managed;
}

/** Table -> set or map -> its elements, as text between braces. */
type Sets = ReadonlyMap<string, string>;

function readSets(lines: readonly { line: string }[]): Map<string, Map<string, string>> {
  const tables = new Map<string, Map<string, string>>();
  let sets: Map<string, string> | null = null;
  let name: string | null = null;
  for (const { line } of lines) {
    const table = /^table (\S+) (\S+) \{$/.exec(line);
    if (table) {
      sets = new Map();
      tables.set(`${table[1]!} ${table[2]!}`, sets);
      continue;
    }
    const opened = /^(?:set|map) (\S+) \{$/.exec(line);
    if (opened) {
      name = opened[1]!;
      sets?.set(name, '');
    } else if (line === '}') name = null;
    const elements = /^elements = \{(.*)\}$/.exec(line);
    if (elements && name !== null) sets?.set(name, elements[1]!.trim());
  }
  return tables;
}

/** Words of a rule: strings and sets in braces whole. */
function wordsOf(line: string): string[] {
  const words: string[] = [];
  for (let at = 0; at < line.length;) {
    if (/\s/.test(line[at]!)) {
      at++;
      continue;
    }
    let end = at;
    if (line[at] === '"') end = line.indexOf('"', at + 1) + 1 || line.length;
    else if (line[at] === '{') {
      for (let depth = 0; end < line.length; end++) {
        if (line[end] === '{') depth++;
        else if (line[end] === '}' && --depth === 0) break;
      }
      end++;
    } else while (end < line.length && !/[\s{]/.test(line[end]!)) end++;
    words.push(line.slice(at, end));
    at = end;
  }
  return words;
}

/** Elements between braces, parted at their commas. */
function elementsOf(text: string): string[] {
  const inner = text.startsWith('{') ? text.slice(1, -1) : text;
  return inner
    .split(',')
    .map((element) => element.trim())
    .filter((element) => element !== '');
}

/** What a match looks at: `ip saddr`, `th dport`, `oifname`, … */
interface Subject {
  readonly match: (value: string, not: boolean) => Match;
  readonly words: number;
}

const UNKNOWN: Match = { kind: 'unknown', not: false };
const KNOWN_VERBS: ReadonlySet<string> = new Set([
  'accept',
  'drop',
  'reject',
  'return',
  'continue',
  'jump',
  'goto',
  'snat',
  'dnat',
  'masquerade',
  'redirect',
  'counter',
  'log',
  'comment',
  'vmap',
]);

class RuleReader {
  private readonly words: readonly string[];
  private readonly sets: Sets;
  private readonly line: number;
  /** In a table that iptables-nft keeps. */
  private readonly isManaged: boolean;
  private readonly text: string;
  private at = 0;
  private readonly matches: Match[] = [];
  private readonly actions: Action[] = [];
  private packets: number | null = null;
  /** A verdict map: its keys and where they lead. */
  private verdicts: { readonly matches: readonly Match[]; readonly action: Action }[] | null = null;

  constructor(line: string, number: number, isManaged: boolean, sets: Sets = new Map()) {
    this.words = wordsOf(line);
    this.sets = sets;
    this.line = number;
    this.isManaged = isManaged;
    this.text = line
      .replace(/ ?\bcounter packets \d+ bytes \d+/, '')
      .replace(/ ?\bcomment "[^"]*"/, '')
      .replaceAll(/\s+/g, ' ')
      .trim();
  }

  rules(): Rule[] {
    while (this.at < this.words.length) this.statement();
    const { text, line, packets } = this;
    // iptables-nft counts in each rule, and what stands behind the count is the target: nothing is one that nft cannot print.
    const isCut = this.isManaged && this.words.at(-4) === 'packets' && this.actions.length === 0 && !this.verdicts;
    if (isCut) this.actions.push(this.translate('snat', null), this.translate('dnat', null));
    const own: Rule = { matches: this.matches, actions: this.actions, text, line, packets };
    if (!this.verdicts) return [own];
    return this.verdicts.map(({ matches, action }): Rule => {
      return { matches: [...this.matches, ...matches], actions: [...this.actions, action], text, line, packets };
    });
  }

  private statement(): void {
    const word = this.words[this.at++]!;
    switch (word) {
      case 'counter':
        if (this.words[this.at] === 'packets') {
          this.packets = Number(this.words[this.at + 1]);
          this.at += 4;
        } else if (this.words[this.at] === 'name') this.at += 2;
        return;
      case 'comment':
        this.at++;
        return;
      case 'log':
        this.skipToVerb();
        return;
      case 'accept':
      case 'return':
      case 'drop':
        this.actions.push({ kind: word });
        return;
      case 'reject':
        this.actions.push({ kind: 'drop' });
        this.skipToVerb();
        return;
      case 'continue':
        return;
      case 'jump':
      case 'goto':
        this.actions.push({ kind: word, chain: this.words[this.at++] ?? '' });
        return;
      case 'snat':
      case 'dnat':
      case 'masquerade':
      case 'redirect':
        this.translation(word);
        return;
      case 'xt':
        this.extension();
        return;
      default:
        this.at--;
        if (!this.markSet()) this.match();
    }
  }

  /** `xt target "SNAT"`: nft knows that there is one, not what it says. */
  private extension(): void {
    const [kind, name = ''] = [this.words[this.at], this.words[this.at + 1]];
    this.at += 2;
    const target = name.replaceAll('"', '');
    if (kind !== 'target') {
      if (target !== 'comment') this.matches.push(UNKNOWN);
      return;
    }
    if (target === 'SNAT' || target === 'MASQUERADE') this.actions.push(this.translate('snat', null));
    else if (target === 'DNAT' || target === 'REDIRECT') this.actions.push(this.translate('dnat', null));
    else if (target === 'MARK') this.actions.push({ kind: 'blur-mark', of: 'packet' });
    else if (target === 'CONNMARK') {
      this.actions.push({ kind: 'blur-mark', of: 'packet' }, { kind: 'blur-mark', of: 'connection' });
    }
  }

  private translate(kind: Translate['kind'], to: readonly Choice[] | null): Translate {
    const { words } = this;
    const random = words.some((w) => /(^|,)fully-random(,|$)/.test(w))
      ? 'fully'
      : words.some((w) => /(^|,)random(,|$)/.test(w) && words[words.indexOf(w) - 1] !== 'numgen')
        ? 'hash'
        : 'no';
    return { kind, to, isNetmap: false, random };
  }

  private translation(verb: 'snat' | 'dnat' | 'masquerade' | 'redirect'): void {
    const kind = verb === 'snat' || verb === 'masquerade' ? 'snat' : 'dnat';
    const start = this.at;
    this.skipToVerb();
    const said = this.words.slice(start, this.at);
    const to = said.indexOf('to');
    const map = said.find((word) => word.startsWith('{')) ?? this.named(said.find((word) => word.startsWith('@')));
    let choices: readonly Choice[] | null = null;
    if (said.includes('map') && map !== undefined) {
      choices = everyOr(elementsOf(map).map((element) => mappedChoice(element)));
    } else if (to >= 0 && said[to + 1] !== undefined && !said.includes('prefix')) {
      const choice = choiceOf(said[to + 1]!);
      choices = choice ? [choice] : null;
    }
    this.actions.push(this.translate(kind, choices));
  }

  /** `meta mark set …`, `ct mark set …`. */
  private markSet(): boolean {
    const [a, b, c] = this.words.slice(this.at);
    if (b !== 'mark' || c !== 'set' || (a !== 'meta' && a !== 'ct')) return false;
    this.at += 3;
    const start = this.at;
    this.skipToVerb();
    const of = a === 'meta' ? 'packet' : 'connection';
    this.actions.push(markExpression(of, this.words.slice(start, this.at)));
    return true;
  }

  private match(): void {
    const subjects: Subject[] = [];
    for (;;) {
      const subject = this.subject();
      if (!subject) {
        this.matches.push(UNKNOWN);
        this.at++;
        this.skipToVerb();
        return;
      }
      this.at += subject.words;
      subjects.push(subject);
      if (this.words[this.at] !== '.') break;
      this.at++;
    }
    if (this.words[this.at] === 'vmap') {
      this.at++;
      this.verdictMap(subjects);
      return;
    }
    const not = this.words[this.at] === '!=';
    if (not || this.words[this.at] === '==') this.at++;
    const value = this.words[this.at++];
    if (value === undefined) {
      this.matches.push(UNKNOWN);
      return;
    }
    const set = value.startsWith('@') ? this.named(value) : value;
    if (set === undefined || set === '' || (this.words[this.at] === '.' && subjects.length > 1)) {
      this.matches.push(UNKNOWN);
      this.skipToVerb();
    } else if (subjects.length === 1 && !set.startsWith('{') && !value.startsWith('@')) {
      this.matches.push(subjects[0]!.match(set, not));
    } else {
      const alternatives = elementsOf(set).map((element) => keyMatches(subjects, element));
      this.matches.push({ kind: 'any-of', not, alternatives });
    }
  }

  private verdictMap(subjects: readonly Subject[]): void {
    const value = this.words[this.at++];
    const map = value?.startsWith('@') ? this.named(value) : value;
    this.verdicts = [];
    for (const element of elementsOf(map ?? '')) {
      const parts = /^(.*?)\s*:\s*(jump|goto|accept|drop|return|continue)\s*(\S*)$/.exec(element);
      if (!parts || parts[2] === 'continue') continue;
      const kind = parts[2] as 'jump' | 'goto' | 'accept' | 'drop' | 'return';
      const action: Action = kind === 'jump' || kind === 'goto' ? { kind, chain: parts[3]! } : { kind };
      this.verdicts.push({ matches: keyMatches(subjects, parts[1]!), action });
    }
  }

  private named(name: string | undefined): string | undefined {
    return name === undefined ? undefined : this.sets.get(name.slice(1));
  }

  private skipToVerb(): void {
    while (this.at < this.words.length && !KNOWN_VERBS.has(this.words[this.at]!)) this.at++;
  }

  private subject(): Subject | null {
    const [a = '', b = ''] = this.words.slice(this.at);
    if ((a === 'ip' || a === 'ip6') && (b === 'saddr' || b === 'daddr')) {
      return { match: addressMatch(b === 'saddr' ? 'source' : 'destination'), words: 2 };
    }
    if ((a === 'ip' && b === 'protocol') || (a === 'ip6' && b === 'nexthdr') || (a === 'meta' && b === 'l4proto')) {
      return { match: protocolMatch, words: 2 };
    }
    if (a === 'meta' && b === 'nfproto') return { match: familyMatch, words: 2 };
    if (b === 'sport' || b === 'dport') {
      const implied = a === 'th' ? null : protocolNumber(a);
      if (a !== 'th' && implied === null) return null;
      return { match: portMatch(b === 'sport' ? 'source' : 'destination', implied), words: 2 };
    }
    if (a === 'fib' && (b === 'daddr' || b === 'saddr'))
      return this.fibSubject(b === 'daddr' ? 'destination' : 'source');
    const skip = a === 'meta' ? 1 : 0;
    const name = a === 'meta' ? b : a;
    if (name === 'iifname' || name === 'oifname' || name === 'iif' || name === 'oif') {
      return { match: interfaceMatch(name.startsWith('i') ? 'in' : 'out'), words: 1 + skip };
    }
    if (name === 'mark' || (a === 'ct' && b === 'mark')) {
      const words = a === 'meta' || a === 'ct' ? 2 : 1;
      const masked = this.words[this.at + words] === '&' || this.words[this.at + words] === 'and';
      const mask = masked ? Number(this.words[this.at + words + 1]) : 0xffff_ffff;
      return { match: markMatch(a === 'ct' ? 'connection' : 'packet', mask), words: masked ? words + 2 : words };
    }
    return null;
  }

  /** `fib daddr type local`, also `fib daddr . iif type local`. */
  private fibSubject(end: 'source' | 'destination'): Subject | null {
    let words = 2;
    while (this.words[this.at + words] === '.') words += 2;
    if (this.words[this.at + words] !== 'type') return null;
    const match = (value: string, not: boolean): Match =>
      value === 'local' && words === 2 ? { kind: 'local', not, end } : { kind: 'unknown', not };
    return { match, words: words + 1 };
  }
}

/** The values of all, or null where one is missing. */
function everyOr<T>(values: readonly (T | null)[]): readonly T[] | null {
  const found = values.filter((value) => value !== null);
  return found.length === values.length && found.length > 0 ? found : null;
}

/** `0 : 10.42.3.30 . 8080`, `10.0.0.1 : 10.42.3.30`. */
function mappedChoice(element: string): Choice | null {
  const colon = element.indexOf(' : ');
  if (colon < 0) return null;
  const [address, port] = element.slice(colon + 3).split(' . ');
  const addresses = addressRange(address!.trim());
  const ports = port === undefined ? null : portRange(port.trim());
  return addresses && (port === undefined || ports) ? { addresses, ports } : null;
}

/** The key of an element of a set over these subjects. */
function keyMatches(subjects: readonly Subject[], element: string): Match[] {
  const parts = element.split(/\s+\.\s+/);
  if (parts.length !== subjects.length) return [UNKNOWN];
  return subjects.map((subject, i) => subject.match(parts[i]!.trim(), false));
}

function addressMatch(end: 'source' | 'destination') {
  return (value: string, not: boolean): Match => {
    const ranges = everyOr(listed(value).map(addressRange));
    return ranges ? { kind: 'address', not, end, ranges } : { kind: 'unknown', not };
  };
}

function protocolMatch(value: string, not: boolean): Match {
  const protocols = everyOr(listed(value).map(protocolNumber));
  return protocols ? { kind: 'protocol', not, protocols } : { kind: 'unknown', not };
}

function familyMatch(value: string, not: boolean): Match {
  return value === 'ipv4' || value === 'ipv6' ? { kind: 'family', not, isV6: value === 'ipv6' } : UNKNOWN;
}

/** `tcp dport 80` says the protocol too: where it is not the negated part. */
function portMatch(end: 'source' | 'destination', protocol: number | null) {
  return (value: string, not: boolean): Match => {
    const ranges = everyOr(listed(value).map(portRange));
    if (!ranges) return { kind: 'unknown', not };
    const ports: Match = { kind: 'port', not, end, ranges };
    if (protocol === null) return ports;
    return {
      kind: 'any-of',
      not: false,
      alternatives: [[{ kind: 'protocol', not: false, protocols: [protocol] }, ports]],
    };
  };
}

function interfaceMatch(way: 'in' | 'out') {
  return (value: string, not: boolean): Match => {
    return { kind: 'interface', not, way, names: listed(value).map((name) => name.replaceAll('"', '')) };
  };
}

function markMatch(of: 'packet' | 'connection', mask: number) {
  return (text: string, not: boolean): Match => {
    const value = Number(text);
    return Number.isInteger(value) ? { kind: 'mark', not, of, value, mask } : { kind: 'unknown', not };
  };
}

function listed(value: string): string[] {
  return value.startsWith('{') ? elementsOf(value) : [value];
}

/** `0x80`, `mark or 0x80`, `ct mark and 0x80`, `meta mark xor 0x4000`. */
function markExpression(of: 'packet' | 'connection', words: readonly string[]): Action {
  const [value] = words.slice(-1);
  const number = Number(value);
  if (words.length === 1 && Number.isInteger(number)) return { kind: 'set-mark', of, value: number, mask: 0xffff_ffff };
  const from = words[0] === 'ct' ? 'connection' : 'packet';
  const operator = words.at(-2);
  const isOwn = from === of || words[0] === 'mark';
  if (!Number.isInteger(number) || words.length > 4) return { kind: 'blur-mark', of };
  if (isOwn && (operator === 'or' || operator === '|')) return { kind: 'set-mark', of, value: number, mask: number };
  if (isOwn && (operator === 'xor' || operator === '^')) return { kind: 'set-mark', of, value: number, mask: 0 };
  if (isOwn && (operator === 'and' || operator === '&')) {
    return { kind: 'set-mark', of, value: 0, mask: ~number >>> 0 };
  }
  if (!isOwn && (operator === 'and' || operator === '&')) {
    return { kind: 'copy-mark', to: of, bits: number, cleared: 0xffff_ffff };
  }
  return { kind: 'blur-mark', of };
}
