import { memo } from 'react';
import type { Confidence, Journey } from '../../shared/contract.ts';
import { useJourneys, type Marking } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { changedAt, changedFrom, destinationOf, joined, sourceOf, UNCHANGED } from '../text/endpoint.ts';
import { bytes, count, counted, duration, nsBetween, sinceStart } from '../text/format.ts';
import { CONFIDENCE_NAME, CONFIDENCE_REASON, protocolName } from '../text/words.ts';
import { Chip } from '../widgets/chip.tsx';
import { ConfidenceMark } from '../widgets/confidence-mark.tsx';
import { SeverityBadge } from '../widgets/severity.tsx';
import type { PointColumn, TableLayout } from './journey-columns.ts';
import styles from './journeys-view.module.css';

/** A row's own place, and how it stands towards cursor and marks. */
export interface RowProps {
  readonly index: number;
  readonly top: number;
  readonly layout: TableLayout;
  readonly marked: boolean;
  readonly atCursor: boolean;
  /** Rows of groups stand above it. */
  readonly level: 1 | 2;
}

interface JourneyRowProps extends RowProps {
  readonly journey: Journey;
  readonly columns: readonly PointColumn[];
}

export const JourneyRow = memo(function JourneyRow(props: JourneyRowProps) {
  const { journey, index, top, columns, layout, marked, atCursor, level } = props;
  const place = { top, height: layout.rowHeight, gridTemplateColumns: layout.template };
  const points = <SourceCells journey={journey} columns={columns} layout={layout} />;
  return (
    <div
      role="row"
      id={`journey-row-${index}`}
      data-testid={`journey-row-${journey.id}`}
      data-cursor={atCursor}
      aria-rowindex={index + 2}
      aria-level={level === 1 ? undefined : level}
      aria-selected={marked}
      className={`${styles.row} ${styles.cells}`}
      style={place}
      onClick={(event) => {
        void useJourneys.getState().go(index, markingOf(event));
      }}
      onDoubleClick={() => {
        useView.getState().showTab('ladder');
      }}
    >
      {layout.paired ? (
        <>
          <Pair>
            <ProtoCell journey={journey}>
              <FindingsMark journey={journey} />
            </ProtoCell>
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
          <div role="gridcell" className={styles.findings}>
            <FindingsMark journey={journey} />
          </div>
          <ConfidenceCell journey={journey} />
        </>
      )}
    </div>
  );
});

/** A click with Ctrl (or Command) marks the row beside others, with Shift all up to it. */
export function markingOf(event: {
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
}): Marking {
  if (event.shiftKey) return 'extend';
  return event.ctrlKey || event.metaKey ? 'toggle' : 'alone';
}

/** The place of a row whose window is on its way. */
export function WaitingRow({
  index,
  top,
  height,
}: {
  readonly index: number;
  readonly top: number;
  readonly height: number;
}) {
  return (
    <div role="row" aria-rowindex={index + 2} className={styles.row} style={{ top, height }}>
      <span role="gridcell" className={styles.waiting} />
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
          characters={layout.characters[at] ?? Infinity}
          layout={layout}
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
          ambiguous ({counted(open.count, 'candidate')})
        </div>
      )}
    </>
  );
}

interface SourceCellProps extends CellProps {
  readonly column: PointColumn;
  readonly characters: number;
  readonly layout: TableLayout;
}

function SourceCell({ journey, column, characters, layout: { stacked, tight } }: SourceCellProps) {
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
            stacked={stacked && distinct.length === 1}
            characters={characters}
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
        stacked={layout.stacked}
        characters={layout.characters.at(-1) ?? Infinity}
        tight={layout.tight}
      />
    </div>
  );
}

function ProtoCell({ journey, children }: CellProps & { readonly children?: React.ReactNode }) {
  return (
    <div role="gridcell" className={styles.proto}>
      {protocolName(journey.proto)}
      {children}
    </div>
  );
}

/** How many findings are about it, with the sign of the gravest; what they are, on hover. */
function FindingsMark({ journey }: CellProps) {
  const findings = useSession((state) => state.summary?.findings);
  if (journey.findings.length === 0) return null;
  const own = journey.findings.map((code) => findings?.find((finding) => finding.code === code));
  const severity = (['error', 'warning', 'note'] as const).find((grave) => own.some((f) => f?.severity === grave));
  return (
    <SeverityBadge
      severity={severity ?? 'note'}
      title={own.map((finding, i) => finding?.title ?? journey.findings[i]).join('\n')}
    >
      {count(journey.findings.length)}
    </SeverityBadge>
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
