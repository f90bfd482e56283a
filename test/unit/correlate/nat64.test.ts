// IPv6 at one point and IPv4 at the next (NAT64), and IPv6 with another prefix (NPTv6).
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;

/** A TCP connection through both points at this second: it relates their clocks. */
const anchor = (at: number): string => `
  ${at}     pod   [fd00::9]:7000 > [64:ff9b::c633:6463]:443  tcp SYN seq=${3_000_000_019 + at} ts=${at}
  +0.0001   node  192.0.2.17:7000 > 198.51.100.99:443  " ttl=63
  +0.0100   node  198.51.100.99:443 > 192.0.2.17:7000  tcp SYN ACK seq=${1_000_000_007 + at} ack=${3_000_000_020 + at} ttl=60
  +0.0001   pod   [64:ff9b::c633:6463]:443 > [fd00::9]:7000  " ttl=59`;

const without = (journeys: readonly string[], text: string): string[] => journeys.filter((j) => !j.includes(text));

describe('NAT64', () => {
  it('TCP: one connection, with both its tuples and every packet', () => {
    const { journeys, only } = openScene(`${POINTS}
      0.000   pod   [fd00::21]:1000 > [64:ff9b::c633:640a]:80  tcp SYN seq=3141592653 ts=900000005
      +0.001  node  192.0.2.17:1000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.10:80 > 192.0.2.17:1000  tcp SYN ACK seq=2718281828 ack=3141592654 ttl=60
      +0.001  pod   [64:ff9b::c633:640a]:80 > [fd00::21]:1000  " ttl=59
      +0.001  pod   [fd00::21]:1000 > [64:ff9b::c633:640a]:80  tcp PSH ACK seq=3141592654 ack=2718281829 len=300
      +0.001  node  192.0.2.17:1000 > 198.51.100.10:80  " ttl=63`);
    expect(journeys).toEqual([
      'tcp strong: pod [fd00::21]:1000 > [64:ff9b::c633:640a]:80 | node 192.0.2.17:1000 > 198.51.100.10:80',
    ]);
    expect(only()).toMatchObject({
      direction: 'known',
      changes: [
        {
          kind: 'nat64',
          src: ['[fd00::21]:1000', '192.0.2.17:1000'],
          dst: ['[64:ff9b::c633:640a]:80', '198.51.100.10:80'],
          conntrack: null,
          passed: [2, 1],
          lost: [0, 0],
          born: [0, 0],
        },
      ],
    });
  });

  it('DNS and other datagrams: by their payload, the server within the IPv6 address', () => {
    const { journeys } = openScene(`${POINTS}${anchor(0)}
      1.000   pod   [fd00::21]:1000 > [64:ff9b::c000:235]:53  udp dns=7/example.com
      +0.0001 node  192.0.2.17:2000 > 192.0.2.53:53  " ttl=63
      +0.010  node  192.0.2.53:53 > 192.0.2.17:2000  udp answer=7/example.com ttl=60
      +0.0001 pod   [64:ff9b::c000:235]:53 > [fd00::21]:1000  " ttl=59
      2.000   pod   [fd00::21]:1001 > [64:ff9b::c000:207]:9999  udp data=metrics-of-pod-one
      +0.0001 node  192.0.2.17:2001 > 192.0.2.7:9999  " ttl=63${anchor(3)}`);
    expect(without(journeys, ':443')).toEqual([
      expect.stringMatching(/^udp (strong|probable): pod \[fd00::21\]:1000 > .* \| node 192.0.2.17:2000 > /),
      expect.stringMatching(/^udp (strong|probable)\??: pod \[fd00::21\]:1001 > .* \| node 192.0.2.17:2001 > /),
    ]);
  });

  it('a datagram of equal bytes to another server is none of it', () => {
    const { journeys } = openScene(`${POINTS}${anchor(0)}
      2.000   pod   [fd00::21]:1001 > [64:ff9b::c000:207]:9999  udp data=metrics-of-pod-one
      +0.0001 node  192.0.2.17:2001 > 192.0.2.8:9999  " ttl=63${anchor(3)}`);
    expect(without(journeys, ':443').every((j) => j.startsWith('udp single'))).toBe(true);
  });

  it('ICMPv6 echo becomes ICMP echo, with another id', () => {
    const { report } = openScene(`${POINTS}${anchor(0)}
      1.000   pod   fd00::21 > 64:ff9b::c633:640a  icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.0001 node  192.0.2.17 > 198.51.100.10     icmp echo id=9 seq=1 data=ping-of-pod-one- ttl=63
      +0.010  node  198.51.100.10 > 192.0.2.17     icmp reply id=9 seq=1 data=ping-of-pod-one- ttl=60
      +0.0001 pod   64:ff9b::c633:640a > fd00::21  icmp reply id=7 seq=1 data=ping-of-pod-one- ttl=59${anchor(3)}`);
    const echo = report.journeys.filter((j) => j.proto.startsWith('icmp'));
    expect(echo).toHaveLength(1);
    expect(echo[0]).toMatchObject({ direction: 'known', changes: [{ kind: 'nat64', passed: [1, 1], lost: [0, 0] }] });
  });

  it('an error about it is translated with it, type and quotation', () => {
    const { journeys } = openScene(`${POINTS}
      0.000   pod   [fd00::21]:1000 > [64:ff9b::c633:640a]:80  tcp SYN seq=3141592653 ts=900000005
      +0.001  node  192.0.2.17:1000 > 198.51.100.10:80  " ttl=63
      +0.010  node  198.51.100.1 > 192.0.2.17  icmp 3/3 quotes 192.0.2.17:1000 > 198.51.100.10:80 tcp
      +0.001  pod   64:ff9b::c633:6401 > fd00::21  icmp 1/4 quotes [fd00::21]:1000 > [64:ff9b::c633:640a]:80 tcp ttl=63`);
    expect(journeys).toHaveLength(2);
    expect(journeys[1]).toMatch(/^icmp strong: node 198.51.100.1:t3 > .* \| pod \[64:ff9b::c633:6401\]:t1 > /);
  });

  it.each([
    ['/32', '2001:db8:c633:640a::'],
    ['/40', '2001:db8:1c6:3364:a::'],
    ['/48', '2001:db8:122:c633:64:a00::'],
    ['/56', '2001:db8:122:3c6:33:640a::'],
    ['/64', '2001:db8:122:344:c6:3364:a00:0'],
    ['/96', '2001:db8:122:344::c633:640a'],
  ])('the server is found within an address of a prefix of its own, %s (RFC 6052)', (_, address) => {
    const { journeys } = openScene(`${POINTS}${anchor(0)}
      2.000   pod   [fd00::21]:1001 > [${address}]:9999  udp data=metrics-of-pod-one
      +0.0001 node  192.0.2.17:2001 > 198.51.100.10:9999  " ttl=63${anchor(3)}`);
    expect(without(journeys, ':443')).toHaveLength(1);
  });
});

describe('NPTv6', () => {
  it('another prefix, the same interface and port: source translation, for TCP and datagrams', () => {
    const { report } = openScene(`${POINTS}
      0.000   pod   [fd01:203:405:1::1234]:1000 > [2001:db8::80]:80  tcp SYN seq=3141592653 ts=900000005
      +0.001  node  [2001:db8:1:d550::1234]:1000 > [2001:db8::80]:80  " ttl=63
      +0.010  node  [2001:db8::80]:80 > [2001:db8:1:d550::1234]:1000  tcp SYN ACK seq=2718281828 ack=3141592654 ttl=60
      +0.001  pod   [2001:db8::80]:80 > [fd01:203:405:1::1234]:1000  " ttl=59
      1.000   pod   [fd01:203:405:1::1234]:1001 > [2001:db8::53]:53  udp dns=7/example.com
      +0.001  node  [2001:db8:1:d550::1234]:1001 > [2001:db8::53]:53  " ttl=63
      2.000   pod   fd01:203:405:1::1234 > 2001:db8::80  icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.001  node  2001:db8:1:d550::1234 > 2001:db8::80  " ttl=63
      4.000   pod   [fd01:203:405:1::1234]:1002 > [2001:db8::80]:80  tcp SYN seq=1732050807 ts=900004005
      +0.001  node  [2001:db8:1:d550::1234]:1002 > [2001:db8::80]:80  " ttl=63`);
    expect(report.journeys.map((j) => j.changes.map((c) => [c.kind, c.portChanged]))).toEqual(
      [1, 2, 3, 4].map(() => [['snat', false]]),
    );
  });
});
