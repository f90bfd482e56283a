import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { breachesOf } from './imports.ts';

const root = path.join(import.meta.dirname, '..', '..');

function filesBelow(folder: string, extensions: RegExp): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && extensions.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('the layers of src', () => {
  it('import one another only as the rule allows', () => {
    const src = path.join(root, 'src');
    const breaches = filesBelow('src', /\.tsx?$/).flatMap((file) =>
      breachesOf(path.relative(src, file).split(path.sep).join('/'), readFileSync(file, 'utf8')),
    );
    expect(breaches).toEqual([]);
  });
});

describe('the rule', () => {
  it.each([
    ['core/decode/tcp.ts', "import { u16 } from '../bytes/integers.ts';"],
    ['core/decode/tcp.ts', "import { ip } from './ip.ts';"],
    ['core/flows/table.ts', "import type { Leg } from '../report/model.ts';"],
    ['core/session.ts', "export { text } from './report/text.ts';"],
    ['node/pool.ts', "import { read } from '../core/formats/reader.ts'; import { open } from 'node:fs/promises';"],
    ['main/ipc.ts', "import { ipcMain } from 'electron'; import { ROLES } from '../core/report/model.ts';"],
    ['cli/index.ts', "import { Session } from '../core/session.ts'; import { pool } from '../node/pool.ts';"],
    ['shared/contract.ts', "export type * from '../core/report/views.ts';"],
    [
      'renderer/main.tsx',
      "import { createRoot } from 'react-dom/client'; import './main.css'; import type { A } from '../shared/contract.ts';",
    ],
  ])('allows %s: %s', (file, text) => {
    expect(breachesOf(file, text)).toEqual([]);
  });

  it.each([
    ['core/bytes/cursor.ts', "import { tcp } from '../decode/tcp.ts';"],
    ['core/bytes/cursor.ts', "import type { Tcp } from '../decode/tcp.ts';"],
    ['core/flows/table.ts', "import { ROLES } from '../report/model.ts';"],
    ['core/diagnose/loss.ts', "import { diff } from '../compare/packet-diff.ts';"],
    ['core/report/text.ts', "import { Session } from '../session.ts';"],
    ['core/report/text.ts', "import { new } from '../novelties/new.ts';"],
    ['core/formats/pcap.ts', "import { Buffer } from 'node:buffer';"],
    ['core/formats/pcap.ts', "const zstd = await import('fzstd');"],
    ['node/pool.ts', "import { app } from 'electron';"],
    ['main/ipc.ts', "import { read } from '../core/formats/reader.ts';"],
    ['cli/index.ts', "import { menu } from '../main/menu.ts';"],
    ['shared/contract.ts', "export { ROLES } from '../core/report/model.ts';"],
    ['preload/index.ts', "import type { Journey } from '../core/report/model.ts';"],
    ['renderer/main.tsx', "import type { Journey } from '../core/report/model.ts';"],
    ['renderer/main.tsx', "type J = import('../core/report/model.ts').Journey;"],
    ['renderer/main.tsx', "import { shell } from 'electron';"],
    ['renderer/main.tsx', "import path from 'node:path';"],
  ])('finds the breach in %s: %s', (file, text) => {
    expect(breachesOf(file, text)).toHaveLength(1);
  });
});

describe('sources and tests', () => {
  it('name no folder of the machine that they were written on', () => {
    // Taken apart, so that this file does not name one itself.
    const homes = new RegExp(['home', 'Users', 'root', 'work'].map((name) => `/${name}/\\w`).join('|'));
    const named = ['src', 'test', 'scripts'].flatMap((folder) =>
      filesBelow(folder, /\.(tsx?|m?js|json|css|html|md|txt)$/).filter((file) =>
        homes.test(readFileSync(file, 'utf8')),
      ),
    );
    expect(named.map((file) => path.relative(root, file))).toEqual([]);
  });
});
