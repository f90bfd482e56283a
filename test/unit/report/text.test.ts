// The text report: what somebody reads who was pasted it at three in the morning.
import { describe, expect, it } from 'vitest';
import { type SceneExtras, exported, openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod1-veth.pcap
  point node: node-eth0.pcap`;

function text(scene: string, extras?: SceneExtras): string {
  return exported(openScene(scene, extras).session, { format: 'text', filter: '', theme: 'light', picture: 'map' });
}

/** Lines of the section that begins with this heading. */
function section(report: string, heading: string): string[] {
  const lines = report.split('\n');
  const start = lines.findIndex((line) => line.startsWith(heading));
  if (start < 0) return [];
  const end = lines.indexOf('', start);
  return lines.slice(start + 1, end < 0 ? undefined : end).map((line) => line.trim());
}

const connections = (scene: string, extras?: SceneExtras): string[] => section(text(scene, extras), 'Connections');

describe('a line a connection', () => {
  it('SNAT: each source where it changed, then the destination, then packets out and back', () => {
    expect(
      connections(`
        point pod: pod1-veth.pcap
        point node: node-eth0.pcap
        point in: nat-inside.pcap
        point out: nat-outside.pcap
        0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
        +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
        +0.001  in    10.42.1.17:2000 > 198.51.100.10:80  " ttl=62
        +0.001  out   203.0.113.7:3000 > 198.51.100.10:80  " ttl=61`),
    ).toEqual(['tcp   10.42.3.21:1000 -> 10.42.1.17:2000 -> 203.0.113.7:3000 -> 198.51.100.10:80  1/0']);
  });

  it('DNAT: where it went, and what was asked for', () => {
    expect(
      connections(`${POINTS}
        0.000   pod   10.42.3.21:1000 > 172.20.0.10:80   tcp SYN seq=1111111111 ts=5
        +0.001  node  10.42.3.21:1000 > 10.42.9.9:8080   " ttl=63`),
    ).toEqual(['tcp   10.42.3.21:1000 -> 10.42.9.9:8080 (asked for 172.20.0.10:80)  1/0']);
  });

  it('a ping by its ids, IPv6 in brackets, an ICMP error by whom it is for', () => {
    expect(
      connections(`${POINTS}
        0.000   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=1 data=ping-of-pod-one-
        +0.001  node  10.42.1.17 > 198.51.100.10  " id=9 ttl=63
        1.000   pod   [fd00::21]:1000 > [2001:db8::80]:80  tcp SYN seq=2222222222 ts=5
        +0.001  node  [2001:db8:1::7]:2000 > [2001:db8::80]:80  " ttl=63
        2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
        +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
        +0.010  node  198.51.100.1 > 10.42.1.17  icmp 3/1 quotes 10.42.1.17:2000 > 198.51.100.10:80 tcp
        +0.001  pod   198.51.100.1 > 10.42.3.21  icmp 3/1 quotes 10.42.3.21:1000 > 198.51.100.10:80 tcp ttl=63`),
    ).toEqual([
      'icmp  10.42.3.21 id 7 -> 10.42.1.17 id 9 -> 198.51.100.10  1/0  [probable]',
      'tcp   [fd00::21]:1000 -> [2001:db8:1::7]:2000 -> [2001:db8::80]:80  1/0',
      'tcp   10.42.3.21:1000 -> 10.42.1.17:2000 -> 198.51.100.10:80  1/0',
      'icmp  198.51.100.1 type 3 -> 10.42.1.17 -> 10.42.3.21  1/0',
    ]);
  });

  it('what is not certain is said: direction, several partners, seen at one point only', () => {
    const lines = connections(`${POINTS}
      0.0000  pod   10.42.3.21:1000 > 192.0.2.7:9999  udp data=probe-of-health
      +0.0001 node  10.42.1.17:2000 > 192.0.2.7:9999  " ttl=63
      0.0000  pod   10.42.3.21:1001 > 192.0.2.7:9999  udp data=probe-of-health
      +0.0001 node  10.42.1.17:2001 > 192.0.2.7:9999  " ttl=63
      5.0000  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5`);
    expect(lines.slice(0, 2)).toEqual([
      'udp   10.42.3.21:1000 -> 192.0.2.7:9999  1/0  [direction unknown; 2 possible partners at node-eth0]',
      'udp   10.42.3.21:1001 -> 192.0.2.7:9999  1/0  [direction unknown; 2 possible partners at node-eth0]',
    ]);
    expect(lines.at(-1)).toBe('tcp   10.42.3.21:1000 -> 198.51.100.10:80  1/0  [seen at pod1-veth only]');
  });

  it('losses are said with the gap they happened in', () => {
    expect(
      connections(`${POINTS}
        0       node  noise
        9       node  noise
        1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
        2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=1005
        +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`),
    ).toEqual([
      'tcp   10.42.3.21:1000 -> 10.42.1.17:2000 -> 198.51.100.10:80  2/0  [1 lost on the way out between pod1-veth and node-eth0]',
    ]);
  });
});

/** Connections of several pods through a box that keeps ports or not. */
function through(count: number, port: (i: number) => number): string {
  return Array.from(
    { length: count },
    (_, i) => `
    ${i}     pod   10.42.3.21:${1000 + i} > 198.51.100.10:80  tcp SYN seq=${1_000_003 * (i + 1)} ts=5
    +0.001   node  203.0.113.7:${port(i)} > 198.51.100.10:80  " ttl=63`,
  ).join('');
}

describe('the path', () => {
  it('1:1 is said of many connections with kept ports, never of a few', () => {
    expect(text(POINTS + through(8, (i) => 1000 + i))).toContain('SNAT 8 (1:1 by all that was seen');
    expect(text(POINTS + through(7, (i) => 1000 + i))).not.toContain('(1:1');
  });

  it('nor where one of them changed its port', () => {
    expect(text(POINTS + through(20, (i) => (i === 19 ? 5000 : 1000 + i)))).not.toContain('(1:1');
  });

  it('nor where two addresses became one, ports kept by luck', () => {
    const scene = POINTS + through(20, (i) => 1000 + i);
    expect(text(scene.replaceAll('10.42.3.21:1003', '10.42.3.22:1003'))).not.toContain('(1:1');
  });

  it('the rule stands under its gap', () => {
    const rules = '*nat\n-A POSTROUTING -o eth0 -j SNAT --to-source 203.0.113.7\nCOMMIT\n';
    expect(section(text(POINTS + through(1, () => 5), { beside: { 'node.iptables': rules } }), 'Path')).toEqual([
      'pod1-veth -> node-eth0',
      'pod1-veth -> node-eth0: SNAT 1',
      'by -A POSTROUTING -o eth0 -j SNAT --to-source 203.0.113.7',
    ]);
  });
});

describe('what was not seen', () => {
  it('is summed by the point after which it ends, with the most frequent destinations', () => {
    const lost = [1, 2, 3].map(
      (i) => `5.${i} pod 10.42.3.21:${7000 + i} > 192.0.2.9:443 tcp SYN seq=${i * 777_000_001}`,
    );
    const report = text(`${POINTS}
      ${through(9, (i) => 1000 + i)}
      ${lost.join('\n')}
      5.5 pod 10.42.3.21:7009 > 192.0.2.8:443 tcp SYN seq=3999999999
      9   node noise`);
    expect(section(report, 'Not seen further on')).toEqual([
      'beyond pod1-veth: 4 connections to 192.0.2.9:443 (3), 192.0.2.8:443',
    ]);
    expect(report).toContain('Total: 13 connections (9 strong, 4 single), 9 translated');
  });

  it('a connection from before the next capture began is not among it', () => {
    const report = text(`${POINTS}
      0.1 pod 10.42.3.21:7009 > 192.0.2.8:443 tcp SYN seq=3999999999
      ${through(9, (i) => 1000 + i).replaceAll(/^ {4}(\d)/gm, '    1$1')}`);
    expect(section(report, 'Not seen further on')).toEqual([]);
  });
});

describe('points', () => {
  it('two files of one name are told apart by their folders, two interfaces of one file by their names', () => {
    const report = text(`
      point a: node1/eth0.pcap
      point b: node2/eth0.pcap
      point c: any.pcap if=2
      point d: any.pcap if=3
      0 a noise
      0 b noise
      0 c noise
      0 d noise`);
    expect(section(report, 'Points').map((line) => line.split(/\s+/)[1])).toEqual([
      'node1/eth0.pcap',
      'node2/eth0.pcap',
      'any#if2',
      'any#if3',
    ]);
  });

  it('a clock that is off is said, with how well it is known; one that nothing relates too', () => {
    const [, node, other] = section(
      text(`
        point pod: pod1-veth.pcap
        point node: node-eth0.pcap clock=5958.5
        point other: other.pcap
        0.0000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
        +0.0001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
        +0.0100  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
        +0.0001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
        0        other noise`),
      'Points',
    );
    expect(node).toMatch(/clock \+5958\.500 s within 100 µs$/);
    expect(other).toMatch(/clock not related$/);
  });

  it('without any packet or connection the report says so', () => {
    expect(text('point a: a.pcap')).toContain('No connection was found in these captures.');
    expect(text('')).toMatch(/^Snatscope .*: 0 captures, 0 points, 0 packets\n/);
  });
});
