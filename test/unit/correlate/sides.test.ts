// A capture of `any` in SLL version 1 names no interface: its packet types tell the two sides of a host.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const ANY = `
  point pod: pod-veth.pcap
  point any: node-any.pcap cooked
  point out: internet.pcap`;

const through = (at: number, inner: string, outer: string, server: string, isn: number): string => `
  ${at}    pod  ${inner} > ${server}  tcp SYN seq=${isn} ts=5
  +0.001   any  ${inner} > ${server}  "
  +0.001   any  ${outer} > ${server}  " ttl=63 type=4
  +0.001   out  ${outer} > ${server}  " ttl=63
  +0.010   out  ${server} > ${outer}  tcp SYN ACK seq=${isn + 5555} ack=${isn + 1}
  +0.001   any  ${server} > ${outer}  "
  +0.001   any  ${server} > ${inner}  " ttl=63 type=4
  +0.001   pod  ${server} > ${inner}  " ttl=63`;

describe('a host that forwards is two points', () => {
  it('with the tuple of each side, translated or not', () => {
    const { journeys, report } = openScene(
      ANY +
        through(1, '10.42.3.21:1000', '10.42.1.17:2000', '198.51.100.10:80', 111111111) +
        through(2, '10.42.3.21:1001', '10.42.3.21:1001', '10.42.2.50:80', 222222222),
    );
    expect(report.points.map(({ name, packets, role }) => [name, packets, role])).toEqual([
      ['pod-veth', 4, 'pod-veth'],
      ['node-any in', 4, 'pod-veth'],
      ['node eth0', 4, 'node-eth0'],
      ['internet', 4, 'internet'],
    ]);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | any#in 10.42.3.21:1000 > 198.51.100.10:80 | any#out 10.42.1.17:2000 > 198.51.100.10:80 | out 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod 10.42.3.21:1001 > 10.42.2.50:80 | any#in 10.42.3.21:1001 > 10.42.2.50:80 | any#out 10.42.3.21:1001 > 10.42.2.50:80 | out 10.42.3.21:1001 > 10.42.2.50:80',
    ]);
    for (const { changes } of report.journeys)
      for (const change of changes) expect(change).toMatchObject({ passed: [1, 1], lost: [0, 0], born: [0, 0] });
  });

  it('also the way in: a connection from outside to a pod', () => {
    const { journeys } = openScene(`${ANY}
      1.000   out  203.0.113.9:5000 > 10.42.1.17:30080  tcp SYN seq=333333333 ts=5
      +0.001  any  203.0.113.9:5000 > 10.42.1.17:30080  "
      +0.001  any  203.0.113.9:5000 > 10.42.3.21:8080   " ttl=63 type=4
      +0.001  pod  203.0.113.9:5000 > 10.42.3.21:8080   " ttl=63
      +0.010  pod  10.42.3.21:8080 > 203.0.113.9:5000   tcp SYN ACK seq=444444 ack=333333334
      +0.001  any  10.42.3.21:8080 > 203.0.113.9:5000   "
      +0.001  any  10.42.1.17:30080 > 203.0.113.9:5000  " ttl=63 type=4
      +0.001  out  10.42.1.17:30080 > 203.0.113.9:5000  " ttl=63`);
    expect(journeys).toEqual([
      'tcp strong: out 203.0.113.9:5000 > 10.42.1.17:30080 | any#in 203.0.113.9:5000 > 10.42.1.17:30080 | any#out 203.0.113.9:5000 > 10.42.3.21:8080 | pod 203.0.113.9:5000 > 10.42.3.21:8080',
    ]);
  });

  it('datagrams of which nobody knows who asked: by what other connections have in common', () => {
    const datagram = (at: number, inner: string, outer: string): string => `
      ${at}    any  ${inner} > 192.0.2.5:9000  udp data=question-${at}
      +0.001   any  ${outer} > 192.0.2.5:9000  " ttl=63 type=4
      +0.010   any  192.0.2.5:9000 > ${outer}  udp data=answer-${at}
      +0.001   any  192.0.2.5:9000 > ${inner}  " ttl=63 type=4`;
    const { report } = openScene(
      ANY +
        through(0.1, '10.42.3.21:1000', '10.42.1.17:2000', '198.51.100.10:80', 111111111) +
        datagram(1, '10.42.3.21:5000', '10.42.1.17:1200') +
        datagram(2, '10.42.3.21:5001', '10.42.1.17:60000') +
        datagram(3, '10.42.3.22:5001', '10.42.1.17:9001'),
    );
    const udp = report.journeys.filter((j) => j.proto === 'udp');
    expect(udp.map((j) => j.legs.map((leg) => [leg.point, leg.src, leg.dport]))).toEqual(
      ['10.42.3.21', '10.42.3.21', '10.42.3.22'].map((pod) => [
        ['p1', pod, 9000],
        ['p2', '10.42.1.17', 9000],
      ]),
    );
  });

  it('an ICMP error stands on the side where it was seen', () => {
    const { journeys } = openScene(`${ANY}
      ${through(0.1, '10.42.3.21:1000', '10.42.1.17:2000', '198.51.100.10:80', 111111111)}
      2.000   out  192.0.2.1 > 10.42.1.17  icmp 3/1 quotes 10.42.1.17:2000 > 198.51.100.10:80 tcp
      +0.001  any  192.0.2.1 > 10.42.1.17  "
      +0.001  any  192.0.2.1 > 10.42.3.21  icmp 3/1 quotes 10.42.3.21:1000 > 198.51.100.10:80 tcp ttl=63 type=4
      +0.001  pod  192.0.2.1 > 10.42.3.21  " ttl=63`);
    expect(journeys.at(-1)).toBe(
      'icmp strong: out 192.0.2.1:t3 > 10.42.1.17:t3 | any#out 192.0.2.1:t3 > 10.42.1.17:t3 | any#in 192.0.2.1:t3 > 10.42.3.21:t3 | pod 192.0.2.1:t3 > 10.42.3.21:t3',
    );
  });

  it('fragments stay with their packet', () => {
    const { report } = openScene(`${ANY}
      ${through(0.1, '10.42.3.21:1000', '10.42.1.17:2000', '198.51.100.10:80', 111111111)}
      1.000   any  10.42.3.21:5000 > 192.0.2.5:9000  udp data=a-long-datagram len=64 frag=0+ ipid=77
      +0.001  any  10.42.3.21 > 192.0.2.5            udp len=64 frag=9 ipid=77
      +0.001  any  10.42.1.17:2500 > 192.0.2.5:9000  udp data=a-long-datagram len=64 frag=0+ ipid=77 ttl=63 type=4
      +0.001  any  10.42.1.17 > 192.0.2.5            udp len=64 frag=9 ipid=77 ttl=63 type=4`);
    const udp = report.journeys.find((j) => j.proto === 'udp')!;
    expect(udp.legs.map(({ point, src, packets }) => [point, src, packets])).toEqual([
      ['p1', '10.42.3.21', [2, 0]],
      ['p2', '10.42.1.17', [2, 0]],
    ]);
  });
});

describe('a host that forwards nothing is one point', () => {
  it('a server with connections of both directions', () => {
    const { report } = openScene(`
      point any: server-any.pcap cooked
      1.000   any  203.0.113.9:5000 > 198.51.100.10:80  tcp SYN seq=333333333 ts=5
      +0.001  any  198.51.100.10:80 > 203.0.113.9:5000  tcp SYN ACK seq=444444 ack=333333334 type=4
      2.000   any  198.51.100.10:6000 > 192.0.2.53:53   udp dns=4711/api.example.net type=4
      +0.001  any  192.0.2.53:53 > 198.51.100.10:6000   udp answer=4711/api.example.net`);
    expect(report.points.map(({ interface: name, packets }) => [name, packets])).toEqual([[null, 4]]);
    expect(report.journeys.map((j) => j.legs.map((leg) => leg.packets))).toEqual([[[1, 1]], [[1, 1]]]);
  });
});
