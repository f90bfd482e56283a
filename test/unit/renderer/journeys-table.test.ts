import { describe, expect, it } from 'vitest';
import {
  LEAST_WIDTH,
  longestTexts,
  pointColumns,
  sharesOf,
  tableLayout,
  type TableLayout,
  withEdgeMoved,
} from '../../../src/renderer/views/journey-columns.ts';
import { longScene, pointOf } from '../scene/path-scene.ts';

describe('the journeys table', () => {
  const v4 = tableOf('v4', 3);
  const v6 = tableOf('v6', 3);

  it('gives pods one column and every point without a usual place its own', () => {
    const points = [pointOf('a', 'pod-veth'), pointOf('b', 'pod-veth'), pointOf('x', 'other'), pointOf('y', 'other')];
    expect(pointColumns(points, []).map(({ points: ids }) => ids)).toEqual([['a', 'b'], ['x'], ['y']]);
    expect(pointColumns(points, [])[0]).toMatchObject({ title: 'pod veth', sort: 'source' });
    expect(pointColumns(points.slice(1), [])[0]).toMatchObject({ sort: { point: 'b' } });
  });

  it('keeps points of one role apart where a path holds both', () => {
    const points = [
      pointOf('a', 'internet'),
      pointOf('b', 'internet'),
      pointOf('c', 'node-eth0'),
      pointOf('d', 'node-eth0'),
    ];
    expect(pointColumns(points, [['a', 'b']]).map(({ points: ids }) => ids)).toEqual([['a'], ['b'], ['c', 'd']]);
  });

  it('stands flat where there is room, and in pairs where there is not', () => {
    expect(v4(1800).paired).toBe(false);
    expect(v4(1000).paired).toBe(true);
    expect(v6(1800).paired).toBe(true);
  });

  it('never is wider than its place, whatever was dragged', () => {
    for (const version of ['v4', 'v6'] as const)
      for (const columns of [2, 3, 5, 6])
        for (let width = 640; width <= 2400; width += 40) {
          const layout = tableOf(version, columns)(width);
          expect(widthOf(layout)).toBeLessThanOrEqual(width);
          const uneven = layout.columns.map((_, i) => (i === 1 ? 50 : 1));
          expect(widthOf(tableOf(version, columns)(width, { [layout.key]: sharesOf(uneven) }))).toBeLessThanOrEqual(
            width,
          );
        }
  });

  it('cuts addresses only as far as it must, the longest of a column last', () => {
    expect(Math.min(...v4(1000).characters)).toBeGreaterThanOrEqual(15);
    expect(Math.min(...tableOf('v6', 6)(660).characters)).toBeGreaterThanOrEqual(5);
    const uneven = { source: 18, destination: 19, addresses: [10, 10, 10, 9, 12, 13] };
    const points = Array.from({ length: 5 }, (_, i) => pointOf(`p${i}`, 'other'));
    const { characters } = tableLayout(860, uneven, pointColumns(points, []));
    expect(characters.map((fitting, at) => fitting >= uneven.addresses[at]!)).not.toContain(false);
  });

  it('moves an edge between two columns: the one gives what the other takes, neither vanishes', () => {
    const layout = v4(1000);
    const before = layout.columns.map(({ width }) => width);
    const after = withEdgeMoved(layout, 1, 30);
    expect([after[1]! - before[1]!, after[2]! - before[2]!]).toEqual([30, -30]);
    for (const by of [-5000, 5000]) expect(Math.min(...withEdgeMoved(layout, 1, by))).toBe(LEAST_WIDTH);
    expect(withEdgeMoved(layout, before.length - 1, 30)).toEqual(before);
  });

  it('keeps dragged widths as shares, for this layout only', () => {
    const layout = v4(1000);
    const dragged = withEdgeMoved(layout, 1, 40);
    const again = v4(1000, { [layout.key]: sharesOf(dragged) });
    expect(again.columns[1]!.width / again.columns[0]!.width).toBeCloseTo(dragged[1]! / dragged[0]!, 1);
    expect(v4(1800, { [layout.key]: sharesOf(dragged) })).toEqual(v4(1800));
    expect(v4(1000, { [layout.key]: [1] })).toEqual(layout);
  });
});

/** The layout of a table with so many points and addresses at their longest, by its width. */
function tableOf(
  version: 'v4' | 'v6',
  count: number,
): (width: number, wished?: Readonly<Record<string, readonly number[]>>) => TableLayout {
  const { journey, input } = longScene(version, count);
  const points = pointColumns(input.points, input.paths);
  const longest = longestTexts([journey], points);
  return (width, wished) => tableLayout(width, longest, points, wished);
}

function widthOf({ columns }: TableLayout): number {
  return columns.reduce((sum, { width }) => sum + width, 0);
}
