// A leg that is several uses one after another: it had several partners in turn, or several connections had it in turn.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod1: pod1-veth.pcap
  point pod2: pod2-veth.pcap
  point node: node-eth0.pcap`;

/** Connections that tell how the clocks stand, and that each point was capturing all the time. */
const AROUND = [0, 99]
  .map(
    (at, i) => `
      ${at}.000  pod1  10.42.3.21:700${i} > 198.51.100.77:80  tcp SYN seq=31${i}1111111 ts=5
      +0.001     node  10.42.1.17:710${i} > 198.51.100.77:80  " ttl=63
      +0.010     node  198.51.100.77:80 > 10.42.1.17:710${i}  tcp SYN ACK seq=90${i}00 ack=31${i}1111112 ttl=60
      +0.001     pod1  198.51.100.77:80 > 10.42.3.21:700${i}  " ttl=59
      ${at}.100  pod2  10.42.3.22:700${i} > 198.51.100.77:80  tcp SYN seq=32${i}2222222 ts=5
      +0.001     node  10.42.1.17:720${i} > 198.51.100.77:80  " ttl=63
      +0.010     node  198.51.100.77:80 > 10.42.1.17:720${i}  tcp SYN ACK seq=91${i}00 ack=32${i}2222223 ttl=60
      +0.001     pod2  198.51.100.77:80 > 10.42.3.22:700${i}  " ttl=59`,
  )
  .join('\n');

const open = (text: string): ReturnType<typeof openScene> => openScene(`${POINTS}${AROUND}\n${text}`);
/** Without those that stand around. */
const own = (journeys: readonly string[]): string[] => journeys.filter((line) => !line.includes('198.51.100.77'));

/** A UDP exchange between a pod's end and an outer port. */
const exchange = (
  at: number,
  pod: string,
  inner: string,
  outer: string,
  word: string,
  server = '192.0.2.5:9000',
): string => `
      ${at}    ${pod}   ${inner} > ${server}  udp data=${word}
      +0.001   node     ${outer} > ${server}  " ttl=63
      +0.010   node     ${server} > ${outer}  udp data=re-${word} ttl=60
      +0.001   ${pod}   ${server} > ${inner}  " ttl=59`;

describe('a TCP connection whose entry expired while it was idle', () => {
  const opening = `
      1.000   pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2222222222 ack=1111111112 ttl=60
      +0.001  pod1  198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
      +0.001  pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=50
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`;
  const after = `
      50.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111162 ack=2222222223 len=70
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2600  tcp RST seq=2222222223 ttl=60
      +0.001  pod1  198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`;

  it('has one outer port, and then another: two journeys that name each other', () => {
    const { journeys, report } = open(opening + after);
    expect(own(journeys)).toEqual([
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2600 > 198.51.100.10:80',
    ]);
    const [before, later] = report.journeys.filter((j) => j.legs[0]!.sport === 1000);
    expect(before!.legs.map((leg) => leg.packets)).toEqual([
      [2, 1],
      [2, 1],
    ]);
    expect(later!.legs.map((leg) => leg.packets)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect(before!.related).toEqual([{ kind: 'continued-by', journey: later!.id }]);
    expect(later!.related).toEqual([{ kind: 'continues', journey: before!.id }]);
    expect(later!.changes[0]).toMatchObject({
      src: ['10.42.3.21:1000', '10.42.1.17:2600'],
      passed: [1, 1],
      lost: [0, 0],
      born: [0, 0],
    });
  });

  it('the silence alone divides nothing: what was lost behind it has no other port', () => {
    const { journeys } = open(`${opening}
      50.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111162 ack=2222222223 len=70
      51.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  "`);
    expect(own(journeys)).toEqual([
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });

  it('nor a leg of the same time with other numbers', () => {
    const { journeys } = open(`${opening}
      50.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111162 ack=2222222223 len=70
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  tcp PSH ACK seq=3111111162 ack=2222222223 len=70 ttl=63`);
    expect(own(journeys)).toEqual([
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp single?: node 10.42.1.17:2600 > 198.51.100.10:80',
    ]);
  });

  it('the server that sends again to the old port does not hide it', () => {
    const { journeys, from } = open(`${opening}${after}
      50.020  node  198.51.100.10:80 > 10.42.1.17:2000  tcp PSH ACK seq=2222222223 ack=1111111162 len=9 ttl=60
      55.020  node  198.51.100.10:80 > 10.42.1.17:2000  "`);
    expect(own(journeys)).toHaveLength(2);
    expect(from('10.42.1.17:2600').legs[0]!.src).toBe('10.42.3.21');
  });

  it('a remapping to a port that another connection had before is told from that one', () => {
    const { journeys } = open(`
      0.500   pod2  10.42.3.22:1000 > 198.51.100.10:80  tcp SYN seq=3333333333 ts=5
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2600  tcp RST ACK seq=0 ack=3333333334 ttl=60
      +0.001  pod2  198.51.100.10:80 > 10.42.3.22:1000  " ttl=59${opening}${after}`);
    expect(own(journeys)).toEqual([
      'tcp strong: pod2 10.42.3.22:1000 > 198.51.100.10:80 | node 10.42.1.17:2600 > 198.51.100.10:80',
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2600 > 198.51.100.10:80',
    ]);
  });

  it('all of that in mid-stream, where nobody saw the SYN', () => {
    const { journeys } = open(`
      2.000   pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=50
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=2222222223 ack=1111111162 ttl=60
      +0.001  pod1  198.51.100.10:80 > 10.42.3.21:1000  " ttl=59${after}`);
    expect(own(journeys)).toEqual([
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2600 > 198.51.100.10:80',
    ]);
  });

  it('twice, with three outer ports', () => {
    const { journeys } = open(`${opening}
      20.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1111111162 ack=2222222223 len=70
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  " ttl=63
      40.000  pod1  10.42.3.21:1000 > 198.51.100.10:80  "
      +0.001  node  10.42.1.17:2700 > 198.51.100.10:80  " ttl=63`);
    expect(own(journeys)).toEqual(
      [2000, 2600, 2700].map(
        (port) => `tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:${port} > 198.51.100.10:80`,
      ),
    );
  });
});

describe('datagrams', () => {
  it('one source port that had two outer ports in turn', () => {
    const { journeys, report } = open(
      exchange(2, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000', 'first-thing') +
        exchange(3, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000', 'second-thing') +
        exchange(60, 'pod1', '10.42.3.21:5000', '10.42.1.17:2900', 'third-thing'),
    );
    expect(own(journeys)).toEqual([
      'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000',
      'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:2900 > 192.0.2.5:9000',
    ]);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.related[0]!.kind)).toEqual([
      'continued-by',
      'continues',
    ]);
  });

  it('one outer port that two connections had in turn, of one pod or of two', () => {
    for (const second of ['pod1 10.42.3.21:5001', 'pod2 10.42.3.22:5000']) {
      const [pod, inner] = second.split(' ') as [string, string];
      const { journeys, report } = open(
        exchange(2, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000', 'first-thing') +
          exchange(60, pod, inner, '10.42.1.17:2000', 'other-thing'),
      );
      expect(own(journeys)).toEqual([
        'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000',
        `udp strong: ${second} > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000`,
      ]);
      expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.related)).toEqual([[], []]);
    }
  });

  it('an outer port that comes back to who had it first', () => {
    const { journeys } = open(
      exchange(2, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000', 'first-thing') +
        exchange(40, 'pod2', '10.42.3.22:5000', '10.42.1.17:2000', 'other-thing') +
        exchange(80, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000', 'third-thing'),
    );
    expect(own(journeys).map((line) => /: (\w+) /.exec(line)![1])).toEqual(['pod1', 'pod2', 'pod1']);
  });

  it('DNS queries from a source port that was used again', () => {
    const query = (at: number, outer: number, id: number): string => `
      ${at}    pod1   10.42.3.21:5353 > 192.0.2.53:53     udp dns=${id}/api.example.net
      +0.001   node   10.42.1.17:${outer} > 192.0.2.53:53 " ttl=63
      +0.010   node   192.0.2.53:53 > 10.42.1.17:${outer} udp answer=${id}/api.example.net ttl=60
      +0.001   pod1   192.0.2.53:53 > 10.42.3.21:5353     " ttl=59`;
    const { journeys } = open(query(2, 2001, 4711) + query(40, 2002, 815) + query(80, 2003, 33));
    expect(own(journeys).map((line) => /(strong|probable): .*:(\d+) > 192/.exec(line)?.[2])).toEqual([
      '2001',
      '2002',
      '2003',
    ]);
  });

  it('a constant probe is divided by several packets that met in time', () => {
    const probes = (from: number, pod: string, inner: string, outer: string): string =>
      Array.from({ length: 4 }, (_, i) => exchange(from + 2 * i, pod, inner, outer, 'are-you-there')).join('\n');
    const { journeys, report } = open(
      probes(2, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000') +
        probes(3, 'pod2', '10.42.3.22:5000', '10.42.1.17:3000') +
        probes(50, 'pod1', '10.42.3.21:5000', '10.42.1.17:3000') +
        probes(51, 'pod2', '10.42.3.22:5000', '10.42.1.17:2000'),
    );
    expect(own(journeys)).toEqual([
      'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000',
      'udp strong: pod2 10.42.3.22:5000 > 192.0.2.5:9000 | node 10.42.1.17:3000 > 192.0.2.5:9000',
      'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:3000 > 192.0.2.5:9000',
      'udp strong: pod2 10.42.3.22:5000 > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000',
    ]);
    for (const j of report.journeys.filter(({ proto }) => proto === 'udp'))
      expect(j.changes[0]).toMatchObject({ passed: [4, 4], lost: [0, 0], born: [0, 0] });
  });

  it('one probe that went astray, and a stranger’s at its time, divide nothing', () => {
    const probe = (at: number, pod: string, inner: string, outer: string): string =>
      exchange(at, pod, inner, outer, 'are-you-there');
    const { journeys } = open(
      [2, 4, 8, 10, 12].map((at) => probe(at, 'pod1', '10.42.3.21:5000', '10.42.1.17:2000')).join('') +
        `
      6        pod1   10.42.3.21:5000 > 192.0.2.5:9000  udp data=are-you-there
      +0.002   node   10.42.1.17:4000 > 192.0.2.5:9000  " ttl=63`,
    );
    expect(own(journeys)).toEqual([
      'udp strong: pod1 10.42.3.21:5000 > 192.0.2.5:9000 | node 10.42.1.17:2000 > 192.0.2.5:9000',
      'udp single?: node 10.42.1.17:4000 > 192.0.2.5:9000',
    ]);
  });

  it('a ping whose id at the box expired between two echoes', () => {
    const ping = (at: number, id: number, seq: number): string => `
      ${at}    pod1   10.42.3.21 > 192.0.2.5  icmp echo id=77 seq=${seq} data=a-ping-${seq}
      +0.001   node   10.42.1.17 > 192.0.2.5  " ttl=63 id=${id}
      +0.010   node   192.0.2.5 > 10.42.1.17  icmp reply id=${id} seq=${seq} data=a-ping-${seq} ttl=60
      +0.001   pod1   192.0.2.5 > 10.42.3.21  " ttl=59 id=77`;
    const { report } = open(ping(2, 900, 1) + ping(3, 900, 2) + ping(60, 901, 3));
    expect(report.journeys.filter((j) => j.proto === 'icmp').map((j) => j.legs.map((leg) => leg.icmpId))).toEqual([
      [77, 900],
      [77, 901],
    ]);
  });
});

describe('what looks like another use and is none', () => {
  it('a query over one interface and its answer over another are one', () => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point eth0: node-eth0.pcap
      point eth1: node-eth1.pcap
      ${[1, 2, 3, 4]
        .map(
          (i) => `
      ${i}.000  pod   10.42.3.21:500${i} > 192.0.2.53:53   udp dns=47${i}/api${i}.example.net
      +0.001    eth0  10.42.3.21:500${i} > 192.0.2.53:53   " ttl=63
      +0.010    eth1  192.0.2.53:53 > 10.42.3.21:500${i}   udp answer=47${i}/api${i}.example.net ttl=60
      +0.001    pod   192.0.2.53:53 > 10.42.3.21:500${i}   " ttl=59`,
        )
        .join('')}`);
    for (const journey of report.journeys) expect(journey.related).toEqual([]);
    expect(report.journeys.filter((j) => j.legs[0]!.point === 'p0')).toHaveLength(4);
  });

  it('captures of one connection that began and ended at other times', () => {
    const { journeys } = openScene(`
      point pod: pod-veth.pcap
      point node: node-eth0.pcap
      point out: internet.pcap
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2222222222 ack=1111111112 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
      9.000   node  10.42.1.17:2000 > 198.51.100.10:80  tcp PSH ACK seq=1111111112 ack=2222222223 len=50 ttl=63
      +0.001  out   10.42.1.17:2000 > 198.51.100.10:80  " ttl=62
      +0.001  out   198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=2222222223 ack=1111111162 ttl=61
      +0.001  node  198.51.100.10:80 > 10.42.1.17:2000  " ttl=60`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80 | out 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });
});
