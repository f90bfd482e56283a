// Captures in gzip, zstd and lz4: read as the capture inside, whatever their name, up to where damage begins.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findInputs } from '../../../src/node/inputs.ts';
import { PacketBytes } from '../../../src/node/packet-bytes.ts';
import { type ReadResult, readCapture } from '../../../src/node/read-capture.ts';
import { describeWith } from '../../support/requirements.ts';
import { writePcap } from '../../support/packets-write.ts';
import { seededNumbers } from '../../support/seeded.ts';

const EXPANSION = 100;
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'snatscope-compressed-'));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** Frames of noise, so that the compressed file is about as long as the capture. */
function noisyCapture(packets: number, length: number): Uint8Array {
  const next = seededNumbers(packets);
  return writePcap(
    { littleEndian: true, kind: 'microseconds' },
    Array.from({ length: packets }, (_, index) => ({
      time: BigInt(index) * 1_000_000_000n,
      bytes: Uint8Array.from({ length }, () => next() & 0xff),
    })),
  );
}

const CAPTURE = noisyCapture(300, 500);
const RECORD = 516;

function read(bytes: Uint8Array, expansion = EXPANSION): Promise<ReadResult> {
  const file = path.join(folder, 'capture-without-a-telling-name');
  writeFileSync(file, bytes);
  return readCapture(file, expansion, () => undefined);
}

function compressed(program: string, args: readonly string[], bytes: Uint8Array): Uint8Array {
  return execFileSync(program, [...args, '-q', '-c', '-'], { input: bytes, maxBuffer: 1024 * 1024 * 1024 });
}

function codes({ tables }: ReadResult): string[] {
  return tables.issues.map(({ code }) => code);
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const damaged = new Uint8Array(bytes);
  damaged[at]! ^= 0xff;
  return damaged;
}

const FORMS: readonly (readonly [string, string, readonly string[], string])[] = [
  ['gzip', 'gzip', [], 'gzip'],
  ['zstd', 'zstd', [], 'zstd'],
  ['zstd at a high level', 'zstd', ['-19'], 'zstd'],
  ['zstd without checksum', 'zstd', ['--no-check'], 'zstd'],
  ['lz4', 'lz4', [], 'lz4'],
  ['lz4 in small linked blocks with checksums', 'lz4', ['-B4', '-BD', '-BX'], 'lz4'],
  ['lz4, legacy', 'lz4', ['-l'], 'lz4'],
];

describe.each(FORMS)('a capture in %s', (_, program, args, name) => {
  describeWith([program], `made by ${program}`, () => {
    it('is read as the capture that it holds', async () => {
      const result = await read(compressed(program, args, CAPTURE));
      expect([result.ok, result.error, codes(result)]).toEqual([true, null, []]);
      expect(result.tables.format).toBe(`pcap (microseconds, little-endian), in ${name}`);
      expect(result.tables.packets.length).toBe(300);
      expect(result.tables.packets.offset[7]).toBe(24 + 7 * RECORD + 16);
    });

    it('is read over the border of frames', async () => {
      const first = compressed(program, args, CAPTURE.subarray(0, 70_001));
      const second = compressed(program, args, CAPTURE.subarray(70_001));
      const { tables, error } = await read(Buffer.concat([first, second]));
      expect([tables.packets.length, error]).toEqual([300, null]);
    });

    it('gives what stands before a cut, and says where', async () => {
      const whole = compressed(program, args, CAPTURE);
      for (const length of [8, 5000, whole.length - 30]) {
        const result = await read(whole.subarray(0, length));
        expect(codes(result)[0]).toBe('truncated-compression');
        expect(result.error).toContain(`offset ${length} of the compressed file`);
        expect(result.tables.packets.length).toBeLessThanOrEqual(300);
      }
    });

    it('never claims to be whole when a byte is flipped', async () => {
      if (args.includes('--no-check') || args.includes('-l')) return;
      const whole = compressed(program, args, CAPTURE);
      const next = seededNumbers(whole.length);
      for (let round = 0; round < 12; round += 1) {
        // Behind the header, whose bytes for name and time mean nothing.
        const result = await read(flipped(whole, 20 + (next() % (whole.length - 20))));
        expect(result.error).not.toBeNull();
      }
    });
  });
});

describe('gzip', () => {
  it('that is damaged gives every packet before the damage', async () => {
    const whole = gzipSync(CAPTURE, { level: 0 });
    // Stored blocks, a header of five bytes before each: the damage is in the second's length.
    const stored = whole.readUInt16LE(10 + 1);
    const result = await read(flipped(whole, 10 + 5 + stored + 1));
    expect(codes(result)).toContain('corrupt-compression');
    expect(result.ok).toBe(false);
    expect(result.tables.packets.length).toBe(Math.floor((stored - 24) / RECORD));
  });

  it('with zeros behind it is whole; with other bytes behind it they are told', async () => {
    const whole = gzipSync(CAPTURE);
    expect((await read(Buffer.concat([whole, new Uint8Array(70_000)]))).error).toBeNull();
    const result = await read(Buffer.concat([whole, Buffer.from('more')]));
    expect(result.tables.packets.length).toBe(300);
    expect(result.error).toMatch(/damaged at offset \d+ of the compressed file/);
  });

  it('around gzip, or around no capture, is said to be that', async () => {
    expect((await read(gzipSync(gzipSync(CAPTURE)))).error).toMatch(/gzip data/);
    expect((await read(gzipSync('hello'))).error).toMatch(/looks like text/);
    expect(await read(gzipSync(''))).toMatchObject({ ok: false, error: expect.stringContaining('empty') as string });
  });
});

describe('a decompression bomb', () => {
  const uniform = writePcap({ littleEndian: true, kind: 'microseconds' }, []);
  const bomb = (): Buffer => gzipSync(Buffer.concat([uniform, Buffer.alloc(90 * 1024 * 1024)]));

  it('ends where it has grown too large; what was read stays', async () => {
    const result = await read(bomb());
    expect([result.ok, codes(result)[0]]).toEqual([false, 'expansion-limit']);
    expect(result.error).toContain('--max-expansion');
    expect(result.tables.packets.length).toBeGreaterThan(1000);
  });

  it('is read to its end when the limit is lifted', async () => {
    const result = await read(bomb(), Infinity);
    expect([result.ok, result.tables.packets.length]).toEqual([true, (90 * 1024 * 1024) / 16]);
  });
});

describeWith(['zstd', 'lz4'], 'the packets of compressed captures', () => {
  it('are found again by their offsets', async () => {
    const packets = new PacketBytes();
    for (const [program, bytes] of [
      ['gzip', gzipSync(CAPTURE)],
      ['zstd', compressed('zstd', [], CAPTURE)],
      ['lz4', compressed('lz4', [], CAPTURE)],
      ['none', CAPTURE],
    ] as const) {
      const file = path.join(folder, program);
      writeFileSync(file, bytes);
      for (const row of [0, 299, 150, 3]) {
        const offset = 24 + row * RECORD + 16;
        const found = await packets.read({ path: file, name: program }, offset, 500);
        expect(Buffer.from(found).equals(CAPTURE.subarray(offset, offset + 500))).toBe(true);
      }
    }
  });
});

describe('a folder', () => {
  it('of compressed captures is found by content', async () => {
    const inside = path.join(folder, 'inside');
    mkdirSync(inside);
    writeFileSync(path.join(inside, 'a'), gzipSync(CAPTURE));
    writeFileSync(path.join(inside, 'notes.gz'), gzipSync('some text'));
    const zst = readFileSync(path.join(import.meta.dirname, '..', '..', '..', 'package.json'));
    writeFileSync(path.join(inside, 'package'), zst);
    const { captures } = await findInputs([inside], { noSideFiles: false, conntrack: [] });
    expect(captures.map(({ name }) => name)).toEqual(['a']);
  });
});
