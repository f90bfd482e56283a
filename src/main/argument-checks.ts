// What each request's arguments must look like. The page is not trusted: everything that it sends is checked here, by a
// table that the compiler holds against the contract, before anything acts on it.
import path from 'node:path';
import { ROLES } from '../core/report/model.ts';
import { EXPORT_FORMATS, LEAST_ZOOM, MAX_FOLDED, MAX_ROWS, MOST_ZOOM } from '../core/report/views.ts';
import type {
  ExportRequest,
  JourneyQuery,
  JourneySortKey,
  LadderQuery,
  RequestName,
  Requests,
  TimelineQuery,
} from '../shared/contract.ts';

/** Gives the value back as what it is, or throws an Error that names it by `what`. */
type Check<T> = (value: unknown, what: string) => T;
type Checks<List extends readonly unknown[]> = { readonly [At in keyof List]: Check<List[At]> };

/** The arguments as the contract has them, or an Error that says which is wrong and why. */
export function checkedArguments<Name extends RequestName>(name: Name, given: readonly unknown[]): Requests[Name][0] {
  const checks: readonly Check<unknown>[] = CHECKS[name];
  if (given.length !== checks.length) refuse(name, `${checks.length} arguments, not ${given.length}`);
  return checks.map((check, at) => check(given[at], `argument ${at + 1} of ${name}`)) as Requests[Name][0];
}

/** Absolute paths, as a dialog, a drop or the command line gives them. */
export const filePaths: Check<readonly string[]> = (value, what) => {
  const paths = list(text(4096), 1000)(value, what);
  for (const given of paths) {
    if (!path.isAbsolute(given) || given.includes('\0')) refuse(what, 'absolute paths');
  }
  return paths;
};

const text =
  (longest: number): Check<string> =>
  (value, what) =>
    typeof value === 'string' && value.length <= longest ? value : refuse(what, `a text of at most ${longest} letters`);

const integer =
  (least: number, most: number): Check<number> =>
  (value, what) =>
    typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most
      ? value
      : refuse(what, `a whole number from ${least} to ${most}`);

const number =
  (least: number, most: number): Check<number> =>
  (value, what) =>
    typeof value === 'number' && value >= least && value <= most
      ? value
      : refuse(what, `a number from ${least} to ${most}`);

const flag: Check<boolean> = (value, what) => (typeof value === 'boolean' ? value : refuse(what, 'true or false'));

const oneOf =
  <T extends string>(values: readonly T[]): Check<T> =>
  (value, what) =>
    values.find((known) => known === value) ?? refuse(what, `one of ${values.join(', ')}`);

const orNull =
  <T>(check: Check<T>): Check<T | null> =>
  (value, what) =>
    value === null ? null : check(value, what);

function list<T>(check: Check<T>, longest: number): Check<readonly T[]> {
  return (value, what) =>
    Array.isArray(value) && value.length <= longest
      ? value.map((item, at) => check(item, `item ${at + 1} of ${what}`))
      : refuse(what, `a list of at most ${longest}`);
}

/** An object with these fields; others are left behind. */
const record =
  <T extends object>(fields: { readonly [Key in keyof T]: Check<T[Key]> }): Check<T> =>
  (value, what) => {
    if (typeof value !== 'object' || value === null) return refuse(what, 'an object');
    const checks = Object.entries<Check<unknown>>(fields);
    const source = value as Readonly<Record<string, unknown>>;
    return Object.fromEntries(checks.map(([key, check]) => [key, check(source[key], `${key} of ${what}`)])) as T;
  };

function refuse(what: string, wanted: string): never {
  throw new Error(`Refused: ${what} must be ${wanted}.`);
}

const id = text(64);
const offset = integer(0, Number.MAX_SAFE_INTEGER);
const pixels = number(0, Number.MAX_SAFE_INTEGER);
const rows = integer(0, MAX_ROWS);
/** Longer ones than the language takes are its own to refuse. */
const filter = text(100_000);

const SORT_NAMES = Object.keys({
  start: true,
  proto: true,
  source: true,
  destination: true,
  packets: true,
  bytes: true,
  duration: true,
  rtt: true,
  lost: true,
  confidence: true,
  findings: true,
} satisfies Record<Extract<JourneySortKey, string>, true>) as Extract<JourneySortKey, string>[];

const sortKey: Check<JourneySortKey> = (value, what) =>
  typeof value === 'string' ? oneOf(SORT_NAMES)(value, what) : record({ point: id })(value, what);

const journeyQuery: Check<JourneyQuery> = (value, what) => {
  const query = record<Omit<JourneyQuery, 'grouped'>>({ filter, sort: sortKey, descending: flag, offset, limit: rows })(
    value,
    what,
  );
  const { grouped } = value as Partial<JourneyQuery>;
  return grouped === undefined ? query : { ...query, grouped: grouping(grouped, `grouped of ${what}`) };
};
const grouping = record<NonNullable<JourneyQuery['grouped']>>({
  by: oneOf(['pod', 'destination', 'public', 'translation']),
  folded: record({ all: flag, except: list(text(1000), MAX_FOLDED) }),
});
const ladderQuery = record<LadderQuery>({
  journey: id,
  width: integer(1, 100_000),
  top: (value, what) => (typeof value === 'number' ? pixels(value, what) : record({ packet: offset })(value, what)),
  height: integer(1, 100_000),
  zoom: number(LEAST_ZOOM, MOST_ZOOM),
  times: oneOf(['relative', 'delta', 'absolute']),
});
const timelineQuery = record<TimelineQuery>({ journey: orNull(id), bins: integer(1, 2000) });

const exportRequest = record<ExportRequest>({
  format: oneOf(EXPORT_FORMATS),
  filter,
  theme: oneOf(['light', 'dark']),
  picture: oneOf(['map', 'ladder']),
});

const CHECKS: { readonly [Name in RequestName]: Checks<Requests[Name][0]> } = {
  open: [filePaths],
  openDialog: [],
  openSample: [text(255)],
  cancel: [],
  samples: [],
  recent: [],
  summary: [],
  journeys: [journeyQuery],
  checkFilter: [filter, offset],
  journey: [id],
  pathMap: [orNull(id), integer(1, 100_000)],
  ladder: [ladderQuery],
  passages: [id, offset, rows],
  packetDiff: [id, offset],
  timeline: [timelineQuery],
  setRole: [id, oneOf(ROLES)],
  setOrder: [list(id, 100_000)],
  undo: [],
  readOn: [],
  copyText: [text(10_000_000)],
  exportReport: [exportRequest],
};

export const REQUEST_NAMES = Object.keys(CHECKS) as RequestName[];
