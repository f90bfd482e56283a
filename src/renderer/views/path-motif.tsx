import styles from './path-motif.module.css';

const STRETCHES = [
  { tone: 'pod', label: 'pod', from: 0, to: 112 },
  { tone: 'node', label: 'node', from: 126, to: 226 },
  { tone: 'nat', label: 'NAT', from: 240, to: 340 },
  { tone: 'public', label: 'public', from: 354, to: 456 },
] as const;
const BOXES = [112, 226, 340];

/** A picture of what the program is about: one line, four identities. It shows no data. */
export function PathMotif() {
  return (
    <svg className={styles.motif} viewBox="-6 0 468 150" aria-hidden="true">
      {STRETCHES.map(({ tone, label, from, to }) => (
        <g key={tone} data-tone={tone}>
          <path className={styles.line} d={`M${from} 62H${to - 5}`} />
          <path className={styles.tip} d={`M${to - 10} 57 ${to - 4} 62 ${to - 10} 67`} />
          <path className={styles.line} d={`M${from + 5} 104H${to}`} />
          <path className={styles.tip} d={`M${from + 10} 99 ${from + 4} 104 ${from + 10} 109`} />
          <rect className={styles.chip} x={(from + to) / 2 - 32} y="20" width="64" height="24" rx="6" />
          <text className={styles.text} x={(from + to) / 2} y="36">
            {label}
          </text>
        </g>
      ))}
      {BOXES.map((x) => (
        <rect key={x} className={styles.box} x={x} y="48" width="14" height="70" rx="4" />
      ))}
    </svg>
  );
}
