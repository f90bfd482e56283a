import { describe, expect, it } from 'vitest';
import { POINTS, codesOf, findingsOf, served, unanswered } from './lines.ts';

/** Frames that keep both windows open, so that absence says something. */
const WINDOW = '\n0 pod noise\n0 node noise\n20 pod noise\n20 node noise';
const RULES = (ports: string): Record<string, string> => ({
  'node.iptables': `*nat\n-A POSTROUTING -p tcp -j SNAT --to-source 10.42.1.17:${ports}\nCOMMIT\n`,
});

const fourOpen = [0, 1, 2, 3].map((i) => served({ at: 1 + i * 0.1, port: 1000 + i, outer: 40_000 + i })).join('');
const twoStuck = [0, 1].map((i) => unanswered({ at: 5 + i, port: 2000 + i }, false)).join('');
const elsewhere = served({ at: 6, port: 3000, outer: 40_001, to: '198.51.100.20:443' });

describe('no source port left', () => {
  it('is certain where the rule tells the range, and names the destination', () => {
    const scene = POINTS + WINDOW + fourOpen + twoStuck + elsewhere;
    const [first] = findingsOf(scene, { beside: RULES('40000-40003') });
    expect(first).toMatchObject({
      code: 'snat-ports-exhausted',
      severity: 'error',
      certainty: 'certain',
      title: 'No source port left for tcp 198.51.100.10:80: 2 connections not translated',
      at: 'p0',
      to: 'p1',
    });
    expect(first!.journeys).toHaveLength(2);
    expect(codesOf(scene, { beside: RULES('40000-40003') })).not.toContain('warning syn-unanswered');
  });

  it('is probable without the rule', () => {
    expect(findingsOf(POINTS + WINDOW + fourOpen + twoStuck + elsewhere)[0]).toMatchObject({
      code: 'snat-ports-exhausted',
      certainty: 'probable',
    });
  });

  it('is not said of a range that has ports left', () => {
    expect(codesOf(POINTS + WINDOW + fourOpen + twoStuck, { beside: RULES('40000-40999') })).toEqual([
      'warning syn-unanswered',
    ]);
  });

  it('is not said of a server that does not answer: its SYNs leave the box', () => {
    const dead = [0, 1].map((i) => unanswered({ at: 5 + i, port: 2000 + i }, true)).join('');
    const findings = findingsOf(POINTS + WINDOW + fourOpen + dead, { beside: RULES('40000-40003') });
    expect(findings).toMatchObject([{ code: 'syn-unanswered', at: 'p1', to: null }]);
  });

  it('is not said where nothing to that destination ever passed', () => {
    const others = [0, 1, 2, 3].map((i) =>
      served({ at: 1, port: 1000 + i, outer: 40_000 + i, to: '198.51.100.20:443' }),
    );
    expect(findingsOf(POINTS + WINDOW + others.join('') + twoStuck)).toMatchObject([
      { code: 'syn-unanswered', at: 'p0', to: 'p1' },
    ]);
  });
});

describe('an unanswered SYN', () => {
  it('is no finding when the capture ended before a retry', () => {
    expect(codesOf(`${POINTS}\n0 pod 10.42.3.21:1000 > 198.51.100.10:80 tcp SYN seq=5`)).toEqual([]);
  });
});
