import { ArrowDown, ArrowUp } from 'lucide-react';
import { useRef, type KeyboardEvent, type PointerEvent, type ReactNode } from 'react';
import type { JourneySortKey } from '../../shared/contract.ts';
import { sortName, useJourneys } from '../state/journeys.ts';
import { useTableWidths } from '../state/table-widths.ts';
import { LEAST_WIDTH, sharesOf, withEdgeMoved, type PointColumn, type TableLayout } from './journey-columns.ts';
import styles from './journeys-view.module.css';

interface JourneysHeadProps {
  readonly columns: readonly PointColumn[];
  readonly layout: TableLayout;
}

interface HeadingOf {
  readonly title: string;
  readonly sort: JourneySortKey;
  readonly figure?: boolean;
}

const PAIRS: readonly (readonly HeadingOf[])[] = [
  [
    { title: 'packets', sort: 'packets', figure: true },
    { title: 'bytes', sort: 'bytes', figure: true },
  ],
  [
    { title: 'start', sort: 'start', figure: true },
    { title: 'lasted', sort: 'duration', figure: true },
  ],
  [
    { title: 'RTT', sort: 'rtt', figure: true },
    { title: 'lost', sort: 'lost', figure: true },
  ],
];
const PROTO: HeadingOf = { title: 'proto', sort: 'proto' };
const CONFIDENCE: HeadingOf = { title: 'confidence', sort: 'confidence' };
const FINDINGS: HeadingOf = { title: 'findings', sort: 'findings' };

export function JourneysHead({ columns, layout }: JourneysHeadProps) {
  const ends: readonly (readonly HeadingOf[])[] = [
    ...columns.map(({ title, sort }) => [{ title, sort }]),
    [{ title: 'destination', sort: 'destination' }],
  ];
  const cells = layout.paired
    ? [[PROTO, CONFIDENCE], ...ends, ...PAIRS]
    : [[PROTO], ...ends, ...PAIRS.flat().map((heading) => [heading]), [FINDINGS], [CONFIDENCE]];
  return (
    <div className={styles.head} role="rowgroup">
      <div
        className={styles.cells}
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: layout.template, height: layout.headHeight }}
      >
        {cells.map((headings, column) => (
          <div key={layout.columns[column]?.key} className={styles.pair} role="presentation">
            {headings.map((heading, i) => (
              <Heading key={heading.title} {...heading}>
                {column < cells.length - 1 && i === headings.length - 1 ? (
                  <Edge layout={layout} column={column} />
                ) : null}
              </Heading>
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

const KEY_STEP = 8;

/** The edge behind a column, to be dragged or moved by the arrow keys; a double click lays all columns out anew. */
function Edge({ layout, column }: { readonly layout: TableLayout; readonly column: number }) {
  const { wish, forget } = useTableWidths.getState();
  const begun = useRef<{ readonly x: number; readonly layout: TableLayout } | null>(null);
  const { title, width } = layout.columns[column]!;
  const move = (from: TableLayout, by: number): void => {
    wish(layout.key, sharesOf(withEdgeMoved(from, column, by)));
  };
  return (
    <div
      className={styles.edge}
      role="separator"
      tabIndex={0}
      aria-orientation="vertical"
      aria-label={`Width of ${title}`}
      aria-valuenow={width}
      aria-valuemin={LEAST_WIDTH}
      aria-valuemax={width + (layout.columns[column + 1]?.width ?? 0) - LEAST_WIDTH}
      onPointerDown={(event: PointerEvent) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        begun.current = { x: event.clientX, layout };
      }}
      onPointerMove={(event: PointerEvent) => {
        if (begun.current !== null) move(begun.current.layout, event.clientX - begun.current.x);
      }}
      onPointerUp={() => {
        begun.current = null;
      }}
      onDoubleClick={() => {
        forget(layout.key);
      }}
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === 'ArrowLeft' || event.key === 'ArrowRight')
          move(layout, event.key === 'ArrowLeft' ? -KEY_STEP : KEY_STEP);
        else if (event.key === 'Delete') forget(layout.key);
        else return;
        event.preventDefault();
        event.stopPropagation();
      }}
    />
  );
}

interface HeadingProps extends HeadingOf {
  /** The edge behind its column. */
  readonly children: ReactNode;
}

function Heading({ title, sort, figure = false, children }: HeadingProps) {
  const sorted = useJourneys((state) => sortName(state.sort) === sortName(sort));
  const descending = useJourneys((state) => state.descending);
  return (
    <div
      role="columnheader"
      className={figure ? `${styles.heading} ${styles.figure}` : styles.heading}
      aria-sort={sorted ? (descending ? 'descending' : 'ascending') : 'none'}
    >
      <button
        type="button"
        title={`Sort by ${title}`}
        onClick={() => {
          useJourneys.getState().sortBy(sort);
        }}
      >
        <span>{title}</span>
        {sorted ? (
          descending ? (
            <ArrowDown size={11} aria-hidden="true" />
          ) : (
            <ArrowUp size={11} aria-hidden="true" />
          )
        ) : null}
      </button>
      {children}
    </div>
  );
}
