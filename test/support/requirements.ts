// Tests that need something which not every machine has. A missing program: they are skipped with a loud message, but fail
// in CI, which has to install it. Missing captures from beside the checkout: no clone has them, CI's neither, so they are
// skipped with a loud message here and left out with one there.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'vitest';

const REPOSITORY = path.join(import.meta.dirname, '..', '..');
/** Captures of others, kept beside the checkout. */
export const SHARED_CAPTURES = path.join(REPOSITORY, '..', 'shared', 'captures');
export const SAMPLES = path.join(REPOSITORY, 'samples');
/** What conntrack, iptables and nft print: recorded by scripts/record-side-files.mjs. */
export const SIDE_FILES = path.join(REPOSITORY, 'test', 'support', 'side-files');

const IN_CI = Boolean(process.env.CI);

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** `describe`, of tests that run these programs. */
export function describeWith(programs: readonly string[], name: string, tests: () => void): void {
  const missing = programs.filter((program) => !isInstalled(program));
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const message = `${name}: needs ${missing.join(', ')}, not installed here`;
  if (IN_CI) {
    describe(name, () => {
      it('has the programs that it needs', () => {
        throw new Error(message);
      });
    });
  } else {
    console.warn(`SKIPPED ${message}`);
    describe.skip(name, tests);
  }
}

/** `describe`, of tests that read these files or folders from beside the checkout. */
export function describeWithFiles(files: readonly string[], name: string, tests: () => void): void {
  const missing = files.filter((file) => !existsSync(file));
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const message = `${name}: needs ${missing.map((file) => path.relative(REPOSITORY, file)).join(', ')}, not there`;
  console.warn(IN_CI ? `LEFT OUT ${message}` : `SKIPPED ${message}`);
  if (!IN_CI) describe.skip(name, tests);
}
