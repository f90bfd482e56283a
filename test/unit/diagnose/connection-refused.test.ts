import { describe, expect, it } from 'vitest';
import { openScene } from '../../support/scene-session.ts';

const points = `
point pod: pod1-veth.pcap
point node: node-eth0.pcap
`;

const refusedFrom = (port: number, at: number): string => `
${at}  pod   10.42.3.21:${port} > 198.51.100.10:81  tcp SYN seq=${port}00
+0.001  node  10.42.1.17:${port + 20000} > 198.51.100.10:81  " ttl=63
+0.001  node  198.51.100.10:81 > 10.42.1.17:${port + 20000}  tcp RST ACK seq=0 ack=${port}01 ttl=60
+0.001  pod   198.51.100.10:81 > 10.42.3.21:${port}  " ttl=59
`;

describe('a refused connection', () => {
  it('is a note with the reset as its proof, at the point nearest to its sender', () => {
    const { report } = openScene(points + refusedFrom(1000, 0));
    expect(report.findings).toEqual([
      expect.objectContaining({ code: 'connection-refused', severity: 'note', journeys: ['j1'], at: 'p1', to: null }),
    ]);
    expect(report.findings[0]!.proof).toEqual([
      { journey: 'j1', point: 'p0', time: '2023-11-14T22:13:20.003000000Z', what: 'a reset answers the SYN' },
    ]);
    expect(report.journeys[0]!.findings).toEqual(['connection-refused']);
  });

  it('is a warning where a destination refuses several and serves none', () => {
    const { report } = openScene(points + [1000, 1001, 1002].map((port, i) => refusedFrom(port, i)).join(''));
    expect(report.findings.map(({ code, severity, title }) => ({ code, severity, title }))).toEqual([
      { code: 'connection-refused', severity: 'warning', title: 'tcp 198.51.100.10:81 refused 3 connections' },
    ]);
  });

  it('is none where the connection was served and then reset', () => {
    const { report } = openScene(`${points}
0.000   pod   10.42.3.21:1000 > 198.51.100.10:81  tcp SYN seq=100
+0.001  pod   198.51.100.10:81 > 10.42.3.21:1000  tcp SYN ACK seq=900 ack=101
+0.001  pod   10.42.3.21:1000 > 198.51.100.10:81  tcp ACK seq=101 ack=901
+0.001  pod   198.51.100.10:81 > 10.42.3.21:1000  tcp RST ACK seq=901 ack=101
`);
    expect(report.findings.filter(({ code }) => code === 'connection-refused')).toEqual([]);
  });
});
