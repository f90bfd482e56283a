// Every packet of every capture: what is read and decoded here, held against tshark and capinfos.
import { expect, it } from 'vitest';
import { readCapture } from '../support/packets-read.ts';
import { SHARED_CAPTURES, describeWith, describeWithFiles } from '../support/requirements.ts';
import { agreesWithTshark } from './agreement.ts';
import { OTHER_CAPTURES, SAMPLE_CAPTURES, readBytes, type CaptureFile } from './captures.ts';
import { capinfosCount } from './tshark.ts';

/** Files that capinfos refuses, and what is made of them here: as many packets as stand before the damage. */
const REFUSED: ReadonlyMap<string, number> = new Map([
  ['captures/formats/classic/malformed.pcap', 0],
  ['captures/formats/malformed/node-pcap-parser_malformed.pcap', 0],
  ['captures/formats/malformed/libpcap_pcap-invalid-version-1.pcap', 0],
  // An option runs out of its block: Wireshark gives the file up, here the block is read without its options.
  ['captures/formats/malformed/libpcap_shb-option-too-long.pcapng', 1],
]);

async function countsAsCapinfos(captures: readonly CaptureFile[]): Promise<void> {
  for (const capture of captures) {
    const { packets } = readCapture(readBytes(capture));
    const expected = (await capinfosCount(capture.file)) ?? REFUSED.get(capture.name);
    expect([capture.name, packets.length]).toEqual([capture.name, expected]);
  }
}

describeWith(['tshark', 'capinfos'], 'the samples, read and decoded as tshark does', () => {
  it('has samples', () => {
    expect(SAMPLE_CAPTURES.length).toBeGreaterThan(0);
  });
  it('counts packets as capinfos', () => countsAsCapinfos(SAMPLE_CAPTURES));
  it.each(SAMPLE_CAPTURES)('$name', async ({ file }) => {
    expect(await agreesWithTshark(file)).toBe(await capinfosCount(file));
  });
});

describeWithFiles([SHARED_CAPTURES], 'captures of others', () => {
  describeWith(['tshark', 'capinfos'], 'read and decoded as tshark does', () => {
    it('counts packets as capinfos', () => countsAsCapinfos(OTHER_CAPTURES));
    it.each(OTHER_CAPTURES.filter(({ name }) => !REFUSED.has(name)))('$name', async ({ file }) => {
      await agreesWithTshark(file);
    });
  });
});
