// Conntrack dumps beside packets: they confirm, decide between equals, and are never obeyed against the packets.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap
  point out: nat-outside.pcap`;
const SYN = `${POINTS}
  0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`;
const TO_NAT = `
  +0.001  out   203.0.113.7:3000 > 198.51.100.10:80  " ttl=61`;

function entry(from: string, sport: number, to: string, dport: number, kind = 'tcp      6 118 TIME_WAIT'): string {
  return `${kind} src=${from} dst=198.51.100.10 sport=${sport} dport=80 src=198.51.100.10 dst=${to} sport=80 dport=${dport} [ASSURED] mark=128 use=1`;
}

describe('a dump that agrees', () => {
  const node = entry('10.42.3.21', 1000, '10.42.1.17', 2000);

  it.each([
    ['conntrack -L', node],
    ['-o extended', `ipv4     2 ${node}`],
    ['-E', `[1700000000.000100]\t    [NEW] ${node.replace('[ASSURED] ', '')}`],
  ])('of %s makes the tie exact and is quoted as the entry', (_, line) => {
    const { only, report } = openScene(SYN, { beside: { 'node.conntrack': line } });
    expect(only()).toMatchObject({
      confidence: 'exact',
      changes: [
        {
          confidence: 'exact',
          source: 'conntrack',
          conntrackSource: 'dump',
          conntrack: node.replace(line.includes('[NEW]') ? '[ASSURED] ' : '', ''),
        },
      ],
    });
    expect(report.sideFiles).toEqual([
      { file: 'node.conntrack', kind: 'conntrack', box: 'node', entries: 1, agree: 1, absent: 0, contradict: 0 },
    ]);
  });

  it('of one box leaves the other gap as strong as its packets, and the journey with it', () => {
    const { only } = openScene(SYN + TO_NAT, { beside: { 'node.conntrack': node } });
    expect(only().changes.map((c) => c.confidence)).toEqual(['exact', 'strong']);
    expect(only().confidence).toBe('strong');
  });

  it('of two boxes one after the other explains a gap that holds both', () => {
    const text = `${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  out   203.0.113.7:3000 > 198.51.100.10:80  " ttl=61`;
    const second = entry('10.42.1.17', 2000, '203.0.113.7', 3000);
    const { only } = openScene(text, { beside: { 'node.conntrack': node, 'nat.conntrack': second } });
    expect(only()).toMatchObject({ confidence: 'exact', changes: [{ conntrack: `${node}\n${second}` }] });
  });

  it('of a ping with its ids', () => {
    const { only } = openScene(
      `${POINTS}
      0.000   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.001  node  10.42.1.17 > 198.51.100.10  " id=9 ttl=63`,
      {
        beside: {
          'node.conntrack':
            'icmp     1 29 src=10.42.3.21 dst=198.51.100.10 type=8 code=0 id=7 src=198.51.100.10 dst=10.42.1.17 type=0 code=0 id=9 mark=128 use=1',
        },
      },
    );
    expect(only().confidence).toBe('exact');
  });

  it('unanswered too', () => {
    const line = node.replace('TIME_WAIT', 'SYN_SENT').replace('dport=80 src', 'dport=80 [UNREPLIED] src');
    expect(openScene(SYN, { beside: { 'node.conntrack': line } }).only().confidence).toBe('exact');
  });
});

describe('a dump decides between equals', () => {
  const probes = [0, 1, 2]
    .map(
      (i) => `
      1.0000  pod   10.42.3.21:${1000 + i} > 192.0.2.7:9999  udp data=probe-of-health
      +0.0001 node  10.42.1.17:${2000 + i} > 192.0.2.7:9999  " ttl=63`,
    )
    .join('');
  const line = (sport: number, dport: number): string =>
    `udp      17 29 src=10.42.3.21 dst=192.0.2.7 sport=${sport} dport=9999 src=192.0.2.7 dst=10.42.1.17 sport=9999 dport=${dport} mark=128 use=1`;

  it('all of them where it names all', () => {
    const dump = [line(1000, 2002), line(1001, 2000), line(1002, 2001)].join('\n');
    const { journeys } = openScene(`${POINTS}${probes}`, { beside: { 'node.conntrack': dump } });
    expect([...journeys].sort()).toEqual([
      'udp exact?: pod 10.42.3.21:1000 > 192.0.2.7:9999 | node 10.42.1.17:2002 > 192.0.2.7:9999',
      'udp exact?: pod 10.42.3.21:1001 > 192.0.2.7:9999 | node 10.42.1.17:2000 > 192.0.2.7:9999',
      'udp exact?: pod 10.42.3.21:1002 > 192.0.2.7:9999 | node 10.42.1.17:2001 > 192.0.2.7:9999',
    ]);
  });

  it('one of them, and the others remain candidates of each other alone', () => {
    const { report, from } = openScene(`${POINTS}${probes}`, { beside: { 'node.conntrack': line(1000, 2002) } });
    expect(from('10.42.3.21:1000').confidence).toBe('exact');
    const left = report.journeys.filter((j) => j.confidence === 'ambiguous');
    expect(left).toHaveLength(4);
    for (const journey of left) {
      const offered = journey.candidates.flatMap((c) => c.legs.map((leg) => leg.sport));
      expect(offered).toHaveLength(2);
      expect(offered).not.toContain(1000);
      expect(offered).not.toContain(2002);
    }
  });
});

describe('a dump that does not fit', () => {
  it('a stale entry (the tuple led elsewhere before) is counted as a contradiction and changes nothing', () => {
    const text = `${SYN}
      2.000   pod   10.42.3.21:1001 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=2005
      +0.001  node  10.42.1.17:2001 > 198.51.100.10:80  " ttl=63`;
    const stale = entry('10.42.3.21', 1000, '10.42.1.17', 2001);
    const { journeys, report } = openScene(text, { beside: { 'node.conntrack': stale } });
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'tcp strong: pod 10.42.3.21:1001 > 198.51.100.10:80 | node 10.42.1.17:2001 > 198.51.100.10:80',
    ]);
    expect(report.sideFiles[0]).toMatchObject({ agree: 0, absent: 0, contradict: 1 });
  });

  it('an entry of a connection that was not captured is absent', () => {
    const { report } = openScene(SYN, { beside: { 'node.conntrack': entry('10.42.3.99', 5, '10.42.1.17', 6) } });
    expect(report.sideFiles[0]).toMatchObject({ entries: 1, agree: 0, absent: 1, contradict: 0 });
  });

  it('a listing cannot say which use of a tuple it shows: used twice, it proves neither', () => {
    const text = `${SYN}
      0.010   node  198.51.100.10:80 > 10.42.1.17:2000  tcp RST ACK seq=0 ack=1111111112 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
      0.400   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=405
      +0.001  node  10.42.1.17:2600 > 198.51.100.10:80  " ttl=63`;
    const { report } = openScene(text, { beside: { 'node.conntrack': entry('10.42.3.21', 1000, '10.42.1.17', 2600) } });
    expect(report.journeys.map((j) => j.confidence)).toEqual(['strong', 'strong']);
  });

  it('it does not tie connections that their packets part', () => {
    const { report } = openScene(
      `${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=5 ttl=63`,
      { beside: { 'node.conntrack': entry('10.42.3.21', 1000, '10.42.1.17', 2000) } },
    );
    expect(report.journeys.map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('UPDATE and DESTROY events of one connection are not further entries', () => {
    const line = entry('10.42.3.21', 1000, '10.42.1.17', 2000, '%tcp      6 118 TIME_WAIT');
    const log = ['    [NEW] ', ' [UPDATE] ', ' [UPDATE] ', '[DESTROY] '].map((e) => line.replace('%', e)).join('\n');
    const { report } = openScene(SYN, { beside: { 'node.conntrack': log } });
    expect(report.sideFiles[0]).toMatchObject({ entries: 1, agree: 1 });
  });
});

describe('rules of iptables', () => {
  const rules = '*nat\n-A POSTROUTING -j SNAT --to-source 10.42.1.17 --random-fully\nCOMMIT\n';

  it('are named at the gap of their own box', () => {
    const { only } = openScene(SYN + TO_NAT, { beside: { 'node.iptables': rules } });
    expect(only().changes.map((c) => c.rule)).toEqual([
      '-A POSTROUTING -j SNAT --to-source 10.42.1.17 --random-fully',
      null,
    ]);
  });

  it('and not at that of another', () => {
    expect(openScene(SYN, { beside: { 'nat.iptables': rules } }).only().changes[0]!.rule).toBeNull();
  });
});
