// Hunts for faults: damages the samples (and captures beside the checkout) by seeded flips and cuts, and reads them. No
// round may throw, take a second, or leave memory behind. What it finds is kept in .cache/hunt, to become a test.
//
//   npm run hunt [-- --rounds N] [--seed N] [FOLDER…]
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { bundled } from './bundled.mjs';
import { readyPackages, root, userFolder } from './ready.mjs';

const HANG_MS = 1000;
const WATCH_MS = 100;
/** Of longer captures the beginning is taken: damage there is as telling, and rounds are many. */
const LONGEST = 48 * 1024;
/** Captures of which compressed forms are hunted too. */
const COMPRESSED = 6;

const { values, positionals } = parseArgs({
  options: { rounds: { type: 'string', default: '1000000' }, seed: { type: 'string', default: '1' } },
  allowPositionals: true,
});
readyPackages();
const rounds = Number(values.rounds);
const seed = Number(values.seed);
const folder = path.join(root, '.cache', 'hunt');
const target = await bundled('test/support/hunt-target.ts', folder);
const files = captures([
  path.join(root, 'samples'),
  path.join(root, '..', 'shared', 'captures'),
  ...positionals.map((given) => path.resolve(userFolder(), given)),
]);
console.log(`${rounds} rounds over ${files.length} files, seed ${seed}`);
const found = await hunt();
console.log(`${rounds} rounds, ${found} finds${found > 0 ? `, kept in ${path.relative(root, folder)}` : ''}`);
process.exitCode = found > 0 ? 1 : 0;

function captures(folders) {
  const plain = folders
    .filter((top) => fs.existsSync(top))
    .flatMap((top) => fs.readdirSync(top, { recursive: true, encoding: 'utf8' }).map((name) => path.join(top, name)))
    .filter((file) => /\.(pcap|pcapng|cap|snoop)$/.test(file))
    .sort()
    .map((file) => ({
      name: path.relative(root, file),
      bytes: new Uint8Array(fs.readFileSync(file).subarray(0, LONGEST)),
    }));
  const compressed = ['zstd', 'lz4'].flatMap((program) =>
    plain.slice(0, COMPRESSED).flatMap(({ name, bytes }) => {
      const { status, stdout } = spawnSync(program, ['-q', '-c', '-'], { input: bytes, maxBuffer: 64 * 1024 * 1024 });
      return status === 0 ? [{ name: `${name} in ${program}`, bytes: new Uint8Array(stdout) }] : [];
    }),
  );
  return [...plain, ...compressed];
}

/** The number of finds. */
async function hunt() {
  const progress = new Int32Array(new SharedArrayBuffer(4));
  let found = 0;
  const keep = async ({ round, file, what }) => {
    found += 1;
    const { damaged } = await import(target);
    const kept = path.join(folder, `find-${seed}-${round}.bin`);
    fs.writeFileSync(kept, damaged(files.find(({ name }) => name === file).bytes, seed + round));
    console.log(`round ${round} (${file}): ${what}`);
  };
  while (Atomics.load(progress, 0) < rounds) {
    const hung = await watch(progress, keep);
    if (hung === null) break;
    await keep({ round: hung, file: files[hung % files.length].name, what: `took more than ${HANG_MS} ms` });
    Atomics.store(progress, 0, hung + 1);
  }
  return found;
}

/** Runs a worker until it is done (null) or stands still (its round). */
function watch(progress, keep) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./hunt-worker.mjs', import.meta.url), {
      workerData: { target, files, seed, progress, until: rounds },
    });
    let seen = -1;
    // Processor time, so that a busy machine is not taken for a hang.
    let since = processorMs();
    let told = performance.now();
    let finished = false;
    const timer = setInterval(() => {
      const round = Atomics.load(progress, 0);
      const now = performance.now();
      if (round !== seen) {
        seen = round;
        since = processorMs();
      } else if (processorMs() - since > HANG_MS) {
        end(round);
      }
      if (now - told > 30_000) {
        told = now;
        console.log(`${round} rounds done, ${Math.round(process.memoryUsage().rss / 1048576)} MiB resident`);
      }
    }, WATCH_MS);
    const end = (result) => {
      clearInterval(timer);
      finished = true;
      void worker.terminate().then(() => resolve(result));
    };
    worker.on('message', (message) => void keep(message));
    worker.on('error', (error) => {
      clearInterval(timer);
      reject(error);
    });
    worker.on('exit', () => {
      clearInterval(timer);
      if (!finished) resolve(null);
    });
  });
}

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
