import { describe, expect, it } from 'vitest';
import { type Connection, POINTS, back, codesOf, findingsOf, out, served } from './lines.ts';

const TWO_PODS = `${POINTS}point pod2: pod2-veth.pcap\n`;
const WINDOW = '\n0 pod noise\n0 node noise\n30 pod noise\n30 node noise';

/** The first SYN dies in the node, its retry passes. */
function raced(c: Connection): string {
  const seq = c.port * 1000 + 7;
  return (
    out(c, c.at, `tcp SYN seq=${seq}`, true) +
    out(c, c.at + 1, `tcp SYN seq=${seq}`) +
    back(c, c.at + 1.01, `tcp SYN ACK seq=9 ack=${seq + 1}`) +
    out(c, c.at + 1.02, `tcp ACK seq=${seq + 1} ack=10`)
  );
}

describe('packets lost between two points', () => {
  it('are a note where the sender made them good', () => {
    expect(findingsOf(POINTS + WINDOW + served({ at: 1, port: 1000 }) + raced({ at: 2, port: 1001 }))).toMatchObject([
      { code: 'packet-loss', severity: 'note', title: '1 of 6 packets lost on the way out', at: 'p0', to: 'p1' },
    ]);
  });

  it('are a warning where nobody saw their bytes again', () => {
    const c = { at: 1, port: 1000 };
    const scene = POINTS + WINDOW + served(c) + out(c, 2, 'tcp PSH ACK seq=1000101 ack=1500201 len=50', true);
    expect(findingsOf(scene)).toMatchObject([{ code: 'packet-loss', severity: 'warning' }]);
  });
});

describe('a race for a source port', () => {
  const winner = { at: 2, port: 1001, outer: 1001, pod: '10.42.3.22', point: 'pod2' };
  const loser = { at: 2.001, port: 1001, outer: 51_000 };

  it('is told by two pods with one port, at once, of which one lost its first SYN', () => {
    const [first] = findingsOf(`${TWO_PODS}${WINDOW}\n0 pod2 noise\n30 pod2 noise${served(winner)}${raced(loser)}`);
    expect(first).toMatchObject({ code: 'snat-port-race', severity: 'error', certainty: 'probable', to: 'p1' });
    expect(first!.journeys).toHaveLength(2);
  });

  it('is not said of other ports, which do not clash', () => {
    const scene = `${TWO_PODS}${WINDOW}\n0 pod2 noise\n30 pod2 noise${served({ ...winner, port: 1002 })}${raced(loser)}`;
    expect(codesOf(scene)).toEqual(['note packet-loss']);
  });

  it('is not said where the rule draws ports fully at random', () => {
    const scene = `${TWO_PODS}${WINDOW}\n0 pod2 noise\n30 pod2 noise${served(winner)}${raced(loser)}`;
    const beside = { 'node.iptables': '*nat\n-A POSTROUTING -j SNAT --to-source 10.42.1.17 --random-fully\nCOMMIT\n' };
    expect(codesOf(scene, { beside })).toEqual(['note packet-loss']);
  });
});

describe('a path too narrow for full packets', () => {
  const c = { at: 1, port: 1000 };
  const large = (at: number, lost: boolean): string => out(c, at, 'tcp PSH ACK seq=1000101 ack=1500201 len=1400', lost);
  const small = (at: number): string => out(c, at, 'tcp ACK seq=1000101 ack=1500201');

  it('is told by large packets that die again and again while small ones pass', () => {
    const scene = POINTS + WINDOW + served(c) + [2, 3, 5, 9].map((at) => large(at, true)).join('') + small(10);
    expect(findingsOf(scene)).toMatchObject([
      {
        code: 'mtu-black-hole',
        severity: 'error',
        title: 'Packets of 1454 bytes and more die on the way out, and nobody is told',
      },
    ]);
  });

  it('is not said where one of that size passed', () => {
    const other = { at: 4, port: 1001 };
    const passed = served(other) + out(other, 5.5, 'tcp PSH ACK seq=1001101 ack=1501201 len=1400');
    const scene = POINTS + WINDOW + served(c) + [2, 3, 5, 9].map((at) => large(at, true)).join('') + passed;
    expect(codesOf(scene)).toEqual(['warning packet-loss']);
  });

  it('is not said where ICMP told the sender', () => {
    const told = '\n2.5 pod 10.42.1.17 > 10.42.3.21 icmp 3/4 quotes 10.42.3.21:1000 > 198.51.100.10:80 tcp';
    const scene = POINTS + WINDOW + served(c) + [2, 3, 5, 9].map((at) => large(at, true)).join('') + told;
    expect(codesOf(scene)).not.toContain('error mtu-black-hole');
  });
});
