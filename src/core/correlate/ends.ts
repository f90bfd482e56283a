// Which ends of a connection stayed as they were between two legs, and what TTLs say of the way between them.
import { isIcmp } from '../flows/flow-table.ts';
import type { Corpus } from './corpus.ts';
import type { LegPair } from './tie.ts';

/** How many of the two ends are the same at both legs: an IPv4 address within an IPv6 one counts as kept (NAT64). */
export function endsKept(corpus: Corpus, { a, b, crossed }: LegPair): 0 | 1 | 2 {
  const kept = Number(isEndKept(corpus, a, false, b, crossed)) + Number(isEndKept(corpus, a, true, b, !crossed));
  return kept as 0 | 1 | 2;
}

function isEndKept(corpus: Corpus, a: number, aDestination: boolean, b: number, bDestination: boolean): boolean {
  const l = corpus.legs;
  if (l.ipVersion[a] === l.ipVersion[b]) return corpus.sameEnd(a, aDestination, b, bDestination);
  const port = (leg: number, destination: boolean): number =>
    destination ? l.destinationPort[leg]! : l.sourcePort[leg]!;
  if (!isIcmp(l.protocol[a]!) && port(a, aDestination) !== port(b, bDestination)) return false;
  return l.ipVersion[a] === 6
    ? isEmbedded(corpus, b, bDestination, a, aDestination)
    : isEmbedded(corpus, a, aDestination, b, bDestination);
}

/**
 * Whether the IPv6 address holds the IPv4 one as RFC 6052 (2.2) lays it out, for any length of prefix: octet 8 is left
 * out, so that all but the longest prefix split the address.
 */
function isEmbedded(corpus: Corpus, v4: number, v4Destination: boolean, v6: number, v6Destination: boolean): boolean {
  const address = corpus.word(v4, v4Destination, 3);
  const word = (n: number): number => corpus.word(v6, v6Destination, n);
  const [head, u, low] = [word(1), word(2), word(3)];
  // The 32 bits behind the octet that is left out.
  const tail = ((u << 8) | (low >>> 24)) >>> 0;
  return (
    low === address ||
    head === address ||
    ((head << 8) | (tail >>> 24)) >>> 0 === address ||
    ((head << 16) | (tail >>> 16)) >>> 0 === address ||
    ((head << 24) | (tail >>> 8)) >>> 0 === address ||
    tail === address
  );
}

/** The address of a multicast group, or the broadcast address. */
export function hasGroupEnd(corpus: Corpus, leg: number): boolean {
  const v4 = corpus.legs.ipVersion[leg] === 4;
  for (const destination of [false, true]) {
    const low = corpus.word(leg, destination, 3);
    if (v4 ? low >>> 28 === 14 || low === 0xffff_ffff : corpus.word(leg, destination, 0) >>> 24 === 0xff) return true;
  }
  return false;
}

/**
 * Whether packets went through a router between the two: their TTL fell one way on the way out, the other way on the way
 * back, as far as each was seen.
 */
export function routedBetween(corpus: Corpus, pair: LegPair): boolean {
  const [out, back] = hopsBetween(corpus, pair);
  if (out === null || out === 0) return back !== null && back !== 0;
  return back === null || back === 0 || Math.sign(back) === Math.sign(out);
}

/**
 * By how much TTLs fell from `a` to `b` on the way of a's first packet, and from `b` to `a` on the other; null where one of
 * the legs has no packet of that direction. Both have one sign where both ways lead through the same box.
 */
export function hopsBetween(
  corpus: Corpus,
  { a, b, crossed }: LegPair,
): readonly [out: number | null, back: number | null] {
  const l = corpus.legs;
  const [outB, backB] = crossed ? [l.ttlBack[b]!, l.ttlOut[b]!] : [l.ttlOut[b]!, l.ttlBack[b]!];
  const fell = (from: number, to: number): number | null => (from === 0 || to === 0 ? null : from - to);
  return [fell(l.ttlOut[a]!, outB), fell(backB, l.ttlBack[a]!)];
}
