// Runs the checks and the test projects one after the other, and ends with their totals. The totals are vitest's own
// (its JSON report), never read from its printed text.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readyPackages, root } from './ready.mjs';

const require = createRequire(import.meta.url);

/**
 * Files that are as they were are not looked at again. A rule that needs the types of another file may miss what changed
 * there: with CI set, all is looked at.
 */
const remembering = (tool) =>
  process.env.CI === 'true' ? [] : ['--cache', '--cache-location', `.cache/${tool}`, '--cache-strategy', 'content'];

/** Each a package's own binary; their failures are told apart from failed tests. */
const CHECKS = [
  {
    name: 'format',
    tool: 'prettier',
    args: ['--check', '--log-level', 'warn', ...remembering('prettier'), '.'],
    remedy: 'npm run format',
  },
  { name: 'lint', tool: 'eslint', args: ['--max-warnings', '0', ...remembering('eslint'), '.'] },
  { name: 'types', tool: 'typescript', bin: 'tsc', args: ['-b'] },
  { name: 'unused code', tool: 'knip', args: ['--no-progress'] },
];

/** Runs every check and these vitest projects, prints the totals as the last line, and ends the process. */
export function verify(projects) {
  readyPackages();
  const failed = [];
  const totals = { passed: 0, failed: 0, skipped: 0 };
  for (const check of CHECKS) {
    const ok = timed(check.name, () => run(check.tool, check.bin ?? check.tool, check.args) === 0);
    if (!ok) failed.push(check.remedy === undefined ? check.name : `${check.name} (mend it by \`${check.remedy}\`)`);
  }
  for (const project of projects) {
    const ok = timed(`${project} tests`, () => runProject(project, totals));
    if (!ok) failed.push(`${project} tests`);
  }
  if (process.env.CI === 'true' && totals.skipped > 0) {
    failed.push('skipped tests: with CI=true everything must be there that they need');
  }
  if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
  console.log(`Tests: ${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
  process.exit(failed.length > 0 ? 1 : 0);
}

function timed(name, step) {
  console.log(`\n--- ${name}`);
  const began = performance.now();
  const ok = step();
  console.log(`--- ${name}: ${ok ? 'passed' : 'FAILED'} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  return ok;
}

function runProject(project, totals) {
  const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-results-'));
  const file = path.join(scratch, 'results.json');
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const status = run('vitest', 'vitest', args);
  const counted = count(file);
  rmSync(scratch, { recursive: true });
  // A set-up or a whole file that fails has no test to show for it, and an error between tests none either.
  if (status !== 0 && counted.failed === 0) counted.failed = 1;
  for (const key of Object.keys(totals)) totals[key] += counted[key];
  return status === 0;
}

function count(file) {
  try {
    const { numPassedTests, numPendingTests, numTodoTests, numFailedTests, testResults } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    const brokenFiles = testResults.filter(
      ({ status, assertionResults }) =>
        status === 'failed' && assertionResults.every((assertion) => assertion.status !== 'failed'),
    );
    return {
      passed: numPassedTests,
      failed: numFailedTests + brokenFiles.length,
      skipped: numPendingTests + numTodoTests,
    };
  } catch (error) {
    console.log(`vitest left no results: ${error.message}`);
    return { passed: 0, failed: 0, skipped: 0 };
  }
}

/** Exit code of a package's binary, run by this Node in the checkout. */
function run(name, bin, args) {
  const manifest = path.join(root, 'node_modules', name, 'package.json');
  const { bin: bins } = require(manifest);
  const file = path.join(path.dirname(manifest), typeof bins === 'string' ? bins : bins[bin]);
  // Tests that run the scripts stand where they say, not where the user asked for the tests.
  const env = { ...process.env };
  delete env.INIT_CWD;
  return (
    spawnSync(process.execPath, [file, ...args], { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'] }).status ??
    1
  );
}
