// QUIC's long headers (RFC 8999, 9000, 9369): version, type and connection ids, which are not encrypted.
import { u32be } from '../../bytes/integers.ts';
import type { ApplicationField, ApplicationMessage } from './message.ts';

const LONG = 0x80;
const FIXED = 0x40;
const VERSION_1 = 1;
const VERSION_2 = 0x6b3343cf;
const MAX_CONNECTION_ID = 20;
const TYPES = ['Initial', '0-RTT', 'Handshake', 'Retry'];

export function readQuic(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  if (end - at < 7 || (bytes[at]! & LONG) === 0) return null;
  const number = u32be(bytes, at + 1);
  const version = versionName(number);
  if (version === null || (number !== 0 && (bytes[at]! & FIXED) === 0)) return null;
  const destination = at + 6;
  const destinationEnd = destination + bytes[at + 5]!;
  if (bytes[at + 5]! > MAX_CONNECTION_ID || destinationEnd >= end) return null;
  const source = destinationEnd + 1;
  const sourceEnd = source + bytes[destinationEnd]!;
  if (bytes[destinationEnd]! > MAX_CONNECTION_ID || sourceEnd > end) return null;
  const type = typeName(number, (bytes[at]! >> 4) & 3);
  const id = (from: number, to: number) => connectionId(bytes, from, to);
  const fields: ApplicationField[] = [
    { key: 'type', label: 'Type', value: type, start: at, end: at + 1 },
    { key: 'version', label: 'Version', value: version, start: at + 1, end: at + 5 },
    {
      key: 'destinationId',
      label: 'Destination id',
      value: id(destination, destinationEnd),
      start: destination,
      end: destinationEnd,
    },
    { key: 'sourceId', label: 'Source id', value: id(source, sourceEnd), start: source, end: sourceEnd },
  ];
  return { layer: 'QUIC', name: `QUIC ${type} ${id(destination, destinationEnd)}`, fields };
}

function versionName(number: number): string | null {
  if (number === 0) return 'negotiation';
  if (number === VERSION_1) return '1';
  if (number === VERSION_2) return '2';
  if (number >>> 8 === 0xff0000) return `draft ${number & 0xff}`;
  // Reserved to exercise negotiation (RFC 9000 15).
  return (number & 0x0f0f0f0f) === 0x0a0a0a0a ? 'reserved' : null;
}

/** Version 2 numbers the types one further. */
function typeName(version: number, bits: number): string {
  if (version === 0) return 'Version negotiation';
  return TYPES[version === VERSION_2 ? (bits + 3) & 3 : bits]!;
}

function connectionId(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) text += bytes[at]!.toString(16).padStart(2, '0');
  return text || 'none';
}
