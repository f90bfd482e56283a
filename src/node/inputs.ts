// What a PATH stands for: a capture, a side file, or a folder of both. Of captures nothing is read here but the first bytes;
// side files are.
import fs from 'node:fs';
import path from 'node:path';
import { type Box, ROLE_RANK, type SideSource, readSideFile, roleOfNames } from '../core/session.ts';
import type { Input } from '../shared/contract.ts';
import { DEFAULT_EXPANSION, streamCapture } from './capture-bytes.ts';
import { kindOfFile } from './capture-magic.ts';
import { explainError } from './errors.ts';
import { decodeText } from './text.ts';

/** A capture to read: where it is, and how it is called in the report. */
export interface CaptureInput {
  readonly path: string;
  readonly name: string;
}

export interface Inputs {
  readonly captures: readonly CaptureInput[];
  readonly sides: readonly SideSource[];
  /** Paths of which nothing can be opened. */
  readonly problems: readonly Input[];
  readonly title: string;
}

export interface InputOptions {
  /** Leave out dumps that stand beside captures in a folder. */
  readonly noSideFiles: boolean;
  /** Times its size that a compressed file may grow to; Infinity for any. */
  readonly maxExpansion?: number;
  /** Side files that are named one by one. */
  readonly conntrack: readonly { readonly file: string; readonly box: Box | null }[];
}

const CAPTURE_NAME = /\.(pcap|pcapng|cap|ntar|dmp|snoop)\d*(\.(gz|zst|lz4))?$/i;
const SIDE_NAME = /\.(conntrack|iptables|nf_conntrack)(\.txt)?$/i;
/** A conntrack listing of a million entries is about 200 MB; beyond this it is something else. */
const MAX_SIDE_FILE = 512 * 1024 * 1024;

export async function findInputs(paths: readonly string[], options: InputOptions): Promise<Inputs> {
  const captures: string[] = [];
  const sidePaths: { file: string; box: Box | null }[] = [...options.conntrack];
  const problems: Input[] = [];
  for (const given of paths) {
    try {
      if (given !== '-' && fs.statSync(given).isDirectory()) {
        const found = listFolder(given);
        captures.push(...found.captures);
        if (!options.noSideFiles) sidePaths.push(...found.sides.map((file) => ({ file, box: null })));
        if (found.captures.length + found.sides.length === 0) {
          problems.push({ file: given, ok: false, error: 'no capture in this folder' });
        }
      } else if (isSideFile(given)) sidePaths.push({ file: given, box: null });
      else captures.push(given);
    } catch (error) {
      problems.push({ file: given, ok: false, error: explainError(error) });
    }
  }
  const unique = [...new Set(captures.map((file) => (file === '-' ? file : path.normalize(file))))];
  const names = shortNames(unique);
  const sides: SideSource[] = [];
  for (const { file, box } of sidePaths) {
    const { side, error } = await openSideFile(file, box, options.maxExpansion ?? DEFAULT_EXPANSION);
    if (side) sides.push(side);
    if (error !== null) problems.push({ file, ok: false, error });
  }
  return {
    captures: unique.map((file) => ({ path: file, name: names.get(file)! })),
    sides,
    problems,
    title: titleOf(paths),
  };
}

function listFolder(folder: string): { captures: string[]; sides: string[] } {
  const captures: string[] = [];
  const sides: string[] = [];
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => alongThePath(a.name, b.name))) {
    const file = path.join(folder, entry.name);
    if (!entry.isFile() && !(entry.isSymbolicLink() && isFile(file))) continue;
    if (CAPTURE_NAME.test(entry.name)) captures.push(file);
    else if (SIDE_NAME.test(entry.name)) sides.push(file);
    else {
      const kind = kindOfFile(file);
      if (kind !== null) (kind === 'capture' ? captures : sides).push(file);
    }
  }
  return { captures, sides };
}

/** From the pod to the internet as far as names tell, then `pod2` before `pod10`. */
function alongThePath(a: string, b: string): number {
  const rank = (name: string): number => ROLE_RANK[roleOfNames(name, null) ?? 'other'];
  return rank(a) - rank(b) || a.localeCompare(b, 'en', { numeric: true });
}

function isFile(file: string): boolean {
  return fs.statSync(file, { throwIfNoEntry: false })?.isFile() === true;
}

/** A pipe is not looked into: what was read of it would be gone. */
function isSideFile(file: string): boolean {
  return (
    file !== '-' && (SIDE_NAME.test(file) || (!CAPTURE_NAME.test(file) && isFile(file) && kindOfFile(file) === 'side'))
  );
}

interface OpenedSide {
  readonly side: SideSource | null;
  /** Why there is none, or why it is not whole. */
  readonly error: string | null;
}

async function openSideFile(file: string, box: Box | null, maxExpansion: number): Promise<OpenedSide> {
  try {
    const chunks: Uint8Array[] = [];
    let size = 0;
    const { damage } = await streamCapture(file, { maxExpansion }, (bytes) => {
      chunks.push(bytes.slice());
      size += bytes.length;
      return size <= MAX_SIDE_FILE;
    });
    if (size > MAX_SIDE_FILE) {
      return { side: null, error: `more than ${MAX_SIDE_FILE} bytes, which no dump has; it was left out` };
    }
    const side = readSideFile(path.basename(file), box, decodeText(Buffer.concat(chunks)));
    return typeof side === 'string' ? { side: null, error: side } : { side, error: damage?.message ?? null };
  } catch (error) {
    return { side: null, error: explainError(error) };
  }
}

/** The last part of each path, or the path itself where two end alike. */
function shortNames(files: readonly string[]): Map<string, string> {
  const count = new Map<string, number>();
  for (const file of files) count.set(path.basename(file), (count.get(path.basename(file)) ?? 0) + 1);
  return new Map(files.map((file) => [file, count.get(path.basename(file)) === 1 ? path.basename(file) : file]));
}

function titleOf(paths: readonly string[]): string {
  const names = paths.map((p) => (p === '-' ? 'standard input' : path.basename(path.resolve(p))));
  return names.length <= 2 ? names.join(', ') : `${names[0]!} and ${names.length - 1} more`;
}
