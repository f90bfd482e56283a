// Checks checksums for the packet's detail and says what was found.
import { folded, sameSum, wordSum } from '../../bytes/checksum.ts';
import { u16be } from '../../bytes/integers.ts';
import type { ChecksumState } from './fields.ts';

export interface CheckedSum {
  readonly state: ChecksumState;
  readonly note: string;
}

/** The checksum of an IPv4 header that was captured whole. */
export function checkHeaderSum(bytes: Uint8Array, start: number, end: number): CheckedSum {
  const stored = u16be(bytes, start + 10);
  const rest = wordSum(bytes, start, end) - stored;
  if (sameSum(rest + stored, 0xffff)) return { state: 'good', note: 'correct' };
  // A sum of 0 stands where the card is to fill it in.
  if (stored === 0) return { state: 'partial', note: 'left to the network card' };
  return { state: 'bad', note: shouldBe(rest) };
}

/** Sum of a pseudo header: the addresses at these places, protocol, length (RFC 9293 3.1, RFC 8200 8.1). */
export function pseudoSum(
  bytes: Uint8Array,
  [source, destination]: readonly [number, number],
  version: 4 | 6,
  protocol: number,
  length: number,
): number {
  const size = version === 4 ? 4 : 16;
  const addresses = wordSum(bytes, source, source + size) + wordSum(bytes, destination, destination + size);
  return addresses + protocol + (length & 0xffff) + (length >>> 16);
}

/**
 * The checksum at `checksumAt` over a pseudo header and `length` bytes from `start`, of which those before `end` were
 * captured. `pseudo` is 0 where the protocol has none.
 */
export function checkTransportSum(
  bytes: Uint8Array,
  start: number,
  end: number,
  length: number,
  checksumAt: number,
  pseudo: number,
): CheckedSum {
  const stored = u16be(bytes, checksumAt);
  const isWhole = end - start >= length;
  const rest = pseudo + wordSum(bytes, start, Math.min(end, start + length)) - stored;
  if (isWhole && sameSum(rest + stored, 0xffff)) return { state: 'good', note: 'correct' };
  // Offload: the kernel leaves the pseudo header's sum, for segmentation sometimes without the length.
  if (pseudo > 0 && (sameSum(stored, pseudo) || sameSum(stored, pseudo - (length & 0xffff) - (length >>> 16)))) {
    return { state: 'partial', note: 'pseudo header only: left to the network card (offload)' };
  }
  if (!isWhole) return { state: 'unverifiable', note: 'not verifiable: the packet was cut' };
  return { state: 'bad', note: shouldBe(rest) };
}

function shouldBe(sumWithoutIt: number): string {
  const right = ~folded(sumWithoutIt) & 0xffff;
  return `wrong, should be 0x${right.toString(16).padStart(4, '0')}`;
}
