// Rounds of the hunt, one after the other; `hunt.mjs` watches them.
import v8 from 'node:v8';
import vm from 'node:vm';
import { parentPort, workerData } from 'node:worker_threads';

const { target, files, seed, progress, until } = workerData;
const { damaged, readAsTheProgramDoes } = await import(target);
const GROWTH = 64 * 1024 * 1024;
/** Rounds between looks at the memory. */
const LOOK_EVERY = 512;

const used = () => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

let base = 0;
for (let round = Atomics.load(progress, 0); round < until; round = Atomics.add(progress, 0, 1) + 1) {
  const file = files[round % files.length];
  try {
    readAsTheProgramDoes(damaged(file.bytes, seed + round), seed + round);
  } catch (error) {
    parentPort.postMessage({ round, file: file.name, what: error.stack });
  }
  if (round % LOOK_EVERY === 0) {
    const isFirst = base === 0;
    if (isFirst || used() > base + GROWTH) collect();
    if (isFirst) base = used();
    else if (used() > base + GROWTH) {
      parentPort.postMessage({ round, file: file.name, what: `memory grew by ${used() - base} bytes` });
      base = used();
    }
  }
}
