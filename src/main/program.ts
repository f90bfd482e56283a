// What the program does, whoever asks: the page by a request, the menu, the command line, the system. An opening that the
// page asked for is answered to it; any other is told to it as an event.
import { rename, rm, writeFile } from 'node:fs/promises';
import { BrowserWindow, clipboard, dialog } from 'electron';
import { startSession } from '../node/session-client.ts';
import type { Events, ExportFormat, ExportRequest, Progress, SessionSummary } from '../shared/contract.ts';
import { sendEvent, serveRequests } from './ipc.ts';
import type { Handlers } from './ipc.ts';
import { showMenu } from './menu.ts';
import type { RecentList } from './recent.ts';
import { listSamples, sampleFolder } from './samples.ts';
import { createWindow, showTitle } from './window.ts';

/** How the file of an export is called and ends. */
const EXPORT_FILES: Readonly<Record<ExportFormat, { readonly name: string; readonly extension: string }>> = {
  text: { name: 'Text', extension: 'txt' },
  json: { name: 'JSON', extension: 'json' },
  csv: { name: 'CSV', extension: 'csv' },
  md: { name: 'Markdown', extension: 'md' },
  html: { name: 'Web page', extension: 'html' },
  svg: { name: 'SVG picture', extension: 'svg' },
};

export class Program {
  readonly #samples: string;
  readonly #recent: RecentList;
  readonly #session = startSession();
  /** Paths that the user gave in some way, and that the page may therefore ask to open. */
  readonly #given = new Set<string>();
  /** Ends the opening that is under way, if any. */
  #opening: AbortController | null = null;
  #title: string | null = null;
  #window: BrowserWindow | null = null;

  /** `samples`: the folder of the bundled ones. */
  constructor(samples: string, recent: RecentList) {
    this.#samples = samples;
    this.#recent = recent;
    serveRequests(
      this.#handlers(),
      () => this.#window?.webContents ?? null,
      (paths) => {
        this.#give(paths);
      },
    );
    this.#give(recent.entries.flatMap((entry) => entry.paths));
    this.#showMenu();
  }

  /** Brings the window to the front, and makes one where there is none. */
  showWindow(): void {
    if (this.#window !== null) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
      return;
    }
    const window = createWindow();
    this.#window = window;
    showTitle(window, this.#title);
    window.on('closed', () => {
      this.#window = null;
    });
  }

  /** Opens these because the user asked outside the page, and tells the page what is open then. */
  async openFromOutside(paths: readonly string[]): Promise<void> {
    await this.#openOutside(() => this.#open(paths));
  }

  close(): void {
    this.#opening?.abort();
    void this.#session.close();
  }

  #handlers(): Handlers {
    const session = this.#session;
    return {
      open: (paths) => {
        this.#refuseUngiven(paths);
        return this.#open(paths);
      },
      openDialog: () => this.#openByDialog('files'),
      openSample: (name) => this.#openUnlisted(sampleFolder(this.#samples, name).then((folder) => [folder])),
      cancel: () => {
        this.#opening?.abort();
      },
      samples: () => listSamples(this.#samples),
      recent: () => this.#recent.entries,
      summary: () => session.summary(),
      journeys: (query) => session.journeys(query),
      checkFilter: (text, caret) => session.checkFilter(text, caret),
      journey: (id) => session.journey(id),
      pathMap: (journey, width) => session.pathMap(journey, width),
      ladder: (query) => session.ladder(query),
      passages: (journey, offset, limit) => session.passages(journey, offset, limit),
      packetDiff: (journey, passage) => session.packetDiff(journey, passage),
      timeline: (query) => session.timeline(query),
      setRole: (point, role) => session.setRole(point, role),
      setOrder: (points) => session.setOrder(points),
      undo: () => session.undo(),
      readOn: () => session.readOn(),
      copyText: async (text) => {
        // Electron 42 writes at once, later versions answer when it is done.
        await clipboard.writeText(text);
      },
      exportReport: (request) => this.#exportReport(request),
    };
  }

  /** Opens captures of the user's own, which the recent list then names. */
  async #open(paths: readonly string[]): Promise<SessionSummary | null> {
    this.#give(paths);
    const summary = await this.#openUnlisted(Promise.resolve(paths));
    if (summary?.inputs.some((input) => input.ok)) {
      try {
        this.#recent.add({ paths, title: summary.title, openedAt: new Date().toISOString() });
      } catch (error) {
        console.error('The list of recent captures could not be kept:', error);
      }
      this.#showMenu();
    }
    return summary;
  }

  /** Ends an opening that is under way, and puts these in place of what is open; null where it was ended itself. */
  async #openUnlisted(paths: Promise<readonly string[]>): Promise<SessionSummary | null> {
    this.#opening?.abort();
    const opening = new AbortController();
    this.#opening = opening;
    const report = (progress: Progress): void => {
      if (!opening.signal.aborted) this.#tell('progress', progress);
    };
    try {
      const summary = await this.#session.open(await paths, report, opening.signal);
      if (summary !== null) {
        this.#title = summary.title;
        if (this.#window !== null) showTitle(this.#window, summary.title);
      }
      return summary;
    } finally {
      // Told after the last progress, so that none of it comes late and stays.
      if (this.#opening === opening) {
        this.#opening = null;
        this.#tell('progress', null);
      }
    }
  }

  async #openByDialog(what: 'files' | 'folder'): Promise<SessionSummary | null> {
    const options: Electron.OpenDialogOptions =
      what === 'folder'
        ? { title: 'Open a folder of captures', properties: ['openDirectory'] }
        : {
            title: 'Open captures',
            message: 'Captures of one path: pod veth, node eth0, NAT side. Dumps beside them may be chosen too.',
            properties: ['openFile', 'multiSelections'],
            filters: [
              { name: 'Captures and dumps', extensions: ['pcap', 'pcapng', 'cap', 'conntrack', 'iptables'] },
              { name: 'All files', extensions: ['*'] },
            ],
          };
    const { canceled, filePaths } = await (this.#window === null
      ? dialog.showOpenDialog(options)
      : dialog.showOpenDialog(this.#window, options));
    return canceled || filePaths.length === 0 ? null : this.#open(filePaths);
  }

  /** The report's file, or null where the user chose none. */
  async #exportReport(request: ExportRequest): Promise<string | null> {
    const { format } = request;
    if (this.#title === null) throw new Error('Nothing is open. Open captures or a sample first.');
    const { extension, name: kind } = EXPORT_FILES[format];
    const name = this.#title.replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
    const options: Electron.SaveDialogOptions = {
      title: 'Export the report',
      defaultPath: `${name}.${extension}`,
      filters: [{ name: kind, extensions: [extension] }],
    };
    const { canceled, filePath } = await (this.#window === null
      ? dialog.showSaveDialog(options)
      : dialog.showSaveDialog(this.#window, options));
    if (canceled || filePath === '') return null;
    // Written aside and renamed, so that a failure leaves what was there.
    const aside = `${filePath}.part`;
    try {
      await writeFile(aside, this.#session.exportPieces(request));
      await rename(aside, filePath);
    } finally {
      await rm(aside, { force: true });
    }
    return filePath;
  }

  /** An opening that the page did not ask for. */
  async #openOutside(open: () => Promise<SessionSummary | null>): Promise<void> {
    try {
      const summary = await open();
      if (summary !== null) this.#tell('session', summary);
    } catch (error) {
      this.#showError('The captures could not be opened', error);
      // The page has been told of progress; it hears that this is over, and what is open still.
      this.#tell('session', await this.#session.summary().catch(() => null));
    }
  }

  #showError(message: string, error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    const options: Electron.MessageBoxOptions = { type: 'error', message, detail };
    void (this.#window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(this.#window, options));
  }

  #showMenu(): void {
    showMenu(
      {
        openDialog: (what) => {
          void this.#openOutside(() => this.#openByDialog(what));
        },
        openPaths: (paths) => {
          void this.#openOutside(() => this.#open(paths));
        },
        exportReport: (format) => {
          this.#exportReport({ format, filter: '', theme: 'light', picture: 'map' }).catch((error: unknown) => {
            this.#showError('The report could not be exported', error);
          });
        },
        command: (command) => {
          this.#tell('command', command);
        },
      },
      this.#recent.entries,
    );
  }

  #give(paths: readonly string[]): void {
    for (const given of paths) this.#given.add(given);
  }

  #refuseUngiven(paths: readonly string[]): void {
    const foreign = paths.find((wanted) => !this.#given.has(wanted));
    if (foreign !== undefined) {
      throw new Error(
        `Refused: ${foreign} was not chosen in a dialog, dropped, named on the command line or opened before.`,
      );
    }
  }

  #tell<Name extends keyof Events>(name: Name, event: Events[Name]): void {
    if (this.#window !== null) sendEvent(this.#window.webContents, name, event);
  }
}
