// The flow table of one capture: a packet's conntrack tuple at its point -> the leg that it belongs to. Both directions
// of a tuple find the same leg. A tuple that is used again is another connection: a SYN with another initial sequence
// number begins a new leg (an incarnation), and late packets of the old one still find theirs by sequence number. A SYN
// that comes after packets of its own connection (reordered), and one that crosses the other end's (a simultaneous open,
// RFC 9293 3.5) begin nothing new.
import { GrowingColumns } from '../bytes/columns.ts';
import { type Headers, ICMP, ICMPV6, TCP, TCP_ACK, TCP_RST, TCP_SYN } from '../decode/headers.ts';
import * as T from './tables.ts';

/** No earlier incarnation. */
const NONE = 0xffff_ffff;
/** How far back a late packet is looked for; a tuple used more often than this in quick succession is not seen. */
const MAX_INCARNATIONS_WALKED = 4;
/** More than one packet holds, and than what is sent before a handshake is through. */
const MAX_SYN_DATA = 0xffff;
/** A packet that overtook its SYN did so by less than this; nanoseconds. */
const REORDERED_WITHIN = 1e9;
/** SYNs of both ends that cross each other are sent within this time; nanoseconds. */
const CROSSING_WITHIN = 30e9;

/** 32-bit finaliser of MurmurHash3. */
function mix(h: number): number {
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return h ^ (h >>> 16);
}

function hashEnd(address: Uint32Array, port: number): number {
  let h = mix(address[3]! ^ Math.imul(port + 1, 0x9e3779b1));
  if ((address[0]! | address[1]!) !== 0) {
    h = mix(h ^ address[2]!);
    h = mix(h ^ address[1]!);
    h = mix(h ^ address[0]!);
  }
  return h;
}

export function isIcmp(protocol: number): boolean {
  return protocol === ICMP || protocol === ICMPV6;
}

/** Whether an ICMP or ICMPv6 type is an echo request (1), a reply (2) or no echo (0). */
export function echoKind(protocol: number, type: number): 0 | 1 | 2 {
  if (protocol === ICMP) return type === 8 ? 1 : type === 0 ? 2 : 0;
  return type === 128 ? 1 : type === 129 ? 2 : 0;
}

export class FlowTable {
  readonly legs = new GrowingColumns(T.LEG_COLUMNS, 256);
  readonly quoted = new GrowingColumns(T.QUOTED_COLUMNS, 16);
  /** Open addressing over leg numbers + 1; each slot holds the latest incarnation of its tuple. */
  private slots = new Uint32Array(1024);
  private hashes = new Uint32Array(1024);
  private used = 0;
  /** Earlier incarnation of each leg's tuple, or NONE. */
  private previous = new Uint32Array(256);
  /** Sequence and acknowledgment number of each TCP leg's first packet; the latter 0 without one. */
  private firstSequence = new Uint32Array(256);
  private firstAcknowledgment = new Uint32Array(256);

  /** The leg of this packet at `point`; a new one where the tuple is new there, or used again. */
  legOf(h: Headers, point: number, time: number): number {
    const hash = this.hash(h, point);
    let slot = hash & (this.slots.length - 1);
    for (let leg = this.slots[slot]!; leg !== 0; leg = this.slots[slot]!) {
      if (this.hashes[slot] === hash && this.matches(leg - 1, h, point))
        return this.incarnationOf(h, point, time, leg - 1, slot);
      slot = (slot + 1) & (this.slots.length - 1);
    }
    const leg = this.addLeg(h, point, NONE);
    this.slots[slot] = leg + 1;
    this.hashes[slot] = hash;
    if (++this.used * 2 > this.slots.length) this.grow();
    return leg;
  }

  /** Whether this packet of `leg` runs against the direction of the leg's first packet. */
  isBack(leg: number, h: Headers): boolean {
    const c = this.legs.columns;
    return !(
      c.sourcePort[leg] === h.sourcePort &&
      c.source3[leg] === h.source[3] &&
      c.destination3[leg] === h.destination[3] &&
      c.destinationPort[leg] === h.destinationPort &&
      c.source0[leg] === h.source[0] &&
      c.source1[leg] === h.source[1] &&
      c.source2[leg] === h.source[2]
    );
  }

  private hash(h: Headers, point: number): number {
    let extra = Math.imul(point + 1, 0x27d4eb2f) ^ Math.imul(h.protocol, 0x165667b1);
    if (isIcmp(h.protocol) && echoKind(h.protocol, h.icmpType) === 0) {
      extra ^= Math.imul((h.icmpType << 8) | h.icmpCode, 0x9e3779b1);
      if (h.hasQuoted) {
        extra ^=
          hashEnd(h.quotedSource, h.quotedSourcePort) ^ mix(hashEnd(h.quotedDestination, h.quotedDestinationPort));
      }
    }
    // A sum, so that both directions meet.
    return mix((hashEnd(h.source, h.sourcePort) + hashEnd(h.destination, h.destinationPort)) ^ extra) >>> 0;
  }

  private matches(leg: number, h: Headers, point: number): boolean {
    const c = this.legs.columns;
    if (c.point[leg] !== point || c.protocol[leg] !== h.protocol || c.ipVersion[leg] !== h.ipVersion) return false;
    if (!this.isBack(leg, h)) {
      if (
        c.destination0[leg] !== h.destination[0] ||
        c.destination1[leg] !== h.destination[1] ||
        c.destination2[leg] !== h.destination[2]
      ) {
        return false;
      }
    } else if (
      c.sourcePort[leg] !== h.destinationPort ||
      c.destinationPort[leg] !== h.sourcePort ||
      c.source3[leg] !== h.destination[3] ||
      c.destination3[leg] !== h.source[3] ||
      c.source0[leg] !== h.destination[0] ||
      c.source1[leg] !== h.destination[1] ||
      c.source2[leg] !== h.destination[2] ||
      c.destination0[leg] !== h.source[0] ||
      c.destination1[leg] !== h.source[1] ||
      c.destination2[leg] !== h.source[2]
    ) {
      return false;
    }
    if (!isIcmp(h.protocol)) return true;
    const echo = echoKind(h.protocol, h.icmpType) !== 0;
    if (echo) return (c.traits[leg]! & T.ICMP_MESSAGE) === 0;
    return c.icmp[leg] === ((h.icmpType << 8) | h.icmpCode) && this.quotesSame(c.quoted[leg]!, h);
  }

  private quotesSame(quoted: number, h: Headers): boolean {
    if (quoted === 0) return !h.hasQuoted;
    if (!h.hasQuoted) return false;
    const q = this.quoted.columns;
    const i = quoted - 1;
    return (
      q.protocol[i] === h.quotedProtocol &&
      q.sourcePort[i] === h.quotedSourcePort &&
      q.destinationPort[i] === h.quotedDestinationPort &&
      q.source0[i] === h.quotedSource[0] &&
      q.source1[i] === h.quotedSource[1] &&
      q.source2[i] === h.quotedSource[2] &&
      q.source3[i] === h.quotedSource[3] &&
      q.destination0[i] === h.quotedDestination[0] &&
      q.destination1[i] === h.quotedDestination[1] &&
      q.destination2[i] === h.quotedDestination[2] &&
      q.destination3[i] === h.quotedDestination[3]
    );
  }

  /** Which use of the tuple this packet belongs to; `latest` stands in `slot`. */
  private incarnationOf(h: Headers, point: number, time: number, latest: number, slot: number): number {
    if (h.protocol !== TCP || !h.hasSequence) return latest;
    const c = this.legs.columns;
    if ((h.tcpFlags & TCP_SYN) !== 0) {
      const answer = (h.tcpFlags & TCP_ACK) !== 0;
      const isnClient = answer ? (h.acknowledgment - 1) >>> 0 : h.sequence;
      let walked = 0;
      for (let leg = latest; leg !== NONE && walked < MAX_INCARNATIONS_WALKED; leg = this.previous[leg]!, walked++) {
        if (this.hasOpening(leg) && c.isnClient[leg] === isnClient) return leg;
        if ((c.traits[leg]! & T.BOTH_OPEN) !== 0 && c.isnServer[leg] === isnClient) return leg;
      }
      if (this.isLateSyn(h, latest, isnClient, time)) return latest;
      if (!answer && this.crosses(h, latest, time)) return latest;
      // A SYN-ACK may acknowledge data that came with the SYN (RFC 7413); farther off, it answers a SYN that was not seen.
      if (answer && this.hasOpening(latest) && (isnClient - c.isnClient[latest]!) >>> 0 <= MAX_SYN_DATA) {
        return latest;
      }
      const leg = this.addLeg(h, point, latest);
      this.slots[slot] = leg + 1;
      return leg;
    }
    const before = this.previous[latest]!;
    if (before === NONE) return latest;
    return this.distance(h, latest) <= this.distance(h, before) ? latest : before;
  }

  private hasOpening(leg: number): boolean {
    return (this.legs.columns.traits[leg]! & (T.HAS_SYN | T.HAS_SYN_ACK)) !== 0;
  }

  /** Whether the leg, which has no SYN, began with a packet that comes just after this SYN or SYN-ACK. */
  private isLateSyn(h: Headers, leg: number, isnClient: number, time: number): boolean {
    if (this.hasOpening(leg) || Math.abs(time - this.legs.columns.last[leg]!) > REORDERED_WITHIN) return false;
    // A leg's first packet is never "back".
    const fromClient = this.isBack(leg, h) === ((h.tcpFlags & TCP_ACK) !== 0);
    const place = fromClient ? this.firstSequence[leg]! : this.firstAcknowledgment[leg]!;
    const after = (place - isnClient) >>> 0;
    return after > 0 && after <= MAX_SYN_DATA;
  }

  /** Whether this SYN comes from the end that the leg's own SYN, not answered yet, was sent to. */
  private crosses(h: Headers, leg: number, time: number): boolean {
    const c = this.legs.columns;
    const traits = c.traits[leg]!;
    if ((traits & (T.HAS_SYN | T.HAS_SYN_ACK | T.BOTH_OPEN)) !== T.HAS_SYN) return false;
    const fromServer = this.isBack(leg, h) === ((traits & T.CLIENT_IS_SOURCE) !== 0);
    return fromServer && Math.abs(time - c.last[leg]!) <= CROSSING_WITHIN;
  }

  /** How far this packet's numbers lie from the beginning of `leg`; huge where they lie before it. */
  private distance(h: Headers, leg: number): number {
    const c = this.legs.columns;
    const traits = c.traits[leg]!;
    if (!this.hasOpening(leg)) return 0xffff_fffe;
    const fromClient = this.isBack(leg, h) === ((traits & T.CLIENT_IS_DESTINATION) !== 0);
    const acknowledges = (h.tcpFlags & TCP_ACK) !== 0;
    if (fromClient) {
      const bySequence = (h.sequence - c.isnClient[leg]!) >>> 0;
      // A reset may carry no sequence number worth comparing.
      return (h.tcpFlags & TCP_RST) !== 0 && h.sequence === 0 ? 0 : bySequence;
    }
    if (acknowledges) return (h.acknowledgment - c.isnClient[leg]!) >>> 0;
    return (traits & T.HAS_SYN_ACK) !== 0 ? (h.sequence - c.isnServer[leg]!) >>> 0 : 0;
  }

  private addLeg(h: Headers, point: number, previous: number): number {
    const leg = this.legs.addRow();
    const c = this.legs.columns;
    if (leg >= this.previous.length) {
      this.previous = doubled(this.previous);
      this.firstSequence = doubled(this.firstSequence);
      this.firstAcknowledgment = doubled(this.firstAcknowledgment);
    }
    this.previous[leg] = previous;
    this.firstSequence[leg] = h.sequence;
    this.firstAcknowledgment[leg] = (h.tcpFlags & TCP_ACK) === 0 ? 0 : h.acknowledgment;
    c.point[leg] = point;
    c.ipVersion[leg] = h.ipVersion;
    writeTuple(c, leg, h.protocol, h.source, h.sourcePort, h.destination, h.destinationPort);
    c.incarnation[leg] = previous === NONE ? 0 : c.incarnation[previous]! + 1;
    if (isIcmp(h.protocol) && echoKind(h.protocol, h.icmpType) === 0) {
      c.traits[leg]! |= T.ICMP_MESSAGE;
      c.icmp[leg] = (h.icmpType << 8) | h.icmpCode;
      if (h.hasQuoted) {
        c.traits[leg]! |= T.ICMP_ERROR;
        c.quoted[leg] = this.addQuoted(h) + 1;
      }
    }
    return leg;
  }

  private addQuoted(h: Headers): number {
    const row = this.quoted.addRow();
    const ends = [h.quotedSource, h.quotedSourcePort, h.quotedDestination, h.quotedDestinationPort] as const;
    writeTuple(this.quoted.columns, row, h.quotedProtocol, ...ends);
    return row;
  }

  private grow(): void {
    const slots = new Uint32Array(this.slots.length * 2);
    const hashes = new Uint32Array(slots.length);
    for (let i = 0; i < this.slots.length; i++) {
      if (this.slots[i] === 0) continue;
      let slot = this.hashes[i]! & (slots.length - 1);
      while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
      slots[slot] = this.slots[i]!;
      hashes[slot] = this.hashes[i]!;
    }
    this.slots = slots;
    this.hashes = hashes;
  }
}

function doubled(from: Uint32Array): Uint32Array<ArrayBuffer> {
  const to = new Uint32Array(from.length * 2);
  to.set(from);
  return to;
}

function writeTuple(
  columns: { [K in Exclude<keyof T.QuotedTable, 'length'>]: T.QuotedTable[K] },
  row: number,
  protocol: number,
  source: ArrayLike<number>,
  sourcePort: number,
  destination: ArrayLike<number>,
  destinationPort: number,
): void {
  columns.protocol[row] = protocol;
  columns.source0[row] = source[0]!;
  columns.source1[row] = source[1]!;
  columns.source2[row] = source[2]!;
  columns.source3[row] = source[3]!;
  columns.destination0[row] = destination[0]!;
  columns.destination1[row] = destination[1]!;
  columns.destination2[row] = destination[2]!;
  columns.destination3[row] = destination[3]!;
  columns.sourcePort[row] = sourcePort;
  columns.destinationPort[row] = destinationPort;
}
