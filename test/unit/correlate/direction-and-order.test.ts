// Which end is the client, and in which order its packets pass the points: from the packets, not from names or luck.
import { describe, expect, it } from 'vitest';
import { openScene, roleOptions } from '../../support/scene-session.ts';

describe('direction', () => {
  it('from the SYN, though the capture of the outside opens with the answer', () => {
    const { only } = openScene(`
      point a: a.pcap
      point b: b.pcap
      0.000   a  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=5
      +0.001  b  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=3141592654 ttl=60
      +0.001  a  198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(only()).toMatchObject({
      direction: 'known',
      legs: [
        { src: '10.42.3.21', sport: 1000, packets: [1, 1] },
        { src: '10.42.1.17', sport: 2000, packets: [0, 1] },
      ],
      changes: [{ kind: 'snat' }],
    });
  });

  it.each([
    ['an echo reply', 'icmp reply id=7 seq=1 data=ping-of-pod-one-'],
    ['a DNS answer', 'udp answer=7/example.com'],
  ])('from %s alone: it runs back', (_, answer) => {
    const [server, pod] = answer.startsWith('udp')
      ? ['192.0.2.53:53', '10.42.3.21:1000']
      : ['192.0.2.53', '10.42.3.21'];
    const { only } = openScene(`
      point a: a.pcap
      0 a ${server} > ${pod}  ${answer}`);
    expect(only()).toMatchObject({ direction: 'known', legs: [{ src: '10.42.3.21', packets: [0, 1] }] });
  });

  it('unknown for UDP whose ports say nothing, and for TCP from the middle', () => {
    const { report } = openScene(`
      point a: a.pcap
      0 a 10.42.3.21:1000 > 192.0.2.7:9999  udp data=some-protocol-of-ours
      1 a 10.42.3.21:1001 > 192.0.2.7:80    tcp ACK seq=500 ack=600 len=10`);
    expect(report.journeys.map((j) => j.direction)).toEqual(['unknown', 'unknown']);
  });

  it('SNAT seen from the outside first is not read backwards as DNAT with a known direction', () => {
    const { only } = openScene(`
      point out: out.pcap
      point in: in.pcap
      0.000   out  192.0.2.7:9999 > 203.0.113.7:2000  udp data=answer-of-our-protocol ttl=55
      +0.001  in   192.0.2.7:9999 > 10.42.3.21:1000   " ttl=54
      +0.500  in   10.42.3.21:1000 > 192.0.2.7:9999   udp data=question-of-our-protocol ttl=64
      +0.001  out  203.0.113.7:2000 > 192.0.2.7:9999  " ttl=63
      +0.500  in   10.42.3.21:1000 > 192.0.2.7:9999   udp data=another-of-our-protocol ttl=64
      +0.001  out  203.0.113.7:2000 > 192.0.2.7:9999  " ttl=63`);
    expect(only()).toMatchObject({ direction: 'unknown', legs: [{}, {}] });
  });

  it('like connections through the same points decide where a connection does not say itself', () => {
    const { from } = openScene(`
      point out: out.pcap
      point in: in.pcap
      0.000   in   10.42.3.21:3000 > 198.51.100.10:80   tcp SYN seq=3141592653 ts=5
      +0.001  out  203.0.113.7:3100 > 198.51.100.10:80  " ttl=63
      +0.010  out  198.51.100.10:80 > 203.0.113.7:3100  tcp SYN ACK seq=900 ack=3141592654 ttl=60
      +0.001  in   198.51.100.10:80 > 10.42.3.21:3000   " ttl=59
      1.000   out  192.0.2.7:9999 > 203.0.113.7:2000  udp data=answer-of-our-protocol ttl=55
      +0.001  in   192.0.2.7:9999 > 10.42.3.21:1000   " ttl=54
      +0.500  in   10.42.3.21:1000 > 192.0.2.7:9999   udp data=question-of-our-protocol ttl=64
      +0.001  out  203.0.113.7:2000 > 192.0.2.7:9999  " ttl=63`);
    expect(from('10.42.3.21:1000')).toMatchObject({
      direction: 'known',
      changes: [{ kind: 'snat', portChanged: true }],
    });
  });
});

const SYN = 'tcp SYN seq=3141592653 ts=5';

describe('order of points', () => {
  const order = (text: string, extras?: Parameters<typeof openScene>[1]): string[] => {
    const { only, report } = openScene(text, extras);
    return only().legs.map((leg) => report.points.find((p) => p.id === leg.point)!.file);
  };

  it('by TTL, whatever the clocks say: they stand a day apart, the wrong way round', () => {
    expect(
      order(`
        point c: c.pcap clock=-86400
        point a: a.pcap clock=3600
        point b: b.pcap
        0.000   a  10.42.3.21:1000 > 198.51.100.10:80  ${SYN}
        +0.001  b  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
        +0.001  c  203.0.113.7:3000 > 198.51.100.10:80  " ttl=61`),
    ).toEqual(['a.pcap', 'b.pcap', 'c.pcap']);
  });

  it('by the TTL of answers alone', () => {
    expect(
      order(`
        point b: b.pcap
        point a: a.pcap
        0.000   b  198.51.100.10:80 > 203.0.113.7:2000  tcp SYN ACK seq=2718281828 ack=101 ttl=58
        +0.001  a  198.51.100.10:80 > 10.42.3.21:1000  " ttl=57`),
    ).toEqual(['a.pcap', 'b.pcap']);
  });

  it('by time where TTLs are equal (two ends of one link), clocks a day apart', () => {
    expect(
      order(`
        point b: b.pcap clock=-86400
        point a: a.pcap
        0.000   a  10.42.3.21:1000 > 198.51.100.10:80  ${SYN}
        +0.001  b  10.42.3.21:1000 > 198.51.100.10:80  "
        +0.010  b  198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=2718281828 ack=3141592654
        +0.001  a  198.51.100.10:80 > 10.42.3.21:1000  "`),
    ).toEqual(['a.pcap', 'b.pcap']);
  });

  it('by role where neither TTL nor time says anything', () => {
    const scene = (first: string, second: string): string => `
      point x: ${first}
      point y: ${second}
      0  x  10.42.3.21:1000 > 198.51.100.10:80  ${SYN}
      0  y  10.42.3.21:1000 > 198.51.100.10:80  "`;
    expect(order(scene('node-eth0.pcap', 'pod1-veth.pcap'))).toEqual(['pod1-veth.pcap', 'node-eth0.pcap']);
    expect(order(scene('pod1-veth.pcap', 'node-eth0.pcap'))).toEqual(['pod1-veth.pcap', 'node-eth0.pcap']);
    expect(
      order(scene('x.pcap', 'y.pcap'), { options: roleOptions({ 'x.pcap': 'internet', 'y.pcap': 'pod-veth' }) }),
    ).toEqual(['y.pcap', 'x.pcap']);
  });

  it("by the user's order before all else", () => {
    const text = `
      point a: pod1-veth.pcap
      point b: node-eth0.pcap
      0.000   a  10.42.3.21:1000 > 198.51.100.10:80  ${SYN}
      +0.001  b  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`;
    expect(order(text, { options: { order: ['node-eth0', 'pod-veth'] } })).toEqual([
      'node-eth0.pcap',
      'pod1-veth.pcap',
    ]);
  });

  it('a RST of a box nearby, with a TTL of its own, does not turn the points round', () => {
    expect(
      order(`
        point a: a.pcap
        point b: b.pcap
        0.000   a  10.42.3.21:1000 > 198.51.100.10:80  ${SYN} ttl=60
        +0.001  b  10.42.1.17:2000 > 198.51.100.10:80  " ttl=59
        +0.010  b  198.51.100.10:80 > 10.42.1.17:2000  tcp RST ACK seq=0 ack=3141592654 ttl=20
        +0.001  a  198.51.100.10:80 > 10.42.3.21:1000  tcp RST ACK seq=0 ack=3141592654 ttl=64`),
    ).toEqual(['a.pcap', 'b.pcap']);
  });

  it('a connection that comes in goes the other way, though ten go out', () => {
    const out = Array.from(
      { length: 10 },
      (_, i) => `
        ${i}.000  pod   10.42.3.21:${1000 + i} > 198.51.100.10:80  tcp SYN seq=${1_000_003 * (i + 1)} ts=5
        +0.001    node  10.42.1.17:${2000 + i} > 198.51.100.10:80  " ttl=63`,
    );
    const { from } = openScene(`
      point pod: pod1-veth.pcap
      point node: node-eth0.pcap
      ${out.join('')}
      20.000  node  192.0.2.80:5555 > 10.42.1.17:30080  tcp SYN seq=3141592653 ts=5 ttl=50
      +0.001  pod   192.0.2.80:5555 > 10.42.3.21:8080   " ttl=49`);
    expect(from('10.42.3.21:1003').legs.map((l) => l.point)).toEqual(['p0', 'p1']);
    expect(from('192.0.2.80:5555')).toMatchObject({
      legs: [{ point: 'p1' }, { point: 'p0' }],
      changes: [{ kind: 'dnat' }],
    });
  });

  it('two pods, one node: a graph of two paths, not a line', () => {
    const { report } = openScene(`
      point pod1: pod1-veth.pcap
      point pod2: pod2-veth.pcap
      point node: node-eth0.pcap
      0.000   pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      1.000   pod2  10.42.3.22:1000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=5
      +0.001  node  10.42.1.17:2001 > 198.51.100.10:80  " ttl=63`);
    expect(report.paths).toEqual([
      ['p0', 'p2'],
      ['p1', 'p2'],
    ]);
  });
});
