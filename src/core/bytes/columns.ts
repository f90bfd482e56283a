// Tables are structs of columns: one growing typed array a field, all of one length. Rows are numbers, not objects, so
// that millions of them cost only their bytes and cross to another thread without copying.

type ColumnArray = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;
type ColumnConstructor<A extends ColumnArray> = new (length: number) => A;
export type ColumnTypes = Readonly<Record<string, ColumnConstructor<ColumnArray>>>;

/** The columns of a finished table: exactly `length` rows each. */
export type Columns<T extends ColumnTypes> = { readonly [K in keyof T]: InstanceType<T[K]> } & {
  readonly length: number;
};

/** Columns that grow; `columns` is replaced when they do, so take it anew after `addRow`. */
export class GrowingColumns<T extends ColumnTypes> {
  columns: { [K in keyof T]: InstanceType<T[K]> };
  length = 0;
  private capacity: number;
  private readonly types: T;

  constructor(types: T, capacity = 1024) {
    this.types = types;
    this.capacity = capacity;
    this.columns = this.allocate(capacity, null);
  }

  /** Appends a row of zeros and returns its number. */
  addRow(): number {
    if (this.length === this.capacity) {
      this.capacity *= 2;
      this.columns = this.allocate(this.capacity, this.columns);
    }
    return this.length++;
  }

  /** The table as it is, each column cut to its length in a buffer of its own. */
  finish(): Columns<T> {
    const out: Record<string, ColumnArray | number> = { length: this.length };
    for (const name of Object.keys(this.types)) out[name] = this.columns[name]!.slice(0, this.length);
    return out as Columns<T>;
  }

  private allocate(capacity: number, from: Record<string, ColumnArray> | null): { [K in keyof T]: InstanceType<T[K]> } {
    const out: Record<string, ColumnArray> = {};
    for (const [name, type] of Object.entries(this.types)) {
      const column = new type(capacity);
      if (from) column.set(from[name]!);
      out[name] = column;
    }
    return out as { [K in keyof T]: InstanceType<T[K]> };
  }
}

/** The buffers of a finished table, to be transferred to another thread. */
export function columnBuffers(columns: Readonly<Record<string, ColumnArray | number>>): ArrayBuffer[] {
  const buffers: ArrayBuffer[] = [];
  for (const column of Object.values(columns)) {
    if (typeof column !== 'number') buffers.push(column.buffer as ArrayBuffer);
  }
  return buffers;
}

/** One table after the other: the rows of `parts` in order. */
export function concatColumns<T extends ColumnTypes>(types: T, parts: readonly Columns<T>[]): Columns<T> {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const out: Record<string, ColumnArray | number> = { length };
  for (const [name, type] of Object.entries(types)) {
    const column = new type(length);
    let at = 0;
    for (const part of parts) {
      column.set(part[name]!, at);
      at += part.length;
    }
    out[name] = column;
  }
  return out as Columns<T>;
}
