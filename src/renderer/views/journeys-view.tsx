import { FileX, FolderOpen, SearchX } from 'lucide-react';
import { useEffect, useMemo, type KeyboardEvent } from 'react';
import { copyMarked } from '../state/copying.ts';
import { isGroup, isJourney, useJourneys, type TableRow } from '../state/journeys.ts';
import { hasRow } from '../state/row-ranges.ts';
import { useSession } from '../state/session.ts';
import { useTableWidths } from '../state/table-widths.ts';
import { useView } from '../state/view.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { useRows } from '../widgets/use-rows.ts';
import { useWidth } from '../widgets/use-width.ts';
import { GroupRow } from './group-row.tsx';
import { longestTexts, pointColumns, tableLayout, type PointColumn, type TableLayout } from './journey-columns.ts';
import { JourneysHead } from './journeys-head.tsx';
import { JourneysTools } from './journeys-tools.tsx';
import { JourneyRow, WaitingRow, type RowProps } from './journey-row.tsx';
import styles from './journeys-view.module.css';

/** The grid always keeps room for its scrollbar. */
const SCROLLBAR = 11;

/** All journeys, a row a connection; rows come in windows as they are scrolled to. */
export function JourneysView() {
  const summary = useSession((state) => state.summary);
  const points = useSession((state) => state.points);
  const windows = useJourneys((state) => state.windows);
  const problem = useJourneys((state) => state.problem);
  const total = useJourneys((state) => state.total);
  const wished = useTableWidths((state) => state.shares);
  const [measured, outer] = useWidth();
  const width = Math.max(0, outer - SCROLLBAR);
  const columns = useMemo(() => pointColumns(points, summary?.paths ?? []), [points, summary]);
  const longest = useMemo(
    () => longestTexts([...windows.values()].flat().filter(isJourney), columns),
    [windows, columns],
  );
  const layout = useMemo(() => tableLayout(width, longest, columns, wished), [width, longest, columns, wished]);
  if (summary === null) return null;
  if (problem !== null)
    return (
      <EmptyState icon={<SearchX size={22} />} title="The journeys could not be read">
        {problem}
      </EmptyState>
    );
  return (
    <div className={styles.table} ref={measured}>
      <JourneysTools />
      <div className={styles.frame}>
        {width === 0 ? null : <Grid columns={columns} layout={layout} />}
        {total === 0 ? <NoJourneys /> : null}
      </div>
    </div>
  );
}

interface GridProps {
  readonly columns: readonly PointColumn[];
  readonly layout: TableLayout;
}

function Grid({ columns, layout }: GridProps) {
  const total = useJourneys((state) => state.total) ?? 0;
  const windows = useJourneys((state) => state.windows);
  const grouping = useJourneys((state) => state.grouping);
  const cursor = useJourneys((state) => state.cursor);
  const marks = useJourneys((state) => state.marks);
  const { row } = useJourneys.getState();
  const rows = useRows({ count: total, rowHeight: layout.rowHeight, headHeight: layout.headHeight });
  const { attach, canvas, first, last, top, bring } = rows;
  useEffect(() => {
    useJourneys.getState().show(first, last);
  }, [first, last, windows]);
  useEffect(() => {
    if (cursor >= 0) bring(cursor);
  }, [bring, cursor]);
  const level = grouping === null ? 1 : 2;
  return (
    <div
      className={styles.grid}
      ref={attach}
      role={grouping === null ? 'grid' : 'treegrid'}
      tabIndex={0}
      data-testid="journeys"
      aria-label="Journeys"
      aria-rowcount={total + 1}
      aria-multiselectable="true"
      aria-activedescendant={cursor >= first && cursor <= last ? `journey-row-${cursor}` : undefined}
      onKeyDown={(event) => {
        press(event, rows.page);
      }}
    >
      <div className={styles.rows} role="presentation" style={{ height: canvas }}>
        <JourneysHead columns={columns} layout={layout} />
        <div role="rowgroup">
          {Array.from({ length: total === 0 ? 0 : last - first + 1 }, (_, i) => {
            const index = first + i;
            const place = { index, top: top(index), layout, marked: hasRow(marks, index), atCursor: index === cursor };
            return <Row key={index} row={row(index)} columns={columns} {...place} level={level} />;
          })}
        </div>
      </div>
    </div>
  );
}

function Row({
  row,
  columns,
  ...place
}: RowProps & { readonly row: TableRow | undefined; readonly columns: readonly PointColumn[] }) {
  if (row === undefined) return <WaitingRow index={place.index} top={place.top} height={place.layout.rowHeight} />;
  return isGroup(row) ? <GroupRow group={row} {...place} /> : <JourneyRow journey={row} columns={columns} {...place} />;
}

/** `page`: rows that are in view. */
function press(event: KeyboardEvent, page: number): void {
  if (event.target instanceof Element && event.target.closest('button, [role="separator"]') !== null) return;
  const { move, markAll, go, fold, cursor, row } = useJourneys.getState();
  const step = {
    ArrowDown: 1,
    ArrowUp: -1,
    PageDown: page,
    PageUp: -page,
    Home: -Infinity,
    End: Infinity,
  }[event.key];
  const command = event.ctrlKey || event.metaKey;
  const at = cursor < 0 ? undefined : row(cursor);
  if (event.altKey) return;
  if (step !== undefined && !command) void move(step, event.shiftKey ? 'extend' : 'alone');
  else if (event.key === ' ' && cursor >= 0) void go(cursor, 'toggle');
  else if (command && event.key.toLowerCase() === 'a') markAll();
  else if (command && event.key.toLowerCase() === 'c') void copyMarked('csv');
  else if (command || at === undefined) return;
  else if (isGroup(at) && ['Enter', 'ArrowLeft', 'ArrowRight'].includes(event.key))
    fold(event.key === 'Enter' ? !at.folded : event.key === 'ArrowLeft', at);
  else if (event.key === 'Enter') useView.getState().showTab('ladder');
  else return;
  event.preventDefault();
}

/** Why the table is empty, and the way on. */
function NoJourneys() {
  const text = useJourneys((state) => state.text);
  const mistake = useJourneys((state) => state.mistake);
  const points = useSession((state) => state.points);
  const openDialog = useSession((state) => state.openDialog);
  return (
    <div className={styles.nothing}>
      {text !== '' ? (
        <EmptyState
          icon={<SearchX size={22} />}
          title={mistake === null ? `No journey has “${text}”` : `The filter cannot be used: ${mistake.message}`}
        >
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
