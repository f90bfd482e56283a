// The journeys that a filter leaves as a list that can be sorted and read a window at a time. Only numbers are kept of each journey;
// rows are made when asked for.
import { TCP, UDP } from '../decode/headers.ts';
import type { ReportSource } from './build.ts';
import { pointId, protocolName } from './build.ts';
import type { Confidence } from './model.ts';
import type { Selection } from './selection.ts';
import { type JourneyPage, type JourneyQuery, type JourneySortKey, MAX_ROWS } from './views.ts';

const CONFIDENCE_ORDER: readonly Confidence[] = ['exact', 'strong', 'probable', 'ambiguous', 'single'];

export class JourneyList {
  private readonly source: ReportSource;
  private readonly selection: Selection;
  private sorted: { readonly key: string; readonly numbers: Uint32Array } | null = null;
  private lost: Float64Array | null = null;

  constructor(source: ReportSource, selection: Selection) {
    this.source = source;
    this.selection = selection;
  }

  page(query: JourneyQuery): JourneyPage {
    const selected = this.selection.of(query.filter);
    if (!selected.ok) return { total: 0, offset: 0, rows: [], error: selected.error };
    const numbers = this.sort(selected.numbers, query);
    const offset = Math.min(Math.max(0, query.offset), numbers.length);
    const rows = numbers.subarray(offset, offset + Math.min(query.limit, MAX_ROWS));
    return {
      total: numbers.length,
      offset,
      rows: Array.from(rows, (number) => this.source.journey(number)),
      error: null,
    };
  }

  private sort(numbers: Uint32Array, { filter, sort: key, descending }: JourneyQuery): Uint32Array {
    const cacheKey = JSON.stringify([filter, key, descending]);
    if (this.sorted?.key === cacheKey) return this.sorted.numbers;
    const value = this.sortValue(key);
    const values = new Map<number, number | string>();
    for (const number of numbers) values.set(number, value(number));
    const sign = descending ? -1 : 1;
    const sorted = numbers.slice().sort((x, y) => sign * compare(values.get(x)!, values.get(y)!) || x - y);
    this.sorted = { key: cacheKey, numbers: sorted };
    return sorted;
  }

  private sortValue(key: JourneySortKey): (number: number) => number | string {
    const { corpus, correlation } = this.source;
    const l = corpus.legs;
    const legs = (number: number): readonly number[] => correlation.journeys[number]!.legs;
    const end = (leg: number, destination: boolean, reversed: boolean): string =>
      sortable(this.source, leg, destination !== reversed);
    if (typeof key === 'object') {
      return (number) => {
        const { legs: own, reversed } = correlation.journeys[number]!;
        const at = own.findIndex((leg) => pointId(l.point[leg]!) === key.point);
        return at < 0 ? '~' : end(own[at]!, false, reversed[at]!);
      };
    }
    const firstLeg = (number: number): number => legs(number)[0]!;
    switch (key) {
      case 'start':
        return (n) => l.first[firstLeg(n)]! - this.source.visibility.offset[l.point[firstLeg(n)]!]!;
      case 'proto':
        return (n) => protocolName(l.protocol[firstLeg(n)]!);
      case 'source':
        return (n) => end(firstLeg(n), false, correlation.journeys[n]!.reversed[0]!);
      case 'destination':
        return (n) => end(legs(n).at(-1)!, true, correlation.journeys[n]!.reversed.at(-1)!);
      case 'packets':
        return (n) => l.packetsOut[firstLeg(n)]! + l.packetsBack[firstLeg(n)]!;
      case 'bytes':
        return (n) => l.bytesOut[firstLeg(n)]! + l.bytesBack[firstLeg(n)]!;
      case 'duration':
        return (n) => l.last[firstLeg(n)]! - l.first[firstLeg(n)]!;
      case 'rtt':
        return (n) => this.source.journey(n).rttNs ?? Number.POSITIVE_INFINITY;
      case 'lost':
        return (n) => this.lostOf(n);
      case 'confidence':
        return (n) => CONFIDENCE_ORDER.indexOf(correlation.journeys[n]!.confidence);
    }
  }

  private lostOf(number: number): number {
    this.lost ??= new Float64Array(this.source.correlation.journeys.length).fill(-1);
    if (this.lost[number] === -1) {
      this.lost[number] = this.source.followed(number).gaps.reduce((sum, gap) => sum + gap.out.lost + gap.back.lost, 0);
    }
    return this.lost[number]!;
  }
}

/** An address and port as text that sorts by number. */
function sortable(source: ReportSource, leg: number, destination: boolean): string {
  const { corpus } = source;
  const words = [0, 1, 2, 3].map((word) => corpus.word(leg, destination, word).toString(16).padStart(8, '0'));
  const port = destination ? corpus.legs.destinationPort[leg]! : corpus.legs.sourcePort[leg]!;
  const hasPort = [TCP, UDP].includes(corpus.legs.protocol[leg]!);
  return `${words.join('')} ${hasPort ? String(port).padStart(5, '0') : ''}`;
}

function compare(x: number | string, y: number | string): number {
  return x < y ? -1 : x > y ? 1 : 0;
}
