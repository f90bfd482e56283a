import { useEffect, type KeyboardEvent } from 'react';
import type { Passage } from '../../shared/contract.ts';
import { passageAt, usePackets } from '../state/packets.ts';
import { useSession } from '../state/session.ts';
import { counted, duration } from '../text/format.ts';
import { nameOfPoint } from '../text/words.ts';
import { useRows } from '../widgets/use-rows.ts';
import styles from './passage-list.module.css';

const ROW = 38;

/** The journey's packets in time; the chosen one is shown beside. */
export function PassageList() {
  const total = usePackets((state) => state.total);
  const windows = usePackets((state) => state.windows);
  const index = usePackets((state) => state.index);
  const { show, choose } = usePackets.getState();
  const { attach, canvas, first, last, top, bring } = useRows({ count: total, rowHeight: ROW });
  useEffect(() => {
    show(first, last);
  }, [show, first, last, windows]);
  useEffect(() => {
    bring(index);
  }, [bring, index]);
  const press = (event: KeyboardEvent): void => {
    const to = { ArrowDown: index + 1, ArrowUp: index - 1, Home: 0, End: total - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(to);
  };
  return (
    <div
      className={styles.list}
      ref={attach}
      role="listbox"
      tabIndex={0}
      aria-label="Packets of the journey"
      aria-activedescendant={total === 0 ? undefined : `passage-${index}`}
      onKeyDown={press}
    >
      <div role="presentation" style={{ position: 'relative', height: canvas }}>
        {Array.from({ length: total === 0 ? 0 : last - first + 1 }, (_, i) => first + i).map((row) => (
          <PassageRow
            key={row}
            index={row}
            top={top(row)}
            passage={passageAt(windows, row)}
            chosen={row === index}
            total={total}
          />
        ))}
      </div>
    </div>
  );
}

interface PassageRowProps {
  readonly index: number;
  readonly top: number;
  readonly passage: Passage | undefined;
  readonly chosen: boolean;
  readonly total: number;
}

function PassageRow({ index, top, passage, chosen, total }: PassageRowProps) {
  const points = useSession((state) => state.points);
  const first = passage?.sightings[0];
  const lostAfter = passage?.lostAfter ?? null;
  const fate = lostAfter !== null ? 'lost' : passage?.retransmission === true ? 'again' : '';
  return (
    <div
      id={`passage-${index}`}
      role="option"
      aria-selected={chosen}
      aria-posinset={index + 1}
      aria-setsize={total}
      className={styles.row}
      data-fate={fate}
      style={{ top, height: ROW }}
      onClick={() => {
        usePackets.getState().choose(index);
      }}
    >
      {passage === undefined ? null : (
        <>
          <span className={styles.way} aria-label={passage.direction}>
            {passage.direction === 'out' ? '→' : '←'}
          </span>
          <span className={styles.label} title={passage.name ?? passage.label}>
            {passage.name ?? passage.label}
          </span>
          <span className={styles.facts}>
            {first === undefined ? '' : `+${duration(first.atNs)}`} · {counted(passage.sightings.length, 'point')}
            {fate === '' ? '' : ` · ${lostAfter === null ? 'again' : `lost after ${nameOfPoint(lostAfter, points)}`}`}
          </span>
        </>
      )}
    </div>
  );
}
