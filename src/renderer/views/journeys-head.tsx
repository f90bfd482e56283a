import { ArrowDown, ArrowUp } from 'lucide-react';
import type { JourneySortKey } from '../../shared/contract.ts';
import { sortName, useJourneys } from '../state/journeys.ts';
import type { PointColumn, TableLayout } from './journey-columns.ts';
import styles from './journeys-view.module.css';

interface JourneysHeadProps {
  readonly columns: readonly PointColumn[];
  readonly layout: TableLayout;
}

export function JourneysHead({ columns, layout }: JourneysHeadProps) {
  const points = columns.map((column) => <Heading key={column.key} title={column.title} sort={column.sort} />);
  const destination = <Heading title="destination" sort="destination" />;
  return (
    <div className={styles.head} role="rowgroup">
      <div
        className={styles.cells}
        role="row"
        aria-rowindex={1}
        style={{ gridTemplateColumns: layout.template, height: layout.headHeight }}
      >
        {layout.paired ? (
          <>
            <Pair>
              <Heading title="proto" sort="proto" />
              <Heading title="confidence" sort="confidence" />
            </Pair>
            {points}
            {destination}
            <Pair>
              <Heading title="packets" sort="packets" figure />
              <Heading title="bytes" sort="bytes" figure />
            </Pair>
            <Pair>
              <Heading title="start" sort="start" figure />
              <Heading title="lasted" sort="duration" figure />
            </Pair>
            <Pair>
              <Heading title="RTT" sort="rtt" figure />
              <Heading title="lost" sort="lost" figure />
            </Pair>
          </>
        ) : (
          <>
            <Heading title="proto" sort="proto" />
            {points}
            {destination}
            <Heading title="packets" sort="packets" figure />
            <Heading title="bytes" sort="bytes" figure />
            <Heading title="start" sort="start" figure />
            <Heading title="lasted" sort="duration" figure />
            <Heading title="RTT" sort="rtt" figure />
            <Heading title="lost" sort="lost" figure />
            <Heading title="confidence" sort="confidence" />
          </>
        )}
      </div>
    </div>
  );
}

function Pair({ children }: { readonly children: React.ReactNode }) {
  return (
    <div className={styles.pair} role="presentation">
      {children}
    </div>
  );
}

interface HeadingProps {
  readonly title: string;
  readonly sort: JourneySortKey;
  readonly figure?: boolean;
}

function Heading({ title, sort, figure = false }: HeadingProps) {
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
    </div>
  );
}
