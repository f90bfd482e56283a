// Some thousands of the rounds of `npm run hunt`, which does a million: damaged samples, read to the end.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { damaged, readAsTheProgramDoes } from '../../support/hunt-target.ts';
import { SAMPLES } from '../../support/requirements.ts';

const ROUNDS = 3000;
const LENGTH = 16 * 1024;

describe('damaged samples', () => {
  it('are read without a throw, each in less than a second of processor time', () => {
    const files = readdirSync(SAMPLES, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.pcap'))
      .map((name) => new Uint8Array(readFileSync(path.join(SAMPLES, name)).subarray(0, LENGTH)));
    let slowest = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const bytes = damaged(files[round % files.length]!, round);
      const began = process.cpuUsage();
      readAsTheProgramDoes(bytes, round);
      const { user, system } = process.cpuUsage(began);
      slowest = Math.max(slowest, (user + system) / 1000);
    }
    expect(slowest).toBeLessThan(1000);
  }, 60_000);
});
