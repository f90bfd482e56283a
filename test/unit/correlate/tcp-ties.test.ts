// When two TCP legs are one connection, and when they are not.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;

describe('a translated TCP connection is found by its sequence numbers', () => {
  it('SNAT with another port', () => {
    const { journeys, only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=100 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=101 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
    expect(only().changes[0]).toMatchObject({
      kind: 'snat',
      portChanged: true,
      src: ['10.42.3.21:1000', '10.42.1.17:2000'],
      dst: ['198.51.100.10:80', '198.51.100.10:80'],
      source: 'packets',
      conntrack:
        'tcp      6 src=10.42.3.21 dst=198.51.100.10 sport=1000 dport=80 src=198.51.100.10 dst=10.42.1.17 sport=80 dport=2000',
      passed: [1, 1],
      lost: [0, 0],
    });
  });

  it('SNAT that keeps the port', () => {
    const { only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=100 ts=5
      +0.001  node  10.42.1.17:1000 > 198.51.100.10:80  " ttl=63`);
    expect(only().changes[0]).toMatchObject({ kind: 'snat', portChanged: false });
  });

  it('DNAT of a service address', () => {
    const { journeys, only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 172.20.0.10:80   tcp SYN seq=100 ts=5
      +0.001  node  10.42.3.21:1000 > 10.42.9.9:8080   " ttl=63
      +0.010  node  10.42.9.9:8080 > 10.42.3.21:1000   tcp SYN ACK seq=900 ack=101 ttl=60
      +0.001  pod   172.20.0.10:80 > 10.42.3.21:1000   " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 172.20.0.10:80 | node 10.42.3.21:1000 > 10.42.9.9:8080',
    ]);
    expect(only().changes[0]).toMatchObject({
      kind: 'dnat',
      dst: ['172.20.0.10:80', '10.42.9.9:8080'],
      conntrack:
        'tcp      6 src=10.42.3.21 dst=172.20.0.10 sport=1000 dport=80 src=10.42.9.9 dst=10.42.3.21 sport=8080 dport=1000',
    });
  });

  it('both at once', () => {
    const { only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 172.20.0.10:80   tcp SYN seq=100 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.9:8080  " ttl=63
      +0.010  node  198.51.100.9:8080 > 10.42.1.17:2000   tcp SYN ACK seq=900 ack=101 ttl=60
      +0.001  pod   172.20.0.10:80 > 10.42.3.21:1000   " ttl=59`);
    expect(only()).toMatchObject({ confidence: 'strong', changes: [{ kind: 'snat+dnat' }] });
  });

  it('no translation at all', () => {
    const { only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 10.42.2.50:80  tcp SYN seq=100 ts=5
      +0.001  node  10.42.3.21:1000 > 10.42.2.50:80  " ttl=63`);
    expect(only().changes[0]).toMatchObject({ kind: 'none', portChanged: false, conntrack: null });
  });

  it('IPv6, and an endpoint written in brackets', () => {
    const { only } = openScene(`${POINTS}
      0.000   pod   [fd00::21]:1000 > [2001:db8::80]:80    tcp SYN seq=100 ts=5
      +0.001  node  [2001:db8:1::7]:2000 > [2001:db8::80]:80  " ttl=63`);
    expect(only().changes[0]).toMatchObject({ kind: 'snat', src: ['[fd00::21]:1000', '[2001:db8:1::7]:2000'] });
  });

  it('a SYN that nobody answered, by its ISN and timestamp', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=271828
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63 ipid=0`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });

  it('an MSS clamped on the way, another IP id and stripped timestamps do not part them', () => {
    const { only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=271828 mss=8961
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=3141592653 mss=1360 ttl=63 ipid=9
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=3141592654 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59 ipid=77`);
    expect(only()).toMatchObject({ confidence: 'strong', changes: [{ kind: 'snat' }] });
  });

  it('captures that both begin in the middle, by sequence and acknowledgment numbers', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=3141592653 ack=2718281828 len=120
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=2718281828 ack=3141592773 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong?: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });

  it('one capture that began after the SYN, by the part that both saw', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592652
      +0.010  pod   198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=2718281827 ack=3141592653 ttl=59
      +0.010  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=3141592653 ack=2718281828 len=120
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp PSH ACK seq=2718281828 ack=3141592773 len=40 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });

  it('three points in a row, whatever the order of the captures', () => {
    const { journeys } = openScene(`
      point out: nat-outside.pcap
      point pod: pod-veth.pcap
      point node: node-eth0.pcap
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.001  out   203.0.113.7:3000 > 198.51.100.10:80  " ttl=61`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80 | out 203.0.113.7:3000 > 198.51.100.10:80',
    ]);
  });
});

describe('a tuple used again', () => {
  it('each use is a journey of its own, each with its own outer port', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp RST ACK seq=0 ack=1111111112 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
      0.400   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=405
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2600  tcp RST ACK seq=0 ack=2222222223 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2600 > 198.51.100.10:80',
    ]);
  });

  it('two pods with equal source ports to one destination are not confused', () => {
    const { journeys } = openScene(`
      point pod1: pod1-veth.pcap
      point pod2: pod2-veth.pcap
      point node: node-eth0.pcap
      0.000   pod1  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      0.0005  pod2  10.42.3.22:1000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=5
      +0.001  node  10.42.1.17:1000 > 198.51.100.10:80  " ttl=63`);
    expect(journeys).toEqual([
      'tcp strong: pod1 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod2 10.42.3.22:1000 > 198.51.100.10:80 | node 10.42.1.17:1000 > 198.51.100.10:80',
    ]);
  });
});

describe('both sides of a box in one capture', () => {
  it('a router that shows a connection before and after is one journey with two legs at its point', () => {
    const { journeys, only } = openScene(`
      point router: router.pcap
      0.000   router  192.168.1.5:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  router  203.0.113.7:2000 > 198.51.100.10:80  " ttl=63
      +0.010  router  198.51.100.10:80 > 203.0.113.7:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
      +0.001  router  198.51.100.10:80 > 192.168.1.5:1000  " ttl=59`);
    expect(journeys).toEqual([
      'tcp strong: router 192.168.1.5:1000 > 198.51.100.10:80 | router 203.0.113.7:2000 > 198.51.100.10:80',
    ]);
    expect(only().changes[0]).toMatchObject({ kind: 'snat', passed: [1, 1] });
  });

  it('a hairpin: the pod reaches itself through its service address, all at one point', () => {
    const { only } = openScene(`
      point node: node.pcap
      0.000   node  10.42.3.21:1000 > 172.20.0.10:80   tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:1000 > 10.42.3.21:8080  " ttl=63
      +0.010  node  10.42.3.21:8080 > 10.42.1.17:1000  tcp SYN ACK seq=900 ack=1111111112
      +0.001  node  172.20.0.10:80 > 10.42.3.21:1000   " ttl=63`);
    expect(only()).toMatchObject({ confidence: 'strong', changes: [{ kind: 'snat+dnat' }] });
  });

  it('two interfaces of one cooked capture are two points', () => {
    const { journeys } = openScene(`
      point veth: any.pcap if=3
      point eth0: any.pcap if=2
      0.000   veth  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  eth0  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`);
    expect(journeys).toEqual([
      'tcp strong: veth 10.42.3.21:1000 > 198.51.100.10:80 | eth0 10.42.1.17:2000 > 198.51.100.10:80',
    ]);
  });
});

describe('what is not one connection is not tied', () => {
  it('equal tuples with different sequence numbers: a proxy or SYNPROXY between', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3333333333 ts=5 ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=900 ack=3333333334 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=4000 ack=1111111112 ttl=59`);
    expect(journeys).toEqual([
      'tcp single: pod 10.42.3.21:1000 > 198.51.100.10:80',
      'tcp single: node 10.42.3.21:1000 > 198.51.100.10:80',
    ]);
  });

  it('… nor where the server begins every connection with one number', () => {
    const { report } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3333333333 ts=5 ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=1 ack=3333333334 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=1 ack=1111111112 ttl=59`);
    expect(report.journeys.map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('the client numbers kept and the server numbers not: the box answers for the server', () => {
    const { report } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=4000 ack=1111111112 ttl=63
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5 ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.3.21:1000  tcp SYN ACK seq=900 ack=1111111112 ttl=60`);
    expect(report.journeys.map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('unrelated captures: nothing ties, whatever they have in common', () => {
    const connection = (point: string, at: number, client: string, isn: number): string => `
      ${at}   ${point} ${client} > 198.51.100.10:443  tcp SYN seq=${isn} ts=${isn % 9999}
      +0.01   ${point} 198.51.100.10:443 > ${client}  tcp SYN ACK seq=${isn * 2} ack=${isn + 1} ttl=57
      +0.01   ${point} ${client} > 198.51.100.10:443  tcp PSH ACK seq=${isn + 1} ack=${isn * 2 + 1} len=517
      +0.01   ${point} 198.51.100.10:443 > ${client}  tcp ACK seq=${isn * 2 + 1} ack=${isn + 518} ttl=57`;
    const { report } = openScene(`${POINTS}
      ${Array.from({ length: 20 }, (_, i) => connection('pod', i, `10.42.3.21:${5000 + i}`, 7_000_001 * (i + 1))).join('\n')}
      ${Array.from({ length: 20 }, (_, i) => connection('node', i, `10.42.1.17:${5000 + i}`, 9_100_003 * (i + 1))).join('\n')}
    `);
    expect(report.journeys.map((j) => j.confidence)).toEqual(new Array<string>(40).fill('single'));
  });

  it('the same bytes over two connections (a proxy) are not a translation', () => {
    const { report } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 10.42.1.17:3128  tcp SYN seq=1111111111 ts=5
      +0.001  pod   10.42.1.17:3128 > 10.42.3.21:1000  tcp SYN ACK seq=900 ack=1111111112
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=3333333333 ts=77
      +0.001  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=5000 ack=3333333334`);
    expect(report.journeys.map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('mid-stream packets with the same sequence number and another acknowledgment prove nothing', () => {
    const { report } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp ACK seq=1 ack=2718281828 len=120
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp ACK seq=1 ack=99 len=120 ttl=63`);
    expect(report.journeys.map((j) => j.confidence)).toEqual(['single', 'single']);
  });
});

describe('unusual openings', () => {
  const TIED = ['tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80'];

  it('a packet that overtook its SYN at one point', () => {
    const { journeys } = openScene(`${POINTS}
      0.0000  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653
      +0.0005 node  10.42.1.17:2000 > 198.51.100.10:80  tcp PSH ACK seq=3141592654 ack=2718281829 len=80 ttl=63
      +0.0001 node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=3141592653 ttl=63
      +0.0100 node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2718281828 ack=3141592654 ttl=60
      +0.0005 pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual(TIED);
  });

  it.each(['before', 'after'])('a simultaneous open, the other SYN %s the own one at the second point', (order) => {
    const own = 'node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=3141592653 ttl=63';
    const other = 'node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN seq=2718281828 ttl=60';
    const [first, second] = order === 'before' ? [other, own] : [own, other];
    const { report } = openScene(`${POINTS}
      0.0000  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653
      +0.0005 ${first}
      +0.0005 ${second}
      +0.0005 pod   198.51.100.10:80 > 10.42.3.21:1000  tcp SYN seq=2718281828 ttl=59
      +0.0005 pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN ACK seq=3141592653 ack=2718281829
      +0.0005 node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`);
    expect(report.journeys).toHaveLength(1);
    expect(report.journeys[0]!.legs.map((leg) => leg.packets[0] + leg.packets[1])).toEqual([3, 3]);
    expect(report.journeys[0]!.confidence).toBe('strong');
  });

  it('data in the SYN (TCP Fast Open), acknowledged or not', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 len=120
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2718281828 ack=3141592774 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual(TIED);
  });

  it('a SYN sent again with other options, of which one point saw but the second', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=1000 mss=8961
      1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 mss=536
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=2718281828 ack=3141592654 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual(TIED);
  });

  it('nothing but resets, with and without acknowledgment', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp RST ACK seq=3141592653 ack=2718281828
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      1.000   pod   10.42.3.22:1001 > 198.51.100.10:80  tcp RST seq=1732050807
      +0.001  node  10.42.1.17:2001 > 198.51.100.10:80  " ttl=63`);
    expect(journeys).toEqual([
      'tcp strong?: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      expect.stringMatching(
        /^tcp (strong|probable)\?: pod 10.42.3.22:1001 > .* \| node 10.42.1.17:2001 > 198.51.100.10:80$/,
      ),
    ]);
  });

  it('keepalives only: one byte or none, again and again', () => {
    const beats = [0, 30, 60].map(
      (at) => `
      ${at}    pod   10.42.3.21:1000 > 198.51.100.10:80  tcp ACK seq=3141592652 ack=2718281828 len=1
      +0.001   node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010   node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=2718281828 ack=3141592653 ttl=60
      +0.001   pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`,
    );
    const { journeys } = openScene(`${POINTS}${beats.join('')}`);
    expect(journeys).toEqual([TIED[0]!.replace('strong', 'strong?')]);
  });

  it('datagrams without payload: tied where the tuple is the same, else not', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80   tcp SYN seq=3141592653 ts=1
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80   " ttl=63
      1.000   pod   10.42.3.21:1001 > 198.51.100.10:999  udp len=0
      +0.001  node  10.42.3.21:1001 > 198.51.100.10:999  " ttl=63
      1.000   pod   10.42.3.22:1002 > 198.51.100.10:999  udp len=0
      +0.001  node  10.42.1.17:2002 > 198.51.100.10:999  udp len=0 ttl=63`);
    expect(journeys.filter((j) => j.startsWith('udp') && j.includes(' | '))).toEqual([
      expect.stringMatching(/pod 10.42.3.21:1001 > .* \| node 10.42.3.21:1001 > /),
    ]);
  });
});

describe('sequence numbers that a box draws anew', () => {
  /** A connection with a request and an answer, at both points; what stands in for `{…}` differs at the node. */
  const exchange = (node: {
    readonly out?: number;
    readonly back?: number;
    readonly ts?: number;
    readonly late?: number;
    readonly acks?: boolean;
    readonly window?: number;
  }): string => {
    const { out = 0, back = 0, ts = 0, late = 0, acks = true, window = 0 } = node;
    const [client, server] = [3_141_592_653, 2_718_281_828];
    const lines: string[] = [];
    const packet = (
      at: number,
      fromClient: boolean,
      what: string,
      own: number,
      other: number | null,
      n: number,
    ): void => {
      const ends = (client: string): string =>
        fromClient ? `${client} > 198.51.100.10:80` : `198.51.100.10:80 > ${client}`;
      const numbers = (o: number, b: number): string => {
        const [mine, theirs] = fromClient
          ? [client + own + o, server + (other ?? 0) + b]
          : [server + own + b, client + (other ?? 0) + o];
        return `seq=${mine >>> 0}${other === null ? '' : ` ack=${theirs >>> 0}`}`;
      };
      const stamp = (shift: number): string => `ts=${(fromClient ? 900_000_000 : 700_000_000) + n + shift}`;
      const there = at + (fromClient ? 0.0005 : -0.0005) + late;
      lines.push(
        `${at.toFixed(6)} pod ${ends('10.42.3.21:1000')} tcp ${what} ${numbers(0, 0)} ${stamp(0)} ipid=${40 + n} ttl=${fromClient ? 64 : 57}`,
        `${there.toFixed(6)} node ${ends('10.42.1.17:2000')} tcp ${what} ${numbers(out, back)} ${stamp(ts)} ipid=${ts === 0 ? 40 + n : 90 + n} ttl=${fromClient ? 63 : 58} win=${501 + window} bytes=${(fromClient ? client : server) + own}`,
      );
    };
    packet(0, true, 'SYN', 0, null, 1);
    packet(0.02, false, 'SYN ACK', 0, 1, 2);
    packet(0.021, true, 'ACK', 1, 1, 3);
    packet(0.03, true, 'PSH ACK len=200', 1, 1, 4);
    if (acks) packet(0.05, false, 'ACK', 1, 201, 5);
    packet(0.06, false, 'PSH ACK len=900', 1, 201, 6);
    if (acks) packet(0.061, true, 'ACK', 201, 901, 7);
    return `${POINTS}\n${lines.sort((x, y) => Number(x.split(' ')[0]) - Number(y.split(' ')[0])).join('\n')}`;
  };
  const TIED = 'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80';

  it.each([
    ['in both directions', { out: 1_111_111_111, back: 2_222_222_222 }],
    ['in one alone', { out: 1_111_111_111 }],
    ['in the other alone', { back: 2_222_222_222 }],
  ])('%s: one connection, and every packet is found again', (_, shifts) => {
    const { journeys, only } = openScene(exchange(shifts));
    expect(journeys).toEqual([TIED]);
    expect(only().changes[0]).toMatchObject({ kind: 'snat', passed: [4, 3], lost: [0, 0], born: [0, 0] });
    expect(only().changes[0]!.evidence.map((e) => e.kind)).toContain('relative-sequence');
  });

  it('from the middle on', () => {
    const text = exchange({ out: 1_111_111_111, back: 2_222_222_222 })
      .split('\n')
      .filter((line) => !line.includes('SYN'));
    const { journeys } = openScene(text.join('\n'));
    expect(journeys).toEqual([TIED.replace('strong', 'strong?')]);
  });

  it('a relay sends the same bytes with timestamps and ids of its own: two connections', () => {
    const { journeys } = openScene(exchange({ out: 1_111_111_111, back: 2_222_222_222, ts: 55_555_555 }));
    expect(journeys.every((j) => j.startsWith('tcp single'))).toBe(true);
    expect(journeys).toHaveLength(2);
  });

  it('so are they where the windows are others, whatever else is alike', () => {
    const { journeys } = openScene(exchange({ out: 1_111_111_111, back: 2_222_222_222, window: 1 }));
    expect(journeys).toHaveLength(2);
  });

  it('and where the handshake was over here before it began there (SYNPROXY)', () => {
    const text = exchange({ back: 2_222_222_222 })
      .split('\n')
      .map((line) =>
        /^0.0\d+ node .* SYN (seq|ACK)/.test(line)
          ? line.replace(/^0.0\d/, (at) => `0.0${Number(at.at(-1)) + 5}`)
          : line,
      );
    expect(openScene(text.join('\n')).journeys).toHaveLength(2);
  });
});
