import { ArrowRightLeft, Check, Equal, TriangleAlert } from 'lucide-react';
import { Fragment } from 'react';
import type { DiffRow, PacketDiff, Point, Verdict } from '../../shared/contract.ts';
import { hueOfPoint } from '../state/identities.ts';
import { usePackets } from '../state/packets.ts';
import { clockTime, counted } from '../text/format.ts';
import { pointName } from '../text/words.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import styles from './diff-fields.module.css';

const VERDICT: Record<Verdict, { readonly word: string; readonly icon: React.ReactNode }> = {
  unchanged: { word: 'unchanged', icon: <Equal size={12} aria-hidden="true" /> },
  translation: { word: 'translated', icon: <ArrowRightLeft size={12} aria-hidden="true" /> },
  expected: { word: 'expected', icon: <Check size={12} aria-hidden="true" /> },
  unexpected: { word: 'unexpected', icon: <TriangleAlert size={12} aria-hidden="true" /> },
};

interface DiffProps {
  readonly diff: PacketDiff;
  readonly points: readonly Point[];
}

/** The fields of the packet, a column a point; a field under the pointer lights up its bytes, and the other way round. */
export function DiffFields({ diff, points }: DiffProps) {
  const onlyChanges = usePackets((state) => state.onlyChanges);
  const rows = diff.rows
    .map((row, index) => ({ row, index }))
    .filter(({ row }) => !onlyChanges || row.verdict !== 'unchanged');
  return (
    <table className={styles.table}>
      <thead>
        <tr>
          <th scope="col">field</th>
          {diff.columns.map((column, i) => {
            const point = points.find(({ id }) => id === column.point);
            return (
              <th
                key={i}
                scope="col"
                data-tone={point === undefined ? 'none' : hueOfPoint(point, points)}
                className={styles.point}
              >
                {pointName(point, points)}
                <small title={column.time}>
                  {clockTime(column.time)} · {column.wireLength} B
                </small>
              </th>
            );
          })}
          <th scope="col">verdict</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(({ row, index }, i) => (
          <Fragment key={index}>
            {rows[i - 1]?.row.layer === row.layer ? null : (
              <tr className={styles.layer}>
                <th scope="rowgroup" colSpan={diff.columns.length + 2}>
                  {row.layer}
                </th>
              </tr>
            )}
            <FieldRow row={row} index={index} />
          </Fragment>
        ))}
        {rows.length > 0 ? null : (
          <tr>
            <td colSpan={diff.columns.length + 2}>
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
              <td key={i} className={styles.note}>
                {column.note}
              </td>
            ))}
            <td />
          </tr>
        </tfoot>
      ) : null}
    </table>
  );
}

function FieldRow({ row, index }: { readonly row: DiffRow; readonly index: number }) {
  const pointed = usePackets((state) => state.pointed === index);
  const { point } = usePackets.getState();
  const { word, icon } = VERDICT[row.verdict];
  const on = (): void => {
    point(index);
  };
  const off = (): void => {
    point(null);
  };
  return (
    <tr
      className={styles.row}
      data-verdict={row.verdict}
      data-pointed={pointed}
      tabIndex={0}
      onMouseEnter={on}
      onMouseLeave={off}
      onFocus={on}
      onBlur={off}
    >
      <th scope="row">{row.label}</th>
      {row.values.map((value, i) => (
        <td key={i} className={row.changed[i] === true ? styles.changed : styles.value}>
          {value === null ? <span className={styles.absent}>not there</span> : <span>{value}</span>}
        </td>
      ))}
      <td className={styles.verdict}>
        {row.verdict === 'unchanged' ? (
          <span className="visually-hidden">{word}</span>
        ) : (
          <>
            <strong>
              {icon}
              {word}
            </strong>
            {row.explain === null ? null : <span>{row.explain}</span>}
          </>
        )}
      </td>
    </tr>
  );
}
