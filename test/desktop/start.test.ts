// `npm start`: the window where there can be one, and otherwise what is missing and the report.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { chromium } from 'playwright';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { available, describeDesktop, root, sample } from './support.ts';

const SCRIPT = path.join(root, 'scripts', 'start.mjs');

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

describeDesktop('npm start', () => {
  let scratch: string;
  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-start-'));
  });
  afterEach(() => {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  });

  /** Runs the script to its end; `onStderr` sees all that it has said so far, each time it says more. */
  function start(
    args: readonly string[],
    env: Readonly<Record<string, string | undefined>>,
    onStderr: (text: string) => void = () => undefined,
  ): Promise<Outcome> {
    const child = spawn(process.execPath, [SCRIPT, ...args], { cwd: scratch, env: { ...process.env, ...env } });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
      onStderr(stderr);
    });
    return new Promise((resolve) => {
      child.on('close', (code) => {
        resolve({ code, stdout, stderr });
      });
    });
  }

  /** A stand-in for Electron's binary that runs it in this test's own user-data folder, open to inspection. */
  function inspectableElectron(): string {
    const wrapper = path.join(scratch, 'electron');
    const own = `--remote-debugging-port=0 --user-data-dir='${path.join(scratch, 'data')}'`;
    writeFileSync(wrapper, `#!/bin/sh\nexec '${available().electron}' ${own} "$@"\n`);
    chmodSync(wrapper, 0o755);
    return wrapper;
  }

  it.each([
    ['the first screen', [], 'first-screen'],
    ['the captures that it is given', [sample('eks-nat-gateway')], 'journeys'],
  ])('opens the window on %s, and ends when it is closed', async (_, args, testId) => {
    let found: Promise<void> | undefined;
    const { display } = available();
    const { code } = await start(args, { DISPLAY: display, ELECTRON_EXEC_PATH: inspectableElectron() }, (text) => {
      const address = /DevTools listening on (ws:\S+)/.exec(text)?.[1];
      if (address !== undefined) found ??= lookFor(address, testId);
    });
    await found;
    expect(found).toBeDefined();
    expect(code).toBe(0);
  });

  async function lookFor(address: string, testId: string): Promise<void> {
    const browser = await chromium.connectOverCDP(address);
    const context = browser.contexts()[0]!;
    const page = context.pages()[0] ?? (await context.waitForEvent('page'));
    await page.getByTestId(testId).waitFor();
    await page.close();
  }

  it('prints the report of a sample where there is no display', async () => {
    const none = { DISPLAY: undefined, WAYLAND_DISPLAY: undefined };
    const { code, stdout, stderr } = await start([], { ...none, ELECTRON_EXEC_PATH: available().electron });
    expect(stderr).toContain('There is no display');
    expect(stderr).toContain('xvfb-run');
    expect(stdout).toContain('203.0.113.');
    expect(code).toBe(0);
  });

  it('prints the report of the captures where nothing answers on the display', async () => {
    const { code, stdout, stderr } = await start([sample('eks-external-snat')], {
      DISPLAY: ':4711',
      WAYLAND_DISPLAY: undefined,
      ELECTRON_EXEC_PATH: available().electron,
    });
    expect(stderr).toContain('The display :4711 cannot be opened');
    expect(stdout).toContain('pod1-veth');
    expect(code).toBe(0);
  });

  it('says how to get a binary that is missing', async () => {
    const { stdout, stderr } = await start([], {
      DISPLAY: available().display,
      ELECTRON_EXEC_PATH: path.join(scratch, 'absent'),
    });
    expect(stderr).toContain(`ELECTRON_EXEC_PATH names ${path.join(scratch, 'absent')}, which does not exist.`);
    expect(stdout).toContain('203.0.113.');
  });
});
