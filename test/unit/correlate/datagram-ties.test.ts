// UDP and ICMP carry no sequence numbers that only one connection has: payloads and the clock decide, or nobody does.
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;

/** A TCP connection through both points at this second: it relates their clocks and orders them. */
function anchor(at: number): string {
  const isn = 1_000_003 * (at + 1);
  return `
    ${at}     pod   10.42.3.9:7000 > 198.51.100.99:443  tcp SYN seq=${isn} ts=${at}
    +0.0001   node  10.42.1.17:${7100 + at} > 198.51.100.99:443  " ttl=63
    +0.0100   node  198.51.100.99:443 > 10.42.1.17:${7100 + at}  tcp SYN ACK seq=${isn * 3} ack=${isn + 1} ttl=60
    +0.0001   pod   198.51.100.99:443 > 10.42.3.9:7000  " ttl=59`;
}

const without = (journeys: readonly string[], text: string): string[] => journeys.filter((j) => !j.includes(text));

describe('a datagram is found again by its payload', () => {
  it('DNS through SNAT with another port', () => {
    const { journeys, only } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com
      +0.001  node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63
      +0.010  node  192.0.2.53:53 > 10.42.1.17:2000  udp answer=7/example.com ttl=60
      +0.001  pod   192.0.2.53:53 > 10.42.3.21:1000  " ttl=59`);
    expect(journeys).toEqual([
      'udp probable: pod 10.42.3.21:1000 > 192.0.2.53:53 | node 10.42.1.17:2000 > 192.0.2.53:53',
    ]);
    expect(only()).toMatchObject({ direction: 'known', changes: [{ kind: 'snat', passed: [1, 1] }] });
  });

  it('a DNS service: DNAT to the endpoint, answer from the service address', () => {
    const { only } = openScene(`${POINTS}
      1.000   pod   10.42.3.21:1000 > 172.20.0.10:53  udp dns=7/example.com
      +0.001  node  10.42.3.21:1000 > 10.42.9.9:53    " ttl=63
      +0.010  node  10.42.9.9:53 > 10.42.3.21:1000    udp answer=7/example.com ttl=60
      +0.001  pod   172.20.0.10:53 > 10.42.3.21:1000  " ttl=59`);
    expect(only().changes[0]).toMatchObject({ kind: 'dnat', dst: ['172.20.0.10:53', '10.42.9.9:53'] });
  });

  it('ping through SNAT with another id', () => {
    const { journeys, report } = openScene(`${POINTS}${anchor(0)}
      1.0000  pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.0001 node  10.42.1.17 > 198.51.100.10  " id=4711 ttl=63
      +0.0100 node  198.51.100.10 > 10.42.1.17  icmp reply id=4711 seq=1 data=ping-of-pod-one- ttl=60
      +0.0001 pod   198.51.100.10 > 10.42.3.21  " id=7 ttl=59${anchor(3)}`);
    expect(without(journeys, '198.51.100.99')).toEqual([
      'icmp strong: pod 10.42.3.21 id 7 > 198.51.100.10 | node 10.42.1.17 id 4711 > 198.51.100.10',
    ]);
    expect(report.journeys.find((j) => j.proto === 'icmp')!.changes[0]!.conntrack).toBe(
      'icmp     1 src=10.42.3.21 dst=198.51.100.10 type=8 code=0 id=7 src=198.51.100.10 dst=10.42.1.17 type=0 code=0 id=4711',
    );
  });

  it('ICMPv6 echo', () => {
    const { report } = openScene(`${POINTS}${anchor(0)}
      1.0000  pod   fd00::21 > 2001:db8::80      icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.0001 node  2001:db8:1::7 > 2001:db8::80 " id=9 ttl=63
      +0.0100 node  2001:db8::80 > 2001:db8:1::7 icmp reply id=9 seq=1 data=ping-of-pod-one- ttl=60
      +0.0001 pod   2001:db8::80 > fd00::21      " id=7 ttl=59${anchor(3)}`);
    expect(report.journeys.find((j) => j.proto === 'icmpv6')).toMatchObject({ changes: [{ kind: 'snat' }] });
  });

  it('one query of one port to two servers (musl) is two journeys, each to its own server', () => {
    const { journeys } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:1000 > 192.0.2.53:53     udp dns=7/example.com
      +0.0001 node  10.42.1.17:2000 > 192.0.2.53:53     " ttl=63
      1.0000  pod   10.42.3.21:1000 > 203.0.113.53:53   udp dns=7/example.com
      +0.0001 node  10.42.1.17:2001 > 203.0.113.53:53   " ttl=63
      ${anchor(2)}`);
    expect(without(journeys, '198.51.100.99')).toEqual([
      expect.stringMatching(
        /^udp (strong|probable): pod 10.42.3.21:1000 > 192.0.2.53:53 \| node 10.42.1.17:2000 > 192.0.2.53:53$/,
      ),
      expect.stringMatching(
        /^udp (strong|probable): pod 10.42.3.21:1000 > 203.0.113.53:53 \| node 10.42.1.17:2001 > 203.0.113.53:53$/,
      ),
    ]);
  });

  it('a query that is sent again from another port after 5 s, alike in all: the clock says which is which', () => {
    const { journeys } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com
      +0.0001 node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63
      6.0000  pod   10.42.3.21:1001 > 192.0.2.53:53  udp dns=7/example.com
      +0.0001 node  10.42.1.17:2001 > 192.0.2.53:53  " ttl=63
      ${anchor(8)}`);
    expect(without(journeys, '198.51.100.99')).toEqual([
      expect.stringMatching(/pod 10.42.3.21:1000 .* \| node 10.42.1.17:2000 /),
      expect.stringMatching(/pod 10.42.3.21:1001 .* \| node 10.42.1.17:2001 /),
    ]);
  });

  it('… and where no clock is known, nothing is tied and both possibilities are listed', () => {
    const { report } = openScene(`${POINTS}
      1.0000  pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com
      +0.0001 node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63
      6.0000  pod   10.42.3.21:1001 > 192.0.2.53:53  udp dns=7/example.com
      +0.0001 node  10.42.1.17:2001 > 192.0.2.53:53  " ttl=63`);
    expect(report.journeys).toHaveLength(4);
    for (const journey of report.journeys) {
      expect(journey.confidence).toBe('ambiguous');
      expect(journey.candidates.flatMap((c) => c.legs)).toHaveLength(2);
    }
  });
});

describe('partners that are taken leave the choice of the rest', () => {
  it('until who has one partner left is tied to it, as probable', () => {
    // Each has all messages of the one before, and one more: only the last stands out from the others at once.
    const lines = [1, 2, 3].flatMap((i) =>
      ['first-message', 'second-message', 'third-message'].slice(0, i).map(
        (word, n) => `
        ${n + 1}.0   pod   10.42.3.21:${1000 + i} > 192.0.2.7:9999  udp data=${word}
        +0.0001      node  10.42.1.17:${2000 + i} > 192.0.2.7:9999  " ttl=63`,
      ),
    );
    const { journeys } = openScene(`${POINTS}${lines.join('')}`);
    expect([...journeys].sort()).toEqual(
      [1, 2, 3].map((i): unknown =>
        expect.stringMatching(
          `^udp (strong|probable)\\?: pod 10.42.3.21:${1000 + i} > .* \\| node 10.42.1.17:${2000 + i} > `,
        ),
      ),
    );
    expect(journeys.find((j) => j.includes(':1001'))).toMatch(/^udp probable/);
  });
});

describe('what cannot be told apart is not told apart', () => {
  it('30 equal probes at once: all ambiguous, all with the right partner among their candidates', () => {
    const probes = Array.from(
      { length: 30 },
      (_, i) => `
        1.0000  pod   10.42.3.21:${1000 + i} > 192.0.2.7:9999  udp data=probe-of-health
        +0.0001 node  10.42.1.17:${2000 + i} > 192.0.2.7:9999  " ttl=63`,
    ).join('');
    const { report } = openScene(`${POINTS}${anchor(0)}${probes}${anchor(3)}`);
    const probing = report.journeys.filter((j) => j.proto === 'udp');
    expect(probing).toHaveLength(60);
    for (const journey of probing) {
      expect(journey).toMatchObject({ confidence: 'ambiguous', changes: [] });
      const [leg] = journey.legs;
      const other =
        leg!.src === '10.42.3.21'
          ? `10.42.1.17:${Number(leg!.sport) + 1000}`
          : `10.42.3.21:${Number(leg!.sport) - 1000}`;
      expect(journey.candidates.flatMap((c) => c.legs.map((l) => `${l.src}:${l.sport ?? ''}`))).toContain(other);
    }
  });

  it('heartbeats of two pods with equal payload, of which each capture saw another one', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0  pod   10.42.3.21:1000 > 192.0.2.7:9999  udp data=heartbeat-of-agent
      5.0  node  10.42.1.17:2000 > 192.0.2.7:9999  udp data=heartbeat-of-agent ttl=63
      ${anchor(8)}`);
    const beats = report.journeys.filter((j) => j.proto === 'udp');
    expect(beats.map((j) => j.legs.length)).toEqual([1, 1]);
  });

  it('announcements of two hosts to a multicast group are never one', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:5353 > 224.0.0.251:5353  udp dns=0/_http._tcp.local
      +0.0001 node  10.42.1.17:5353 > 224.0.0.251:5353  udp dns=0/_http._tcp.local
      ${anchor(3)}`);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('broadcasts neither', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:68 > 255.255.255.255:67  udp data=discover-discover
      +0.0001 node  10.42.1.17:68 > 255.255.255.255:67  udp data=discover-discover
      ${anchor(3)}`);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('a DNS proxy asks anew, with an id of its own: two connections', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:1000 > 10.42.1.17:53   udp dns=7/example.com
      +0.0005 node  10.42.1.17:2000 > 192.0.2.53:53   udp dns=9/example.com
      +0.0100 node  192.0.2.53:53 > 10.42.1.17:2000   udp answer=9/example.com ttl=60
      +0.0005 pod   10.42.1.17:53 > 10.42.3.21:1000   udp answer=7/example.com
      ${anchor(3)}`);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('a relay that sends equal bytes anew, with a fresh TTL, is no translation', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:1000 > 10.42.1.17:8125   udp data=metrics.of.pod.one
      +0.0005 node  10.42.1.17:2000 > 198.51.100.5:9125  udp data=metrics.of.pod.one
      ${anchor(3)}`);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.legs.length)).toEqual([1, 1]);
  });

  it('alike pings and heartbeats of two pods, both through the node: each its own, the pods never to each other', () => {
    const probe = (at: number, pod: number, port: number): string => `
      ${at}    pod${pod}  10.42.3.2${pod}:1000 > 192.0.2.7:9999  udp data=heartbeat-of-agent
      +0.0001  node  10.42.1.17:${port} > 192.0.2.7:9999  " ttl=63
      ${at + 1}  pod${pod}  10.42.3.2${pod} > 198.51.100.10  icmp echo id=${pod} seq=1 data=abcdefghijklmnop
      +0.0001  node  10.42.1.17 > 198.51.100.10  " id=${port} ttl=63`;
    const open = (pod: number): string => `
      ${pod}   pod${pod}   10.42.3.2${pod}:7000 > 198.51.100.99:443  tcp SYN seq=${pod * 1_111_111_111} ts=5
      +0.0001  node  10.42.1.17:${7100 + pod} > 198.51.100.99:443  " ttl=63
      +0.0100  node  198.51.100.99:443 > 10.42.1.17:${7100 + pod}  tcp SYN ACK seq=${pod * 777} ack=${pod * 1_111_111_111 + 1} ttl=60
      +0.0001  pod${pod}   198.51.100.99:443 > 10.42.3.2${pod}:7000  " ttl=59`;
    const { report } = openScene(`
      point pod1: pod1-veth.pcap
      point pod2: pod2-veth.pcap
      point node: node-eth0.pcap
      ${open(1)}${open(2)}${probe(5, 1, 2001)}${probe(9, 2, 2002)}`);
    for (const { legs } of report.journeys) {
      const points = legs.map((leg) => leg.point);
      expect(points.includes('p0') && points.includes('p1'), JSON.stringify(points)).toBe(false);
    }
  });

  it('two different queries that happen at once', () => {
    const { report } = openScene(`${POINTS}
      ${anchor(0)}
      1.0000  pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com
      +0.0001 node  10.42.1.17:2000 > 192.0.2.53:53  udp dns=8/example.com ttl=63
      ${anchor(3)}`);
    expect(report.journeys.filter((j) => j.proto === 'udp').map((j) => j.confidence)).toEqual(['single', 'single']);
  });

  it('a payload of a few bytes is too little to go by where nothing relates the captures', () => {
    const { report } = openScene(`${POINTS}
      1.0000  pod   10.42.3.21:1000 > 192.0.2.7:9999  udp data=ok
      +0.0001 node  10.42.1.17:2000 > 192.0.2.7:9999  udp data=ok ttl=63`);
    expect(report.journeys.every((j) => j.legs.length === 1)).toBe(true);
  });
});

describe('ICMP errors are tied by the packet that they quote', () => {
  it('and their quotation is translated with them', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.1 > 10.42.1.17  icmp 3/1 quotes 10.42.1.17:2000 > 198.51.100.10:80 tcp
      +0.001  pod   198.51.100.1 > 10.42.3.21  icmp 3/1 quotes 10.42.3.21:1000 > 198.51.100.10:80 tcp ttl=63`);
    expect(journeys).toEqual([
      'tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80',
      'icmp strong: node 198.51.100.1:t3 > 10.42.1.17:t3 | pod 198.51.100.1:t3 > 10.42.3.21:t3',
    ]);
  });

  it('not to errors that quote another connection', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=3141592653 ts=5
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      1.000   pod   10.42.3.21:1001 > 198.51.100.10:80  tcp SYN seq=2718281828 ts=1005
      +0.001  node  10.42.1.17:2001 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.1 > 10.42.1.17  icmp 3/1 quotes 10.42.1.17:2001 > 198.51.100.10:80 tcp
      +0.001  pod   198.51.100.1 > 10.42.3.21  icmp 3/1 quotes 10.42.3.21:1000 > 198.51.100.10:80 tcp ttl=63`);
    expect(journeys.filter((j) => j.startsWith('icmp')).every((j) => j.startsWith('icmp single'))).toBe(true);
  });
});

describe('thousands of equal probes', () => {
  /** Equal one-packet datagrams through both points, so many seconds apart. */
  const probes = (count: number, apart: number): string =>
    Array.from({ length: count }, (_, i) => {
      const at = (1 + i * apart).toFixed(6);
      return `
        ${at}   pod   10.42.${3 + (i >> 8)}.${i & 255}:1000 > 192.0.2.7:9999  udp data=probe-of-health ipid=0
        +0.0001 node  10.42.1.17:${2000 + i} > 192.0.2.7:9999  " ttl=63`;
    }).join('');

  it('at once: none is tied, each has some of its candidates listed and all of them counted', () => {
    const { report } = openScene(`${POINTS}${anchor(0)}${probes(1000, 0)}${anchor(3)}`);
    const probing = report.journeys.filter((j) => j.proto === 'udp');
    expect(probing).toHaveLength(2000);
    expect(new Set(probing.map((j) => j.confidence))).toEqual(new Set(['ambiguous']));
    expect(new Set(probing.flatMap((j) => j.candidates.map((c) => c.count)))).toEqual(new Set([1000]));
    expect(Math.max(...probing.flatMap((j) => j.candidates.map((c) => c.legs.length)))).toBeLessThanOrEqual(64);
  });

  it('one after another: the clock tells which is which', () => {
    const { report } = openScene(`${POINTS}${anchor(0)}${probes(300, 0.5)}${anchor(200)}`);
    const probing = report.journeys.filter((j) => j.proto === 'udp');
    expect(probing).toHaveLength(300);
    for (const { legs } of probing) {
      const [third, fourth] = legs[0]!.src.split('.').slice(2).map(Number);
      expect(legs[1]).toMatchObject({ src: '10.42.1.17', sport: 2000 + (third! - 3) * 256 + fourth! });
    }
  });

  it('… and IP ids, where TCP shows that they are kept', () => {
    const kept = Array.from(
      { length: 12 },
      (_, i) => `
        ${i / 100}  pod   10.42.3.9:${7000 + i} > 198.51.100.99:443  tcp SYN seq=${1_000_003 * (i + 1)} ts=${i}
        +0.0001     node  10.42.1.17:${7100 + i} > 198.51.100.99:443  " ttl=63
        +0.0005     node  198.51.100.99:443 > 10.42.1.17:${7100 + i}  tcp SYN ACK seq=${3_000_017 * (i + 1)} ack=${1_000_003 * (i + 1) + 1} ttl=60
        +0.0001     pod   198.51.100.99:443 > 10.42.3.9:${7000 + i}  " ttl=59`,
    ).join('');
    const numbered = probes(200, 0)
      .split('\n')
      .map((line, i) => line.replace('ipid=0', `ipid=${1 + i}`))
      .join('\n');
    const { report } = openScene(`${POINTS}${kept}${numbered}${anchor(3)}`);
    const probing = report.journeys.filter((j) => j.proto === 'udp');
    expect(probing.map((j) => j.legs.length)).toEqual(new Array<number>(200).fill(2));
    for (const { legs } of probing) expect(legs[1]!.sport).toBe(2000 + Number(legs[0]!.src.split('.')[3]));
  });
});
