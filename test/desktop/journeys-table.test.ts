// The journeys table by mouse and by keyboard: order, groups, marks and what is copied of them, columns as they were
// dragged, and a hundred thousand rows.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bigCapture } from '../support/big-capture.ts';
import { describeDesktop, launch, sample } from './support.ts';
import type { Running } from './support.ts';

const clipboard = ({ app }: Running): Promise<string> => app.evaluate(({ clipboard: own }) => own.readText());

describeDesktop('the journeys table of a sample', () => {
  const userData = mkdtempSync(path.join(tmpdir(), 'snatscope-table-'));
  let running: Running;
  const open = async (): Promise<void> => {
    running = await launch({ paths: [sample('eks-nat-gateway')], userData });
    await running.page
      .getByTestId(/^journey-row-/)
      .first()
      .waitFor();
  };
  beforeAll(open);
  afterAll(async () => {
    await running.close();
    rmSync(userData, { recursive: true });
  });
  const grid = () => running.page.getByTestId('journeys');
  const heading = (name: string) =>
    grid()
      .getByRole('columnheader')
      .filter({ has: running.page.getByRole('button', { name, exact: true }) });
  const journeys = () => running.page.getByTestId(/^journey-row-/);
  const marked = () => grid().locator('[role="row"][aria-selected="true"]');

  it('sorts by any column, once more turns it round', async () => {
    for (const name of ['packets', 'bytes', 'start', 'lasted', 'RTT', 'lost', 'destination', 'pod veth', 'internet']) {
      await heading(name).getByRole('button').click();
      await expect.poll(() => heading(name).getAttribute('aria-sort')).toBe('ascending');
    }
    await heading('lost').getByRole('button').click();
    await heading('lost').getByRole('button').click();
    await expect.poll(() => heading('lost').getAttribute('aria-sort')).toBe('descending');
    const lost = async (): Promise<number> =>
      Number(
        (await journeys()
          .first()
          .getByTitle(/^\d+ packets? lost on the way$/)
          .textContent()) ?? 0,
      );
    await expect.poll(lost).toBeGreaterThan(0);
    await heading('start').getByRole('button').click();
  });

  it('groups by pod; a group folds by mouse and by keyboard', async () => {
    const { page } = running;
    await page.getByLabel('Groups', { exact: true }).selectOption('pod');
    const group = page.getByTestId('group-row-10.42.3.21');
    await group.waitFor();
    expect(await grid().getAttribute('role')).toBe('treegrid');
    expect(await group.textContent()).toMatch(/\d+ journeys/);
    await group.click();
    await expect.poll(() => group.getAttribute('aria-expanded')).toBe('false');
    await grid().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => group.getAttribute('aria-expanded')).toBe('true');
    await page.keyboard.press('ArrowLeft');
    await expect.poll(() => group.getAttribute('aria-expanded')).toBe('false');
    await page.getByLabel('Unfold all groups', { exact: true }).click();
    await expect.poll(() => group.getAttribute('aria-expanded')).toBe('true');
    await page.getByLabel('Groups', { exact: true }).selectOption('none');
    await expect.poll(() => grid().getAttribute('role')).toBe('grid');
  });

  it('marks rows by mouse and copies them as conntrack lines and as a filter of a point', async () => {
    const { page } = running;
    await page.getByTestId('filter').fill('10.42.3.21 tcp snat');
    await expect.poll(() => page.getByText(/^\d+ of 66 journeys$/).textContent()).not.toBe('66 of 66 journeys');
    await journeys().nth(0).click();
    await journeys()
      .nth(2)
      .click({ modifiers: ['Control'] });
    await expect.poll(() => marked().count()).toBe(2);
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
    await page.getByRole('menuitem', { name: /^Conntrack lines/ }).click();
    await expect.poll(() => page.getByTestId('notice').textContent()).toContain('Copied 2 journeys as conntrack lines');
    const lines = (await clipboard(running)).split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(4);
    for (const line of lines) expect(line).toMatch(/^tcp +6 .*src=\S+ dst=\S+ sport=\d+ dport=\d+ .*src=/);
    await page.getByRole('button', { name: 'Copy', exact: true }).first().click();
    await page.getByRole('menuitem', { name: 'NAT outside' }).first().click();
    await expect.poll(() => clipboard(running)).toMatch(/^\(ip\.addr == 10\.42\.0\.9 .*\) \|\| \(.*\)$/);
    await page.getByTestId('filter').fill('');
  });

  it('marks rows by keyboard and copies them as CSV', async () => {
    const { page } = running;
    await expect.poll(() => page.getByText('66 of 66 journeys').count()).toBe(1);
    await grid().focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Shift+ArrowDown');
    await expect.poll(() => marked().count()).toBe(3);
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+c');
    await expect.poll(() => page.getByTestId('notice').textContent()).toContain('Copied 66 journeys as CSV');
    const lines = (await clipboard(running)).split('\r\n');
    expect(lines).toHaveLength(67);
    expect(lines[0]).toMatch(/^journey,protocol,confidence,source at pod1-veth/);
    await page.keyboard.press('Enter');
    await page.getByTestId('ladder-packet-0').waitFor();
    await page.getByTestId('tab-journeys').click();
  });

  it('keeps columns as they were dragged, also after a restart, until they are laid out anew', async () => {
    const edge = () => running.page.getByLabel('Width of destination', { exact: true });
    const width = async (): Promise<number> => Number(await edge().getAttribute('aria-valuenow'));
    const before = await width();
    const box = (await edge().boundingBox())!;
    await running.page.mouse.move(box.x + 4, box.y + 10);
    await running.page.mouse.down();
    await running.page.mouse.move(box.x + 24, box.y + 12, { steps: 4 });
    await running.page.mouse.up();
    await expect.poll(width).toBeGreaterThan(before + 10);
    await edge().focus();
    await running.page.keyboard.press('ArrowLeft');
    const dragged = await width();
    expect(dragged).toBeGreaterThan(before);
    await running.close();
    await open();
    await expect.poll(async () => Math.abs((await width()) - dragged)).toBeLessThanOrEqual(2);
    await edge().dblclick();
    await expect.poll(async () => Math.abs((await width()) - before)).toBeLessThanOrEqual(2);
  });

  it('has told the console of no error', () => {
    expect(running.complaints).toEqual([]);
  });
});

describeDesktop('the table of 100,000 journeys', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'snatscope-many-'));
  let running: Running;
  beforeAll(async () => {
    writeFileSync(path.join(folder, 'pod-veth.pcap'), bigCapture(100_000));
    running = await launch({ paths: [folder] });
    await running.page.getByTestId('journey-row-j1').waitFor();
  }, 120_000);
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });

  it('goes from end to end by key, by wheel and by scrollbar, and holds few rows', async () => {
    const { page } = running;
    const grid = page.getByTestId('journeys');
    const held = (): Promise<number> => grid.getByRole('row').count();
    await grid.focus();
    await page.keyboard.press('End');
    await page.getByTestId('journey-row-j100000').waitFor();
    await page.keyboard.press('ArrowUp');
    await expect.poll(() => grid.getAttribute('aria-activedescendant')).toBe('journey-row-99998');
    expect(await held()).toBeLessThan(60);
    await grid.evaluate((element) => {
      element.scrollTo({ top: element.scrollHeight / 2 });
    });
    const middle = (): Promise<number> =>
      grid
        .locator('[data-testid^="journey-row-"]')
        .first()
        .getAttribute('data-testid')
        .then((id) => Number(/\d+/.exec(id ?? '')?.[0]));
    await expect.poll(middle).toBeGreaterThan(45_000);
    const before = await middle();
    expect(before).toBeLessThan(55_000);
    const box = (await grid.boundingBox())!;
    await page.mouse.move(box.x + 200, box.y + 200);
    // The wheel moves by its own pixels, though the scrollbar stands for more rows than it has.
    await page.mouse.wheel(0, 440);
    await expect.poll(middle).toBeGreaterThan(before + 5);
    expect(await middle()).toBeLessThan(before + 20);
    await page.keyboard.press('Home');
    await page.getByTestId('journey-row-j1').waitFor();
    expect(await held()).toBeLessThan(60);
  });

  it('sorts, groups and filters all of them', async () => {
    const { page } = running;
    await page.getByRole('button', { name: 'start', exact: true }).click();
    await page.getByTestId('journey-row-j100000').waitFor();
    await page.getByLabel('Groups', { exact: true }).selectOption('pod');
    await page
      .getByTestId(/^group-row-/)
      .first()
      .waitFor();
    await page.getByTestId('filter').fill('no-such-thing');
    await page.getByText('No journey has “no-such-thing”').waitFor();
    expect(running.complaints).toEqual([]);
  });
});
