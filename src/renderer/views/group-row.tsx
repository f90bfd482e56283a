import { ChevronDown, ChevronRight } from 'lucide-react';
import { memo } from 'react';
import type { JourneyGroup } from '../../shared/contract.ts';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { UNCHANGED } from '../text/endpoint.ts';
import { bytes, counted } from '../text/format.ts';
import { withPointNames } from '../text/words.ts';
import { Chip } from '../widgets/chip.tsx';
import { markingOf, type RowProps } from './journey-row.tsx';
import styles from './journeys-view.module.css';

interface GroupRowProps extends RowProps {
  readonly group: JourneyGroup;
}

/** What the journeys below have in common, and their sums. */
export const GroupRow = memo(function GroupRow({ group, index, top, layout, marked, atCursor }: GroupRowProps) {
  const points = useSession((state) => state.points);
  const grouping = useJourneys((state) => state.grouping);
  const { address, port, words, folded } = group;
  const Chevron = folded ? ChevronRight : ChevronDown;
  return (
    <div
      role="row"
      id={`journey-row-${index}`}
      data-testid={`group-row-${group.key}`}
      data-cursor={atCursor}
      aria-rowindex={index + 2}
      aria-level={1}
      aria-expanded={!folded}
      aria-selected={marked}
      className={`${styles.row} ${styles.group}`}
      style={{ top, height: layout.rowHeight }}
      onClick={(event) => {
        const { fold, go } = useJourneys.getState();
        const marking = markingOf(event);
        if (marking === 'alone') fold(!folded, group);
        else void go(index, marking);
      }}
    >
      <div role="gridcell" className={styles.groupName}>
        <Chevron size={15} aria-hidden="true" />
        {address === null ? (
          withPointNames(words ?? '', points)
        ) : (
          <Chip
            endpoint={{ address, port: port === null ? '' : `:${port}` }}
            changed={UNCHANGED}
            server={grouping === 'destination'}
          />
        )}
      </div>
      <div role="gridcell" className={styles.groupSums}>
        {counted(group.journeys, 'journey')} · {counted(group.packets, 'packet')} · {bytes(group.bytes)}
      </div>
    </div>
  );
});
