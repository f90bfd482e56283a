// A module of the tests, with all of our own that it imports, as one that plain Node runs: for scripts that read captures
// by the million or in workers, without the test runner.
import * as fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './ready.mjs';

/** Bundles `source` (a path below the checkout) into `folder`, which may not be outside it; the URL to import. */
export async function bundled(source, folder) {
  const { build } = await import('vite');
  fs.mkdirSync(folder, { recursive: true });
  const name = `${path.basename(source, '.ts')}.mjs`;
  await build({
    configFile: false,
    root,
    logLevel: 'error',
    build: {
      ssr: source,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20.19',
      rolldownOptions: { output: { entryFileNames: name } },
    },
    ssr: { noExternal: true },
  });
  return pathToFileURL(path.join(folder, name)).href;
}
