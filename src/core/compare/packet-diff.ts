// One packet at all its points, field by field and byte by byte.

/** What to think of a field's values across the points. */
export type Verdict = 'unchanged' | 'translation' | 'expected' | 'unexpected';

export interface DiffRow {
  /** 'Ethernet', 'IPv4', 'TCP', … */
  readonly layer: string;
  /** 'Source address', 'Time to live', … */
  readonly label: string;
  /** A column a point; null where the packet has no such field there. */
  readonly values: readonly (string | null)[];
  /** Bytes of the field in each column's packet: [start, end). */
  readonly ranges: readonly (readonly [number, number] | null)[];
  /** Per column: differs from the column before. */
  readonly changed: readonly boolean[];
  readonly verdict: Verdict;
  /** Why, in one line: "SNAT", "one hop", "follows RFC 1624"; null where nothing changed. */
  readonly explain: string | null;
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
