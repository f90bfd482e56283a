// Which columns the journeys table has and how wide they are: all apart where there is room, otherwise figures in pairs
// and addresses above their ports. No column ever leaves the table.
import type { Journey, JourneySortKey, Point, Role } from '../../shared/contract.ts';
import { destinationOf, joined, sourceOf } from '../text/endpoint.ts';
import { pointName, ROLE_NAME } from '../text/words.ts';

/** Points that no path holds together and that have one role stand in one column: the veths of several pods. */
export interface PointColumn {
  readonly key: string;
  readonly title: string;
  readonly points: readonly string[];
  readonly sort: JourneySortKey;
}

export function pointColumns(points: readonly Point[], paths: readonly (readonly string[])[]): PointColumn[] {
  const byId = new Map(points.map((point) => [point.id, point]));
  const shared = new Set<Role>(['other']);
  for (const path of paths) {
    const roles = path.map((id) => byId.get(id)?.role ?? 'other');
    for (const role of roles) if (roles.indexOf(role) !== roles.lastIndexOf(role)) shared.add(role);
  }
  const keyOf = (id: string): string => {
    const role = byId.get(id)?.role ?? 'other';
    return shared.has(role) ? id : role;
  };
  const order: string[] = [];
  const members = new Map<string, Set<string>>();
  for (const path of [...paths].sort((a, b) => b.length - a.length)) {
    let after = -1;
    for (const id of path) {
      const key = keyOf(id);
      const at = order.indexOf(key);
      if (at < 0) order.splice(++after, 0, key);
      else after = at;
      members.set(key, (members.get(key) ?? new Set()).add(id));
    }
  }
  return order.map((key, index) => {
    const ids = [...members.get(key)!];
    const first = byId.get(ids[0]!);
    const title = ids.length > 1 ? ROLE_NAME[first?.role ?? 'other'] : pointName(first, points);
    return { key, title, points: ids, sort: index === 0 && ids.length > 1 ? 'source' : { point: ids[0]! } };
  });
}

export type Figure = 'proto' | 'packets' | 'bytes' | 'start' | 'duration' | 'rtt' | 'lost' | 'confidence';

export interface TableLayout {
  /** Figures in pairs, rows two lines high. */
  readonly paired: boolean;
  readonly template: string;
  readonly rowHeight: number;
  /** Characters of an address that fit above its port; undefined where address and port stand on one line. */
  readonly sourceCharacters: number | undefined;
  readonly destinationCharacters: number | undefined;
}

const CHARACTER = 7.25;
/** Chip padding, mark and the cell's own. */
const CHIP_EXTRA = 40;
const FLAT: Record<Figure, number> = {
  proto: 52,
  packets: 88,
  bytes: 78,
  start: 74,
  duration: 78,
  rtt: 74,
  lost: 52,
  confidence: 100,
};
const PAIRED_FIGURES = { proto: 92, traffic: 84, time: 72, delay: 72 };
const PAIRED_TIGHT = { proto: 84, traffic: 74, time: 62, delay: 62 };

/** `longest`: characters of the longest source and destination with their ports, and of the addresses alone. */
export interface LongestTexts {
  readonly source: number;
  readonly destination: number;
  readonly sourceAddress: number;
  readonly destinationAddress: number;
}

export function longestTexts(rows: readonly Journey[]): LongestTexts {
  let [source, destination, sourceAddress, destinationAddress] = [16, 16, 11, 11];
  for (const { legs } of rows)
    for (const leg of legs) {
      source = Math.max(source, joined(sourceOf(leg)).length);
      destination = Math.max(destination, joined(destinationOf(leg)).length);
      sourceAddress = Math.max(sourceAddress, leg.src.length);
      destinationAddress = Math.max(destinationAddress, leg.dst.length);
    }
  return { source, destination, sourceAddress, destinationAddress };
}

export function tableLayout(width: number, columns: number, longest: LongestTexts): TableLayout {
  const wide = (characters: number): number => Math.ceil(characters * CHARACTER + CHIP_EXTRA);
  const flatFigures = Object.values(FLAT).reduce((a, b) => a + b, 0);
  const source = wide(longest.source);
  const destination = wide(longest.destination);
  const flat = flatFigures + columns * source + destination;
  if (flat <= width) {
    const chips = Array.from({ length: columns }, () => `minmax(${source}px, 1fr)`).join(' ');
    const { proto, packets, bytes, start, duration, rtt, lost, confidence } = FLAT;
    return {
      paired: false,
      template: `${proto}px ${chips} minmax(${destination}px, 1fr) ${packets}px ${bytes}px ${start}px ${duration}px ${rtt}px ${lost}px ${confidence}px`,
      rowHeight: 32,
      sourceCharacters: undefined,
      destinationCharacters: undefined,
    };
  }
  const tight = width < 760;
  const figures = tight ? PAIRED_TIGHT : PAIRED_FIGURES;
  const room = width - figures.proto - figures.traffic - figures.time - figures.delay;
  const oneLine = columns * source + destination <= room;
  const share = Math.floor(room / (columns + 1));
  const fitting = (address: number): number =>
    Math.max(6, Math.min(address, Math.floor((share - CHIP_EXTRA) / CHARACTER)));
  return {
    paired: true,
    template: `${figures.proto}px repeat(${columns + 1}, minmax(0, 1fr)) ${figures.traffic}px ${figures.time}px ${figures.delay}px`,
    rowHeight: 44,
    sourceCharacters: oneLine && source <= share ? undefined : fitting(longest.sourceAddress),
    destinationCharacters: oneLine && destination <= share ? undefined : fitting(longest.destinationAddress),
  };
}
