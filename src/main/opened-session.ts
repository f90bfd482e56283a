// What is open in the window, if anything. Each opening has a worker of its own: while it runs, what was open stays
// usable, and it stays where the opening is cancelled or fails. A worker that dies takes its own session, nothing else.
import type { SessionClient } from '../node/session-client.ts';
import type { Progress, SessionSummary } from '../shared/contract.ts';

export class OpenedSession {
  readonly #start: () => SessionClient;
  readonly #onProgress: (progress: Progress) => void;
  #client: SessionClient | null = null;
  #opening: AbortController | null = null;

  constructor(start: () => SessionClient, onProgress: (progress: Progress) => void) {
    this.#start = start;
    this.#onProgress = onProgress;
  }

  /** Opens these in place of what is open; null where it was cancelled, by the user or by a later opening. */
  async open(paths: readonly string[]): Promise<SessionSummary | null> {
    this.cancel();
    const opening = new AbortController();
    this.#opening = opening;
    const client = this.#start();
    let discarded = client;
    try {
      const report = (progress: Progress): void => {
        if (!opening.signal.aborted) this.#onProgress(progress);
      };
      const summary = await client.open(paths, report, opening.signal);
      if (summary === null || opening.signal.aborted) return null;
      [discarded, this.#client] = [this.#client ?? discarded, client];
      return summary;
    } finally {
      if (this.#opening === opening) this.#opening = null;
      if (discarded !== this.#client) void discarded.close().catch(() => undefined);
    }
  }

  cancel(): void {
    this.#opening?.abort();
  }

  /** For questions about what is open; throws where nothing is. */
  get client(): SessionClient {
    if (this.#client === null) throw new Error('Nothing is open. Open captures or a sample first.');
    return this.#client;
  }

  async summary(): Promise<SessionSummary | null> {
    return (await this.#client?.summary()) ?? null;
  }

  close(): void {
    this.cancel();
    void this.#client?.close().catch(() => undefined);
    this.#client = null;
  }
}
