// The independent judge of lab:all: what it calls identifiable, and what not.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type Comparison, compare, readLegPackets } from '../../checker/identify.mjs';
import { drawScene, parseScene } from '../../support/scene.ts';
import { SAMPLES } from '../../support/requirements.ts';
import type { Truth } from '../../support/score.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-checker-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

/** A comparison of the first two points of a scene. */
function compared(text: string): Comparison {
  const [a, b] = drawScene(parseScene(text)).map(({ file, bytes }) => {
    writeFileSync(path.join(scratch, file), bytes);
    return readLegPackets(path.join(scratch, file));
  });
  return compare(a!, b ?? a!);
}

const key = (proto: string, ...ends: string[]): string => [proto, ...ends.sort()].join(' ');
const inner = (port: number): string => key('udp', `10.0.0.1:${port}`, '198.51.100.9:9');
const outer = (port: number): string => key('udp', `203.0.113.7:${port}`, '198.51.100.9:9');
const POINTS = 'point in: in.pcap\npoint out: out.pcap\n';
/** A connection by which the clocks are known; its IP ids are kept. */
const CLOCK = `${POINTS}
  0.000  in   10.0.0.1:500 > 198.51.100.9:80     tcp SYN seq=7000
  +0.001 out  203.0.113.7:900 > 198.51.100.9:80  " ttl=63
`;

describe('the independent judge', () => {
  it('identifies every pair of a recorded truth, and no other two legs', () => {
    const folder = path.join(SAMPLES, 'eks-nat-gateway');
    const { pairs } = JSON.parse(readFileSync(path.join(folder, 'truth.json'), 'utf8')) as Truth;
    const between = pairs.filter(({ a, b }) => a.file === 'nat-inside.pcap' && b.file === 'nat-outside.pcap');
    const legs = between.map(({ proto, a, b }) => [key(proto, ...a.flow.split('>')), key(proto, ...b.flow.split('>'))]);
    const judge = compare(
      readLegPackets(path.join(folder, 'nat-inside.pcap')),
      readLegPackets(path.join(folder, 'nat-outside.pcap')),
    );
    expect(legs.length).toBeGreaterThan(50);
    for (const [i, [a, b]] of legs.entries()) {
      expect(judge.judge(a!, b!)).toBe('identifiable');
      expect(judge.judge(a!, legs[(i + 1) % legs.length]![1]!)).toBe('apart');
    }
  });

  it('calls datagrams symmetric that differ in their port only', () => {
    const judge = compared(`${CLOCK}
      0.010  in   10.0.0.1:1 > 198.51.100.9:9     udp data=knock ipid=0
      +0     in   10.0.0.1:2 > 198.51.100.9:9     "
      +0.001 out  203.0.113.7:11 > 198.51.100.9:9 "
      +0     out  203.0.113.7:12 > 198.51.100.9:9 "`);
    for (const a of [1, 2]) for (const b of [11, 12]) expect(judge.judge(inner(a), outer(b))).toBe('symmetric');
  });

  it('tells them apart by time where the clocks are known', () => {
    const judge = compared(`${CLOCK}
      0.100  in   10.0.0.1:1 > 198.51.100.9:9     udp data=knock ipid=0
      +0.001 out  203.0.113.7:11 > 198.51.100.9:9 "
      0.900  in   10.0.0.1:2 > 198.51.100.9:9     "
      +0.001 out  203.0.113.7:12 > 198.51.100.9:9 "`);
    expect(judge.judge(inner(1), outer(11))).toBe('identifiable');
    expect(judge.judge(inner(1), outer(12))).toBe('apart');
  });

  it('takes the IP id for evidence only where TCP shows that ids are kept', () => {
    const probes = `
      0.500  in   10.0.0.1:1 > 198.51.100.9:9     udp data=knock ipid=21
      +0     in   10.0.0.1:2 > 198.51.100.9:9     udp data=knock ipid=22
      +0.001 out  203.0.113.7:12 > 198.51.100.9:9 udp data=knock ipid=22
      +0     out  203.0.113.7:11 > 198.51.100.9:9 udp data=knock ipid=21`;
    const many = (outerId: (i: number) => number): string =>
      Array.from(
        { length: 20 },
        (_, i) => `
          0.0${10 + i}  in   10.0.0.1:${600 + i} > 198.51.100.9:80     tcp SYN seq=${9000 + i} ipid=${1000 + i}
          +0.001        out  203.0.113.7:${900 + i} > 198.51.100.9:80  tcp SYN seq=${9000 + i} ipid=${outerId(i)}`,
      ).join('\n');
    expect(compared(POINTS + many((i) => 1000 + i) + probes).judge(inner(1), outer(11))).toBe('identifiable');
    expect(compared(POINTS + many((i) => 5000 + i) + probes).judge(inner(1), outer(11))).toBe('symmetric');
  });

  it('joins the two legs of one connection where one file has both sides of a box', () => {
    const judge = compared(`
      point nat: nat.pcap
      0.000  nat  10.0.0.1:500 > 198.51.100.9:80     tcp SYN seq=7000
      +0.001 nat  203.0.113.7:900 > 198.51.100.9:80  " ttl=63
      0.010  nat  10.0.0.1:501 > 198.51.100.9:80     tcp SYN seq=8000
      +0.001 nat  203.0.113.7:901 > 198.51.100.9:80  " ttl=63`);
    const [a, b] = [key('tcp', '10.0.0.1:500', '198.51.100.9:80'), key('tcp', '203.0.113.7:900', '198.51.100.9:80')];
    expect(judge.judge(a, b)).toBe('identifiable');
    expect(judge.judge(a, key('tcp', '203.0.113.7:901', '198.51.100.9:80'))).toBe('apart');
  });

  it('counts the packets that two legs share within a time', () => {
    const judge = compared(`${CLOCK}
      2.000  in   10.0.0.1:500 > 198.51.100.9:80     tcp ACK seq=7001 ack=5 len=10
      +0.001 out  203.0.113.7:900 > 198.51.100.9:80  " ttl=63`);
    const [a, b] = [key('tcp', '10.0.0.1:500', '198.51.100.9:80'), key('tcp', '203.0.113.7:900', '198.51.100.9:80')];
    const begin = 1_700_000_000_000_000;
    expect(judge.sharing(a, b)).toBe(2);
    expect(judge.sharing(a, b, begin, begin + 1_000_000)).toBe(1);
    expect(judge.sharing(a, b, begin + 3_000_000)).toBe(0);
  });
});
