import { describe, expect, it } from 'vitest';
import { longestTexts, pointColumns, tableLayout } from '../../../src/renderer/views/journey-columns.ts';
import { longScene, pointOf } from '../scene/path-scene.ts';

function minimum(template: string): number {
  return [...template.matchAll(/(\d+)px/g)].reduce((sum, [, px]) => sum + Number(px), 0);
}

describe('the journeys table', () => {
  const v4 = longestTexts([longScene('v4', 3).journey]);
  const v6 = longestTexts([longScene('v6', 3).journey]);

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
    expect(tableLayout(1700, 3, v4).paired).toBe(false);
    expect(tableLayout(1000, 3, v4).paired).toBe(true);
    expect(tableLayout(1700, 3, v6).paired).toBe(true);
  });

  it('never is wider than its place', () => {
    for (const longest of [v4, v6])
      for (const columns of [1, 2, 3, 5, 6])
        for (let width = 640; width <= 2400; width += 40)
          expect(minimum(tableLayout(width, columns, longest).template)).toBeLessThanOrEqual(width);
  });

  it('cuts addresses only as far as it must', () => {
    expect(tableLayout(1000, 3, v4).characters).toBeGreaterThanOrEqual(15);
    expect(tableLayout(660, 6, v6).characters).toBeGreaterThanOrEqual(5);
  });
});
