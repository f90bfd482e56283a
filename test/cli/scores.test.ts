// The report of the command line against the truth: every sample, with and without its dumps, and captures of others.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report/model.ts';
import { snatscope } from '../support/cli.ts';
import { schemaProblems } from '../support/report-schema.ts';
import { SAMPLES, SHARED_CAPTURES, describeWithFiles } from '../support/requirements.ts';
import { type Truth, score } from '../support/score.ts';

const NAMES = ['clusterip-dnat', 'eks-external-snat', 'eks-nat-gateway', 'eks-public-subnet'];
const SCORER = path.join(SHARED_CAPTURES, '..', 'score.mjs');
const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-scores-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

function reportOf(args: readonly string[]): Report {
  const { status, stdout, stderr } = snatscope(['report', '--format', 'json', ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const report = JSON.parse(stdout) as Report;
  expect(schemaProblems(report)).toEqual([]);
  return report;
}

/** The line of figures that the scorer beside the checkout prints. */
function scored(report: Report, truth: string): Record<string, number> {
  const file = path.join(scratch, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  const { stdout } = spawnSync(process.execPath, [SCORER, file, truth], { encoding: 'utf8' });
  return Object.fromEntries([...stdout.matchAll(/(\w+) ([\d.]+)/g)].map((m) => [m[1]!, Number(m[2])]));
}

const runs = NAMES.flatMap((name) => [
  { name, how: 'with its dumps', args: [] as string[] },
  { name, how: 'without its dumps', args: ['--no-side-files'] },
]);

describe.each(runs)('sample $name $how', ({ name, args }) => {
  const folder = path.join(SAMPLES, name);
  const truthFile = path.join(folder, 'truth.json');
  const report = reportOf([...args, folder]);

  it('finds every pair of legs and invents none', () => {
    const result = score(report, JSON.parse(readFileSync(truthFile, 'utf8')) as Truth);
    expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
    expect(result.pairs).toBeGreaterThan(100);
  });

  it('confirms by the dumps where they were read, and only there', () => {
    const sources = new Set(report.journeys.flatMap((j) => j.changes.map((c) => c.source)));
    expect(sources).toEqual(new Set(args.length > 0 ? ['packets'] : ['packets', 'conntrack']));
    expect(report.sideFiles.every((side) => side.contradict === 0)).toBe(true);
    expect(report.sideFiles.length > 0).toBe(args.length === 0);
  });

  if (existsSync(SCORER)) {
    it('says the other scorer too', () => {
      expect(scored(report, truthFile)).toMatchObject({ recall: 1, wrong: 0, precision: 1 });
    });
  }
});

/** Sets with both sides of a NAT: every pair can be found in them. */
const WHOLE = ['csc458-single-file-http', 'ik2220-lb-run1', 'ik2220-napt-icmp', 'kurose-nat'];

describeWithFiles([SHARED_CAPTURES, SCORER], 'captures of others', () => {
  const sets = existsSync(SHARED_CAPTURES)
    ? readdirSync(SHARED_CAPTURES).filter((set) => existsSync(path.join(SHARED_CAPTURES, set, 'TRUTH.json')))
    : [];

  it('are there, the four with both sides among them', () => {
    expect(sets).toEqual(expect.arrayContaining(WHOLE));
  });

  it.each(sets)('%s', (set) => {
    const folder = path.join(SHARED_CAPTURES, set);
    const figures = scored(reportOf([folder]), path.join(folder, 'TRUTH.json'));
    expect(figures.wrong).toBe(0);
    if (WHOLE.includes(set)) expect(figures.recall).toBe(1);
  });
});
