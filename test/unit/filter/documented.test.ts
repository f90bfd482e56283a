// docs/filter.md holds every field as the program has it.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { FIELDS } from '../../../src/core/filter/fields.ts';

const file = path.join(import.meta.dirname, '..', '..', '..', 'docs', 'filter.md');

function typeOf({ values }: (typeof FIELDS)[number]): string {
  switch (values.type) {
    case 'address':
      return values.version === null ? 'address' : `IPv${values.version}`;
    case 'number':
      return values.counts ? 'count' : 'number';
    case 'choice':
      return values.choices.map(({ text }) => text).join(values.ordered ? ' < ' : ', ');
    case 'boolean':
      return 'yes or no';
    case 'seconds':
      return 'span of time';
    default:
      return values.type;
  }
}

it('has the table of fields', () => {
  const text = readFileSync(file, 'utf8');
  const [head, from] = text.split(/(?<=\n)(?=\| field)/);
  const after = from!.slice(from!.search(/\n(?!\|)/) + 1);
  const rows = FIELDS.map((field) => [
    `\`${field.name}\`${field.atPoint ? ', `@`' : ''}`,
    typeOf(field),
    field.description,
    String(field.cost),
  ]);
  const table = [['field', 'values', 'of what', 'cost'], ...rows];
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string => `| ${row.map((cell, i) => cell.padEnd(widths[i]!)).join(' | ')} |\n`;
  const rule = line(widths.map((width) => '-'.repeat(width)));
  const expected = head! + line(table[0]!) + rule + table.slice(1).map(line).join('') + after;
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, expected);
  expect(readFileSync(file, 'utf8')).toBe(expected);
});
