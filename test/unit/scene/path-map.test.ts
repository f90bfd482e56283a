import { describe, expect, it } from 'vitest';
import { pathMap, type Box, type MapLine, type PathDrawing } from '../../../src/core/scene/path-map.ts';
import { longScene, sceneOf, type Seen } from './path-scene.ts';

const POD: Seen = { role: 'pod-veth', src: '10.42.3.21', sport: 51602 };
const NODE: Seen = { role: 'node-eth0', src: '10.42.1.17', sport: 36492 };
const INSIDE: Seen = { role: 'nat-inside', src: '10.42.1.17', sport: 36492 };
const OUTSIDE: Seen = { role: 'nat-outside', src: '10.42.0.9', sport: 12507 };
const INTERNET: Seen = { role: 'internet', src: '203.0.113.77', sport: 12507 };

function drawn(seen: readonly Seen[], single: boolean, width = 1280): PathDrawing {
  const { input, journey } = sceneOf(seen);
  return pathMap({ ...input, journey: single ? journey : null }, width).paths[0]!;
}

function stage(drawing: PathDrawing, number: number): string {
  const found = drawing.stages.find((s) => s.number === number)!;
  return `${found.state}: ${found.word.lines.join(' ')}`;
}

interface Named {
  readonly name: string;
  readonly box: Box;
}

/** All text and the boxes that hold it, each once: what must not overlap. */
function labelled(d: PathDrawing): Named[] {
  return [
    ...d.frames.map((f) => ({ name: f.title.lines.join(' '), box: f.title.box })),
    ...d.stages.flatMap((s) => [s.name, s.word].map((l) => ({ name: l.lines.join(' '), box: l.box }))),
    ...d.chips.map((c) => ({ name: c.address + c.port, box: c.box })),
    ...d.gates.map((g) => ({ name: `gate ${g.labels[0]!.lines.join(' ')}`, box: g.box })),
    ...d.ends.map((e) => ({ name: e.kind, box: e.box })),
    ...d.lanes.map((l) => ({ name: l.lines.join(' '), box: l.box })),
  ];
}

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

function crosses(line: MapLine, box: Box): boolean {
  const [left, right] = [Math.min(line.from.x, line.to.x), Math.max(line.from.x, line.to.x)];
  return left < box.x + box.width && right > box.x && line.from.y > box.y && line.from.y < box.y + box.height;
}

function inside(inner: Box, outer: Box): boolean {
  return (
    inner.x >= outer.x - 0.01 &&
    inner.y >= outer.y - 0.01 &&
    inner.x + inner.width <= outer.x + outer.width + 0.01 &&
    inner.y + inner.height <= outer.y + outer.height + 0.01
  );
}

const CASES = (['v4', 'v6'] as const).flatMap((family) =>
  [660, 900, 1280, 1920].flatMap((width) =>
    [2, 3, 4, 5, 6].flatMap((count) => [true, false].map((single) => ({ family, width, count, single }))),
  ),
);

describe('the path map keeps its text apart', () => {
  it.each(CASES)('$family, $count points at $width px, one journey: $single', ({ family, width, count, single }) => {
    const { input, journey } = longScene(family, count);
    const map = pathMap({ ...input, journey: single ? journey : null }, width);
    expect(map.width).toBe(width);
    const drawing = map.paths[0]!;
    const whole: Box = { x: 0, y: 0, width, height: drawing.height };
    const labels = labelled(drawing);
    for (const [i, a] of labels.entries()) {
      expect(inside(a.box, whole), `${a.name} leaves the drawing`).toBe(true);
      for (const b of labels.slice(i + 1)) expect(overlap(a.box, b.box), `${a.name} overlaps ${b.name}`).toBe(false);
      for (const line of drawing.lines) expect(crosses(line, a.box), `a line crosses ${a.name}`).toBe(false);
    }
    for (const holder of [...drawing.gates, ...drawing.ends])
      for (const [i, a] of holder.labels.entries()) {
        expect(inside(a.box, holder.box), `${a.lines.join(' ')} leaves its box`).toBe(true);
        for (const b of holder.labels.slice(i + 1)) expect(overlap(a.box, b.box)).toBe(false);
      }
    for (const frame of drawing.frames) {
      expect(inside(frame.box, whole), frame.kind).toBe(true);
      expect(inside(frame.title.box, frame.box), `title of ${frame.kind}`).toBe(true);
      // An edge of a frame runs through no text.
      for (const a of labels)
        expect(!overlap(a.box, frame.box) || inside(a.box, frame.box), `${a.name} on the edge of ${frame.kind}`).toBe(
          true,
        );
    }
    for (const line of drawing.lines) expect(Math.abs(line.to.x - line.from.x)).toBeGreaterThanOrEqual(4);
  });
});

describe('the path map says no more than the captures', () => {
  it('places the translation between veth and node at stage 3, as inferred', () => {
    const map = drawn([POD, NODE, OUTSIDE], true);
    expect([1, 2, 3, 4, 5, 6, 7].map((n) => stage(map, n))).toEqual([
      'not-captured: not captured',
      'seen: seen',
      'inferred: inferred',
      'seen: seen',
      'seen: seen outside',
      'not-captured: not captured',
      'not-captured: not captured',
    ]);
    expect(map.gates.map((g) => [g.stage, g.state, g.labels[0]!.lines[0]])).toEqual([
      [3, 'inferred', 'SNAT'],
      [5, 'inferred', 'SNAT'],
    ]);
  });

  it('bears no address where nothing was captured', () => {
    const map = drawn([POD, NODE], true);
    expect(map.chips.filter((c) => c.direction === 'out').map((c) => c.address)).toEqual(['10.42.3.21', '10.42.1.17']);
    expect(map.lines.filter((l) => l.direction === 'out').at(-1)).toMatchObject({ dashed: true, tone: 'none' });
  });

  it('shows the NAT gateway as seen where both its sides were captured', () => {
    const map = drawn([POD, NODE, INSIDE, OUTSIDE], true);
    expect(stage(map, 5)).toBe('seen: seen both sides');
    expect(map.gates.find((g) => g.stage === 5)?.state).toBe('seen');
  });

  it('calls the internet gateway 1:1 only where many connections keep their ports', () => {
    const one = drawn([POD, NODE, OUTSIDE, INTERNET], false);
    expect(one.gates.at(-1)).toMatchObject({ stage: 6, state: 'inferred' });
    expect(one.gates.at(-1)?.labels[0]?.lines).toEqual(['1:1 118']);
    const { input, journey } = sceneOf([POD, NODE, OUTSIDE, INTERNET]);
    const lonely = pathMap({ ...input, gaps: [], journey }, 1280).paths[0]!;
    expect(lonely.gates.at(-1)?.labels[0]?.lines).toEqual(['SNAT']);
  });

  it('says that a path has no NAT gateway only where every port is kept from node to internet', () => {
    const kept = drawn([POD, NODE, { ...INTERNET, sport: NODE.sport }], false);
    expect(stage(kept, 5)).toBe('absent: none on this path');
    expect(kept.gates.at(-1)?.stage).toBe(6);
    const changed = drawn([POD, NODE, INTERNET], false);
    expect(stage(changed, 5)).toBe('not-captured: not captured');
    expect(changed.gates.at(-1)).toMatchObject({ stage: null, state: 'open' });
  });

  it('says "no change" where both sides are the same', () => {
    const map = drawn([POD, { ...POD, role: 'node-eth0' }, OUTSIDE], true);
    expect(stage(map, 3)).toBe('inferred: no change');
    expect(map.chips.filter((c) => c.direction === 'out')).toHaveLength(2);
  });

  it('tells the way back with the same addresses, as destinations', () => {
    const map = drawn([POD, NODE, OUTSIDE], true);
    const back = map.chips.filter((c) => c.direction === 'back');
    expect(back.map((c) => [c.meaning, c.address + c.port])).toEqual([
      ['destination', '10.42.3.21:51602'],
      ['destination', '10.42.1.17:36492'],
      ['destination', '10.42.0.9:12507'],
    ]);
  });

  it('marks what changed: address, port, or both', () => {
    const map = drawn([POD, { ...NODE, sport: POD.sport }, OUTSIDE], true);
    expect(map.chips.filter((c) => c.direction === 'out').map((c) => c.changed)).toEqual([
      { address: false, port: false },
      { address: true, port: false },
      { address: true, port: true },
    ]);
  });

  it('says where a connection that should have been seen was not', () => {
    const { input, journey } = sceneOf([POD, NODE], ['nat-outside']);
    const map = pathMap({ ...input, journey }, 1280).paths[0]!;
    expect(stage(map, 5)).toBe('not-seen: not seen');
  });

  it('shows candidates as an open gate and takes none of them', () => {
    const { input, journey } = sceneOf([POD, NODE], ['nat-outside']);
    const wanted = journey.legs;
    const map = pathMap(
      {
        ...input,
        journey: { ...journey, candidates: [{ from: 'p1', to: 'p2', legs: wanted, count: wanted.length, wanted: '' }] },
      },
      1280,
    ).paths[0]!;
    expect(map.gates.at(-1)).toMatchObject({ state: 'open' });
    expect(map.gates.at(-1)?.labels.flatMap((l) => l.lines)).toContain('2 candidates');
    expect(map.chips.filter((c) => c.direction === 'out')).toHaveLength(2);
  });

  it('puts points of no usual place in the order of the path', () => {
    const map = drawn([POD, { ...NODE, role: 'other' }, OUTSIDE], true);
    const order = [...map.stages]
      .sort((a, b) => a.name.box.x - b.name.box.x)
      .map((s) => s.number ?? s.name.lines.join(' '));
    expect(order).toEqual([1, 2, 'wan0', 3, 4, 5, 6, 7]);
    const unusual = drawn(
      [
        { ...POD, role: 'other' },
        { ...NODE, role: 'other' },
      ],
      true,
    );
    expect(unusual.frames).toEqual([]);
    expect(unusual.chips.filter((c) => c.direction === 'out')).toHaveLength(2);
  });

  it('sums up all journeys by kind', () => {
    const map = drawn([POD, NODE, OUTSIDE], false);
    expect(map.gates[0]?.labels.map((l) => l.lines.join(' '))).toEqual([
      'SNAT 118',
      'un-SNAT',
      expect.stringContaining('none 4'),
    ]);
  });

  it('draws the path with the most journeys first', () => {
    const { input } = sceneOf([POD, NODE]);
    const other = { ...input.points[0]!, id: 'q0' };
    const map = pathMap(
      { ...input, points: [other, ...input.points], paths: [['q0', 'p1'], ...input.paths], journey: null },
      1280,
    );
    expect(map.paths.map((p) => p.points[0])).toEqual(['p0', 'q0']);
  });
});
