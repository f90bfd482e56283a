// HTTP/1 (RFC 9112): the request or status line, and the host.
import { type ApplicationField, type ApplicationMessage, printable } from './message.ts';

const REQUEST = /^(?:[A-Z]{3,12}) \S+ HTTP\/1\.[01]$/;
/** A request line that was cut, of the methods in use. */
const CUT_REQUEST = /^(?:GET|HEAD|POST|PUT|DELETE|CONNECT|OPTIONS|TRACE|PATCH) \S/;
const STATUS = /^HTTP\/1\.[01] \d{3}(?: |$)/;
const MAX_LINE = 2048;
const MAX_HEADERS = 64;

export function readHttp(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  // Both kinds of message begin with a capital letter.
  if (end - at < 12 || bytes[at]! < 0x41 || bytes[at]! > 0x5a) return null;
  const lineEnd = endOfLine(bytes, at, end);
  const line = printable(bytes, at, lineEnd);
  const isCut = lineEnd === end;
  const isRequest = REQUEST.test(line) || (isCut && CUT_REQUEST.test(line));
  if (!isRequest && !STATUS.test(line)) return null;
  const fields: ApplicationField[] = [
    { key: 'line', label: isRequest ? 'Request' : 'Status', value: line, start: at, end: lineEnd },
  ];
  let next = afterLine(bytes, lineEnd, end);
  for (let count = 0; count < MAX_HEADERS && next < end; count += 1) {
    const stop = endOfLine(bytes, next, end);
    if (stop === next) break;
    const header = /^([\w-]+): *(.*)$/.exec(printable(bytes, next, stop));
    const label = header?.[1] && SHOWN.get(header[1].toLowerCase());
    if (label !== undefined && label !== '') {
      fields.push({ key: label.toLowerCase().replace(' ', ''), label, value: header![2]!, start: next, end: stop });
    }
    next = afterLine(bytes, stop, end);
  }
  return { layer: 'HTTP', name: line, fields };
}

const SHOWN: ReadonlyMap<string, string> = new Map([
  ['host', 'Host'],
  ['user-agent', 'User agent'],
  ['server', 'Server'],
  ['location', 'Location'],
  ['x-forwarded-for', 'Forwarded for'],
]);

function endOfLine(bytes: Uint8Array, start: number, end: number): number {
  const limit = Math.min(end, start + MAX_LINE);
  let at = start;
  while (at < limit && bytes[at] !== 0x0d && bytes[at] !== 0x0a) at += 1;
  return at;
}

function afterLine(bytes: Uint8Array, lineEnd: number, end: number): number {
  return bytes[lineEnd] === 0x0d && lineEnd + 1 < end && bytes[lineEnd + 1] === 0x0a ? lineEnd + 2 : lineEnd + 1;
}
