// Fragments of IP packets, grouped for their ports, which only the first fragment has. Grouping does not reassemble: a
// fragment belongs to its packet by addresses, protocol and identification (RFC 791, RFC 8200), whatever its offset, so
// overlaps, duplicates and gaps do no harm. Fragments that come before the first wait for it.
//
// Memory is bounded: beyond `MAX_PACKETS` the older half is forgotten, and at most `MAX_WAITING` fragments wait; what is
// forgotten belongs to no leg.
import type { Headers } from '../decode/headers.ts';

const MAX_PACKETS = 4096;
const MAX_WAITING = 16_384;
/** How long the fragments of one packet can be apart (RFC 8200 4.5), in nanoseconds; later, the id stands for another. */
const TIMEOUT_NS = 60e9;

export interface FragmentedPacket {
  /** The leg of the first fragment, -1 while that was not seen. */
  leg: number;
  /** Whether it runs against the direction of the leg. */
  back: boolean;
  /** When its first piece was seen. */
  readonly since: number;
  /** Rows of the fragments that wait for the first. */
  waiting: number[];
}

export class FragmentTable {
  private readonly packets = new Map<string, FragmentedPacket>();
  private waiting = 0;

  /** The first fragment has come: its packet, to which its leg is to be told. Those that waited for it stand in `waiting`. */
  first(h: Headers, point: number, time: number): FragmentedPacket {
    return this.packet(h, point, time);
  }

  /** A later fragment, at `row` of the packets: its packet. Where that has no leg yet, the fragment waits. */
  later(h: Headers, point: number, row: number, time: number): FragmentedPacket {
    const packet = this.packet(h, point, time);
    if (packet.leg < 0 && this.waiting < MAX_WAITING) {
      packet.waiting.push(row);
      this.waiting += 1;
    }
    return packet;
  }

  /** The rows that waited for the leg of `packet`; they wait no longer. */
  release(packet: FragmentedPacket): readonly number[] {
    const rows = packet.waiting;
    this.waiting -= rows.length;
    packet.waiting = [];
    return rows;
  }

  private packet(h: Headers, point: number, time: number): FragmentedPacket {
    const key = keyOf(h, point);
    const known = this.packets.get(key);
    if (known && Math.abs(time - known.since) <= TIMEOUT_NS) return known;
    if (known) {
      this.release(known);
      this.packets.delete(key);
    } else if (this.packets.size >= MAX_PACKETS) {
      this.forgetOlderHalf();
    }
    const packet: FragmentedPacket = { leg: -1, back: false, since: time, waiting: [] };
    this.packets.set(key, packet);
    return packet;
  }

  private forgetOlderHalf(): void {
    let forget = MAX_PACKETS / 2;
    for (const [key, packet] of this.packets) {
      if (forget-- === 0) break;
      this.release(packet);
      this.packets.delete(key);
    }
  }
}

/** Without the protocol for IPv6, whose later fragments name the header behind theirs, not the transport. */
function keyOf(h: Headers, point: number): string {
  const protocol = h.ipVersion === 4 ? h.protocol : 6;
  return `${point} ${h.ipVersion} ${protocol} ${h.ipId} ${h.source.join(' ')} ${h.destination.join(' ')}`;
}
