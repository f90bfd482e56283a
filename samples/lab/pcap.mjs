// Classic pcap as tcpdump writes it here, little-endian, microseconds; nanoseconds are read too, and rounded. A record is { time, bytes, length }: microseconds
// since 1970, what was captured of the frame, its length on the wire.
import fs from 'node:fs';

const magic = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d };
const headerLength = 24;
const recordHeaderLength = 16;

/** Link types (tcpdump.org/linktypes) that the lab records. */
export const link = { ethernet: 1, raw: 101, sll: 113, sll2: 276 };

export function readCapture(file) {
  const bytes = fs.readFileSync(file);
  const isKnown = bytes.length >= headerLength && Object.values(magic).includes(bytes.readUInt32LE(0));
  if (!isKnown) throw new Error(`${file}: not a capture of this lab`);
  const perMicrosecond = bytes.readUInt32LE(0) === magic.nanoseconds ? 1000 : 1;
  const records = [];
  for (let at = headerLength; at < bytes.length;) {
    const data = at + recordHeaderLength;
    const captured = bytes.readUInt32LE(at + 8);
    records.push({
      time: bytes.readUInt32LE(at) * 1e6 + Math.round(bytes.readUInt32LE(at + 4) / perMicrosecond),
      bytes: bytes.subarray(data, data + captured),
      length: bytes.readUInt32LE(at + 12),
    });
    at = data + captured;
  }
  return { linkType: bytes.readUInt32LE(20), snapLength: bytes.readUInt32LE(16), records };
}

export function writeCapture(file, { linkType, snapLength, records }) {
  const header = Buffer.alloc(headerLength);
  [magic.microseconds, 0x00040002, 0, 0, snapLength, linkType].forEach((value, i) =>
    header.writeUInt32LE(value, i * 4),
  );
  const parts = [header];
  for (const { time, bytes, length } of records) {
    const recordHeader = Buffer.alloc(recordHeaderLength);
    const words = [Math.floor(time / 1e6), time % 1e6, bytes.length, length];
    words.forEach((value, i) => recordHeader.writeUInt32LE(value, i * 4));
    parts.push(recordHeader, bytes);
  }
  fs.writeFileSync(file, Buffer.concat(parts));
}
