import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY, isOwnPage, serveAsset } from '../../../src/main/assets.ts';

let scratch: string;
beforeAll(() => {
  scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-assets-'));
  mkdirSync(path.join(scratch, 'renderer', 'assets'), { recursive: true });
  for (const file of ['renderer/index.html', 'renderer/assets/a b.js', 'renderer/notes.txt', 'secret.js']) {
    writeFileSync(path.join(scratch, file), file);
  }
});
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const ask = (address: string, init?: RequestInit): Promise<Response> =>
  serveAsset(path.join(scratch, 'renderer'), new Request(address, init));

it.each([
  ['app://snatscope/', 'text/html; charset=utf-8', 'renderer/index.html'],
  ['app://snatscope/index.html?x#y', 'text/html; charset=utf-8', 'renderer/index.html'],
  ['app://snatscope/assets/a%20b.js', 'text/javascript; charset=utf-8', 'renderer/assets/a b.js'],
])('serves %s as %s', async (address, type, text) => {
  const answer = await ask(address);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe(type);
  expect(answer.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
  expect(await answer.text()).toBe(text);
});

it.each([
  'app://snatscope/../secret.js',
  'app://snatscope/..%2fsecret.js',
  'app://snatscope/assets/%2e%2e/%2e%2e/secret.js',
  'app://snatscope/..%5csecret.js',
  'app://snatscope/index.html%00.js',
  'app://snatscope/%ff.js',
  'app://snatscope/notes.txt',
  'app://snatscope/assets',
  'app://snatscope/absent.js',
  'app://elsewhere/index.html',
  'http://snatscope/index.html',
])('does not find %s', async (address) => {
  const answer = await ask(address);
  expect(answer.status).toBe(404);
  expect(answer.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
});

it('answers nothing but GET', async () => {
  expect((await ask('app://snatscope/index.html', { method: 'POST' })).status).toBe(404);
});

it('knows its own page', () => {
  expect(isOwnPage('app://snatscope/index.html')).toBe(true);
  for (const foreign of ['app://snatscope.example/', 'https://snatscope/', 'about:blank', '']) {
    expect(isOwnPage(foreign)).toBe(false);
  }
});
