import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RecentList } from '../../../src/main/recent.ts';

let scratch: string;
let file: string;
beforeEach(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-recent-'));
  file = path.join(scratch, 'data', 'recent.json');
});
afterEach(() => {
  rmSync(scratch, { recursive: true });
});

const entry = (name: string) => ({ paths: [`/captures/${name}`], title: name, openedAt: '2026-02-03T04:05:06.789Z' });

it('is empty at first, and keeps what is added, newest first', () => {
  const recent = new RecentList(file);
  expect(recent.entries).toEqual([]);
  recent.add(entry('a'));
  recent.add(entry('b'));
  expect(new RecentList(file).entries).toEqual([entry('b'), entry('a')]);
});

it('names the same captures once, and twelve at most', () => {
  const recent = new RecentList(file);
  for (let n = 0; n < 14; n++) recent.add(entry(`${n}`));
  recent.add(entry('5'));
  const titles = recent.entries.map(({ title }) => title);
  expect(titles).toEqual(['5', '13', '12', '11', '10', '9', '8', '7', '6', '4', '3', '2']);
});

it.each([
  ['no JSON', '{', []],
  ['no list', '{"paths":["/a"]}', []],
  [
    'damaged entries',
    JSON.stringify([
      entry('a'),
      null,
      7,
      {},
      { ...entry('b'), paths: ['relative'] },
      { ...entry('b'), openedAt: 'soon' },
    ]),
    [entry('a')],
  ],
])('takes from a file with %s what is sound', (_, text, entries) => {
  const damaged = path.join(scratch, 'damaged.json');
  writeFileSync(damaged, text);
  expect(new RecentList(damaged).entries).toEqual(entries);
});
