// The journeys as the table shows them: one query, and windows of its rows fetched as they come into view. The window
// holds a few hundred rows, however many there are. A row is a journey or the head of a group; the cursor is on one row,
// marks are ranges of rows, and the journey last come to is the selected one, which all other views show.
import { create } from 'zustand';
import type {
  FilterError,
  Folded,
  Journey,
  JourneyGroup,
  JourneyGrouping,
  JourneyPage,
  JourneyQuery,
  JourneySortKey,
} from '../../shared/contract.ts';
import { filterOfWords } from '../text/word-filter.ts';
import { type RowRanges, rowsBetween, toggleRow } from './row-ranges.ts';
import { useSession } from './session.ts';

const WINDOW = 200;
const WINDOWS_KEPT = 12;

export type TableRow = Journey | JourneyGroup;

export function isGroup(row: TableRow): row is JourneyGroup {
  return 'key' in row;
}

export function isJourney(row: TableRow): row is Journey {
  return !isGroup(row);
}

/** How a click or a step marks rows: that row alone, it beside the others, or all from the anchor to it. */
export type Marking = 'alone' | 'toggle' | 'extend';

interface JourneysState {
  readonly text: string;
  readonly sort: JourneySortKey;
  readonly descending: boolean;
  readonly grouping: JourneyGrouping | null;
  readonly folded: Folded;
  /** Rows; null before the first answer. */
  readonly total: number | null;
  /** Journeys that the filter leaves. */
  readonly journeys: number;
  readonly windows: ReadonlyMap<number, readonly TableRow[]>;
  /** An answer is on its way, and what is shown is that before. */
  readonly busy: boolean;
  readonly problem: string | null;
  readonly mistake: FilterError | null;
  readonly selected: Journey | null;
  /** The row of the cursor, or -1. */
  readonly cursor: number;
  readonly marks: RowRanges;
  /** Where a range of marks begins. */
  readonly anchor: number;
  readonly restart: () => void;
  readonly reload: () => void;
  readonly filter: (text: string) => void;
  readonly sortBy: (sort: JourneySortKey) => void;
  readonly groupBy: (grouping: JourneyGrouping | null) => void;
  /** Folds a group or shows its journeys; all of them where none is named. */
  readonly fold: (folded: boolean, group?: JourneyGroup) => void;
  /** Fetches what is missing of [first, last]. */
  readonly show: (first: number, last: number) => void;
  readonly row: (index: number) => TableRow | undefined;
  readonly go: (index: number, marking?: Marking) => Promise<void>;
  /** Goes to the row so many places away, fetching it where it is not here yet. */
  readonly move: (by: number, marking?: Marking) => Promise<void>;
  readonly markAll: () => void;
  readonly select: (journey: Journey | null) => void;
  readonly selectId: (id: string) => Promise<void>;
}

const NONE_FOLDED: Folded = { all: false, except: [] };
const NO_MARKS = { cursor: -1, marks: [], anchor: -1 } as const;

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
    const request = window.snatscope
      .request('journeys', { ...journeyQuery(), offset: window_ * WINDOW, limit: WINDOW })
      .then((page) => {
        if (mine !== query) return;
        const { identities, points } = useSession.getState();
        identities.learnJourneys(page.rows, points);
        const others = stale ? [] : [...get().windows].filter(([index]) => index !== window_);
        const kept = others.slice(-(WINDOWS_KEPT - 1));
        stale = false;
        set({
          total: page.total,
          journeys: page.journeys,
          windows: new Map([...kept, [window_, rowsOf(page)]]),
          busy: false,
          problem: null,
          mistake: page.error,
        });
      })
      .catch((error: unknown) => {
        if (mine === query) set({ busy: false, problem: error instanceof Error ? error.message : String(error) });
      })
      .finally(() => {
        if (mine === query) underWay.delete(window_);
      });
    underWay.set(window_, request);
    return request;
  };

  /** Another query: rows that are shown stay until the first window of the new one is here. */
  const ask = (changes: Partial<JourneysState>, window_ = 0): void => {
    query++;
    stale = true;
    underWay.clear();
    set({ busy: true, ...NO_MARKS, ...changes });
    void fetchWindow(window_);
  };

  const fetchRow = async (index: number): Promise<TableRow | undefined> => {
    if (get().row(index) === undefined) await fetchWindow(Math.floor(index / WINDOW));
    return get().row(index);
  };

  return {
    text: '',
    sort: 'start',
    descending: false,
    grouping: null,
    folded: NONE_FOLDED,
    total: null,
    journeys: 0,
    windows: new Map(),
    busy: false,
    problem: null,
    mistake: null,
    selected: null,
    ...NO_MARKS,
    restart: () => {
      const fresh = { text: '', sort: 'start', descending: false, grouping: null, folded: NONE_FOLDED } as const;
      ask({ ...fresh, total: null, windows: new Map(), selected: null });
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
    groupBy: (grouping) => {
      ask({ grouping, folded: NONE_FOLDED });
    },
    fold: (folded, group) => {
      if (group === undefined) {
        ask({ folded: { all: folded, except: [] } });
        return;
      }
      if (group.folded === folded) return;
      const { all, except } = get().folded;
      const others = except.filter((key) => key !== group.key);
      const changed = all === folded ? others : [...others, group.key];
      // What stands above a group stays where it is.
      ask({ folded: { all, except: changed }, cursor: group.row, anchor: group.row }, Math.floor(group.row / WINDOW));
    },
    show: (first, last) => {
      const { windows, total } = get();
      if (total === null || total === 0) return;
      for (let w = Math.floor(first / WINDOW); w <= Math.floor(Math.min(last, total - 1) / WINDOW); w++)
        if (!windows.has(w)) void fetchWindow(w);
    },
    row: (index) => get().windows.get(Math.floor(index / WINDOW))?.[index % WINDOW],
    go: async (index, marking = 'alone') => {
      const mine = query;
      const row = await fetchRow(index);
      if (row === undefined || mine !== query) return;
      const { marks, anchor } = get();
      const from = anchor < 0 ? index : anchor;
      set({
        cursor: index,
        ...(marking === 'extend'
          ? { marks: rowsBetween(from, index), anchor: from }
          : { marks: marking === 'toggle' ? toggleRow(marks, index) : rowsBetween(index, index), anchor: index }),
        ...(isGroup(row) ? {} : { selected: row }),
      });
    },
    move: async (by, marking = 'alone') => {
      const { total, cursor, selected, windows } = get();
      if (total === null || total === 0) return;
      const here = cursor >= 0 ? cursor : selected === null ? -1 : indexOf(selected.id, windows);
      // Without a cursor, the first step is to an end of the table.
      const from = here >= 0 ? here : by > 0 ? -1 : total;
      const to = here < 0 && Number.isFinite(by) ? from + Math.sign(by) : from + by;
      await get().go(Math.min(total - 1, Math.max(0, to)), marking);
    },
    markAll: () => {
      const { total } = get();
      if (total !== null && total > 0) set({ marks: rowsBetween(0, total - 1), anchor: 0 });
    },
    select: (selected) => {
      set(selected === null ? { selected, ...NO_MARKS } : { selected });
    },
    selectId: async (id) => {
      const selected = await window.snatscope.request('journey', id);
      const at = selected === null ? -1 : indexOf(id, get().windows);
      set({ selected, cursor: at, anchor: at, marks: at < 0 ? [] : rowsBetween(at, at) });
    },
  };
});

/** What is asked, without the window of rows. */
export function journeyQuery(): Omit<JourneyQuery, 'offset' | 'limit'> {
  const { text, sort, descending, grouping, folded } = useJourneys.getState();
  const asked = { filter: filterOfWords(text), sort, descending };
  return grouping === null ? asked : { ...asked, grouped: { by: grouping, folded } };
}

/** The page's rows in their order. */
export function rowsOf({ offset, rows, groups }: JourneyPage): TableRow[] {
  const all: TableRow[] = [];
  let [journey, group] = [0, 0];
  while (journey < rows.length || group < groups.length) {
    if (groups[group]?.row === offset + all.length) all.push(groups[group++]!);
    else all.push(rows[journey++]!);
  }
  return all;
}

export function sortName(sort: JourneySortKey): string {
  return typeof sort === 'string' ? sort : `point ${sort.point}`;
}

function indexOf(id: string, windows: ReadonlyMap<number, readonly TableRow[]>): number {
  for (const [w, rows] of windows) {
    const at = rows.findIndex((row) => !isGroup(row) && row.id === id);
    if (at >= 0) return w * WINDOW + at;
  }
  return -1;
}
