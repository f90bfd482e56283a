import { ChevronLeft, ChevronRight, MousePointerClick } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { Passage } from '../../shared/contract.ts';
import { useJourneys } from '../state/journeys.ts';
import { passageAt, useFollowedPackets, usePacketDiff, usePackets } from '../state/packets.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { count } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { DiffBytes } from './diff-bytes.tsx';
import { DiffFields } from './diff-fields.tsx';
import { PassageList } from './passage-list.tsx';
import styles from './packet-diff-view.module.css';

/** One packet of the selected journey at all its points, field by field and byte by byte. */
export function PacketDiffView() {
  const journey = useJourneys((state) => state.selected);
  const points = useSession((state) => state.points);
  const index = usePackets((state) => state.index);
  const total = usePackets((state) => state.total);
  const passage = usePackets((state) => passageAt(state.windows, index));
  const { choose } = usePackets.getState();
  useFollowedPackets();
  const diff = usePacketDiff(journey?.id ?? null, index);

  if (journey === null)
    return (
      <div data-testid="packet-diff" className={styles.nothing}>
        <EmptyState icon={<MousePointerClick size={22} />} title="No journey is selected">
          <p>Select one in the journeys, then its packets show here at every point side by side.</p>
          <Button
            onClick={() => {
              useView.getState().showTab('journeys');
            }}
          >
            To the journeys
          </Button>
        </EmptyState>
      </div>
    );
  const press = (event: KeyboardEvent): void => {
    if (event.key === '[') choose(index - 1);
    else if (event.key === ']') choose(index + 1);
  };
  return (
    <div className={styles.view} data-testid="packet-diff" onKeyDown={press}>
      <PassageList />
      <div className={styles.packet}>
        <DiffHead index={index} total={total} passage={passage} />
        {diff === null ? (
          <EmptyState icon={null} title={total === 0 ? 'Looking for its packets…' : 'Reading the packet…'} />
        ) : (
          <div className={styles.diff}>
            <DiffFields diff={diff} points={points} passage={passage} />
            <DiffBytes diff={diff} points={points} />
          </div>
        )}
      </div>
    </div>
  );
}

interface DiffHeadProps {
  readonly index: number;
  readonly total: number;
  readonly passage: Passage | undefined;
}

function DiffHead({ index, total, passage }: DiffHeadProps) {
  const onlyChanges = usePackets((state) => state.onlyChanges);
  const { choose, showOnlyChanges } = usePackets.getState();
  return (
    <header className={styles.head}>
      <Button
        look="quiet"
        icon={<ChevronLeft size={16} />}
        aria-label="Previous packet"
        title="Previous packet ([)"
        disabled={index === 0}
        onClick={() => {
          choose(index - 1);
        }}
      />
      <span className={styles.place} aria-live="polite">
        Packet {count(index + 1)} of {count(total)}
      </span>
      <Button
        look="quiet"
        icon={<ChevronRight size={16} />}
        aria-label="Next packet"
        title="Next packet (])"
        disabled={index >= total - 1}
        onClick={() => {
          choose(index + 1);
        }}
      />
      <span className={styles.label}>
        {passage === undefined
          ? ''
          : `${passage.direction === 'out' ? 'out →' : '← back'}  ${passage.label}${passage.name === null ? '' : ` · ${passage.name}`}`}
      </span>
      <label className={styles.switch}>
        <input
          type="checkbox"
          checked={onlyChanges}
          onChange={(event) => {
            showOnlyChanges(event.target.checked);
          }}
        />
        Only changes
      </label>
    </header>
  );
}
