// What the program does, whoever asks: the page by a request, the menu, the command line, the system. An opening that the
// page asked for is answered to it; any other is told to it as an event.
import { writeFile } from 'node:fs/promises';
import { BrowserWindow, clipboard, dialog } from 'electron';
import { startSession } from '../node/session-client.ts';
import type { Events, SessionSummary } from '../shared/contract.ts';
import { sendEvent, serveRequests } from './ipc.ts';
import type { Handlers } from './ipc.ts';
import { showMenu } from './menu.ts';
import { OpenedSession } from './opened-session.ts';
import type { RecentList } from './recent.ts';
import { listSamples, sampleFolder } from './samples.ts';
import { createWindow, showTitle } from './window.ts';

export class Program {
  readonly #samples: string;
  readonly #recent: RecentList;
  readonly #opened: OpenedSession;
  /** Paths that the user gave in some way, and that the page may therefore ask to open. */
  readonly #given = new Set<string>();
  #title: string | null = null;
  #window: BrowserWindow | null = null;

  /** `samples`: the folder of the bundled ones. */
  constructor(samples: string, recent: RecentList) {
    this.#samples = samples;
    this.#recent = recent;
    this.#opened = new OpenedSession(startSession, (progress) => {
      this.#tell('progress', progress);
    });
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
    await this.#outsidePage(() => this.#open(paths));
  }

  close(): void {
    this.#opened.close();
  }

  #handlers(): Handlers {
    const opened = this.#opened;
    return {
      open: (paths) => {
        this.#refuseUngiven(paths);
        return this.#open(paths);
      },
      openDialog: () => this.#openByDialog('files'),
      openSample: async (name) => this.#openUnlisted([await sampleFolder(this.#samples, name)]),
      cancel: () => {
        opened.cancel();
      },
      samples: () => listSamples(this.#samples),
      recent: () => this.#recent.entries,
      summary: () => opened.summary(),
      journeys: (query) => opened.client.journeys(query),
      journey: (id) => opened.client.journey(id),
      pathMap: (journey, width) => opened.client.pathMap(journey, width),
      passages: (journey, offset, limit) => opened.client.passages(journey, offset, limit),
      packetDiff: (journey, passage) => opened.client.packetDiff(journey, passage),
      timeline: (query) => opened.client.timeline(query),
      setRole: (point, role) => opened.client.setRole(point, role),
      setOrder: (points) => opened.client.setOrder(points),
      undo: () => opened.client.undo(),
      copyText: (text) => {
        clipboard.writeText(text);
      },
      exportReport: (format) => this.#exportReport(format),
    };
  }

  /** Opens captures of the user's own, which the recent list then names. */
  async #open(paths: readonly string[]): Promise<SessionSummary | null> {
    this.#give(paths);
    const summary = await this.#openUnlisted(paths);
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

  async #openUnlisted(paths: readonly string[]): Promise<SessionSummary | null> {
    const summary = await this.#opened.open(paths);
    if (summary !== null) {
      this.#title = summary.title;
      if (this.#window !== null) showTitle(this.#window, summary.title);
    }
    return summary;
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

  async #exportReport(format: 'text' | 'json'): Promise<string | null> {
    const { client } = this.#opened;
    const extension = format === 'json' ? 'json' : 'txt';
    const name = (this.#title ?? 'report').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
    const options: Electron.SaveDialogOptions = {
      title: 'Export the report',
      defaultPath: `${name}.${extension}`,
      filters: [{ name: format === 'json' ? 'JSON' : 'Text', extensions: [extension] }],
    };
    const { canceled, filePath } = await (this.#window === null
      ? dialog.showSaveDialog(options)
      : dialog.showSaveDialog(this.#window, options));
    if (canceled || filePath === '') return null;
    await writeFile(filePath, await client.report(format));
    return filePath;
  }

  /** An action of the menu, the command line or the system: its end and its failure reach the user all the same. */
  async #outsidePage(action: () => Promise<unknown>): Promise<void> {
    try {
      await action();
    } catch (error) {
      const options: Electron.MessageBoxOptions = {
        type: 'error',
        message: 'That did not work',
        detail: error instanceof Error ? error.message : String(error),
      };
      void (this.#window === null ? dialog.showMessageBox(options) : dialog.showMessageBox(this.#window, options));
    }
    this.#tell('session', await this.#opened.summary());
  }

  #showMenu(): void {
    const fromMenu = (action: () => Promise<unknown>): void => {
      void this.#outsidePage(action);
    };
    showMenu(
      {
        openDialog: (what) => {
          fromMenu(() => this.#openByDialog(what));
        },
        openPaths: (paths) => {
          fromMenu(() => this.#open(paths));
        },
        exportReport: (format) => {
          fromMenu(() => this.#exportReport(format));
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
