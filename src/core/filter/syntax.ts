// The tree of a filter, and its text. What different texts mean alike is one tree: `ne` is `!=`, `===` is `all … ==`,
// `not in` is `!(… in …)`; printing a tree and parsing it gives the same tree.
import { type Span, quote } from './tokens.ts';

export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'contains' | 'matches';

/** Of a field with several values: one of them must pass the test, or each. */
export type Quantifier = 'any' | 'all';

export interface FieldWord {
  readonly name: string;
  /** What stands behind the `@`: the point that is meant; null for all of them. */
  readonly point: string | null;
  readonly span: Span;
}

export interface Operand {
  readonly text: string;
  readonly quoted: boolean;
  readonly span: Span;
}

/** One value, or all from one to another. */
export interface SetElement {
  readonly from: Operand;
  readonly to: Operand | null;
}

export type Tree =
  | { readonly kind: 'or' | 'and'; readonly left: Tree; readonly right: Tree }
  | { readonly kind: 'not'; readonly of: Tree }
  | { readonly kind: 'present'; readonly field: FieldWord }
  | {
      readonly kind: 'compare';
      readonly quantifier: Quantifier;
      readonly field: FieldWord;
      readonly operator: Operator;
      readonly operand: Operand;
    }
  | {
      readonly kind: 'member';
      readonly quantifier: Quantifier;
      readonly field: FieldWord;
      readonly elements: readonly SetElement[];
    };

/** What a comparison without `any` or `all` asks: Wireshark's `!=` is true where all values differ. */
export function usualQuantifier(operator: Operator): Quantifier {
  return operator === '!=' ? 'all' : 'any';
}

const STRENGTH = { or: 1, and: 2, not: 3 } as const;

export function printFilter(tree: Tree): string {
  return print(tree, 0);
}

function print(tree: Tree, around: number): string {
  switch (tree.kind) {
    case 'or':
    case 'and': {
      const own = STRENGTH[tree.kind];
      const sign = tree.kind === 'or' ? '||' : '&&';
      // To the right a chain of the same kind is another tree, and keeps its parentheses.
      const text = `${print(tree.left, own)} ${sign} ${print(tree.right, own + 1)}`;
      return own < around ? `(${text})` : text;
    }
    case 'not':
      return tree.of.kind === 'present' || tree.of.kind === 'not'
        ? `!${print(tree.of, STRENGTH.not)}`
        : `!(${print(tree.of, 0)})`;
    case 'present':
      return fieldText(tree.field);
    case 'compare':
      return printComparison(tree);
    case 'member': {
      const elements = tree.elements.map(({ from, to }) =>
        to === null ? operandText(from) : `${operandText(from)} .. ${operandText(to)}`,
      );
      return `${tree.quantifier === 'all' ? 'all ' : ''}${fieldText(tree.field)} in {${elements.join(', ')}}`;
    }
  }
}

function printComparison({ quantifier, field, operator, operand }: Extract<Tree, { kind: 'compare' }>): string {
  const isUsual = quantifier === usualQuantifier(operator);
  const own = operator === '==' || operator === '!=';
  const sign = isUsual || !own ? operator : `${operator}=`;
  const prefix = isUsual || own ? '' : `${quantifier} `;
  return `${prefix}${fieldText(field)} ${sign} ${operandText(operand)}`;
}

function fieldText({ name, point }: FieldWord): string {
  if (point === null) return name;
  return `${name}@${isPlain(point) ? point : quote(point)}`;
}

function operandText({ text, quoted }: Operand): string {
  return quoted ? quote(text) : text;
}

/** Whether the tokeniser reads it as one word. */
function isPlain(text: string): boolean {
  return /^[^\s(){},!=<>&|~"']+$/.test(text) && !text.includes('..');
}
