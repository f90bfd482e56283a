// TLS records (RFC 8446 5.1) and the two hellos, which are not encrypted: server name (RFC 6066), application protocols
// (RFC 7301), version, cipher suite.
import { u16be } from '../../bytes/integers.ts';
import { type ApplicationField, type ApplicationMessage, printable } from './message.ts';

const RECORD_HEADER = 5;
const HANDSHAKE_HEADER = 4;
const MAX_RECORD = 16_384 + 2048;
const RECORDS: Readonly<Record<number, string>> = {
  20: 'change cipher spec',
  21: 'alert',
  22: 'handshake',
  23: 'application data',
};
const HANDSHAKES: Readonly<Record<number, string>> = {
  0: 'HelloRequest',
  1: 'ClientHello',
  2: 'ServerHello',
  4: 'NewSessionTicket',
  8: 'EncryptedExtensions',
  11: 'Certificate',
  12: 'ServerKeyExchange',
  13: 'CertificateRequest',
  14: 'ServerHelloDone',
  15: 'CertificateVerify',
  16: 'ClientKeyExchange',
  20: 'Finished',
};
const VERSIONS: Readonly<Record<number, string>> = {
  0x0300: 'SSL 3.0',
  0x0301: 'TLS 1.0',
  0x0302: 'TLS 1.1',
  0x0303: 'TLS 1.2',
  0x0304: 'TLS 1.3',
};
const SERVER_NAME = 0;
const APPLICATION_PROTOCOLS = 16;
const SUPPORTED_VERSIONS = 43;

export function readTls(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  if (end - at < RECORD_HEADER) return null;
  const type = bytes[at]!;
  const record = RECORDS[type];
  const length = u16be(bytes, at + 3);
  if (record === undefined || bytes[at + 1] !== 3 || bytes[at + 2]! > 4 || length === 0 || length > MAX_RECORD)
    return null;
  const fields: ApplicationField[] = [
    { key: 'record', label: 'Record', value: record, start: at, end: at + 1 },
    { key: 'recordVersion', label: 'Record version', value: version(u16be(bytes, at + 1)), start: at + 1, end: at + 3 },
    { key: 'length', label: 'Length', value: `${length} bytes`, start: at + 3, end: at + 5 },
  ];
  const message = at + RECORD_HEADER;
  const messageEnd = Math.min(end, message + length);
  if (type !== 22 || messageEnd - message < HANDSHAKE_HEADER) return { layer: 'TLS', name: `TLS ${record}`, fields };
  const handshake = HANDSHAKES[bytes[message]!];
  // Its length tells a handshake from an encrypted one.
  if (handshake === undefined || bytes[message + 1] !== 0)
    return { layer: 'TLS', name: 'TLS handshake, encrypted', fields };
  fields.push({ key: 'handshake', label: 'Handshake', value: handshake, start: message, end: message + 1 });
  const said = bytes[message] === 1 || bytes[message] === 2 ? readHello(bytes, message, messageEnd, fields) : '';
  return { layer: 'TLS', name: `TLS ${handshake}${said === '' ? '' : ` ${said}`}`, fields };
}

/** Adds the hello's fields; returns what belongs into its name. */
function readHello(bytes: Uint8Array, message: number, end: number, fields: ApplicationField[]): string {
  const isClient = bytes[message] === 1;
  // Version 2, random 32, session id.
  let at = message + HANDSHAKE_HEADER + 34;
  if (at >= end) return '';
  let said = isClient ? '' : version(u16be(bytes, message + HANDSHAKE_HEADER));
  at += 1 + bytes[at]!;
  if (end - at < 2) return said;
  if (isClient) {
    at += 2 + u16be(bytes, at);
    if (at >= end) return said;
    at += 1 + bytes[at]!;
  } else {
    fields.push({ key: 'cipher', label: 'Cipher suite', value: hex(u16be(bytes, at)), start: at, end: at + 2 });
    at += 3;
  }
  at += 2;
  while (end - at >= 4) {
    const type = u16be(bytes, at);
    const data = at + 4;
    const next = data + u16be(bytes, at + 2);
    if (next > end) break;
    const value = extension(type, bytes, data, next, isClient);
    if (value) {
      fields.push({ ...value, start: data, end: next });
      if (isClient ? type === SERVER_NAME : type === SUPPORTED_VERSIONS) said = value.value;
    }
    at = next;
  }
  return said;
}

function extension(
  type: number,
  bytes: Uint8Array,
  at: number,
  end: number,
  isClient: boolean,
): Pick<ApplicationField, 'key' | 'label' | 'value'> | null {
  switch (type) {
    case SERVER_NAME: {
      // A list of one: type 0, a host's name.
      if (end - at < 5 || bytes[at + 2] !== 0) return null;
      const nameEnd = Math.min(end, at + 5 + u16be(bytes, at + 3));
      return { key: 'serverName', label: 'Server name', value: printable(bytes, at + 5, nameEnd) };
    }
    case APPLICATION_PROTOCOLS: {
      const names: string[] = [];
      for (let name = at + 2; name < end; name += 1 + bytes[name]!) {
        names.push(printable(bytes, name + 1, Math.min(end, name + 1 + bytes[name]!)));
      }
      return { key: 'alpn', label: 'Application protocols', value: names.join(', ') };
    }
    case SUPPORTED_VERSIONS: {
      const versions: string[] = [];
      for (let from = isClient ? at + 1 : at; from + 2 <= end; from += 2) {
        const name = VERSIONS[u16be(bytes, from)];
        if (name !== undefined) versions.push(name);
      }
      return { key: 'versions', label: isClient ? 'Versions offered' : 'Version', value: versions.join(', ') };
    }
    default:
      return null;
  }
}

function version(number: number): string {
  return VERSIONS[number] ?? hex(number);
}

function hex(number: number): string {
  return `0x${number.toString(16).padStart(4, '0')}`;
}
