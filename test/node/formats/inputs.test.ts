// What a PATH can be, by the built command line: pipes, folders, what is no capture, what cannot be read.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { explainError } from '../../../src/node/errors.ts';
import { SAMPLES } from '../../support/requirements.ts';
import { enhancedPacket, interfaceBlock, unknownBlock, writePcap, writePcapng } from '../../support/packets-write.ts';

const CLI = path.join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'cli.js');
const SAMPLE = path.join(SAMPLES, 'eks-nat-gateway', 'node-eth0.pcap');

interface Inspection {
  readonly files: readonly {
    readonly file: string;
    readonly ok: boolean;
    readonly error: string | null;
    readonly format: string | null;
    readonly points: readonly { readonly packets: number; readonly issues: readonly { readonly code: string }[] }[];
  }[];
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snatscope-inputs-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

function inspect(args: readonly string[], input?: Uint8Array): { code: number | null; files: Inspection['files'] } {
  const { status, stdout } = spawnSync(process.execPath, [CLI, 'inspect', '--format', 'json', ...args], {
    ...(input && { input }),
    encoding: 'utf8',
    timeout: 20_000,
  });
  return { code: status, files: (JSON.parse(stdout) as Inspection).files };
}

function written(name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  writeFileSync(file, bytes);
  return file;
}

const whole = inspect([SAMPLE]).files[0]!;

describe('standard input', () => {
  it.each([
    ['a capture', readFileSync(SAMPLE)],
    ['a compressed one', gzipSync(readFileSync(SAMPLE))],
  ])('is read as a file is: %s', (_, bytes) => {
    const { code, files } = inspect(['-'], bytes);
    expect(code).toBe(0);
    expect(files[0]!.points).toEqual(whole.points);
  });

  it('that is empty is said to be', () => {
    const { code, files } = inspect(['-'], new Uint8Array(0));
    expect([code, files[0]!.error]).toEqual([3, 'the file is empty: nothing was captured']);
  });
});

describe.skipIf(process.platform === 'win32')('a FIFO', () => {
  it('is read while it is written to, slowly and in pieces', async () => {
    const fifo = path.join(folder, 'fifo.pcap');
    execFileSync('mkfifo', [fifo]);
    const reader = spawn(process.execPath, [CLI, 'inspect', '--format', 'json', fifo]);
    let out = '';
    reader.stdout.on('data', (piece: Buffer) => (out += piece.toString()));
    const ended = new Promise<number | null>((resolve) => reader.on('close', resolve));
    const bytes = readFileSync(SAMPLE);
    const descriptor = openSync(fifo, 'w');
    for (const [from, to] of [
      [0, 2],
      [2, 30],
      [30, 5000],
      [5000, bytes.length],
    ] as const) {
      writeSync(descriptor, bytes.subarray(from, to));
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    closeSync(descriptor);
    expect(await ended).toBe(0);
    expect((JSON.parse(out) as Inspection).files[0]!.points).toEqual(whole.points);
  });
});

describe('a file that is still being written', () => {
  it('gives what is there, and more when it is opened again', () => {
    const bytes = readFileSync(SAMPLE);
    const file = written('growing.pcap', bytes.subarray(0, 30_000));
    const before = inspect([file]);
    expect([before.code, before.files[0]!.ok]).toEqual([0, true]);
    expect(before.files[0]!.error).toMatch(/still being written/);
    appendFileSync(file, bytes.subarray(30_000));
    expect(inspect([file]).files[0]!.points).toEqual(whole.points);
  });
});

describe('what cannot be read', () => {
  it.each([
    ['nothing', '', /empty/],
    ['text', 'hello\n', /looks like text/],
    ['a Git LFS pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', /git lfs pull/],
  ])('is said, and the rest is read: %s', (_, content, message) => {
    const { code, files } = inspect([written('bad.pcap', content), SAMPLE]);
    expect(code).toBe(3);
    expect(files[0]).toMatchObject({ ok: false, error: expect.stringMatching(message) as string });
    expect(files[1]!.ok).toBe(true);
  });

  it('may be a file that is not there', () => {
    const { code, files } = inspect([path.join(folder, 'gone.pcap'), SAMPLE]);
    expect([code, files.map(({ ok }) => ok)]).toEqual([3, [false, true]]);
    expect(files[0]!.error).toBe('there is no such file or folder');
  });

  it('may be a folder without captures', () => {
    const empty = path.join(folder, 'empty');
    mkdirSync(empty);
    expect(inspect([empty])).toMatchObject({ code: 3, files: [{ ok: false, error: 'no capture in this folder' }] });
  });

  it('may be a file without permission', () => {
    const file = written('secret.pcap', readFileSync(SAMPLE));
    chmodSync(file, 0);
    const { error, ok } = inspect([file]).files[0]!;
    // Root may read all.
    if (process.getuid?.() === 0) expect(ok).toBe(true);
    else expect(error).toMatch(/no permission/);
  });

  it.each([
    ['ENOENT', /no such file/],
    ['EACCES', /no permission.*chown/],
    ['EISDIR', /folder/],
    ['EIO', /disk/],
  ])('has a reason for people: %s', (code, message) => {
    expect(explainError(Object.assign(new Error('x'), { code }))).toMatch(message);
  });
});

describe('a folder', () => {
  it('is every capture in it, by name or by content', () => {
    const { code, files } = inspect([path.dirname(SAMPLE)]);
    expect(code).toBe(0);
    const captures = readdirSync(path.dirname(SAMPLE)).filter((name) => name.endsWith('.pcap'));
    expect(files.map(({ file }) => file).sort()).toEqual(captures.sort());
  });
});

describe('oddities of captures', () => {
  it('a snap length of zero is unlimited', () => {
    const frames = [{ time: 0n, bytes: new Uint8Array(60) }];
    const file = written('snap.pcap', writePcap({ littleEndian: true, kind: 'microseconds', snapLength: 0 }, frames));
    expect(inspect([file])).toMatchObject({ code: 0, files: [{ points: [{ packets: 1, snapLength: 0 }] }] });
  });

  it('an impossible time and an unknown block do not end the reading', () => {
    const blocks = [
      interfaceBlock({}),
      enhancedPacket(0, 2n ** 64n - 1n, new Uint8Array(60)),
      unknownBlock(100),
      enhancedPacket(0, 1_767_268_800_000_000n, new Uint8Array(60)),
    ];
    const { code, files } = inspect([written('odd.pcapng', writePcapng(true, blocks))]);
    expect([code, files[0]!.points[0]!.packets]).toEqual([0, 2]);
    expect(files[0]!.points[0]!.issues.map((issue) => issue.code)).toContain('impossible-time');
  });
});
