// The journeys as the table shows them: one query, and windows of its rows fetched as they come into view. The window
// holds a few hundred rows, however many there are.
import { create } from 'zustand';
import type { Journey, JourneySortKey } from '../../shared/contract.ts';
import { filterOfWords } from '../text/word-filter.ts';
import { useSession } from './session.ts';

const WINDOW = 200;
const WINDOWS_KEPT = 12;

interface JourneysState {
  readonly text: string;
  readonly sort: JourneySortKey;
  readonly descending: boolean;
  /** Journeys that the text leaves; null before the first answer. */
  readonly total: number | null;
  readonly windows: ReadonlyMap<number, readonly Journey[]>;
  readonly problem: string | null;
  readonly selected: Journey | null;
  /** Its place in the table, or -1 where it is not known. */
  readonly selectedIndex: number;
  readonly restart: () => void;
  readonly reload: () => void;
  readonly filter: (text: string) => void;
  readonly sortBy: (sort: JourneySortKey) => void;
  /** Fetches what is missing of [first, last]. */
  readonly show: (first: number, last: number) => void;
  readonly row: (index: number) => Journey | undefined;
  readonly select: (journey: Journey | null, index?: number) => void;
  readonly selectId: (id: string) => Promise<void>;
  /** Selects the row so many places away, fetching it where it is not here yet. */
  readonly move: (by: number) => Promise<void>;
}

/** Answers to an older query are dropped. */
let query = 0;
/** The rows that are shown are those of the query before; the first answer replaces them all. */
let stale = false;
const underWay = new Map<number, Promise<void>>();

export const useJourneys = create<JourneysState>((set, get) => {
  const fetchWindow = (window_: number): Promise<void> => {
    const running = underWay.get(window_);
    if (running !== undefined) return running;
    const mine = query;
    const { text, sort, descending } = get();
    const request = window.snatscope
      .request('journeys', { filter: filterOfWords(text), sort, descending, offset: window_ * WINDOW, limit: WINDOW })
      .then((page) => {
        if (mine !== query) return;
        const { identities, points } = useSession.getState();
        identities.learnJourneys(page.rows, points);
        const others = stale ? [] : [...get().windows].filter(([index]) => index !== window_);
        const kept = others.slice(-(WINDOWS_KEPT - 1));
        stale = false;
        set({ total: page.total, windows: new Map([...kept, [window_, page.rows]]), problem: null });
      })
      .catch((error: unknown) => {
        if (mine === query) set({ problem: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => {
        if (mine === query) underWay.delete(window_);
      });
    underWay.set(window_, request);
    return request;
  };

  /** Another query: rows that are shown stay until the first window of the new one is here. */
  const ask = (changes: Partial<JourneysState>): void => {
    query++;
    stale = true;
    underWay.clear();
    set({ ...changes, selectedIndex: -1 });
    void fetchWindow(0);
  };

  return {
    text: '',
    sort: 'start',
    descending: false,
    total: null,
    windows: new Map(),
    problem: null,
    selected: null,
    selectedIndex: -1,
    restart: () => {
      ask({ text: '', sort: 'start', descending: false, total: null, windows: new Map(), selected: null });
    },
    reload: () => {
      const { selected } = get();
      ask({ windows: new Map() });
      if (selected !== null) void get().selectId(selected.id);
    },
    filter: (text) => {
      if (text !== get().text) ask({ text });
    },
    sortBy: (sort) => {
      const same = sortName(sort) === sortName(get().sort);
      ask({ sort, descending: same && !get().descending });
    },
    show: (first, last) => {
      const { windows, total } = get();
      if (total === null || total === 0) return;
      for (let w = Math.floor(first / WINDOW); w <= Math.floor(Math.min(last, total - 1) / WINDOW); w++)
        if (!windows.has(w)) void fetchWindow(w);
    },
    row: (index) => get().windows.get(Math.floor(index / WINDOW))?.[index % WINDOW],
    select: (selected, index = -1) => {
      set({ selected, selectedIndex: selected === null ? -1 : index });
    },
    selectId: async (id) => {
      const journey = await window.snatscope.request('journey', id);
      set({ selected: journey, selectedIndex: journey === null ? -1 : indexOf(id, get().windows) });
    },
    move: async (by) => {
      const { total, selected, windows, selectedIndex } = get();
      if (total === null || total === 0) return;
      const here = selectedIndex >= 0 ? selectedIndex : selected === null ? -1 : indexOf(selected.id, windows);
      const next = Math.min(total - 1, Math.max(0, here < 0 ? (by > 0 ? 0 : total - 1) : here + by));
      if (get().row(next) === undefined) await fetchWindow(Math.floor(next / WINDOW));
      const row = get().row(next);
      if (row !== undefined) set({ selected: row, selectedIndex: next });
    },
  };
});

export function sortName(sort: JourneySortKey): string {
  return typeof sort === 'string' ? sort : `point ${sort.point}`;
}

function indexOf(id: string, windows: ReadonlyMap<number, readonly Journey[]>): number {
  for (const [w, rows] of windows) {
    const at = rows.findIndex((row) => row.id === id);
    if (at >= 0) return w * WINDOW + at;
  }
  return -1;
}
