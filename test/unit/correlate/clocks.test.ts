// How far two clocks stand apart: within the stated uncertainty, always.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ClockSamples } from '../../../src/core/correlate/clocks.ts';
import { openScene } from '../../support/scene-session.ts';

describe('the offset of a clock', () => {
  it('lies within the uncertainty, whatever the delays, the order and the asymmetry', () => {
    const delays = fc.array(fc.integer({ min: 1000, max: 200_000_000 }), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(
        fc.integer({ min: -100_000_000_000_000, max: 100_000_000_000_000 }),
        delays,
        delays,
        fc.boolean(),
        (offset, outDelays, backDelays, secondIsNearer) => {
          const sign = secondIsNearer ? -1 : 1;
          const samples = new ClockSamples();
          samples.add(
            outDelays.map((d) => offset + sign * d),
            backDelays.map((d) => offset - sign * d),
          );
          const relation = samples.relation()!;
          expect(Math.abs(relation.offset - offset)).toBeLessThanOrEqual(relation.uncertainty);
          expect(relation.order).toBe(sign);
        },
      ),
      { seed: 1, numRuns: 500 },
    );
  });

  it('is as sharp as the quickest packets: half their round trip', () => {
    const samples = new ClockSamples();
    samples.add([5_000_000, 900_000], [-4_000_000, -700_000]);
    expect(samples.relation()).toMatchObject({ offset: 100_000, uncertainty: 800_000 });
  });

  it('with packets of one direction only, the delay is allowed for', () => {
    const samples = new ClockSamples();
    samples.add([86_400_030_000_000, 86_400_050_000_000], []);
    const relation = samples.relation()!;
    expect(Math.abs(relation.offset - 86_400_000_000_000)).toBeLessThanOrEqual(relation.uncertainty);
    expect(relation.order).toBe(0);
  });

  it('is not known without packets in common', () => {
    expect(new ClockSamples().relation()).toBeNull();
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
