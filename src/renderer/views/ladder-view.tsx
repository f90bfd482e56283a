import { ListOrdered, Minus, MousePointerClick, Plus } from 'lucide-react';
import { useCallback, useEffect, type KeyboardEvent } from 'react';
import type { Journey, Ladder, LadderRow, TimeForm } from '../../shared/contract.ts';
import { useJourneys } from '../state/journeys.ts';
import { useLadderStretch, useLadderView } from '../state/ladder.ts';
import { useFollowedPackets, usePackets } from '../state/packets.ts';
import { useView } from '../state/view.ts';
import { count, counted, duration } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Segmented } from '../widgets/segmented.tsx';
import { useWidth } from '../widgets/use-width.ts';
import { LadderBody, LadderHead } from './ladder-picture.tsx';
import styles from './ladder-view.module.css';

/** The grid always keeps room for its scrollbar. */
const SCROLLBAR = 11;
const TIMES: readonly (readonly [TimeForm, string])[] = [
  ['relative', 'Relative'],
  ['delta', 'Delta'],
  ['absolute', 'Absolute'],
];

/** The packets of the selected journey: time downwards, a lane a point, each packet a line through the lanes. */
export function LadderView() {
  const journey = useJourneys((state) => state.selected);
  useFollowedPackets();
  return (
    <div className={styles.view} data-testid="ladder">
      {journey === null ? (
        <EmptyState icon={<MousePointerClick size={22} />} title="No journey is selected">
          <p>Select one in the journeys, then its packets run down here from point to point.</p>
          <Button
            onClick={() => {
              useView.getState().showTab('journeys');
            }}
          >
            To the journeys
          </Button>
        </EmptyState>
      ) : (
        <JourneyLadder key={journey.id} journey={journey} />
      )}
    </div>
  );
}

function JourneyLadder({ journey }: { readonly journey: Journey }) {
  const [measured, outer] = useWidth();
  const index = usePackets((state) => state.index);
  const total = usePackets((state) => state.total);
  const { choose } = usePackets.getState();
  const { zoomBy, zoomTo, showTimes } = useLadderView.getState();
  const width = Math.max(0, outer - SCROLLBAR);
  const { ladder, problem, scroll, show } = useLadderStretch(journey.id, width, index);
  const { attach, canvas, place, view } = scroll;
  useEffect(() => {
    if (total > 0 && ladder !== null) show(index);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- only when another packet is chosen
  }, [index, total]);
  const told = useCallback((row: LadderRow) => (ladder === null ? '' : sentence(row, ladder)), [ladder]);

  const press = (event: KeyboardEvent): void => {
    const page = Math.max(1, Math.floor(view / 40));
    const to = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + page,
      PageUp: index - page,
      Home: 0,
      End: total - 1,
    }[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (to !== undefined) choose(to);
    else if (event.key === 'Enter') useView.getState().showTab('diff');
    else if (event.key === '+' || event.key === '=') zoomBy(2);
    else if (event.key === '-') zoomBy(1 / 2);
    else if (event.key === '0') zoomTo(1);
    else if (event.key === 't' || event.key === 'T') {
      const now = TIMES.findIndex(([form]) => form === useLadderView.getState().times);
      showTimes(TIMES[(now + 1) % TIMES.length]![0]);
    } else return;
    event.preventDefault();
  };

  if (problem !== null)
    return (
      <EmptyState icon={<ListOrdered size={22} />} title="The ladder could not be drawn">
        {problem}
      </EmptyState>
    );
  return (
    <>
      <Tools ladder={ladder} />
      <div className={styles.frame} ref={measured}>
        <div
          className={styles.scroller}
          ref={attach}
          role="listbox"
          tabIndex={0}
          aria-label="Packets of the journey, from point to point"
          aria-activedescendant={total === 0 ? undefined : `ladder-packet-${index}`}
          onKeyDown={press}
          onDoubleClick={() => {
            useView.getState().showTab('diff');
          }}
        >
          {ladder === null ? null : (
            <>
              <div className={styles.head} role="presentation" style={{ width: ladder.width }}>
                <LadderHead ladder={ladder} />
              </div>
              <div
                className={styles.canvas}
                role="presentation"
                style={{ width: ladder.width, height: canvas - ladder.headHeight }}
              >
                <LadderBody ladder={ladder} top={place(ladder.top)} chosen={index} told={told} onChoose={choose} />
              </div>
            </>
          )}
        </div>
        {ladder === null ? <EmptyState icon={null} title="Looking for its packets…" /> : null}
      </div>
      {ladder === null ? null : <Hops ladder={ladder} />}
    </>
  );
}

function Tools({ ladder }: { readonly ladder: Ladder | null }) {
  const zoom = useLadderView((state) => state.zoom);
  const times = useLadderView((state) => state.times);
  const { zoomBy, zoomTo, showTimes } = useLadderView.getState();
  return (
    <header className={styles.tools}>
      <Segmented label="Times" value={times} options={TIMES} onChange={showTimes} />
      <span className={styles.zoom} role="group" aria-label="Zoom of the time">
        <Button
          look="quiet"
          icon={<Minus size={14} />}
          aria-label="Press time together"
          title="Press time together (−)"
          onClick={() => {
            zoomBy(1 / 2);
          }}
        />
        <Button
          look="quiet"
          title="As it suits the journey (0)"
          onClick={() => {
            zoomTo(1);
          }}
        >
          {zoom >= 1 ? `× ${zoom}` : `÷ ${1 / zoom}`}
        </Button>
        <Button
          look="quiet"
          icon={<Plus size={14} />}
          aria-label="Stretch time"
          title="Stretch time (+)"
          onClick={() => {
            zoomBy(2);
          }}
        />
      </span>
      <Legend />
      <span className={styles.count}>{ladder === null ? '' : counted(ladder.packets, 'packet')}</span>
    </header>
  );
}

function Legend() {
  return (
    <ul className={styles.legend} aria-label="Legend">
      <li>
        <svg width="26" height="10" aria-hidden="true">
          <path className={styles.lostMark} d="M0 5H16M13 1l8 8m0 -8l-8 8" />
        </svg>
        lost
      </li>
      <li>
        <svg width="26" height="10" aria-hidden="true">
          <path className={styles.mark} strokeDasharray="6 4" d="M0 5H26" />
        </svg>
        sent again
      </li>
      <li>
        <svg width="26" height="10" aria-hidden="true">
          <path className={styles.thick} d="M0 5H13" />
          <path className={styles.mark} d="M13 5H26M13 1V9M13 1H26M13 9H26" />
        </svg>
        segmented
      </li>
      <li>
        <svg width="12" height="10" aria-hidden="true">
          <circle className={styles.mark} cx="6" cy="5" r="3" />
        </svg>
        not seen further
      </li>
    </ul>
  );
}

/** The packet under the pointer, or else the chosen one: from point to point, and how long each hop took. */
function Hops({ ladder }: { readonly ladder: Ladder }) {
  const pointed = useLadderView((state) => state.pointed);
  const index = usePackets((state) => state.index);
  const row = ladder.rows.find(({ packet }) => packet === (pointed ?? index));
  return (
    <footer className={styles.hops} data-testid="ladder-hops">
      {row === undefined ? null : (
        <>
          <span className={styles.packet}>
            {count(row.packet + 1)} {row.direction === 'out' ? '→' : '←'} {row.name}
          </span>
          {row.hops.map((hop, i) => (
            <span key={i} className={styles.hop}>
              {i === 0 ? null : <span className={styles.delay}>{delayText(row, i, ladder)}</span>}
              {ladder.lanes[hop.lane]?.name}
            </span>
          ))}
          {row.lost === null ? null : <span className={styles.lost}>lost after here</span>}
        </>
      )}
    </footer>
  );
}

/** `+36.5 µs`, with what the clocks leave open where that is not small against it. */
function delayText({ hops }: LadderRow, at: number, { lanes }: Ladder): string {
  const [before, here] = [hops[at - 1]!, hops[at]!];
  if (before.atNs === null || here.atNs === null) return 'no time';
  const ns = here.atNs - before.atNs;
  const doubt = (lanes[before.lane]?.clock?.uncertaintyNs ?? 0) + (lanes[here.lane]?.clock?.uncertaintyNs ?? 0);
  const told = `${ns < 0 ? '−' : '+'}${duration(Math.abs(ns))}`;
  return doubt > Math.abs(ns) / 20 ? `${told} ±${duration(doubt)}` : told;
}

function sentence(row: LadderRow, ladder: Ladder): string {
  const way = row.hops
    .map((hop, i) => `${i === 0 ? '' : `${delayText(row, i, ladder)} `}${ladder.lanes[hop.lane]?.name ?? ''}`)
    .join(', ');
  return [
    `${row.direction}${row.again ? ', again' : ''}: ${row.name}`,
    way,
    ...(row.lost === null ? [] : ['lost after that']),
  ].join('; ');
}
