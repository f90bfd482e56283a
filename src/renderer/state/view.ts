// What the window shows of the session, none of which the session knows: tab, theme, folded parts.
import { create } from 'zustand';
import { keep, kept } from './kept.ts';

/** The tabs in their order, with their titles. */
export const TABS = [
  ['journeys', 'Journeys'],
  ['ladder', 'Ladder'],
  ['diff', 'Packet diff'],
  ['timeline', 'Timeline'],
] as const;
export type TabId = (typeof TABS)[number][0];
export type Theme = 'system' | 'light' | 'dark';

interface ViewState {
  readonly tab: TabId;
  readonly theme: Theme;
  readonly mapFolded: boolean;
  readonly keysShown: boolean;
  /** Which of the paths the map shows; points of the path, so that it holds when the order of the paths changes. */
  readonly path: string | null;
  /** What was done last, such as what was copied; goes by itself. */
  readonly notice: string | null;
  readonly showTab: (tab: TabId) => void;
  readonly setTheme: (theme: Theme) => void;
  readonly foldMap: (folded: boolean) => void;
  readonly showKeys: (shown: boolean) => void;
  readonly notify: (notice: string) => void;
  readonly showPath: (path: string) => void;
}

/** Milliseconds. */
const NOTICE_STAYS = 6000;
let fading: ReturnType<typeof setTimeout> | undefined;

export const useView = create<ViewState>((set) => ({
  tab: 'journeys',
  theme: kept('theme', ['system', 'light', 'dark'], 'system'),
  mapFolded: kept('map-folded', ['yes', 'no'], 'no') === 'yes',
  keysShown: false,
  path: null,
  notice: null,
  showTab: (tab) => {
    set({ tab });
  },
  setTheme: (theme) => {
    keep('theme', theme);
    set({ theme });
  },
  foldMap: (mapFolded) => {
    keep('map-folded', mapFolded ? 'yes' : 'no');
    set({ mapFolded });
  },
  showKeys: (keysShown) => {
    set({ keysShown });
  },
  notify: (notice) => {
    set({ notice });
    clearTimeout(fading);
    fading = setTimeout(() => {
      set({ notice: null });
    }, NOTICE_STAYS);
  },
  showPath: (path) => {
    set({ path });
  },
}));
