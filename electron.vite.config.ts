// One build serves the window, the command line and the tests: the command line and the workers are further inputs of
// the main build, so that one set of files runs in plain Node, in Electron and from an asar archive.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'electron-vite';

export default defineConfig({
  main: {
    build: {
      target: 'node20.19',
      rolldownOptions: {
        input: {
          index: 'src/main/index.ts',
          cli: 'src/cli/index.ts',
          'session-worker': 'src/node/session-worker.ts',
          'reader-worker': 'src/node/reader-worker.ts',
        },
        output: { chunkFileNames: '[name]-[hash].js' },
      },
    },
  },
  preload: {
    build: {
      rolldownOptions: {
        input: { index: 'src/preload/index.ts' },
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  // An inlined `data:` file would be refused by the content security policy.
  renderer: { plugins: [react()], build: { assetsInlineLimit: 0 } },
});
