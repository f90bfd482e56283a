// The packets of the selected journey: a list in windows, one chosen packet, and that packet at all its points.
import { useEffect, useState } from 'react';
import { create } from 'zustand';
import type { PacketDiff, Passage } from '../../shared/contract.ts';
import { useJourneys } from './journeys.ts';

const WINDOW = 200;

interface PacketsState {
  readonly journey: string | null;
  readonly total: number;
  readonly windows: ReadonlyMap<number, readonly Passage[]>;
  readonly index: number;
  /** A byte or field under the pointer or the focus: the row of the diff. */
  readonly pointed: number | null;
  readonly onlyChanges: boolean;
  readonly problem: string | null;
  readonly follow: (journey: string | null) => void;
  readonly show: (first: number, last: number) => void;
  readonly choose: (index: number) => void;
  readonly point: (row: number | null) => void;
  readonly showOnlyChanges: (only: boolean) => void;
}

const underWay = new Set<string>();

export const usePackets = create<PacketsState>((set, get) => {
  const fetchWindow = async (journey: string, window_: number): Promise<void> => {
    const key = `${journey} ${window_}`;
    if (underWay.has(key)) return;
    underWay.add(key);
    try {
      const page = await window.snatscope.request('passages', journey, window_ * WINDOW, WINDOW);
      if (get().journey !== journey) return;
      if (get().total === 0) set({ index: widest(page.rows) });
      set({ total: page.total, windows: new Map(get().windows).set(window_, page.rows) });
    } catch (error) {
      if (get().journey === journey) set({ problem: error instanceof Error ? error.message : String(error) });
    } finally {
      underWay.delete(key);
    }
  };
  return {
    journey: null,
    total: 0,
    windows: new Map(),
    index: 0,
    pointed: null,
    onlyChanges: false,
    problem: null,
    follow: (journey) => {
      if (journey === get().journey) return;
      set({ journey, total: 0, windows: new Map(), index: 0, pointed: null, problem: null });
      if (journey !== null) void fetchWindow(journey, 0);
    },
    show: (first, last) => {
      const { journey, windows, total } = get();
      if (journey === null || total === 0) return;
      for (let w = Math.floor(first / WINDOW); w <= Math.floor(Math.min(last, total - 1) / WINDOW); w++)
        if (!windows.has(w)) void fetchWindow(journey, w);
    },
    choose: (index) => {
      const { total } = get();
      if (total > 0) set({ index: Math.min(total - 1, Math.max(0, index)), pointed: null });
    },
    point: (pointed) => {
      set({ pointed });
    },
    showOnlyChanges: (onlyChanges) => {
      set({ onlyChanges });
    },
  };
});

/** Follows the selected journey, for a view that shows its packets. */
export function useFollowedPackets(): void {
  const journey = useJourneys((state) => state.selected);
  useEffect(() => {
    usePackets.getState().follow(journey?.id ?? null);
  }, [journey]);
}

/** The first packet that the most points saw: the one to begin with. */
function widest(rows: readonly Passage[]): number {
  const most = Math.max(0, ...rows.map(({ sightings }) => sightings.length));
  return Math.max(
    0,
    rows.findIndex(({ sightings }) => sightings.length === most),
  );
}

export function passageAt(windows: ReadonlyMap<number, readonly Passage[]>, index: number): Passage | undefined {
  return windows.get(Math.floor(index / WINDOW))?.[index % WINDOW];
}

/** The chosen packet at all its points; the packet before stays until it is here. */
export function usePacketDiff(journey: string | null, index: number): PacketDiff | null {
  const [diff, setDiff] = useState<{ readonly journey: string; readonly diff: PacketDiff | null } | null>(null);
  useEffect(() => {
    if (journey === null) return undefined;
    let current = true;
    void window.snatscope
      .request('packetDiff', journey, index)
      .then((answer) => {
        if (current) setDiff({ journey, diff: answer });
      })
      .catch(() => {
        if (current) setDiff({ journey, diff: null });
      });
    return () => {
      current = false;
    };
  }, [journey, index]);
  return diff !== null && diff.journey === journey ? diff.diff : null;
}
