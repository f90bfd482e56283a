// Damage within a classic capture: what is left out, where reading goes on, and that no packet is invented.
import { describe, expect, it } from 'vitest';
import { type ReadCapture, readCapture } from '../../support/packets-read.ts';
import { type Frame, enhancedPacket, interfaceBlock, writePcap, writePcapng } from '../../support/packets-write.ts';
import { seededNumbers } from '../../support/seeded.ts';

const NEW_YEAR = 1_767_225_600n * 1_000_000_000n;
const LITTLE = { littleEndian: true, kind: 'microseconds' } as const;

function frames(count: number, length = 100): Frame[] {
  const next = seededNumbers(count);
  return Array.from({ length: count }, (_, index) => ({
    time: NEW_YEAR + BigInt(index) * 1_000_000n,
    bytes: Uint8Array.from({ length }, () => next() & 0xff),
  }));
}

function recordOffset(number: number, length = 100): number {
  return 24 + number * (16 + length);
}

function withWord(file: Uint8Array, at: number, word: number): Uint8Array {
  const damaged = file.slice();
  new DataView(damaged.buffer).setUint32(at, word, true);
  return damaged;
}

function rows({ packets }: ReadCapture, length = 100): number[] {
  return packets.map(({ fileOffset }) => (fileOffset - 16 - 24) / (16 + length));
}

function counting(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

describe('a record with an impossible length', () => {
  const file = writePcap(LITTLE, frames(200));

  it.each([3, 100, 197])('is left out, with what it covers, and reading goes on: record %i', (damage) => {
    const read = readCapture(withWord(file, recordOffset(damage) + 8, 0x7fff_ffff), [4096]);
    expect(rows(read)).toEqual([...counting(0, damage), ...counting(damage + 1, 200)]);
    expect(read.issues).toEqual([
      {
        code: 'resynchronised',
        message: expect.stringContaining(
          `116 bytes were left out, up to where records begin again at offset ${recordOffset(damage + 1)}`,
        ) as string,
        offset: recordOffset(damage),
      },
    ]);
  });

  it('that is the first of the file, and two of them', () => {
    const damaged = withWord(withWord(file, recordOffset(0) + 8, 0xffff_ffff), recordOffset(120) + 8, 0x0fff_ffff);
    const read = readCapture(damaged);
    expect(rows(read)).toEqual([...counting(1, 120), ...counting(121, 200)]);
    expect(read.issues.length).toBe(2);
  });

  it('says the same in chunks of any size', () => {
    const damaged = withWord(file, recordOffset(20) + 8, 0x7fff_ffff);
    expect(readCapture(damaged, [1])).toEqual(readCapture(damaged));
  });

  it('is found at the end of the file too, where its length is possible but the file has less', () => {
    const read = readCapture(withWord(file, recordOffset(190) + 8, 200_000), [777]);
    expect(rows(read)).toEqual([...counting(0, 190), ...counting(191, 200)]);
    expect(read.issues.map(({ code }) => code)).toEqual(['resynchronised']);
  });

  it('ends the reading where only one record follows, since one may be chance', () => {
    const read = readCapture(withWord(file, recordOffset(198) + 8, 0x7fff_ffff));
    expect(rows(read)).toEqual(counting(0, 198));
    expect(read.issues).toMatchObject([{ code: 'corrupt-length', offset: recordOffset(198) }]);
  });

  it('ends the reading where noise follows', () => {
    const next = seededNumbers(7);
    const noise = Uint8Array.from({ length: 700_000 }, () => next() & 0xff);
    const read = readCapture(Uint8Array.from([...file.subarray(0, recordOffset(5)), 1, 2, 3, 4, 5, 6, 7, 8, ...noise]));
    expect(rows(read)).toEqual(counting(0, 5));
    expect(read.issues.map(({ code }) => code)).toEqual(['corrupt-length']);
  });

  it('makes no packets of a capture that is being copied within packets', () => {
    // Twenty segments that carry a capture of the same moment; each has whole records of it, in a row.
    const inner = writePcap(LITTLE, frames(300, 60)).subarray(24);
    const segments = Array.from({ length: 15 }, (_, index) => ({
      time: NEW_YEAR + BigInt(index) * 1_000_000n,
      bytes: inner.slice(index * 1448, (index + 1) * 1448),
    }));
    const outer = writePcap(LITTLE, segments);
    const read = readCapture(withWord(outer, recordOffset(6, 1448) + 8, 0x7fff_ffff));
    expect(rows(read, 1448)).toEqual([...counting(0, 6), ...counting(7, 15)]);
  });
});

describe('a doubtful record', () => {
  it('is kept where another follows it', () => {
    const file = writePcap(LITTLE, frames(5));
    const read = readCapture(withWord(file, recordOffset(2) + 4, 5_000_000));
    expect(rows(read)).toEqual([0, 1, 2, 3, 4]);
    expect(read.issues).toEqual([]);
  });

  it('is damage where none follows it', () => {
    const file = writePcap(LITTLE, frames(20));
    // A length that is possible, beside a fraction that is not.
    const damaged = withWord(withWord(file, recordOffset(2) + 4, 5_000_000), recordOffset(2) + 8, 53);
    const read = readCapture(damaged);
    expect(rows(read)).toEqual([0, 1, ...counting(3, 20)]);
    expect(read.issues.map(({ code }) => code)).toEqual(['resynchronised']);
  });
});

describe('a damaged pcapng block', () => {
  const blocks = Array.from({ length: 150 }, (_, index) =>
    enhancedPacket(0, BigInt(index), new Uint8Array(40).fill(index)),
  );
  const LENGTH = 12 + 20 + 40;

  it.each([true, false])('is left out, and reading goes on; little-endian %s', (littleEndian) => {
    const file = writePcapng(littleEndian, [interfaceBlock({}), ...blocks]);
    const first = file.length - blocks.length * LENGTH;
    const damaged = file.slice();
    new DataView(damaged.buffer).setUint32(first + 30 * LENGTH + 4, 0xfff_fff0, littleEndian);
    const { packets, issues } = readCapture(damaged, [1000]);
    expect(packets.map(({ fileOffset }) => (fileOffset - 28 - first) / LENGTH)).toEqual([
      ...counting(0, 30),
      ...counting(31, 150),
    ]);
    expect(issues).toMatchObject([{ code: 'resynchronised', offset: first + 30 * LENGTH }]);
    expect(readCapture(damaged, [1])).toEqual(readCapture(damaged));
  });
});
