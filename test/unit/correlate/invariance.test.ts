// What must not matter: the order of captures, the order of packets of one moment, and what translators rewrite.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';
import { seededNumbers } from '../../support/seeded.ts';

interface Moment {
  readonly at: number;
  readonly line: string;
}

const FILES = ['pod1-veth.pcap', 'pod2-veth.pcap', 'node-eth0.pcap', 'nat-outside.pcap'];
const POINTS = ['pod1', 'pod2', 'node', 'out'];

/** A day in a cluster: TCP, DNS and pings of two pods through a node and a NAT, all begun in groups of one moment. */
function traffic(seed: number, rename: (address: string, port: number) => string = (a, p) => `${a}:${p}`): Moment[] {
  const next = seededNumbers(seed);
  const moments: Moment[] = [];
  const add = (at: number, point: string, from: string, to: string, what: string): void => {
    moments.push({ at, line: `${at.toFixed(6)} ${point} ${from} > ${to} ${what}` });
  };
  for (let i = 0; i < 30; i++) {
    const pod = `pod${(i % 2) + 1}`;
    const client = `10.42.3.2${(i % 2) + 1}`;
    const start = Math.floor(i / 4) + 1;
    const [isn, isn2, id] = [next(), next(), i + 1];
    if (i % 3 < 2) {
      const server = (point: string): string => (point === 'node' ? rename('198.51.100.10', 443) : '198.51.100.10:443');
      const ends = [
        [pod, `${client}:${4000 + i}`, 64],
        ['node', rename('10.42.1.17', 5000 + i), 63],
        ['out', `203.0.113.7:${6000 + i}`, 61],
      ] as const;
      ends.forEach(([point, from, ttl], hop) => {
        const d = hop * 0.0005;
        add(start + d, point, from, server(point), `tcp SYN seq=${isn} ts=${i} ttl=${ttl} ipid=${id}`);
        add(
          start + 0.03 - d,
          point,
          server(point),
          from,
          `tcp SYN ACK seq=${isn2} ack=${(isn + 1) >>> 0} ttl=${119 - ttl} ipid=${id + 100}`,
        );
        add(
          start + 0.04 + d,
          point,
          from,
          server(point),
          `tcp PSH ACK seq=${(isn + 1) >>> 0} ack=${(isn2 + 1) >>> 0} len=${50 + i} ttl=${ttl} ipid=${id + 200}`,
        );
      });
    } else {
      const server = '192.0.2.53:53';
      [pod, 'node', 'out'].forEach((point, hop) => {
        const from =
          hop === 0 ? `${client}:${4000 + i}` : hop === 1 ? rename('10.42.1.17', 5000 + i) : `203.0.113.7:${6000 + i}`;
        const d = hop * 0.0005;
        add(start + d, point, from, server, `udp dns=${i + 1}/name-${i}.example ttl=${64 - hop} ipid=${id}`);
        add(
          start + 0.03 - d,
          point,
          server,
          from,
          `udp answer=${i + 1}/name-${i}.example ttl=${58 + hop} ipid=${id + 100}`,
        );
      });
    }
  }
  return moments;
}

function scene(moments: readonly Moment[], order: readonly number[]): string {
  const lines = [...moments].sort((x, y) => x.at - y.at).map((m) => m.line);
  return [...order.map((i) => `point ${POINTS[i]!}: ${FILES[i]!}`), ...lines].join('\n');
}

const told = (moments: readonly Moment[], order: readonly number[]): string[] =>
  [...openScene(scene(moments, order)).journeys].sort();

describe('the result does not depend on', () => {
  const moments = traffic(1);
  const expected = told(moments, [0, 1, 2, 3]);

  it('(the traffic is all found: 30 connections at three points each)', () => {
    expect(expected).toHaveLength(30);
    expect(expected.every((line) => line.split(' | ').length === 3)).toBe(true);
  });

  it('the order of the captures', () => {
    const orders = fc.shuffledSubarray([0, 1, 2, 3], { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(orders, (order) => {
        expect(told(moments, order)).toEqual(expected);
      }),
      { seed: 2, numRuns: 12 },
    );
  });

  it('the order of packets of one moment', () => {
    const shuffled = fc.shuffledSubarray(moments, { minLength: moments.length, maxLength: moments.length });
    fc.assert(
      fc.property(shuffled, (other) => {
        expect(told(other, [0, 1, 2, 3])).toEqual(expected);
      }),
      { seed: 3, numRuns: 12 },
    );
  });

  it('which addresses and ports a point shows: every TCP tie stays under any one-to-one renaming of both ends there', () => {
    const renaming = fc.record({
      block: fc.integer({ min: 1, max: 200 }),
      stride: fc.constantFrom(1, 3, 7, 11, 101),
      base: fc.integer({ min: 1, max: 60_000 }),
      byAddress: fc.boolean(),
    });
    const partners = (lines: readonly string[]): string[] =>
      lines
        .filter((l) => l.startsWith('tcp'))
        .map((l) =>
          l
            .split(' | ')
            .filter((_, i) => i !== 1)
            .join(' | '),
        );
    fc.assert(
      fc.property(renaming, ({ block, stride, base, byAddress }) => {
        const rename = (_: string, port: number): string =>
          byAddress
            ? `10.${block}.${port & 0xff}.${(port >> 8) & 0xff}:${1 + ((base + port * stride) % 65_521)}`
            : `10.${block}.1.17:${1 + ((base + port * stride) % 65_521)}`;
        expect(partners(told(traffic(1, rename), [0, 1, 2, 3]))).toEqual(partners(expected));
      }),
      { seed: 4, numRuns: 20 },
    );
  });

  it('the moment on any clock: captures shifted by up to a year each', () => {
    const shift = fc.integer({ min: -31_536_000, max: 31_536_000 });
    fc.assert(
      fc.property(fc.tuple(shift, shift, shift, shift), (shifts) => {
        const text = scene(moments, [0, 1, 2, 3]).replace(/^point \S+: (\S+)$/gm, (line, file: string) => {
          return `${line} clock=${shifts[FILES.indexOf(file)]!}`;
        });
        expect([...openScene(text).journeys].sort()).toEqual(expected);
      }),
      { seed: 5, numRuns: 12 },
    );
  });
});
