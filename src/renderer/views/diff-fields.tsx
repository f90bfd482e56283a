import { ArrowRightLeft, Check, Equal, TriangleAlert } from 'lucide-react';
import { Fragment } from 'react';
import type { DiffColumn, DiffRow, PacketDiff, Passage, Point, Verdict } from '../../shared/contract.ts';
import { hueOfPoint } from '../state/identities.ts';
import { usePackets } from '../state/packets.ts';
import { clockTime, counted, duration } from '../text/format.ts';
import { nameOfPoint, withPointNames } from '../text/words.ts';
import { Breakable } from '../widgets/breakable.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { useWidth } from '../widgets/use-width.ts';
import styles from './diff-fields.module.css';

const VERDICT: Record<Verdict, { readonly word: string; readonly icon: React.ReactNode }> = {
  unchanged: { word: 'unchanged', icon: <Equal size={12} aria-hidden="true" /> },
  translation: { word: 'translated', icon: <ArrowRightLeft size={12} aria-hidden="true" /> },
  expected: { word: 'expected', icon: <Check size={12} aria-hidden="true" /> },
  unexpected: { word: 'unexpected', icon: <TriangleAlert size={12} aria-hidden="true" /> },
};

interface DiffFieldsProps {
  readonly diff: PacketDiff;
  readonly points: readonly Point[];
  /** Where and when the packet was seen; undefined while that is on the way. */
  readonly passage: Passage | undefined;
}

/** What a field, a value and a verdict of their own column take at least. */
const FIELD = 120;
const VALUE = 140;
const VERDICT_COLUMN = 190;

/** The fields of the packet, a column a point; a field under the pointer lights up its bytes, and the other way round. */
export function DiffFields({ diff, points, passage }: DiffFieldsProps) {
  const onlyChanges = usePackets((state) => state.onlyChanges);
  const [measured, width] = useWidth();
  const beside = width >= FIELD + diff.columns.length * VALUE + VERDICT_COLUMN;
  const across = diff.columns.length + (beside ? 2 : 1);
  const rows = diff.rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => !onlyChanges || row.verdict !== 'unchanged');
  return (
    <div ref={measured}>
      <table className={styles.table} data-many={diff.columns.length > 3}>
        <thead>
          <tr>
            <th scope="col" className={styles.field}>
              field
            </th>
            {diff.columns.map((column, i) => (
              <ColumnHead key={i} column={column} points={points} passage={passage} />
            ))}
            {beside ? (
              <th scope="col" style={{ width: `${Math.max(22, 46 - 8 * diff.columns.length)}%` }}>
                verdict
              </th>
            ) : null}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ row, index }, i) => (
            <Fragment key={index}>
              {rows[i - 1]?.row.layer === row.layer ? null : (
                <tr className={styles.layer}>
                  <th scope="rowgroup" colSpan={across}>
                    {row.layer}
                  </th>
                </tr>
              )}
              <FieldRow row={row} index={index} beside={beside} points={points} />
            </Fragment>
          ))}
          {rows.length > 0 ? null : (
            <tr>
              <td colSpan={across}>
                <EmptyState icon={<Equal size={20} />} title="Nothing changed between the points">
                  {diff.columns.length === 1
                    ? 'It was seen at one point only.'
                    : `All fields are the same at ${counted(diff.columns.length, 'point')}.`}
                </EmptyState>
              </td>
            </tr>
          )}
        </tbody>
        {diff.columns.some(({ note }) => note !== null) ? (
          <tfoot>
            <tr>
              <th scope="row">note</th>
              {diff.columns.map((column, i) => (
                <td key={i}>{column.note}</td>
              ))}
              {beside ? <td /> : null}
            </tr>
          </tfoot>
        ) : null}
      </table>
    </div>
  );
}

interface ColumnHeadProps {
  readonly column: DiffColumn;
  readonly points: readonly Point[];
  readonly passage: Passage | undefined;
}

/** The point, and when the packet passed it: the clock at the first, from there on the time since, clocks corrected. */
function ColumnHead({ column, points, passage }: ColumnHeadProps) {
  const point = points.find(({ id }) => id === column.point);
  const [first] = passage?.sightings ?? [];
  const here = passage?.sightings.find((sighting) => sighting.point === column.point);
  const time =
    first === undefined || here === undefined || here === first
      ? clockTime(column.time)
      : `${here.atNs < first.atNs ? '−' : '+'}${duration(Math.abs(here.atNs - first.atNs))}`;
  return (
    <th scope="col" data-tone={point === undefined ? 'none' : hueOfPoint(point, points)} className={styles.point}>
      {nameOfPoint(column.point, points)}
      <small title={`${column.time}, ${column.wireLength} bytes on the wire`}>{time}</small>
    </th>
  );
}

interface FieldRowProps {
  readonly row: DiffRow;
  readonly index: number;
  /** The verdict has a column of its own; otherwise it stands below the field's name. */
  readonly beside: boolean;
  readonly points: readonly Point[];
}

function FieldRow({ row, index, beside, points }: FieldRowProps) {
  const pointed = usePackets((state) => state.pointed === index);
  const { point } = usePackets.getState();
  const on = (): void => {
    point(index);
  };
  const off = (): void => {
    point(null);
  };
  const same =
    row.values.length > 1 &&
    row.values.every((value, i) => value !== null && value === row.values[0] && row.notes[i] === row.notes[0]);
  const changes = row.verdict !== 'unchanged';
  return (
    <>
      <tr
        className={changes && !beside ? `${styles.row} ${styles.explained}` : styles.row}
        data-verdict={row.verdict}
        data-pointed={pointed}
        tabIndex={0}
        onMouseEnter={on}
        onMouseLeave={off}
        onFocus={on}
        onBlur={off}
      >
        <th scope="row">{row.label}</th>
        {same ? (
          <td colSpan={row.values.length} className={styles.value}>
            {row.values[0]} <span className={styles.same}>at all {row.values.length}</span>
            <Note text={row.notes[0]} />
          </td>
        ) : (
          row.values.map((value, i) => (
            <td key={i} className={row.changed[i] === true ? styles.changed : styles.value}>
              {value === null ? (
                <span className={styles.absent}>not there</span>
              ) : (
                <span>
                  <Breakable text={value} narrow />
                </span>
              )}
              <Note text={row.notes[i]} />
            </td>
          ))
        )}
        {beside ? (
          <td className={styles.verdict}>{changes ? <VerdictText row={row} points={points} /> : null}</td>
        ) : null}
      </tr>
      {changes && !beside ? (
        <tr className={styles.below} data-verdict={row.verdict} data-pointed={pointed}>
          <td />
          <td colSpan={row.values.length} className={styles.verdict}>
            <VerdictText row={row} points={points} />
          </td>
        </tr>
      ) : null}
    </>
  );
}

/** What is to be said of one value by itself, such as that a checksum is right. */
function Note({ text }: { readonly text: string | null | undefined }) {
  return text === null || text === undefined ? null : <small className={styles.note}>{text}</small>;
}

function VerdictText({ row, points }: { readonly row: DiffRow; readonly points: readonly Point[] }) {
  const { word, icon } = VERDICT[row.verdict];
  return (
    <>
      <strong>
        {icon}
        {word}
      </strong>
      {row.explain === null ? null : <span>{withPointNames(row.explain, points)}</span>}
    </>
  );
}
