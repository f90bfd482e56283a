// Which journeys a filter leaves: asked once for each filter and kept, since the table, the report and every export of a
// session ask for the same.
import { compileFilter } from '../filter/compile.ts';
import { type Completions, completeFilter } from '../filter/complete.ts';
import type { FilterError } from '../filter/tokens.ts';
import type { ReportSource } from './build.ts';
import { TableFacts } from './filter-facts.ts';
import type { Point } from './model.ts';

/** Numbers of the journeys, ascending; or why the filter cannot be used. */
export type Selected =
  { readonly ok: true; readonly numbers: Uint32Array } | { readonly ok: false; readonly error: FilterError };

export class Selection {
  private readonly facts: TableFacts;
  private readonly journeys: number;
  private latest: { readonly filter: string; readonly selected: Selected } | null = null;

  constructor(source: ReportSource, points: readonly Point[]) {
    this.facts = new TableFacts(source, points);
    this.journeys = source.correlation.journeys.length;
  }

  of(filter: string): Selected {
    if (this.latest?.filter !== filter) this.latest = { filter, selected: this.select(filter) };
    return this.latest.selected;
  }

  /** Null where the filter can be used. */
  mistake(filter: string): FilterError | null {
    const compiled = compileFilter(filter, this.facts.points);
    return compiled.ok ? null : compiled.error;
  }

  completions(filter: string, caret: number): Completions {
    return completeFilter(filter, caret, this.facts);
  }

  private select(filter: string): Selected {
    const compiled = compileFilter(filter, this.facts.points);
    if (!compiled.ok) return compiled;
    const kept = new Uint32Array(this.journeys);
    let count = 0;
    for (let journey = 0; journey < this.journeys; journey++) {
      if (compiled.holds(this.facts, journey)) kept[count++] = journey;
    }
    return { ok: true, numbers: kept.slice(0, count) };
  }
}
