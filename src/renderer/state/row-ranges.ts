// Which rows of a long table are marked: ranges, both ends among them, in order and apart. A million marked rows are one.

export type RowRanges = readonly (readonly [first: number, last: number])[];

export function rowsBetween(a: number, b: number): RowRanges {
  return [[Math.min(a, b), Math.max(a, b)]];
}

export function hasRow(ranges: RowRanges, row: number): boolean {
  return ranges.some(([first, last]) => first <= row && row <= last);
}

export function countRows(ranges: RowRanges): number {
  return ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0);
}

/** Marks the row, or where it is marked takes its mark away. */
export function toggleRow(ranges: RowRanges, row: number): RowRanges {
  if (hasRow(ranges, row))
    return ranges.flatMap(([first, last]): RowRanges => {
      if (row < first || row > last) return [[first, last]];
      const parts: RowRanges = [
        [first, row - 1],
        [row + 1, last],
      ];
      return parts.filter(([from, to]) => from <= to);
    });
  return joined([...ranges, [row, row]]);
}

function joined(ranges: RowRanges): RowRanges {
  const result: (readonly [number, number])[] = [];
  for (const [first, last] of [...ranges].sort((x, y) => x[0] - y[0])) {
    const before = result.at(-1);
    if (before !== undefined && first <= before[1] + 1)
      result[result.length - 1] = [before[0], Math.max(before[1], last)];
    else result.push([first, last]);
  }
  return result;
}
