// What may be written at a place of a filter: fields, operators, values, connectives, each with a few words about it. The
// parser says what is wanted there; the word under the caret narrows it.
import type { JourneyFacts } from './facts.ts';
import { type Field, FIELDS, fieldNamed } from './fields.ts';
import { type Place, parseFilter } from './parse.ts';
import { quote } from './tokens.ts';

interface Completion {
  /** What is put in place of the text from `from` to `to`. */
  readonly text: string;
  readonly kind: 'field' | 'operator' | 'value' | 'connective';
  readonly description: string;
}

export interface Completions {
  /** The word that a completion replaces: [from, to). */
  readonly from: number;
  readonly to: number;
  readonly candidates: readonly Completion[];
}

/** Candidates that are offered at most. */
const MAX_CANDIDATES = 50;

type Suggest = Pick<JourneyFacts, 'points' | 'suggest'>;

const OPERATORS: readonly (readonly [string, string, readonly Field['values']['type'][]])[] = [
  [
    '==',
    'is equal, for one of its values',
    ['number', 'seconds', 'time', 'address', 'choice', 'point', 'text', 'boolean'],
  ],
  [
    '!=',
    'all its values are different',
    ['number', 'seconds', 'time', 'address', 'choice', 'point', 'text', 'boolean'],
  ],
  ['<', 'is less', ['number', 'seconds', 'time']],
  ['<=', 'is less or equal', ['number', 'seconds', 'time', 'choice']],
  ['>', 'is greater', ['number', 'seconds', 'time']],
  ['>=', 'is greater or equal', ['number', 'seconds', 'time', 'choice']],
  [
    'in',
    'is one of a set, with ranges: in {80, 443, 8000..8099}',
    ['number', 'seconds', 'time', 'address', 'choice', 'point', 'text'],
  ],
  ['contains', 'holds this text', ['text']],
  ['matches', 'holds what this regular expression matches', ['text']],
];

/** Of the text with the caret at `at`. */
export function completeFilter(text: string, at: number, facts: Suggest): Completions {
  const caret = Math.min(Math.max(0, at), text.length);
  const before = text.slice(0, caret);
  const word = /(?:[^\s(){},!=<>&|~"']+@"[^"]*|[^\s(){},!=<>&|~"']+|"[^"]*)$/.exec(before)?.[0] ?? '';
  // The second of two dots is no beginning of a word.
  const typed = word.includes('..') ? word.slice(word.lastIndexOf('..') + 2) : word;
  const from = caret - typed.length;
  const rest = /^[^\s(){},!=<>&|~"']*/.exec(text.slice(caret))![0];
  const to = typed === '' ? caret : caret + (rest.includes('..') ? rest.indexOf('..') : rest.length);
  const place = parseFilter(text.slice(0, from)).next;
  return { from, to, candidates: narrow(candidatesAt(place, typed, facts), typed) };
}

function candidatesAt(place: Place, typed: string, facts: Suggest): Completion[] {
  switch (place.kind) {
    case 'test':
    case 'quantified': {
      const fields = typed.includes('@') ? fieldsAtPoints(typed, facts) : FIELDS.map(offered);
      if (place.kind === 'quantified') return fields;
      return [...fields, { text: '!', kind: 'connective', description: 'not: what follows must not hold' }];
    }
    case 'operator':
      return [...operatorsOf(place.field.name), ...(place.complete ? connectives(place.open) : [])];
    case 'operand':
      if (place.operator === 'in') return [{ text: '{', kind: 'operator', description: 'begins a set' }];
      return valuesOf(place.field.name, facts);
    case 'set':
      return valuesOf(place.field.name, facts);
    case 'set-end':
      return [
        { text: ', ', kind: 'operator', description: 'another value' },
        { text: ' .. ', kind: 'operator', description: 'up to, both ends among them' },
        { text: '}', kind: 'operator', description: 'ends the set' },
      ];
    case 'connective':
      return connectives(place.open);
  }
}

function offered(field: Field): Completion {
  return { text: field.name, kind: 'field', description: field.description };
}

function fieldsAtPoints(typed: string, { points }: Suggest): Completion[] {
  const name = typed.slice(0, typed.indexOf('@'));
  const field = fieldNamed(name);
  if (!field?.atPoint) return [];
  return pointNames(points).map(({ text, description }) => ({
    text: `${name}@${plainOrQuoted(text)}`,
    kind: 'field',
    description: `${field.description.split(',')[0]!}, at ${description}`,
  }));
}

/** Each name once; those that several points bear say so. */
function pointNames(points: Suggest['points']): { text: string; description: string }[] {
  const named = new Map<string, string[]>();
  for (const depth of [1, 0, 2, 3]) {
    for (const { names, description } of points) {
      const name = names[depth];
      if (name !== undefined) named.set(name, [...(named.get(name) ?? []), description]);
    }
  }
  return [...named].map(([text, of]) => ({ text, description: of.length === 1 ? of[0]! : `${of.length} points` }));
}

function operatorsOf(name: string): Completion[] {
  const field = fieldNamed(name);
  if (!field) return [];
  const { values } = field;
  const isOrdered = values.type !== 'choice' || values.ordered;
  return OPERATORS.filter(([text, , types]) => types.includes(values.type) && (isOrdered || !/[<>]/.test(text))).map(
    ([text, description]) => ({ text, kind: 'operator', description }),
  );
}

function connectives(open: boolean): Completion[] {
  const both: Completion[] = [
    { text: '&&', kind: 'connective', description: 'and' },
    { text: '||', kind: 'connective', description: 'or' },
  ];
  return open ? [...both, { text: ')', kind: 'connective', description: 'closes the parenthesis' }] : both;
}

function valuesOf(name: string, facts: Suggest): Completion[] {
  const field = fieldNamed(name);
  const value = (one: { text: string; description: string }): Completion => ({
    text: plainOrQuoted(one.text),
    kind: 'value',
    description: one.description,
  });
  switch (field?.values.type) {
    case undefined:
    case 'protocol':
      return [];
    case 'boolean':
      return ['true', 'false'].map((text) => ({ text, kind: 'value', description: '' }));
    case 'choice':
      return field.values.choices.map(value);
    case 'point':
      return pointNames(facts.points).map(value);
    default:
      return facts.suggest(name).map(value);
  }
}

function plainOrQuoted(text: string): string {
  return /^[^\s(){},!=<>&|~"']+$/.test(text) && !text.includes('..') ? text : quote(text);
}

/** Those that begin with what was typed, then those that hold it. */
function narrow(candidates: readonly Completion[], typed: string): Completion[] {
  const wanted = typed.replace(/^"/, '').toLowerCase();
  const bare = (text: string): string => text.replace(/^"/, '').toLowerCase();
  const begins = candidates.filter(({ text }) => bare(text).startsWith(wanted));
  const holds = candidates.filter(({ text }) => !bare(text).startsWith(wanted) && bare(text).includes(wanted));
  return [...begins, ...holds].slice(0, MAX_CANDIDATES);
}
