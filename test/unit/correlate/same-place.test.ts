// Captures of one place: the same one given twice, two of one interface, both sides of a box in one file.
import { describe, expect, it } from 'vitest';
import { openCaptures, openScene } from '../../support/scene-session.ts';
import { drawScene, parseScene } from '../../support/scene.ts';

const POINTS = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap`;
const CONNECTIONS = [1, 2, 3]
  .map(
    (i) => `
  ${i}.000   pod   10.42.3.21:100${i} > 198.51.100.10:80  tcp SYN seq=${i}11111111 ts=5
  +0.001     node  10.42.1.17:200${i} > 198.51.100.10:80  " ttl=63
  +0.010     node  198.51.100.10:80 > 10.42.1.17:200${i}  tcp SYN ACK seq=${i}22222222 ack=${i}11111112 ttl=60
  +0.001     pod   198.51.100.10:80 > 10.42.3.21:100${i}  " ttl=59
  +0.010     pod   10.42.3.21:500${i} > 192.0.2.53:53     udp dns=47${i}/api.example.net
  +0.001     node  10.42.1.17:600${i} > 192.0.2.53:53     " ttl=63`,
  )
  .join('');

describe('the same capture twice', () => {
  const [pod, node] = drawScene(parseScene(POINTS + CONNECTIONS));
  const { report, journeys } = openCaptures([pod!, node!, { ...node!, file: 'copy.pcap' }]);

  it('is said of the second', () => {
    expect(report.points.map((p) => p.issues.map(({ code, count, message }) => [code, count, message]))).toEqual([
      [],
      [],
      [['given-twice', 9, 'These are the packets of node-eth0.pcap once more: one of the two files is enough.']],
    ]);
  });

  it('ties its legs with those of the first, and claims no translation between the two', () => {
    expect(journeys).toHaveLength(6);
    for (const { legs, changes } of report.journeys) {
      expect(legs.map((leg) => leg.point)).toEqual(['p0', 'p1', 'p2']);
      expect(changes.map((change) => change.kind)).toEqual(['snat', 'none']);
    }
  });
});

describe('two captures of one interface that overlap in time', () => {
  it('show its connections at both, untranslated between them', () => {
    const { report } = openScene(`${POINTS}
      point later: node-eth0.1.pcap${CONNECTIONS}
      2.001001   later  10.42.1.17:2002 > 198.51.100.10:80  tcp SYN seq=211111111 ts=5 ttl=63
      2.011001   later  198.51.100.10:80 > 10.42.1.17:2002  tcp SYN ACK seq=222222222 ack=211111112 ttl=60`);
    const own = report.journeys.find((j) => j.legs.some((leg) => leg.point === 'p2'))!;
    expect(own.legs.map((leg) => [leg.point, leg.src])).toEqual([
      ['p0', '10.42.3.21'],
      ['p1', '10.42.1.17'],
      ['p2', '10.42.1.17'],
    ]);
  });
});

describe('both sides of a router in one file', () => {
  const both = (at: number, inner: string, outer: string, what: string, back: string): string => `
      ${at}    router  ${inner} > 198.51.100.10:80  ${what}
      +0.0001  router  ${outer} > 198.51.100.10:80  " ttl=63
      +0.010   router  198.51.100.10:80 > ${outer}  ${back} ttl=60
      +0.0001  router  198.51.100.10:80 > ${inner}  " ttl=59`;

  it('a connection that changed its outer port', () => {
    const { journeys, report } = openScene(`
      point router: router.pcap
      ${both(1, '10.0.0.5:1000', '203.0.113.7:2000', 'tcp SYN seq=111111111 ts=5', 'tcp SYN ACK seq=222222222 ack=111111112')}
      ${both(2, '10.0.0.5:1000', '203.0.113.7:2000', 'tcp PSH ACK seq=111111112 ack=222222223 len=50', 'tcp ACK seq=222222223 ack=111111162')}
      ${both(90, '10.0.0.5:1000', '203.0.113.7:2900', 'tcp PSH ACK seq=111111162 ack=222222223 len=50', 'tcp RST seq=222222223')}`);
    expect(journeys).toEqual([
      'tcp strong: router 10.0.0.5:1000 > 198.51.100.10:80 | router 203.0.113.7:2000 > 198.51.100.10:80',
      'tcp strong: router 10.0.0.5:1000 > 198.51.100.10:80 | router 203.0.113.7:2900 > 198.51.100.10:80',
    ]);
    for (const { changes } of report.journeys)
      expect(changes[0]).toMatchObject({ kind: 'snat', lost: [0, 0], born: [0, 0] });
  });

  it('datagrams, and one outer port for two in turn', () => {
    const { journeys } = openScene(`
      point router: router.pcap
      ${both(1, '10.0.0.5:1000', '203.0.113.7:2000', 'tcp SYN seq=111111111 ts=5', 'tcp SYN ACK seq=222222222 ack=111111112')}
      ${both(2, '10.0.0.5:5000', '203.0.113.7:6000', 'udp data=first-question', 'udp data=first-answer')}
      ${both(3, '10.0.0.5:5000', '203.0.113.7:6000', 'udp data=second-question', 'udp data=second-answer')}
      ${both(99, '10.0.0.6:5000', '203.0.113.7:6000', 'udp data=third-question', 'udp data=third-answer')}`);
    expect(journeys.slice(1)).toEqual([
      'udp strong?: router 10.0.0.5:5000 > 198.51.100.10:80 | router 203.0.113.7:6000 > 198.51.100.10:80',
      'udp strong?: router 10.0.0.6:5000 > 198.51.100.10:80 | router 203.0.113.7:6000 > 198.51.100.10:80',
    ]);
  });
});

describe('captures of other things', () => {
  it('with the same addresses, ports and names at another time tie nothing', () => {
    const again = (day: number): string => drawText(day * 86_400, day === 0 ? 'pod' : 'node', day === 0 ? 1 : 3);
    const { report } = openScene(POINTS + again(0) + again(1));
    expect(report.journeys.map((j) => j.confidence)).toEqual(new Array<string>(24).fill('single'));
  });
});

/** Six TCP connections and six DNS queries a second apart, all alike but for the numbers that are drawn. */
function drawText(start: number, point: string, draw: number): string {
  return Array.from({ length: 6 }, (_, i) => {
    const at = start + i;
    // Squared: no box shifts all of them by one number.
    const drawn = (which: number): number => (draw * 7919 + i * 104_729 + which * 31) ** 2 % 0x7fff_ffff;
    return `
      ${at}.1   ${point}  10.42.3.21:100${i} > 198.51.100.10:80  tcp SYN seq=${drawn(0)} ts=${draw}5
      ${at}.2   ${point}  198.51.100.10:80 > 10.42.3.21:100${i}  tcp SYN ACK seq=${drawn(1)} ack=${drawn(0) + 1}
      ${at}.3   ${point}  10.42.3.21:500${i} > 192.0.2.53:53     udp dns=${draw}1${i}/api.example.net`;
  }).join('');
}
