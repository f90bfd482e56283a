// Random filters: trees as the parser makes them, with fields and values that fit each other or only look so.
import fc from 'fast-check';
import { FIELDS } from '../../src/core/filter/fields.ts';
import {
  type FieldWord,
  type Operand,
  type Operator,
  type SetElement,
  type Tree,
} from '../../src/core/filter/syntax.ts';

/** Where nothing was written: spans are no part of what a tree means. */
const NOWHERE = { start: 0, end: 0 };

const pointName = fc.oneof(
  fc.constantFrom('p0', 'node-eth0', 'node.pcap#eth0'),
  fc.string({ minLength: 1, maxLength: 8 }),
);

const fieldWord: fc.Arbitrary<FieldWord> = fc
  .tuple(
    fc.oneof(
      fc.constantFrom(...FIELDS.map(({ name }) => name)),
      fc.stringMatching(/^[a-z][a-z0-9_-]{0,10}[.]?[a-z]x$/),
    ),
    fc.option(pointName),
  )
  .map(([name, point]) => ({ name, point, span: NOWHERE }));

const bareValue = fc.oneof(
  fc.constantFrom(
    '80',
    '0x50',
    '10.0.0.0/8',
    '2001:db8::1',
    '[2001:db8::1]:443',
    '10.0.0.1:80',
    '0.25',
    '5ms',
    'snat+dnat',
  ),
  fc.stringMatching(/^[a-zA-Z0-9:/_-]{1,12}$/),
);

const operand: fc.Arbitrary<Operand> = fc.oneof(
  bareValue.map((text) => ({ text, quoted: false, span: NOWHERE })),
  fc.string({ maxLength: 12 }).map((text) => ({ text, quoted: true, span: NOWHERE })),
);

const element: fc.Arbitrary<SetElement> = fc.record({ from: operand, to: fc.option(operand) });

const OPERATORS: readonly Operator[] = ['==', '!=', '<', '<=', '>', '>=', 'contains', 'matches'];

export const treeArbitrary: fc.Arbitrary<Tree> = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.record({ kind: fc.constant('present' as const), field: fieldWord }),
    fc.record({
      kind: fc.constant('compare' as const),
      quantifier: fc.constantFrom('any' as const, 'all' as const),
      field: fieldWord,
      operator: fc.constantFrom(...OPERATORS),
      operand,
    }),
    fc.record({
      kind: fc.constant('member' as const),
      quantifier: fc.constantFrom('any' as const, 'all' as const),
      field: fieldWord,
      elements: fc.array(element, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({ kind: fc.constant('not' as const), of: tie('tree') }),
    fc.record({ kind: fc.constantFrom('and' as const, 'or' as const), left: tie('tree'), right: tie('tree') }),
  ),
})).tree;

/** The same tree with all spans the same. */
export function withoutSpans(tree: Tree): Tree {
  return JSON.parse(JSON.stringify(tree), (key, value: unknown) => (key === 'span' ? NOWHERE : value)) as Tree;
}
