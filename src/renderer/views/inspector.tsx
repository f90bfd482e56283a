import { MousePointerClick } from 'lucide-react';
import type { Candidates, Change, Confidence, Journey, Point } from '../../shared/contract.ts';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { conntrackLines, tcpdumpFilter, wiresharkFilter } from '../text/capture-filters.ts';
import { destinationOf, joined, legAt, sourceOf } from '../text/endpoint.ts';
import { count, counted, duration } from '../text/format.ts';
import {
  CONFIDENCE_NAME,
  CONFIDENCE_REASON,
  evidenceName,
  KIND_NAME,
  nameOfPoint,
  protocolName,
  RELATED_NAME,
  RELATED_REASON,
  withPointNames,
} from '../text/words.ts';
import { Badge, type BadgeLook } from '../widgets/badge.tsx';
import { Breakable } from '../widgets/breakable.tsx';
import { Button } from '../widgets/button.tsx';
import { Chip } from '../widgets/chip.tsx';
import { ConfidenceMark } from '../widgets/confidence-mark.tsx';
import { CopyButton } from '../widgets/copy-button.tsx';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Facts } from '../widgets/facts.tsx';
import { UNCHANGED } from '../text/endpoint.ts';
import styles from './inspector.module.css';

/** Why the selected journey is tied together, and what happened to it. */
export function Inspector() {
  const journey = useJourneys((state) => state.selected);
  const points = useSession((state) => state.points);
  return (
    <section className={styles.inspector} data-testid="inspector" aria-label="Inspector">
      {journey === null ? (
        <EmptyState icon={<MousePointerClick size={22} />} title="Select a journey">
          Its translations, the evidence that ties its points, and filters for other tools show here.
        </EmptyState>
      ) : (
        <JourneyFacts journey={journey} points={points} />
      )}
    </section>
  );
}

const CONFIDENCE_LOOK: Record<Confidence, BadgeLook> = {
  exact: 'good',
  strong: 'good',
  probable: 'warn',
  ambiguous: 'warn',
  single: 'neutral',
};

function JourneyFacts({ journey, points }: { readonly journey: Journey; readonly points: readonly Point[] }) {
  const [first] = journey.legs;
  return (
    <>
      <header className={styles.head}>
        <div className={styles.title}>
          <h2>
            {protocolName(journey.proto)} journey {journey.id}
          </h2>
          <Badge
            look={CONFIDENCE_LOOK[journey.confidence]}
            icon={<ConfidenceMark confidence={journey.confidence} />}
            title={CONFIDENCE_REASON[journey.confidence]}
          >
            {CONFIDENCE_NAME[journey.confidence]}
          </Badge>
        </div>
        {first === undefined ? null : (
          <p className={styles.ends}>
            <Breakable text={`${joined(sourceOf(first))} → ${joined(destinationOf(first))}`} />
          </p>
        )}
        {journey.direction === 'unknown' ? <p className={styles.remark}>Which side began it is not known.</p> : null}
        <Button
          onClick={() => {
            useView.getState().showTab('diff');
          }}
        >
          Packet diff
        </Button>
      </header>
      {journey.changes.map((change, i) => (
        <Tie key={i} change={change} points={points} />
      ))}
      {journey.candidates.map((candidates) => (
        <Open key={`${candidates.from} ${candidates.to}`} candidates={candidates} points={points} />
      ))}
      {journey.related.map(({ kind, journey: other }) => (
        <section key={`${kind} ${other}`} className={styles.part}>
          <h3>{RELATED_NAME[kind]}</h3>
          <p className={styles.remark}>{RELATED_REASON[kind]}</p>
          <Button
            onClick={() => {
              void useJourneys.getState().selectId(other);
            }}
          >
            Show {other}
          </Button>
        </section>
      ))}
      {journey.notSeenAt.map((id) => (
        <section key={id} className={styles.part}>
          <h3>Not seen at {nameOfPoint(id, points)}</h3>
          <p className={styles.remark}>This point was capturing and could have seen it.</p>
        </section>
      ))}
      {journey.metadata.length === 0 ? null : (
        <section className={styles.part}>
          <h3>From comments in the captures</h3>
          <Facts facts={journey.metadata.map(({ key, value }) => [key, value])} />
        </section>
      )}
      <CopyPart journey={journey} points={points} />
    </>
  );
}

function Tie({ change, points }: { readonly change: Change; readonly points: readonly Point[] }) {
  const [from, to] = [nameOfPoint(change.from, points), nameOfPoint(change.to, points)];
  return (
    <section className={styles.part}>
      <h3>{from === to ? `Why both sides seen at ${to} are tied` : `Why ${to} is tied to ${from}`}</h3>
      <Facts
        facts={[
          ...change.evidence.map(({ kind, count: n }) => [evidenceName(kind), count(n)] as const),
          ['confidence', CONFIDENCE_NAME[change.confidence]],
        ]}
      />
      <h4>What changed</h4>
      <Facts facts={changedFacts(change)} />
      {change.conntrack === null ? null : (
        <figure className={styles.entry}>
          <figcaption>
            Conntrack entry{' '}
            <Badge look={change.conntrackSource === 'dump' ? 'good' : 'neutral'}>
              {change.conntrackSource === 'dump' ? 'stands in the dump' : 'follows from the packets'}
            </Badge>
          </figcaption>
          <code>{change.conntrack}</code>
        </figure>
      )}
      {change.rule === null ? null : (
        <figure className={styles.entry}>
          <figcaption>Rule that did it</figcaption>
          <code>{change.rule}</code>
        </figure>
      )}
      <h4>Packets between them, out / back</h4>
      <Facts facts={passageFacts(change)} />
    </section>
  );
}

type Fact = readonly [name: string, value: string];

function changedFacts(change: Change): Fact[] {
  const facts: Fact[] = [['translation', KIND_NAME[change.kind]]];
  if (change.src[0] !== change.src[1]) facts.push(['source', `${change.src[0]} → ${change.src[1]}`]);
  if (change.dst[0] !== change.dst[1]) facts.push(['destination', `${change.dst[0]} → ${change.dst[1]}`]);
  if (change.kind !== 'none') facts.push(['source port', change.portChanged ? 'changed' : 'kept']);
  return facts;
}

function passageFacts({ passed, lost, born, delayNs }: Change): Fact[] {
  const facts: Fact[] = [['passed', both(passed)]];
  if (lost[0] + lost[1] > 0) facts.push(['lost', both(lost)]);
  if (born[0] + born[1] > 0) facts.push(['born on the way', both(born)]);
  if (delayNs.out !== null)
    facts.push(['delay out, median (99 %)', `${duration(delayNs.out[0])} (${duration(delayNs.out[1])})`]);
  if (delayNs.back !== null)
    facts.push(['delay back, median (99 %)', `${duration(delayNs.back[0])} (${duration(delayNs.back[1])})`]);
  return facts;
}

function both([out, back]: readonly [number, number]): string {
  return `${count(out)} / ${count(back)}`;
}

const CANDIDATES_SHOWN = 8;

function Open({ candidates, points }: { readonly candidates: Candidates; readonly points: readonly Point[] }) {
  const { legs, count: total } = candidates;
  return (
    <section className={styles.part}>
      <h3>
        {nameOfPoint(candidates.from, points)} to {nameOfPoint(candidates.to, points)}: ambiguous (
        {counted(total, 'candidate')})
      </h3>
      <ul className={styles.candidates}>
        {legs.slice(0, CANDIDATES_SHOWN).map((leg, i) => (
          <li key={i}>
            <Chip endpoint={sourceOf(leg)} changed={UNCHANGED} stacked characters={40} />
            <span>
              {both(leg.packets)}
              <small>packets</small>
            </span>
          </li>
        ))}
      </ul>
      {total > CANDIDATES_SHOWN ? <p className={styles.remark}>and {count(total - CANDIDATES_SHOWN)} more</p> : null}
      <p className={styles.remark}>{withPointNames(candidates.wanted, points)}</p>
    </section>
  );
}

function CopyPart({ journey, points }: { readonly journey: Journey; readonly points: readonly Point[] }) {
  const entries = conntrackLines(journey);
  const seen = points.filter((point) => legAt(journey, point.id) !== undefined);
  return (
    <section className={styles.part}>
      <h3>Copy</h3>
      {entries.length === 0 ? null : (
        <CopyButton text={entries.join('\n')}>
          {entries.length === 1 ? 'Conntrack line' : `${entries.length} conntrack lines`}
        </CopyButton>
      )}
      {seen.map((point) => {
        const leg = legAt(journey, point.id)!;
        return (
          <div key={point.id} className={styles.copies}>
            <span>{point.name}</span>
            <CopyButton text={wiresharkFilter(journey.proto, leg)}>Wireshark</CopyButton>
            <CopyButton text={tcpdumpFilter(journey.proto, leg)}>tcpdump</CopyButton>
          </div>
        );
      })}
    </section>
  );
}
