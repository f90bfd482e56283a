// One packet across points: passed, lost with proof, born on the way, or not known.
import { describe, expect, it } from 'vitest';
import { type OpenedScene, openScene } from '../../support/scene-session.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;
/** Both points were awake well before and after. */
const AWAKE = `
  0   pod  noise
  0   node noise
  60  pod  noise
  60  node noise`;

/** Packets of the first journey as `out SYN p0@0 p1@0 lost after p1`, times in seconds after the first. */
function passages({ session, report }: OpenedScene, id = report.journeys[0]!.id): string[] {
  return session
    .passages(id, 0, 500)
    .rows.map(({ direction, label, sightings, lostAfter, retransmission }) =>
      [
        direction,
        label,
        ...sightings.map(({ point, atNs }) => `${point}@${Math.abs(Math.round(atNs / 1e8)) / 10}`),
        ...(lostAfter === null ? [] : [`lost after ${lostAfter}`]),
        ...(retransmission ? ['again'] : []),
      ].join(' '),
    );
}

const HANDSHAKE = `
  1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1000 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=9000 ack=1001 ts=70/5 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
  +0.001  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp ACK seq=1001 ack=9001 ts=17/70
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`;

describe('a SYN sent three times, of which only the third passed', () => {
  const scene = (
    third: string,
    { ids = ['ipid=11', 'ipid=12', 'ipid=13'], node = 'ipid=13', stamps = true } = {},
  ): string => {
    const ts = (value: number): string => (stamps ? `ts=${value}` : '');
    return `${POINTS}${AWAKE}
      1.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1000 ${ts(5)} ${ids[0]!}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1000 ${ts(1005)} ${ids[1]!}
      4.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1000 ${ts(3005)} ${ids[2]!}
      ${third}  node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=1000 ${ts(3005)} ${node} ttl=63
      4.020   node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=9000 ack=1001 ttl=60
      4.021   pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`;
  };
  const expected = [
    'out SYN p0@0 lost after p0',
    'out SYN p0@1 lost after p0 again',
    'out SYN p0@3 p1@3 again',
    'back SYN ACK p1@3 p0@3',
  ];

  it('is told by the timestamps', () => {
    const opened = openScene(scene('4.001'));
    expect(passages(opened)).toEqual(expected);
    expect(opened.only().changes[0]).toMatchObject({ passed: [1, 1], lost: [2, 0], born: [0, 0] });
  });

  it('is told by the IP ids where there are no timestamps', () => {
    expect(passages(openScene(scene('4.001', { stamps: false })))).toEqual(expected);
  });

  it('is told by time where there are neither timestamps nor IP ids that survive', () => {
    expect(passages(openScene(scene('4.001', { stamps: false, node: 'ipid=40000' })))).toEqual(expected);
    expect(
      passages(openScene(scene('4.001', { stamps: false, ids: ['ipid=0', 'ipid=0', 'ipid=0'], node: 'ipid=0' }))),
    ).toEqual(expected);
  });

  it('is told by the timestamps though IP ids agree with another one', () => {
    expect(passages(openScene(scene('4.001', { node: 'ipid=11' })))).toEqual(expected);
  });

  it('and none of them is lost where the next point was not awake yet', () => {
    const late = scene('4.001').replace('0   node noise', '3   node noise');
    const opened = openScene(late);
    expect(opened.only().changes[0]).toMatchObject({ passed: [1, 1], lost: [0, 0] });
  });
});

describe('data', () => {
  it('a segment that was lost once and passed when sent again', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70
      2.300   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1305/70
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      2.320   node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=9001 ack=1101 ts=1390/1305 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(passages(opened).slice(3)).toEqual([
      'out PSH ACK 100 p0@1 lost after p0',
      'out PSH ACK 100 p0@1.3 p1@1.3 again',
      'back ACK p1@1.3 p0@1.3',
    ]);
  });

  it('a segment sent twice that passed twice lost nothing', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      2.300   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1305/70
      +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [4, 1], lost: [0, 0], born: [0, 0] });
  });

  it('one packet of 44,000 bytes here and 31 segments there are the same bytes: nothing lost, nothing born', () => {
    const segments = Array.from({ length: 31 }, (_, i) => {
      const length = Math.min(1460, 44_000 - i * 1460);
      return `+0.0001  node  10.42.1.17:2000 > 198.51.100.10:80  tcp ACK seq=${1001 + i * 1460} ack=9001 len=${length} ts=1005/70 ttl=63`;
    });
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=44000 ts=1005/70
      ${segments.join('\n')}`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [3, 1], lost: [0, 0], born: [0, 0] });
  });

  it('and the other way: segments merged on the way', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp ACK seq=1001 ack=9001 len=1460 ts=1005/70
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp ACK seq=2461 ack=9001 len=1460 ts=1005/70
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=3921 ack=9001 len=80 ts=1005/70
      2.001   node  10.42.1.17:2000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=3000 ts=1005/70 ttl=63`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [5, 1], lost: [0, 0], born: [0, 0] });
  });

  it('of a large packet whose last segment is missing and never acknowledged, the loss is told', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=2920 ts=1005/70
      2.001   node  10.42.1.17:2000 > 198.51.100.10:80  tcp ACK seq=1001 ack=9001 len=1460 ts=1005/70 ttl=63`);
    expect(opened.only().changes[0]!.lost).toEqual([1, 0]);
  });

  it('bytes that were acknowledged did arrive: not captured, and not lost', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70
      2.020   node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=9001 ack=1101 ts=1090/1005 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [2, 2], lost: [0, 0] });
  });

  it.each(['pod', 'node'])(
    'a packet that a capture of `any` at the %s shows twice is neither lost nor born',
    (twice) => {
      const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70
      ${twice === 'pod' ? '+0.00001 pod 10.42.3.21:1000 > 198.51.100.10:80  "' : ''}
      2.001   node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      ${twice === 'node' ? '+0.00001 node 10.42.1.17:2000 > 198.51.100.10:80  "' : ''}
      2.020   node  198.51.100.10:80 > 10.42.1.17:2000  tcp ACK seq=9001 ack=1101 ts=1090/1005 ttl=60
      +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59`);
      expect(opened.only().changes[0]).toMatchObject({ lost: [0, 0], born: [0, 0] });
    },
  );
});

describe('proof of loss', () => {
  it('a packet outside of the next capture is not lost', () => {
    const opened = openScene(`${POINTS}${HANDSHAKE}
      0       pod   noise
      60      pod   noise
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70`);
    expect(opened.only().changes[0]).toMatchObject({ lost: [0, 0] });
    expect(passages(opened).at(-1)).toBe('out PSH ACK 100 p0@1');
  });

  it('nor where clocks stand a day apart and the capture was awake by the corrected time', () => {
    const shifted = POINTS.replace('node-eth0.pcap', 'node-eth0.pcap clock=86400');
    const opened = openScene(`${shifted}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp PSH ACK seq=1001 ack=9001 len=100 ts=1005/70`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [2, 1], lost: [1, 0] });
  });

  it('an answer that reached the node and not the pod is lost on the way back', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   node  198.51.100.10:80 > 10.42.1.17:2000  tcp PSH ACK seq=9001 ack=1001 len=100 ts=1005/70 ttl=60`);
    expect(passages(opened).at(-1)).toBe('back PSH ACK 100 p1@1 lost after p1');
    expect(opened.only().changes[0]).toMatchObject({ lost: [0, 1] });
  });

  it('an invalid packet that left untranslated was not lost: the next point saw it as it was', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp RST seq=1001
      +0.001  node  10.42.3.21:1000 > 198.51.100.10:80  " ttl=63
      3.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp FIN ACK seq=1001 ack=9001`);
    const told = passages(opened).slice(-2);
    expect(told[0]).not.toContain('lost');
    expect(told[1]).toContain('lost after p0');
  });

  it('a RST that a box between sends is born there', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      2.000   pod   198.51.100.10:80 > 10.42.3.21:1000  tcp RST ACK seq=9001 ack=1001 ttl=64`);
    expect(opened.only().changes[0]).toMatchObject({ passed: [2, 1], lost: [0, 0], born: [0, 1] });
  });

  it('a connection that a point does not know is "not seen" there, and its packets are not each lost', () => {
    const { report, from } = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      5.000   pod   10.42.3.21:1001 > 198.51.100.10:80  tcp SYN seq=777000 ts=4005
      6.000   pod   10.42.3.21:1001 > 198.51.100.10:80  tcp SYN seq=777000 ts=5005`);
    expect(report.journeys).toHaveLength(2);
    expect(from('10.42.3.21:1001')).toMatchObject({ confidence: 'single', changes: [], notSeenAt: ['p1'] });
  });
});

describe('datagrams', () => {
  it('of three queries with one payload, which one was lost is told by time', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      10.000   pod   10.42.3.21:1000 > 192.0.2.53:53  udp dns=7/example.com ipid=0
      +0.001   node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63
      15.000   pod   10.42.3.21:1000 > 192.0.2.53:53  "
      20.000   pod   10.42.3.21:1000 > 192.0.2.53:53  "
      +0.001   node  10.42.1.17:2000 > 192.0.2.53:53  " ttl=63`);
    const query = opened.report.journeys.find((j) => j.proto === 'udp')!;
    expect(passages(opened, query.id)).toEqual([
      expect.stringMatching(/^out UDP \d+ p0@0 p1@0$/),
      expect.stringMatching(/^out UDP \d+ p0@5 lost after p0$/),
      expect.stringMatching(/^out UDP \d+ p0@10 p1@10$/),
    ]);
  });

  it('echoes are told by their sequence numbers', () => {
    const opened = openScene(`${POINTS}${AWAKE}${HANDSHAKE}
      1.500   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=1 data=ping-of-pod-one-
      +0.001  node  10.42.1.17 > 198.51.100.10  " id=9 ttl=63
      2.500   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=2 data=ping-of-pod-two-
      3.500   pod   10.42.3.21 > 198.51.100.10  icmp echo id=7 seq=3 data=ping-of-pod-ten-
      +0.001  node  10.42.1.17 > 198.51.100.10  " id=9 ttl=63`);
    const { id } = opened.report.journeys.find((j) => j.proto === 'icmp')!;
    expect(passages(opened, id)).toEqual([
      'out echo request 1 p0@0 p1@0',
      'out echo request 2 p0@1 lost after p0',
      'out echo request 3 p0@2 p1@2',
    ]);
  });
});
