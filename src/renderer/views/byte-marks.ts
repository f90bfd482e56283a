// For each byte of a packet at each point: the field it belongs to, and whether it differs from the point before.
import type { PacketDiff } from '../../shared/contract.ts';

export interface ByteMarks {
  /** Row of the diff, or -1; where fields lie in one another, the narrower. */
  readonly rows: Int32Array;
  readonly changed: Uint8Array;
}

export function byteMarks({ columns, rows }: PacketDiff): ByteMarks[] {
  return columns.map(({ bytes }, c) => {
    const owner = new Int32Array(bytes.length).fill(-1);
    const size = new Int32Array(bytes.length).fill(0x7fffffff);
    const changed = new Uint8Array(bytes.length);
    rows.forEach((row, index) => {
      const range = row.ranges[c];
      if (range === null || range === undefined) return;
      const [start, end] = range;
      for (let at = start; at < Math.min(end, bytes.length); at++) {
        if (end - start < size[at]!) {
          owner[at] = index;
          size[at] = end - start;
        }
        if (row.changed[c] === true && differs(at - start)) changed[at] = 1;
      }

      function differs(offset: number): boolean {
        const before = row.ranges[c - 1];
        if (before === null || before === undefined || before[1] - before[0] !== end - start) return true;
        return columns[c - 1]!.bytes[before[0] + offset] !== bytes[start + offset];
      }
    });
    return { rows: owner, changed };
  });
}
