// The bundled samples: folders of captures with a `sample.json` that says what they teach.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SampleCard } from '../shared/contract.ts';

/** Cards of all samples below the folder, in the order that they are to be read in. */
export async function listSamples(folder: string): Promise<readonly SampleCard[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const samples = await Promise.all(
    entries.filter((entry) => entry.isDirectory()).map((entry) => readSample(folder, entry.name)),
  );
  return samples
    .filter((sample) => sample !== null)
    .sort((a, b) => a.order - b.order || a.card.name.localeCompare(b.card.name))
    .map(({ card }) => card);
}

/** The folder of the sample of this name; throws where there is none. */
export async function sampleFolder(folder: string, name: string): Promise<string> {
  const known = await listSamples(folder);
  if (known.some((card) => card.name === name)) return path.join(folder, name);
  throw new Error(`There is no sample "${name}". There are: ${known.map((card) => card.name).join(', ')}.`);
}

/** Null for a folder that is no sample: `lab` has none, and records them. */
async function readSample(folder: string, name: string): Promise<{ card: SampleCard; order: number } | null> {
  let text: string;
  try {
    text = await readFile(path.join(folder, name, 'sample.json'), 'utf8');
  } catch {
    return null;
  }
  const { title, summary, question, order } = JSON.parse(text) as Record<string, unknown>;
  if (typeof title !== 'string' || typeof summary !== 'string' || typeof question !== 'string') {
    throw new Error(`samples/${name}/sample.json needs the texts "title", "summary" and "question".`);
  }
  return { card: { name, title, summary, question }, order: typeof order === 'number' ? order : Infinity };
}
