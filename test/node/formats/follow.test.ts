// Captures that are still being written: read on from where reading stopped, until they are no longer the same file.
import { execFileSync, spawn } from 'node:child_process';
import {
  appendFileSync,
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FollowedCapture } from '../../../src/node/follow-capture.ts';
import { type ReadResult, readCapture } from '../../../src/node/read-capture.ts';
import { CLI } from '../../support/cli.ts';
import {
  enhancedPacket,
  interfaceBlock,
  statisticsBlock,
  writePcap,
  writePcapng,
} from '../../support/packets-write.ts';
import { SAMPLES, describeWith } from '../../support/requirements.ts';

const EXPANSION = 100;
const quiet = (): void => undefined;
const PCAP = new Uint8Array(readFileSync(path.join(SAMPLES, 'eks-nat-gateway', 'node-eth0.pcap')));
const frames = Array.from({ length: 12 }, (_, index) => new Uint8Array(40 + 17 * index).fill(index));
const PCAPNG = writePcapng(true, [
  interfaceBlock({ name: 'eth0' }),
  ...frames.slice(0, 6).map((bytes, index) => enhancedPacket(0, BigInt(index), bytes, bytes.length, `packet ${index}`)),
  interfaceBlock({ name: 'eth1' }),
  ...frames.slice(6).map((bytes, index) => enhancedPacket(1, BigInt(index), bytes)),
  statisticsBlock(0, 20n, 3n),
]);

let folder: string;
let count = 0;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snatscope-follow-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file with this content, as it is when it is begun to be followed. */
function begun(bytes: Uint8Array): { readonly file: string; readonly capture: FollowedCapture } {
  const file = path.join(folder, `capture-${count++}`);
  writeFileSync(file, bytes);
  return { file, capture: new FollowedCapture(file, EXPANSION) };
}

function packetsOf({ tables }: ReadResult): number {
  return tables.packets.length;
}

function codes({ tables }: ReadResult): string[] {
  return tables.issues.map(({ code }) => code);
}

describe('a capture that grows', () => {
  it.each([
    ['pcap', PCAP],
    ['pcapng', PCAPNG],
  ])('comes to the same tables in pieces as whole, each byte read once: %s', async (_, bytes) => {
    const cuts = fc.array(fc.nat(bytes.length), { maxLength: 6 }).map((all) => all.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(cuts, async (places) => {
        const { file, capture } = begun(bytes.subarray(0, places[0] ?? 0));
        let read = 0;
        await capture.readOn((position) => (read = position));
        for (const [index, from] of places.entries()) {
          const piece = bytes.subarray(from, places[index + 1] ?? bytes.length);
          appendFileSync(file, piece);
          expect(await capture.readOn((position) => (read = position))).toBe(piece.length > 0);
          // What is there of a cut file, but without calling it cut.
          const there = await readCapture(file, EXPANSION, quiet);
          expect(packetsOf(capture.result())).toBe(packetsOf(there));
          expect(codes(capture.result())).toEqual(codes(there).filter((code) => code !== 'truncated-tail'));
        }
        if (places.length === 0) appendFileSync(file, bytes);
        await capture.readOn((position) => (read = position));
        expect(read).toBe(bytes.length);
        expect(capture.result()).toEqual(await readCapture(file, EXPANSION, quiet));
        expect(await capture.readOn(quiet)).toBe(false);
        capture.close();
      }),
      { numRuns: 60 },
    );
  });

  it('is not read anew: what it told before stays as it was told', async () => {
    const { file, capture } = begun(PCAPNG.subarray(0, PCAPNG.length - 60));
    await capture.readOn(quiet);
    const before = capture.result();
    const copy = structuredClone(before);
    appendFileSync(file, PCAPNG.subarray(PCAPNG.length - 60));
    await capture.readOn(quiet);
    expect(capture.result().tables.points[0]!.dropped).toBe(3);
    expect(before).toEqual(copy);
    capture.close();
  });

  it('may be empty at first, or have but a part of its header', async () => {
    const { file, capture } = begun(new Uint8Array(0));
    await capture.readOn(quiet);
    expect(capture.result()).toMatchObject({ ok: false, error: 'the file is empty: nothing was captured' });
    appendFileSync(file, PCAP.subarray(0, 3));
    await capture.readOn(quiet);
    expect(capture.isOver).toBe(false);
    appendFileSync(file, PCAP.subarray(3));
    expect(await capture.readOn(quiet)).toBe(true);
    expect(capture.result()).toMatchObject({ ok: true, error: null });
    capture.close();
  });

  it('is read up to damage, and then no further', async () => {
    const { file, capture } = begun(PCAP.subarray(0, 1000));
    await capture.readOn(quiet);
    // A record of more than any length, with nothing behind it that looks like records.
    appendFileSync(file, new Uint8Array(800_000).fill(0xff));
    await capture.readOn(quiet);
    expect([capture.isOver, capture.result().ok, codes(capture.result())]).toEqual([true, false, ['corrupt-length']]);
  });
});

describe('following ends, and says so, where the file', () => {
  const next = writePcap({ littleEndian: true, kind: 'microseconds' }, [{ time: 0n, bytes: new Uint8Array(60) }]);

  it.each<[string, (file: string) => void, RegExp]>([
    [
      'is shorter than it was',
      (file) => {
        writeFileSync(file, next);
      },
      /written anew/,
    ],
    [
      'is longer, but another',
      (file) => {
        writeFileSync(file, new Uint8Array(PCAP.length + 9).fill(1));
      },
      /written anew/,
    ],
    [
      'was removed',
      (file) => {
        rmSync(file);
      },
      /removed or renamed/,
    ],
    [
      'has another in its place',
      (file) => {
        renameSync(file, `${file}.1`);
        writeFileSync(file, next);
      },
      /another file/,
    ],
  ])('%s', async (_, change, message) => {
    const { file, capture } = begun(PCAP);
    await capture.readOn(quiet);
    const before = packetsOf(capture.result());
    change(file);
    expect([await capture.readOn(quiet), capture.isOver]).toEqual([true, true]);
    const result = capture.result();
    expect([result.ok, packetsOf(result), codes(result)]).toEqual([true, before, ['not-followed']]);
    expect(result.error).toMatch(message);
    expect(await capture.readOn(quiet)).toBe(false);
  });

  it('was renamed: what its writer had added is read to the end', async () => {
    const { file, capture } = begun(PCAP.subarray(0, 2000));
    await capture.readOn(quiet);
    appendFileSync(file, PCAP.subarray(2000));
    renameSync(file, `${file}.1`);
    await capture.readOn(quiet);
    expect(packetsOf(capture.result())).toBe(packetsOf(await readCapture(`${file}.1`, EXPANSION, quiet)));
  });
});

describe('what cannot be followed', () => {
  it('is read once where it is compressed, and that is said', async () => {
    const { capture } = begun(gzipSync(PCAP));
    expect([await capture.readOn(quiet), capture.isOver]).toEqual([true, true]);
    expect(capture.result()).toMatchObject({
      ok: true,
      error: expect.stringMatching(/gzip cannot be followed/) as string,
    });
    expect(packetsOf(capture.result())).toBe(packetsOf(await readCapture(begun(PCAP).file, EXPANSION, quiet)));
  });

  it.each([
    ['a folder', () => folder, /folder/],
    ['nothing', () => path.join(folder, 'gone'), /no such file/],
    ['text', () => begun(Buffer.from('hello '.repeat(100))).file, /looks like text/],
  ])('is told at once: %s', async (_, where, message) => {
    const capture = new FollowedCapture(where(), EXPANSION);
    await capture.readOn(quiet);
    expect(capture.isOver).toBe(true);
    expect(capture.result()).toMatchObject({ ok: false, error: expect.stringMatching(message) as string });
  });
});

describe.skipIf(process.platform === 'win32')('a FIFO', () => {
  it('is followed while it has a writer', async () => {
    const fifo = path.join(folder, 'fifo');
    execFileSync('mkfifo', [fifo]);
    const capture = new FollowedCapture(fifo, EXPANSION);
    await capture.readOn(quiet);
    expect([capture.isOver, await capture.readOn(quiet)]).toEqual([false, false]);
    const descriptor = openSync(fifo, 'w');
    // No more than a FIFO takes.
    const bytes = PCAP.subarray(0, 20_000);
    for (const [from, to] of [
      [0, 2],
      [2, 3000],
      [3000, bytes.length],
    ] as const) {
      writeSync(descriptor, bytes.subarray(from, to));
      expect(await capture.readOn(quiet)).toBe(true);
      expect(await capture.readOn(quiet)).toBe(false);
    }
    closeSync(descriptor);
    expect([await capture.readOn(quiet), capture.isOver]).toEqual([true, true]);
    expect(capture.result()).toEqual(await readCapture(begun(bytes).file, EXPANSION, quiet));
  });

  it('that brings compressed data is refused', async () => {
    const fifo = path.join(folder, 'compressed');
    execFileSync('mkfifo', [fifo]);
    const capture = new FollowedCapture(fifo, EXPANSION);
    await capture.readOn(quiet);
    const descriptor = openSync(fifo, 'w');
    writeSync(descriptor, gzipSync(PCAP.subarray(0, 20_000)));
    await capture.readOn(quiet);
    closeSync(descriptor);
    expect(capture.result()).toMatchObject({
      ok: false,
      error: expect.stringMatching(/gzip cannot be followed/) as string,
    });
  });
});

/** The command line, following: what it has printed so far, and its end. */
function following(args: readonly string[]) {
  const child = spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const told = { out: '', error: '', code: null as number | string | null };
  child.stdout.on('data', (data: Buffer) => (told.out += data.toString()));
  child.stderr.on('data', (data: Buffer) => (told.error += data.toString()));
  const ended = new Promise<void>((resolve) =>
    child.on('close', (code, signal) => {
      told.code = code ?? signal;
      resolve();
    }),
  );
  return { child, told, ended };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

function lines(text: string): string[] {
  return text.split('\n').filter(Boolean);
}

interface Counted {
  readonly files?: readonly { readonly points: readonly { readonly packets: number }[] }[];
  readonly points?: readonly { readonly packets: number }[];
}

function counted(line: string): number {
  const { files, points } = JSON.parse(line) as Counted;
  return (points ?? files![0]!.points).reduce((sum, point) => sum + point.packets, 0);
}

describe('the command line', () => {
  const packets = 2;
  const at = (records: number): Uint8Array => {
    const all = Array.from({ length: records }, () => ({ time: 0n, bytes: new Uint8Array(60) }));
    return writePcap({ littleEndian: true, kind: 'microseconds' }, all);
  };
  const record = at(1).subarray(24);

  it.each(['inspect', 'report'])('%s prints a line of JSON an update, until Ctrl+C', async (command) => {
    const { file } = begun(at(packets));
    const { child, told, ended } = following([command, '--follow', '--format', 'json', file]);
    await until(() => lines(told.out).length === 1);
    appendFileSync(file, record);
    await until(() => lines(told.out).length === 2);
    appendFileSync(file, record.subarray(0, 30));
    appendFileSync(file, record.subarray(30));
    await until(() => counted(lines(told.out).at(-1)!) === packets + 2);
    child.kill('SIGINT');
    await ended;
    expect([told.code, told.error]).toEqual([0, '']);
    const counts = lines(told.out).map(counted);
    expect(counts.slice(0, 2)).toEqual([packets, packets + 1]);
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
  });

  it('inspect and report part texts by an empty line; a file is written anew', async () => {
    const { file } = begun(at(packets));
    const out = path.join(folder, 'out.txt');
    const inspect = following(['inspect', '--follow', file]);
    const report = following(['report', '--follow', '--out', out, file]);
    await until(() => inspect.told.out.includes('2 packets'));
    await until(() => readFileSync(out, { encoding: 'utf8', flag: 'a+' }).includes('2 packets'));
    appendFileSync(file, record);
    await until(() => inspect.told.out.includes('3 packets'));
    await until(() => readFileSync(out, 'utf8').includes('3 packets'));
    expect(inspect.told.out).toMatch(/\n\ncapture-\d+: pcap/);
    for (const { child } of [inspect, report]) child.kill('SIGINT');
    await Promise.all([inspect.ended, report.ended]);
    expect([inspect.told.code, report.told.code, report.told.out]).toEqual([0, 0, '']);
    expect(readFileSync(out, 'utf8').match(/Snatscope/g)).toHaveLength(1);
  });

  it('ends by itself where nothing can be followed, with what is told once', async () => {
    const { file } = begun(gzipSync(at(packets)));
    const { told, ended } = following(['report', '--follow', '--format', 'json', file]);
    await ended;
    expect([told.code, lines(told.out).length]).toEqual([0, 1]);
    expect(lines(told.error)).toEqual([expect.stringMatching(/gzip cannot be followed/)]);
  });

  it('ends with code 3 where a file was written anew as no capture', async () => {
    const { file } = begun(new Uint8Array(0));
    const { child, told, ended } = following(['inspect', '--follow', '--format', 'json', file]);
    await until(() => lines(told.error).length === 1);
    appendFileSync(file, 'hello '.repeat(100));
    await ended;
    expect([child.killed, told.code, lines(told.error).length]).toEqual([false, 3, 2]);
  });

  it.skipIf(process.platform !== 'linux')('follows standard input from a pipe up to its end', async () => {
    const source = path.join(folder, 'input.pcap');
    writeFileSync(source, at(packets));
    const done = path.join(folder, 'done');
    const script = 'cat "$0"; until [ -e "$1" ]; do sleep 0.05; done; tail -c +25 "$0"';
    const args = ['-c', `(${script}) | "$2" "$3" report --follow --format json -`, source, done, process.execPath, CLI];
    const child = spawn('bash', args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (data: Buffer) => (out += data.toString()));
    const ended = new Promise((resolve) => child.on('close', resolve));
    await until(() => lines(out).some((line) => counted(line) === packets));
    writeFileSync(done, '');
    expect(await ended).toBe(0);
    expect(counted(lines(out).at(-1)!)).toBe(2 * packets);
  });
});

const IS_ROOT = process.getuid?.() === 0;

describeWith(['tcpdump', 'unshare', 'ip'], 'a capture that tcpdump writes', () => {
  it.skipIf(!IS_ROOT)('is followed packet by packet', async () => {
    const file = path.join(folder, 'lo.pcap');
    const script =
      'ip link set lo up; tcpdump -q -i lo -U -w "$0" udp 2>/dev/null & ' +
      'while read -r port; do echo x > "/dev/udp/127.0.0.1/$port"; done; kill $!; wait';
    const recorder = spawn('unshare', ['--net', 'bash', '-c', script, file], { stdio: ['pipe', 'ignore', 'ignore'] });
    const recorded = new Promise((resolve) => recorder.on('close', resolve));
    const capture = new FollowedCapture(file, EXPANSION);
    await until(() => readFileSync(file, { flag: 'a+' }).length >= 24);
    await capture.readOn(quiet);
    for (const port of [9001, 9002, 9003]) {
      const before = packetsOf(capture.result());
      recorder.stdin.write(`${port}\n`);
      while (packetsOf(capture.result()) === before) {
        await new Promise((resolve) => setTimeout(resolve, 20));
        await capture.readOn(quiet);
      }
      const { legs } = capture.result().tables;
      expect(legs.destinationPort.at(-1)).toBe(port);
    }
    recorder.stdin.end();
    await recorded;
    capture.close();
  });
});
