// Tests that need something which not every machine has: another program, or captures beside the repository. Where it is
// missing they are skipped with a loud message, but never in CI: there they fail.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'vitest';

const REPOSITORY = path.join(import.meta.dirname, '..', '..');
/** Captures of others, kept beside the checkout. */
export const SHARED_CAPTURES = path.join(REPOSITORY, '..', 'shared', 'captures');
export const SAMPLES = path.join(REPOSITORY, 'samples');

function isInstalled(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

function describeIf(missing: readonly string[], name: string, tests: () => void): void {
  if (missing.length === 0) {
    describe(name, tests);
    return;
  }
  const message = `${name}: needs ${missing.join(', ')}, not found here`;
  if (process.env.CI) {
    describe(name, () => {
      it('has what it needs', () => {
        throw new Error(message);
      });
    });
  } else {
    console.warn(`SKIPPED ${message}`);
    describe.skip(name, tests);
  }
}

/** `describe`, of tests that run these programs. */
export function describeWith(programs: readonly string[], name: string, tests: () => void): void {
  describeIf(
    programs.filter((program) => !isInstalled(program)),
    name,
    tests,
  );
}

/** `describe`, of tests that read these files or folders. */
export function describeWithFiles(files: readonly string[], name: string, tests: () => void): void {
  describeIf(
    files.filter((file) => !existsSync(file)),
    name,
    tests,
  );
}
