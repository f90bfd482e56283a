// The one window: a sandboxed page that can go nowhere, open nothing and is permitted nothing.
import path from 'node:path';
import { app, BrowserWindow, nativeTheme, screen } from 'electron';
import type { Session } from 'electron';
import { isOwnPage, PAGE } from './assets.ts';
import { loadPlacement, savePlacement } from './placement.ts';

const NAME = 'Snatscope';
/** The page's own background in each theme (its token --surface), so that the window does not flash before the first paint. */
const BACKGROUND = { light: '#ffffff', dark: '#131920' };

export function createWindow(): BrowserWindow {
  const placementFile = path.join(app.getPath('userData'), 'window.json');
  const screens = screen.getAllDisplays().map(({ workArea }) => workArea);
  const placement = loadPlacement(placementFile, screens);
  const window = new BrowserWindow({
    ...(placement?.bounds ?? { width: 1440, height: 900 }),
    minWidth: 800,
    minHeight: 560,
    title: NAME,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? BACKGROUND.dark : BACKGROUND.light,
    webPreferences: {
      preload: path.join(import.meta.dirname, '..', 'preload', 'index.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      spellcheck: false,
      devTools: !app.isPackaged,
    },
  });
  window.once('ready-to-show', () => {
    if (placement?.maximized) window.maximize();
    window.show();
  });
  window.on('close', () => {
    savePlacement(placementFile, { bounds: window.getNormalBounds(), maximized: window.isMaximized() });
  });
  window.on('page-title-updated', (event) => {
    event.preventDefault();
  });
  confine(window);
  reloadAfterCrash(window);
  void window.loadURL(PAGE);
  return window;
}

/** The title names the session that is open. */
export function showTitle(window: BrowserWindow, session: string | null): void {
  window.setTitle(session === null ? NAME : `${session} — ${NAME}`);
}

/** The session is not the page's: a page that crashed is loaded anew and shows it again, unless it crashes at once. */
function reloadAfterCrash(window: BrowserWindow): void {
  let loaded = 0;
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    console.error(`The window's page ended: ${reason}.`);
    if (reason === 'clean-exit' || Date.now() - loaded < 5000) return;
    loaded = Date.now();
    // Not from inside the event: the page's process is being taken down there.
    setImmediate(() => {
      if (!window.isDestroyed()) window.webContents.reload();
    });
  });
}

function confine(window: BrowserWindow): void {
  const page = window.webContents;
  page.setWindowOpenHandler(() => ({ action: 'deny' }));
  page.on('will-navigate', (event) => {
    event.preventDefault();
  });
  page.on('will-attach-webview', (event) => {
    event.preventDefault();
  });
}

/** Denies the page every permission, and every address but its own: captures stay on this machine. */
export function confineSession(session: Session): void {
  session.setPermissionRequestHandler((_page, _permission, decide) => {
    decide(false);
  });
  session.setPermissionCheckHandler(() => false);
  session.webRequest.onBeforeRequest((request, decide) => {
    decide({ cancel: !isOwnPage(request.url) && !request.url.startsWith('devtools://') });
  });
}
