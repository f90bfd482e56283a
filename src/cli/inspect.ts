// `snatscope inspect`: what each file is, without correlating.
import { type CaptureTables, isoTime, linkTypeName } from '../core/session.ts';
import { type CaptureInput, findInputs } from '../node/inputs.ts';
import { readCapture } from '../node/read-capture.ts';
import { parseInspectArguments } from './arguments.ts';

const SCHEMA = 'snatscope.inspect/1';

interface InspectedPoint {
  readonly interface: string | null;
  readonly linkType: string;
  readonly packets: number;
  readonly bytes: number;
  readonly first: string | null;
  readonly last: string | null;
  readonly snapLength: number;
  readonly dropped: number;
  readonly issues: readonly { readonly code: string; readonly count: number; readonly message: string }[];
}

interface InspectedFile {
  readonly file: string;
  readonly ok: boolean;
  readonly error: string | null;
  readonly format: string | null;
  readonly points: readonly InspectedPoint[];
}

export async function inspect(args: readonly string[]): Promise<number> {
  const { format, maxExpansion, paths } = parseInspectArguments(args);
  const inputs = findInputs(paths, { noSideFiles: true, conntrack: [] });
  const files: InspectedFile[] = [
    ...inputs.problems.map(({ file, error }) => ({ file, ok: false, error, format: null, points: [] })),
  ];
  // One after the other: what is held of one is free before the next is read.
  for (const capture of inputs.captures) files.push(await inspectFile(capture, maxExpansion));
  if (format === 'json') process.stdout.write(`${JSON.stringify({ schema: SCHEMA, files }, null, 1)}\n`);
  else for (const file of files) process.stdout.write(textOf(file));
  for (const { file, error, ok } of files)
    if (!ok) process.stderr.write(`snatscope: ${file}: ${error ?? 'could not be read'}\n`);
  return files.every((file) => file.ok) ? 0 : 3;
}

async function inspectFile({ path, name }: CaptureInput, maxExpansion: number): Promise<InspectedFile> {
  const { tables, ok, error } = await readCapture(path, maxExpansion, () => undefined);
  return { file: name, ok, error, format: tables.points.length > 0 ? tables.format : null, points: pointsOf(tables) };
}

function pointsOf(tables: CaptureTables): InspectedPoint[] {
  const time = (ns: number): string | null => (Number.isNaN(ns) ? null : isoTime(tables.base + BigInt(Math.round(ns))));
  return tables.points.map((point, number) => ({
    interface: point.interfaceName,
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

function textOf({ file, error, format, points }: InspectedFile): string {
  const lines = [`${file}: ${format ?? 'not read'}`];
  if (error !== null) lines.push(`  ${error}`);
  for (const point of points) {
    const name = point.interface === null ? '' : `${point.interface}: `;
    lines.push(
      `  ${name}${point.linkType}, ${point.packets} packets, ${point.bytes} bytes, snap length ${point.snapLength || 'unlimited'}`,
    );
    if (point.first !== null) lines.push(`    ${point.first} to ${point.last!}`);
    for (const issue of point.issues) lines.push(`    ${issue.code} (${issue.count}): ${issue.message}`);
  }
  return `${lines.join('\n')}\n`;
}
