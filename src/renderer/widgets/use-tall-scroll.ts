// Scrolling over content taller than an element can be: Chromium caps an element's height near 33.5 million pixels, and a
// million rows are taller. Beyond TALLEST the scrollbar is scaled: it stands for the whole, while the wheel and the keys
// still move by real pixels. Content is placed by `place`, which is exact however far down it is.
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefCallback } from 'react';

const TALLEST = 1_500_000;
/** Pixels of a wheel's line, where it counts in lines. */
const WHEEL_LINE = 16;

export interface TallScroll {
  /** For the element that scrolls. */
  readonly attach: RefCallback<HTMLElement>;
  /** How much of the content is above the view, and how much of it is in view. */
  readonly offset: number;
  readonly view: number;
  /** The height to give to the element inside. */
  readonly canvas: number;
  /** Where content that begins so far down stands inside that element. */
  readonly place: (y: number) => number;
  readonly scrollTo: (offset: number) => void;
}

/** `total`: height of the content. */
export function useTallScroll(total: number): TallScroll {
  const [element, setElement] = useState<HTMLElement | null>(null);
  const [view, setView] = useState(0);
  const [offset, setOffset] = useState(0);
  const canvas = Math.min(total, TALLEST);
  const furthest = Math.max(0, total - view);
  const ratio = canvas === total ? 1 : furthest / Math.max(1, canvas - view);
  const now = useRef({ offset, furthest, ratio });
  useLayoutEffect(() => {
    now.current = { offset, furthest, ratio };
  });

  const scrollTo = useCallback(
    (wanted: number) => {
      const to = Math.min(now.current.furthest, Math.max(0, wanted));
      now.current.offset = to;
      setOffset(to);
      element?.scrollTo({ top: to / now.current.ratio });
    },
    [element],
  );

  useEffect(() => {
    if (element === null) return undefined;
    const observer = new ResizeObserver(() => {
      setView(element.clientHeight);
    });
    observer.observe(element);
    const scrolled = (): void => {
      const { ratio: r, offset: at } = now.current;
      const to = element.scrollTop * r;
      // Scrolling that was set from here comes back rounded to whole pixels of the scrollbar.
      if (r > 1 && Math.abs(to - at) <= r) return;
      now.current.offset = to;
      setOffset(to);
    };
    const wheeled = (event: WheelEvent): void => {
      if (now.current.ratio === 1 || event.ctrlKey || event.deltaY === 0) return;
      event.preventDefault();
      const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? WHEEL_LINE : 1;
      scrollTo(now.current.offset + event.deltaY * unit);
    };
    element.addEventListener('scroll', scrolled, { passive: true });
    element.addEventListener('wheel', wheeled, { passive: false });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', scrolled);
      element.removeEventListener('wheel', wheeled);
    };
  }, [element, scrollTo]);

  // Content that became shorter leaves nothing to see further down.
  const at = Math.min(offset, furthest);
  const shift = canvas === total ? 0 : at / ratio - at;
  return { attach: setElement, offset: at, view, canvas, place: (y) => y + shift, scrollTo };
}
