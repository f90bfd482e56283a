// The scenarios that there are: those of the bundled samples, one file each, and the cases, a file for those that are alike.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const modules = (folder) => fs.readdirSync(path.join(here, folder)).filter((file) => file.endsWith('.mjs'));

/** The scenarios that are recorded into samples/NAME, by name. */
export async function sampleScenarios() {
  const files = modules('scenarios');
  const loaded = await Promise.all(files.map((file) => import(`./scenarios/${file}`)));
  return Object.fromEntries(files.map((file, i) => [path.basename(file, '.mjs'), loaded[i].default]));
}

/** The scenarios that are recorded anew whenever they are wanted, by name. */
export async function caseScenarios() {
  const loaded = await Promise.all(modules('cases').map((file) => import(`./cases/${file}`)));
  return Object.assign({}, ...loaded.map((cases) => cases.default));
}
