// Tokens to tree, by recursive descent. `!` binds closest, then `&&`, then `||`, as in Wireshark. Where the text ends or
// goes wrong, the parser knows what may stand there: the same knowledge makes error messages and completion.
import {
  type FieldWord,
  type Operand,
  type Operator,
  type Quantifier,
  type SetElement,
  type Tree,
  usualQuantifier,
} from './syntax.ts';
import { type FilterError, type Span, type Token, filterError, tokensOf } from './tokens.ts';

/** What may stand at a place of a filter. */
export type Place =
  | { readonly kind: 'test' }
  | { readonly kind: 'quantified' }
  /** Behind a field; `complete`: it may stay alone, and the test ends there. */
  | { readonly kind: 'operator'; readonly field: FieldWord; readonly complete: boolean; readonly open: boolean }
  | { readonly kind: 'operand'; readonly field: FieldWord; readonly operator: Operator | 'in' }
  | { readonly kind: 'set'; readonly field: FieldWord }
  | { readonly kind: 'set-end'; readonly field: FieldWord }
  | { readonly kind: 'connective'; readonly open: boolean };

export type Parsed =
  | { readonly ok: true; readonly tree: Tree | null; readonly next: Place }
  | { readonly ok: false; readonly error: FilterError; readonly next: Place };

/** Nesting that a filter may have: beyond this nobody reads it, and the parser is recursive. */
const MAX_DEPTH = 200;

const OPERATORS: Readonly<Record<string, { readonly operator: Operator; readonly quantifier?: Quantifier }>> = {
  '==': { operator: '==' },
  eq: { operator: '==' },
  any_eq: { operator: '==' },
  '!=': { operator: '!=' },
  ne: { operator: '!=' },
  all_ne: { operator: '!=' },
  '===': { operator: '==', quantifier: 'all' },
  all_eq: { operator: '==', quantifier: 'all' },
  '!==': { operator: '!=', quantifier: 'any' },
  any_ne: { operator: '!=', quantifier: 'any' },
  '<': { operator: '<' },
  lt: { operator: '<' },
  '<=': { operator: '<=' },
  le: { operator: '<=' },
  '>': { operator: '>' },
  gt: { operator: '>' },
  '>=': { operator: '>=' },
  ge: { operator: '>=' },
  contains: { operator: 'contains' },
  matches: { operator: 'matches' },
  '~': { operator: 'matches' },
};

/** Words that are no names of fields. */
const RESERVED = new Set(['and', 'or', 'not', 'in', 'any', 'all', ...Object.keys(OPERATORS)]);

class Failure extends Error {
  readonly error: FilterError;
  readonly next: Place;
  constructor(error: FilterError, next: Place) {
    super(error.message);
    this.error = error;
    this.next = next;
  }
}

/** The tree of a text; null for an empty one, which leaves everything. */
export function parseFilter(text: string): Parsed {
  const tokens = tokensOf(text);
  if (!tokens.ok) return { ok: false, error: tokens.error, next: { kind: 'test' } };
  if (tokens.tokens.length === 1) return { ok: true, tree: null, next: { kind: 'test' } };
  const parser = new Parser(tokens.tokens);
  try {
    return { ok: true, tree: parser.whole(), next: parser.next };
  } catch (failure) {
    if (failure instanceof Failure) return { ok: false, error: failure.error, next: failure.next };
    throw failure;
  }
}

class Parser {
  /** What may follow what was read so far. */
  next: Place = { kind: 'test' };
  private readonly tokens: readonly Token[];
  private at = 0;
  private depth = 0;
  private parentheses = 0;

  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }

  whole(): Tree {
    const tree = this.or();
    if (this.token.kind !== 'end') this.unexpected();
    return tree;
  }

  private get token(): Token {
    return this.tokens[this.at]!;
  }

  private is(...texts: readonly string[]): boolean {
    return this.token.kind !== 'string' && this.token.kind !== 'end' && texts.includes(this.token.text);
  }

  private take(...texts: readonly string[]): boolean {
    if (!this.is(...texts)) return false;
    this.at++;
    return true;
  }

  private or(): Tree {
    let tree = this.and();
    while (this.take('||', 'or')) {
      this.next = { kind: 'test' };
      tree = { kind: 'or', left: tree, right: this.and() };
    }
    return tree;
  }

  private and(): Tree {
    let tree = this.not();
    while (this.take('&&', 'and')) {
      this.next = { kind: 'test' };
      tree = { kind: 'and', left: tree, right: this.not() };
    }
    return tree;
  }

  private not(): Tree {
    const start = this.token;
    if (++this.depth > MAX_DEPTH) this.fail('this is nested too deeply', start);
    try {
      if (this.take('!', 'not')) return { kind: 'not', of: this.not() };
      if (!this.take('(')) return this.test();
      this.parentheses++;
      const tree = this.or();
      if (!this.take(')')) {
        if (this.token.kind === 'end') this.fail('a parenthesis is not closed', start, [')']);
        this.unexpected();
      }
      this.parentheses--;
      this.next = this.connective();
      return tree;
    } finally {
      this.depth--;
    }
  }

  private connective(): Place {
    return { kind: 'connective', open: this.parentheses > 0 };
  }

  private test(): Tree {
    let quantifier: Quantifier | null = null;
    const start = this.token;
    if (this.take('any', 'all')) {
      quantifier = start.text as Quantifier;
      this.next = { kind: 'quantified' };
    }
    const field = this.field();
    this.next = { kind: 'operator', field, complete: quantifier === null, open: this.parentheses > 0 };
    const negated = this.is('not') && this.tokens[this.at + 1]?.text === 'in';
    if (negated) this.at++;
    if (this.take('in')) {
      const elements = this.set(field);
      const member: Tree = { kind: 'member', quantifier: quantifier ?? 'any', field, elements };
      return negated ? { kind: 'not', of: member } : member;
    }
    const known = this.token.kind === 'string' ? undefined : OPERATORS[this.token.text];
    if (known === undefined || !Object.hasOwn(OPERATORS, this.token.text)) {
      const endsHere = this.token.kind === 'end' || this.is('&&', '||', 'and', 'or', ')');
      if (endsHere && quantifier === null) return { kind: 'present', field };
      this.unexpected();
    }
    if (quantifier !== null && known.quantifier !== undefined) {
      this.fail(`${this.token.text} says any or all by itself`, this.token, ['==', '!=']);
    }
    this.at++;
    this.next = { kind: 'operand', field, operator: known.operator };
    const operand = this.operand();
    this.next = this.connective();
    return {
      kind: 'compare',
      quantifier: quantifier ?? known.quantifier ?? usualQuantifier(known.operator),
      field,
      operator: known.operator,
      operand,
    };
  }

  private field(): FieldWord {
    const token = this.token;
    if (token.kind !== 'word' || RESERVED.has(token.text)) {
      if (token.kind === 'string')
        this.fail('a text by itself is no test', token, ['name == "…"', 'text contains "…"']);
      this.unexpected();
    }
    this.at++;
    const sign = token.text.indexOf('@');
    const name = sign < 0 ? token.text : token.text.slice(0, sign);
    const span: Span = { start: token.start, end: token.end };
    if (sign === token.text.length - 1) this.fail('behind @ the name of a point is wanted', span);
    return { name, point: sign < 0 ? null : token.text.slice(sign + 1), span };
  }

  private operand(): Operand {
    const token = this.token;
    if (token.kind !== 'word' && token.kind !== 'string') this.unexpected();
    this.at++;
    return { text: token.text, quoted: token.kind === 'string', span: { start: token.start, end: token.end } };
  }

  private set(field: FieldWord): SetElement[] {
    this.next = { kind: 'operand', field, operator: 'in' };
    if (!this.take('{')) this.fail('behind in a set is wanted', this.token, ['{…}']);
    const elements: SetElement[] = [];
    do {
      this.next = { kind: 'set', field };
      const from = this.operand();
      this.next = { kind: 'set-end', field };
      let to: Operand | null = null;
      if (this.take('..')) {
        this.next = { kind: 'set', field };
        to = this.operand();
        this.next = { kind: 'set-end', field };
      }
      elements.push({ from, to });
    } while (this.take(','));
    if (!this.take('}')) this.unexpected();
    this.next = this.connective();
    return elements;
  }

  private unexpected(): never {
    const { token } = this;
    const expected = wordsOf(this.next);
    if (token.kind === 'end') this.fail('the filter ends too early', token, expected);
    this.fail(`${token.text === '' ? 'an empty text' : token.text} was not expected here`, token, expected);
  }

  private fail(message: string, at: Span, expected: readonly string[] = []): never {
    throw new Failure(filterError(message, at, expected), this.next);
  }
}

/** What may stand at a place, in a few words for a message. */
function wordsOf(place: Place): string[] {
  switch (place.kind) {
    case 'test':
      return ['a field', '!', '('];
    case 'quantified':
      return ['a field'];
    case 'operator':
      return ['==', '!=', '<', '>', 'in {…}', ...(place.complete ? ['&&', '||'] : [])];
    case 'operand':
      return place.operator === 'in' ? ['{…}'] : ['a value'];
    case 'set':
      return ['a value'];
    case 'set-end':
      return [',', '..', '}'];
    case 'connective':
      return place.open ? ['&&', '||', ')'] : ['&&', '||'];
  }
}
