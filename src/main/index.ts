// The desktop program's life: one instance, one window, the page's own scheme. This process shows, asks and relays;
// captures are read by the session's worker, so that nothing here ever waits for them.
import path from 'node:path';
import { app, protocol, session } from 'electron';
import { SCHEME, serveAsset } from './assets.ts';
import { pathsOfCommandLine } from './command-line.ts';
import { Program } from './program.ts';
import { RecentList } from './recent.ts';
import { confineSession } from './window.ts';

const OUT = path.join(import.meta.dirname, '..');
const SAMPLES = path.join(app.isPackaged ? process.resourcesPath : path.join(OUT, '..'), 'samples');

/** What a later instance hands to the one that runs. */
interface Handover {
  readonly paths: readonly string[];
}

const named = pathsOfCommandLine(process.argv, app.getAppPath(), process.cwd());

if (app.requestSingleInstanceLock({ paths: named } satisfies Handover)) {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true } },
  ]);
  const program = app.whenReady().then(start);
  // The system may name a file before the program is ready.
  app.on('open-file', (event, file) => {
    event.preventDefault();
    void program.then((running) => running.openFromOutside([file]));
  });
} else {
  app.quit();
}

function start(): Program {
  confineSession(session.defaultSession);
  protocol.handle(SCHEME, (request) => serveAsset(path.join(OUT, 'renderer'), request));

  const program = new Program(SAMPLES, new RecentList(path.join(app.getPath('userData'), 'recent.json')));
  program.showWindow();
  if (named.length > 0) void program.openFromOutside(named);

  app.on('second-instance', (_event, _argv, _folder, handover) => {
    program.showWindow();
    const { paths } = handover as Handover;
    if (paths.length > 0) void program.openFromOutside(paths);
  });
  app.on('activate', () => {
    program.showWindow();
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('quit', () => {
    program.close();
  });
  return program;
}
