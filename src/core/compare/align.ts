// Lays the fields of one packet at several points side by side: rows by layer and key, in the packet's order.
import type { DetailField, PacketDetail } from '../decode/detail.ts';

/** The packet at one point. */
export interface Column {
  readonly point: string;
  readonly linkType: number;
  readonly bytes: Uint8Array;
  readonly detail: PacketDetail;
}

export interface AlignedRow {
  readonly layer: string;
  readonly key: string;
  /** A column a point; null where it has no such field. */
  readonly fields: readonly (DetailField | null)[];
  /** The column has the row's layer whole, but not this field: it was taken out, or not yet put in. */
  isMissing(column: number): boolean;
  /** Both columns hold the same value, of payloads as far as both were captured. */
  isSame(a: number, b: number): boolean;
}

/** Through NAT64 a packet changes its version: fields that both versions have are one row then. */
const COMMON_IP_KEYS: ReadonlySet<string> = new Set([
  'version',
  'dscp',
  'ecn',
  'protocol',
  'ttl',
  'source',
  'destination',
]);

export function alignFields(columns: readonly Column[]): AlignedRow[] {
  const versions = new Set(columns.flatMap(({ detail }) => detail.layers.filter((layer) => /^IPv[46]$/.test(layer))));
  const mixed = versions.size > 1;
  const layerOf = ({ layer, key }: DetailField) =>
    mixed && /^IPv[46]$/.test(layer) && COMMON_IP_KEYS.has(key) ? 'IP' : layer;

  const rows: {
    readonly id: string;
    readonly layer: string;
    readonly key: string;
    readonly fields: (DetailField | null)[];
  }[] = [];
  for (const [index, { detail }] of columns.entries()) {
    // A new row goes behind the row of the field before it, so that every column's order is kept.
    let place = 0;
    for (const field of detail.fields) {
      const layer = layerOf(field);
      const id = `${layer}/${field.key}`;
      let at = rows.findIndex((row) => row.id === id);
      if (at < 0) {
        at = place;
        rows.splice(at, 0, { id, layer, key: field.key, fields: columns.map(() => null) });
      }
      rows[at]!.fields[index] = field;
      place = at + 1;
    }
  }
  return rows.map(({ layer, key, fields }) => ({
    layer,
    key,
    fields,
    isMissing(column) {
      const { layers, stoppedIn } = columns[column]!.detail;
      const depth = layers.indexOf(layer);
      const isWhole = depth >= 0 && (stoppedIn === null || depth < layers.indexOf(stoppedIn));
      return fields[column] === null && isWhole;
    },
    isSame(a, b) {
      const first = fields[a]!;
      const second = fields[b]!;
      if (key !== 'bytes') return first.value === second.value;
      const length = Math.min(first.end - first.start, second.end - second.start);
      const one = columns[a]!.bytes;
      const other = columns[b]!.bytes;
      for (let i = 0; i < length; i += 1) {
        if (one[first.start + i] !== other[second.start + i]) return false;
      }
      return true;
    },
  }));
}
