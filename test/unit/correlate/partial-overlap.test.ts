// Captures that overlap only partly: of a long connection two points may have but a few packets in common, at an end of
// what either saw or in its midst.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';
import { seededNumbers } from '../../support/seeded.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;

/** Which packets of a connection a point captured, by their numbers. */
type Window = readonly [from: number, to: number];

interface Long {
  readonly number: number;
  readonly packets: number;
  readonly pod: Window;
  readonly node: Window;
}

const within = ([from, to]: Window, n: number): boolean => n >= from && n < to;

function ends({ number }: Long): readonly [pod: string, node: string, server: string] {
  return [`10.42.3.21:${1000 + number}`, `10.42.1.17:${2000 + number}`, '198.51.100.10:443'];
}

/** Requests and answers that go on and on, without an opening. */
function tcp(connection: Long, seed: number): string {
  const next = seededNumbers(seed + connection.number);
  const [pod, node, server] = ends(connection);
  let [own, other] = [next(), next()];
  const lines: string[] = [];
  for (let n = 0; n < connection.packets; n++) {
    const out = n % 3 !== 1;
    const length = n % 3 === 2 ? 0 : 10 + (next() % 30);
    const at = (n * 0.002 + connection.number * 0.0001).toFixed(6);
    const carried = `tcp ACK PSH seq=${out ? own : other} ack=${out ? other : own} len=${length}`;
    if (within(connection.pod, n)) lines.push(`${at} pod ${out ? pod : server} > ${out ? server : pod} ${carried}`);
    if (within(connection.node, n)) {
      lines.push(`${at} node ${out ? node : server} > ${out ? server : node} ${carried} ttl=${out ? 63 : 65}`);
    }
    // Most segments were captured nowhere: the stream moves on faster than its packets here.
    const moved = length === 0 ? 0 : length + 1400;
    if (out) own = (own + moved) >>> 0;
    else other = (other + moved) >>> 0;
  }
  return lines.join('\n');
}

/** A stream of datagrams of which each has bytes of its own. */
function udp(connection: Long): string {
  const [pod, node, server] = ends(connection);
  const lines: string[] = [];
  for (let n = 0; n < connection.packets; n++) {
    const at = (n * 0.002 + connection.number * 0.0001).toFixed(6);
    const carried = `udp data=stream-${connection.number}-packet-${n}-`;
    if (within(connection.pod, n)) lines.push(`${at} pod ${pod} > ${server} ${carried}`);
    if (within(connection.node, n)) lines.push(`${at} node ${node} > ${server} ${carried} ttl=63`);
  }
  return lines.join('\n');
}

const partners = (connections: readonly Long[], text: string): void => {
  const { report } = openScene(`${POINTS}\n${text}`);
  expect(report.journeys).toHaveLength(connections.length);
  for (const { legs, confidence } of report.journeys) {
    expect(['strong', 'probable']).toContain(confidence);
    const ports = legs.flatMap(({ sport, dport }) => [sport, dport]).filter((port) => port !== 443);
    expect(ports).toHaveLength(2);
    expect(Math.abs(Number(ports[1]) - Number(ports[0]))).toBe(1000);
  }
};

const PACKETS = 640;
const CASES: readonly { name: string; windows: (n: number) => readonly [Window, Window] }[] = [
  {
    name: 'the last six of one are the first six of the other',
    windows: () => [
      [0, 326],
      [320, PACKETS],
    ],
  },
  {
    name: 'six in the midst of the other',
    windows: (n) => [
      [0, PACKETS],
      [200 + 37 * n, 206 + 37 * n],
    ],
  },
  {
    name: 'forty in common, at an end',
    windows: () => [
      [0, 360],
      [320, PACKETS],
    ],
  },
  {
    name: 'two hundred in common, at an end',
    windows: () => [
      [0, 420],
      [220, PACKETS],
    ],
  },
];

describe.each(CASES)('$name', ({ windows }) => {
  const connections = [0, 1, 2].map((number): Long => {
    const [pod, node] = windows(number);
    return { number, packets: PACKETS, pod, node };
  });

  it('TCP in mid-stream', () => {
    partners(connections, connections.map((c) => tcp(c, 7)).join('\n'));
  });
});

describe('datagrams', () => {
  it.each([
    ['at an end, ten in common', [0, 330], [320, PACKETS]],
    ['at an end, two hundred in common', [0, 420], [220, PACKETS]],
    ['sixty in the midst of the other', [0, PACKETS], [300, 360]],
  ] as const)('%s', (_, pod, node) => {
    const connections = [0, 1, 2].map((number): Long => ({ number, packets: PACKETS, pod, node }));
    partners(connections, connections.map(udp).join('\n'));
  });
});

describe('what is not in common ties nothing', () => {
  it('one ends where the other begins, not a packet in common', () => {
    const connections = [0, 1, 2].map((number): Long => ({ number, packets: 400, pod: [0, 200], node: [200, 400] }));
    const { report } = openScene(`${POINTS}\n${connections.map((c) => tcp(c, 7)).join('\n')}`);
    expect(report.journeys.map((j) => j.legs.length)).toEqual([1, 1, 1, 1, 1, 1]);
  });

  it('numbers that every connection counts from 0', () => {
    const other = (text: string): string =>
      text.replaceAll('10.42.1.17:2', '10.42.1.18:3').replaceAll('len=1', 'len=2');
    const line = (point: string, port: number, n: number): string =>
      `${n}.${port} ${point} 10.42.3.21:${port} > 198.51.100.10:80 tcp ACK PSH seq=${1 + n * 100} ack=1 len=100`;
    const text = [0, 1, 2, 3].flatMap((n) => [line('pod', 1000, n), other(line('node', 2001, n))]).join('\n');
    const { report } = openScene(`${POINTS}\n${text}`);
    expect(report.journeys.map((j) => j.legs.length)).toEqual([1, 1]);
  });
});

describe('segments joined in other ways at either point, so that not one begins alike', () => {
  /** The same bytes in pieces of this size, from an offset on. */
  const stream = (point: string, ends: string, from: number, size: number, ttl: number): string =>
    Array.from({ length: Math.floor((60_000 - from) / size) }, (_, i) => {
      const sequence = 3_141_592_653 + from + i * size;
      const at = ((from + (i + 1) * size) / 1e6).toFixed(6);
      return `${at} ${point} ${ends} tcp ACK seq=${sequence} ack=2718281828 len=${size} ttl=${ttl}`;
    }).join('\n');

  it('are tied by the bytes, and none is called lost or born', () => {
    const { report } = openScene(`${POINTS}
      ${stream('pod', '10.42.3.21:1000 > 198.51.100.10:443', 1000, 6000, 64)}
      ${stream('node', '10.42.1.17:2000 > 198.51.100.10:443', 0, 1490, 63)}`);
    expect(report.journeys).toHaveLength(1);
    expect(report.journeys[0]!.changes[0]!.evidence).toEqual([{ kind: 'ranges', count: 9 }]);
    expect(report.journeys[0]!.changes[0]!.lost).toEqual([0, 0]);
  });

  it('other bytes of the same numbers are not', () => {
    const { report } = openScene(`${POINTS}
      ${stream('pod', '10.42.3.21:1000 > 198.51.100.10:443', 0, 6000, 64).split('\n').slice(0, 2).join('\n')}
      ${stream('node', '10.42.1.17:2000 > 198.51.100.10:443', 20_100, 1490, 63)}`);
    expect(report.journeys).toHaveLength(2);
  });
});
