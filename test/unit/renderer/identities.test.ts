import { describe, expect, it } from 'vitest';
import type { SessionSummary } from '../../../src/core/report/views.ts';
import { Identities } from '../../../src/renderer/state/identities.ts';
import { changeOf, gapOf, legOf, pointOf, sceneOf, type Seen } from '../scene/path-scene.ts';

const POD: Seen = { role: 'pod-veth', src: '10.42.3.21', sport: 51602 };
const NODE: Seen = { role: 'node-eth0', src: '10.42.1.17', sport: 36492 };

function sessionOf(summary: Pick<SessionSummary, 'points' | 'gaps'>): SessionSummary {
  return {
    title: '',
    paths: [],
    journeys: 0,
    byConfidence: { exact: 0, strong: 0, probable: 0, ambiguous: 0, single: 0 },
    findings: [],
    inputs: [],
    sideFiles: [],
    canUndo: false,
    elapsedMs: 0,
    ...summary,
  };
}

describe('identities', () => {
  it('take the hue of the first place on the path, whatever is read first', () => {
    const { journey, input } = sceneOf([POD, NODE]);
    const identities = new Identities();
    // One connection that kept its address to the node, read before the one that did not.
    const kept = { ...journey, legs: [legOf('p1', { ...POD, role: 'node-eth0' })] };
    identities.learnJourneys([kept, journey], input.points);
    expect([POD.src, NODE.src].map((address) => identities.hueOf(address))).toEqual(['pod', 'node']);
  });

  it('know a node by its translation even where a pod sees it', () => {
    const points = [pointOf('a', 'pod-veth'), pointOf('b', 'pod-veth')];
    const identities = new Identities();
    identities.learnSession(sessionOf({ points, gaps: [gapOf('a', 'b', POD, NODE)] }));
    expect(identities.hueOf(NODE.src)).toBe('node');
    const legs = [legOf('a', POD), legOf('b', NODE)];
    const fresh = new Identities();
    fresh.learnJourneys([{ ...sceneOf([POD]).journey, legs, changes: [changeOf(legs[0]!, legs[1]!)] }], points);
    expect(fresh.hueOf(NODE.src)).toBe('node');
  });

  it('never change while the session is open', () => {
    const { journey, input } = sceneOf([{ ...NODE, role: 'nat-outside' }]);
    const identities = new Identities();
    identities.learnJourneys([journey], input.points);
    identities.learnJourneys([sceneOf([NODE]).journey], sceneOf([NODE]).input.points);
    expect(identities.hueOf(NODE.src)).toBe('nat');
  });

  it('tell the two sides of a box apart at points of no usual place', () => {
    const points = [pointOf('x', 'other'), pointOf('y', 'internet'), pointOf('z', 'internet')];
    const client: Seen = { role: 'other', src: '100.0.0.1', sport: 1 };
    const balanced: Seen = { role: 'internet', src: '100.0.0.45', sport: 1 };
    const legs = [legOf('x', client), legOf('y', client), legOf('z', balanced)];
    const identities = new Identities();
    identities.learnJourneys([{ ...sceneOf([POD]).journey, legs }], points);
    expect(identities.hueOf(client.src)).toBe('other1');
    expect(identities.hueOf(balanced.src)).toBe('public');
  });

  it('share further hues among points of no usual place', () => {
    const points = ['x', 'y'].map((id) => pointOf(id, 'other'));
    const identities = new Identities();
    const [first, second] = [legOf('x', { ...POD, role: 'other' }), legOf('y', { ...NODE, role: 'other' })];
    identities.learnJourneys([{ ...sceneOf([POD]).journey, legs: [first, second] }], points);
    expect(identities.hueOf(POD.src)).not.toBe(identities.hueOf(NODE.src));
  });
});
