// Inputs of the path map from few words: roles in path order, and the source as seen at each.
import type { Change, Journey, Leg, Point, Role } from '../../../src/core/report/model.ts';
import type { GapSummary } from '../../../src/core/report/views.ts';
import type { PathMapInput } from '../../../src/core/scene/path-map.ts';

export interface Seen {
  readonly role: Role;
  readonly src: string;
  readonly sport: number;
}

export function pointOf(id: string, role: Role): Point {
  return {
    id,
    name: role === 'other' ? 'wan0' : role.replace('-', ' ').replace('nat', 'NAT'),
    file: `${role}.pcap`,
    interface: role === 'other' ? 'wan0' : null,
    role,
    roleSource: 'name',
    host: null,
    linkType: 'EN10MB',
    packets: 100,
    bytes: 10_000,
    first: '2026-01-01T00:00:00.000000000Z',
    last: '2026-01-01T00:00:01.000000000Z',
    clock: null,
    issues: [],
  };
}

export function gapOf(from: string, to: string, before: Seen, after: Seen, journeys = 118): GapSummary {
  const changed = before.src !== after.src || before.sport !== after.sport;
  return {
    from,
    to,
    journeys: journeys + 4,
    kinds: changed
      ? [
          { kind: 'snat', count: journeys },
          { kind: 'none', count: 4 },
        ]
      : [{ kind: 'none', count: journeys + 4 }],
    portChanged: before.sport === after.sport ? 0 : journeys,
    sources: [{ before: before.src, after: after.src, count: journeys }],
    rule: changed ? '-A AWS-SNAT-CHAIN-0 -j SNAT --to-source 10.42.1.17 --random-fully' : null,
  };
}

const SERVER = { v4: '198.51.100.44', v6: '2001:db8:ffff:eeee:dddd:cccc:bbbb:aaa1' };

export function legOf(point: string, seen: Seen, answered = true): Leg {
  return {
    point,
    src: seen.src,
    sport: seen.sport,
    dst: seen.src.includes(':') ? SERVER.v6 : SERVER.v4,
    dport: 443,
    icmpId: null,
    packets: [9, answered ? 8 : 0],
    bytes: [900, answered ? 800 : 0],
    first: '2026-01-01T00:00:00.000000000Z',
    last: '2026-01-01T00:00:01.000000000Z',
  };
}

export function changeOf(from: Leg, to: Leg): Change {
  const changed = from.src !== to.src || from.sport !== to.sport;
  return {
    from: from.point,
    to: to.point,
    confidence: 'strong',
    source: 'packets',
    kind: changed ? 'snat' : 'none',
    portChanged: from.sport !== to.sport,
    src: [`${from.src}:${String(from.sport)}`, `${to.src}:${String(to.sport)}`],
    dst: [`${from.dst}:443`, `${to.dst}:443`],
    conntrack: changed ? `tcp 6 src=${from.src} dst=${from.dst}` : null,
    conntrackSource: changed ? 'dump' : null,
    rule: changed ? '-A AWS-SNAT-CHAIN-0 -j SNAT --random-fully' : null,
    ruleDetails: [],
    evidence: [{ kind: 'isn', count: 2 }],
    passed: [9, 8],
    lost: [0, 0],
    born: [0, 0],
    delayNs: { out: null, back: null },
  };
}

/** A session of one path; `journey` is the one connection that was seen as listed. */
export function sceneOf(
  seen: readonly Seen[],
  unseen: readonly Role[] = [],
): { input: PathMapInput; journey: Journey } {
  const roles = [...seen.map((s) => s.role), ...unseen];
  const ids = roles.map((_, i) => `p${i}`);
  const legs = seen.map((s, i) => legOf(ids[i]!, s));
  const journey: Journey = {
    id: 'j1',
    proto: 'tcp',
    direction: 'known',
    confidence: 'strong',
    legs,
    changes: legs.slice(1).map((leg, i) => changeOf(legs[i]!, leg)),
    candidates: [],
    findings: [],
    durationNs: 1e9,
    rttNs: 1e6,
    notSeenAt: ids.slice(seen.length),
    metadata: [],
    related: [],
  };
  return {
    journey,
    input: {
      points: roles.map((role, i) => pointOf(ids[i]!, role)),
      paths: [ids],
      gaps: seen.slice(1).map((after, i) => gapOf(ids[i]!, ids[i + 1]!, seen[i]!, after)),
      journey: null,
    },
  };
}

const V4: readonly Seen[] = [
  { role: 'pod-veth', src: '10.142.103.121', sport: 51602 },
  { role: 'node-eth0', src: '10.142.101.117', sport: 36492 },
  { role: 'nat-inside', src: '10.142.101.117', sport: 36492 },
  { role: 'nat-outside', src: '10.142.100.199', sport: 12507 },
  { role: 'other', src: '10.142.100.199', sport: 12507 },
  { role: 'internet', src: '203.0.113.177', sport: 12507 },
];

/** Two to six of the usual points, addresses of the family at their longest. */
export function longScene(family: 'v4' | 'v6', count: number): { input: PathMapInput; journey: Journey } {
  const long = (src: string): string =>
    family === 'v4'
      ? src
      : `2001:db8:1111:2222:3333:4444:${src
          .split('.')
          .slice(2)
          .map((n) => n.padStart(4, '5'))
          .join(':')}`;
  const order = [0, 1, 3, 5, 2, 4].slice(0, count).sort((a, b) => a - b);
  return sceneOf(order.map((i) => ({ ...V4[i]!, src: long(V4[i]!.src) })));
}
