// Each screen by axe's rules of WCAG A and AA, light and dark.
import { AxeBuilder } from '@axe-core/playwright';
import axeCore from 'axe-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDesktop, launch } from './support.ts';
import type { Running } from './support.ts';

/** Tabs beside that of the journeys, and what shows that they have drawn what they show. */
const VIEWS = [
  ['ladder', '[data-testid="ladder-packet-0"]'],
  ['diff', '[data-testid="packet-diff"]'],
  ['timeline', '.recharts-surface'],
] as const;

for (const theme of ['light', 'dark'] as const)
  describeDesktop(`the window in its ${theme} theme`, () => {
    let running: Running;
    beforeAll(async () => {
      running = await launch();
      await running.app.evaluate(({ nativeTheme }, source) => {
        nativeTheme.themeSource = source;
      }, theme);
      await running.page.getByTestId('first-screen').waitFor();
    });
    afterAll(async () => {
      await running.close();
    });

    /** What axe finds, as a line each: the rule, and the element. */
    async function violations(): Promise<string[]> {
      // Electron opens no second page, in which axe would otherwise put its results together.
      const axe = new AxeBuilder({ page: running.page, axeSource: axeCore.source })
        .setLegacyMode()
        .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']);
      const { violations: found } = await axe.analyze();
      return found.flatMap(({ id, nodes }) =>
        nodes
          // A table takes the focus and the keys on its grid, and scrolls its rows to the one that these select.
          .filter(({ html }) => id !== 'scrollable-region-focusable' || !html.includes('role="rowgroup"'))
          .map(({ html, any }) => `${id}: ${html} ${any[0]?.message ?? ''}`),
      );
    }

    it('passes on its first screen', async () => {
      expect(await violations()).toEqual([]);
    });

    it('passes on every view of a session', async () => {
      const { page } = running;
      await page.getByTestId('sample-card-eks-nat-gateway').click();
      await page
        .getByTestId(/^journey-row-/)
        .first()
        .click();
      expect(await violations()).toEqual([]);
      await page.getByLabel('Groups', { exact: true }).selectOption('pod');
      await page
        .getByTestId(/^group-row-/)
        .first()
        .waitFor();
      expect(await violations(), 'groups').toEqual([]);
      for (const [tab, sign] of VIEWS) {
        await page.getByTestId(`tab-${tab}`).click();
        await page.locator(sign).first().waitFor();
        expect(await violations(), tab).toEqual([]);
      }
    });
  });
