import { describe, expect, it } from 'vitest';
import {
  type LongestTexts,
  longestTexts,
  pointColumns,
  tableLayout,
} from '../../../src/renderer/views/journey-columns.ts';
import { longScene, pointOf } from '../scene/path-scene.ts';

function minimum(template: string): number {
  return [...template.matchAll(/(\d+)px/g)].reduce((sum, [, px]) => sum + Number(px), 0);
}

describe('the journeys table', () => {
  const longestOf = (version: 'v4' | 'v6', count: number): LongestTexts => {
    const { journey, input } = longScene(version, count);
    return longestTexts([journey], pointColumns(input.points, input.paths));
  };
  const v4 = longestOf('v4', 3);
  const v6 = longestOf('v6', 3);

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
    expect(tableLayout(1700, v4).paired).toBe(false);
    expect(tableLayout(1000, v4).paired).toBe(true);
    expect(tableLayout(1700, v6).paired).toBe(true);
  });

  it('never is wider than its place', () => {
    for (const version of ['v4', 'v6'] as const)
      for (const columns of [2, 3, 5, 6])
        for (let width = 640; width <= 2400; width += 40)
          expect(minimum(tableLayout(width, longestOf(version, columns)).template)).toBeLessThanOrEqual(width);
  });

  it('cuts addresses only as far as it must, the longest of a column last', () => {
    expect(Math.min(...fitting(1000, v4))).toBeGreaterThanOrEqual(15);
    expect(Math.min(...fitting(660, longestOf('v6', 6)))).toBeGreaterThanOrEqual(5);
    const uneven = { source: 18, destination: 19, addresses: [10, 10, 10, 9, 12, 13] };
    expect(fitting(860, uneven).map((characters, at) => characters >= uneven.addresses[at]!)).not.toContain(false);
  });
});

function fitting(width: number, longest: LongestTexts): number[] {
  return tableLayout(width, longest).characters.map((characters) => characters ?? Number.POSITIVE_INFINITY);
}
