// The worker that owns a session: it has the captures read by reader workers, correlates, and answers questions.
import fs from 'node:fs';
import os from 'node:os';
import { Worker, parentPort } from 'node:worker_threads';
import { type Capture, Session } from '../core/session.ts';
import type { Input } from '../shared/contract.ts';
import { VERSION } from '../shared/version.ts';
import { DEFAULT_EXPANSION } from './capture-bytes.ts';
import { explainError } from './errors.ts';
import { type CaptureInput, findInputs } from './inputs.ts';
import type { FromReader, FromSession, OpenRequest, ToReader, ToSession } from './messages.ts';
import type { ReadResult } from './read-capture.ts';
import { type Questions, SessionAnswers } from './session-answers.ts';

const port = parentPort!;
/** How often progress is told, in milliseconds. */
const PROGRESS_EVERY = 50;

let answers: SessionAnswers | null = null;

function say(message: FromSession): void {
  port.postMessage(message);
}

port.on('message', (message: ToSession) => {
  void answer(message).then(
    (value) => {
      say({ type: 'answer', call: message.call, value });
    },
    (error: unknown) => {
      say({ type: 'failed', call: message.call, message: error instanceof Error ? error.message : String(error) });
    },
  );
});

async function answer(message: ToSession): Promise<unknown> {
  if (message.type === 'open') return open(message.request);
  if (!answers) throw new Error('Nothing is open.');
  return answers.answer(message.method as keyof Questions, message.args);
}

async function open(request: OpenRequest): Promise<unknown> {
  const started = performance.now();
  const inputs = findInputs(request.paths, request.inputs);
  const results = await readAll(inputs.captures, request.inputs.maxExpansion ?? DEFAULT_EXPANSION);
  const captures: Capture[] = [];
  const files: CaptureInput[] = [];
  const told: Input[] = [...inputs.problems];
  for (const [number, { tables, ok, error }] of results.entries()) {
    const input = inputs.captures[number]!;
    told.push({ file: input.name, ok, error });
    if (tables.points.length === 0) continue;
    captures.push({ file: input.name, tables });
    files.push(input);
  }
  const packets = captures.reduce((sum, c) => sum + c.tables.packets.length, 0);
  const total = totalBytes(inputs.captures);
  say({ type: 'progress', progress: { stage: 'correlating', bytesRead: total, bytesTotal: total, packets } });
  const session = new Session({
    title: inputs.title,
    version: VERSION,
    captures,
    sides: inputs.sides,
    inputs: told,
    options: request.options,
  });
  session.setElapsed(performance.now() - started);
  answers = new SessionAnswers(session, files);
  return session.summary();
}

/** Reads the captures with at most one worker a core; results in the order of the inputs. */
async function readAll(captures: readonly CaptureInput[], maxExpansion: number): Promise<ReadResult[]> {
  const results: ReadResult[] = [];
  const bytes = captures.map(() => 0);
  const packets = captures.map(() => 0);
  const bytesTotal = totalBytes(captures);
  let next = 0;
  let toldAt = 0;
  const tell = (): void => {
    if (performance.now() - toldAt < PROGRESS_EVERY) return;
    toldAt = performance.now();
    const sum = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0);
    say({ type: 'progress', progress: { stage: 'reading', bytesRead: sum(bytes), bytesTotal, packets: sum(packets) } });
  };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL('./reader-worker.js', import.meta.url));
      const give = (): void => {
        if (next >= captures.length) {
          void worker.terminate();
          resolve();
          return;
        }
        const number = next++;
        worker.postMessage({ number, path: captures[number]!.path, maxExpansion } satisfies ToReader);
      };
      worker.on('error', reject);
      worker.on('message', (message: FromReader) => {
        if (message.type === 'progress') {
          bytes[message.number] = message.bytes;
          packets[message.number] = message.packets;
          tell();
          return;
        }
        results[message.number] = message.result;
        give();
      });
      give();
    });
  await Promise.all(Array.from({ length: Math.min(os.availableParallelism(), captures.length) }, work));
  return results;
}

function totalBytes(captures: readonly CaptureInput[]): number {
  let total = 0;
  for (const { path } of captures) {
    try {
      if (path !== '-') total += fs.statSync(path).size;
    } catch (error) {
      // Reading it will say why; here it only has no size.
      void explainError(error);
    }
  }
  return total;
}
