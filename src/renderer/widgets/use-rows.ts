// Rows of one height in a scroller, of which only those in view and a few around them are there, however many there are.
import { useCallback, useEffect, useRef, type RefCallback } from 'react';
import { useTallScroll } from './use-tall-scroll.ts';

/** Rows that are there beyond either end of the view. */
const BEYOND = 10;

export interface Rows {
  /** For the element that scrolls. */
  readonly attach: RefCallback<HTMLElement>;
  /** Height of the element inside, in which a head that stays in place and the rows stand. */
  readonly canvas: number;
  /** The rows to be there. */
  readonly first: number;
  readonly last: number;
  /** Whole rows in view. */
  readonly page: number;
  /** Where a row begins within the canvas. */
  readonly top: (row: number) => number;
  /** Scrolls as far as it takes to have the row in view. */
  readonly bring: (row: number) => void;
}

export function useRows({
  count,
  rowHeight,
  headHeight = 0,
}: {
  readonly count: number;
  readonly rowHeight: number;
  /** Of what stays in sight above the rows. */
  readonly headHeight?: number;
}): Rows {
  const { attach, offset, view, canvas, place, scrollTo } = useTallScroll(headHeight + count * rowHeight);
  const room = Math.max(0, view - headHeight);
  const now = useRef({ offset, room, rowHeight });
  useEffect(() => {
    now.current = { offset, room, rowHeight };
  });
  const bring = useCallback(
    (row: number) => {
      const { offset: at, room: height, rowHeight: own } = now.current;
      if (row * own < at) scrollTo(row * own);
      else if ((row + 1) * own > at + height) scrollTo((row + 1) * own - height);
    },
    [scrollTo],
  );
  return {
    attach,
    canvas,
    first: Math.max(0, Math.floor(offset / rowHeight) - BEYOND),
    last: Math.max(0, Math.min(count - 1, Math.ceil((offset + room) / rowHeight) + BEYOND)),
    page: Math.max(1, Math.floor(room / rowHeight)),
    top: (row) => place(headHeight + row * rowHeight),
    bring,
  };
}
