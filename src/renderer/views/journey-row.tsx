import { memo } from 'react';
import type { Confidence, Journey } from '../../shared/contract.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { changedAt, changedFrom, destinationOf, joined, sourceOf, UNCHANGED } from '../text/endpoint.ts';
import { bytes, count, counted, duration, nsBetween, sinceStart } from '../text/format.ts';
import { CONFIDENCE_NAME, CONFIDENCE_REASON, protocolName } from '../text/words.ts';
import { Chip } from '../widgets/chip.tsx';
import { ConfidenceMark } from '../widgets/confidence-mark.tsx';
import type { PointColumn, TableLayout } from './journey-columns.ts';
import styles from './journeys-view.module.css';

interface JourneyRowProps {
  /** Undefined while its window is on the way. */
  readonly journey: Journey | undefined;
  readonly index: number;
  readonly top: number;
  readonly columns: readonly PointColumn[];
  readonly layout: TableLayout;
  readonly selected: boolean;
  readonly onSelect: (journey: Journey, index: number) => void;
}

export const JourneyRow = memo(function JourneyRow(props: JourneyRowProps) {
  const { journey, index, top, columns, layout, selected, onSelect } = props;
  const place = { transform: `translateY(${top}px)`, height: layout.rowHeight, gridTemplateColumns: layout.template };
  if (journey === undefined)
    return (
      <div role="row" aria-rowindex={index + 2} className={`${styles.row} ${styles.cells}`} style={place}>
        <span role="gridcell" className={styles.waiting} />
      </div>
    );
  const points = <SourceCells journey={journey} columns={columns} layout={layout} />;
  return (
    <div
      role="row"
      id={`journey-${journey.id}`}
      data-testid={`journey-row-${journey.id}`}
      aria-rowindex={index + 2}
      aria-selected={selected}
      className={`${styles.row} ${styles.cells}`}
      style={place}
      onClick={() => {
        onSelect(journey, index);
      }}
      onDoubleClick={() => {
        useView.getState().showTab('diff');
      }}
    >
      {layout.paired ? (
        <>
          <Pair>
            <ProtoCell journey={journey} />
            <ConfidenceCell journey={journey} />
          </Pair>
          {points}
          <DestinationCell journey={journey} layout={layout} />
          <Pair>
            <PacketsCell journey={journey} />
            <BytesCell journey={journey} />
          </Pair>
          <Pair>
            <StartCell journey={journey} />
            <DurationCell journey={journey} />
          </Pair>
          <Pair>
            <RttCell journey={journey} />
            <LostCell journey={journey} />
          </Pair>
        </>
      ) : (
        <>
          <ProtoCell journey={journey} />
          {points}
          <DestinationCell journey={journey} layout={layout} />
          <PacketsCell journey={journey} />
          <BytesCell journey={journey} />
          <StartCell journey={journey} />
          <DurationCell journey={journey} />
          <RttCell journey={journey} />
          <LostCell journey={journey} />
          <ConfidenceCell journey={journey} />
        </>
      )}
    </div>
  );
});

function Pair({ children }: { readonly children: React.ReactNode }) {
  return (
    <div className={styles.pair} role="presentation">
      {children}
    </div>
  );
}

interface CellProps {
  readonly journey: Journey;
}

interface SourceCellsProps extends CellProps {
  readonly columns: readonly PointColumn[];
  readonly layout: TableLayout;
}

/** A cell a point; where the journey ends in several possible partners, the rest of the columns says so together. */
function SourceCells({ journey, columns, layout }: SourceCellsProps) {
  const seenAt = (column: PointColumn): boolean => journey.legs.some((leg) => column.points.includes(leg.point));
  const end = columns.findLastIndex(seenAt) + 1;
  const open = journey.candidates.find(({ to }) => columns.slice(end).some((column) => column.points.includes(to)));
  const own = open === undefined ? columns : columns.slice(0, end);
  const rest = columns.length - own.length;
  return (
    <>
      {own.map((column, at) => (
        <SourceCell
          key={column.key}
          journey={journey}
          column={column}
          characters={layout.characters[at]}
          tight={layout.tight}
        />
      ))}
      {open === undefined ? null : (
        <div
          role="gridcell"
          aria-colspan={rest}
          className={`${styles.cell} ${styles.open}`}
          style={{ gridColumn: `span ${rest}` }}
          title={open.wanted}
        >
          ambiguous ({counted(open.legs.length, 'candidate')})
        </div>
      )}
    </>
  );
}

interface SourceCellProps extends CellProps {
  readonly column: PointColumn;
  readonly characters: number | undefined;
  readonly tight: boolean;
}

function SourceCell({ journey, column, characters, tight }: SourceCellProps) {
  const legs = journey.legs.filter((leg) => column.points.includes(leg.point));
  // Where several points of the column saw it, each source once, as it left the last of them.
  const distinct = legs.filter(
    (leg, i) => legs.findLastIndex((other) => joined(sourceOf(other)) === joined(sourceOf(leg))) === i,
  );
  if (distinct.length > 0)
    return (
      <div role="gridcell" className={styles.cell}>
        {distinct.map((leg) => (
          <Chip
            key={`${leg.point} ${joined(sourceOf(leg))}`}
            endpoint={sourceOf(leg)}
            changed={changedAt(journey, leg)}
            stacked={distinct.length > 1 ? undefined : characters}
            tight={tight || distinct.length > 1}
          />
        ))}
      </div>
    );
  const expected = column.points.some((point) => journey.notSeenAt.includes(point));
  return (
    <div
      role="gridcell"
      className={expected ? `${styles.cell} ${styles.missing}` : `${styles.cell} ${styles.absent}`}
      title={
        expected ? 'This point could have seen it and did not' : 'Not on its path, or outside what was captured there'
      }
    >
      not seen
    </div>
  );
}

function DestinationCell({ journey, layout }: CellProps & { readonly layout: TableLayout }) {
  const last = journey.legs.at(-1);
  const first = journey.legs[0];
  if (first === undefined || last === undefined) return <div role="gridcell" />;
  const changed = first === last ? UNCHANGED : changedFrom(destinationOf(first), destinationOf(last));
  return (
    <div role="gridcell" className={styles.cell}>
      <Chip
        server
        endpoint={destinationOf(last)}
        changed={changed}
        stacked={layout.characters.at(-1)}
        tight={layout.tight}
      />
    </div>
  );
}

function ProtoCell({ journey }: CellProps) {
  return (
    <div role="gridcell" className={styles.proto}>
      {protocolName(journey.proto)}
    </div>
  );
}

const LOW: ReadonlySet<Confidence> = new Set(['ambiguous', 'probable']);

function ConfidenceCell({ journey }: CellProps) {
  const { confidence } = journey;
  return (
    <div
      role="gridcell"
      className={LOW.has(confidence) ? `${styles.confidence} ${styles.low}` : styles.confidence}
      title={CONFIDENCE_REASON[confidence]}
    >
      <ConfidenceMark confidence={confidence} />
      {CONFIDENCE_NAME[confidence]}
    </div>
  );
}

function PacketsCell({ journey }: CellProps) {
  const [out, back] = journey.legs[0]?.packets ?? [0, 0];
  return (
    <div
      role="gridcell"
      className={styles.number}
      title={`${counted(out, 'packet')} out, ${count(back)} back, at the first point`}
    >
      {count(out)} / {count(back)}
    </div>
  );
}

function BytesCell({ journey }: CellProps) {
  const [out, back] = journey.legs[0]?.bytes ?? [0, 0];
  return (
    <div
      role="gridcell"
      className={styles.number}
      title={`${count(out)} bytes out, ${count(back)} back, at the first point`}
    >
      {bytes(out + back)}
    </div>
  );
}

function StartCell({ journey }: CellProps) {
  const start = useSession((state) => state.begin);
  const first = journey.legs[0]?.first;
  return (
    <div role="gridcell" className={styles.number} title={first}>
      {first === undefined || start === null ? '' : sinceStart(nsBetween(start, first))}
    </div>
  );
}

function DurationCell({ journey }: CellProps) {
  return (
    <div role="gridcell" className={styles.number}>
      {duration(journey.durationNs)}
    </div>
  );
}

function RttCell({ journey }: CellProps) {
  return (
    <div role="gridcell" className={styles.number}>
      {journey.rttNs === null ? <span className={styles.none}>no answer</span> : duration(journey.rttNs)}
    </div>
  );
}

function LostCell({ journey }: CellProps) {
  const lost = journey.changes.reduce((sum, change) => sum + change.lost[0] + change.lost[1], 0);
  return (
    <div
      role="gridcell"
      className={lost === 0 ? styles.number : `${styles.number} ${styles.lost}`}
      title={`${counted(lost, 'packet')} lost on the way`}
    >
      {count(lost)}
    </div>
  );
}
