// The captures that the oracles are asked about: the samples, and those kept beside the checkout.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SAMPLES, SHARED_CAPTURES } from '../support/requirements.ts';

export interface CaptureFile {
  /** As shown in a test's name. */
  readonly name: string;
  readonly file: string;
}

function capturesUnder(folder: string): CaptureFile[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(pcap|pcapng)$/.test(name) && !name.split(path.sep).includes('truth'))
    .sort()
    .map((name) => ({ name: `${path.basename(folder)}/${name}`, file: path.join(folder, name) }));
}

export const SAMPLE_CAPTURES = capturesUnder(SAMPLES);
export const OTHER_CAPTURES = capturesUnder(SHARED_CAPTURES);

export function readBytes({ file }: CaptureFile): Uint8Array {
  const bytes = readFileSync(file);
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
