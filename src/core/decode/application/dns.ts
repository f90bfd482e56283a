// DNS (RFC 1035): what was asked and what was answered.
import { u16be, u32be } from '../../bytes/integers.ts';
import { addressText } from '../addresses.ts';
import { MAPPED } from '../ip-fields.ts';
import type { ApplicationField, ApplicationMessage } from './message.ts';

const HEADER = 12;
const MAX_RECORDS = 16;
const MAX_NAME = 255;

const TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'A'],
  [2, 'NS'],
  [5, 'CNAME'],
  [6, 'SOA'],
  [12, 'PTR'],
  [15, 'MX'],
  [16, 'TXT'],
  [28, 'AAAA'],
  [33, 'SRV'],
  [41, 'OPT'],
  [64, 'SVCB'],
  [65, 'HTTPS'],
  [255, 'ANY'],
]);
const RESPONSE_CODES = ['no error', 'format error', 'server failure', 'no such name', 'not implemented', 'refused'];

interface Read {
  readonly text: string;
  readonly next: number;
}

export function readDns(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  if (end - at < HEADER) return null;
  const flags = u16be(bytes, at + 2);
  const id = u16be(bytes, at).toString(16).padStart(4, '0');
  const fields: ApplicationField[] = [
    { key: 'id', label: 'Id', value: `0x${id}`, start: at, end: at + 2 },
    { key: 'flags', label: 'Flags', value: flagText(flags), start: at + 2, end: at + 4 },
  ];
  const questions = u16be(bytes, at + 4);
  const answers = u16be(bytes, at + 6);
  let next = at + HEADER;
  const asked: Question[] = [];
  while (asked.length < Math.min(questions, MAX_RECORDS)) {
    const name = readName(bytes, at, next, end);
    if (!name || name.next + 4 > end) break;
    asked.push({ name: name.text, type: typeName(u16be(bytes, name.next)) });
    next = name.next + 4;
  }
  if (asked.length > 0) {
    const value = asked.map(({ name, type }) => `${name} ${type}`).join(', ');
    fields.push({ key: 'question', label: 'Question', value, start: at + HEADER, end: next });
  }
  const given: string[] = [];
  if (asked.length === questions) {
    const answersStart = next;
    while (given.length < Math.min(answers, MAX_RECORDS)) {
      const record = readRecord(bytes, at, next, end);
      if (!record) break;
      given.push(record.text);
      next = record.next;
    }
    if (given.length > 0) {
      const more = answers > given.length ? ` and ${answers - given.length} more` : '';
      fields.push({ key: 'answers', label: 'Answers', value: given.join(', ') + more, start: answersStart, end: next });
    }
  }
  return { layer: 'DNS', name: messageName(flags, asked, given), fields };
}

interface Question {
  readonly name: string;
  readonly type: string;
}

/** "DNS A shop.example.com?"; of a response the answer of that type, or why there is none. */
function messageName(flags: number, asked: readonly Question[], given: readonly string[]): string {
  const [question] = asked;
  const isResponse = (flags & 0x8000) !== 0;
  if (!question) return `DNS ${isResponse ? 'response' : 'query'}`;
  const subject = `DNS ${question.type} ${question.name}`;
  if (!isResponse) return `${subject}?`;
  if ((flags & 0x0f) !== 0) return `${subject}: ${responseCode(flags)}`;
  const prefix = `${question.type} `;
  const answer = given.find((text) => text.startsWith(prefix))?.slice(prefix.length) ?? given[0];
  return `${subject}: ${answer ?? 'no answer'}`;
}

function responseCode(flags: number): string {
  return RESPONSE_CODES[flags & 0x0f] ?? `code ${flags & 0x0f}`;
}

function flagText(flags: number): string {
  const response = (flags & 0x8000) !== 0;
  const words = [response ? 'response' : 'query'];
  if (flags & 0x0400) words.push('authoritative');
  if (flags & 0x0200) words.push('truncated');
  if (flags & 0x0100) words.push('recursion desired');
  if (flags & 0x0080) words.push('recursion available');
  if (response) words.push(responseCode(flags));
  return words.join(', ');
}

function typeName(type: number): string {
  return TYPES.get(type) ?? `TYPE${type}`;
}

/** A name at `at`, pointers followed backwards only, so that it ends. */
function readName(bytes: Uint8Array, message: number, at: number, end: number): Read | null {
  let text = '';
  let next = -1;
  let here = at;
  while (here < end && text.length <= MAX_NAME) {
    const length = bytes[here]!;
    if (length === 0) return { text: text || '.', next: next < 0 ? here + 1 : next };
    if ((length & 0xc0) === 0xc0) {
      if (here + 2 > end) return null;
      const target = message + (u16be(bytes, here) & 0x3fff);
      if (target >= here) return null;
      if (next < 0) next = here + 2;
      here = target;
      continue;
    }
    if (length > 63 || here + 1 + length > end) return null;
    text += (text === '' ? '' : '.') + label(bytes, here + 1, here + 1 + length);
    here += 1 + length;
  }
  return null;
}

function label(bytes: Uint8Array, start: number, end: number): string {
  let text = '';
  for (let at = start; at < end; at += 1) {
    const byte = bytes[at]!;
    // As in master files (RFC 1035 5.1): a dot within a label and what is not printable are escaped.
    if (byte === 0x2e) text += '\\.';
    else if (byte > 0x20 && byte < 0x7f) text += String.fromCharCode(byte);
    else text += `\\${String(byte).padStart(3, '0')}`;
  }
  return text;
}

function readRecord(bytes: Uint8Array, message: number, at: number, end: number): Read | null {
  const name = readName(bytes, message, at, end);
  if (!name || name.next + 10 > end) return null;
  const type = u16be(bytes, name.next);
  const data = name.next + 10;
  const next = data + u16be(bytes, name.next + 8);
  if (next > end) return null;
  return { text: `${typeName(type)} ${recordData(bytes, message, type, data, next)}`.trim(), next };
}

function recordData(bytes: Uint8Array, message: number, type: number, at: number, end: number): string {
  if (type === 1 && end - at === 4) return addressText(0, 0, MAPPED, u32be(bytes, at));
  if (type === 28 && end - at === 16) {
    return addressText(u32be(bytes, at), u32be(bytes, at + 4), u32be(bytes, at + 8), u32be(bytes, at + 12));
  }
  if (type === 2 || type === 5 || type === 12) return readName(bytes, message, at, end)?.text ?? '';
  return '';
}
