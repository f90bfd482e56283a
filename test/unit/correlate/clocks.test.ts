// How far two clocks stand apart: within the stated uncertainty, always.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

describe('the offset of a clock', () => {
  it('lies within the uncertainty, whatever the delays and the asymmetry, and is no vaguer than the quickest round trip', () => {
    const delay = fc.integer({ min: 1, max: 150_000 });
    const scene = fc.record({
      offset: fc.integer({ min: -100_000_000, max: 100_000_000 }),
      delays: fc.array(fc.tuple(delay, delay), { minLength: 1, maxLength: 8 }),
      nodeFirst: fc.boolean(),
    });
    fc.assert(
      fc.property(scene, ({ offset, delays, nodeFirst }) => {
        // Microseconds throughout.
        const lines = delays.map(([out, back], i) => {
          const isn = 1_000_003 * (i + 1);
          return `
            ${i + 1}        pod   10.42.3.21:${1000 + i} > 198.51.100.10:80  tcp SYN seq=${isn} ts=5
            +${out / 1e6}   node  10.42.1.17:${2000 + i} > 198.51.100.10:80  " ttl=63
            +0.010000       node  198.51.100.10:80 > 10.42.1.17:${2000 + i}  tcp SYN ACK seq=${isn * 3} ack=${isn + 1} ttl=60
            +${back / 1e6}  pod   198.51.100.10:80 > 10.42.3.21:${1000 + i}  " ttl=59`.replaceAll(/\d+e-\d+/g, (n) =>
            Number(n).toFixed(6),
          );
        });
        const points = ['point pod: pod-veth.pcap', `point node: node-eth0.pcap clock=${offset / 1000}`];
        if (nodeFirst) points.reverse();
        const { report } = openScene([...points, ...lines].join('\n'));
        const { clock } = report.points[1]!;
        const told = clock!.offsetNs * (nodeFirst ? -1 : 1);
        expect(Math.abs(told - offset * 1e6)).toBeLessThanOrEqual(clock!.uncertaintyNs);
        const quickest = Math.min(...delays.map(([out]) => out)) + Math.min(...delays.map(([, back]) => back));
        expect(clock!.uncertaintyNs).toBeLessThanOrEqual(quickest * 500 + 10_000);
      }),
      { seed: 1, numRuns: 150 },
    );
  });

  it('with packets of one direction only, the delay is allowed for', () => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point node: node-eth0.pcap clock=86400
      0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.040  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63`);
    const { clock } = report.points[1]!;
    expect(Math.abs(clock!.offsetNs - 86_400e9)).toBeLessThanOrEqual(clock!.uncertaintyNs);
  });
});

function connection(i: number, away: number): string {
  const isn = 1_000_003 * (i + 1);
  return `
    ${i}          pod   10.42.3.21:${1000 + i} > 198.51.100.10:80  tcp SYN seq=${isn} ts=5
    +${away}      node  10.42.1.17:${2000 + i} > 198.51.100.10:80  " ttl=63
    +0.010        node  198.51.100.10:80 > 10.42.1.17:${2000 + i}  tcp SYN ACK seq=${isn * 3} ack=${isn + 1} ttl=60
    +${away / 2}  pod   198.51.100.10:80 > 10.42.3.21:${1000 + i}  " ttl=59`;
}

describe('clocks of points', () => {
  it.each([0, 0.25, -3, 5958.961459, 86_400, -86_400])('an offset of %d s is found and said', (offset) => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point node: node-eth0.pcap clock=${offset}
      ${[0, 1, 2, 3].map((i) => connection(i, 0.0001 * (i + 1))).join('')}`);
    const { clock } = report.points[1]!;
    expect(Math.abs(clock!.offsetNs - offset * 1e9)).toBeLessThanOrEqual(clock!.uncertaintyNs);
    expect(clock!.uncertaintyNs).toBeLessThan(200_000);
    // Delays are told corrected: within the uncertainty of the true ones, and never that of a day.
    for (const { changes } of report.journeys) {
      expect(Math.abs(changes[0]!.delayNs.out![0])).toBeLessThan(1_000_000);
    }
  });

  it('is null where nothing relates a point to the first', () => {
    const { report } = openScene(`
      point pod: pod-veth.pcap
      point node: node-eth0.pcap
      0  pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      0  node  10.42.1.17:2000 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=5`);
    expect(report.points.map((p) => p.clock)).toEqual([{ offsetNs: 0, skewPpm: 0, uncertaintyNs: 0 }, null]);
  });

  it('adds up along points that share no packets with the first', () => {
    const { report } = openScene(`
      point a: a.pcap
      point b: b.pcap clock=10
      point c: c.pcap clock=-20
      0.0000   a  10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
      +0.0001  b  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
      +0.0100  b  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
      +0.0001  a  198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
      1.0000   b  10.42.1.17:2001 > 198.51.100.10:80  tcp SYN seq=2222222222 ts=5 ttl=63
      +0.0001  c  203.0.113.7:3001 > 198.51.100.10:80  " ttl=62
      +0.0100  c  198.51.100.10:80 > 203.0.113.7:3001  tcp SYN ACK seq=77900 ack=2222222223 ttl=61
      +0.0001  b  198.51.100.10:80 > 10.42.1.17:2001  " ttl=60`);
    const [, b, c] = report.points.map((p) => p.clock!);
    expect(Math.abs(b!.offsetNs - 10e9)).toBeLessThanOrEqual(b!.uncertaintyNs);
    expect(Math.abs(c!.offsetNs + 20e9)).toBeLessThanOrEqual(c!.uncertaintyNs);
    expect(c!.uncertaintyNs).toBeGreaterThanOrEqual(b!.uncertaintyNs);
  });
});
