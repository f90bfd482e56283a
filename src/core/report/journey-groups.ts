// Journeys that have something in common, put together as rows: a row for each group, and below it those of its journeys.
// Groups stand in the order of their first journey, so that the order of the list is also theirs.
import { joinHostPort } from '../decode/addresses.ts';
import { SCTP, TCP, UDP } from '../decode/headers.ts';
import type { Tuple } from '../sources/tuple.ts';
import { roleName } from '../scene/point-names.ts';
import { type ReportSource, orientedTuple, pointId } from './build.ts';
import type { ChangeKind } from './model.ts';
import type { Folded, JourneyGroup, JourneyGrouping } from './views.ts';

const KIND_WORD: Readonly<Record<ChangeKind, string>> = {
  none: 'not translated',
  snat: 'SNAT',
  dnat: 'DNAT',
  'snat+dnat': 'SNAT and DNAT',
  nat64: 'NAT64',
};

interface Group {
  readonly key: string;
  readonly members: number[];
}

export class GroupedJourneys {
  /** All rows. */
  readonly length: number;
  private readonly source: ReportSource;
  private readonly grouping: JourneyGrouping;
  private readonly list: readonly Group[];
  private readonly isFolded: (key: string) => boolean;
  /** Row of each group. */
  private readonly starts: Float64Array;

  /** `numbers`: the journeys in their order. */
  constructor(source: ReportSource, numbers: Uint32Array, grouping: JourneyGrouping, folded: Folded) {
    this.source = source;
    this.grouping = grouping;
    const groups = new Map<string, Group>();
    for (const number of numbers) {
      const key = keyOf(source, number, grouping);
      const group = groups.get(key);
      if (group) group.members.push(number);
      else groups.set(key, { key, members: [number] });
    }
    this.list = [...groups.values()];
    const others = new Set(folded.except);
    this.isFolded = (key) => folded.all !== others.has(key);
    this.starts = new Float64Array(this.list.length);
    let row = 0;
    for (const [i, { key, members }] of this.list.entries()) {
      this.starts[i] = row;
      row += 1 + (this.isFolded(key) ? 0 : members.length);
    }
    this.length = row;
  }

  /** Of the rows from `offset` on, the journeys' numbers and the groups. */
  rows(offset: number, limit: number): { readonly journeys: number[]; readonly groups: JourneyGroup[] } {
    const journeys: number[] = [];
    const groups: JourneyGroup[] = [];
    const end = Math.min(this.length, offset + limit);
    let at = this.groupAt(offset);
    for (let row = offset; row < end; row++) {
      if (row === this.starts[at + 1]) at++;
      const within = row - this.starts[at]!;
      if (within === 0) groups.push(this.group(at));
      else journeys.push(this.list[at]!.members[within - 1]!);
    }
    return { journeys, groups };
  }

  /** The group that the row belongs to. */
  private groupAt(row: number): number {
    let low = 0;
    for (let high = this.starts.length - 1; low < high;) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= row) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  private group(at: number): JourneyGroup {
    const { key, members } = this.list[at]!;
    const { legs } = this.source.corpus;
    const { journeys } = this.source.correlation;
    let packets = 0;
    let bytes = 0;
    for (const number of members) {
      const leg = journeys[number]!.legs[0]!;
      packets += legs.packetsOut[leg]! + legs.packetsBack[leg]!;
      bytes += legs.bytesOut[leg]! + legs.bytesBack[leg]!;
    }
    const sums = { row: this.starts[at]!, key, folded: this.isFolded(key), journeys: members.length, packets, bytes };
    const { grouping } = this;
    if (grouping === 'translation') return { ...sums, address: null, port: null, words: key };
    const end = endOf(this.source, members[0]!, grouping);
    return { ...sums, address: end.address, port: end.port, words: null };
  }
}

function keyOf(source: ReportSource, number: number, grouping: JourneyGrouping): string {
  if (grouping === 'translation') return translationOf(source, number);
  const { address, port } = endOf(source, number, grouping);
  return port === null ? address : joinHostPort(address, port);
}

/** What an address group has in common. */
function endOf(
  source: ReportSource,
  number: number,
  grouping: Exclude<JourneyGrouping, 'translation'>,
): { address: string; port: number | null } {
  const { corpus, correlation } = source;
  const { legs, reversed } = correlation.journeys[number]!;
  const at = grouping === 'pod' ? 0 : legs.length - 1;
  const tuple: Tuple = orientedTuple(corpus, legs[at]!, reversed[at]!);
  if (grouping !== 'destination') return { address: tuple.src, port: null };
  const protocol = corpus.legs.protocol[legs[at]!]!;
  return { address: tuple.dst, port: [TCP, UDP, SCTP].includes(protocol) ? tuple.dport : null };
}

/** Where it was translated, such as `SNAT pod veth → node eth0, SNAT NAT inside → NAT outside`. */
function translationOf(source: ReportSource, number: number): string {
  const journey = source.correlation.journeys[number]!;
  const name = (leg: number): string => {
    const point = source.corpus.legs.point[leg]!;
    const { role } = source.naming[point]!;
    return role === 'other' ? pointId(point) : roleName(role);
  };
  const done = journey.links.flatMap(({ from, to }, gap) => {
    const kind = source.kindOf(journey, gap);
    return kind === 'none' ? [] : [`${KIND_WORD[kind]} ${name(from)} → ${name(to)}`];
  });
  if (done.length > 0) return done.join(', ');
  if (journey.links.length > 0) return KIND_WORD.none;
  return journey.open.length > 0 ? 'ambiguous' : 'seen at one point only';
}
