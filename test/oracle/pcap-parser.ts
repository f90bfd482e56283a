// The `pcap-parser` package as an independent oracle: on every well-formed classic microsecond capture both readers must
// agree packet by packet. It knows no other captures, and on damaged ones it may never end, so they are not shown to it.
import { createRequire } from 'node:module';
import { Readable } from 'node:stream';
import { readCapture, type ReadPacket } from '../support/packets-read.ts';

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
  readonly parse: (file: Readable) => {
    on(event: 'packet', listener: (packet: ParsedPacket) => void): unknown;
    on(event: 'end', listener: () => void): unknown;
    on(event: 'error', listener: (error: Error) => void): unknown;
  };
}

export interface Comparison {
  /** As our reader counts them. */
  readonly packets: number;
  readonly differences: readonly string[];
}

const require = createRequire(import.meta.url);
const { parse } = require('pcap-parser') as PcapParser;

/** As Node's file streams give them. */
const CHUNK = 64 * 1024;
/** Differences that are told; a reader that lost its place has one a packet. */
const TOLD = 5;

/** What `pcap-parser` says otherwise of a capture than our reader; null where the file is none for it. */
export async function comparedWithPcapParser(file: Uint8Array): Promise<Comparison | null> {
  const { format, issues, packets } = readCapture(file, [4096]);
  if (!format.startsWith('pcap (microseconds') || issues.length > 0) return null;
  const theirs = await parsed(file);
  const differences: string[] = [];
  if (packets.length !== theirs.length) differences.push(`${packets.length} packets, pcap-parser ${theirs.length}`);
  for (const [index, packet] of packets.entries()) {
    const other = theirs[index];
    if (!other || differences.length >= TOLD) break;
    const [said, saidThere] = [ours(packet), pcapParsers(other)];
    if (said !== saidThere) differences.push(`packet ${index + 1}: ${said}, pcap-parser ${saidThere}`);
    else if (!Buffer.from(packet.bytes).equals(other.data)) differences.push(`packet ${index + 1}: other bytes`);
  }
  return { packets: packets.length, differences };
}

function ours({ seconds, nanos, bytes, wireLength }: ReadPacket): string {
  return described(seconds, nanos / 1000, bytes.length, wireLength);
}

/**
 * Impossible values, which files made to break decoders have, are handed on by pcap-parser as they are; here microseconds
 * beyond a second are carried, and a frame is at least as long as what was captured of it.
 */
function pcapParsers({ header }: ParsedPacket): string {
  const { timestampSeconds, timestampMicroseconds, capturedLength, originalLength } = header;
  const carried = Math.floor(timestampMicroseconds / 1_000_000);
  const micros = timestampMicroseconds - carried * 1_000_000;
  return described(timestampSeconds + carried, micros, capturedLength, Math.max(originalLength, capturedLength));
}

function described(seconds: number, micros: number, captured: number, length: number): string {
  return `${seconds} s + ${micros} us, ${captured} of ${length} bytes`;
}

function parsed(file: Uint8Array): Promise<ParsedPacket[]> {
  return new Promise((resolve, reject) => {
    const packets: ParsedPacket[] = [];
    const parser = parse(Readable.from(chunksOf(file)));
    parser.on('packet', (packet) => packets.push(packet));
    parser.on('end', () => {
      resolve(packets);
    });
    parser.on('error', reject);
  });
}

function* chunksOf(file: Uint8Array): Generator<Buffer> {
  for (let at = 0; at < file.length; at += CHUNK) yield Buffer.from(file.subarray(at, at + CHUNK));
}
