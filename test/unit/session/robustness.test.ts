// Damaged captures through the whole session: no exception, no hang, and a report that holds together.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { SAMPLES } from '../../support/requirements.ts';
import { schemaProblems } from '../../support/report-schema.ts';
import { seededNumbers } from '../../support/seeded.ts';
import { type SceneFile, drawScene, parseScene } from '../../support/scene.ts';
import { exported, openCaptures } from '../../support/scene-session.ts';

const SCENE = drawScene(
  parseScene(`
    point pod: pod-veth.pcap
    point node: node-eth0.pcap
    0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
    +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
    +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ts=9/5 ttl=60
    +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
    0.200   pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com
    +0.001  node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63
    0.300   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=1 data=ping-of-pod-one-
    +0.001  node  10.42.1.17 > 198.51.100.10  " id=9 ttl=63
    0.400   node  198.51.100.1 > 10.42.1.17  icmp 3/1 quotes 10.42.1.17:2000 > 198.51.100.10:80 tcp
    0.500   pod   [fd00::21]:1000 > [2001:db8::80]:80  tcp SYN seq=5
    0.600   pod   10.42.3.21:1000 > 192.0.2.1:53 udp data=word len=400 ipid=7 frag=0+
    0.600   pod   10.42.3.21 > 192.0.2.1 udp len=100 ipid=7 frag=51`),
);
const [POD, NODE] = SCENE as [SceneFile, SceneFile];

/** Opens them and asks for everything that the window would ask for. */
function exercise(files: readonly SceneFile[]): void {
  const { session, report } = openCaptures(files);
  expect(schemaProblems(report)).toEqual([]);
  expect(exported(session, { format: 'text', filter: '', theme: 'light', picture: 'map' })).toContain('Total:');
  session.timeline({ journey: null, bins: 20 });
  session.pathMap(null, 800);
  for (const { id } of report.journeys.slice(0, 20)) {
    const { total } = session.passages(id, 0, 500);
    session.pathMap(id, 800);
    for (let i = 0; i < Math.min(total, 3); i++) {
      const ranges = session.passageBytes(id, i)!;
      const bytes = ranges.map((r) => files[r.capture]!.bytes.slice(r.offset, r.offset + r.length));
      expect(bytes.map((b) => b.length)).toEqual(ranges.map((r) => r.length));
      session.packetDiff(id, i, bytes);
    }
  }
}

describe('a damaged capture beside a whole one', () => {
  it('cut off at every byte', () => {
    for (let end = 0; end <= NODE.bytes.length; end++) {
      exercise([POD, { file: NODE.file, bytes: NODE.bytes.slice(0, end) }]);
    }
  }, 60_000);

  it('with bytes changed at random: 600 trials', () => {
    const next = seededNumbers(2024);
    for (let trial = 0; trial < 600; trial++) {
      const bytes = NODE.bytes.slice();
      for (let flips = 1 + (next() % 4); flips > 0; flips--) bytes[next() % bytes.length] = next() & 0xff;
      exercise([POD, { file: NODE.file, bytes }]);
    }
  }, 60_000);

  it('with bytes changed within packets only, so that all of them are read', () => {
    const next = seededNumbers(7);
    for (let trial = 0; trial < 300; trial++) {
      const files = SCENE.map(({ file, bytes: whole }) => {
        const bytes = whole.slice();
        const view = new DataView(bytes.buffer);
        for (let at = 24; at < bytes.length; at += 16 + view.getUint32(at + 8, true)) {
          const length = view.getUint32(at + 8, true);
          if (next() % 3 === 0) bytes[at + 16 + (next() % length)] = next() & 0xff;
        }
        return { file, bytes };
      });
      exercise(files);
    }
  }, 60_000);
});

describe('a recorded sample, damaged', () => {
  const names = ['pod1-veth.pcap', 'pod2-veth.pcap', 'node-eth0.pcap'];
  const files = names.map((file) => ({
    file,
    bytes: new Uint8Array(readFileSync(path.join(SAMPLES, 'eks-nat-gateway', file))),
  }));

  it('in a thousand bytes a file, a dozen times', () => {
    const next = seededNumbers(99);
    for (let trial = 0; trial < 12; trial++) {
      const damaged = files.map(({ file, bytes }) => {
        const copy = bytes.slice();
        const view = new DataView(copy.buffer);
        for (let at = 24; at < copy.length; at += 16 + view.getUint32(at + 8, true)) {
          if (next() % 3 === 0) copy[at + 16 + (next() % view.getUint32(at + 8, true))] = next() & 0xff;
        }
        return { file, bytes: copy };
      });
      exercise(damaged);
    }
  }, 60_000);
});

describe('captures that are hard to correlate stay cheap', () => {
  it('2,000 equal datagrams of as many ports at both points', () => {
    const lines = Array.from({ length: 2000 }, (_, i) => {
      const at = 1 + i / 10_000;
      return `
        ${at} pod  10.42.3.21:${10_000 + i} > 192.0.2.7:9999 udp data=equal-in-all-of-them
        ${at} node 10.42.1.17:${20_000 + i} > 192.0.2.7:9999 udp data=equal-in-all-of-them ttl=63`;
    });
    const drawn = drawScene(parseScene(`point pod: pod.pcap\npoint node: node.pcap\n${lines.join('')}`));
    const { report } = openCaptures(drawn);
    expect(report.journeys.every((j) => j.legs.length === 1)).toBe(true);
  }, 60_000);

  it('one connection of 5,000 equal keepalives at both points', () => {
    const lines = Array.from({ length: 5000 }, (_, i) => {
      const at = 1 + i / 100;
      return `
        ${at} pod  10.42.3.21:1000 > 192.0.2.7:80 tcp ACK seq=3141592653 ack=2718281828
        ${at} node 10.42.1.17:2000 > 192.0.2.7:80 tcp ACK seq=3141592653 ack=2718281828 ttl=63`;
    });
    const drawn = drawScene(parseScene(`point pod: pod.pcap\npoint node: node.pcap\n${lines.join('')}`));
    const { report, session } = openCaptures(drawn);
    session.passages('j1', 0, 500);
    expect(report.journeys).toHaveLength(1);
  }, 60_000);
});
