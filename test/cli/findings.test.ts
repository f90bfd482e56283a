// Findings on the samples: what was done to one that fails stands in its truth, and the report says so first, with and
// without side files; of a healthy one it says nothing that is more than a remark.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report/model.ts';
import { snatscope } from '../support/cli.ts';
import { SAMPLES } from '../support/requirements.ts';

/** Of the truth: what was done, by its code, the point or gap, and what must not be said. */
interface Done {
  readonly code: string;
  readonly from: string;
  readonly to: string | null;
  readonly never?: readonly string[];
}

/** There is no finding for these yet. */
const NOT_TOLD = ['asymmetric-return', 'fragments-lost', 'invalid-dropped', 'reply-other-address'];

const samples = readdirSync(SAMPLES).flatMap((name) => {
  const file = path.join(SAMPLES, name, 'truth.json');
  if (!existsSync(file)) return [];
  const { finding } = JSON.parse(readFileSync(file, 'utf8')) as { readonly finding?: Done };
  return [
    { name, finding, how: 'with its side files', args: [] as string[] },
    { name, finding, how: 'without', args: ['--no-side-files'] },
  ];
});

function reportOf(name: string, args: readonly string[]): Report {
  const { status, stdout } = snatscope(['report', '--format', 'json', ...args, path.join(SAMPLES, name)]);
  expect(status).toBe(0);
  return JSON.parse(stdout) as Report;
}

function placeOf({ points }: Report, id: string | null): string | null {
  const point = points.find((p) => p.id === id);
  return point === undefined ? null : path.basename(point.file);
}

describe('a sample of a failure', () => {
  it.each(samples.filter(({ finding }) => finding !== undefined))('$name, $how', ({ name, args, finding }) => {
    const report = reportOf(name, args);
    const codes = report.findings.map(({ code }) => code);
    for (const code of finding!.never ?? []) {
      if (!NOT_TOLD.includes(name)) expect(codes).not.toContain(code);
    }
    if (NOT_TOLD.includes(name)) {
      expect(codes).not.toContain(finding!.code);
      return;
    }
    const first = report.findings[0]!;
    expect(first.code).toBe(finding!.code);
    const told = report.findings
      .filter(({ code }) => code === finding!.code)
      .map(({ at, to }) => [placeOf(report, at), placeOf(report, to)]);
    expect(told).toContainEqual([finding!.from, finding!.to]);
  });
});

describe('a healthy sample', () => {
  it.each(samples.filter(({ finding }) => finding === undefined))('$name, $how', ({ name, args }) => {
    const { findings } = reportOf(name, args);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
  });
});
