import { useVirtualizer } from '@tanstack/react-virtual';
import { FileX, FolderOpen, SearchX } from 'lucide-react';
import { useEffect, useMemo, useRef, type KeyboardEvent } from 'react';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { useWidth } from '../widgets/use-width.ts';
import { longestTexts, pointColumns, tableLayout } from './journey-columns.ts';
import { JourneysHead } from './journeys-head.tsx';
import { JourneyRow } from './journey-row.tsx';
import styles from './journeys-view.module.css';

/** The grid always keeps room for its scrollbar. */
const SCROLLBAR = 11;

/** All journeys, a row a connection; rows come in windows as they are scrolled to. */
export function JourneysView() {
  const summary = useSession((state) => state.summary);
  const points = useSession((state) => state.points);
  const total = useJourneys((state) => state.total);
  const windows = useJourneys((state) => state.windows);
  const text = useJourneys((state) => state.text);
  const problem = useJourneys((state) => state.problem);
  const selected = useJourneys((state) => state.selected);
  const selectedIndex = useJourneys((state) => state.selectedIndex);
  const { show, row, select, move } = useJourneys.getState();
  const [measured, outer] = useWidth();
  const width = Math.max(0, outer - SCROLLBAR);
  const scroller = useRef<HTMLDivElement>(null);

  const columns = useMemo(() => pointColumns(points, summary?.paths ?? []), [points, summary]);
  const longest = useMemo(() => longestTexts([...windows.values()].flat(), columns), [windows, columns]);
  const layout = tableLayout(width, longest);

  // eslint-disable-next-line react-hooks/incompatible-library -- the React Compiler does not run over this code
  const virtual = useVirtualizer({
    count: total ?? 0,
    getScrollElement: () => scroller.current,
    estimateSize: () => layout.rowHeight,
    overscan: 10,
    // The head stays in place above the rows.
    paddingStart: layout.headHeight,
    scrollPaddingStart: layout.headHeight,
  });
  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => {
    show(first, last);
  }, [show, first, last, windows]);
  useEffect(() => {
    virtual.measure();
  }, [virtual, layout.rowHeight, layout.headHeight]);
  useEffect(() => {
    if (selectedIndex >= 0) virtual.scrollToIndex(selectedIndex, { align: 'auto' });
  }, [virtual, selectedIndex]);

  const page = Math.max(1, Math.floor((virtual.scrollRect?.height ?? 400) / layout.rowHeight) - 1);
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  };
  const press = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLButtonElement) return;
    const step = steps[event.key];
    if (step !== undefined) {
      event.preventDefault();
      void move(step);
    } else if (event.key === 'Enter' && selected !== null) {
      event.preventDefault();
      useView.getState().showTab('diff');
    }
  };

  if (summary === null) return null;
  if (problem !== null)
    return (
      <EmptyState icon={<SearchX size={22} />} title="The journeys could not be read">
        {problem}
      </EmptyState>
    );
  return (
    <div className={styles.table} ref={measured}>
      <div
        className={styles.grid}
        ref={scroller}
        role="grid"
        tabIndex={0}
        data-testid="journeys"
        aria-label="Journeys"
        aria-rowcount={(total ?? 0) + 1}
        aria-activedescendant={
          selected !== null && items.some(({ index }) => row(index)?.id === selected.id)
            ? `journey-${selected.id}`
            : undefined
        }
        onKeyDown={press}
      >
        <div className={styles.rows} role="presentation" style={{ height: virtual.getTotalSize() }}>
          {width === 0 ? null : (
            <>
              <JourneysHead columns={columns} layout={layout} />
              <div role="rowgroup">
                {items.map(({ index, start }) => {
                  const journey = row(index);
                  return (
                    <JourneyRow
                      key={index}
                      journey={journey}
                      index={index}
                      top={start}
                      columns={columns}
                      layout={layout}
                      selected={journey !== undefined && journey.id === selected?.id}
                      onSelect={select}
                    />
                  );
                })}
              </div>
            </>
          )}
        </div>
      </div>
      {total === 0 ? <NoJourneys text={text} /> : null}
    </div>
  );
}

/** Why the table is empty, and the way on. */
function NoJourneys({ text }: { readonly text: string }) {
  const points = useSession((state) => state.points);
  const openDialog = useSession((state) => state.openDialog);
  return (
    <div className={styles.nothing}>
      {text !== '' ? (
        <EmptyState icon={<SearchX size={22} />} title={`No journey has “${text}”`}>
          <Button
            onClick={() => {
              useJourneys.getState().filter('');
            }}
          >
            Clear the filter
          </Button>
        </EmptyState>
      ) : points.length === 0 ? (
        <EmptyState icon={<FileX size={22} />} title="No capture could be read">
          <p>What was opened is listed at the left, with the reason.</p>
          <Button icon={<FolderOpen size={15} />} onClick={() => void openDialog()}>
            Open captures…
          </Button>
        </EmptyState>
      ) : (
        <EmptyState icon={<SearchX size={22} />} title="No connection was found in these captures">
          They hold no packets that belong to a connection; the points at the left say what was read.
        </EmptyState>
      )}
    </div>
  );
}
