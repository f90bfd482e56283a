// Which columns the journeys table has and how wide they are: all apart where there is room, otherwise figures in pairs
// and addresses above their ports. No column ever leaves the table.
import type { Journey, JourneySortKey, Point } from '../../shared/contract.ts';
import { destinationOf, joined, sourceOf } from '../text/endpoint.ts';
import { ROLE_NAME } from '../text/words.ts';

/**
 * The veths of all pods stand in one column, and so do points of another role that no path holds together, such as the
 * eth0 of several nodes; every other point has a column of its own.
 */
export interface PointColumn {
  readonly key: string;
  readonly title: string;
  readonly points: readonly string[];
  readonly sort: JourneySortKey;
}

/** `points` in path order. */
export function pointColumns(points: readonly Point[], paths: readonly (readonly string[])[]): PointColumn[] {
  const isApart = ({ id, role }: Point): boolean =>
    role === 'other' ||
    (role !== 'pod-veth' &&
      paths.some((path) =>
        points.some((two) => two.id !== id && two.role === role && path.includes(two.id) && path.includes(id)),
      ));
  const columns = new Map<string, Point[]>();
  for (const point of points) {
    const key = isApart(point) ? point.id : point.role;
    columns.set(key, [...(columns.get(key) ?? []), point]);
  }
  return [...columns].map(([key, members], index) => {
    const [first] = members;
    const several = members.length > 1;
    return {
      key,
      title: several ? ROLE_NAME[first!.role] : first!.name,
      points: members.map(({ id }) => id),
      sort: several && index === 0 ? 'source' : { point: first!.id },
    };
  });
}

type Figure = 'proto' | 'packets' | 'bytes' | 'start' | 'duration' | 'rtt' | 'lost' | 'confidence';

export interface TableLayout {
  /** Figures in pairs, rows two lines high. */
  readonly paired: boolean;
  readonly template: string;
  readonly rowHeight: number;
  readonly headHeight: number;
  /** Smaller chips without the mark of their range. */
  readonly tight: boolean;
  /**
   * Of each point column, and last of the destination's: characters of an address that fit above its port; undefined
   * where address and port stand on one line.
   */
  readonly characters: readonly (number | undefined)[];
}

/** Of a chip, with room and tight: a character, and what is around the text with the cell's own. */
const ROOMY = { character: 7.25, around: 36 };
const TIGHT = { character: 6.7, around: 17 };
const FLAT: Record<Figure, number> = {
  proto: 62,
  packets: 88,
  bytes: 78,
  start: 74,
  duration: 78,
  rtt: 74,
  lost: 52,
  confidence: 100,
};
const PAIRED_FIGURES = { proto: 92, traffic: 84, time: 72, delay: 72 };
const PAIRED_TIGHT = { proto: 82, traffic: 66, time: 66, delay: 66 };
/** Below this width of the table the figures are narrow. */
const NARROW = 900;

/** Characters of the longest source and destination with their ports, and of the addresses alone, in each column. */
export interface LongestTexts {
  readonly source: number;
  readonly destination: number;
  /** A point column each, and last the destination's. */
  readonly addresses: readonly number[];
}

export function longestTexts(rows: readonly Journey[], columns: readonly PointColumn[]): LongestTexts {
  let [source, destination] = [16, 16];
  const addresses = [...columns.map(() => 9), 11];
  for (const { legs } of rows)
    for (const leg of legs) {
      source = Math.max(source, joined(sourceOf(leg)).length);
      destination = Math.max(destination, joined(destinationOf(leg)).length);
      const column = columns.findIndex(({ points }) => points.includes(leg.point));
      if (column >= 0) addresses[column] = Math.max(addresses[column] ?? 0, leg.src.length);
      addresses[columns.length] = Math.max(addresses[columns.length] ?? 0, leg.dst.length);
    }
  return { source, destination, addresses };
}

export function tableLayout(width: number, longest: LongestTexts): TableLayout {
  const columns = longest.addresses.length - 1;
  const wide = (characters: number): number => Math.ceil(characters * ROOMY.character + ROOMY.around);
  const source = wide(longest.source);
  const destination = wide(longest.destination);
  const figures = Object.values(FLAT).reduce((a, b) => a + b, 0);
  if (figures + columns * source + destination <= width) {
    const chips = Array.from({ length: columns }, () => `minmax(${source}px, 1fr)`).join(' ');
    const { proto, packets, bytes, start, duration, rtt, lost, confidence } = FLAT;
    return {
      paired: false,
      template: `${proto}px ${chips} minmax(${destination}px, 1fr) ${packets}px ${bytes}px ${start}px ${duration}px ${rtt}px ${lost}px ${confidence}px`,
      rowHeight: 32,
      headHeight: 28,
      tight: false,
      characters: longest.addresses.map(() => undefined),
    };
  }
  const pairs = width < NARROW ? PAIRED_TIGHT : PAIRED_FIGURES;
  const room = width - pairs.proto - pairs.traffic - pairs.time - pairs.delay;
  const onOneLine = Math.max(source, destination) <= Math.floor(room / (columns + 1));
  const needed = ({ character, around }: typeof ROOMY): number[] =>
    longest.addresses.map((characters) => characters * character + around);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const tight = sum(needed(ROOMY)) > room;
  const { character, around } = tight ? TIGHT : ROOMY;
  // Each column by what its longest address needs, so that a long public address is not cut beside a short private one.
  const weights = onOneLine ? longest.addresses.map(() => 1) : needed(tight ? TIGHT : ROOMY);
  const shares = weights.map((weight) => Math.floor((room * weight) / sum(weights)));
  return {
    paired: true,
    template: `${pairs.proto}px ${shares.map((share) => `minmax(0, ${share}fr)`).join(' ')} ${pairs.traffic}px ${pairs.time}px ${pairs.delay}px`,
    rowHeight: 44,
    headHeight: 46,
    tight,
    characters: shares.map((share) => (onOneLine ? undefined : Math.max(5, Math.floor((share - around) / character)))),
  };
}
