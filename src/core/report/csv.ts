// The journeys as CSV, a line each (RFC 4180: CRLF, quotes doubled), for spreadsheets and scripts. A journey's legs stand side by
// side from the client on, numbered; so many columns are written as the longest journey has legs. A text that a
// spreadsheet would take for a formula gets an apostrophe before it.
import type { Journey, Leg } from './model.ts';

type Cell = string | number | null;

const COMMON = [
  'journey',
  'protocol',
  'direction',
  'confidence',
  'start',
  'duration_s',
  'rtt_s',
  'packets_out',
  'packets_back',
  'bytes_out',
  'bytes_back',
  'lost_out',
  'lost_back',
  'candidates',
  'not_seen_at',
  'findings',
] as const;
const OF_LEG = ['point', 'source', 'source_port', 'destination', 'destination_port', 'icmp_id'] as const;
/** Of the gap behind a leg. */
const OF_GAP = ['translation', 'delay_out_s', 'delay_back_s', 'conntrack'] as const;

/** `legs`: of the journey that has most of them. */
export function* writeCsv(journeys: Iterable<Journey>, legs: number): Generator<string> {
  const header: string[] = [...COMMON];
  for (let leg = 1; leg <= legs; leg++) {
    header.push(...OF_LEG.map((name) => `${name}_${leg}`));
    if (leg < legs) header.push(...OF_GAP.map((name) => `${name}_${leg}`));
  }
  yield line(header);
  for (const journey of journeys) {
    const row = cells(journey);
    yield line([...row, ...new Array<null>(header.length - row.length).fill(null)]);
  }
}

function cells(journey: Journey): Cell[] {
  const first = journey.legs[0]!;
  const lost = (direction: 0 | 1): number => journey.changes.reduce((sum, change) => sum + change.lost[direction], 0);
  return [
    journey.id,
    journey.proto,
    journey.direction,
    journey.confidence,
    first.first,
    seconds(journey.durationNs),
    seconds(journey.rttNs),
    ...first.packets,
    ...first.bytes,
    lost(0),
    lost(1),
    journey.candidates.reduce((sum, candidates) => sum + candidates.legs.length, 0),
    journey.notSeenAt.join(' '),
    journey.findings.join(' '),
    ...journey.legs.flatMap((leg, i) => [...legCells(leg), ...gapCells(journey, i)]),
  ];
}

function legCells(leg: Leg): Cell[] {
  return [leg.point, leg.src, leg.sport, leg.dst, leg.dport, leg.icmpId];
}

function gapCells({ changes }: Journey, gap: number): Cell[] {
  const change = changes[gap];
  if (!change) return [];
  const { kind, delayNs, conntrack } = change;
  return [kind, seconds(delayNs.out?.[0] ?? null), seconds(delayNs.back?.[0] ?? null), conntrack];
}

/** Of nanoseconds. */
function seconds(ns: number | null): string | null {
  return ns === null ? null : (ns / 1e9).toFixed(9);
}

function line(row: readonly Cell[]): string {
  return `${row.map(cellText).join(',')}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const isNumber = /^-?\d+(\.\d+)?$/.test(cell);
  const safe = !isNumber && /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
