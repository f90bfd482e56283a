import { useSession } from '../state/session.ts';
import { bytes, counted } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import styles from './progress-panel.module.css';

/** How far the opening is, with a way out. */
export function ProgressPanel() {
  const opening = useSession((state) => state.opening);
  const cancel = useSession((state) => state.cancel);
  if (opening === null) return null;
  const { progress } = opening;
  const share =
    progress === null || progress.bytesTotal === 0 ? 0 : Math.min(1, progress.bytesRead / progress.bytesTotal);
  const correlating = progress?.stage === 'correlating';
  return (
    <div className={styles.veil}>
      <section className={styles.panel} data-testid="progress" aria-label="Opening" aria-live="polite">
        <h2>{correlating ? 'Finding the same connections at each point' : 'Reading the captures'}</h2>
        <progress className={styles.bar} value={correlating ? undefined : share} max={1} aria-label="Bytes read" />
        <p className={styles.figures}>
          {progress === null
            ? 'Starting…'
            : `${bytes(progress.bytesRead)} of ${bytes(progress.bytesTotal)} · ${counted(progress.packets, 'packet')}`}
        </p>
        <Button data-testid="cancel" onClick={() => void cancel()}>
          Cancel
        </Button>
      </section>
    </div>
  );
}
