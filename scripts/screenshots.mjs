// `npm run screenshots [-- FOLDER]`: pictures of the real window on a sample, light and dark, for docs/images. Runs on the
// display that is there, or starts itself again under Xvfb.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { giveUp, ready, root } from './ready.mjs';
import { testElectron } from './test-electron.mjs';

const SIZE = { width: 1440, height: 900 };
const SAMPLE = 'eks-nat-gateway';

if (!process.env.DISPLAY) {
  const screen = ['-a', '-s', '-screen 0 1920x1200x24', process.execPath, ...process.argv.slice(1)];
  const { status, error } = spawnSync('xvfb-run', screen, { stdio: 'inherit' });
  if (error) giveUp('There is no display, and no xvfb-run: apt-get install xvfb xauth');
  process.exit(status ?? 1);
}

ready();
const { _electron } = await import('playwright');
const target = path.resolve(root, process.argv[2] ?? path.join('docs', 'images'));
mkdirSync(target, { recursive: true });

for (const theme of ['light', 'dark']) {
  const userData = mkdtempSync(path.join(tmpdir(), 'snatscope-screenshots-'));
  const app = await _electron.launch({
    executablePath: testElectron(),
    args: ['--no-sandbox', `--user-data-dir=${userData}`, root],
  });
  try {
    const page = await app.firstWindow();
    // The page is driven by Playwright, which speaks for the system's colour scheme.
    await page.emulateMedia({ colorScheme: theme });
    await app.evaluate(({ BrowserWindow }, { width, height }) => {
      BrowserWindow.getAllWindows()[0].setContentSize(width, height);
    }, SIZE);
    const take = async (name) => {
      await page.waitForTimeout(400);
      await page.screenshot({ path: path.join(target, `${name}-${theme}.png`) });
    };
    await page.getByTestId('first-screen').waitFor();
    await take('first');
    await page.getByTestId(`sample-card-${SAMPLE}`).click();
    await page.getByTestId('journeys').waitFor();
    await take('overview');
    await page.getByTestId('filter').fill('10.42.3.21:41000');
    const row = page.locator('[data-testid^="journey-row-"]').first();
    await page.waitForTimeout(400);
    await row.click();
    await page.getByTestId('inspector').last().waitFor();
    await take('journey');
    await page.getByTestId('tab-diff').click();
    await page.getByTestId('packet-diff').waitFor();
    await page.getByLabel('Only changes').check();
    await take('diff');
  } finally {
    await app.close();
    rmSync(userData, { recursive: true, force: true });
  }
}
