// Where in its two streams a TCP packet stands, coarsely: cells of 64 KiB of sequence by 64 KiB of acknowledgment. Two
// captures that saw one packet of a connection, whatever else they saw of it, have its cell in common; a super-packet has
// those of its first and its last byte. Unrelated packets share a cell once in 2^32.
import { TCP_ACK, TCP_SYN } from '../decode/headers.ts';
import { FRAGMENT, type PacketTable } from '../flows/tables.ts';

const CELL_BITS = 16;

/** No cell: a SYN, whose numbers are compared as ISNs, or a later fragment. */
const NO_CELL = -1;

/** The cell of a packet's first byte, the same for both directions of a stream. */
export function cellOf(packets: PacketTable, row: number): number {
  return cellAt(packets, row, 0);
}

/** The cell of its last byte. */
export function lastCellOf(packets: PacketTable, row: number): number {
  const length = packets.payloadLength[row]!;
  return cellAt(packets, row, length === 0 ? 0 : length - 1);
}

function cellAt(packets: PacketTable, row: number, offset: number): number {
  const flags = packets.flags[row]!;
  if ((flags & (TCP_SYN | FRAGMENT)) !== 0) return NO_CELL;
  const own = (packets.sequence[row]! + offset) >>> CELL_BITS;
  // Without an acknowledgment (a reset) what stands in its place is no number of the other stream, but the same everywhere.
  const other = (flags & TCP_ACK) === 0 ? 0 : packets.acknowledgment[row]! >>> CELL_BITS;
  const [low, high] = own < other ? [own, other] : [other, own];
  return (low & 0xffff) * 0x1_0000 + (high & 0xffff);
}

/** Calls with each cell of these rows, several times where the packets leave it and come back. */
export function forEachCell(packets: PacketTable, rows: Uint32Array, visit: (cell: number) => void): void {
  let previous = NO_CELL;
  for (const row of rows) {
    const cell = cellOf(packets, row);
    if (cell !== previous && cell !== NO_CELL) visit((previous = cell));
    const last = lastCellOf(packets, row);
    if (last !== previous && last !== NO_CELL) visit((previous = last));
  }
}
