// Reads one capture from a file into tables, in chunks; runs in a reader worker.
import fs from 'node:fs';
import { type CaptureTables, Ingest, openCapture } from '../core/session.ts';
import { explainError } from './errors.ts';

const CHUNK = 1024 * 1024;
/** Issues after which the rest of a file was not read. */
const FATAL = new Set(['empty-file', 'not-a-capture', 'unsupported-version', 'corrupt-length']);

export interface ReadResult {
  readonly tables: CaptureTables;
  /** Why nothing, or not all, could be read; null: all was. */
  readonly error: string | null;
  readonly ok: boolean;
}

/** `-` reads standard input. `onProgress` gets the bytes and packets so far, once a chunk. */
export function readCapture(path: string, onProgress: (bytes: number, packets: number) => void): ReadResult {
  const ingest = new Ingest();
  const reader = openCapture(ingest);
  let descriptor: number | null = null;
  let failure: string | null = null;
  try {
    descriptor = path === '-' ? 0 : fs.openSync(path, 'r');
    if (fs.fstatSync(descriptor).isDirectory()) throw Object.assign(new Error('a folder'), { code: 'EISDIR' });
    const chunk = Buffer.allocUnsafe(CHUNK);
    for (let total = 0; ;) {
      const length = fs.readSync(descriptor, chunk, 0, CHUNK, null);
      if (length === 0) break;
      total += length;
      if (!reader.push(chunk.subarray(0, length))) break;
      onProgress(total, ingest.packetCount);
    }
    reader.end();
  } catch (error) {
    failure = explainError(error);
  } finally {
    if (descriptor !== null && descriptor !== 0) fs.closeSync(descriptor);
  }
  const tables = ingest.finish(reader.format);
  const fatal = tables.issues.find((issue) => FATAL.has(issue.code));
  const told = fatal ?? tables.issues[0];
  return { tables, ok: failure === null && !fatal, error: failure ?? told?.first.message ?? null };
}
