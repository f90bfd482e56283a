import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../../support/packets-read.ts';
import { type SnoopFrame, writeSnoop } from '../../support/packets-write.ts';

const FRAME = Uint8Array.from({ length: 33 }, (_, index) => index);
const NEW_YEAR = 1_767_225_600n * 1_000_000_000n;

describe('Solaris snoop', () => {
  it('is read as RFC 1761 has it', () => {
    const file = writeSnoop({}, [
      { time: NEW_YEAR + 5_000n, bytes: FRAME, wireLength: 1500 },
      { time: NEW_YEAR + 1_000_006_000n, bytes: FRAME.slice(0, 7) },
    ]);
    const { format, interfaces, packets, issues } = readCapture(file, [11]);
    expect([format, issues]).toEqual(['snoop', []]);
    expect(interfaces).toMatchObject([{ linkType: 1, resolutionNs: 1000 }]);
    expect(packets).toMatchObject([
      { seconds: 1_767_225_600, nanos: 5000, wireLength: 1500, bytes: FRAME },
      { seconds: 1_767_225_601, nanos: 6000, wireLength: 7, bytes: FRAME.slice(0, 7) },
    ]);
    for (const { bytes, fileOffset } of packets) {
      expect(file.slice(fileOffset, fileOffset + bytes.length)).toEqual(bytes);
    }
  });

  it.each([
    [0, 1],
    [2, 6],
    [4, 1],
    [8, 10],
    [5, 0x10005],
  ])('datalink type %i is link type %i', (datalink, linkType) => {
    expect(readCapture(writeSnoop({ datalink }, [])).interfaces).toMatchObject([{ linkType }]);
  });

  it('tells how many packets were dropped', () => {
    const frames = [0, 3, 3, 8].map((dropped): SnoopFrame => ({ time: NEW_YEAR, bytes: FRAME, dropped }));
    const { statistics } = readCapture(writeSnoop({}, frames));
    expect(statistics.at(-1)).toEqual({ interfaceIndex: 0, statistics: { received: null, dropped: 8 } });
  });

  it('refuses a version that it does not know', () => {
    expect(readCapture(writeSnoop({ version: 9 }, [])).issues).toMatchObject([{ code: 'unsupported-version' }]);
  });

  it('stops at a record shorter than its packet', () => {
    const file = writeSnoop({}, [
      { time: NEW_YEAR, bytes: FRAME },
      { time: NEW_YEAR, bytes: FRAME },
    ]);
    new DataView(file.buffer).setUint32(16 + 24 + 36 + 8, 30);
    const { packets, issues } = readCapture(file);
    expect(packets.length).toBe(1);
    expect(issues).toMatchObject([{ code: 'corrupt-length', offset: 16 + 24 + 36 }]);
  });

  it('needs no padding behind the last record', () => {
    const file = writeSnoop({}, [{ time: NEW_YEAR, bytes: FRAME }]);
    expect(readCapture(file.slice(0, -3)).packets.length).toBe(1);
  });

  it('reads back whatever was written, in chunks of any sizes', () => {
    const frame = fc.record({
      time: fc.bigInt({ min: 0n, max: 4_294_967_295_999_999n }).map((micros) => micros * 1000n),
      bytes: fc.uint8Array({ maxLength: 80 }),
      cut: fc.integer({ min: 0, max: 2000 }),
    });
    const chunks = fc.array(fc.integer({ min: 1, max: 70 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 8 }), chunks, (list, chunkSizes) => {
        const frames = list.map(({ time, bytes, cut }) => ({ time, bytes, wireLength: bytes.length + cut }));
        const { packets, issues } = readCapture(writeSnoop({}, frames), chunkSizes);
        expect(issues).toEqual([]);
        expect(
          packets.map(({ seconds, nanos, bytes, wireLength }) => {
            return { time: BigInt(seconds) * 1_000_000_000n + BigInt(nanos), bytes, wireLength };
          }),
        ).toEqual(frames);
      }),
    );
  });
});
