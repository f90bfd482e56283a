import { describe, expect, it } from 'vitest';
import type { Detector } from '../../../src/core/diagnose/detector.ts';
import { DETECTORS, diagnose } from '../../../src/core/diagnose/diagnose.ts';
import type { Finding } from '../../../src/core/diagnose/finding.ts';
import { Corpus } from '../../../src/core/correlate/corpus.ts';
import { correlate } from '../../../src/core/correlate/journeys.ts';
import { ReportSource } from '../../../src/core/report/build.ts';
import { drawScene, parseScene, readTables } from '../../support/scene.ts';

const finding = (severity: Finding['severity'], journeys: readonly number[]): Finding => ({
  severity,
  certainty: 'certain',
  title: '',
  explain: '',
  at: null,
  to: null,
  journeys,
  proof: [],
  next: [],
});

/** Two journeys of one packet at one point. */
const scene = parseScene(`
point pod: pod1-veth.pcap
0.0  pod  10.42.3.21:1000 > 198.51.100.10:80  udp data=one
0.1  pod  10.42.3.21:1001 > 198.51.100.10:80  udp data=two
`);
const corpus = new Corpus(drawScene(scene).map(({ file, bytes }) => ({ file, tables: readTables(bytes) })));
const correlation = correlate(corpus, { rank: () => 0, order: null }, []);
const source = new ReportSource(correlation, [{ role: 'pod-veth', roleSource: 'name', host: null }], []);

/** Finds the given journeys, but for those that others account for. */
const finds = (
  code: string,
  severity: Finding['severity'],
  journeys: readonly number[],
  explains: readonly string[] = [],
): Detector => ({
  code,
  explains,
  start: () => ({
    conclude: (isExplained) => {
      const left = journeys.filter((journey) => !isExplained(journey));
      return left.length === 0 ? [] : [finding(severity, left)];
    },
  }),
});

describe('diagnose', () => {
  it('shows each journey once to each detector, in order', () => {
    const seen: number[] = [];
    const watching: Detector = {
      code: 'watching',
      start: () => ({ look: (facts) => void seen.push(facts.number), conclude: () => [] }),
    };
    diagnose(source, [watching]);
    expect(seen).toEqual([0, 1]);
  });

  it('puts the gravest first, then the more specific, then the one with more journeys', () => {
    const { findings } = diagnose(source, [
      finds('remark', 'note', [0, 1]),
      finds('cause', 'error', [0]),
      finds('symptom', 'error', [0, 1]),
      finds('slow', 'warning', [1]),
    ]);
    expect(findings.map(({ code }) => code)).toEqual(['cause', 'symptom', 'slow', 'remark']);
  });

  it('leaves out of a general finding what a specific one accounts for', () => {
    const { findings, byJourney } = diagnose(source, [
      finds('cause', 'error', [0], ['symptom']),
      finds('symptom', 'warning', [0, 1]),
    ]);
    expect(findings.map(({ code, journeys }) => [code, journeys])).toEqual([
      ['cause', [0]],
      ['symptom', [1]],
    ]);
    expect([...byJourney]).toEqual([
      [0, ['cause']],
      [1, ['symptom']],
    ]);
  });
});

describe('the detectors', () => {
  it('have codes of their own, and explain codes that stand behind them', () => {
    const codes = DETECTORS.map(({ code }) => code);
    expect(new Set(codes).size).toBe(codes.length);
    for (const [rank, { explains = [] }] of DETECTORS.entries()) {
      for (const code of explains) expect(codes.indexOf(code), code).toBeGreaterThan(rank);
    }
  });
});
