// The worker that owns a session: it has the captures read by reader workers, correlates, and answers questions.
import fs from 'node:fs';
import { parentPort } from 'node:worker_threads';
import { type Capture, Session } from '../core/session.ts';
import type { Growth, Input, SessionSummary } from '../shared/contract.ts';
import { VERSION } from '../shared/version.ts';
import { DEFAULT_EXPANSION } from './capture-bytes.ts';
import { explainError } from './errors.ts';
import { type CaptureInput, type Inputs, findInputs } from './inputs.ts';
import type { FromSession, OpenRequest, ToSession } from './messages.ts';
import type { ReadResult } from './read-capture.ts';
import { ReaderPool } from './reader-pool.ts';
import { type Questions, SessionAnswers } from './session-answers.ts';

const port = parentPort!;
/** How often progress is told, in milliseconds. */
const PROGRESS_EVERY = 50;

/** What is open: where it was read from, and what answers questions about it. */
interface Opened {
  readonly inputs: Inputs;
  readonly maxExpansion: number;
  readonly session: Session;
  readonly answers: SessionAnswers;
  /** Of captures that are followed. */
  pool: ReaderPool | null;
}

let opened: Opened | null = null;

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
  if (!opened) throw new Error('Nothing is open.');
  if (message.type === 'read-on') return readOn(opened);
  return opened.answers.answer(message.method as keyof Questions, message.args);
}

async function open(request: OpenRequest): Promise<SessionSummary> {
  const started = performance.now();
  const inputs = await findInputs(request.paths, request.inputs);
  const maxExpansion = request.inputs.maxExpansion ?? DEFAULT_EXPANSION;
  const pool = new ReaderPool(inputs.captures, { maxExpansion, follow: request.follow }, progressOf(inputs.captures));
  const { captures, files, told } = readOf(inputs, await pool.read());
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
  const answers = new SessionAnswers(session, files);
  opened = { inputs, maxExpansion, session, answers, pool: request.follow ? pool : null };
  return session.summary();
}

/** Reads what has arrived since. Captures that were not opened to be followed are read once more for it, the first time. */
async function readOn(of: Opened): Promise<Growth> {
  const { inputs, maxExpansion, session, answers } = of;
  const known = of.pool;
  const pool = known ?? new ReaderPool(inputs.captures, { maxExpansion, follow: true }, () => undefined);
  of.pool = pool;
  const results = await (known ? pool.readOn() : pool.read());
  if (results) {
    const { captures, files, told } = readOf(inputs, results);
    session.grow(captures, told);
    answers.filesAre(files);
  }
  return { grown: results && session.summary(), isOver: pool.isOver };
}

/** What reading came to: the captures that hold anything, their files, and what is said of each input. */
function readOf(
  inputs: Inputs,
  results: readonly ReadResult[],
): { readonly captures: readonly Capture[]; readonly files: readonly CaptureInput[]; readonly told: readonly Input[] } {
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
  return { captures, files, told };
}

function progressOf(captures: readonly CaptureInput[]): (bytesRead: number, packets: number) => void {
  const bytesTotal = totalBytes(captures);
  let toldAt = 0;
  return (bytesRead, packets) => {
    if (performance.now() - toldAt < PROGRESS_EVERY) return;
    toldAt = performance.now();
    say({ type: 'progress', progress: { stage: 'reading', bytesRead, bytesTotal, packets } });
  };
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
