// A session as its hosts see it: workers that read, correlate and answer; progress, cancelling, failing.
import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { NO_OPTIONS } from '../../src/core/session.ts';
import type { SessionClient } from '../../src/node/session-client.ts';
import type { Progress } from '../../src/shared/contract.ts';
import { bigCapture } from '../support/big-capture.ts';
import { CLI, snatscope } from '../support/cli.ts';
import { SAMPLES } from '../support/requirements.ts';

// The built one: its workers are built files too.
const OUT = path.dirname(CLI);
const chunk = readdirSync(OUT).find((file) => /^session-client-.*\.js$/.test(file))!;
const built = (await import(pathToFileURL(path.join(OUT, chunk)).href)) as Record<string, () => SessionClient>;
const startSession = Object.values(built).find(({ name }) => name === 'startSession')!;

const SAMPLE = path.join(SAMPLES, 'eks-public-subnet');
const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-session-'));
const BIG = path.join(scratch, 'big.pcap');
writeFileSync(BIG, bigCapture(400_000));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const sessions: SessionClient[] = [];
function session(): SessionClient {
  const started = startSession();
  sessions.push(started);
  return started;
}
afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(sessions.splice(0).map((s) => s.close()));
});

async function exported(of: SessionClient, format: 'text' | 'json', filter = ''): Promise<string> {
  let text = '';
  for await (const piece of of.exportPieces({ format, filter, theme: 'light', picture: 'map' })) text += piece;
  return text;
}

const quiet = (): void => undefined;
const never = new AbortController().signal;
const ALL = { filter: '', sort: 'start', descending: false, offset: 0, limit: 500 } as const;

describe('opening', () => {
  it('answers with the summary, and then every question', async () => {
    const s = session();
    const summary = (await s.open([SAMPLE], quiet, never))!;
    expect(summary).toMatchObject({ title: 'eks-public-subnet', journeys: 66 });
    expect(summary.elapsedMs).toBeGreaterThan(0);
    expect(await s.summary()).toEqual(summary);
    const page = await s.journeys({ ...ALL, filter: 'tcp.port == 43210' });
    expect(page.total).toBe(1);
    const { id } = page.rows[0]!;
    expect(await s.journey(id)).toEqual(page.rows[0]);
    const passages = await s.passages(id, 0, 100);
    expect(passages.total).toBe(10);
    expect(passages.rows.map(({ label }) => label)).toContain('PSH ACK 64');
    // By what the files' bytes hold, which the tables do not.
    expect(passages.rows.map(({ name }) => name).filter((name) => name !== null)).toEqual([
      expect.stringMatching(/^GET \/\S* HTTP\/1\.1/),
      expect.stringMatching(/^HTTP\/1\.1 200/),
    ]);
    const diff = await s.packetDiff(id, 0);
    expect(JSON.stringify(diff)).toContain('10.42.1.17');
    expect((await s.timeline({ journey: id, bins: 10 })).series).toHaveLength(5);
    expect(await s.pathMap(id, 800)).not.toBeNull();
    expect(await s.journey('j999')).toBeNull();
    expect((await s.setRole('p0', 'other')).canUndo).toBe(true);
    expect((await s.undo()).points[0]!.role).toBe('pod-veth');
  });

  it('tells its report in pieces that join to what the command line prints', async () => {
    const s = session();
    await s.open([SAMPLE], quiet, never);
    expect(await exported(s, 'text')).toBe(snatscope(['report', SAMPLE]).stdout);
    expect((JSON.parse(await exported(s, 'json')) as { journeys: unknown[] }).journeys).toHaveLength(66);
  });

  it('tells progress in bytes that only grow, up to all of them, reading first and correlating then', async () => {
    const told: Progress[] = [];
    await session().open([BIG, SAMPLE], (p) => told.push(p), never);
    const stages = told.map((p) => p.stage);
    expect(stages[0]).toBe('reading');
    expect(stages.at(-1)).toBe('correlating');
    expect(stages.indexOf('correlating')).toBe(stages.length - 1);
    told.reduce((before, now) => {
      expect(now.bytesRead).toBeGreaterThanOrEqual(before.bytesRead);
      expect(now.packets).toBeGreaterThanOrEqual(before.packets);
      expect(now.bytesRead).toBeLessThanOrEqual(now.bytesTotal);
      return now;
    });
    expect(told.at(-1)!.bytesRead).toBe(told.at(-1)!.bytesTotal);
    expect(told.at(-1)!.packets).toBeGreaterThan(400_000);
  });

  it('of files that cannot be read is a session all the same: it says why of each', async () => {
    const summary = (await session().open([path.join(scratch, 'gone.pcap')], quiet, never))!;
    expect(summary).toMatchObject({
      journeys: 0,
      points: [],
      inputs: [{ ok: false, error: expect.stringMatching(/no such file/) as unknown }],
    });
  });
});

describe('reading on', () => {
  const bytes = readFileSync(path.join(SAMPLE, 'node-eth0.pcap'));
  const OPTIONS = { inputs: { noSideFiles: false, conntrack: [] }, session: NO_OPTIONS };

  it.each([
    ['opened to be followed', true],
    ['that were not', false],
  ])('gives the summary of captures that have grown, %s', async (_, follow) => {
    const file = path.join(scratch, `growing-${follow}.pcap`);
    writeFileSync(file, bytes.subarray(0, 2000));
    const s = session();
    const first = (await s.open([file, path.join(SAMPLE, 'pod1-veth.pcap')], quiet, never, { ...OPTIONS, follow }))!;
    await s.setRole('p0', 'nat-inside');
    appendFileSync(file, bytes.subarray(2000));
    const { grown, isOver } = await s.readOn();
    expect(isOver).toBe(false);
    expect(grown!.points[0]!.packets).toBeGreaterThan(first.points[0]!.packets);
    expect(grown!.points[0]!.role).toBe('nat-inside');
    expect(grown!.journeys).toBeGreaterThan(first.journeys);
    expect(await s.summary()).toEqual(grown);
    const { rows } = await s.journeys({ ...ALL, sort: 'start', descending: true });
    expect(await s.packetDiff(rows[0]!.id, 0)).not.toBeNull();
    expect(await s.readOn()).toEqual({ grown: null, isOver: false });
    rmSync(file);
    expect((await s.readOn()).grown!.inputs[0]!.error).toMatch(/removed/);
  });

  it('is over where no capture can grow', async () => {
    const file = path.join(scratch, 'compressed.pcap.gz');
    writeFileSync(file, gzipSync(bytes));
    const s = session();
    await s.open([file], quiet, never, { ...OPTIONS, follow: true });
    expect(await s.readOn()).toEqual({ grown: null, isOver: true });
  });
});

describe('before anything is open', () => {
  it('there is no summary, and questions are refused', async () => {
    const s = session();
    expect(await s.summary()).toBeNull();
    await expect(s.journeys(ALL)).rejects.toThrow('Nothing is open.');
    await expect(s.readOn()).rejects.toThrow('Nothing is open.');
    await expect(exported(s, 'text')).rejects.toThrow('Nothing is open.');
  });

  it('and the same after it was closed', async () => {
    const s = session();
    await s.open([SAMPLE], quiet, never);
    await s.close();
    expect(await s.summary()).toBeNull();
    await expect(s.journeys(ALL)).rejects.toThrow('Nothing is open.');
  });
});

describe('cancelling', () => {
  it('while a file is being read gives null before the file is read, and leaves open what was open', async () => {
    const s = session();
    const before = await s.open([SAMPLE], quiet, never);
    const stop = new AbortController();
    const stages: string[] = [];
    const result = await s.open(
      [BIG],
      ({ stage }) => {
        stages.push(stage);
        stop.abort();
      },
      stop.signal,
    );
    expect(result).toBeNull();
    expect(stages[0]).toBe('reading');
    expect(stages).not.toContain('correlating');
    expect(await s.summary()).toEqual(before);
    expect((await s.journeys(ALL)).total).toBe(66);
  });

  it('before it began opens nothing', async () => {
    const s = session();
    expect(await s.open([SAMPLE], quiet, AbortSignal.abort())).toBeNull();
    expect(await s.summary()).toBeNull();
  });

  it('after it was done changes nothing', async () => {
    const s = session();
    const stop = new AbortController();
    await s.open([SAMPLE], quiet, stop.signal);
    stop.abort();
    expect((await s.journeys(ALL)).total).toBe(66);
  });
});

describe('failing', () => {
  it('a question that fails rejects with its reason, and the next is answered', async () => {
    const s = session();
    await s.open([SAMPLE], quiet, never);
    await expect(s.setRole('p99', 'other')).rejects.toThrow(/p99/);
    await expect(s.setOrder(['p0'])).rejects.toThrow(/each point once/);
    expect((await s.summary())!.journeys).toBe(66);
  });

  it('bytes of a file that is gone since are asked for in vain, with the file named', async () => {
    const copy = path.join(scratch, 'pod1-veth.pcap');
    writeFileSync(copy, readFileSync(path.join(SAMPLE, 'pod1-veth.pcap')));
    const s = session();
    await s.open([copy], quiet, never);
    rmSync(copy);
    const { rows } = await s.journeys(ALL);
    await expect(s.packetDiff(rows[0]!.id, 0)).rejects.toThrow(/pod1-veth\.pcap: there is no such file/);
    expect((await s.passages(rows[0]!.id, 0, 10)).total).toBeGreaterThan(0);
  });

  it('a worker that dies rejects what waits for it and all that follows; opening again works', async () => {
    const s = session();
    const workers: Worker[] = [];
    const post = vi.spyOn(Worker.prototype, 'postMessage').mockImplementation(function (this: Worker, ...args) {
      workers.push(this);
      post.mockRestore();
      this.postMessage(...args);
    });
    await s.open([SAMPLE], quiet, never);
    const waiting = s.journeys({ ...ALL, sort: 'lost' });
    const ended = expect(waiting).rejects.toThrow(/session ended/i);
    await workers[0]!.terminate();
    await ended;
    await expect(s.journeys(ALL)).rejects.toThrow(/Open the captures again/);
    expect((await s.open([SAMPLE], quiet, never))!.journeys).toBe(66);
    expect((await s.journeys(ALL)).total).toBe(66);
  });
});
