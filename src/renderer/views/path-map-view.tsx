import { ChevronDown, ChevronRight } from 'lucide-react';
import { useEffect, useState } from 'react';
import type { PathDrawing, PathMap } from '../../shared/contract.ts';
import { useJourneys } from '../state/journeys.ts';
import { useSession } from '../state/session.ts';
import { useView } from '../state/view.ts';
import { counted } from '../text/format.ts';
import { Button } from '../widgets/button.tsx';
import { Select } from '../widgets/select.tsx';
import { useWidth } from '../widgets/use-width.ts';
import { PathPicture, StateMark } from './path-picture.tsx';
import styles from './path-map-view.module.css';

/** Kept free beside the picture, so that a scrollbar never narrows it. */
const SCROLLBAR = 11;

/** The path of the selected journey, or of all of them, one path at a time. */
export function PathMapView() {
  const [measured, width] = useWidth();
  const selected = useJourneys((state) => state.selected);
  const folded = useView((state) => state.mapFolded);
  const path = useView((state) => state.path);
  const { foldMap } = useView.getState();
  const map = usePathMap(selected?.id ?? null, Math.max(0, width - SCROLLBAR));
  const drawing = map?.paths.find((drawn) => keyOf(drawn) === path) ?? map?.paths[0];
  return (
    <section className={styles.map} ref={measured} data-testid="path-map" aria-label="Path map">
      <header className={styles.head}>
        <Button
          look="quiet"
          icon={folded ? <ChevronRight size={15} /> : <ChevronDown size={15} />}
          aria-expanded={!folded}
          aria-label={folded ? 'Show the path map' : 'Fold the path map'}
          onClick={() => {
            foldMap(!folded);
          }}
        />
        <h2>{selected === null ? 'All journeys' : 'One journey, out and back'}</h2>
        {map === null || drawing === undefined ? null : <PathSwitch paths={map.paths} current={drawing} />}
        <Legend />
      </header>
      {folded || drawing === undefined ? null : (
        <div className={styles.picture} tabIndex={-1}>
          <PathPicture drawing={drawing} />
        </div>
      )}
    </section>
  );
}

function PathSwitch({ paths, current }: { readonly paths: readonly PathDrawing[]; readonly current: PathDrawing }) {
  const { showPath } = useView.getState();
  if (paths.length < 2) return <span className={styles.path}>{current.title}</span>;
  return (
    <Select
      label="Path"
      value={keyOf(current)}
      options={paths.map((drawing) => [
        keyOf(drawing),
        `${shortTitle(drawing, paths)} (${counted(drawing.journeys, 'journey')})`,
      ])}
      onChange={showPath}
    />
  );
}

function Legend() {
  return (
    <ul className={styles.legend} aria-label="Legend">
      {(['seen', 'inferred', 'not-captured'] as const).map((state) => (
        <li key={state}>
          <svg width="12" height="12" aria-hidden="true">
            <StateMark state={state} x={6} y={6} />
          </svg>
          {state.replace('-', ' ')}
        </li>
      ))}
    </ul>
  );
}

/** Its first and last point, where that tells it from the others. */
function shortTitle(drawing: PathDrawing, paths: readonly PathDrawing[]): string {
  const ends = endsOf(drawing);
  return paths.filter((other) => endsOf(other) === ends).length > 1 ? drawing.title : ends;
}

function endsOf({ title }: PathDrawing): string {
  const names = title.split(' → ');
  return [...new Set([names[0], names.at(-1)])].join(' → ');
}

function keyOf(drawing: PathDrawing): string {
  return drawing.points.join(' ');
}

/** Asks for the map again when the journey, the width or the session changes; the last one stays until then. */
function usePathMap(journey: string | null, width: number): PathMap | null {
  const summary = useSession((state) => state.summary);
  const [map, setMap] = useState<PathMap | null>(null);
  useEffect(() => {
    if (width === 0 || summary === null) return undefined;
    let current = true;
    void window.snatscope.request('pathMap', journey, width).then((answer) => {
      if (current) setMap(answer);
    });
    return () => {
      current = false;
    };
  }, [journey, width, summary]);
  return map;
}
