// Runs the built command line in plain Node, where the user stands.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { root, userFolder } from './ready.mjs';

/** The exit code of `snatscope ARGS…`. */
export function runCli(args) {
  const cli = path.join(root, 'out', 'main', 'cli.js');
  return spawnSync(process.execPath, [cli, ...args], { cwd: userFolder(), stdio: 'inherit' }).status ?? 1;
}
