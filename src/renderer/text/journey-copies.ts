// Journeys as text for other places: conntrack's form, filters of other tools, a table for a spreadsheet.
import type { Journey, Point } from '../../shared/contract.ts';
import { conntrackLines, tcpdumpFilter, wiresharkFilter } from './capture-filters.ts';
import { destinationOf, joined, legAt, sourceOf } from './endpoint.ts';

/** What journeys are copied as; filters are those of one point. */
export type CopyForm = 'conntrack' | 'csv' | { readonly tool: 'wireshark' | 'tcpdump'; readonly point: string };

/** Empty where there is nothing to copy in this form. */
export function copiedText(journeys: readonly Journey[], form: CopyForm, points: readonly Point[]): string {
  if (form === 'conntrack') return journeys.flatMap(conntrackLines).join('\n');
  if (form === 'csv') return csv(journeys, points);
  const filterOf = form.tool === 'wireshark' ? wiresharkFilter : tcpdumpFilter;
  const filters = journeys.flatMap((journey) => {
    const leg = legAt(journey, form.point);
    return leg === undefined ? [] : [filterOf(journey.proto, leg)];
  });
  const distinct = [...new Set(filters)];
  if (distinct.length < 2) return distinct[0] ?? '';
  return distinct.map((filter) => `(${filter})`).join(form.tool === 'wireshark' ? ' || ' : ' or ');
}

/** RFC 4180: a head, a line a journey, its source at each point. */
function csv(journeys: readonly Journey[], points: readonly Point[]): string {
  const head = [
    'journey',
    'protocol',
    'confidence',
    ...points.map(({ id, name }) => `source at ${name} (${id})`),
    'destination',
    'packets out',
    'packets back',
    'bytes out',
    'bytes back',
    'first',
    'duration ns',
    'rtt ns',
    'lost out',
    'lost back',
    'findings',
  ];
  const lines = journeys.map((journey) => {
    const [first] = journey.legs;
    const last = journey.legs.at(-1);
    const lost = (way: 0 | 1): number => journey.changes.reduce((sum, change) => sum + change.lost[way], 0);
    return [
      journey.id,
      journey.proto,
      journey.confidence,
      ...points.map(({ id }) => {
        const leg = legAt(journey, id);
        return leg === undefined ? '' : joined(sourceOf(leg));
      }),
      last === undefined ? '' : joined(destinationOf(last)),
      ...(first === undefined ? ['', '', '', ''] : [...first.packets, ...first.bytes]),
      first?.first ?? '',
      journey.durationNs,
      journey.rttNs ?? '',
      lost(0),
      lost(1),
      journey.findings.join(' '),
    ];
  });
  return [head, ...lines].map((cells) => cells.map((cell) => quoted(String(cell))).join(',')).join('\r\n');
}

/** A cell that begins like a formula is none: names come out of captures. */
function quoted(cell: string): string {
  const text = /^[=+\-@\t]/.test(cell) && !/^-?\d+$/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
