import { ChartNoAxesColumn } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Area, AreaChart, CartesianGrid, ResponsiveContainer, Tooltip as ChartTooltip, XAxis, YAxis } from 'recharts';
import type { Point, Timeline } from '../../shared/contract.ts';
import { hueOfPoint } from '../state/identities.ts';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { bytes, count, counted, duration } from '../text/format.ts';
import { nameOfPoint } from '../text/words.ts';
import { EmptyState } from '../widgets/empty-state.tsx';
import { Segmented } from '../widgets/segmented.tsx';
import styles from './timeline-view.module.css';

const BINS = 300;

type Measure = 'packets' | 'bytes';
type Scope = 'all' | 'journey';
type Series = Timeline['series'][number];

/** Packets or bytes a moment, a chart a point, all on one time axis: what is missing at one of them shows. */
export function TimelineView() {
  const points = useSession((state) => state.points);
  const selected = useJourneys((state) => state.selected);
  const [measure, setMeasure] = useState<Measure>('packets');
  const [scope, setScope] = useState<Scope>('all');
  const journey = scope === 'journey' ? (selected?.id ?? null) : null;
  const timeline = useTimeline(journey);
  if (timeline === null) return null;
  const series = timeline.series.filter(({ packets }) => packets.some((n) => n > 0));
  const top = Math.max(1, ...series.flatMap((one) => one[measure]));
  return (
    <div className={styles.view}>
      <header className={styles.head}>
        <Segmented
          label="What is counted"
          value={measure}
          options={[
            ['packets', 'Packets'],
            ['bytes', 'Bytes'],
          ]}
          onChange={setMeasure}
        />
        <Segmented
          label="Of what"
          value={journey === null ? 'all' : scope}
          options={[
            ['all', 'All journeys'],
            ['journey', selected === null ? 'Selected journey' : `Journey ${selected.id}`],
          ]}
          disabled={selected === null ? ['journey'] : []}
          onChange={setScope}
        />
        <span className={styles.bin}>one bin is {duration(timeline.binNs)}</span>
      </header>
      {series.length === 0 ? (
        <EmptyState icon={<ChartNoAxesColumn size={22} />} title="No packet with a time was read" />
      ) : (
        <>
          <div className={styles.charts}>
            {series.map((one, i) => (
              <PointChart
                key={one.point}
                series={one}
                measure={measure}
                top={top}
                timeline={timeline}
                points={points}
                last={i === series.length - 1}
              />
            ))}
          </div>
          <Figures series={series} measure={measure} timeline={timeline} points={points} />
        </>
      )}
    </div>
  );
}

interface PointChartProps {
  readonly series: Series;
  readonly measure: Measure;
  readonly top: number;
  readonly timeline: Timeline;
  readonly points: readonly Point[];
  readonly last: boolean;
}

function PointChart({ series, measure, top, timeline, points, last }: PointChartProps) {
  const point = points.find(({ id }) => id === series.point);
  const name = nameOfPoint(series.point, points);
  const data = series[measure].map((value, i) => ({ at: (i * timeline.binNs) / 1e9, value }));
  const written = measure === 'bytes' ? bytes : count;
  return (
    <figure
      className={styles.chart}
      data-tone={point === undefined ? 'none' : hueOfPoint(point, points)}
      aria-label={`${name}: ${written(total(series[measure]))} ${measure}`}
    >
      <figcaption>
        <strong>{name}</strong>
        <span>{measure === 'bytes' ? bytes(total(series.bytes)) : counted(total(series.packets), 'packet')}</span>
      </figcaption>
      <div className={last ? `${styles.plot} ${styles.last}` : styles.plot}>
        <ResponsiveContainer width="100%" height="100%">
          <AreaChart
            data={data}
            syncId="timeline"
            margin={{ top: 6, right: 16, bottom: 0, left: 0 }}
            accessibilityLayer={false}
          >
            <CartesianGrid vertical={false} stroke="var(--edge)" />
            <XAxis
              dataKey="at"
              type="number"
              domain={['dataMin', 'dataMax']}
              hide={!last}
              tickFormatter={(at: number) => `${Number(at.toFixed(3))} s`}
              stroke="var(--text-faint)"
              fontSize={11}
              minTickGap={60}
            />
            <YAxis
              width={56}
              domain={[0, top]}
              tickCount={3}
              stroke="var(--text-faint)"
              fontSize={11}
              tickFormatter={written}
              axisLine={false}
              tickLine={false}
            />
            <ChartTooltip
              isAnimationActive={false}
              cursor={{ stroke: 'var(--edge-strong)' }}
              contentStyle={{
                background: 'var(--raised)',
                border: '1px solid var(--edge)',
                borderRadius: 6,
                padding: '3px 8px',
              }}
              labelFormatter={(at) => `at ${Number(at).toFixed(3)} s`}
              formatter={(value) => [written(Number(value)), measure]}
            />
            <Area
              dataKey="value"
              type="step"
              stroke="var(--tone-line)"
              strokeWidth={1.5}
              fill="var(--tone-ground)"
              fillOpacity={1}
              isAnimationActive={false}
              dot={false}
              activeDot={{ r: 3, fill: 'var(--tone-line)', stroke: 'none' }}
            />
          </AreaChart>
        </ResponsiveContainer>
      </div>
    </figure>
  );
}

interface FiguresProps {
  readonly series: readonly Series[];
  readonly measure: Measure;
  readonly timeline: Timeline;
  readonly points: readonly Point[];
}

/** The charts in figures, for those who read rather than look. */
function Figures({ series, measure, timeline, points }: FiguresProps) {
  const written = measure === 'bytes' ? bytes : count;
  return (
    <details className={styles.figures}>
      <summary>In figures</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">point</th>
            <th scope="col">{measure}</th>
            <th scope="col">most in a bin</th>
            <th scope="col">at</th>
            <th scope="col">silent bins</th>
          </tr>
        </thead>
        <tbody>
          {series.map((one) => {
            const values = one[measure];
            const most = Math.max(...values);
            return (
              <tr key={one.point}>
                <th scope="row">{nameOfPoint(one.point, points)}</th>
                <td>{written(total(values))}</td>
                <td>{written(most)}</td>
                <td>{((values.indexOf(most) * timeline.binNs) / 1e9).toFixed(3)} s</td>
                <td>{count(values.filter((n) => n === 0).length)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </details>
  );
}

function total(values: readonly number[]): number {
  return values.reduce((sum, n) => sum + n, 0);
}

function useTimeline(journey: string | null): Timeline | null {
  const summary = useSession((state) => state.summary);
  const [timeline, setTimeline] = useState<Timeline | null>(null);
  useEffect(() => {
    let current = true;
    void window.snatscope.request('timeline', { journey, bins: BINS }).then((answer) => {
      if (current) setTimeline(answer);
    });
    return () => {
      current = false;
    };
  }, [journey, summary]);
  return timeline;
}
