// A session as its host (main process, command line) sees it: everything happens in a worker of its own, asked by message.
// Opening starts a new worker; only when that has succeeded does it take the place of the one before, so that cancelling
// at any moment leaves what was open as it was.
import { Worker } from 'node:worker_threads';
import { type FilterError, NO_OPTIONS, type SessionOptions } from '../core/session.ts';
import type { ExportRequest, Growth, Progress, SessionSummary } from '../shared/contract.ts';
import type { InputOptions } from './inputs.ts';
import type { FromSession, ToSession } from './messages.ts';
import type { Questions } from './session-answers.ts';

interface OpenOptions {
  readonly inputs: InputOptions;
  readonly session: SessionOptions;
  /** The captures are going to be read on; without it they are read once more when they are. */
  readonly follow?: boolean;
}

const DEFAULT_OPEN: OpenOptions = { inputs: { noSideFiles: false, conntrack: [] }, session: NO_OPTIONS };

type Ask = { [Name in keyof Omit<Questions, 'summary'>]: (...args: Questions[Name][0]) => Promise<Questions[Name][1]> };

export interface SessionClient extends Omit<Ask, 'exportStart' | 'exportNext'> {
  /** Null where `signal` cancelled it; what was open stays open then, and also where it fails. */
  open(
    paths: readonly string[],
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
    options?: OpenOptions,
  ): Promise<SessionSummary | null>;
  /** Reads what has arrived in the open captures since. */
  readOn(): Promise<Growth>;
  /** What is open, or null. */
  summary(): Promise<SessionSummary | null>;
  /** An export in pieces, each made when it is taken; throws `FilterRefused` before the first. */
  exportPieces(request: ExportRequest): AsyncGenerator<string>;
  close(): Promise<void>;
}

/** The filter of an export cannot be used with this session. */
export class FilterRefused extends Error {
  readonly error: FilterError;
  constructor(error: FilterError) {
    super(error.message);
    this.error = error;
  }
}
/** Without the number that tells its answer. */
type Uncalled<Message> = Message extends { readonly call: number } ? Omit<Message, 'call'> : never;

/** A worker that owns one session, and the calls that wait for its answers. */
class SessionThread {
  private readonly worker = new Worker(new URL('./session-worker.js', import.meta.url));
  private readonly waiting = new Map<number, { resolve: (value: unknown) => void; reject: (error: Error) => void }>();
  private calls = 0;
  private dead: Error | null = null;

  constructor(onProgress: (progress: Progress) => void) {
    this.worker.on('message', (message: FromSession) => {
      if (message.type === 'progress') {
        onProgress(message.progress);
        return;
      }
      const call = this.waiting.get(message.call);
      this.waiting.delete(message.call);
      if (message.type === 'answer') call?.resolve(message.value);
      else call?.reject(new Error(message.message));
    });
    this.worker.on('error', (error: unknown) => {
      this.die(`The session failed: ${error instanceof Error ? error.message : String(error)}`);
    });
    this.worker.on('exit', () => {
      this.die('The session ended. Open the captures again.');
    });
  }

  call(message: Uncalled<ToSession>): Promise<unknown> {
    if (this.dead) return Promise.reject(this.dead);
    const call = this.calls++;
    return new Promise((resolve, reject) => {
      this.waiting.set(call, { resolve, reject });
      this.worker.postMessage({ ...message, call });
    });
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private die(why: string): void {
    this.dead ??= new Error(why);
    for (const { reject } of this.waiting.values()) reject(this.dead);
    this.waiting.clear();
  }
}

export function startSession(): SessionClient {
  let current: SessionThread | null = null;

  const ask = async <Name extends keyof Questions>(
    method: Name,
    ...args: Questions[Name][0]
  ): Promise<Questions[Name][1]> => {
    if (!current) throw new Error('Nothing is open.');
    return (await current.call({ type: 'ask', method, args })) as Questions[Name][1];
  };

  async function* exportPieces(request: ExportRequest): AsyncGenerator<string> {
    const error = await ask('exportStart', request);
    if (error) throw new FilterRefused(error);
    for (;;) {
      const piece = await ask('exportNext');
      if (piece === null) return;
      yield piece;
    }
  }

  return {
    async open(paths, onProgress, signal, options = DEFAULT_OPEN) {
      const thread = new SessionThread(onProgress);
      const cancel = (): void => void thread.end();
      signal.addEventListener('abort', cancel);
      try {
        if (signal.aborted) cancel();
        const request = { paths, inputs: options.inputs, options: options.session, follow: options.follow === true };
        const summary = (await thread.call({ type: 'open', request })) as SessionSummary;
        const before = current;
        current = thread;
        await before?.end();
        return summary;
      } catch (error) {
        await thread.end();
        if (signal.aborted) return null;
        throw error;
      } finally {
        signal.removeEventListener('abort', cancel);
      }
    },
    async readOn() {
      if (!current) throw new Error('Nothing is open.');
      return (await current.call({ type: 'read-on' })) as Growth;
    },
    summary: async () => (current ? await ask('summary') : null),
    journeys: (query) => ask('journeys', query),
    checkFilter: (text, caret) => ask('checkFilter', text, caret),
    journey: (id) => ask('journey', id),
    pathMap: (journey, width) => ask('pathMap', journey, width),
    ladder: (query) => ask('ladder', query),
    passages: (journey, offset, limit) => ask('passages', journey, offset, limit),
    packetDiff: (journey, passage) => ask('packetDiff', journey, passage),
    timeline: (query) => ask('timeline', query),
    setRole: (point, role) => ask('setRole', point, role),
    setOrder: (points) => ask('setOrder', points),
    undo: () => ask('undo'),
    exportPieces,
    async close() {
      await current?.end();
      current = null;
    },
  };
}
