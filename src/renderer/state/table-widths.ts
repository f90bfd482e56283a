// Columns as they were dragged: of each layout of the table the shares of its width, kept from one start to the next.
import { create } from 'zustand';

type Shares = Readonly<Record<string, readonly number[]>>;

interface TableWidths {
  readonly shares: Shares;
  /** `layout`: its key; the shares make 1 together. */
  readonly wish: (layout: string, shares: readonly number[]) => void;
  /** As wide as they are by themselves. */
  readonly forget: (layout: string) => void;
}

const KEY = 'table-widths';

export const useTableWidths = create<TableWidths>((set, get) => {
  const keep = (shares: Shares): void => {
    localStorage.setItem(KEY, JSON.stringify(shares));
    set({ shares });
  };
  return {
    shares: read(),
    wish: (layout, shares) => {
      keep({ ...get().shares, [layout]: shares });
    },
    forget: (layout) => {
      keep(Object.fromEntries(Object.entries(get().shares).filter(([key]) => key !== layout)));
    },
  };
});

/** What is kept, as far as it is of use. */
function read(): Shares {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(KEY) ?? '{}');
    if (typeof stored !== 'object' || stored === null) return {};
    const isShare = (value: unknown): value is number => typeof value === 'number' && value > 0 && value < 1;
    return Object.fromEntries(
      Object.entries(stored).filter(([, shares]) => Array.isArray(shares) && shares.every(isShare)),
    );
  } catch {
    return {};
  }
}
