// Packets that a box let through as they were, beside the translated ones of their connection.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap
  point out: internet.pcap`;
const TRANSLATED = `
  0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.001  out   10.42.1.17:2000 > 198.51.100.10:80  " ttl=62
  +0.010  out   198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2222222222 ack=1111111112
  +0.001  node  198.51.100.10:80 > 10.42.1.17:2000  " ttl=63
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=62`;
const LATE_FIN = `
  9.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp FIN ACK seq=1111111112 ack=2222222223
  +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  " ttl=63
  +0.001  out   10.42.3.21:1000 > 198.51.100.10:80  " ttl=62`;

describe('a late FIN with the address from before', () => {
  it('is a remark to its connection, and no connection that nobody translated', () => {
    const { journeys, report } = openScene(POINTS + TRANSLATED + LATE_FIN);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80 | out 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: node 10.42.3.21:1000 > 198.51.100.10:80 | out 10.42.3.21:1000 > 198.51.100.10:80',
    ]);
    expect(report.journeys.map((j) => j.related)).toEqual([
      [{ kind: 'untranslated', journey: 'j2' }],
      [{ kind: 'untranslated-of', journey: 'j1' }],
    ]);
    expect(report.journeys[0]!.changes[0]).toMatchObject({ kind: 'snat', passed: [1, 1], lost: [0, 0] });
  });

  it('is shown where it went', () => {
    const { session } = openScene(POINTS + TRANSLATED + LATE_FIN);
    const fin = session.passages('j1', 0, 10).rows.at(-1)!;
    expect(fin).toMatchObject({ label: 'FIN ACK', lostAfter: null });
    expect(fin.sightings.map(({ point, untranslated }) => [point, untranslated])).toEqual([
      ['p0', false],
      ['p1', true],
      ['p2', true],
    ]);
  });

  it('also where the server answers to it, untranslated as well', () => {
    const { journeys } = openScene(`${POINTS}${TRANSLATED}
      9.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=40
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  " ttl=63
      +0.001  out   10.42.3.21:1000 > 198.51.100.10:80  " ttl=62
      +0.010  out   198.51.100.10:80 > 10.42.3.21:1000  tcp RST seq=2222222223
      +0.001  node  198.51.100.10:80 > 10.42.3.21:1000  " ttl=63
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=62`);
    expect(journeys).toHaveLength(2);
    expect(journeys[0]).toMatch(/^tcp strong: pod 10.42.3.21:1000 .* node 10.42.1.17:2000 /);
  });

  it('weighs no more than the translated packets, where no SYN was seen', () => {
    const midstream = Array.from(
      { length: 3 },
      (_, i) => `
      ${i}.000  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=${1111111112 + 9 * i} ack=2222222223 len=9
      +0.001    node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`,
    ).join('');
    const { journeys } = openScene(`${POINTS}${midstream}
      9.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp FIN ACK seq=1111111139 ack=2222222223
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  " ttl=63
      9.500   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp RST ACK seq=1111111140 ack=2222222223
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  " ttl=63`);
    expect(journeys[0]).toMatch(/^tcp strong\??: pod 10.42.3.21:1000 .* node 10.42.1.17:2000 /);
    expect(journeys[1]).toMatch(/^tcp single\??: node 10.42.3.21:1000 /);
  });
});

describe('what is no such packet', () => {
  it('a connection without translation, seen one way from its middle on', () => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point node: node-eth0.pcap
      0.000   pod   10.42.3.21:1000 > 10.42.9.9:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=9
      1.000   pod   10.42.3.21:1000 > 10.42.9.9:80  tcp PSH ACK seq=1111111121 ack=2222222223 len=9
      +0.001  node  10.42.3.21:1000 > 10.42.9.9:80  " ttl=63
      2.000   pod   10.42.3.21:1000 > 10.42.9.9:80  tcp PSH ACK seq=1111111130 ack=2222222223 len=9
      +0.001  node  10.42.3.21:1000 > 10.42.9.9:80  " ttl=63`);
    expect(report.journeys.map((j) => [j.confidence, j.related])).toEqual([['strong', []]]);
    expect(report.journeys[0]!.changes[0]).toMatchObject({ kind: 'none', passed: [2, 0] });
  });

  it('a translated packet that stands at the point before the box too (both sides of it in one capture)', () => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point any: node-any.pcap
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=9
      +0.001  any   10.42.3.21:1000 > 198.51.100.10:80  "
      +0.001  any   10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111121 ack=2222222223 len=9
      +0.001  any   10.42.3.21:1000 > 198.51.100.10:80  "
      +0.001  any   10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`);
    expect(report.journeys.map((j) => [j.legs.length, j.related])).toEqual([[3, []]]);
  });
});
