// The whole of what the window's page can reach: the typed contract, and the paths of files that the user gave it.
import { contextBridge, ipcRenderer, webUtils } from 'electron';
import type { IpcRendererEvent } from 'electron';
import { DROPPED_CHANNEL, eventChannel, requestChannel } from '../shared/channels.ts';
import type { Reply } from '../shared/channels.ts';
import type { Events, RequestName, Requests, SnatscopeBridge } from '../shared/contract.ts';

const bridge: SnatscopeBridge = {
  async request<Name extends RequestName>(name: Name, ...args: Requests[Name][0]): Promise<Requests[Name][1]> {
    const reply = (await ipcRenderer.invoke(requestChannel(name), ...args)) as Reply<Requests[Name][1]>;
    if (!reply.ok) throw new Error(reply.message);
    return reply.value;
  },

  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void {
    const channel = eventChannel(name);
    const relay = (_: IpcRendererEvent, event: Events[Name]): void => {
      listener(event);
    };
    ipcRenderer.on(channel, relay);
    return () => {
      ipcRenderer.removeListener(channel, relay);
    };
  },

  pathsOf(files: readonly File[]): string[] {
    const paths = files.map((file) => webUtils.getPathForFile(file)).filter((path) => path !== '');
    ipcRenderer.send(DROPPED_CHANNEL, paths);
    return paths;
  },

  platform: process.platform,
};

contextBridge.exposeInMainWorld('snatscope', bridge);
