// The text report of each sample as it was read and found right; changed on purpose only: UPDATE_GOLDEN=1 writes it anew.
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { snatscope } from '../support/cli.ts';
import { SAMPLES } from '../support/requirements.ts';

const GOLDEN = path.join(import.meta.dirname, '..', 'golden');

it.each(['clusterip-dnat', 'eks-external-snat', 'eks-nat-gateway', 'eks-public-subnet'])('report %s', (name) => {
  const { status, stdout } = snatscope(['report', name], { cwd: SAMPLES });
  expect(status).toBe(0);
  const file = path.join(GOLDEN, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, stdout);
  expect(stdout).toBe(readFileSync(file, 'utf8'));
});
