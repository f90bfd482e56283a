// Paints the ladder's shapes: its head, which stays in sight, and one stretch of it.
import { memo } from 'react';
import type {
  Ladder,
  LadderChip,
  LadderFold,
  LadderLabel,
  LadderLane,
  LadderLine,
  LadderRow,
} from '../../shared/contract.ts';
import type { Hue } from '../state/identities.ts';
import { useLadderView } from '../state/ladder.ts';
import { useSession } from '../state/session.ts';
import styles from './ladder-picture.module.css';

/** Per lane, the hue of the source there. */
function useHues(lanes: readonly LadderLane[]): (Hue | 'other')[] {
  const identities = useSession((state) => state.identities);
  return lanes.map(({ address, tone }) => identities.hueOf(address) ?? (tone as Hue | 'other'));
}

export function LadderHead({ ladder }: { readonly ladder: Ladder }) {
  const hues = useHues(ladder.lanes);
  return (
    <svg className={styles.head} width={ladder.width} height={ladder.headHeight} aria-hidden="true">
      {ladder.headings.map((label, i) => (
        <Label key={i} label={label} />
      ))}
      {ladder.lanes.map((lane, i) => (
        <g key={i} data-tone={hues[i]}>
          <path className={styles.lane} d={`M${lane.x} ${lowerEdge(lane)}V${ladder.headHeight}`} />
          {lane.labels.map((label, at) => (
            <Label key={at} label={label} />
          ))}
          <Chip chip={lane.chip} />
        </g>
      ))}
    </svg>
  );
}

function lowerEdge({ chip, labels }: LadderLane): number {
  return Math.max(chip.box.y + chip.box.height, ...labels.map(({ box }) => box.y + box.height)) + 2;
}

function Chip({ chip }: { readonly chip: LadderChip }) {
  const { box, lines, size, lineHeight, changed } = chip;
  const x = box.x + box.width / 2;
  return (
    <g className={styles.chip}>
      <rect {...box} rx="4" />
      <text fontSize={size} textAnchor="middle">
        {lines.map((line, i) => (
          <tspan key={i} x={x} y={box.y + 2 + (i + 0.5) * lineHeight} dy="0.34em">
            {line.map(({ part, text }) => (
              <tspan key={part} className={changed[part] ? styles.changed : undefined}>
                {text}
              </tspan>
            ))}
          </tspan>
        ))}
      </text>
    </g>
  );
}

/** `apart`: begins with a blank, so that it is read apart from the words before it. */
function Label({ label, apart = false }: { readonly label: LadderLabel; readonly apart?: boolean }) {
  const { box, align, runs, size, mono } = label;
  const x = align === 'start' ? box.x : align === 'end' ? box.x + box.width : box.x + box.width / 2;
  return (
    <text
      className={styles.text}
      x={x}
      y={box.y + box.height / 2}
      dy="0.34em"
      fontSize={size}
      textAnchor={align}
      data-mono={mono}
    >
      {apart ? ' ' : null}
      {runs.map(({ kind, text }, i) => (
        <tspan key={i} className={styles[kind]}>
          {text}
        </tspan>
      ))}
    </text>
  );
}

interface LadderBodyProps {
  readonly ladder: Ladder;
  readonly top: number;
  readonly chosen: number;
  /** Where a packet was seen and when, for those who do not see it. */
  readonly told: (row: LadderRow) => string;
  readonly onChoose: (packet: number) => void;
}

/** The stretch, painted where it belongs. */
export const LadderBody = memo(function LadderBody({ ladder, top, chosen, told, onChoose }: LadderBodyProps) {
  const hues = useHues(ladder.lanes);
  const { width, lanes, rows, folds, height, packets } = ladder;
  const bottom = Math.min(ladder.bottom, height);
  const at = rows.find(({ packet }) => packet === chosen);
  return (
    <svg
      className={styles.body}
      role="presentation"
      width={width}
      height={Math.max(0, bottom - ladder.top)}
      viewBox={`0 ${ladder.top} ${width} ${Math.max(0, bottom - ladder.top)}`}
      style={{ top }}
    >
      {at === undefined ? null : <rect className={styles.chosen} x="0" y={at.y - 10.5} width={width} height="21" />}
      {lanes.map(({ x }, i) => (
        <path key={i} className={styles.lane} data-tone={hues[i]} d={`M${x} ${ladder.top}V${bottom}`} />
      ))}
      {folds.map((fold) => (
        <Fold key={fold.y} fold={fold} lanes={lanes} />
      ))}
      {rows.map((row) => (
        <Packet
          key={row.packet}
          row={row}
          hues={hues}
          chosen={row.packet === chosen}
          packets={packets}
          told={told}
          onChoose={onChoose}
        />
      ))}
    </svg>
  );
});

/** A gap of time that is shorter than it should be: each lane is broken, and the words say how long it was. */
function Fold({ fold, lanes }: { readonly fold: LadderFold; readonly lanes: readonly LadderLane[] }) {
  const { y, from, to, label } = fold;
  return (
    <g className={styles.folded}>
      <path className={styles.foldLine} d={`M${from} ${y}H${to}`} />
      {lanes.map(({ x }, i) => (
        <g key={i}>
          <rect className={styles.foldGround} x={x - 5} y={y - 4} width="10" height="8" />
          <path className={styles.foldMark} d={`M${x - 5} ${y - 1.5}l10 -4M${x - 5} ${y + 5.5}l10 -4`} />
        </g>
      ))}
      <Label label={label} />
    </g>
  );
}

interface PacketProps {
  readonly row: LadderRow;
  readonly hues: readonly (Hue | 'other')[];
  readonly chosen: boolean;
  readonly packets: number;
  readonly told: (row: LadderRow) => string;
  readonly onChoose: (packet: number) => void;
}

const Packet = memo(function Packet({ row, hues, chosen, packets, told, onChoose }: PacketProps) {
  const { packet, time, words, lines, stops, arrow, lost, split, again } = row;
  const whole = lines.map(({ from, to }) => `M${from.x} ${from.y}L${to.x} ${to.y}`).join('');
  return (
    <g
      id={`ladder-packet-${packet}`}
      data-testid={`ladder-packet-${packet}`}
      className={styles.packet}
      role="option"
      aria-selected={chosen}
      aria-posinset={packet + 1}
      aria-setsize={packets}
      aria-description={told(row)}
      data-again={again}
      onClick={() => {
        onChoose(packet);
      }}
      onPointerEnter={() => {
        useLadderView.getState().point(packet);
      }}
      onPointerLeave={() => {
        useLadderView.getState().point(null);
      }}
    >
      <rect className={styles.touch} {...time.box} />
      <rect className={styles.touch} {...words.box} />
      <path className={styles.touchLine} d={whole} />
      {split === null ? null : (
        <path className={styles.split} data-tone={hues[split.lane]} d={`M${split.x} ${split.top}V${split.bottom}`} />
      )}
      {lines.map((line, i) => (
        <Line key={i} line={line} tone={hues[line.lane]} />
      ))}
      {lost === null ? null : (
        <path
          className={styles.lostLine}
          d={`M${lost.from.x} ${lost.from.y}L${lost.to.x} ${lost.to.y}M${lost.to.x - 4} ${lost.to.y - 4}l8 8m0 -8l-8 8`}
        />
      )}
      {arrow === null ? null : (
        <path
          className={styles.arrow}
          data-tone={hues[arrow.lane]}
          transform={`translate(${arrow.x} ${arrow.y}) rotate(${arrow.angle})`}
          d="M-4 0l-7 -3.6v7.2z"
        />
      )}
      {stops.map(({ x, y, lane, hollow }, i) => (
        <circle key={i} className={styles.stop} data-tone={hues[lane]} data-hollow={hollow} cx={x} cy={y} r="3" />
      ))}
      <Label label={time} />
      <Label label={words} apart />
    </g>
  );
});

function Line({ line, tone }: { readonly line: LadderLine; readonly tone: string | undefined }) {
  const { from, to, thick } = line;
  return (
    <path className={styles.line} data-tone={tone} data-thick={thick} d={`M${from.x} ${from.y}L${to.x} ${to.y}`} />
  );
}
