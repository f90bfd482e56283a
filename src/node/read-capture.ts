// Reads one capture from a file into tables, in chunks; runs in a reader worker.
import { type CaptureTables, Ingest, type Issue, type IssueCode, openCapture } from '../core/session.ts';
import { streamCapture } from './capture-bytes.ts';
import { explainError } from './errors.ts';

/** Issues after which the rest of a file was not read. */
const FATAL: ReadonlySet<IssueCode> = new Set([
  'empty-file',
  'not-a-capture',
  'unsupported-version',
  'corrupt-length',
  'corrupt-compression',
  'expansion-limit',
]);

export interface ReadResult {
  readonly tables: CaptureTables;
  /** Why nothing, or not all, could be read; null: all was. */
  readonly error: string | null;
  readonly ok: boolean;
}

/** `onProgress` gets the file's bytes and the packets so far, once a chunk. */
export type OnProgress = (bytes: number, packets: number) => void;

/** `-` reads standard input. */
export async function readCapture(path: string, maxExpansion: number, onProgress: OnProgress): Promise<ReadResult> {
  const ingest = new Ingest();
  const reader = openCapture(ingest);
  let failure: string | null = null;
  let within = '';
  try {
    const onRead = (bytes: number): void => {
      onProgress(bytes, ingest.packetCount);
    };
    const end = await streamCapture(path, { maxExpansion, onRead }, (bytes) => reader.push(bytes));
    if (end.compression) within = `, in ${end.compression}`;
    if (end.damage) ingest.issue(end.damage);
    // Where not a byte could be decompressed, that is what to say, not that the file is empty.
    if (!end.damage || ingest.hasInterface) reader.end();
  } catch (error) {
    failure = explainError(error);
    reader.end();
  }
  return resultOf(ingest.tables(reader.format + within), failure);
}

/** What reading came to; `further` are issues that do not stand in the tables. */
export function resultOf(tables: CaptureTables, failure: string | null, further: readonly Issue[] = []): ReadResult {
  const issues = [...tables.issues, ...further.map((first) => ({ code: first.code, count: 1, first }))];
  const fatal = issues.find((issue) => FATAL.has(issue.code));
  const told = fatal ?? issues[0];
  return {
    tables: { ...tables, issues },
    ok: failure === null && !fatal,
    error: failure ?? told?.first.message ?? null,
  };
}
