import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { destinationOf, joined, sourceOf } from '../text/endpoint.ts';
import { count, duration } from '../text/format.ts';
import styles from './status-bar.module.css';

export function StatusBar() {
  const summary = useSession((state) => state.summary);
  const total = useJourneys((state) => state.total);
  const journeys = useJourneys((state) => state.journeys);
  const notice = useView((state) => state.notice);
  const selected = useJourneys((state) => state.selected);
  if (summary === null) return null;
  const [first] = selected?.legs ?? [];
  return (
    <footer className={styles.bar}>
      <span role="status">
        {count(total === null ? summary.journeys : journeys)} of {count(summary.journeys)} journeys
      </span>
      {first === undefined ? null : (
        <span className={styles.selected}>
          selected: {joined(sourceOf(first))} → {joined(destinationOf(first))}
        </span>
      )}
      <span className={styles.notice} role="status" data-testid="notice">
        {notice}
      </span>
      <span className={styles.end}>opened in {duration(summary.elapsedMs * 1e6)} · nothing leaves this machine</span>
    </footer>
  );
}
