// Where records begin again behind damage. A place is taken for a record only where a whole chain of plausible records
// follows: up to the end of the file, or so far that bytes inside one packet (which may be a capture themselves, being
// copied) do not look like it. Better to stop than to invent packets.

/** How far to look: beyond what the largest ordinary packet covers. */
const SEARCH = 512 * 1024;
/** A chain that is this long, in bytes or in records, is believed. */
const CHAIN_BYTES = 64 * 1024;
const CHAIN_RECORDS = 64;
/** A shorter one only at the file's end: of this many records where the last is whole, of one more where it is cut. */
const CHAIN_AT_END = 2;
const LONGEST_HEADER = 24;

/** Bytes behind the damage that a decision needs, where the file has as many. */
export const RESYNCHRONISE_VIEW = SEARCH + CHAIN_BYTES + LONGEST_HEADER;

/** Length of the plausible record at `at`, its header being in the bytes; 0 where none is. */
type RecordLength = (bytes: Uint8Array, at: number) => number;

/**
 * The first place behind `damage` where records begin again, or -1. `end` is where the view ends: `RESYNCHRONISE_VIEW`
 * bytes behind `damage`, or earlier at the end of the file.
 */
export function findRecords(
  bytes: Uint8Array,
  damage: number,
  end: number,
  headerLength: number,
  recordLength: RecordLength,
): number {
  const isFileEnd = end - damage < RESYNCHRONISE_VIEW;
  const stop = Math.min(damage + SEARCH, end - headerLength);
  for (let at = damage + 1; at <= stop; at += 1) {
    if (recordLength(bytes, at) > 0 && isChain(bytes, at, end, isFileEnd, headerLength, recordLength)) return at;
  }
  return -1;
}

function isChain(
  bytes: Uint8Array,
  start: number,
  end: number,
  isFileEnd: boolean,
  headerLength: number,
  recordLength: RecordLength,
): boolean {
  let at = start;
  for (let records = 0; records < CHAIN_RECORDS; records += 1) {
    if (at - start >= CHAIN_BYTES) return records > CHAIN_AT_END;
    if (at === end) return isFileEnd && records >= CHAIN_AT_END;
    if (at + headerLength > end) return isFileEnd && records > CHAIN_AT_END;
    const length = recordLength(bytes, at);
    if (length === 0) return false;
    if (at + length > end) return records > CHAIN_AT_END;
    at += length;
  }
  return true;
}
