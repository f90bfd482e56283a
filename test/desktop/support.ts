// Runs the built program in a real Electron and drives its window: one user-data folder a launch, native dialogs answered
// by the test, files dropped as the system drops them.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { _electron } from 'playwright';
import type { ElectronApplication, Page } from 'playwright';
import { describe, inject } from 'vitest';
import { drawScene, parseScene } from '../support/scene.ts';

export const root = path.join(import.meta.dirname, '..', '..');
export const sample = (name: string, ...file: string[]): string => path.join(root, 'samples', name, ...file);

const desktop = inject('desktop');
const asRoot = process.getuid?.() === 0;

/** A folder with the captures of a scene, and files beside them; the test removes it. */
export function sceneFolder(text: string, beside: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'snatscope-scene-'));
  for (const { file, bytes } of drawScene(parseScene(text))) writeFileSync(path.join(folder, file), bytes);
  for (const [file, content] of Object.entries(beside)) writeFileSync(path.join(folder, file), content);
  return folder;
}

/** A suite that needs the window: skipped, as the set-up has told, where there is no Electron or no display. */
export function describeDesktop(name: string, body: () => void): void {
  describe.skipIf('missing' in desktop)(name, body);
}

export interface Running {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** Errors and refusals that the page has told its console of. */
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

export interface Launch {
  /** Captures on the command line. */
  readonly paths?: readonly string[];
  /** A user-data folder to keep; a new one for this launch alone where there is none. */
  readonly userData?: string;
}

/** Starts the program and waits for its window. */
export async function launch({ paths = [], userData }: Launch = {}): Promise<Running> {
  const { electron } = available();
  return using(userData, (folder) => start(electron, [...switches(folder), root, ...paths], false));
}

/** The switches of a launch with this user-data folder. */
export function switches(userData: string): string[] {
  return [...(asRoot ? ['--no-sandbox'] : []), `--user-data-dir=${userData}`];
}

/** The same as an ordinary user with a home of its own, in Chromium's real sandbox. */
export async function launchAsOrdinaryUser(): Promise<Running> {
  const { electron } = available();
  if (!asRoot) return using(undefined, (folder) => start(electron, [`--user-data-dir=${folder}`, root], true));
  return using(undefined, (folder) => {
    // That user can look into neither root's cache nor, perhaps, the checkout: both are laid where it can.
    const copies = { electron: path.join(folder, 'electron'), program: path.join(folder, 'program') };
    copyOrLink(path.dirname(electron), copies.electron);
    for (const part of ['package.json', 'out', 'samples']) {
      cpSync(path.join(root, part), path.join(copies.program, part), { recursive: true });
    }
    const home = path.join(folder, 'home');
    mkdirSync(home);
    run('chown', ['nobody', home]);
    run('chmod', ['-R', 'go+rX', copies.program]);
    chmodSync(folder, 0o755);
    layHelper(path.dirname(electron), copies.electron);
    const wrapper = path.join(folder, 'as-nobody');
    const binary = path.join(copies.electron, path.basename(electron));
    writeFileSync(wrapper, `#!/bin/sh\nHOME='${home}' exec runuser -u nobody -- '${binary}' "$@"\n`);
    chmodSync(wrapper, 0o755);
    return start(wrapper, [`--user-data-dir=${path.join(home, 'data')}`, copies.program], true);
  });
}

/** Answers the next "open" dialog with these paths; null: the user closes it. */
export async function answerOpenDialog({ app }: Running, paths: readonly string[] | null): Promise<void> {
  await app.evaluate(({ dialog }, filePaths) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: filePaths === null, filePaths: [...(filePaths ?? [])] });
  }, paths);
}

/** Answers the next "save" dialog with this path. */
export async function answerSaveDialog({ app }: Running, filePath: string): Promise<void> {
  await app.evaluate(({ dialog }, chosen) => {
    dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath: chosen });
  }, filePath);
}

/** Clicks the item of the menu bar with this label. */
export async function chooseInMenu({ app }: Running, label: string): Promise<void> {
  await app.evaluate(({ Menu }, wanted) => {
    const find = (items: readonly Electron.MenuItem[]): Electron.MenuItem | undefined =>
      items.find((item) => item.label === wanted) ??
      items.map((item) => find(item.submenu?.items ?? [])).find((item) => item !== undefined);
    (find(Menu.getApplicationMenu()!.items)!.click as () => void)();
  }, label);
}

/** Drops files of the disk on the element with this test id. */
export async function dropOn({ page }: Running, testId: string, paths: readonly string[]): Promise<void> {
  // A file input is the one way for a test to give a page true files, with the system's path behind them.
  await page.evaluate(() => {
    const input = Object.assign(document.createElement('input'), { type: 'file', multiple: true, id: 'test-files' });
    document.body.append(input);
  });
  await page.locator('#test-files').setInputFiles([...paths]);
  await page.evaluate((id) => {
    const input = document.querySelector<HTMLInputElement>('#test-files')!;
    const target = document.querySelector(`[data-testid="${id}"]`)!;
    const dataTransfer = new DataTransfer();
    for (const file of input.files ?? []) dataTransfer.items.add(file);
    input.remove();
    for (const type of ['dragenter', 'dragover', 'drop']) {
      target.dispatchEvent(new DragEvent(type, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, testId);
}

/** The window's title, as the system shows it. */
export async function titleOf({ app }: Running): Promise<string> {
  return app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]!.getTitle());
}

/** What the desktop tests run on. */
export function available(): { electron: string; display: string } {
  if ('missing' in desktop) throw new Error(desktop.missing);
  return desktop;
}

/** Gives the launch a folder: the one named, or a scratch folder that goes when the program is closed. */
async function using(userData: string | undefined, start: (folder: string) => Promise<Running>): Promise<Running> {
  if (userData !== undefined) return start(userData);
  const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-desktop-'));
  const remove = (): void => {
    rmSync(scratch, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const running = await start(scratch);
    return { ...running, close: () => running.close().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

async function start(executablePath: string, args: readonly string[], chromiumSandbox: boolean): Promise<Running> {
  const env = { ...process.env, DISPLAY: available().display } as Record<string, string>;
  const app = await _electron.launch({ executablePath, args: [...args], env, chromiumSandbox, timeout: 30_000 });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await page.waitForLoadState('domcontentloaded');
  return { app, page, complaints, close: () => app.close() };
}

/** By hard links where both folders lie on one file system, since a copy of Electron is 300 MB. */
function copyOrLink(from: string, to: string): void {
  if (spawnSync('cp', ['-al', from, to], { stdio: 'ignore' }).status === 0) return;
  rmSync(to, { recursive: true, force: true });
  run('cp', ['-a', from, to]);
}

/** Where a machine gives no namespaces to ordinary users, Chromium's sandbox needs its helper to be root's. */
function layHelper(from: string, to: string): void {
  const helper = path.join(to, 'chrome-sandbox');
  rmSync(helper, { force: true });
  copyFileSync(path.join(from, 'chrome-sandbox'), helper);
  run('chown', ['root:root', helper]);
  chmodSync(helper, 0o4755);
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`\`${command} ${args.join(' ')}\` failed: ${stderr}`);
}
