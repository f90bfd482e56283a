import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { loadPlacement, savePlacement } from '../../../src/main/placement.ts';

const SCREENS = [
  { x: 0, y: 0, width: 1920, height: 1080 },
  { x: 1920, y: 0, width: 1280, height: 1024 },
];
const bounds = { x: 100, y: 50, width: 1440, height: 900 };

let scratch: string;
let file: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-placement-'));
  file = path.join(scratch, 'data', 'window.json');
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

it('is none at first, and then what was kept', () => {
  expect(loadPlacement(file, SCREENS)).toBeNull();
  savePlacement(file, { bounds, maximized: true });
  expect(loadPlacement(file, SCREENS)).toEqual({ bounds, maximized: true });
});

it.each([
  ['on the second screen', { ...bounds, x: 2000 }, true],
  ['partly off the left edge', { ...bounds, x: -1000 }, true],
  ['on a screen that is gone', { ...bounds, x: 4000 }, false],
  ['with its title bar above the screen', { ...bounds, y: -30 }, false],
  ['below the screen', { ...bounds, y: 1060 }, false],
])('a window %s', (_, placed, found) => {
  savePlacement(file, { bounds: placed, maximized: false });
  expect(loadPlacement(file, SCREENS) !== null).toBe(found);
});

it.each(['', 'null', '7', '{"bounds":null,"maximized":true}', '{"bounds":{"x":1,"y":"2"},"maximized":false}'])(
  'is none where the file holds %j',
  (text) => {
    writeFileSync(file, text);
    expect(loadPlacement(file, SCREENS)).toBeNull();
  },
);
