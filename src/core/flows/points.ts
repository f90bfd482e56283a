// Merges points of one capture after it was read, when it is known which of them are one.
import type { IssueCount } from '../bytes/issues.ts';
import type { CapturePoint } from './tables.ts';

/**
 * The points without those that `joins` (point to point, no chains) merges into others; the columns of point numbers in
 * `columns` are rewritten to match. Packets, times and issues of merged points are added up.
 */
export function joinPoints(
  points: readonly CapturePoint[],
  joins: ReadonlyMap<number, number>,
  ...columns: readonly Uint16Array[]
): readonly CapturePoint[] {
  if (joins.size === 0) return points;
  const kept: CapturePoint[] = [];
  const numbers = new Uint16Array(points.length);
  for (const [number, point] of points.entries()) {
    if (joins.has(number)) continue;
    numbers[number] = kept.length;
    kept.push({ ...point });
  }
  for (const [from, to] of joins) {
    numbers[from] = numbers[to]!;
    add(kept[numbers[to]!]!, points[from]!);
  }
  for (const column of columns) {
    for (let row = 0; row < column.length; row++) column[row] = numbers[column[row]!]!;
  }
  return kept;
}

function add(to: CapturePoint, from: CapturePoint): void {
  to.packets += from.packets;
  to.bytes += from.bytes;
  if (!(from.first >= to.first)) to.first = Number.isNaN(from.first) ? to.first : from.first;
  if (!(from.last <= to.last)) to.last = Number.isNaN(from.last) ? to.last : from.last;
  to.dropped += from.dropped;
  const issues = new Map<string, IssueCount>(to.issues.map((issue) => [issue.code, { ...issue }]));
  for (const issue of from.issues) {
    const known = issues.get(issue.code);
    if (known) known.count += issue.count;
    else issues.set(issue.code, { ...issue });
  }
  to.issues = [...issues.values()];
}
