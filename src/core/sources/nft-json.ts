// `nft -j list ruleset` (libnftables-json(5)) as the text that `nft list ruleset` prints, as far as rules that translate
// need it: what is not known here becomes a word that the reader of the text takes for unknown.

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
type JsonObject = Readonly<Record<string, Json>>;

/** Null where the text is no such JSON. */
export function rulesetText(text: string): string | null {
  let parsed: Json;
  try {
    parsed = JSON.parse(text) as Json;
  } catch {
    return null;
  }
  const items = isObject(parsed) ? parsed.nftables : undefined;
  if (!isList(items)) return null;
  const tables = new Map<string, { sets: string[]; chains: Map<string, string[]> }>();
  const tableOf = (item: JsonObject) => {
    const key = `${word(item.family)} ${word(item.table ?? item.name)}`;
    let table = tables.get(key);
    if (!table) tables.set(key, (table = { sets: [], chains: new Map() }));
    return table;
  };
  for (const item of items) {
    if (!isObject(item)) continue;
    const [[kind, value] = ['', null]] = Object.entries(item);
    if (!isObject(value)) continue;
    if (kind === 'table') tableOf(value);
    else if (kind === 'chain') {
      const { type, hook, prio, policy } = value;
      const base =
        hook === undefined
          ? []
          : [`type ${word(type)} hook ${word(hook)} priority ${word(prio)}; policy ${word(policy)};`];
      tableOf(value).chains.set(word(value.name), base);
    } else if (kind === 'set' || kind === 'map') {
      const elements = isList(value.elem) ? value.elem.map(element) : [];
      tableOf(value).sets.push(`${kind} ${word(value.name)} {\nelements = { ${elements.join(', ')} }\n}`);
    } else if (kind === 'rule') {
      const statements = isList(value.expr) ? value.expr.map(statement) : [];
      const { chains } = tableOf(value);
      const chain = chains.get(word(value.chain)) ?? [];
      chain.push(statements.join(' '));
      chains.set(word(value.chain), chain);
    }
  }
  const lines: string[] = [];
  for (const [key, { sets, chains }] of tables) {
    lines.push(`table ${key} {`, ...sets);
    for (const [name, rules] of chains) lines.push(`chain ${name} {`, ...rules, '}');
    lines.push('}');
  }
  return `${lines.join('\n')}\n`;
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !isList(value);
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

function word(value: Json | undefined): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : '';
}

const UNKNOWN = 'unknown';

function statement(value: Json): string {
  if (!isObject(value)) return UNKNOWN;
  const [[kind, body] = ['', null]] = Object.entries(value);
  const object = isObject(body) ? body : {};
  switch (kind) {
    case 'match': {
      const op = word(object.op);
      return `${expression(object.left)} ${op === '==' || op === 'in' ? '' : `${op} `}${expression(object.right, true)}`;
    }
    case 'counter':
      return object.packets === undefined
        ? 'counter'
        : `counter packets ${word(object.packets)} bytes ${word(object.bytes)}`;
    case 'accept':
    case 'drop':
    case 'return':
    case 'continue':
    case 'reject':
      return kind;
    case 'jump':
    case 'goto':
      return `${kind} ${word(object.target)}`;
    case 'vmap':
      return `${expression(object.key)} vmap ${expression(object.data, true)}`;
    case 'mangle':
      return `${expression(object.key)} set ${expression(object.value)}`;
    case 'snat':
    case 'dnat':
    case 'masquerade':
    case 'redirect':
      return translation(kind, object);
    case 'xt':
      return `xt ${word(object.type)} "${word(object.name)}"`;
    case 'log':
      return 'log';
    default:
      return UNKNOWN;
  }
}

function translation(kind: string, { addr, port, flags }: JsonObject): string {
  const to: string[] = [];
  if (addr !== undefined)
    to.push(isObject(addr) && addr.map !== undefined ? mapping(addr.map) : bracketed(expression(addr)));
  if (port !== undefined) to.push(`:${expression(port)}`);
  const options = isList(flags) ? flags.map(word).join(',') : word(flags);
  return `${kind}${to.length > 0 ? ` to ${to.join('')}` : ''}${options === '' ? '' : ` ${options}`}`;
}

/** IPv6 before a port stands in brackets. */
function bracketed(address: string): string {
  return address.includes(':') && !address.includes(' ') ? address.replaceAll(/[^-]+/g, '[$&]') : address;
}

function mapping(map: Json): string {
  return isObject(map) ? `${expression(map.key)} map ${expression(map.data, true)}` : UNKNOWN;
}

function expression(value: Json | undefined, quoteNames = false): string {
  if (value === undefined || value === null) return UNKNOWN;
  if (typeof value === 'string') return value;
  if (typeof value !== 'object') return String(value);
  if (isList(value)) return `{ ${value.map(element).join(', ')} }`;
  const [[kind, body] = ['', null]] = Object.entries(value);
  const object = isObject(body) ? body : {};
  switch (kind) {
    case 'payload':
      return object.field === undefined ? UNKNOWN : `${word(object.protocol)} ${word(object.field)}`;
    case 'meta': {
      const key = word(object.key);
      return /^(iifname|oifname|iif|oif)$/.test(key) ? key : `meta ${key}`;
    }
    case 'ct':
      return `ct ${word(object.key)}`;
    case 'fib':
      return `fib ${isList(object.flags) ? object.flags.map(word).join(' . ') : word(object.flags)} ${word(object.result)}`;
    case 'prefix':
      return `${expression(object.addr)}/${word(object.len)}`;
    case 'range':
      return isList(body) ? body.map((end) => expression(end)).join('-') : UNKNOWN;
    case 'set':
      return isList(body) ? `{ ${body.map(element).join(', ')} }` : `{ ${element(body)} }`;
    case 'concat':
      return isList(body) ? body.map((part) => expression(part)).join(' . ') : UNKNOWN;
    case '&':
    case '|':
    case '^':
      return isList(body) ? body.map((part) => expression(part, quoteNames)).join(` ${kind} `) : UNKNOWN;
    case 'numgen':
      return `numgen ${word(object.mode)} mod ${word(object.mod)}`;
    default:
      return UNKNOWN;
  }
}

/** An element of a set, or a pair of a map. */
function element(value: Json): string {
  if (isList(value) && value.length === 2) return `${element(value[0]!)} : ${verdict(value[1]!)}`;
  if (isObject(value) && isObject(value.elem)) return expression(value.elem.val);
  return expression(value);
}

function verdict(value: Json): string {
  if (isObject(value) && ['jump', 'goto', 'accept', 'drop', 'return', 'continue'].some((kind) => kind in value)) {
    return statement(value);
  }
  return expression(value);
}
