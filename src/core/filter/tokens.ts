// The words of a filter. As in Wireshark a word runs up to a blank or an operator, so that addresses, times and names of
// fields need no quotes; what holds other characters stands in quotes, or in r"…" where backslashes are to stay.

/** A stretch of the filter's text: [start, end), in UTF-16 units. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface Token extends Span {
  readonly kind: 'word' | 'string' | 'symbol' | 'end';
  /** The word or symbol as written, a string without its quotes and escapes. */
  readonly text: string;
}

/** Why a filter cannot be used, and where. */
export interface FilterError {
  readonly message: string;
  /** Offset of the first character that it is about, and how many it is about; at the end of the text none. */
  readonly at: number;
  readonly length: number;
  /** What could stand there instead, a few of it, fit to show. */
  readonly expected: readonly string[];
  /** The whole filter as it may have been meant, or null. */
  readonly fix: string | null;
}

export function filterError(
  message: string,
  at: Span,
  expected: readonly string[] = [],
  fix: string | null = null,
): FilterError {
  return { message, at: at.start, length: at.end - at.start, expected, fix };
}

/** Characters that a filter may have. */
const MAX_FILTER = 10_000;

const SYMBOLS = ['===', '!==', '==', '!=', '<=', '>=', '&&', '||', '..', '<', '>', '!', '~', '(', ')', '{', '}', ','];
const WORD = /[^\s(){},!=<>&|~"']/;

export type Tokens =
  { readonly ok: true; readonly tokens: readonly Token[] } | { readonly ok: false; readonly error: FilterError };

/** The tokens of a text, the last of kind `end`. */
export function tokensOf(text: string): Tokens {
  if (text.length > MAX_FILTER) {
    const message = `a filter has at most ${MAX_FILTER} characters`;
    return { ok: false, error: filterError(message, { start: MAX_FILTER, end: text.length }) };
  }
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at]!)) {
      at++;
      continue;
    }
    const symbol = SYMBOLS.find((known) => text.startsWith(known, at));
    if (symbol !== undefined) {
      tokens.push({ kind: 'symbol', text: symbol, start: at, end: at + symbol.length });
      at += symbol.length;
      continue;
    }
    const raw = /^r(?=["'])/i.test(text.slice(at, at + 2));
    const read = raw || /["']/.test(text[at]!) ? quoted(text, at, raw) : word(text, at);
    if ('message' in read) return { ok: false, error: read };
    tokens.push(read);
    at = read.end;
  }
  tokens.push({ kind: 'end', text: '', start: text.length, end: text.length });
  return { ok: true, tokens };
}

function word(text: string, start: number): Token | FilterError {
  let end = start;
  while (end < text.length && WORD.test(text[end]!) && !text.startsWith('..', end)) end++;
  // A point whose name holds blanks: src@"node eth0".
  if (end > start && text[end - 1] === '@' && /["']/.test(text[end] ?? '')) {
    const name = quoted(text, end, false);
    return 'message' in name ? name : { kind: 'word', text: text.slice(start, end) + name.text, start, end: name.end };
  }
  if (end > start) return { kind: 'word', text: text.slice(start, end), start, end };
  const span = { start, end: start + 1 };
  if (text[start] === '=') return filterError('one = compares nothing', span, ['==']);
  if (text[start] === '&') return filterError('one & joins nothing', span, ['&&']);
  if (text[start] === '|') return filterError('one | joins nothing', span, ['||']);
  return filterError(`${text[start]!} has no meaning here`, span);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" };

/** `at` is that of the quote, or of the `r` before it. */
function quoted(text: string, at: number, raw: boolean): Token | FilterError {
  const open = raw ? at + 1 : at;
  const quote = text[open]!;
  let value = '';
  for (let i = open + 1; i < text.length; i++) {
    const character = text[i]!;
    if (character === quote) return { kind: 'string', text: value, start: at, end: i + 1 };
    if (character !== '\\' || raw) {
      value += character;
      continue;
    }
    const escaped = text[++i];
    const known = escaped === undefined ? undefined : ESCAPES[escaped];
    const hex = escaped === 'x' ? /^[0-9a-fA-F]{2}/.exec(text.slice(i + 1, i + 3)) : null;
    if (known !== undefined) value += known;
    else if (hex) {
      value += String.fromCharCode(parseInt(hex[0], 16));
      i += 2;
    } else if (escaped !== undefined) {
      return filterError(`\\${escaped} is no escape`, { start: i - 1, end: i + 1 }, [
        '\\\\',
        '\\"',
        '\\n',
        '\\t',
        '\\x41',
        'r"…"',
      ]);
    }
  }
  return filterError(`the text that begins with ${quote} has no end`, { start: at, end: text.length }, [quote]);
}

/** A text as a quoted word of a filter. */
export function quote(text: string): string {
  // eslint-disable-next-line no-control-regex -- these are what must be escaped
  const escaped = text.replace(/[\u0000-\u001f"\\]/g, (c) => {
    if (c === '"' || c === '\\') return `\\${c}`;
    return `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`;
  });
  return `"${escaped}"`;
}
