// Which columns the journeys table has and how wide they are: all apart where there is room, otherwise figures in pairs
// and addresses above their ports. No column ever leaves the table: a column that is dragged wider takes from the next.
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

type Figure = 'proto' | 'packets' | 'bytes' | 'start' | 'duration' | 'rtt' | 'lost' | 'findings' | 'confidence';

export interface TableLayout {
  /** Figures in pairs, rows two lines high. */
  readonly paired: boolean;
  /** Tells layouts apart whose widths mean the same columns. */
  readonly key: string;
  readonly columns: readonly { readonly key: string; readonly title: string; readonly width: number }[];
  readonly template: string;
  readonly rowHeight: number;
  readonly headHeight: number;
  /** Smaller chips without the mark of their range. */
  readonly tight: boolean;
  /** Addresses stand above their ports. */
  readonly stacked: boolean;
  /** Of each point column, and last of the destination's: characters of an address (with its port, unless stacked) that fit. */
  readonly characters: readonly number[];
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
  findings: 76,
  confidence: 100,
};
const TITLE: Record<Figure, string> = {
  proto: 'proto',
  packets: 'packets',
  bytes: 'bytes',
  start: 'start',
  duration: 'lasted',
  rtt: 'RTT',
  lost: 'lost',
  findings: 'findings',
  confidence: 'confidence',
};
const PAIRED_FIGURES = { proto: 98, traffic: 84, time: 72, delay: 72 };
const PAIRED_TIGHT = { proto: 88, traffic: 66, time: 66, delay: 66 };
/** Below this width of the table the figures are narrow. */
const NARROW = 900;
/** No column can be dragged narrower. */
export const LEAST_WIDTH = 40;

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

/** `wished`: by layout key, the shares of the width that its columns were dragged to. */
export function tableLayout(
  width: number,
  longest: LongestTexts,
  points: readonly PointColumn[],
  wished: Readonly<Record<string, readonly number[]>> = {},
): TableLayout {
  const ends = [...points.map(({ key, title }) => [key, title] as const), ['destination', 'destination'] as const];
  const wide = (characters: number): number => Math.ceil(characters * ROOMY.character + ROOMY.around);
  const [source, destination] = [wide(longest.source), wide(longest.destination)];
  const figures = Object.values(FLAT).reduce((a, b) => a + b, 0);
  const needed = ends.map((_, i) => (i < points.length ? source : destination));
  if (figures + sum(needed) <= width) {
    const spare = (width - figures - sum(needed)) / ends.length;
    const figure = (key: Figure): readonly [string, string, number] => [key, TITLE[key], FLAT[key]];
    const [proto, ...others] = (Object.keys(FLAT) as Figure[]).map(figure);
    const natural = [proto!, ...ends.map(([key, title], i) => [key, title, needed[i]! + spare] as const), ...others];
    return finished('flat', natural, width, wished, ends.length, { tight: false, stacked: false });
  }
  const pairs = width < NARROW ? PAIRED_TIGHT : PAIRED_FIGURES;
  const room = width - pairs.proto - pairs.traffic - pairs.time - pairs.delay;
  const stacked = Math.max(source, destination) > Math.floor(room / ends.length);
  const widths = ({ character, around }: typeof ROOMY): number[] =>
    longest.addresses.map((characters) => characters * character + around);
  const tight = sum(widths(ROOMY)) > room;
  // Each column by what its longest address needs, so that a long public address is not cut beside a short private one.
  const weights = stacked ? widths(tight ? TIGHT : ROOMY) : ends.map(() => 1);
  const natural = [
    ['proto', 'proto', pairs.proto] as const,
    ...ends.map(([key, title], i) => [key, title, (room * weights[i]!) / sum(weights)] as const),
    ['traffic', 'packets and bytes', pairs.traffic] as const,
    ['time', 'start and length', pairs.time] as const,
    ['delay', 'RTT and lost', pairs.delay] as const,
  ];
  return finished('paired', natural, width, wished, ends.length, { tight, stacked });
}

function finished(
  form: 'flat' | 'paired',
  natural: readonly (readonly [key: string, title: string, width: number])[],
  width: number,
  wished: Readonly<Record<string, readonly number[]>>,
  ends: number,
  chips: { readonly tight: boolean; readonly stacked: boolean },
): TableLayout {
  const key = [form, ...natural.map(([name]) => name)].join(' ');
  const shares = wished[key];
  const widths =
    shares?.length === natural.length
      ? shares.map((share) => Math.max(LEAST_WIDTH, share * width))
      : natural.map(([, , own]) => own);
  // Least widths may have made it too wide, and a table narrower than its figures too.
  const scale = Math.min(1, width / sum(widths));
  const whole = widths.map((own) => Math.floor(own * scale));
  const { character, around } = chips.tight ? TIGHT : ROOMY;
  return {
    paired: form === 'paired',
    key,
    columns: natural.map(([name, title], i) => ({ key: name, title, width: whole[i]! })),
    template: whole.map((own) => `${own}px`).join(' '),
    rowHeight: form === 'paired' ? 44 : 32,
    headHeight: form === 'paired' ? 46 : 28,
    ...chips,
    characters: whole.slice(1, 1 + ends).map((own) => Math.max(5, Math.floor((own - around) / character))),
  };
}

/** The widths after the edge behind a column was moved; the next column gives or takes. */
export function withEdgeMoved({ columns }: TableLayout, column: number, by: number): number[] {
  const widths = columns.map(({ width }) => width);
  const [here, next] = [widths[column], widths[column + 1]];
  if (here === undefined || next === undefined) return widths;
  const moved = Math.max(LEAST_WIDTH - here, Math.min(next - LEAST_WIDTH, Math.round(by)));
  widths[column] = here + moved;
  widths[column + 1] = next - moved;
  return widths;
}

/** The widths as shares of the whole, to be kept. */
export function sharesOf(widths: readonly number[]): number[] {
  const whole = sum(widths);
  return widths.map((width) => width / whole);
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}
