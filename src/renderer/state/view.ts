// What the window shows of the session, none of which the session knows: tab, theme, folded parts.
import { create } from 'zustand';

export type TabId = 'journeys' | 'diff' | 'timeline';
export type Theme = 'system' | 'light' | 'dark';

interface ViewState {
  readonly tab: TabId;
  readonly theme: Theme;
  readonly mapFolded: boolean;
  readonly keysShown: boolean;
  /** Which of the paths the map shows; points of the path, so that it holds when the order of the paths changes. */
  readonly path: string | null;
  readonly showTab: (tab: TabId) => void;
  readonly setTheme: (theme: Theme) => void;
  readonly foldMap: (folded: boolean) => void;
  readonly showKeys: (shown: boolean) => void;
  readonly showPath: (path: string) => void;
}

export const useView = create<ViewState>((set) => ({
  tab: 'journeys',
  theme: stored('theme', ['system', 'light', 'dark'] as const, 'system'),
  mapFolded: stored('map-folded', ['yes', 'no'] as const, 'no') === 'yes',
  keysShown: false,
  path: null,
  showTab: (tab) => {
    set({ tab });
  },
  setTheme: (theme) => {
    localStorage.setItem('theme', theme);
    set({ theme });
  },
  foldMap: (mapFolded) => {
    localStorage.setItem('map-folded', mapFolded ? 'yes' : 'no');
    set({ mapFolded });
  },
  showKeys: (keysShown) => {
    set({ keysShown });
  },
  showPath: (path) => {
    set({ path });
  },
}));

function stored<Value extends string>(key: string, values: readonly Value[], otherwise: Value): Value {
  const value = localStorage.getItem(key);
  return values.find((known) => known === value) ?? otherwise;
}
