// Makes the checkout fit to run: the right Node, the packages of the lock, an up-to-date build in `out/`.
// Needs no package itself, since it runs before there are any, and speaks on stderr only: what comes after it may be
// a report that somebody pipes into a file.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const LOWEST_NODE = [20, 19];
const windows = process.platform === 'win32';

/** Where the user's relative paths start: npm runs a script in the checkout and tells in INIT_CWD where it was asked. */
export function userFolder() {
  return process.cwd() === root ? (process.env.INIT_CWD ?? root) : process.cwd();
}

/** Says why on stderr and ends with this code. */
export function giveUp(message, code = 1) {
  console.error(message);
  process.exit(code);
}

/** Installs the packages where they are missing or not those of the lock; ends the process where that fails. */
export function readyPackages() {
  checkNode();
  if (!packagesMatchLock()) installPackages();
}

/** Installs and builds what is missing or out of date; ends the process where that fails. */
export function ready({ rebuild = false } = {}) {
  readyPackages();
  if (rebuild || buildIsStale()) build();
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LOWEST_NODE[0] || (major === LOWEST_NODE[0] && minor >= LOWEST_NODE[1])) return;
  giveUp(
    `Snatscope needs Node.js ${LOWEST_NODE.join('.')} or newer, and this is ${process.versions.node} (${process.execPath}). ` +
      'Install a newer one, from nodejs.org or by your version manager, and try again.',
  );
}

/** npm notes beside the packages what it installed: every package of the lock must be there in its version. */
function packagesMatchLock() {
  try {
    const installed = packagesOf(path.join('node_modules', '.package-lock.json'));
    return Object.entries(packagesOf('package-lock.json')).every(
      ([where, { version, optional }]) =>
        where === '' || installed[where]?.version === version || (optional && installed[where] === undefined),
    );
  } catch (error) {
    if (error.code === 'ENOENT') return false;
    throw error;
  }
}

function packagesOf(lock) {
  return JSON.parse(fs.readFileSync(path.join(root, lock), 'utf8')).packages;
}

function installPackages() {
  console.error('Installing the packages that Snatscope is built with (npm ci; about a minute, once) …');
  const options = { cwd: root, stdio: ['ignore', 2, 2], shell: windows };
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], options);
  if (status !== 0) giveUp('`npm ci` failed: the packages are not installed, and nothing can run without them.');
}

/** A build is stale where a source is younger than the moment the build began. */
function buildIsStale() {
  const stamp = path.join(root, 'out', '.built');
  if (!fs.existsSync(stamp)) return true;
  const built = fs.statSync(stamp).mtimeMs;
  return ['src', 'electron.vite.config.ts', 'package.json', 'package-lock.json'].some(
    (source) => newest(path.join(root, source)) > built,
  );
}

/** Newest change below a folder; a folder itself changes when a file in it is added, renamed or removed. */
function newest(file) {
  const stat = fs.statSync(file);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return fs.readdirSync(file).reduce((time, name) => Math.max(time, newest(path.join(file, name))), stat.mtimeMs);
}

/** Builds aside and swaps, so that a failed build, or one that runs at the same time, leaves a whole `out/`. */
function build() {
  console.error('Building Snatscope …');
  const began = new Date();
  const out = path.join(root, 'out');
  const [fresh, old] = ['fresh', 'old'].map((name) => path.join(root, '.cache', `build-${name}-${process.pid}`));
  fs.mkdirSync(path.dirname(fresh), { recursive: true });
  const { status } = spawnSync(
    process.execPath,
    ['node_modules/electron-vite/bin/electron-vite.js', 'build', '--outDir', fresh, '--logLevel', 'warn'],
    { cwd: root, stdio: ['ignore', 2, 2] },
  );
  if (status !== 0) {
    fs.rmSync(fresh, { recursive: true, force: true });
    giveUp('The build failed; its message is above.');
  }
  fs.writeFileSync(path.join(fresh, '.built'), '');
  fs.utimesSync(path.join(fresh, '.built'), began, began);
  try {
    if (fs.existsSync(out)) fs.renameSync(out, old);
    fs.renameSync(fresh, out);
  } catch (error) {
    // Another build of the same sources was swapped in between the two renames: its result is as good.
    if (!fs.existsSync(out)) throw error;
  }
  for (const left of [fresh, old]) fs.rmSync(left, { recursive: true, force: true });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ready({ rebuild: process.argv.includes('--build') });
