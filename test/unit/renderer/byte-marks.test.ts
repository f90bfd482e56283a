import { describe, expect, it } from 'vitest';
import type { DiffRow, PacketDiff } from '../../../src/core/compare/packet-diff.ts';
import { byteMarks } from '../../../src/renderer/views/byte-marks.ts';

function row(label: string, ranges: DiffRow['ranges'], changed: readonly boolean[]): DiffRow {
  return {
    layer: 'IPv4',
    label,
    values: ranges.map(() => ''),
    notes: ranges.map(() => null),
    ranges,
    changed,
    verdict: 'expected',
    explain: null,
  };
}

function diff(packets: readonly (readonly number[])[], rows: readonly DiffRow[]): PacketDiff {
  return {
    columns: packets.map((bytes, i) => ({
      point: `p${i}`,
      time: '',
      wireLength: bytes.length,
      bytes: Uint8Array.from(bytes),
      note: null,
    })),
    rows,
  };
}

describe('marks of bytes', () => {
  it('marks only the bytes of a changed field that differ', () => {
    const both = [[0, 4] as const, [0, 4] as const];
    const [before, after] = byteMarks(
      diff(
        [
          [10, 42, 3, 21],
          [10, 42, 1, 17],
        ],
        [row('Source', both, [false, true])],
      ),
    );
    expect([...before!.changed]).toEqual([0, 0, 0, 0]);
    expect([...after!.changed]).toEqual([0, 0, 1, 1]);
  });

  it('gives a byte to the narrowest field that holds it', () => {
    const [marks] = byteMarks(diff([[1, 2, 3]], [row('Header', [[0, 3]], [false]), row('Flags', [[1, 2]], [false])]));
    expect([...marks!.rows]).toEqual([0, 1, 0]);
  });

  it('marks a field whole where it is new or of another length, and stays inside a short packet', () => {
    const fresh = row('Option', [null, [1, 4]], [false, true]);
    const [, after] = byteMarks(diff([[1], [1, 2]], [fresh]));
    expect([...after!.changed]).toEqual([0, 1]);
  });
});
