// Before tests that run what is built: `out/` is up to date.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

export default function setup(): void {
  const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'ready.mjs');
  const { status } = spawnSync(process.execPath, [script], { stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new Error('The build failed (its message is above): nothing to test.');
}
