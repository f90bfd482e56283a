import { ArrowDown, ArrowUp, CircleAlert, CircleCheck, TriangleAlert, Undo2 } from 'lucide-react';
import type { KeyboardEvent } from 'react';
import type { Finding, Input, Point, Role, SideFile } from '../../shared/contract.ts';
import { hueOfPoint } from '../state/identities.ts';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { bytes, count, counted, duration, fileName, nsBetween } from '../text/format.ts';
import { ROLE_NAME } from '../text/words.ts';
import { Badge } from '../widgets/badge.tsx';
import { Button } from '../widgets/button.tsx';
import { Section } from '../widgets/section.tsx';
import { SeverityMark } from '../widgets/severity.tsx';
import styles from './points-panel.module.css';

/** What was opened: the points in path order, what lies beside them, and what could not be read. */
export function PointsPanel() {
  const summary = useSession((state) => state.summary);
  const points = useSession((state) => state.points);
  const undo = useSession((state) => state.undo);
  if (summary === null) return null;
  const problems = summary.inputs.filter((input) => input.error !== null);
  return (
    <div className={styles.panel}>
      <Section
        title="Points"
        action={
          summary.canUndo ? (
            <Button
              look="quiet"
              icon={<Undo2 size={14} />}
              onClick={() => void undo()}
              title="Take the last change of role or order back"
            >
              Undo
            </Button>
          ) : null
        }
      >
        {problems.length === 0 ? null : <Problems inputs={problems} />}
        <ol className={styles.points} data-testid="points">
          {points.map((point, index) => (
            <PointCard key={point.id} point={point} index={index} points={points} />
          ))}
        </ol>
      </Section>
      {summary.sideFiles.length === 0 ? null : (
        <Section title="Beside them">
          <ul className={styles.list}>
            {summary.sideFiles.map((side) => (
              <SideFileRow key={side.file} side={side} />
            ))}
          </ul>
        </Section>
      )}
      {summary.findings.length === 0 ? null : (
        <Section title={`Findings (${summary.findings.length})`}>
          <ul className={styles.list}>
            {summary.findings.map((finding, i) => (
              <FindingRow key={`${finding.code} ${i}`} finding={finding} />
            ))}
          </ul>
        </Section>
      )}
    </div>
  );
}

function Problems({ inputs }: { readonly inputs: readonly Input[] }) {
  return (
    <ul className={styles.problems} data-testid="inputs-problems" aria-label="Files with problems">
      {inputs.map(({ file, ok, error }) => (
        <li key={file} className={ok ? styles.partly : styles.unread}>
          {ok ? <TriangleAlert size={14} aria-label="Read in part" /> : <CircleAlert size={14} aria-label="Not read" />}
          <div>
            <strong title={file}>{fileName(file)}</strong>
            <p>{error}</p>
          </div>
        </li>
      ))}
    </ul>
  );
}

interface PointCardProps {
  readonly point: Point;
  readonly index: number;
  readonly points: readonly Point[];
}

function PointCard({ point, index, points }: PointCardProps) {
  const setRole = useSession((state) => state.setRole);
  const setOrder = useSession((state) => state.setOrder);
  const move = (by: -1 | 1): void => {
    const ids = points.map(({ id }) => id);
    const other = ids[index + by];
    if (other === undefined) return;
    [ids[index], ids[index + by]] = [other, point.id];
    void setOrder(ids);
  };
  const moveByKey = (event: KeyboardEvent): void => {
    if (!event.altKey || (event.key !== 'ArrowUp' && event.key !== 'ArrowDown')) return;
    event.preventDefault();
    move(event.key === 'ArrowUp' ? -1 : 1);
  };
  const { name } = point;
  return (
    <li
      className={styles.card}
      data-tone={hueOfPoint(point, points)}
      data-testid={`point-${point.id}`}
      onKeyDown={moveByKey}
    >
      <div className={styles.head}>
        <select
          className={styles.role}
          aria-label={`Role of ${fileName(point.file)}${point.interface === null ? '' : ` ${point.interface}`}`}
          title={`Role, ${ROLE_SOURCE[point.roleSource]}`}
          value={point.role}
          onChange={(event) => void setRole(point.id, event.target.value as Role)}
        >
          {Object.entries(ROLE_NAME).map(([role, label]) => (
            <option key={role} value={role}>
              {label}
            </option>
          ))}
        </select>
        <span className={styles.id}>{point.id}</span>
        <span className={styles.move}>
          <Button
            look="quiet"
            icon={<ArrowUp size={13} />}
            disabled={index === 0}
            aria-label={`Move ${name} towards the pod`}
            onClick={() => {
              move(-1);
            }}
          />
          <Button
            look="quiet"
            icon={<ArrowDown size={13} />}
            disabled={index === points.length - 1}
            aria-label={`Move ${name} towards the internet`}
            onClick={() => {
              move(1);
            }}
          />
        </span>
      </div>
      <p className={styles.file} title={point.file}>
        {fileName(point.file)}
        {point.interface === null ? null : <span className={styles.interface}> {point.interface}</span>}
      </p>
      <p className={styles.figures} title={`${bytes(point.bytes)}, link type ${point.linkType}`}>
        <span>{counted(point.packets, 'packet')}</span>
        <span title="Clock against that of the first point">{clockText(point)}</span>
      </p>
      <Extent point={point} points={points} />
      {point.issues.map((issue) => (
        <p key={issue.code} className={styles.issue} title={issue.code}>
          <TriangleAlert size={12} aria-hidden="true" />
          {issue.message}
          {issue.count > 1 ? ` (${count(issue.count)})` : ''}
        </p>
      ))}
    </li>
  );
}

const ROLE_SOURCE: Record<Point['roleSource'], string> = {
  name: 'told from the file and interface names',
  evidence: 'told from the packets',
  user: 'set by hand',
};

function clockText({ clock }: Point): string {
  if (clock === null) return 'clock unknown';
  if (clock.offsetNs === 0) return clock.uncertaintyNs === 0 ? 'clock ±0' : `clock ±${duration(clock.uncertaintyNs)}`;
  const sign = clock.offsetNs < 0 ? '−' : '+';
  return `${sign}${duration(Math.abs(clock.offsetNs))} ±${duration(clock.uncertaintyNs)}`;
}

/** When the point captured, within the time of all points. */
function Extent({ point, points }: { readonly point: Point; readonly points: readonly Point[] }) {
  const times = points.flatMap(({ first, last }) => (first === null || last === null ? [] : [first, last])).sort();
  const [start, end] = [times[0], times.at(-1)];
  if (start === undefined || end === undefined || point.first === null || point.last === null) return null;
  const whole = Math.max(1, nsBetween(start, end));
  const left = (nsBetween(start, point.first) / whole) * 100;
  const width = Math.max(1, (nsBetween(point.first, point.last) / whole) * 100);
  return (
    <div
      className={styles.extent}
      role="img"
      aria-label={`Captured from ${point.first} to ${point.last}`}
      title={`${point.first} – ${point.last}`}
    >
      <span style={{ left: `${Math.min(left, 99)}%`, width: `${Math.min(width, 100 - left)}%` }} />
    </div>
  );
}

function SideFileRow({ side }: { readonly side: SideFile }) {
  return (
    <li className={styles.side}>
      <span className={styles.file} title={side.file}>
        {fileName(side.file)}
      </span>
      <span className={styles.badges}>
        {side.kind === 'iptables' ? (
          <Badge>{counted(side.entries, 'rule')}</Badge>
        ) : (
          <>
            <Badge look="good" icon={<CircleCheck size={11} />} title="Entries that the captures agree with">
              {count(side.agree)} agree
            </Badge>
            {side.absent === 0 ? null : (
              <Badge title="Entries that are not in the captures">{count(side.absent)} absent</Badge>
            )}
            {side.contradict === 0 ? null : (
              <Badge
                look="bad"
                icon={<CircleAlert size={11} />}
                title="Entries that the packets contradict: stale; not obeyed"
              >
                {count(side.contradict)} contradict
              </Badge>
            )}
          </>
        )}
      </span>
    </li>
  );
}

function FindingRow({ finding }: { readonly finding: Finding }) {
  const [first] = finding.journeys;
  return (
    <li>
      <button
        type="button"
        className={`${styles.finding} ${styles[finding.severity]}`}
        title={finding.explain}
        disabled={first === undefined}
        onClick={() => {
          if (first !== undefined) void useJourneys.getState().selectId(first);
        }}
      >
        <SeverityMark severity={finding.severity} />
        <span>{finding.title}</span>
      </button>
    </li>
  );
}
