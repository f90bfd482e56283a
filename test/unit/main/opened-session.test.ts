import { describe, expect, it } from 'vitest';
import { OpenedSession } from '../../../src/main/opened-session.ts';
import type { SessionClient } from '../../../src/node/session-client.ts';
import type { Progress, SessionSummary } from '../../../src/shared/contract.ts';

const PROGRESS: Progress = { stage: 'reading', bytesRead: 1, bytesTotal: 2, packets: 3 };

/** A worker that does as the test says: it opens when told to, or dies. */
class ScriptedWorker implements Pick<SessionClient, 'open' | 'summary' | 'close'> {
  closed = false;
  finish: (title: string) => void = () => undefined;
  die: () => void = () => undefined;
  #title = '';

  open(
    _: readonly string[],
    onProgress: (progress: Progress) => void,
    signal: AbortSignal,
  ): Promise<SessionSummary | null> {
    onProgress(PROGRESS);
    return new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => {
        onProgress(PROGRESS);
        resolve(null);
      });
      this.finish = (title) => {
        this.#title = title;
        resolve({ title } as SessionSummary);
      };
      this.die = () => {
        reject(new Error('The worker ended.'));
      };
    });
  }

  summary(): Promise<SessionSummary> {
    return Promise.resolve({ title: this.#title } as SessionSummary);
  }

  close(): Promise<void> {
    this.closed = true;
    return Promise.reject(new Error('It is gone already.'));
  }
}

function scripted(): { workers: ScriptedWorker[]; progress: Progress[]; opened: OpenedSession } {
  const workers: ScriptedWorker[] = [];
  const progress: Progress[] = [];
  const start = (): SessionClient => {
    const worker = new ScriptedWorker();
    workers.push(worker);
    return worker;
  };
  return { workers, progress, opened: new OpenedSession(start, (news) => progress.push(news)) };
}

async function openNamed(opened: OpenedSession, workers: ScriptedWorker[], title: string): Promise<void> {
  const opening = opened.open(['/captures']);
  workers.at(-1)!.finish(title);
  await opening;
}

describe('the session that is open', () => {
  it('is none at first, and questions about it say so', async () => {
    const { opened } = scripted();
    expect(await opened.summary()).toBeNull();
    expect(() => opened.client).toThrow('Nothing is open.');
  });

  it('is replaced by the next one, whose predecessor is closed', async () => {
    const { opened, workers, progress } = scripted();
    await openNamed(opened, workers, 'first');
    await openNamed(opened, workers, 'second');
    expect(await opened.summary()).toMatchObject({ title: 'second' });
    expect(workers.map(({ closed }) => closed)).toEqual([true, false]);
    expect(progress).toEqual([PROGRESS, PROGRESS]);
  });

  it('stays where an opening is cancelled, which reports no more progress', async () => {
    const { opened, workers, progress } = scripted();
    await openNamed(opened, workers, 'first');
    const opening = opened.open(['/captures']);
    opened.cancel();
    expect(await opening).toBeNull();
    expect(await opened.summary()).toMatchObject({ title: 'first' });
    expect(workers.map(({ closed }) => closed)).toEqual([false, true]);
    expect(progress).toHaveLength(2);
  });

  it('stays where the worker of an opening dies, and the next opening has a new one', async () => {
    const { opened, workers } = scripted();
    await openNamed(opened, workers, 'first');
    const opening = opened.open(['/captures']);
    workers[1]!.die();
    await expect(opening).rejects.toThrow('The worker ended.');
    expect(await opened.summary()).toMatchObject({ title: 'first' });
    await openNamed(opened, workers, 'third');
    expect(await opened.summary()).toMatchObject({ title: 'third' });
  });

  it('is the last that was asked for, whichever is ready first', async () => {
    const { opened, workers } = scripted();
    const [early, late] = [opened.open(['/early']), opened.open(['/late'])];
    workers[1]!.finish('late');
    workers[0]!.finish('early');
    expect(await early).toBeNull();
    expect(await late).toMatchObject({ title: 'late' });
    expect(await opened.summary()).toMatchObject({ title: 'late' });
    expect(workers.map(({ closed }) => closed)).toEqual([true, false]);
  });

  it('is closed with the program', async () => {
    const { opened, workers } = scripted();
    await openNamed(opened, workers, 'first');
    opened.close();
    expect(workers[0]!.closed).toBe(true);
    expect(await opened.summary()).toBeNull();
  });
});
