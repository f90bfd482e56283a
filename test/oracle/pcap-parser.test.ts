// Our reader and the package `pcap-parser` on the samples and on the captures beside the checkout; `npm run oracle:public`
// holds them against one another on public captures.
import { expect, describe, it } from 'vitest';
import { readCapture } from '../support/packets-read.ts';
import { writePcap } from '../support/packets-write.ts';
import { SHARED_CAPTURES, describeWithFiles } from '../support/requirements.ts';
import { OTHER_CAPTURES, SAMPLE_CAPTURES, readBytes } from './captures.ts';
import { comparedWithPcapParser } from './pcap-parser.ts';

function isClassicMicroseconds(head: Uint8Array): boolean {
  const magic = Buffer.from(head.subarray(0, 4)).toString('hex');
  return magic === 'd4c3b2a1' || magic === 'a1b2c3d4';
}

describe('classic captures, read as pcap-parser reads them', () => {
  it.each(SAMPLE_CAPTURES)('$name', async (capture) => {
    const bytes = readBytes(capture);
    expect(isClassicMicroseconds(bytes)).toBe(true);
    const compared = await comparedWithPcapParser(bytes);
    expect(compared?.differences).toEqual([]);
    expect(compared!.packets).toBe(readCapture(bytes).packets.length);
  });
});

describeWithFiles([SHARED_CAPTURES], 'classic captures of others, read as pcap-parser reads them', () => {
  it.each(OTHER_CAPTURES.filter((capture) => isClassicMicroseconds(readBytes(capture))))('$name', async (capture) => {
    const compared = await comparedWithPcapParser(readBytes(capture));
    // Null: damaged.
    expect(compared?.differences ?? []).toEqual([]);
  });
});

describe('the comparison', () => {
  const form = { littleEndian: true, kind: 'microseconds' } as const;
  const whole = writePcap(form, [{ time: 1_000_000_000n, bytes: new Uint8Array(60) }]);

  it('tells what differs', async () => {
    // Version 2.2 has the two lengths the other way round, which pcap-parser does not know.
    const old = writePcap(form, [{ time: 1_000_000_000n, bytes: new Uint8Array(60) }]);
    const view = new DataView(old.buffer);
    view.setUint16(6, 2, true);
    view.setUint32(24 + 8, 100, true);
    view.setUint32(24 + 12, 60, true);
    expect(await comparedWithPcapParser(old)).toMatchObject({ packets: 1, differences: ['1 packets, pcap-parser 0'] });
  });

  it('is not made of damaged files, and of other formats', async () => {
    expect(await comparedWithPcapParser(whole)).toEqual({ packets: 1, differences: [] });
    expect(await comparedWithPcapParser(whole.subarray(0, -1))).toBeNull();
    expect(await comparedWithPcapParser(writePcap({ ...form, kind: 'nanoseconds' }, []))).toBeNull();
  });
});
