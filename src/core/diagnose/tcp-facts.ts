// What one point saw of one TCP connection, in one pass over its packets in the order of time: the handshake, what was
// sent again, how it ended, where it fell silent. "Out" is from the client. Lists hold indices into the streams.
import { TCP_ACK, TCP_FIN, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import type { PacketTable } from '../flows/tables.ts';
import type { Stream } from '../correlate/passages.ts';

/** A packet of a connection: which stream, and its index there. */
export interface Place {
  readonly isBack: boolean;
  readonly at: number;
  /** Corrected, nanoseconds. */
  readonly time: number;
}

interface Silence {
  /** The packets before and after it. */
  readonly before: Place;
  readonly after: Place;
  readonly length: number;
}

export interface TcpFacts {
  /** SYNs without ACK from the client, and SYN-ACKs to it. */
  readonly syns: readonly Place[];
  readonly synAcks: readonly Place[];
  readonly resets: readonly Place[];
  readonly fins: readonly Place[];
  /** Packets whose every byte (or whose SYN or FIN) this point had seen in this direction before. */
  readonly retransmissions: readonly Place[];
  /** Payload bytes by direction, each counted once. */
  readonly bytesOut: number;
  readonly bytesBack: number;
  /** Both sides showed that the handshake was done: data, or an ACK of the SYN-ACK. */
  readonly isEstablished: boolean;
  /** The longest time without a packet; null of fewer than two. */
  readonly longestSilence: Silence | null;
}

/** Of retransmissions this many are kept. */
const MAX_LISTED = 1024;

export function tcpFacts(packets: PacketTable, out: Stream, back: Stream): TcpFacts {
  const facts = {
    syns: [] as Place[],
    synAcks: [] as Place[],
    resets: [] as Place[],
    fins: [] as Place[],
    retransmissions: [] as Place[],
  };
  const reached: (number | null)[] = [null, null];
  const bytes = [0, 0];
  let isEstablished = false;
  let longestSilence: Silence | null = null;
  let before: Place | null = null;
  for (const place of inOrder(out, back)) {
    const side = place.isBack ? 1 : 0;
    const row = (place.isBack ? back : out).rows[place.at]!;
    const flags = packets.flags[row]!;
    const length = packets.payloadLength[row]!;
    if (before && !(place.time - before.time <= (longestSilence?.length ?? 0))) {
      longestSilence = { before, after: place, length: place.time - before.time };
    }
    before = place;
    if ((flags & TCP_RST) !== 0) {
      facts.resets.push(place);
      continue;
    }
    if ((flags & TCP_SYN) !== 0) ((flags & TCP_ACK) === 0 ? facts.syns : facts.synAcks).push(place);
    else if (facts.synAcks.length > 0 || reached[1 - side] != null) isEstablished = true;
    if ((flags & TCP_FIN) !== 0) facts.fins.push(place);
    const occupied = length + ((flags & (TCP_SYN | TCP_FIN)) !== 0 ? 1 : 0);
    if (occupied === 0) continue;
    const end = (packets.sequence[row]! + occupied) | 0;
    const known = reached[side] ?? null;
    const beyond = known === null ? occupied : (end - known) | 0;
    if (beyond <= 0) {
      if (facts.retransmissions.length < MAX_LISTED) facts.retransmissions.push(place);
      continue;
    }
    reached[side] = end;
    bytes[side] = bytes[side]! + Math.min(length, beyond);
  }
  return { ...facts, bytesOut: bytes[0]!, bytesBack: bytes[1]!, isEstablished, longestSilence };
}

/** The packets of both directions by time; of each direction in the order of the file. */
function* inOrder(out: Stream, back: Stream): Generator<Place> {
  let o = 0;
  let b = 0;
  while (o < out.rows.length || b < back.rows.length) {
    const isBack = o === out.rows.length || (b < back.rows.length && back.times[b]! < out.times[o]!);
    const at = isBack ? b++ : o++;
    yield { isBack, at, time: (isBack ? back : out).times[at]! };
  }
}
