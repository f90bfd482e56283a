// A scenario recorded anew on this machine's kernel, with other ports, other sequence numbers and other timing than the
// bundled sample: scored against the truth of its own conntrack events.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Report } from '../../src/core/report/model.ts';
import { snatscope } from '../support/cli.ts';
import { SAMPLES, describeWith } from '../support/requirements.ts';
import { type Truth, score } from '../support/score.ts';

const PROGRAMS = ['ip', 'tcpdump', 'conntrack', 'iptables-save', 'unshare'];
const isRoot = process.getuid?.() === 0;

function tests(): void {
  const out = mkdtempSync(path.join(tmpdir(), 'snatscope-anew-'));
  afterAll(() => {
    rmSync(out, { recursive: true });
  });

  it('is recorded', () => {
    const lab = spawnSync(process.execPath, [path.join(SAMPLES, 'lab', 'record.mjs'), 'clusterip-dnat', '--out', out], {
      encoding: 'utf8',
    });
    expect({ status: lab.status, stderr: lab.stderr }).toEqual({ status: 0, stderr: '' });
  }, 90_000);

  it.each([[['--no-side-files']], [[]]])('finds every pair and invents none: report %j', (args) => {
    const { status, stdout } = snatscope(['report', '--format', 'json', ...args, out]);
    expect(status).toBe(0);
    const truth = JSON.parse(readFileSync(path.join(out, 'truth.json'), 'utf8')) as Truth;
    const result = score(JSON.parse(stdout) as Report, truth);
    expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
    expect(result.pairs).toBeGreaterThan(100);
  });
}

if (isRoot) describeWith(PROGRAMS, 'clusterip-dnat, recorded anew', tests);
else {
  console.warn('SKIPPED clusterip-dnat, recorded anew: the lab makes network namespaces, which needs root');
  describe.skip('clusterip-dnat, recorded anew', tests);
}
