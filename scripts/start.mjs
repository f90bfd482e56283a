// `npm start [-- PATH…]`: opens the window on these captures, or on its first screen. Where there is none to open, it says
// what is missing and how to get it, and prints the report of the same captures (or of a sample) in the terminal.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { runCli } from './cli.mjs';
import { findElectron, missingLibraries } from './electron.mjs';
import { ready, root, userFolder } from './ready.mjs';

const SAMPLE = path.join(root, 'samples', 'eks-nat-gateway');

const LIBRARIES =
  'On Debian and Ubuntu:\n' +
  '  apt-get install libgtk-3-0 libnss3 libasound2 libgbm1 libxss1 libxtst6 libatk-bridge2.0-0 libcups2 libdrm2 fonts-dejavu-core';

const DISPLAY =
  'Start it from a desktop session, over `ssh -X`, or on a display of its own:\n' +
  '  apt-get install xvfb xauth\n' +
  '  xvfb-run -a -s "-screen 0 1920x1200x24" npm start';

/** Opens the window on these paths, and ends the process when it is closed. */
export async function startWindow(paths) {
  if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
    printInstead(`There is no display: DISPLAY and WAYLAND_DISPLAY are unset. ${DISPLAY}`, paths);
  }
  const { binary, missing } = findElectron();
  if (binary === undefined) printInstead(missing, paths);
  const libraries = missingLibraries(binary);
  if (libraries.length > 0) printInstead(`Electron lacks ${libraries.join(', ')}. ${LIBRARIES}`, paths);

  const { code, noDisplay } = await runElectron(binary, paths);
  if (noDisplay) {
    const display = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
    printInstead(`The display ${display} cannot be opened: nothing answers there. ${DISPLAY}`, paths);
  }
  process.exit(code);
}

function printInstead(why, paths) {
  const what = paths.length > 0 ? 'these captures' : `the sample ${path.relative(userFolder(), SAMPLE)}`;
  console.error(`${why}\nNo window, then; this is the report of ${what}:\n`);
  process.exit(runCli(['report', '--format', 'text', ...(paths.length > 0 ? paths : [SAMPLE])]));
}

async function runElectron(binary, paths) {
  const flags = [];
  if (process.platform === 'linux' && process.getuid() === 0) {
    console.error("Running as root: Chromium's sandbox does not work for root and is off (--no-sandbox).");
    flags.push('--no-sandbox');
  }
  const absolute = paths.map((given) => path.resolve(userFolder(), given));
  const child = spawn(binary, [...flags, root, ...absolute], { stdio: ['ignore', 'inherit', 'pipe'] });
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
  let noDisplay = false;
  createInterface({ input: child.stderr }).on('line', (line) => {
    if (/Missing X server|Failed to connect to Wayland display/.test(line)) noDisplay = true;
    else if (!isNoise(line)) console.error(line);
  });
  return new Promise((resolve) => {
    child.on('error', (error) => {
      console.error(`${binary} cannot be run: ${error.message}`);
      resolve({ code: 1, noDisplay: false });
    });
    child.on('close', (code) => {
      resolve({ code: code ?? 1, noDisplay: noDisplay && code !== 0 });
    });
  });
}

/** Chromium complains of desktop services that a server or a container does not run, and works without them. */
function isNoise(line) {
  return (
    line.trim() === '' || /:(ERROR|WARNING):.*(dbus|gpu|vaapi|ozone|viz|gl_|angle|vulkan|platform failed)/i.test(line)
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  ready();
  await startWindow(process.argv.slice(2));
}
