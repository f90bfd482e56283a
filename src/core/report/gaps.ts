// All journeys between two neighbouring points, summed: what the path map shows without a journey selected.
import { orientedTuple, pointId, type ReportSource } from './build.ts';
import type { ChangeKind } from './model.ts';
import type { GapSummary } from './views.ts';

/** Pairs of source addresses that are kept of a gap. */
const MAX_SOURCES = 6;

interface Sum {
  readonly from: number;
  readonly to: number;
  journeys: number;
  portChanged: number;
  readonly kinds: Map<ChangeKind, number>;
  readonly sources: Map<string, { before: string; after: string; count: number }>;
  readonly rules: Set<string>;
}

/** Connections with kept ports that it takes to speak of a 1:1 translation; one alone may have kept its port by chance. */
const MANY = 8;

/** Whether all that was seen in a gap was translated one address for another, ports kept. */
export function isOneToOne(gap: GapSummary): boolean {
  const kinds = gap.kinds.map(({ kind }) => kind);
  const after = new Set(gap.sources.map((s) => s.after));
  return (
    gap.journeys >= MANY &&
    gap.portChanged === 0 &&
    kinds.length === 1 &&
    kinds[0] === 'snat' &&
    after.size === gap.sources.length
  );
}

/** Of all journeys, or of those with these numbers. */
export function summariseGaps(source: ReportSource, numbers?: Iterable<number>): GapSummary[] {
  const { corpus, correlation } = source;
  const sums = new Map<string, Sum>();
  for (const number of numbers ?? correlation.journeys.keys()) {
    const journey = correlation.journeys[number]!;
    // An ICMP error runs with or against the connection that it quotes: it is no traffic of its own.
    if (source.isIcmpError(journey.legs[0]!)) continue;
    for (const [i, link] of journey.links.entries()) {
      const [from, to] = [corpus.legs.point[link.from]!, corpus.legs.point[link.to]!];
      let sum = sums.get(`${from} ${to}`);
      if (!sum) {
        sum = { from, to, journeys: 0, portChanged: 0, kinds: new Map(), sources: new Map(), rules: new Set() };
        sums.set(`${from} ${to}`, sum);
      }
      const before = orientedTuple(corpus, link.from, journey.reversed[i]!);
      const after = orientedTuple(corpus, link.to, journey.reversed[i + 1]!);
      const kind = source.kindOf(journey, i);
      sum.journeys++;
      if (source.portChanged(journey, i)) sum.portChanged++;
      sum.kinds.set(kind, (sum.kinds.get(kind) ?? 0) + 1);
      const key = `${before.src} ${after.src}`;
      const known = sum.sources.get(key);
      if (known) known.count++;
      else sum.sources.set(key, { before: before.src, after: after.src, count: 1 });
      const rule = source.ruleOf(link, kind, before, after).text;
      if (rule !== null) sum.rules.add(rule);
    }
  }
  return [...sums.values()].map((sum) => ({
    from: pointId(sum.from),
    to: pointId(sum.to),
    journeys: sum.journeys,
    kinds: [...sum.kinds].map(([kind, count]) => ({ kind, count })).sort((x, y) => y.count - x.count),
    portChanged: sum.portChanged,
    sources: [...sum.sources.values()].sort((x, y) => y.count - x.count).slice(0, MAX_SOURCES),
    rule: sum.rules.size === 1 ? [...sum.rules][0]! : null,
  }));
}
