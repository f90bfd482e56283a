// Three projects, so that the fast tests wait for nothing: `unit` needs no build, `integration` runs the built command
// line and workers, `desktop` runs the built window in a real Electron, one at a time.
import { defineConfig } from 'vitest/config';

/** Captures that are no part of the checkout: their test runs only where somebody fetched them and says where they are. */
const WITHOUT_PUBLIC_CAPTURES = process.env.PUBLIC_CAPTURES === undefined ? ['test/oracle/public.test.ts'] : [];

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          testTimeout: 60_000,
          include: ['test/{unit,architecture}/**/*.test.{ts,tsx}'],
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/{cli,node,oracle,lab}/**/*.test.ts'],
          exclude: WITHOUT_PUBLIC_CAPTURES,
          globalSetup: 'test/support/built.ts',
          testTimeout: 60_000,
          hookTimeout: 120_000,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'desktop',
          include: ['test/desktop/**/*.test.ts'],
          globalSetup: ['test/support/built.ts', 'test/desktop/set-up.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          hookTimeout: 60_000,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
