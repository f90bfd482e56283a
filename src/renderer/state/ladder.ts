// The stretch of the ladder that is in view and a little around it; the window holds no more of it.
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import { create } from 'zustand';
import type { Ladder, LadderQuery, LadderRow, TimeForm } from '../../shared/contract.ts';
import { useTallScroll, type TallScroll } from '../widgets/use-tall-scroll.ts';
import { keep, kept } from './kept.ts';
import { useSession } from './session.ts';

const LEAST_ZOOM = 1 / 16;
const MOST_ZOOM = 256;

interface LadderState {
  readonly zoom: number;
  readonly times: TimeForm;
  /** The packet under the pointer. */
  readonly pointed: number | null;
  readonly zoomBy: (factor: number) => void;
  readonly zoomTo: (zoom: number) => void;
  readonly showTimes: (times: TimeForm) => void;
  readonly point: (packet: number | null) => void;
}

export const useLadderView = create<LadderState>((set, get) => ({
  zoom: 1,
  times: kept('ladder-times', ['relative', 'delta', 'absolute'], 'relative'),
  pointed: null,
  zoomBy: (factor) => {
    set({ zoom: Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, get().zoom * factor)) });
  },
  zoomTo: (zoom) => {
    set({ zoom });
  },
  showTimes: (times) => {
    keep('ladder-times', times);
    set({ times });
  },
  point: (pointed) => {
    set({ pointed });
  },
}));

export interface Stretch {
  /** The last answer; while another is on its way, that before. */
  readonly ladder: Ladder | null;
  readonly problem: string | null;
  readonly scroll: TallScroll;
  /** Brings a packet into view. */
  readonly show: (packet: number) => void;
}

interface Answer {
  readonly key: string;
  readonly journey: string;
  readonly ladder: Ladder | null;
  /** The packet that is to stand so far below the top of the view. */
  readonly anchor: { readonly packet: number; readonly below: number } | null;
}

/** Stretches asked for are this many views high, so that most scrolling needs no other. */
const VIEWS = 4;

/** `begin`: the packet to begin with. */
export function useLadderStretch(journey: string, width: number, begin: number): Stretch {
  const zoom = useLadderView((state) => state.zoom);
  const times = useLadderView((state) => state.times);
  const summary = useSession((state) => state.summary);
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const ladder = answer?.journey === journey ? answer.ladder : null;
  const head = ladder?.headHeight ?? 0;
  // The head stays in sight above the lanes.
  const scroll = useTallScroll(head + (ladder?.height ?? 0));
  const { offset, scrollTo } = scroll;
  const view = Math.max(0, scroll.view - head);
  const asked = useRef({ number: 0, packet: null as number | null });
  const key = JSON.stringify([journey, width, zoom, times]);

  const ask = (top: LadderQuery['top'], anchor: Answer['anchor']): void => {
    const mine = ++asked.current.number;
    asked.current.packet = anchor?.packet ?? null;
    const query = { journey, width, zoom, times, top, height: Math.ceil(VIEWS * Math.max(200, view)) };
    window.snatscope.request('ladder', query).then(
      (drawn) => {
        if (mine !== asked.current.number) return;
        asked.current.packet = null;
        setAnswer({ key, journey, ladder: drawn, anchor });
        setProblem(null);
      },
      (error: unknown) => {
        if (mine === asked.current.number) setProblem(error instanceof Error ? error.message : String(error));
      },
    );
  };

  // Drawn anew in another size or form: the packet in the middle of the view stays where it is.
  const middle = ladder === null ? null : nearest(ladder, offset + view / 2);
  useEffect(() => {
    if (width === 0) return;
    const packet = middle?.packet ?? begin;
    ask({ packet }, { packet, below: middle === null ? view / 2 : middle.y - offset });
    // eslint-disable-next-line react-hooks/exhaustive-deps -- what is in the middle matters when one of these changes
  }, [key, summary]);

  useLayoutEffect(() => {
    const anchor = answer?.anchor;
    const row = anchor && answer.ladder?.rows.find(({ packet }) => packet === anchor.packet);
    if (row) scrollTo(row.y - anchor.below);
  }, [answer, scrollTo]);

  // Scrolled near to an end of what is here.
  const isThin =
    ladder !== null &&
    answer?.key === key &&
    ((ladder.top > 0 && ladder.top > offset - view / 2) ||
      (ladder.bottom < ladder.height && ladder.bottom < offset + 1.5 * view));
  const page = Math.round((2 * offset) / Math.max(1, view));
  useEffect(() => {
    if (isThin && asked.current.packet === null) ask(Math.max(0, offset - ((VIEWS - 1) / 2) * view), null);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- half a view further, another is asked for
  }, [isThin, page]);

  const show = (packet: number): void => {
    const row = ladder?.rows.find((one) => one.packet === packet);
    if (row === undefined) ask({ packet }, { packet, below: view / 2 });
    else if (row.y < offset + EDGE) scrollTo(row.y - EDGE);
    else if (row.y > offset + view - EDGE) scrollTo(row.y - view + EDGE);
  };

  return { ladder, problem, scroll, show };
}

/** A packet in view keeps this far from the edges when it is brought there. */
const EDGE = 60;

function nearest({ rows }: Ladder, y: number): LadderRow | null {
  let best: LadderRow | null = null;
  for (const row of rows) if (best === null || Math.abs(row.y - y) < Math.abs(best.y - y)) best = row;
  return best;
}
