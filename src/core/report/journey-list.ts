// The journeys that a filter leaves as a list that can be sorted, grouped and read a window at a time. Only numbers are
// kept of each journey; rows are made when asked for.
import type { ReportSource } from './build.ts';
import { GroupedJourneys } from './journey-groups.ts';
import { JourneyOrder } from './journey-order.ts';
import type { Selection } from './selection.ts';
import { type JourneyPage, type JourneyQuery, MAX_ROWS } from './views.ts';

export class JourneyList {
  private readonly source: ReportSource;
  private readonly selection: Selection;
  private readonly order: JourneyOrder;
  private sorted: { readonly key: string; readonly numbers: Uint32Array } | null = null;
  private grouped: { readonly key: string; readonly rows: GroupedJourneys } | null = null;

  constructor(source: ReportSource, selection: Selection) {
    this.source = source;
    this.selection = selection;
    this.order = new JourneyOrder(source);
  }

  /** Makes ready what takes long, a part at a time; the host may do other things at each pause. */
  prepare(query: JourneyQuery): Generator<void> {
    return this.order.prepare(query.sort);
  }

  page(query: JourneyQuery): JourneyPage {
    const selected = this.selection.of(query.filter);
    if (!selected.ok) return { total: 0, journeys: 0, offset: 0, rows: [], groups: [], error: selected.error };
    const numbers = this.sort(selected.numbers, query);
    const limit = Math.min(query.limit, MAX_ROWS);
    const grouped = this.group(numbers, query);
    const total = grouped?.length ?? numbers.length;
    const offset = Math.min(Math.max(0, query.offset), total);
    const { journeys, groups } = grouped?.rows(offset, limit) ?? {
      journeys: Array.from(numbers.subarray(offset, offset + limit)),
      groups: [],
    };
    return {
      total,
      journeys: numbers.length,
      offset,
      rows: journeys.map((number) => this.source.journey(number)),
      groups,
      error: null,
    };
  }

  private sort(numbers: Uint32Array, { filter, sort, descending }: JourneyQuery): Uint32Array {
    const key = JSON.stringify([filter, sort, descending]);
    if (this.sorted?.key !== key) {
      const keys = this.order.keys(sort);
      const sign = descending ? -1 : 1;
      const last = Number.POSITIVE_INFINITY;
      const valueOf = (number: number): number => (keys[number] === last ? last : sign * keys[number]!);
      // Equal ones stay in their order; of two missing ones the difference is no number, and that holds for them too.
      this.sorted = { key, numbers: numbers.slice().sort((x, y) => valueOf(x) - valueOf(y) || x - y) };
    }
    return this.sorted.numbers;
  }

  private group(numbers: Uint32Array, query: JourneyQuery): GroupedJourneys | null {
    const { filter, sort, descending, grouped } = query;
    if (grouped === undefined) return null;
    const key = JSON.stringify([filter, sort, descending, grouped]);
    if (this.grouped?.key !== key) {
      this.grouped = { key, rows: new GroupedJourneys(this.source, numbers, grouped.by, grouped.folded) };
    }
    return this.grouped.rows;
  }
}
