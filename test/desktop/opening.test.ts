// The ways into the window: first screen, command line, dialog, drop, recent list, a second start, and a bad file beside good ones.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  answerOpenDialog,
  answerSaveDialog,
  available,
  chooseInMenu,
  describeDesktop,
  dropOn,
  launch,
  root,
  sample,
  switches,
  titleOf,
} from './support.ts';
import type { Running } from './support.ts';

const PODS = ['pod1-veth.pcap', 'node-eth0.pcap'].map((file) => sample('eks-nat-gateway', file));

describeDesktop('opening', () => {
  let scratch: string;
  let running: Running | undefined;
  beforeEach(() => {
    scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-opening-'));
  });
  afterEach(async () => {
    await running?.close();
    running = undefined;
    rmSync(scratch, { recursive: true });
  });

  async function shown(options: Parameters<typeof launch>[0], testId: string): Promise<Running> {
    running = await launch(options);
    await running.page.getByTestId(testId).waitFor();
    return running;
  }

  it('starts with a first screen that offers captures and samples', async () => {
    const { page, complaints } = await shown({}, 'first-screen');
    await expect(page.getByTestId('open-captures').isVisible()).resolves.toBe(true);
    await page.getByTestId('sample-card-eks-nat-gateway').waitFor();
    expect(await titleOf(running!)).toBe('Snatscope');
    expect(complaints).toEqual([]);
  });

  it('opens a sample from its card and names it in the title', async () => {
    const { page } = await shown({}, 'first-screen');
    await page.getByTestId('sample-card-eks-nat-gateway').click();
    await page.getByTestId('journeys').waitFor();
    expect(await titleOf(running!)).toMatch(/.+ — Snatscope$/);
  });

  it('opens what the command line names', async () => {
    const { page } = await shown({ paths: [sample('eks-nat-gateway')] }, 'journeys');
    await page.getByTestId('point-p0').waitFor();
    await page.getByTestId('path-map').waitFor();
  });

  it('opens what the dialog gives, and stays where it is when the dialog is closed', async () => {
    const { page } = await shown({}, 'first-screen');
    await answerOpenDialog(running!, null);
    await page.getByTestId('open-captures').click();
    await expect(page.getByTestId('first-screen').isVisible()).resolves.toBe(true);
    await answerOpenDialog(running!, PODS);
    await page.getByTestId('open-captures').click();
    await page.getByTestId('journeys').waitFor();
    expect(await page.getByTestId(/^point-p\d+$/).count()).toBe(2);
  });

  it('opens what is dropped on it', async () => {
    const { page } = await shown({}, 'first-screen');
    await dropOn(running!, 'first-screen', PODS);
    await page.getByTestId('journeys').waitFor();
    expect(await page.getByTestId(/^point-p\d+$/).count()).toBe(2);
  });

  it('remembers across starts what was opened, and forgets a damaged list', async () => {
    await shown({ userData: scratch, paths: PODS }, 'journeys');
    const list = path.join(scratch, 'recent.json');
    await expect.poll(() => JSON.parse(readFileSync(list, 'utf8')) as unknown).toMatchObject([{ paths: PODS }]);
    await running!.close();

    await shown({ userData: scratch }, 'first-screen');
    const request = (): Promise<unknown> =>
      running!.page.evaluate(() =>
        (window as unknown as { snatscope: { request(name: string): Promise<unknown> } }).snatscope.request('recent'),
      );
    expect(await request()).toMatchObject([{ paths: PODS }]);
    await running!.close();

    writeFileSync(list, '{ damaged');
    await shown({ userData: scratch }, 'first-screen');
    expect(await request()).toEqual([]);
  });

  it('shows a file that is no capture in place, with the reason, and opens the rest', async () => {
    const broken = path.join(scratch, 'broken.pcap');
    writeFileSync(broken, 'This is no capture.');
    const { page } = await shown({ paths: [...PODS, broken, path.join(scratch, 'absent.pcap')] }, 'journeys');
    const problems = page.getByTestId('inputs-problems');
    await problems.waitFor();
    const text = await problems.innerText();
    expect(text).toContain('broken.pcap');
    expect(text).toContain('absent.pcap');
    expect(await page.getByTestId(/^point-p\d+$/).count()).toBe(2);
  });

  it('saves the report where the dialog says', async () => {
    const { page } = await shown({ paths: PODS }, 'journeys');
    const file = path.join(scratch, 'report.json');
    await answerSaveDialog(running!, file);
    const saved = await page.evaluate(() =>
      (window as unknown as { snatscope: { request(...args: unknown[]): Promise<unknown> } }).snatscope.request(
        'exportReport',
        { format: 'json', filter: '', theme: 'light', picture: 'map' },
      ),
    );
    expect(saved).toBe(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ schema: 'snatscope.report/1' });
  });

  it('shows the session again after a crash of the page', async () => {
    await shown({ paths: PODS }, 'journeys');
    const back = await running!.app.evaluate(async ({ BrowserWindow }) => {
      const page = BrowserWindow.getAllWindows()[0]!.webContents;
      const gone = new Promise<void>((resolve) => {
        page.once('render-process-gone', () => {
          resolve();
        });
      });
      const loaded = new Promise<void>((resolve) => {
        page.once('did-finish-load', () => {
          resolve();
        });
      });
      page.forcefullyCrashRenderer();
      await gone;
      await loaded;
      for (let tries = 0; tries < 100; tries++) {
        const there: unknown = await page.executeJavaScript(
          `document.querySelector('[data-testid="journeys"]') !== null`,
        );
        if (there === true) return true;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
      return false;
    });
    expect(back).toBe(true);
  });

  it('hands the captures of a second start to the window that is open', async () => {
    const { page } = await shown({ userData: scratch }, 'first-screen');
    const second = spawnSync(available().electron, [...switches(scratch), root, ...PODS], {
      env: { ...process.env, DISPLAY: available().display },
      timeout: 20_000,
    });
    expect(second.status).toBe(0);
    await page.getByTestId('journeys').waitFor();
    expect(running!.app.windows()).toHaveLength(1);
  });

  it('opens what the menu asks for', async () => {
    const { page } = await shown({}, 'first-screen');
    await answerOpenDialog(running!, [sample('eks-external-snat')]);
    await chooseInMenu(running!, 'Open a &folder of captures…');
    await page.getByTestId('journeys').waitFor();
    expect(await titleOf(running!)).toMatch(/^eks-external-snat/);
    await chooseInMenu(running!, '&Keys');
    await page.getByRole('dialog').waitFor();
  });

  it('keeps what is open where an opening is cancelled', async () => {
    const { page } = await shown({ paths: PODS }, 'journeys');
    const before = await titleOf(running!);
    const outcome = await page.evaluate(async () => {
      const { snatscope } = window as unknown as {
        snatscope: { request(name: string, ...args: string[]): Promise<unknown> };
      };
      const opening = snatscope.request('openSample', 'eks-nat-gateway');
      await snatscope.request('cancel');
      return opening;
    });
    expect(outcome).toBeNull();
    expect(await titleOf(running!)).toBe(before);
    expect(await page.getByTestId(/^point-p\d+$/).count()).toBe(2);
  });
});
