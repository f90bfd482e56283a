// Holds what the readers, the fast decoder and the detail say of every packet of a file against tshark.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { disagreements } from './disagreements.ts';
import { tsharkPackets } from './tshark.ts';

/** Reads the file both ways and compares every packet; returns how many. */
export async function agreesWithTshark(file: string): Promise<number> {
  const asked = await tsharkPackets(file);
  expect(disagreements(readFileSync(file), asked)).toEqual([]);
  return asked.length;
}
