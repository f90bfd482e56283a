// Damage: every prefix of small captures, and seeded flips of bytes. Nothing throws, nothing hangs, what was good is kept.
import { describe, expect, it } from 'vitest';
import { readCapture, type ReadCapture } from '../../support/packets-read.ts';
import {
  enhancedPacket,
  interfaceBlock,
  nameBlock,
  joined,
  obsoletePacket,
  remarkedPacket,
  secretsBlock,
  simplePacket,
  statisticsBlock,
  unknownBlock,
  writePcap,
  writePcapng,
  writeSnoop,
} from '../../support/packets-write.ts';
import { seededNumbers } from '../../support/seeded.ts';

const FRAMES = [14, 0, 61].map((length) => new Uint8Array(length).fill(0x5a));

const pcapFrames = FRAMES.map((bytes, index) => ({ time: BigInt(index) * 1_000_000_000n, bytes }));
const pcapngBlocks = [
  interfaceBlock({ name: 'eth0', tsresol: 9, filter: 'tcp' }),
  unknownBlock(20),
  ...FRAMES.map((bytes, index) => enhancedPacket(0, BigInt(index), bytes, bytes.length, 'a comment')),
  simplePacket(FRAMES[2]!),
  obsoletePacket(0, 9n, FRAMES[0]!),
  nameBlock([[1, [10, 0, 0, 1], ['a', 'b']]]),
  remarkedPacket({ comments: ['PID: 1', 'Cmd: x'], flags: 1, dropped: 2n }, FRAMES[0]!),
  secretsBlock('CLIENT_RANDOM'),
  statisticsBlock(0, 4n, 0n),
];

const CAPTURES: readonly (readonly [string, Uint8Array])[] = [
  ['pcap, little-endian', writePcap({ littleEndian: true, kind: 'microseconds' }, pcapFrames)],
  ['pcap, big-endian', writePcap({ littleEndian: false, kind: 'nanoseconds' }, pcapFrames)],
  ['pcap, modified', writePcap({ littleEndian: true, kind: 'modified' }, pcapFrames)],
  ['snoop', writeSnoop({}, pcapFrames)],
  ['pcapng, little-endian', writePcapng(true, pcapngBlocks)],
  ['pcapng, two sections', joined([writePcapng(false, pcapngBlocks), writePcapng(true, pcapngBlocks)])],
];

function packetsOf({ packets }: ReadCapture): unknown[] {
  return packets.map(({ bytes, fileOffset }) => [fileOffset, ...bytes]);
}

describe.each(CAPTURES)('%s', (_, file) => {
  const whole = packetsOf(readCapture(file));

  it('is read up to the cut, for every cut', () => {
    for (let length = 0; length < file.length; length += 1) {
      const cut = readCapture(file.slice(0, length), [5]);
      const read = packetsOf(cut);
      expect(read).toEqual(whole.slice(0, read.length));
      const ends = cut.packets.map(({ fileOffset, bytes }) => fileOffset + bytes.length);
      expect(Math.max(0, ...ends)).toBeLessThanOrEqual(length);
    }
  });

  it('reads the same in chunks of one byte as at once', () => {
    expect(readCapture(file, [1])).toEqual(readCapture(file));
  });

  it('survives flipped bytes, and says the same in chunks as at once', () => {
    const next = seededNumbers(file.length);
    for (let round = 0; round < 1500; round += 1) {
      const damaged = file.slice();
      const flips = 1 + (next() % 3);
      for (let i = 0; i < flips; i += 1) damaged[next() % damaged.length] = next() & 0xff;
      expect(readCapture(damaged, [1 + (next() % 40)])).toEqual(readCapture(damaged));
    }
  });
});
