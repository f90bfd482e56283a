import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { listSamples, sampleFolder } from '../../../src/main/samples.ts';

const bundled = path.join(import.meta.dirname, '..', '..', '..', 'samples');

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-samples-'));
  for (const [name, order] of [
    ['second', 2],
    ['first', 1],
    ['last', undefined],
  ] as const) {
    mkdirSync(path.join(scratch, name));
    const card = { title: `The ${name}`, summary: 'What it shows.', question: 'Who?', order };
    writeFileSync(path.join(scratch, name, 'sample.json'), JSON.stringify(card));
  }
  mkdirSync(path.join(scratch, 'lab'));
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

it('lists the samples in their order, and no other folder', async () => {
  const cards = await listSamples(scratch);
  expect(cards.map(({ name }) => name)).toEqual(['first', 'second', 'last']);
  expect(cards[0]).toEqual({ name: 'first', title: 'The first', summary: 'What it shows.', question: 'Who?' });
});

it('finds a sample by its name alone', async () => {
  expect(await sampleFolder(scratch, 'first')).toBe(path.join(scratch, 'first'));
  for (const name of ['..', 'lab', '/etc', 'first/../second']) {
    await expect(sampleFolder(scratch, name)).rejects.toThrow(
      `There is no sample "${name}". There are: first, second, last.`,
    );
  }
});

it('lists the bundled samples', async () => {
  const names = (await listSamples(bundled)).map(({ name }) => name);
  expect(names).toEqual(
    expect.arrayContaining(['eks-nat-gateway', 'eks-external-snat', 'eks-public-subnet', 'clusterip-dnat']),
  );
});
