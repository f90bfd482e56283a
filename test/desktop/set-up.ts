// Before the desktop tests: an Electron, and a display to run it on. Where one of them cannot be had, the tests are
// skipped, and this says so; with CI=true that is a failure.
import { spawn, spawnSync } from 'node:child_process';
import path from 'node:path';
import type { TestProject } from 'vitest/node';

declare module 'vitest' {
  interface ProvidedContext {
    /** Why the tests cannot run, or what they run on. */
    desktop: { readonly missing: string } | { readonly electron: string; readonly display: string };
  }
}

export default async function setup(project: TestProject): Promise<() => void> {
  let stopDisplay = (): void => undefined;
  try {
    const electron = findElectron();
    const display = await openDisplay();
    stopDisplay = display.stop;
    project.provide('desktop', { electron, display: display.name });
  } catch (error) {
    const missing = (error as Error).message;
    if (process.env.CI === 'true') throw new Error(`The desktop tests cannot run: ${missing}`, { cause: error });
    console.error(`\n*** The desktop tests are SKIPPED: ${missing}\n`);
    project.provide('desktop', { missing });
  }
  return stopDisplay;
}

/** ELECTRON_EXEC_PATH, the installed one, or the registry's copy. */
function findElectron(): string {
  const script = path.join(import.meta.dirname, '..', '..', 'scripts', 'electron.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr.trim());
  process.stderr.write(stderr);
  return stdout.trim();
}

/** The display that is there, or an Xvfb of our own on a free number. */
async function openDisplay(): Promise<{ name: string; stop: () => void }> {
  const given = process.env.DISPLAY;
  if (process.platform !== 'linux' || given !== undefined) return { name: given ?? '', stop: () => undefined };
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-screen', '0', '1920x1200x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
  const number = await new Promise<string>((resolve, reject) => {
    let text = '';
    xvfb.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.endsWith('\n')) resolve(text.trim());
    });
    xvfb.on('error', (error) => {
      reject(new Error(`DISPLAY is unset, and Xvfb cannot be run (apt-get install xvfb): ${error.message}`));
    });
    xvfb.on('exit', (code) => {
      reject(new Error(`DISPLAY is unset, and Xvfb ended at once with code ${code ?? 'none'}.`));
    });
  });
  return { name: `:${number}`, stop: () => xvfb.kill() };
}
