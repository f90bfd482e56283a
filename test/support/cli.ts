// Runs the built command line as a user does.
import { type SpawnSyncReturns, spawnSync } from 'node:child_process';
import path from 'node:path';

export const CLI = path.join(import.meta.dirname, '..', '..', 'out', 'main', 'cli.js');

export interface CliOptions {
  readonly cwd?: string;
  readonly input?: Uint8Array;
}

export function snatscope(args: readonly string[], { cwd, input }: CliOptions = {}): SpawnSyncReturns<string> {
  return spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 30,
    ...(cwd !== undefined && { cwd }),
    ...(input !== undefined && { input }),
  });
}
