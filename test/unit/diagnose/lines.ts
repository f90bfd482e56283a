// Scenes for findings: a pod behind a node that translates, and a server beyond; connections as lines of the scene language.
import type { Finding } from '../../../src/core/report/model.ts';
import { openScene, type SceneExtras } from '../../support/scene-session.ts';

export const POINTS = `
point pod: pod1-veth.pcap
point node: node-eth0.pcap
`;

export interface Connection {
  readonly at: number;
  readonly port: number;
  readonly outer?: number;
  readonly to?: string;
  readonly pod?: string;
  readonly point?: string;
}

const names = ({
  port,
  outer = port + 20_000,
  to = '198.51.100.10:80',
  pod = '10.42.3.21',
  point = 'pod',
}: Connection) => ({
  inner: `${pod}:${port}`,
  outer: `10.42.1.17:${outer}`,
  to,
  point,
  seq: port * 1000,
});

/** One packet out, and the same behind the node unless `lost`. */
export function out(c: Connection, at: number, what: string, lost = false): string {
  const { inner, outer, to, point } = names(c);
  const behind = lost ? '' : `\n${(at + 0.0002).toFixed(4)} node ${outer} > ${to} " ttl=63`;
  return `\n${at.toFixed(4)} ${point} ${inner} > ${to} ${what}${behind}`;
}

/** One packet back, seen behind the node and then before it. */
export function back(c: Connection, at: number, what: string): string {
  const { inner, outer, to, point } = names(c);
  return `\n${at.toFixed(4)} node ${to} > ${outer} ${what}\n${(at + 0.0002).toFixed(4)} ${point} ${to} > ${inner} " ttl=63`;
}

/** A handshake and one request with its answer, 30 ms in all. */
export function served(c: Connection): string {
  const { seq } = names(c);
  return (
    out(c, c.at, `tcp SYN seq=${seq}`) +
    back(c, c.at + 0.01, `tcp SYN ACK seq=${seq + 500_000} ack=${seq + 1}`) +
    out(c, c.at + 0.011, `tcp ACK seq=${seq + 1} ack=${seq + 500_001}`) +
    out(c, c.at + 0.012, `tcp PSH ACK seq=${seq + 1} ack=${seq + 500_001} len=100`) +
    back(c, c.at + 0.03, `tcp PSH ACK seq=${seq + 500_001} ack=${seq + 101} len=200`)
  );
}

/** SYNs at 0, 1 and 3 s, each seen before the node only, or behind it too; none is answered. */
export function unanswered(c: Connection, passes: boolean): string {
  const { seq } = names(c);
  return [0, 1, 3].map((after) => out(c, c.at + after, `tcp SYN seq=${seq}`, !passes)).join('');
}

export function findingsOf(scene: string, extras?: SceneExtras): readonly Finding[] {
  return openScene(scene, extras).report.findings;
}

export function codesOf(scene: string, extras?: SceneExtras): readonly string[] {
  return findingsOf(scene, extras).map(({ severity, code }) => `${severity} ${code}`);
}
