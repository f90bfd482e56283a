import fc from 'fast-check';
import { expect, it } from 'vitest';
import { countRows, hasRow, type RowRanges, rowsBetween, toggleRow } from '../../../src/renderer/state/row-ranges.ts';

it('marks all rows between two, whichever comes first', () => {
  expect(rowsBetween(7, 3)).toEqual([[3, 7]]);
  expect(countRows(rowsBetween(7, 3))).toBe(5);
});

it('marks and unmarks single rows as a set would, in ranges that are apart', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(30), { maxLength: 60 }), (rows) => {
      let ranges: RowRanges = [];
      const set = new Set<number>();
      for (const row of rows) {
        ranges = toggleRow(ranges, row);
        if (!set.delete(row)) set.add(row);
      }
      expect(countRows(ranges)).toBe(set.size);
      for (let row = 0; row <= 30; row++) expect(hasRow(ranges, row)).toBe(set.has(row));
      for (const [i, [first, last]] of ranges.entries()) {
        expect(first).toBeLessThanOrEqual(last);
        if (i > 0) expect(first).toBeGreaterThan(ranges[i - 1]![1] + 1);
      }
    }),
  );
});

it('takes one row out of many', () => {
  expect(toggleRow([[0, 999_999]], 500)).toEqual([
    [0, 499],
    [501, 999_999],
  ]);
});
