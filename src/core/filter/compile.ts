// A filter's tree to a test of journeys. Every value is checked against its field's type here, so that what runs over a
// million journeys are closures over plain numbers. What is cheap is asked first: `lost > 0 && tcp` follows the packets
// of TCP connections only.
import { cidrContains } from '../decode/addresses.ts';
import type { EndTest, JourneyFacts, PointNames } from './facts.ts';
import { type Cost, type Field, FIELDS, type PointSet, fieldNamed, namesLike } from './fields.ts';
import {
  type AddressLiteral,
  type Read,
  compareWords,
  isAddress,
  readAddress,
  readNumber,
  readSeconds,
  readTime,
} from './literals.ts';
import { parseFilter } from './parse.ts';
import { compilePattern } from './pattern.ts';
import type { FieldWord, Operand, Operator, Quantifier, SetElement, Tree } from './syntax.ts';
import { type FilterError, type Span, filterError } from './tokens.ts';

type JourneyTest = (facts: JourneyFacts, journey: number) => boolean;

export type Compiled =
  { readonly ok: true; readonly holds: JourneyTest } | { readonly ok: false; readonly error: FilterError };

/** The points that names of a filter are looked up among; null where no session is open yet: then any name is taken. */
export function compileFilter(text: string, points: readonly PointNames[] | null): Compiled {
  const parsed = parseFilter(text);
  if (!parsed.ok) return parsed;
  if (parsed.tree === null) return { ok: true, holds: () => true };
  try {
    return { ok: true, holds: new Compiler(text, points).test(parsed.tree).holds };
  } catch (failure) {
    if (failure instanceof Mistake) return { ok: false, error: failure.error };
    throw failure;
  }
}

class Mistake extends Error {
  readonly error: FilterError;
  constructor(error: FilterError) {
    super(error.message);
    this.error = error;
  }
}

interface Costed {
  readonly cost: Cost;
  readonly holds: JourneyTest;
}

type AddressValues = Extract<Field['values'], { type: 'address' }>;

const ORDERING: Readonly<Partial<Record<Operator, (order: number) => boolean>>> = {
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

class Compiler {
  private readonly text: string;
  private readonly points: readonly PointNames[] | null;

  constructor(text: string, points: readonly PointNames[] | null) {
    this.text = text;
    this.points = points;
  }

  test(tree: Tree): Costed {
    switch (tree.kind) {
      case 'and':
      case 'or': {
        const [left, right] = [this.test(tree.left), this.test(tree.right)];
        const [first, second] = right.cost < left.cost ? [right.holds, left.holds] : [left.holds, right.holds];
        const cost = left.cost > right.cost ? left.cost : right.cost;
        return tree.kind === 'and'
          ? { cost, holds: (facts, journey) => first(facts, journey) && second(facts, journey) }
          : { cost, holds: (facts, journey) => first(facts, journey) || second(facts, journey) };
      }
      case 'not': {
        const { cost, holds } = this.test(tree.of);
        return { cost, holds: (facts, journey) => !holds(facts, journey) };
      }
      case 'present': {
        const field = this.field(tree.field);
        return { cost: field.cost, holds: present(field, this.pointsOf(tree.field, field)) };
      }
      case 'compare': {
        const field = this.field(tree.field);
        const at = this.pointsOf(tree.field, field);
        const other = this.otherField(field, tree.operand);
        const holds = other
          ? this.against(field, at, other.field, other.at, tree.operator, tree.quantifier, tree.operand.span)
          : this.comparison(field, at, tree.operator, tree.quantifier, tree.operand, tree.field);
        return { cost: other && other.field.cost > field.cost ? other.field.cost : field.cost, holds };
      }
      case 'member': {
        const field = this.field(tree.field);
        return {
          cost: field.cost,
          holds: this.membership(field, this.pointsOf(tree.field, field), tree.quantifier, tree.elements, tree.field),
        };
      }
    }
  }

  private field(word: FieldWord): Field {
    const field = fieldNamed(word.name);
    if (field) return field;
    if (word.point === null && isAddress(word.name)) {
      const test = `addr == ${word.name}`;
      throw this.mistake(`${word.name} by itself is no test`, word.span, [test], this.replaced(word.span, test));
    }
    const similar = namesLike(word.name);
    const best = similar[0];
    const at = word.point === null ? '' : `@${word.point}`;
    const fix = best === undefined ? null : this.replaced(word.span, best + at);
    throw this.mistake(`there is no field ${word.name}`, word.span, similar, fix);
  }

  /** The points behind an @; null for all. */
  private pointsOf(word: FieldWord, field: Field): PointSet {
    if (word.point === null) return null;
    if (!field.atPoint) {
      const asked = FIELDS.filter((known) => known.atPoint && !known.name.includes('.')).map(
        (known) => `${known.name}@…`,
      );
      throw this.mistake(`${word.name} cannot be asked at one point`, word.span, asked);
    }
    return this.pointsNamed(word.point, word.span);
  }

  private pointsNamed(name: string, span: Span): ReadonlySet<number> {
    if (this.points === null) return new Set();
    const found = this.points.flatMap(({ names }, number) => (names.includes(name) ? [number] : []));
    if (found.length > 0) return new Set(found);
    const known = [...new Set(this.points.flatMap(({ names }) => names))];
    throw this.mistake(`there is no point ${name}`, span, known.slice(0, 8));
  }

  /** A field on the right side, such as `src@pod-veth == src@node-eth0`; null where a value stands there. */
  private otherField(field: Field, operand: Operand): { field: Field; at: PointSet } | null {
    const { type } = field.values;
    if (operand.quoted || type === 'text' || type === 'choice' || type === 'point') return null;
    const sign = operand.text.indexOf('@');
    const name = sign < 0 ? operand.text : operand.text.slice(0, sign);
    const other = fieldNamed(name);
    if (!other) return null;
    const word: FieldWord = { name, point: sign < 0 ? null : operand.text.slice(sign + 1), span: operand.span };
    return { field: other, at: this.pointsOf(word, other) };
  }

  private against(
    field: Field,
    at: PointSet,
    other: Field,
    otherAt: PointSet,
    operator: Operator,
    quantifier: Quantifier,
    span: Span,
  ): JourneyTest {
    const holds = ORDERING[operator];
    if (!holds) throw this.mistake(`${operator} wants a text`, span);
    const [a, b] = [field.values, other.values];
    if (a.type === 'address' && b.type === 'address') {
      return quantified(
        quantifier,
        (facts, journey, want) =>
          a.some(facts, journey, at, (...own) =>
            b.some(
              facts,
              journey,
              otherAt,
              (...its) => holds(compareWords(own, its[0], its[1], its[2], its[3])) === want,
            ),
          ),
        (facts, journey) => a.some(facts, journey, at, () => true) && b.some(facts, journey, otherAt, () => true),
      );
    }
    if (
      (a.type === 'number' && b.type === 'number') ||
      (a.type === 'seconds' && b.type === 'seconds') ||
      (a.type === 'time' && b.type === 'time')
    ) {
      return quantified(
        quantifier,
        (facts, journey, want) =>
          a.some(facts, journey, at, (own) => b.some(facts, journey, otherAt, (its) => holds(own - its) === want)),
        (facts, journey) => a.some(facts, journey, at, () => true) && b.some(facts, journey, otherAt, () => true),
      );
    }
    throw this.mistake(`${field.name} and ${other.name} cannot be compared`, span);
  }

  private comparison(
    field: Field,
    at: PointSet,
    operator: Operator,
    quantifier: Quantifier,
    operand: Operand,
    word: FieldWord,
  ): JourneyTest {
    const { values } = field;
    const holds = ORDERING[operator];
    switch (values.type) {
      case 'protocol':
        throw this.mistake(
          `${field.name} is a protocol: it stands by itself`,
          operand.span,
          [],
          this.replaced(spanned(word.span, operand.span), field.name),
        );
      case 'boolean': {
        const wanted = this.truth(field, operand);
        if (operator !== '==' && operator !== '!=') throw this.wrongOperator(field, operator, operand, ['==', '!=']);
        const asked = (operator === '==') === wanted;
        return (facts, journey) => values.holds(facts, journey) === asked;
      }
      case 'number':
      case 'seconds':
      case 'time': {
        if (!holds) throw this.wrongOperator(field, operator, operand, ['==', '<', '>', 'in {…}']);
        const wanted = this.quantity(field, operand);
        return some(values, at, quantifier, (facts, value) => holds(value - wanted(facts)));
      }
      case 'address': {
        if (!holds) throw this.wrongOperator(field, operator, operand, ['==', '!=', 'in {…}']);
        const wanted = this.address(field, values, operand);
        return someEnd(values, at, quantifier, this.endTest(operator, wanted, operand));
      }
      case 'choice': {
        if (!holds || (!values.ordered && operator !== '==' && operator !== '!=')) {
          throw this.wrongOperator(
            field,
            operator,
            operand,
            values.ordered ? ['==', '<', '>', 'in {…}'] : ['==', '!=', 'in {…}'],
          );
        }
        const order = values.choices.map(({ text }) => text);
        const wanted = this.choice(field, operand);
        return some(values, at, quantifier, (_, value) => holds(order.indexOf(value) - wanted));
      }
      case 'point': {
        if (operator !== '==' && operator !== '!=')
          throw this.wrongOperator(field, operator, operand, ['==', '!=', 'in {…}']);
        const wanted = this.pointsNamed(operand.text, operand.span);
        return some(values, at, quantifier, (_, value) => wanted.has(value) === (operator === '=='));
      }
      case 'text': {
        const test = this.textTest(field, operator, operand);
        return some(values, at, quantifier, (_, value) => test(value));
      }
    }
  }

  private membership(
    field: Field,
    at: PointSet,
    quantifier: Quantifier,
    elements: readonly SetElement[],
    word: FieldWord,
  ): JourneyTest {
    const { values } = field;
    const noRange = ({ from, to }: SetElement): Operand => {
      if (to !== null)
        throw this.mistake(`${field.name} has no order to be in a range of`, spanned(from.span, to.span));
      return from;
    };
    switch (values.type) {
      case 'protocol':
      case 'boolean':
        throw this.mistake(`${field.name} stands by itself`, word.span);
      case 'number':
      case 'seconds':
      case 'time': {
        const ranges = elements.map(({ from, to }) => {
          const least = this.quantity(field, from);
          return { least, most: to === null ? least : this.quantity(field, to) };
        });
        return some(values, at, quantifier, (facts, value) =>
          ranges.some(({ least, most }) => value >= least(facts) && value <= most(facts)),
        );
      }
      case 'address': {
        const tests = elements.map(({ from, to }): EndTest => {
          const first = this.address(field, values, from);
          if (to === null) return this.endTest('==', first, from);
          const last = this.address(field, values, to);
          const [above, below] = [this.endTest('>=', first, from), this.endTest('<=', last, to)];
          return (...end) => above(...end) && below(...end);
        });
        return someEnd(values, at, quantifier, (...end) => tests.some((test) => test(...end)));
      }
      case 'choice': {
        const wanted = elements.map((element) => {
          const from = this.choice(field, values.ordered ? element.from : noRange(element));
          return [from, element.to === null ? from : this.choice(field, element.to)] as const;
        });
        const order = values.choices.map(({ text }) => text);
        return some(values, at, quantifier, (_, value) => {
          const own = order.indexOf(value);
          return wanted.some(([from, to]) => own >= from && own <= to);
        });
      }
      case 'point': {
        const wanted = new Set(
          elements.flatMap((element) => {
            const { text, span } = noRange(element);
            return [...this.pointsNamed(text, span)];
          }),
        );
        return some(values, at, quantifier, (_, value) => wanted.has(value));
      }
      case 'text': {
        const wanted = new Set(elements.map((element) => noRange(element).text));
        return some(values, at, quantifier, (_, value) => wanted.has(value));
      }
    }
  }

  private truth(field: Field, operand: Operand): boolean {
    if (/^(true|1)$/i.test(operand.text)) return true;
    if (/^(false|0)$/i.test(operand.text)) return false;
    throw this.wrongValue(field, operand, 'true or false', ['true', 'false']);
  }

  /** Of a number, seconds or a time: the value that its tests compare with. */
  private quantity(field: Field, operand: Operand): (facts: JourneyFacts) => number {
    const { values } = field;
    if (values.type === 'time') {
      const time = this.read(field, operand, readTime(operand.text));
      let known: { readonly base: bigint; readonly value: number } | null = null;
      return ({ base }) => {
        if (known?.base !== base) known = { base, value: Number(time - base) };
        return known.value;
      };
    }
    const limit = values.type === 'number' ? values.limit : 0;
    const read = values.type === 'seconds' ? readSeconds(operand.text) : readNumber(operand.text, limit);
    const value = this.read(field, operand, read);
    return () => value;
  }

  private address(field: Field, values: AddressValues, operand: Operand): AddressLiteral {
    return this.read(field, operand, readAddress(operand.text, values.version, values.withPort));
  }

  private endTest(operator: Operator, { cidr, port }: AddressLiteral, { text, span }: Operand): EndTest {
    const isIn: EndTest = (w0, w1, w2, w3, own) =>
      (port === null || own === port) && cidrContains(cidr, w0, w1, w2, w3);
    if (operator === '==') return isIn;
    if (operator === '!=') return (...end) => !isIn(...end);
    if (port !== null || cidr.prefix !== 128) {
      throw this.mistake(`${text} has no order to be compared by`, span, ['an address without port and prefix']);
    }
    const holds = ORDERING[operator]!;
    return (w0, w1, w2, w3) => holds(-compareWords(cidr.words, w0, w1, w2, w3));
  }

  private choice(field: Field, operand: Operand): number {
    const { values } = field;
    const texts = values.type === 'choice' ? values.choices.map(({ text }) => text) : [];
    const at = texts.indexOf(operand.text);
    if (at < 0) throw this.wrongValue(field, operand, `one of ${texts.join(', ')}`, texts);
    return at;
  }

  private textTest(field: Field, operator: Operator, { text, span, quoted }: Operand): (value: string) => boolean {
    switch (operator) {
      case '==':
        return (value) => value === text;
      case '!=':
        return (value) => value !== text;
      case 'contains':
        return (value) => value.includes(text);
      case 'matches': {
        const pattern = compilePattern(text);
        if (pattern.ok) return pattern.test;
        // Within quotes an offset in the pattern is one in the filter only where nothing was escaped.
        const within = this.text.indexOf(text, span.start);
        const start = within >= 0 && within < span.end ? Math.min(within + pattern.at, span.end - 1) : span.start;
        const end = within >= 0 && within < span.end ? start + 1 : span.end;
        throw this.mistake(`no pattern: ${pattern.message}`, { start, end });
      }
      default:
        throw this.wrongOperator(field, operator, { text, span, quoted }, [
          '==',
          '!=',
          'contains',
          'matches',
          'in {…}',
        ]);
    }
  }

  private read<T>(field: Field, operand: Operand, read: Read<T>): T {
    if (read.ok) return read.value;
    throw this.wrongValue(field, operand, read.wanted, []);
  }

  private wrongValue(field: Field, { text, span }: Operand, wanted: string, expected: readonly string[]): Mistake {
    return this.mistake(
      `${field.name} is compared with ${wanted}, not with ${text === '' ? 'nothing' : text}`,
      span,
      expected,
    );
  }

  private wrongOperator(field: Field, operator: Operator, { span }: Operand, expected: readonly string[]): Mistake {
    return this.mistake(`${field.name} has no ${operator}`, span, expected);
  }

  private mistake(message: string, span: Span, expected: readonly string[] = [], fix: string | null = null): Mistake {
    return new Mistake(filterError(message, span, expected, fix));
  }

  private replaced({ start, end }: Span, by: string): string {
    return this.text.slice(0, start) + by + this.text.slice(end);
  }
}

function spanned(from: Span, to: Span): Span {
  return { start: from.start, end: to.end };
}

/** A field that stands by itself. */
function present({ values }: Field, at: PointSet): JourneyTest {
  switch (values.type) {
    case 'protocol':
    case 'boolean':
      return values.holds;
    case 'number':
      return (facts, journey) => values.some(facts, journey, at, (value) => !values.counts || value > 0);
    case 'address':
      return (facts, journey) => values.some(facts, journey, at, () => true);
    default:
      return (facts, journey) => values.some(facts, journey, at, () => true);
  }
}

/** `some` with `want`: whether a value gives the test this answer. Of no value at all nothing is true. */
function quantified(
  quantifier: Quantifier,
  some: (facts: JourneyFacts, journey: number, want: boolean) => boolean,
  any: JourneyTest,
): JourneyTest {
  if (quantifier === 'any') return (facts, journey) => some(facts, journey, true);
  return (facts, journey) => any(facts, journey) && !some(facts, journey, false);
}

interface ValuesOf<T> {
  readonly some: (facts: JourneyFacts, journey: number, at: PointSet, test: (value: T) => boolean) => boolean;
}

function some<T>(
  values: ValuesOf<T>,
  at: PointSet,
  quantifier: Quantifier,
  test: (facts: JourneyFacts, value: T) => boolean,
): JourneyTest {
  return quantified(
    quantifier,
    (facts, journey, want) => values.some(facts, journey, at, (value) => test(facts, value) === want),
    (facts, journey) => values.some(facts, journey, at, () => true),
  );
}

function someEnd(values: AddressValues, at: PointSet, quantifier: Quantifier, test: EndTest): JourneyTest {
  return quantified(
    quantifier,
    (facts, journey, want) => values.some(facts, journey, at, (...end) => test(...end) === want),
    (facts, journey) => values.some(facts, journey, at, () => true),
  );
}
