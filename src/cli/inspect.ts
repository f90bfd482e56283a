// `snatscope inspect`: what each file is, without correlating.
import { type CaptureRemarks, type CaptureTables, isoTime, linkTypeName } from '../core/session.ts';
import { type CaptureInput, findInputs } from '../node/inputs.ts';
import { FollowedCapture } from '../node/follow-capture.ts';
import { type ReadResult, readCapture } from '../node/read-capture.ts';
import { type InspectArguments, parseInspectArguments } from './arguments.ts';
import { Complaints } from './complaints.ts';
import { betweenTexts, follow } from './follow.ts';

const SCHEMA = 'snatscope.inspect/1';

interface InspectedPoint {
  readonly interface: string | null;
  readonly description: string | null;
  readonly comments: readonly string[];
  readonly linkType: string;
  readonly packets: number;
  readonly bytes: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly snapLength: number;
  readonly dropped: number;
  readonly issues: readonly { readonly code: string; readonly count: number; readonly message: string }[];
}

/** What a pcapng file says beside its packets. */
interface InspectedRemarks {
  readonly application: string | null;
  readonly os: string | null;
  readonly hardware: string | null;
  readonly comments: readonly string[];
  /** Addresses that it has names for, and packets that have comments. */
  readonly names: number;
  readonly commentedPackets: number;
  readonly secrets: boolean;
}

interface InspectedFile {
  readonly file: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly format: string | null;
  readonly points: readonly InspectedPoint[];
  readonly remarks: InspectedRemarks;
}

const NO_REMARKS: InspectedRemarks = {
  application: null,
  os: null,
  hardware: null,
  comments: [],
  names: 0,
  commentedPackets: 0,
  secrets: false,
};

export async function inspect(args: readonly string[]): Promise<number> {
  const parsed = parseInspectArguments(args);
  const { captures, problems } = await findInputs(parsed.paths, { noSideFiles: true, conntrack: [] });
  const files = problems.map(({ file, error }): InspectedFile => ({
    file,
    ok: false,
    error,
    format: null,
    points: [],
    remarks: NO_REMARKS,
  }));
  const printer = new Printer(parsed);
  if (parsed.follow) await inspectOn(captures, files, parsed.maxExpansion, printer);
  else {
    // One after the other: what is held of one is free before the next is read.
    for (const { path, name } of captures) {
      files.push(inspected(name, await readCapture(path, parsed.maxExpansion, () => undefined)));
    }
    printer.print(files);
  }
  return files.every((file) => file.ok) ? 0 : 3;
}

/** Inspects the captures again and again while they grow; `files` holds what was said last. */
async function inspectOn(
  captures: readonly CaptureInput[],
  files: InspectedFile[],
  maxExpansion: number,
  printer: Printer,
): Promise<void> {
  const problems = files.length;
  const followed = captures.map(({ path, name }) => ({ name, capture: new FollowedCapture(path, maxExpansion) }));
  const readOn = async (): Promise<{ news: InspectedFile[] | null; isOver: boolean }> => {
    let news: InspectedFile[] | null = null;
    for (const [number, { name, capture }] of followed.entries()) {
      if (!(await capture.readOn(() => undefined))) continue;
      files[problems + number] = inspected(name, capture.result());
      news = files;
    }
    return { news, isOver: followed.every(({ capture }) => capture.isOver) };
  };
  const { isOver } = await readOn();
  printer.print(files);
  if (isOver) return;
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
  });
  await follow(interrupted.signal, readOn, (news) => {
    printer.print(news);
    return Promise.resolve();
  });
}

class Printer {
  private readonly format: 'text' | 'json';
  private readonly isFollowed: boolean;
  private readonly complaints = new Complaints();
  private isFirst = true;

  constructor({ format, follow: isFollowed }: InspectArguments) {
    this.format = format;
    this.isFollowed = isFollowed;
  }

  print(files: readonly InspectedFile[]): void {
    if (this.format === 'json') {
      process.stdout.write(`${JSON.stringify({ schema: SCHEMA, files }, null, this.isFollowed ? 0 : 1)}\n`);
    } else {
      if (this.isFollowed) process.stdout.write(betweenTexts(this.isFirst));
      for (const file of files) process.stdout.write(textOf(file));
    }
    this.complaints.tell(files.filter(({ ok }) => !ok));
    this.isFirst = false;
  }
}

function inspected(file: string, { tables, ok, error }: ReadResult): InspectedFile {
  const format = tables.points.length > 0 ? tables.format : null;
  return { file, ok, error, format, points: pointsOf(tables), remarks: remarksOf(tables.remarks) };
}

function remarksOf({ sections, names, comments, hasSecrets }: CaptureRemarks): InspectedRemarks {
  const first = sections[0] ?? NO_REMARKS;
  return {
    application: first.application,
    os: first.os,
    hardware: first.hardware,
    comments: sections.flatMap((section) => section.comments),
    names: names.size,
    commentedPackets: comments.rows.length + comments.leftOut,
    secrets: hasSecrets,
  };
}

function pointsOf(tables: CaptureTables): InspectedPoint[] {
  const time = (ns: number): string | null => (Number.isNaN(ns) ? null : isoTime(tables.base + BigInt(Math.round(ns))));
  return tables.points.map((point, number) => ({
    interface: point.interfaceName,
    description: point.description,
    comments: point.comments,
    linkType: linkTypeName(point.linkType),
    packets: point.packets,
    bytes: point.bytes,
    first: time(point.first),
    last: time(point.last),
    snapLength: point.snapLength,
    dropped: point.dropped,
    // A file's own issues stand with its first point.
    issues: [...point.issues, ...(number === 0 ? tables.issues : [])].map(({ code, count, first }) => ({
      code,
      count,
      message: first.message,
    })),
  }));
}

function textOf({ file, error, format, points, remarks }: InspectedFile): string {
  const lines = [`${file}: ${format ?? 'not read'}`];
  if (error !== null) lines.push(`  ${error}`);
  lines.push(...remarkLines(remarks).map((line) => `  ${line}`));
  for (const point of points) {
    const name = point.interface === null ? '' : `${point.interface}: `;
    lines.push(
      `  ${name}${point.linkType}, ${point.packets} packets, ${point.bytes} bytes, snap length ${point.snapLength || 'unlimited'}`,
    );
    for (const said of [point.description, ...point.comments]) if (said !== null) lines.push(`    ${oneLine(said)}`);
    if (point.first !== null) lines.push(`    ${point.first} to ${point.last!}`);
    for (const issue of point.issues) lines.push(`    ${issue.code} (${issue.count}): ${issue.message}`);
  }
  return `${lines.join('\n')}\n`;
}

function remarkLines({
  application,
  os,
  hardware,
  comments,
  names,
  commentedPackets,
  secrets,
}: InspectedRemarks): string[] {
  const lines = comments.map(oneLine);
  const writer = [application, os, hardware].filter((said) => said !== null).map(oneLine);
  if (writer.length > 0) lines.push(`written by ${writer.join(', ')}`);
  if (names > 0) lines.push(`names of ${names} addresses`);
  if (commentedPackets > 0) lines.push(`${commentedPackets} packets have comments`);
  if (secrets) lines.push('holds keys that decrypt its packets');
  return lines;
}

/** A file's own text must not draw on a terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim();
}
