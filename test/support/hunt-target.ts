// What the hunt (npm run hunt, and some thousands of its rounds in the tests) does to a file: damages it by a seed, and
// reads it as the program does, through decoding and the flow table to the detail of some packets.
import { decodeDetail } from '../../src/core/decode/detail.ts';
import { Ingest } from '../../src/core/flows/ingest.ts';
import { openCapture } from '../../src/core/formats/capture-reader.ts';
import { compressionOf } from '../../src/core/formats/compression.ts';
import { Lz4Decoder } from '../../src/core/formats/lz4-frame.ts';
import type { RecordSink } from '../../src/core/formats/sink.ts';
import { zstdDecoder } from '../../src/node/unzstd.ts';
import { seededNumbers } from './seeded.ts';

/** Packets of a file whose details are decoded. */
const DETAILED = 4;
/** Decompressed bytes that are looked at. */
const DECOMPRESSED = 4 * 1024 * 1024;
const EXTREMES = [0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffff0, 262_144, 262_145];

/** A copy with a few bytes flipped, a word made extreme, a stretch moved, blanked or left out, or the end cut off. */
export function damaged(file: Uint8Array, seed: number): Uint8Array {
  const next = seededNumbers(seed);
  let bytes = file.slice();
  for (let wounds = 1 + (next() % 4); wounds > 0 && bytes.length > 8; wounds -= 1) {
    const at = next() % (bytes.length - 4);
    const stretch = next() % Math.min(64, bytes.length - at);
    switch (next() % 8) {
      case 0:
        new DataView(bytes.buffer).setUint32(at, EXTREMES[next() % EXTREMES.length]!, next() % 2 === 0);
        break;
      case 1:
        bytes.copyWithin(at, next() % bytes.length, (next() % bytes.length) + stretch);
        break;
      case 2:
        bytes.fill(0, at, at + stretch);
        break;
      case 3: {
        const rest = bytes.slice(at + stretch);
        bytes = Uint8Array.from([...bytes.subarray(0, at), ...rest]);
        break;
      }
      case 4:
        if (next() % 4 === 0) bytes = bytes.slice(0, at + 4);
        break;
      default:
        bytes[at] = next() & 0xff;
    }
  }
  return bytes;
}

/** Packets read. Throws only where the program has a fault. */
export function readAsTheProgramDoes(file: Uint8Array, seed: number): number {
  const next = seededNumbers(seed);
  const ingest = new Ingest();
  const linkTypes: number[] = [];
  let details = 0;
  const sink: RecordSink = {
    interface(description) {
      linkTypes[description.index] = description.linkType;
      ingest.interface(description);
    },
    packet(interfaceIndex, seconds, nanos, wireLength, bytes, start, end, fileOffset) {
      if (start < 0 || end < start || end > bytes.length) throw new Error(`bad range ${start}..${end}`);
      ingest.packet(interfaceIndex, seconds, nanos, wireLength, bytes, start, end, fileOffset);
      if (details < DETAILED && next() % 8 === 0) {
        details += 1;
        decodeDetail(linkTypes[interfaceIndex]!, bytes.slice(start, end), wireLength);
      }
    },
    remark(remark) {
      ingest.remark(remark);
    },
    section(section) {
      ingest.section(section);
    },
    names(address, names) {
      ingest.names(address, names);
    },
    secrets() {
      ingest.secrets();
    },
    statistics(interfaceIndex, statistics) {
      ingest.statistics(interfaceIndex, statistics);
    },
    issue(issue) {
      ingest.issue(issue);
    },
  };
  const reader = openCapture(sink);
  const compression = compressionOf(file);
  if (compression === 'zstd' || compression === 'lz4') {
    let taken = 0;
    const take = (bytes: Uint8Array): boolean => {
      taken += bytes.length;
      return reader.push(bytes) && taken < DECOMPRESSED;
    };
    const decoder = compression === 'zstd' ? zstdDecoder(take) : new Lz4Decoder(take);
    decoder.push(file);
    decoder.end();
  } else {
    const half = next() % (file.length + 1);
    if (reader.push(file.subarray(0, half))) reader.push(file.subarray(half));
  }
  reader.end();
  return ingest.tables(reader.format).packets.length;
}
