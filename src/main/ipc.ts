// The window's requests: one channel each, answered only for our own page and only where the arguments are sound.
import { ipcMain } from 'electron';
import type { IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import { DROPPED_CHANNEL, eventChannel, requestChannel } from '../shared/channels.ts';
import type { Reply } from '../shared/channels.ts';
import type { Events, RequestName, Requests } from '../shared/contract.ts';
import { checkedArguments, filePaths, REQUEST_NAMES } from './argument-checks.ts';
import { isOwnPage } from './assets.ts';

export type Handlers = {
  readonly [Name in RequestName]: (...args: Requests[Name][0]) => Requests[Name][1] | Promise<Requests[Name][1]>;
};

/** Answers the requests of the page that `page()` shows, and hears of the files that the user dropped on it. */
export function serveRequests(
  handlers: Handlers,
  page: () => WebContents | null,
  onDropped: (paths: readonly string[]) => void,
): void {
  for (const name of REQUEST_NAMES) {
    ipcMain.handle(requestChannel(name), async (event, ...args: unknown[]): Promise<Reply<unknown>> => {
      try {
        refuseForeigners(event, page());
        return { ok: true, value: await answer(handlers, name, args) };
      } catch (error) {
        return { ok: false, message: error instanceof Error ? error.message : String(error) };
      }
    });
  }
  ipcMain.on(DROPPED_CHANNEL, (event, paths: unknown) => {
    refuseForeigners(event, page());
    onDropped(filePaths(paths, 'dropped files'));
  });
}

export function sendEvent<Name extends keyof Events>(page: WebContents, name: Name, event: Events[Name]): void {
  if (!page.isDestroyed()) page.send(eventChannel(name), event);
}

async function answer<Name extends RequestName>(
  handlers: Handlers,
  name: Name,
  args: readonly unknown[],
): Promise<Requests[Name][1]> {
  const handler: (...args: Requests[Name][0]) => Requests[Name][1] | Promise<Requests[Name][1]> = handlers[name];
  return handler(...checkedArguments(name, args));
}

/** Only the main frame of our window, and only while it shows our page. */
function refuseForeigners(event: IpcMainInvokeEvent | IpcMainEvent, page: WebContents | null): void {
  const frame = event.senderFrame;
  if (frame !== null && frame === page?.mainFrame && isOwnPage(frame.url)) return;
  throw new Error('Refused: this request does not come from the window of Snatscope.');
}
