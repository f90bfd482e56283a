// Paints the path map's shapes. Stages and gates can be focused and tell their reason.
import type {
  MapChip,
  MapFrame,
  MapGate,
  MapLabel,
  MapLine,
  MapStage,
  PathDrawing,
  StageState,
  Tone,
} from '../../shared/contract.ts';
import { useSession } from '../state/session.ts';
import type { Hue } from '../state/identities.ts';
import { addressRange, RANGE_NAME } from '../text/address-range.ts';
import { joined } from '../text/endpoint.ts';
import { RangeMark } from '../widgets/range-mark.tsx';
import { Tooltip } from '../widgets/tooltip.tsx';
import styles from './path-picture.module.css';

export function PathPicture({ drawing }: { readonly drawing: PathDrawing }) {
  return (
    <svg width={drawing.width} height={drawing.height} role="group" aria-label={drawing.summary}>
      <defs>
        <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
          <path className={styles.hatch} d="M0 0V6" />
        </pattern>
      </defs>
      {drawing.frames.map((frame) => (
        <Frame key={frame.kind} frame={frame} />
      ))}
      {drawing.lines.map((line, i) => (
        <Line key={i} line={line} />
      ))}
      {drawing.stages.map((stage) => (
        <Stage key={`${stage.number ?? ''} ${stage.points.join(' ')} ${stage.name.box.x}`} stage={stage} />
      ))}
      {drawing.ends.map((end) => (
        <g key={end.kind} data-tone="server" className={end.seen ? styles.end : `${styles.end} ${styles.unseen}`}>
          <rect {...end.box} rx="7" />
          {end.labels.map((label, i) => (
            <Text key={i} label={label} />
          ))}
        </g>
      ))}
      {drawing.gates.map((gate) => (
        <Gate key={gate.box.x} gate={gate} />
      ))}
      {drawing.chips.map((chip) => (
        <AddressChip key={`${chip.direction} ${chip.box.x} ${chip.box.y}`} chip={chip} />
      ))}
      {drawing.lanes.map((label, i) => (
        <Text key={i} label={label} />
      ))}
    </svg>
  );
}

function Text({ label, className }: { readonly label: MapLabel; readonly className?: string | undefined }) {
  const { box, lines, align } = label;
  const x = align === 'start' ? box.x : box.x + box.width / 2;
  return (
    <text
      className={`${styles.text} ${styles[label.kind] ?? ''} ${className ?? ''}`}
      fontSize={label.size}
      textAnchor={align}
      data-mono={label.mono}
    >
      {lines.map((line, i) => (
        <tspan key={i} x={x} y={box.y + (i + 0.5) * label.lineHeight} dy="0.34em">
          {line}
        </tspan>
      ))}
    </text>
  );
}

function Frame({ frame }: { readonly frame: MapFrame }) {
  return (
    <g className={frame.evident ? styles.frameShape : `${styles.frameShape} ${styles.faint}`} data-frame={frame.kind}>
      <rect {...frame.box} rx="8" />
      <Text label={frame.title} />
    </g>
  );
}

/** The hue of the address, where it has one; otherwise that of the place. */
function useHue(address: string | null, tone: Tone): Hue | 'other' {
  const hue = useSession((state) => (address === null ? null : state.identities.hueOf(address)));
  return hue ?? tone;
}

function Line({ line }: { readonly line: MapLine }) {
  const { from, to } = line;
  const hue = useHue(line.address, line.tone);
  const back = to.x < from.x ? -1 : 1;
  const end = line.arrow ? to.x - back * 2 : to.x;
  return (
    <g data-tone={hue} className={styles.line}>
      <path d={`M${from.x} ${from.y}H${end}`} strokeDasharray={line.dashed ? '5 4' : undefined} />
      {line.arrow ? (
        <path
          className={styles.tip}
          d={`M${to.x - back * 7} ${to.y - 4.5} ${to.x - back} ${to.y} ${to.x - back * 7} ${to.y + 4.5}`}
        />
      ) : null}
    </g>
  );
}

function Stage({ stage }: { readonly stage: MapStage }) {
  const name = stage.name.lines.join(' ');
  return (
    <Tooltip text={stage.reason}>
      <g
        className={styles.stage}
        data-state={stage.state}
        tabIndex={0}
        role="img"
        aria-label={`${name}: ${stage.word.lines.join(' ')}. ${stage.reason}`}
      >
        <rect
          className={styles.focus}
          x={Math.min(stage.name.box.x, stage.mark.x - 6) - 2}
          y={stage.name.box.y - 1}
          width={Math.max(stage.name.box.width, stage.word.box.x + stage.word.box.width - stage.mark.x + 6) + 4}
          height={stage.word.box.y + stage.word.box.height - stage.name.box.y + 2}
          rx="4"
        />
        <Text label={stage.name} />
        <StateMark state={stage.state} {...stage.mark} />
        <Text label={stage.word} />
        {stage.stops.map((stop) => (
          <StateMark key={stop.y} state={stage.state} {...stop} />
        ))}
      </g>
    </Tooltip>
  );
}

interface StateMarkProps {
  readonly state: StageState;
  readonly x: number;
  readonly y: number;
}

/** A full disc, a half one, an empty broken one, a cross, a dash: readable without colour. */
export function StateMark({ state, x, y }: StateMarkProps) {
  if (state === 'not-seen')
    return <path className={styles.mark} data-state={state} d={`M${x - 3} ${y - 3}l6 6m0-6l-6 6`} />;
  if (state === 'absent') return <path className={styles.mark} data-state={state} d={`M${x - 4} ${y}h8`} />;
  return (
    <g className={styles.mark} data-state={state}>
      <circle cx={x} cy={y} r="4" strokeDasharray={state === 'not-captured' ? '2 1.6' : undefined} />
      {state === 'inferred' ? <path className={styles.half} d={`M${x} ${y - 4}a4 4 0 0 1 0 8Z`} /> : null}
    </g>
  );
}

function Gate({ gate }: { readonly gate: MapGate }) {
  const hue = useHue(gate.address, gate.tone);
  const { box } = gate;
  const name = gate.labels.flatMap((label) => label.lines).join(', ');
  return (
    <Tooltip text={<GateFacts gate={gate} />}>
      <g
        className={styles.gateBox}
        data-tone={hue}
        data-state={gate.state}
        tabIndex={0}
        role="img"
        aria-label={`${name}. ${gate.reason}`}
      >
        <rect className={styles.ground} {...box} rx="7" />
        {gate.state === 'seen' ? null : <rect className={styles.hatched} {...box} rx="7" fill="url(#hatch)" />}
        <rect className={styles.border} {...box} rx="7" />
        {gate.labels.map((label, i) => (
          <Text key={i} label={label} />
        ))}
      </g>
    </Tooltip>
  );
}

function GateFacts({ gate }: { readonly gate: MapGate }) {
  return (
    <div className={styles.facts}>
      <p>{gate.reason}</p>
      {gate.conntrack === null ? null : <code>{gate.conntrack}</code>}
      {gate.rule === null ? null : <code>{gate.rule}</code>}
    </div>
  );
}

function AddressChip({ chip }: { readonly chip: MapChip }) {
  const known = useHue(chip.address, chip.tone);
  const hue = chip.tone === 'server' ? 'server' : known;
  const range = addressRange(chip.address);
  const { box } = chip;
  // The mark stands before the text, which is centred in what is left.
  const inset = chip.marked ? 13 : 0;
  const x = box.x + inset + (box.width - inset) / 2;
  const top = box.y + (box.height - chip.lines.length * chip.lineHeight) / 2;
  const meaning = `${chip.meaning === 'source' ? 'from' : 'to'} ${joined(chip)}`;
  return (
    <g
      data-tone={hue}
      className={styles.chip}
      role="img"
      aria-label={`${chip.direction === 'out' ? 'out' : 'back'}: ${meaning}, ${RANGE_NAME[range]}`}
    >
      <title>{`${meaning} · ${RANGE_NAME[range]}`}</title>
      <rect {...box} rx="6" />
      {chip.marked ? (
        <g className={styles.range}>
          <RangeMark range={range} x={box.x + 6} y={top + chip.lineHeight / 2 - 5} />
        </g>
      ) : null}
      <text fontSize={chip.size} textAnchor="middle">
        {chip.lines.map((runs, i) => (
          <tspan key={i} x={x} y={top + (i + 0.5) * chip.lineHeight} dy="0.34em">
            {runs.map((run) => (
              <tspan
                key={run.part}
                className={run.part !== 'count' && chip.changed[run.part] ? styles.changed : undefined}
              >
                {run.text}
              </tspan>
            ))}
          </tspan>
        ))}
      </text>
    </g>
  );
}
