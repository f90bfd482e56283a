import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Ladder, type LadderLabel, drawLadder } from '../../../src/core/scene/ladder.ts';
import { type LadderPackets, centredTop, ladderRows } from '../../../src/core/scene/ladder-rows.ts';
import type { Box } from '../../../src/core/scene/path-map.ts';
import { openScene } from '../../support/scene-session.ts';
import { longScene } from './path-scene.ts';

interface MadePacket {
  readonly back: boolean;
  readonly wait: number;
  readonly from: number;
  readonly delays: readonly number[];
  readonly lost: boolean;
  readonly again: boolean;
}

/** Packets of a journey of so many legs; waits and delays in nanoseconds, a delay may be less than nothing. */
function packetsOf(made: readonly MadePacket[], legs: number): LadderPackets {
  const firstStep = [0];
  const [lane, time]: number[][] = [[], []];
  let now = 0;
  for (const { back, wait, from, delays } of made) {
    now += wait;
    const begin = Math.min(from, legs - 1);
    const length = Math.min(delays.length + 1, legs - begin);
    for (let i = 0, at = now; i < length; i++) {
      at += i === 0 ? 0 : delays[i - 1]!;
      lane!.push(back ? legs - 1 - begin - i : begin + i);
      time!.push(at);
    }
    firstStep.push(lane!.length);
  }
  const flags = (of: (packet: MadePacket) => boolean): Uint8Array => Uint8Array.from(made, (p) => (of(p) ? 1 : 0));
  return {
    length: made.length,
    isBack: flags(({ back }) => back),
    // At the end of its way nothing is lost any more.
    isLost: flags(({ lost, from, delays }) => lost && Math.min(from, legs - 1) + delays.length + 1 < legs),
    again: flags(({ again }) => again),
    segmentOf: new Int32Array(made.length).fill(-1),
    firstStep: Uint32Array.from(firstStep),
    lane: Uint16Array.from(lane!),
    time: Float64Array.from(time!),
    payload: new Uint32Array(lane!.length),
    shared: new Uint8Array(lane!.length),
  };
}

const PACKET: fc.Arbitrary<MadePacket> = fc.record({
  back: fc.boolean(),
  wait: fc.oneof(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 0, max: 2_000_000_000 })),
  from: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.integer({ min: 0, max: 6 })),
  delays: fc.array(fc.integer({ min: -2000, max: 300_000 }), { minLength: 0, maxLength: 6 }),
  lost: fc.boolean(),
  again: fc.boolean(),
});
const CASE = fc.record({
  family: fc.constantFrom('v4' as const, 'v6' as const),
  legs: fc.integer({ min: 1, max: 6 }),
  made: fc.array(PACKET, { minLength: 1, maxLength: 40 }),
  width: fc.integer({ min: 560, max: 1900 }),
  zoom: fc.constantFrom(0.0625, 0.5, 1, 2, 16, 256),
});

function drawn(legs: number, made: readonly MadePacket[], width: number, zoom: number, family: 'v4' | 'v6' = 'v4') {
  const { input, journey } = longScene(family, legs);
  const packets = packetsOf(made, legs);
  const rows = ladderRows(packets, zoom);
  const wordsOf = (packet: number): { time: string; name: string } => ({
    time: (packets.time[packets.firstStep[packet]!]! / 1e9).toFixed(6),
    name: packet % 3 === 0 ? 'GET /a/very/long/path/of/some/service HTTP/1.1' : 'PSH ACK 1448',
  });
  const draw = (top: number, height: number): Ladder =>
    drawLadder({ journey, points: input.points, packets, rows, wordsOf }, width, top, height);
  return { packets, rows, draw };
}

const touches = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width - 0.01 &&
  b.x < a.x + a.width - 0.01 &&
  a.y < b.y + b.height - 0.01 &&
  b.y < a.y + a.height - 0.01;

/** Whether a straight line runs through a box, by cutting it to the box's sides (Liang and Barsky). */
function crosses(from: { x: number; y: number }, to: { x: number; y: number }, box: Box): boolean {
  let [enter, leave] = [0, 1];
  const sides = [
    [from.x - to.x, from.x - box.x],
    [to.x - from.x, box.x + box.width - from.x],
    [from.y - to.y, from.y - box.y],
    [to.y - from.y, box.y + box.height - from.y],
  ] as const;
  for (const [towards, room] of sides) {
    if (towards === 0) {
      if (room <= 0) return false;
    } else if (towards < 0) enter = Math.max(enter, room / towards);
    else leave = Math.min(leave, room / towards);
  }
  return enter < leave;
}

function textOf({ runs }: LadderLabel): string {
  return runs.map(({ text }) => text).join('');
}

describe('the ladder keeps its words apart', () => {
  it('from one another and from every line, whatever the packets', () => {
    fc.assert(
      fc.property(CASE, ({ family, legs, made, width, zoom }) => {
        const { rows, draw } = drawn(legs, made, width, zoom, family);
        const ladder = draw(0, rows.height);
        const labels = [
          ...ladder.rows.flatMap((row) => [row.time, row.words]),
          ...ladder.folds.map(({ label }) => label),
        ];
        const lines = [
          ...ladder.rows.flatMap((row) => [...row.lines, ...(row.lost === null ? [] : [row.lost])]),
          ...ladder.folds.map(({ y, from, to }) => ({ from: { x: from, y }, to: { x: to, y } })),
          ...ladder.lanes.map(({ x }) => ({ from: { x, y: 0 }, to: { x, y: ladder.height } })),
        ];
        for (const [i, { box }] of labels.entries()) {
          expect(box.x >= 0 && box.x + box.width <= ladder.width && box.y >= 0).toBe(true);
          expect(labels.slice(i + 1).filter((other) => touches(box, other.box))).toEqual([]);
          expect(lines.filter(({ from, to }) => crosses(from, to, box))).toEqual([]);
        }
        const head = [
          ...ladder.headings.map(({ box }) => box),
          ...ladder.lanes.flatMap((lane) => [lane.chip.box, ...lane.labels.map(({ box }) => box)]),
        ];
        for (const [i, box] of head.entries()) {
          expect(box.x >= 0 && box.x + box.width <= ladder.width && box.y + box.height <= ladder.headHeight).toBe(true);
          expect(head.slice(i + 1).filter((other) => touches(box, other))).toEqual([]);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('time on the ladder', () => {
  it('never runs upwards: of two sightings the later one is no higher', () => {
    fc.assert(
      fc.property(CASE, ({ legs, made, width, zoom }) => {
        const { packets, rows } = drawn(legs, made, width, zoom);
        const steps = [...packets.time.keys()].sort((a, b) => packets.time[a]! - packets.time[b]!);
        for (const [i, step] of steps.entries())
          if (i > 0 && packets.time[steps[i - 1]!]! < packets.time[step]!)
            expect(rows.y[step]).toBeGreaterThanOrEqual(rows.y[steps[i - 1]!]!);
      }),
      { numRuns: 60 },
    );
  });

  const packet = (wait: number): MadePacket => ({
    back: false,
    wait,
    from: 0,
    delays: [20_000],
    lost: false,
    again: false,
  });

  it('folds what takes longer than a gap may, and says how long it was', () => {
    const { rows, draw } = drawn(2, [packet(0), packet(205e6), packet(60_000)], 1000, 1);
    const { folds } = draw(0, rows.height);
    expect(folds.map(({ ns, label }) => [Math.round(ns), textOf(label)])).toEqual([[205e6 - 20_000, '205 ms']]);
    expect(rows.height).toBeLessThan(200);
  });

  it('stretches with the zoom, until rows need no more than their own room', () => {
    const heightAt = (zoom: number): number =>
      drawn(2, [packet(0), packet(60_000), packet(60_000)], 1000, zoom).rows.height;
    expect(heightAt(16)).toBeGreaterThan(2 * heightAt(1));
    expect(heightAt(1 / 16)).toBeLessThan(heightAt(1) + 1);
  });
});

describe('a stretch of a long ladder', () => {
  it('has exactly what the whole has there', () => {
    fc.assert(
      fc.property(CASE, fc.nat(100), ({ legs, made, width, zoom }, share) => {
        const { rows, draw } = drawn(legs, made, width, zoom);
        const whole = draw(0, rows.height).rows;
        const top = (rows.height * share) / 100;
        const here = (box: Box): boolean => box.y >= top && box.y + box.height <= top + 100;
        const part = draw(top, 100).rows;
        expect(part.filter(({ words }) => here(words.box))).toEqual(whole.filter(({ words }) => here(words.box)));
        // Lines that only run through it, too.
        for (const row of whole)
          if (row.lines.some(({ from, to }) => Math.min(from.y, to.y) < top + 100 && Math.max(from.y, to.y) > top))
            expect(part.map(({ packet }) => packet)).toContain(row.packet);
      }),
      { numRuns: 80 },
    );
  });

  it('begins where a packet stands in its middle, and never beyond the ends', () => {
    const many = Array.from({ length: 500 }, (): MadePacket => ({
      back: false,
      wait: 1000,
      from: 0,
      delays: [10],
      lost: false,
      again: false,
    }));
    const { packets, rows } = drawn(2, many, 1000, 1);
    const top = centredTop(packets, rows, 250, 400);
    expect(rows.y[packets.firstStep[250]!]).toBeCloseTo(top + 200, 5);
    expect(centredTop(packets, rows, 0, 400)).toBe(0);
    expect(centredTop(packets, rows, 499, 400)).toBeCloseTo(rows.height - 400, 5);
  });
});

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap
  0   pod  noise
  0   node noise
  60  pod  noise
  60  node noise
  1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1000 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=9000 ack=1001 ts=70/5 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`;

/** The ladder of a scene's first journey, a packet a line: its words, the lanes it was seen at, and how it is drawn. */
function told(scene: string): string[] {
  const { session } = openScene(scene);
  const ladder = session.ladder({ journey: 'j1', width: 1000, top: 0, height: 5000, zoom: 1, times: 'relative' })!;
  return ladder.rows.map((row) =>
    [
      row.direction,
      textOf(row.time),
      textOf(row.words),
      row.stops.map(({ lane, hollow }) => (hollow ? `(${lane})` : lane)).join('-'),
      ...(row.lines.some(({ thick }) => thick) ? ['thick'] : []),
      ...(row.lost === null ? [] : ['cross']),
      ...(row.again ? ['dashed'] : []),
      ...(row.split === null ? [] : [`split at ${row.split.lane}`]),
    ].join(' '),
  );
}

describe('a packet on the ladder', () => {
  it('that was lost ends in a cross at the last point that saw it; sent again it is dashed', () => {
    expect(
      told(`${POINTS}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70
      2.300   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1305/70
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`),
    ).toEqual([
      'out 0.000000 SYN 0-1',
      'back 0.011000 SYN ACK 1-0',
      'out 1.000000 PSH ACK 100 lost 0 cross',
      'out 1.300000 PSH ACK 100 again 0-1 dashed',
    ]);
  });

  it('that was split is thick until it was, and its segments hang together', () => {
    expect(
      told(`${POINTS}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=300 ts=1005/70
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp ACK seq=1001 ack=9001 len=100 ts=1005/70 ttl=63
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp ACK seq=1101 ack=9001 len=100 ts=1005/70 ttl=63
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp PSH ACK seq=1201 ack=9001 len=100 ts=1005/70 ttl=63`).slice(
        2,
      ),
    ).toEqual([
      'out 1.000000 PSH ACK 300 in 3 0-1 thick',
      'out 1.002000 ACK 100 1 split at 1',
      'out 1.003000 PSH ACK 100 1 split at 1',
    ]);
  });

  it('that was merged with others goes on as one, thick', () => {
    expect(
      told(`${POINTS}
      2.000   node   198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=9001 ack=1001 len=100 ts=90/5 ttl=60
      +0.001  node   198.51.100.10:80 > 10.42.1.17:2000  tcp PSH ACK seq=9101 ack=1001 len=100 ts=90/5 ttl=60
      +0.001  pod    198.51.100.10:80 > 10.42.3.21:1000  tcp PSH ACK seq=9001 ack=1001 len=200 ts=90/5 ttl=59`).slice(
        2,
      ),
    ).toEqual(['back 1.000000 ACK 100 1-0', 'back 1.001000 PSH ACK 100 1']);
  });

  it('that a point saw alone, without proof that it was lost, is open there', () => {
    const early = POINTS.replace('60  node noise', '1.1  node noise');
    expect(
      told(`${early}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70`).at(-1),
    ).toBe('out 1.000000 PSH ACK 100 (0)');
  });

  it('changes its colour half-way where the source changed, and keeps it where it did not', () => {
    const { session } = openScene(POINTS);
    const query = { journey: 'j1', width: 1000, top: 0, height: 5000, zoom: 1, times: 'delta' } as const;
    const [first] = session.ladder(query)!.rows;
    expect(first!.lines.map(({ lane }) => lane)).toEqual([0, 1]);
    const kept = openScene(POINTS.replaceAll('10.42.1.17:2000', '10.42.3.21:1000'));
    expect(kept.session.ladder(query)!.rows[0]!.lines.map(({ lane }) => lane)).toEqual([0]);
  });

  it('has its time as wished', () => {
    const { session } = openScene(POINTS);
    const times = (form: 'relative' | 'delta' | 'absolute'): string[] =>
      session
        .ladder({ journey: 'j1', width: 1000, top: 0, height: 5000, zoom: 1, times: form })!
        .rows.map(({ time }) => textOf(time));
    expect(times('relative')).toEqual(['0.000000', '0.011000']);
    expect(times('delta')).toEqual(['0.000000', '0.011000']);
    expect(times('absolute')).toEqual(['22:13:21.000000', '22:13:21.011000']);
  });

  it('of a journey that is not there is none', () => {
    const { session } = openScene(POINTS);
    expect(session.ladder({ journey: 'j9', width: 1000, top: 0, height: 100, zoom: 1, times: 'delta' })).toBeNull();
  });
});

it('a lane whose clock was corrected says by how much', () => {
  const { session } = openScene(POINTS.replace('node-eth0.pcap', 'node-eth0.pcap clock=3'));
  const { lanes, rows } = session.ladder({
    journey: 'j1',
    width: 1000,
    top: 0,
    height: 500,
    zoom: 1,
    times: 'relative',
  })!;
  expect(lanes.map(({ clock }) => clock?.offsetNs ?? 0)).toEqual([0, expect.closeTo(3e9, -8)]);
  expect(lanes[1]!.labels.map(textOf).join(' ').replaceAll('\u00a0', ' ')).toMatch(/clock \+3\.00\d s/);
  // Shown corrected: one millisecond and not three seconds.
  expect(rows[0]!.hops[1]!.atNs).toBeLessThan(10e6);
});
