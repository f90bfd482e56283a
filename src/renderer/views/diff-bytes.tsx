import { useMemo, useState, type PointerEvent } from 'react';
import type { DiffColumn, PacketDiff, Point } from '../../shared/contract.ts';
import { hueOfPoint } from '../state/identities.ts';
import { usePackets } from '../state/packets.ts';
import { counted } from '../text/format.ts';
import { nameOfPoint } from '../text/words.ts';
import { Button } from '../widgets/button.tsx';
import { useWidth } from '../widgets/use-width.ts';
import { byteMarks, type ByteMarks } from './byte-marks.ts';
import styles from './diff-bytes.module.css';

interface DiffProps {
  readonly diff: PacketDiff;
  readonly points: readonly Point[];
}

/** Bytes shown before the rest is asked for. */
const FIRST_BYTES = 256;
const BYTE = 20.5;

/** The packet's bytes at each point, side by side; those that differ from the point before are marked. */
export function DiffBytes({ diff, points }: DiffProps) {
  const [measured, width] = useWidth();
  const [all, setAll] = useState(false);
  const marks = useMemo(() => byteMarks(diff), [diff]);
  const longest = Math.max(0, ...diff.columns.map(({ bytes }) => bytes.length));
  const share = width / diff.columns.length - 70;
  const perLine = share >= 16 * BYTE ? 16 : share >= 8 * BYTE ? 8 : 4;
  const point = (event: PointerEvent): void => {
    const row = (event.target as HTMLElement).dataset.row;
    usePackets.getState().point(row === undefined ? null : Number(row));
  };
  return (
    <section
      className={styles.bytes}
      ref={measured}
      aria-label="Bytes"
      onPointerOver={point}
      onPointerLeave={() => {
        usePackets.getState().point(null);
      }}
    >
      <div className={styles.columns} style={{ gridTemplateColumns: `repeat(${diff.columns.length}, minmax(0, 1fr))` }}>
        {diff.columns.map((column, i) => (
          <Column
            key={i}
            column={column}
            marks={marks[i]!}
            points={points}
            perLine={perLine}
            limit={all ? Infinity : FIRST_BYTES}
          />
        ))}
      </div>
      {longest > FIRST_BYTES && !all ? (
        <Button
          look="quiet"
          onClick={() => {
            setAll(true);
          }}
        >
          Show all {counted(longest, 'byte')}
        </Button>
      ) : null}
    </section>
  );
}

interface ColumnProps {
  readonly column: DiffColumn;
  readonly marks: ByteMarks;
  readonly points: readonly Point[];
  readonly perLine: number;
  readonly limit: number;
}

function Column({ column, marks, points, perLine, limit }: ColumnProps) {
  const pointed = usePackets((state) => state.pointed);
  const point = points.find(({ id }) => id === column.point);
  const shown = Math.min(column.bytes.length, limit);
  const lines = Array.from({ length: Math.ceil(shown / perLine) }, (_, i) => i * perLine);
  return (
    <div className={styles.column} data-tone={point === undefined ? 'none' : hueOfPoint(point, points)}>
      <h3>
        {nameOfPoint(column.point, points)} <small>{counted(column.bytes.length, 'byte')}</small>
      </h3>
      {lines.map((start) => (
        <div key={start} className={styles.line}>
          <span className={styles.offset}>{start.toString(16).padStart(4, '0')}</span>
          {[...column.bytes.subarray(start, Math.min(start + perLine, shown))].map((byte, i) => {
            const at = start + i;
            const row = marks.rows[at]!;
            return (
              <span
                key={at}
                className={marks.changed[at] === 1 ? styles.changed : undefined}
                data-row={row < 0 ? undefined : row}
                data-pointed={row >= 0 && row === pointed ? true : undefined}
              >
                {byte.toString(16).padStart(2, '0')}
              </span>
            );
          })}
        </div>
      ))}
    </div>
  );
}
