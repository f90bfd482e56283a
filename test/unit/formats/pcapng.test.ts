import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../support/packets-read.ts';
import {
  block,
  enhancedPacket,
  interfaceBlock,
  joined,
  nameBlock,
  obsoletePacket,
  remarkedPacket,
  secretsBlock,
  sectionHeader,
  simplePacket,
  statisticsBlock,
  unknownBlock,
  writePcapng,
} from '../../support/packets-write.ts';

const FRAME = Uint8Array.from({ length: 33 }, (_, index) => index);
/** A packet's time in microseconds. */
const NOON = 1_767_268_800_123_456n;

describe.each([true, false])('pcapng, little-endian %s', (littleEndian) => {
  it('describes an interface with its options', () => {
    const { format, interfaces, issues } = readCapture(
      writePcapng(littleEndian, [
        interfaceBlock({
          linkType: 276,
          snapLength: 128,
          name: 'eni1a2b3c4d5e6',
          description: 'pod veth',
          filter: 'port 53',
          tsresol: 9,
          fcslen: 4,
          hardware: 'ENA',
          os: 'Linux 6.18',
          comments: ['ifIndex: 7', 'netNsInode: 4026531840'],
        }),
      ]),
    );
    expect(issues).toEqual([]);
    expect(format).toBe(`pcapng (${littleEndian ? 'little' : 'big'}-endian)`);
    expect(interfaces).toEqual([
      {
        index: 0,
        name: 'eni1a2b3c4d5e6',
        description: 'pod veth',
        linkType: 276,
        snapLength: 128,
        filter: 'port 53',
        resolutionNs: 1,
        fcsLength: 4,
        hardware: 'ENA',
        os: 'Linux 6.18',
        comments: ['ifIndex: 7', 'netNsInode: 4026531840'],
      },
    ]);
  });

  it('reads enhanced and obsolete packets, in microseconds by default', () => {
    const file = writePcapng(littleEndian, [
      interfaceBlock({}),
      interfaceBlock({ linkType: 101 }),
      enhancedPacket(1, NOON, FRAME, 1500, 'PID: 42'),
      obsoletePacket(0, NOON + 1n, FRAME),
    ]);
    const { packets, issues } = readCapture(file);
    expect(issues).toEqual([]);
    expect(packets).toMatchObject([
      { interfaceIndex: 1, seconds: 1_767_268_800, nanos: 123_456_000, wireLength: 1500, bytes: FRAME },
      { interfaceIndex: 0, seconds: 1_767_268_800, nanos: 123_457_000, wireLength: 33, bytes: FRAME },
    ]);
    for (const { bytes, fileOffset } of packets) {
      expect(file.slice(fileOffset, fileOffset + bytes.length)).toEqual(bytes);
    }
  });

  it('gives simple packets no time, the first interface, and its snap length', () => {
    const { packets } = readCapture(
      writePcapng(littleEndian, [interfaceBlock({ snapLength: 30 }), simplePacket(FRAME.slice(0, 30), 90)]),
    );
    expect(packets).toMatchObject([{ interfaceIndex: 0, seconds: NaN, wireLength: 90 }]);
    expect(packets[0]!.bytes.length).toBe(30);
  });

  it('passes the statistics on, counts over 2^32 too', () => {
    const { statistics } = readCapture(
      writePcapng(littleEndian, [interfaceBlock({}), statisticsBlock(0, 5_000_000_000n, 17n)]),
    );
    expect(statistics).toEqual([{ interfaceIndex: 0, statistics: { received: 5_000_000_000, dropped: 17 } }]);
  });

  it('keeps what is said beside a packet: comments, direction, drops', () => {
    const { remarks, packets, issues } = readCapture(
      writePcapng(littleEndian, [
        interfaceBlock({}),
        enhancedPacket(0, NOON, FRAME),
        remarkedPacket({ comments: ['PID: 42\nCmd: curl', 'seen twice'], flags: 2, dropped: 5_000_000_000n }, FRAME),
        remarkedPacket({ flags: 1 }, FRAME),
        remarkedPacket({ flags: 0x1c }, FRAME),
      ]),
      [9],
    );
    expect([packets.length, issues]).toEqual([4, []]);
    expect(remarks).toEqual([
      { packet: 1, direction: 'out', comment: 'PID: 42\nCmd: curl\nseen twice', dropped: 5_000_000_000 },
      { packet: 2, direction: 'in', comment: null, dropped: 0 },
    ]);
  });

  it('tells what the section says of itself, and that there are secrets', () => {
    const { sections, secrets } = readCapture(writePcapng(littleEndian, [secretsBlock('CLIENT_RANDOM 00')]));
    expect(sections).toEqual([{ hardware: null, os: null, application: 'snatscope tests', comments: [] }]);
    expect(secrets).toBe(1);
  });

  it('keeps the names of addresses', () => {
    const v6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const { names, issues } = readCapture(
      writePcapng(littleEndian, [
        nameBlock([
          [1, [10, 42, 3, 21], ['pod1', 'pod1.default.svc']],
          [9, [1, 2], ['unknown kind']],
          [2, v6, ['v6.example']],
        ]),
      ]),
    );
    expect(issues).toEqual([]);
    expect(names).toEqual([
      { address: [10, 42, 3, 21], names: ['pod1', 'pod1.default.svc'] },
      { address: v6, names: ['v6.example'] },
    ]);
  });

  it('skips unknown blocks, larger than what it holds of a record', () => {
    const { packets, issues } = readCapture(
      writePcapng(littleEndian, [
        unknownBlock(5000),
        interfaceBlock({}),
        unknownBlock(0),
        enhancedPacket(0, 0n, FRAME),
      ]),
      [7],
    );
    expect([packets.length, issues]).toEqual([1, []]);
  });

  it('adds the offset of the times, below zero too', () => {
    const { packets } = readCapture(
      writePcapng(littleEndian, [
        interfaceBlock({ tsoffset: -3600n }),
        interfaceBlock({ tsoffset: 1_000_000_000n }),
        enhancedPacket(0, NOON, FRAME),
        enhancedPacket(1, 5n, FRAME),
      ]),
    );
    expect(packets).toMatchObject([
      { seconds: 1_767_268_800 - 3600, nanos: 123_456_000 },
      { seconds: 1_000_000_000, nanos: 5000 },
    ]);
  });

  it('reports a packet of an interface that was never described, and reads on', () => {
    const { packets, issues } = readCapture(
      writePcapng(littleEndian, [interfaceBlock({}), enhancedPacket(3, 0n, FRAME), enhancedPacket(0, 0n, FRAME)]),
    );
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'unknown-interface' })]);
  });

  it('reports a packet longer than its block, and reads on', () => {
    const lying = block(6, (body) => body.u32(0, 0, 0, 400, 400).raw(FRAME));
    const { packets, issues } = readCapture(
      writePcapng(littleEndian, [interfaceBlock({}), lying, enhancedPacket(0, 0n, FRAME)]),
    );
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'bad-block' })]);
  });

  it('reads on behind a block whose lengths differ, where a block follows', () => {
    const torn = block(6, (body) => body.u32(0, 0, 0, 33, 33).raw(FRAME), 99);
    const { packets, issues } = readCapture(
      writePcapng(littleEndian, [interfaceBlock({}), torn, enhancedPacket(0, 0n, FRAME)]),
    );
    expect(packets.length).toBe(2);
    expect(issues).toEqual([expect.objectContaining({ code: 'bad-block' })]);
  });

  it('stops behind a block whose lengths differ, where none follows', () => {
    const torn = block(6, (body) => body.u32(0, 0, 0, 33, 33).raw(FRAME), 99);
    const noise = (): Uint8Array => new Uint8Array(64).fill(0x45);
    const { packets, issues } = readCapture(writePcapng(littleEndian, [interfaceBlock({}), torn, noise]));
    expect(packets.length).toBe(1);
    expect(issues.map(({ code }) => code)).toEqual(['bad-block', 'corrupt-length']);
  });

  it('stops at a length that no block has', () => {
    const start = writePcapng(littleEndian, [interfaceBlock({}), enhancedPacket(0, 0n, FRAME)]);
    const bad = enhancedPacket(0, 0n, FRAME)(littleEndian);
    new DataView(bad.buffer).setUint32(4, 8, littleEndian);
    const { packets, issues } = readCapture(joined([start, bad]));
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'corrupt-length', offset: start.length })]);
  });

  it('refuses a version that it does not know', () => {
    const { issues } = readCapture(sectionHeader([2, 0])(littleEndian));
    expect(issues).toEqual([expect.objectContaining({ code: 'unsupported-version' })]);
  });

  it('says where a truncated tail begins', () => {
    const whole = writePcapng(littleEndian, [interfaceBlock({}), enhancedPacket(0, 0n, FRAME)]);
    const last = enhancedPacket(0, 0n, FRAME)(littleEndian);
    const { packets, issues } = readCapture(joined([whole, last.slice(0, -1)]));
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'truncated-tail', offset: whole.length })]);
  });
});

describe('pcapng sections', () => {
  it('have their own byte order and their own interfaces, numbered over the file', () => {
    const first = writePcapng(true, [interfaceBlock({ name: 'a' }), enhancedPacket(0, 1n, FRAME)]);
    const second = writePcapng(false, [
      interfaceBlock({ name: 'b', linkType: 101 }),
      interfaceBlock({ name: 'c' }),
      enhancedPacket(1, 2n, FRAME),
      statisticsBlock(0, 1n, 0n),
    ]);
    const { format, interfaces, packets, statistics, issues } = readCapture(joined([first, second]), [1]);
    expect(issues).toEqual([]);
    expect(format).toBe('pcapng (2 sections)');
    expect(interfaces.map(({ index, name, linkType }) => [index, name, linkType])).toEqual([
      [0, 'a', 1],
      [1, 'b', 101],
      [2, 'c', 1],
    ]);
    expect(packets.map(({ interfaceIndex }) => interfaceIndex)).toEqual([0, 2]);
    expect(statistics.map(({ interfaceIndex }) => interfaceIndex)).toEqual([1]);
  });
});

describe('pcapng times', () => {
  const ticks = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

  function readTime(tsresol: number, count: bigint): bigint {
    const { packets } = readCapture(writePcapng(true, [interfaceBlock({ tsresol }), enhancedPacket(0, count, FRAME)]));
    const { seconds, nanos } = packets[0]!;
    return BigInt(seconds) * 1_000_000_000n + BigInt(nanos);
  }

  it('are exact to the nanosecond in every decimal resolution', () => {
    fc.assert(
      fc.property(fc.integer({ min: 4, max: 19 }), ticks, (exponent, count) => {
        expect(readTime(exponent, count)).toBe((count * 1_000_000_000n) / 10n ** BigInt(exponent));
      }),
    );
  });

  it('are exact to the nanosecond in every binary resolution', () => {
    fc.assert(
      fc.property(fc.integer({ min: 11, max: 63 }), ticks, (exponent, count) => {
        expect(readTime(0x80 | exponent, count)).toBe((count * 1_000_000_000n) >> BigInt(exponent));
      }),
    );
  });

  it('tell their resolution', () => {
    const { interfaces } = readCapture(
      writePcapng(true, [interfaceBlock({}), interfaceBlock({ tsresol: 9 }), interfaceBlock({ tsresol: 0x80 | 10 })]),
    );
    expect(interfaces.map(({ resolutionNs }) => resolutionNs)).toEqual([1000, 1, 976_562.5]);
  });
});

describe('pcapng, written at random', () => {
  it('reads back in chunks of any sizes', () => {
    const frame = fc.record({
      interfaceIndex: fc.integer({ min: 0, max: 2 }),
      ticks: fc.bigInt({ min: 0n, max: 2n ** 53n }),
      bytes: fc.uint8Array({ maxLength: 60 }),
      kind: fc.constantFrom('enhanced', 'obsolete', 'commented', 'behind an unknown block'),
    });
    const chunks = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.boolean(), fc.array(frame, { maxLength: 8 }), chunks, (littleEndian, list, chunkSizes) => {
        const file = writePcapng(littleEndian, [
          ...[1, 113, 276].map((linkType) => interfaceBlock({ linkType, tsresol: 9 })),
          ...list.flatMap(({ interfaceIndex, ticks, bytes, kind }) => {
            if (kind === 'obsolete') return [obsoletePacket(interfaceIndex, ticks, bytes)];
            if (kind === 'commented') return [enhancedPacket(interfaceIndex, ticks, bytes, bytes.length, 'Cmd: curl')];
            const packet = enhancedPacket(interfaceIndex, ticks, bytes);
            return kind === 'enhanced' ? [packet] : [unknownBlock(bytes.length), packet];
          }),
        ]);
        const { packets, issues } = readCapture(file, chunkSizes);
        expect(issues).toEqual([]);
        expect(
          packets.map(({ interfaceIndex, seconds, nanos, bytes }) => {
            return { interfaceIndex, ticks: BigInt(seconds) * 1_000_000_000n + BigInt(nanos), bytes };
          }),
        ).toEqual(list.map(({ interfaceIndex, ticks, bytes }) => ({ interfaceIndex, ticks, bytes })));
        for (const { bytes, fileOffset } of packets) {
          expect(file.slice(fileOffset, fileOffset + bytes.length)).toEqual(bytes);
        }
      }),
    );
  });
});
