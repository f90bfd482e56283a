// The menu bar: the system's own items, and what the program does with captures.
import { app, Menu } from 'electron';
import type { MenuItemConstructorOptions } from 'electron';
import type { Events, RecentEntry } from '../shared/contract.ts';

export interface MenuActions {
  openDialog(what: 'files' | 'folder'): void;
  openPaths(paths: readonly string[]): void;
  exportReport(format: 'text' | 'json'): void;
  command(command: Events['command']): void;
}

export function showMenu(actions: MenuActions, recent: readonly RecentEntry[]): void {
  const mac = process.platform === 'darwin';
  const development: MenuItemConstructorOptions[] = app.isPackaged
    ? []
    : [{ type: 'separator' }, { role: 'reload' }, { role: 'toggleDevTools' }];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...(mac ? [{ role: 'appMenu' as const }] : []),
      {
        label: '&File',
        submenu: [
          {
            label: '&Open captures…',
            accelerator: 'CmdOrCtrl+O',
            click: () => {
              actions.openDialog('files');
            },
          },
          {
            label: 'Open a &folder of captures…',
            accelerator: 'CmdOrCtrl+Shift+O',
            click: () => {
              actions.openDialog('folder');
            },
          },
          {
            label: 'Open a &sample…',
            click: () => {
              actions.command('open-samples');
            },
          },
          { label: 'Open &recent', submenu: recentItems(actions, recent) },
          { type: 'separator' },
          {
            label: '&Export the report',
            submenu: [
              {
                label: 'As &text…',
                click: () => {
                  actions.exportReport('text');
                },
              },
              {
                label: 'As &JSON…',
                click: () => {
                  actions.exportReport('json');
                },
              },
            ],
          },
          { type: 'separator' },
          { role: mac ? 'close' : 'quit' },
        ],
      },
      {
        label: '&Edit',
        submenu: [
          { role: 'undo' },
          { role: 'redo' },
          { type: 'separator' },
          { role: 'cut' },
          { role: 'copy' },
          { role: 'paste' },
          { role: 'selectAll' },
          { type: 'separator' },
          {
            label: '&Filter journeys',
            accelerator: 'CmdOrCtrl+F',
            click: () => {
              actions.command('focus-filter');
            },
          },
        ],
      },
      {
        label: '&View',
        submenu: [
          { role: 'resetZoom' },
          { role: 'zoomIn' },
          { role: 'zoomOut' },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          ...development,
        ],
      },
      {
        role: 'help',
        submenu: [
          {
            label: '&Keys',
            accelerator: 'F1',
            click: () => {
              actions.command('keys');
            },
          },
        ],
      },
    ]),
  );
}

function recentItems(actions: MenuActions, recent: readonly RecentEntry[]): MenuItemConstructorOptions[] {
  if (recent.length === 0) return [{ label: 'Nothing yet', enabled: false }];
  return recent.map(({ title, paths }) => ({
    label: title.replaceAll('&', '&&'),
    toolTip: paths.join('\n'),
    click: () => {
      actions.openPaths(paths);
    },
  }));
}
