// The reader workers of a session, at most one a core: they read its captures and, where those are followed, read on.
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import type { CaptureInput } from './inputs.ts';
import type { FromReader, ToReader } from './messages.ts';
import type { ReadResult } from './read-capture.ts';

interface ReadingOptions {
  readonly maxExpansion: number;
  readonly follow: boolean;
}

/** Bytes and packets read so far, of all captures. */
type OnProgress = (bytes: number, packets: number) => void;

type Answer = Extract<FromReader, { type: 'read' }>;

interface Reader {
  readonly worker: Worker;
  /** Who waits for its answer. */
  waiting: { readonly resolve: (answer: Answer) => void; readonly reject: (error: Error) => void } | null;
  failure: Error | null;
}

export class ReaderPool {
  private readonly captures: readonly CaptureInput[];
  private readonly options: ReadingOptions;
  private onProgress: OnProgress;
  private readonly readers: Reader[];
  /** Which captures a reader holds open. */
  private readonly held: number[][] = [];
  private readonly results: ReadResult[] = [];
  private readonly over = new Set<number>();
  private readonly bytes: number[];
  private readonly packets: number[];

  constructor(captures: readonly CaptureInput[], options: ReadingOptions, onProgress: OnProgress) {
    this.captures = captures;
    this.options = options;
    this.onProgress = onProgress;
    this.bytes = captures.map(() => 0);
    this.packets = captures.map(() => 0);
    const count = Math.min(os.availableParallelism(), captures.length);
    this.readers = Array.from({ length: count }, () => this.start());
  }

  /** Nothing more can arrive in any capture. */
  get isOver(): boolean {
    return this.over.size === this.captures.length;
  }

  /** Results in the order of the captures; of this reading only progress is told. Without `follow` the workers are done then. */
  async read(): Promise<readonly ReadResult[]> {
    let next = 0;
    await this.each(async (reader, number) => {
      this.held[number] = [];
      while (next < this.captures.length) {
        const capture = next++;
        const { path } = this.captures[capture]!;
        await this.ask(reader, { type: 'read', number: capture, path, ...this.options });
        this.held[number].push(capture);
      }
    });
    if (!this.options.follow) await this.close();
    this.onProgress = () => undefined;
    return this.results;
  }

  /** Results as they are now that what has arrived since was read; null where nothing has. */
  async readOn(): Promise<readonly ReadResult[] | null> {
    const grown: number[] = [];
    await this.each(async (reader, number) => {
      for (const capture of this.held[number]!) {
        if (this.over.has(capture)) continue;
        const { result } = await this.ask(reader, { type: 'read-on', number: capture });
        if (result) grown.push(capture);
      }
    });
    return grown.length > 0 ? this.results : null;
  }

  async close(): Promise<void> {
    await Promise.all(this.readers.map(({ worker }) => worker.terminate()));
  }

  private async each(work: (reader: Reader, number: number) => Promise<void>): Promise<void> {
    await Promise.all(this.readers.map(work));
  }

  private start(): Reader {
    const worker = new Worker(new URL('./reader-worker.js', import.meta.url));
    const reader: Reader = { worker, waiting: null, failure: null };
    worker.on('error', (error: unknown) => {
      reader.failure = error instanceof Error ? error : new Error(String(error));
      reader.waiting?.reject(reader.failure);
    });
    worker.on('message', (message: FromReader) => {
      if (message.type === 'read') {
        reader.waiting?.resolve(message);
        return;
      }
      this.bytes[message.number] = message.bytes;
      this.packets[message.number] = message.packets;
      this.onProgress(sum(this.bytes), sum(this.packets));
    });
    return reader;
  }

  private async ask(reader: Reader, message: ToReader): Promise<Answer> {
    if (reader.failure) throw reader.failure;
    const answer = await new Promise<Answer>((resolve, reject) => {
      reader.waiting = { resolve, reject };
      reader.worker.postMessage(message);
    });
    reader.waiting = null;
    if (answer.result) this.results[answer.number] = answer.result;
    if (answer.isOver) this.over.add(answer.number);
    return answer;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
