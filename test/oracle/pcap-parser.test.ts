// The `pcap-parser` package as an independent oracle: on every well-formed classic microsecond capture both readers must
// agree packet by packet.
import { createRequire } from 'node:module';
import { expect, describe, it } from 'vitest';
import { readCapture } from '../support/packets-read.ts';
import { SHARED_CAPTURES, describeWithFiles } from '../support/requirements.ts';
import { OTHER_CAPTURES, SAMPLE_CAPTURES, readBytes, type CaptureFile } from './captures.ts';

interface ParsedPacket {
  readonly header: {
    readonly timestampSeconds: number;
    readonly timestampMicroseconds: number;
    readonly capturedLength: number;
    readonly originalLength: number;
  };
  readonly data: Uint8Array;
}

interface PcapParser {
  readonly parse: (file: string) => {
    on(event: 'packet', listener: (packet: ParsedPacket) => void): unknown;
    on(event: 'end', listener: () => void): unknown;
    on(event: 'error', listener: (error: Error) => void): unknown;
  };
}

const require = createRequire(import.meta.url);
const { parse } = require('pcap-parser') as PcapParser;

function parsed(file: string): Promise<ParsedPacket[]> {
  return new Promise((resolve, reject) => {
    const packets: ParsedPacket[] = [];
    const parser = parse(file);
    parser.on('packet', (packet) => packets.push(packet));
    parser.on('end', () => {
      resolve(packets);
    });
    parser.on('error', reject);
  });
}

function isClassicMicroseconds(capture: CaptureFile): boolean {
  const { format, issues } = readCapture(readBytes(capture));
  return format.startsWith('pcap (microseconds') && issues.length === 0;
}

async function agreesWithPcapParser(capture: CaptureFile): Promise<void> {
  const { packets } = readCapture(readBytes(capture), [4096]);
  const theirs = await parsed(capture.file);
  expect(packets.length).toBe(theirs.length);
  for (const [index, { header, data }] of theirs.entries()) {
    const ours = packets[index]!;
    const { seconds, nanos, wireLength, bytes } = ours;
    expect([seconds, nanos, bytes.length, wireLength]).toEqual([
      header.timestampSeconds,
      header.timestampMicroseconds * 1000,
      header.capturedLength,
      header.originalLength,
    ]);
    expect(Buffer.from(bytes).equals(data)).toBe(true);
  }
}

describe('classic captures, read as pcap-parser reads them', () => {
  it.each(SAMPLE_CAPTURES.filter(isClassicMicroseconds))('$name', agreesWithPcapParser);
});

describeWithFiles([SHARED_CAPTURES], 'classic captures of others, read as pcap-parser reads them', () => {
  it.each(OTHER_CAPTURES.filter(isClassicMicroseconds))('$name', agreesWithPcapParser);
});
