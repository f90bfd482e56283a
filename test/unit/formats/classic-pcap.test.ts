import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../support/packets-read.ts';
import { writePcap, type Frame, type PcapVariant } from '../../support/packets-write.ts';

const LITTLE: PcapVariant = { littleEndian: true, kind: 'microseconds' };
const NEW_YEAR = 1_767_225_600n * 1_000_000_000n;

function frames(count: number): Frame[] {
  return Array.from({ length: count }, (_, index) => ({
    time: NEW_YEAR + BigInt(index) * 1_000_001_000n,
    bytes: new Uint8Array(20 + index).fill(index),
    wireLength: 100 + index,
  }));
}

describe('classic pcap', () => {
  it('names its variant and describes its one interface', () => {
    const { format, interfaces } = readCapture(
      writePcap({ littleEndian: false, kind: 'nanoseconds', linkType: 276, snapLength: 96 }, []),
    );
    expect(format).toBe('pcap (nanoseconds, big-endian)');
    expect(interfaces).toEqual([
      {
        index: 0,
        name: null,
        description: null,
        linkType: 276,
        snapLength: 96,
        filter: null,
        resolutionNs: 1,
        fcsLength: 0,
        hardware: null,
        os: null,
        comments: [],
      },
    ]);
  });

  it('gives times, lengths and the place of each frame in the file', () => {
    const file = writePcap(LITTLE, frames(3));
    const { packets, issues } = readCapture(file);
    expect(issues).toEqual([]);
    expect(packets.map(({ seconds, nanos, wireLength }) => [seconds, nanos, wireLength])).toEqual([
      [1_767_225_600, 0, 100],
      [1_767_225_601, 1000, 101],
      [1_767_225_602, 2000, 102],
    ]);
    for (const { bytes, fileOffset } of packets) {
      expect(file.slice(fileOffset, fileOffset + bytes.length)).toEqual(bytes);
    }
  });

  it('keeps nanoseconds', () => {
    const time = NEW_YEAR + 123_456_789n;
    const { packets } = readCapture(
      writePcap({ littleEndian: true, kind: 'nanoseconds' }, [{ time, bytes: new Uint8Array(1) }]),
    );
    expect(packets[0]).toMatchObject({ seconds: 1_767_225_600, nanos: 123_456_789 });
  });

  it('reads the modified form, whose record headers are longer', () => {
    const { format, packets } = readCapture(writePcap({ littleEndian: true, kind: 'modified' }, frames(2)));
    expect(format).toBe('pcap (modified, little-endian)');
    expect(packets.map(({ bytes }) => bytes.length)).toEqual([20, 21]);
  });

  it('parts the FCS bits from the link type', () => {
    const { interfaces } = readCapture(writePcap({ ...LITTLE, linkWord: 0x24000001 }, []));
    expect(interfaces[0]).toMatchObject({ linkType: 1, fcsLength: 4 });
  });

  it('carries a fraction beyond a second over', () => {
    const file = writePcap(LITTLE, [{ time: NEW_YEAR, bytes: new Uint8Array(1) }]);
    new DataView(file.buffer).setUint32(24 + 4, 2_500_000, true);
    expect(readCapture(file).packets[0]).toMatchObject({ seconds: 1_767_225_602, nanos: 500_000_000 });
  });

  it('takes the captured length where the record claims a shorter frame', () => {
    const { packets } = readCapture(writePcap(LITTLE, [{ time: 0n, bytes: new Uint8Array(60), wireLength: 0 }]));
    expect(packets[0]!.wireLength).toBe(60);
  });

  it('reads records longer than the snap length', () => {
    const { packets, issues } = readCapture(
      writePcap({ ...LITTLE, snapLength: 68 }, [{ time: 0n, bytes: new Uint8Array(1500) }]),
    );
    expect([packets.length, issues]).toEqual([1, []]);
  });

  it.each([
    ['2.2, lengths the other way round', [2, 2]],
    ['2.3, where the captured length is the longer', [2, 3]],
  ] as const)('reads version %s', (_, version) => {
    // Written with the lengths exchanged: "captured" 90, "original" 40.
    const file = writePcap({ ...LITTLE, version }, [{ time: 0n, bytes: new Uint8Array(40), wireLength: 90 }]);
    const view = new DataView(file.buffer);
    view.setUint32(24 + 8, 90, true);
    view.setUint32(24 + 12, 40, true);
    const { packets } = readCapture(file);
    expect(packets.map(({ bytes, wireLength }) => [bytes.length, wireLength])).toEqual([[40, 90]]);
  });

  it('refuses a version that it does not know', () => {
    const { interfaces, issues } = readCapture(writePcap({ ...LITTLE, version: [1, 4] }, frames(1)));
    expect(interfaces).toEqual([]);
    expect(issues).toEqual([
      { code: 'unsupported-version', message: 'pcap version 1.4 is not known, only 2.x is', offset: 4 },
    ]);
  });

  it('stops at a corrupt length, says where, and keeps what stood before', () => {
    const file = writePcap(LITTLE, frames(3));
    const second = 24 + 16 + 20;
    new DataView(file.buffer).setUint32(second + 8, 0x7fffffff, true);
    const { packets, issues } = readCapture(file);
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'corrupt-length', offset: second })]);
    expect(issues[0]!.message).toContain('2147483647');
  });

  it('says where a truncated tail begins', () => {
    const file = writePcap(LITTLE, frames(2));
    const { packets, issues } = readCapture(file.slice(0, -5));
    expect(packets.length).toBe(1);
    expect(issues).toEqual([expect.objectContaining({ code: 'truncated-tail', offset: 24 + 16 + 20 })]);
  });

  it('reads back whatever was written, in chunks of any sizes', () => {
    const frame = fc.record({
      time: fc.bigInt({ min: 0n, max: 4_294_967_295_999_999_999n }).map((time) => (time / 1000n) * 1000n),
      bytes: fc.uint8Array({ maxLength: 80 }),
      cut: fc.integer({ min: 0, max: 2000 }),
    });
    const variant = fc.record({
      littleEndian: fc.boolean(),
      kind: fc.constantFrom('microseconds' as const, 'nanoseconds' as const, 'modified' as const),
      linkType: fc.integer({ min: 0, max: 0xffff }),
      snapLength: fc.integer({ min: 0, max: 0xffffffff }),
    });
    const chunks = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(variant, fc.array(frame, { maxLength: 8 }), chunks, (written, list, chunkSizes) => {
        const file = writePcap(
          written,
          list.map(({ time, bytes, cut }) => ({ time, bytes, wireLength: bytes.length + cut })),
        );
        const { interfaces, packets, issues } = readCapture(file, chunkSizes);
        expect(issues).toEqual([]);
        expect(interfaces[0]).toMatchObject({ linkType: written.linkType, snapLength: written.snapLength });
        expect(
          packets.map(({ seconds, nanos, bytes, wireLength }) => {
            return { time: BigInt(seconds) * 1_000_000_000n + BigInt(nanos), bytes, cut: wireLength - bytes.length };
          }),
        ).toEqual(list);
        for (const { bytes, fileOffset } of packets) {
          expect(file.slice(fileOffset, fileOffset + bytes.length)).toEqual(bytes);
        }
      }),
    );
  });
});
