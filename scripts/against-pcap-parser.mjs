// Our reader against the package pcap-parser on many captures, in a worker that is ended where it takes too long.
import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { bundled } from './bundled.mjs';
import { root } from './ready.mjs';

/** Processor time that one capture may take; pcap-parser copies what it has not understood again with every chunk. */
const LIMIT_MS = 30_000;
const WATCH_MS = 200;

/**
 * For each of the files { packets, differences }, or null for what is no well-formed classic microsecond capture, also
 * within gzip.
 */
export async function comparedWithPcapParser(files) {
  const target = await bundled('test/oracle/pcap-parser.ts', path.join(root, '.cache', 'oracle'));
  const answers = [];
  let worker = null;
  for (const file of files) {
    worker ??= await started(target);
    const answer = await asked(worker, file);
    if (answer === undefined) {
      answers.push({ packets: 0, differences: [`pcap-parser did not end within ${LIMIT_MS / 1000} s`] });
      await worker.terminate();
      worker = null;
    } else answers.push(answer);
  }
  await worker?.terminate();
  return answers;
}

async function started(target) {
  const worker = new Worker(new URL('./pcap-parser-worker.mjs', import.meta.url), { workerData: { target } });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  return worker;
}

/** Undefined where the time was up. */
function asked(worker, file) {
  return new Promise((resolve, reject) => {
    const began = processorMs();
    const timer = setInterval(() => {
      if (processorMs() - began > LIMIT_MS) end(resolve, undefined);
    }, WATCH_MS);
    const end = (settle, value) => {
      clearInterval(timer);
      worker.off('message', answer).off('error', fail);
      settle(value);
    };
    const answer = ({ compared }) => end(resolve, compared);
    const fail = (error) => end(reject, error);
    worker.on('message', answer).on('error', fail);
    worker.postMessage(file);
  });
}

function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
