// The arguments of `snatscope report` and `inspect`: checked one by one, each complaint naming what was given.
import { type ParseArgsConfig, parseArgs } from 'node:util';
import { BOXES, type Box, type FilterError, type SessionOptions, filterMistake } from '../core/session.ts';
import { DEFAULT_EXPANSION } from '../node/capture-bytes.ts';
import type { InputOptions } from '../node/inputs.ts';
import { EXPORT_FORMATS } from '../core/report/views.ts';
import type { ExportFormat, Role } from '../shared/contract.ts';

/** The command line is wrong; the message says how. */
export class UsageError extends Error {}

export interface ReportArguments {
  readonly format: ExportFormat;
  readonly out: string | null;
  readonly filter: string;
  readonly follow: boolean;
  readonly picture: 'map' | 'ladder';
  readonly inputs: InputOptions;
  readonly session: SessionOptions;
  readonly paths: readonly string[];
}

const ROLES: readonly Role[] = ['pod-veth', 'node-eth0', 'nat-inside', 'nat-outside', 'internet', 'other'];

export function parseReportArguments(args: readonly string[]): ReportArguments {
  const { values, positionals } = parse(args, {
    format: { type: 'string' },
    out: { type: 'string' },
    role: { type: 'string', multiple: true },
    host: { type: 'string', multiple: true },
    order: { type: 'string' },
    conntrack: { type: 'string', multiple: true },
    filter: { type: 'string' },
    picture: { type: 'string' },
    time: { type: 'string' },
    'no-side-files': { type: 'boolean' },
    'max-expansion': { type: 'string' },
    follow: { type: 'boolean' },
  });
  const format = oneOf('--format', values.format ?? 'text', EXPORT_FORMATS);
  if (values.follow === true && values.out === undefined && format !== 'text' && format !== 'json') {
    throw new UsageError(
      `--follow prints text or json again and again; ${format} wants --out FILE, which is written anew`,
    );
  }
  return {
    format,
    out: values.out ?? null,
    filter: filterOf(values.filter, values.time),
    follow: values.follow === true,
    picture: oneOf('--picture', values.picture ?? 'map', ['map', 'ladder']),
    inputs: {
      noSideFiles: values['no-side-files'] === true,
      conntrack: (values.conntrack ?? []).map(conntrackOf),
      maxExpansion: maxExpansionOf(values['max-expansion']),
    },
    session: {
      roles: (values.role ?? []).map((text) => {
        const [target, role] = assignment('--role', text, 'FILE[#IFACE]=ROLE');
        const hash = target.lastIndexOf('#');
        return hash < 0
          ? { file: target, interface: null, role: roleOf(role) }
          : { file: target.slice(0, hash), interface: target.slice(hash + 1), role: roleOf(role) };
      }),
      hosts: (values.host ?? []).map((text) => {
        const [file, host] = assignment('--host', text, 'FILE=NAME');
        return { file, host };
      }),
      order: (values.order?.split(',') ?? []).map(roleOf),
    },
    paths: pathsOf(positionals),
  };
}

/** A filter that cannot be used, with a caret below what is wrong with it. */
export function filterComplaint(filter: string, { message, at, length, expected, fix }: FilterError): UsageError {
  const before = filter.slice(0, at);
  const from = before.lastIndexOf('\n') + 1;
  const line = filter.slice(from).split('\n', 1)[0]!;
  const marks = '~'.repeat(Math.max(0, Math.min(length, line.length - (at - from)) - 1));
  const lines = [`--filter: ${message}`];
  if (line !== '') lines.push(`  ${line}`, `  ${' '.repeat(at - from)}^${marks}`);
  if (expected.length > 0) lines.push(`  expected ${expected.join('  ')}`);
  if (fix !== null) lines.push(`  perhaps  ${fix}`);
  return new UsageError(lines.join('\n'));
}

/** `--time` is a test of packets' times beside `--filter`. */
function filterOf(filter: string | undefined, time: string | undefined): string {
  const mistake = filterMistake(filter ?? '');
  if (mistake) throw filterComplaint(filter!, mistake);
  const written = filter?.trim() ?? '';
  if (time === undefined) return written;
  const limits = timeFilter(time);
  return written === '' ? limits : `(${written}) && ${limits}`;
}

function timeFilter(text: string): string {
  const form =
    '--time has the form FROM..TO, each an ISO time or seconds after the first packet, one of them may be left out';
  const [from = '', to = '', ...more] = text.split('..').map((limit) => limit.trim());
  if (more.length > 0 || (from === '' && to === '') || !text.includes('..'))
    throw new UsageError(`${form}, not ${text}`);
  const absolute = [from, to].filter((limit) => limit !== '').map((limit) => /^\d{4}-/.test(limit));
  if (new Set(absolute).size > 1) throw new UsageError(`${form}, both of one kind, not ${text}`);
  const field = absolute[0] === true ? 'frame.time' : 'frame.time_relative';
  const word = (limit: string): string => (absolute[0] === true ? `"${limit}"` : limit);
  const filter =
    from === ''
      ? `${field} <= ${word(to)}`
      : to === ''
        ? `${field} >= ${word(from)}`
        : `${field} in {${word(from)} .. ${word(to)}}`;
  const mistake = filterMistake(filter);
  if (mistake) throw new UsageError(`--time: ${mistake.message}`);
  return filter;
}

export interface InspectArguments {
  readonly format: 'text' | 'json';
  readonly follow: boolean;
  readonly maxExpansion: number;
  readonly paths: readonly string[];
}

export function parseInspectArguments(args: readonly string[]): InspectArguments {
  const { values, positionals } = parse(args, {
    format: { type: 'string' },
    'max-expansion': { type: 'string' },
    follow: { type: 'boolean' },
  });
  return {
    format: oneOf('--format', values.format ?? 'text', ['text', 'json']),
    follow: values.follow === true,
    maxExpansion: maxExpansionOf(values['max-expansion']),
    paths: pathsOf(positionals),
  };
}

type Options = NonNullable<ParseArgsConfig['options']>;

function parse<const O extends Options>(args: readonly string[], options: O) {
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function oneOf<const Word extends string>(option: string, value: string, words: readonly Word[]): Word {
  const word = words.find((known) => known === value);
  if (word === undefined) throw new UsageError(`${option} is ${words.join(', ')}, not ${value}`);
  return word;
}

function maxExpansionOf(value: string | undefined): number {
  if (value === undefined) return DEFAULT_EXPANSION;
  if (value === 'none') return Infinity;
  const times = Number(value);
  if (!(times >= 1 && times < Infinity)) {
    throw new UsageError(`--max-expansion is a number of times, or none for no limit, not ${value}`);
  }
  return times;
}

function pathsOf(positionals: readonly string[]): readonly string[] {
  if (positionals.length === 0) throw new UsageError('no capture was named');
  return positionals;
}

function assignment(option: string, text: string, form: string): [string, string] {
  const at = text.lastIndexOf('=');
  if (at <= 0 || at === text.length - 1) throw new UsageError(`${option} has the form ${form}, not ${text}`);
  return [text.slice(0, at), text.slice(at + 1)];
}

function roleOf(text: string): Role {
  const role = ROLES.find((known) => known === text);
  if (!role) throw new UsageError(`there is no role ${text}; roles are ${ROLES.join(', ')}`);
  return role;
}

function conntrackOf(text: string): { file: string; box: Box | null } {
  const at = text.lastIndexOf('@');
  if (at < 0) return { file: text, box: null };
  const box = BOXES.find((known) => known === text.slice(at + 1));
  if (!box) throw new UsageError(`--conntrack names a box of ${BOXES.join(', ')}, not ${text.slice(at + 1)}`);
  return { file: text.slice(0, at), box };
}
