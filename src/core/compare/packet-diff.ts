// One packet at all its points, field by field and byte by byte: which fields differ, and whether a box that translates or
// forwards is expected to make them differ. What is expected is in `expectations.ts`.
import { decodeDetail } from '../decode/detail.ts';
import { alignFields, type AlignedRow, type Column } from './align.ts';
import { type Change, type Judgement, type PacketDirection, judge, judgeUnchanged } from './expectations.ts';

export type { PacketDirection } from './expectations.ts';

/** What to think of a field's values across the points. */
export type Verdict = 'unchanged' | 'translation' | 'expected' | 'unexpected';

export interface DiffRow {
  /** 'Ethernet', 'IPv4', 'TCP', … */
  readonly layer: string;
  /** 'Source address', 'Time to live', … */
  readonly label: string;
  /** A column a point; null where the packet has no such field there. */
  readonly values: readonly (string | null)[];
  /** What is to be said of a value by itself ('correct', 'wrong, should be 0x1234'), a column a point. */
  readonly notes: readonly (string | null)[];
  /** Bytes of the field in each column's packet: [start, end). */
  readonly ranges: readonly (readonly [number, number] | null)[];
  /** Per column: differs from the column before (from the last before that has the field). */
  readonly changed: readonly boolean[];
  readonly verdict: Verdict;
  /** Why, in one line: "SNAT", "one hop", "follows the change (RFC 1624)"; null where there is nothing to say. */
  readonly explain: string | null;
}

/** The packet as one point saw it. */
export interface DiffInput {
  readonly point: string;
  /** ISO 8601. */
  readonly time: string;
  readonly wireLength: number;
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

export interface DiffColumn {
  readonly point: string;
  /** ISO 8601. */
  readonly time: string;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
  /** Why decoding stopped early, or null. */
  readonly note: string | null;
}

export interface PacketDiff {
  readonly columns: readonly DiffColumn[];
  readonly rows: readonly DiffRow[];
}

/**
 * Compares the packet at any number of points, given in the order in which it passed them. `direction` is that of the
 * packet in its journey: 'back' packets undo translations.
 */
export function packetDiff(inputs: readonly DiffInput[], direction: PacketDirection): PacketDiff {
  const columns = inputs.map((input): Column => {
    const detail = decodeDetail(input.linkType, input.bytes, input.wireLength);
    return { point: input.point, linkType: input.linkType, bytes: input.bytes, detail };
  });
  return {
    columns: inputs.map(({ point, time, wireLength, bytes }, index) => {
      return { point, time, wireLength, bytes, note: columns[index]!.detail.stopped };
    }),
    rows: alignFields(columns).map((row) => diffRow(row, columns, direction)),
  };
}

function diffRow(row: AlignedRow, columns: readonly Column[], direction: PacketDirection): DiffRow {
  const { fields } = row;
  const changes = fieldChanges(row, columns);
  const unchanged = changes.length === 0 ? judgeUnchanged(row, columns) : null;
  const judgements = unchanged ? [unchanged] : changes.map((change) => judge(change, direction));
  return {
    layer: row.layer,
    label: fields.find((field) => field !== null)?.label ?? row.key,
    values: fields.map((field) => field?.value ?? null),
    notes: fields.map((field) => field?.note ?? null),
    ranges: fields.map((field) => (field && field.end > field.start ? [field.start, field.end] : null)),
    changed: columns.map((_, index) => changes.some((change) => change.index === index)),
    verdict: worst(judgements),
    explain: explainAll(judgements, changes, columns.length),
  };
}

/** Where the field differs from the last column before that has it, or has its layer without it. */
function fieldChanges(row: AlignedRow, columns: readonly Column[]): Change[] {
  const changes: Change[] = [];
  let last = -1;
  for (const [index, to] of columns.entries()) {
    const now = row.fields[index] ?? null;
    if (!now && !row.isMissing(index)) continue;
    const from = columns[last];
    if (from) {
      const before = row.fields[last] ?? null;
      const same = before && now ? row.isSame(last, index) : before === now;
      if (!same) changes.push({ index, row, from, to, before, now });
    }
    last = index;
  }
  return changes;
}

const SEVERITY: readonly Verdict[] = ['unchanged', 'expected', 'translation', 'unexpected'];

function worst(judgements: readonly Judgement[]): Verdict {
  let level = 0;
  for (const { verdict } of judgements) level = Math.max(level, SEVERITY.indexOf(verdict));
  return SEVERITY[level]!;
}

/**
 * "one hop" for two columns; with more, where: "SNAT after pod-veth and node-eth0", "offloaded at pod-veth". What is
 * expected at every step is said once.
 */
function explainAll(judgements: readonly Judgement[], changes: readonly Change[], columns: number): string | null {
  const sentences = new Map<string, { readonly first: Judgement; readonly points: Set<string>; steps: number }>();
  for (const [index, judgement] of judgements.entries()) {
    const { explain, at } = judgement;
    const id = `${explain}${at ? ' at' : ' after'}`;
    const sentence = sentences.get(id) ?? { first: judgement, points: new Set(), steps: 0 };
    sentences.set(id, sentence);
    sentence.steps += 1;
    const from = changes[index]?.from.point;
    for (const point of at ?? (from === undefined ? [] : [from])) sentence.points.add(point);
  }
  const lines: string[] = [];
  for (const { first, points, steps } of sentences.values()) {
    const isEverywhere = steps === columns - 1 && (columns === 2 || first.verdict === 'expected');
    if (first.at) lines.push(`${first.explain} at ${listed([...points])}`);
    else lines.push(isEverywhere ? first.explain : `${first.explain} after ${listed([...points])}`);
  }
  return lines.join('; ') || null;
}

/** "a", "a and b", "a, b and c". */
function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)!}`;
}
