// The two sides of a host in a capture of `any` in SLL version 1: it names no interface, but says of each packet whether it
// came in (packet type 0) or went out (4) (packet(7); libpcap, LINKTYPE_LINUX_SLL). A host that forwards shows a packet twice,
// before and after its own translation. So the capture is two points: `in`, where packets of the client come in and answers
// to it go out, and `out`, where they go on to the server and answers come in.
//
// While the capture is read, packets are told apart by their turn: the same for what came in one way and went out the other.
// So the two sides of a connection are two legs, also where nothing was translated. At the end, if some packet was seen to come
// in and to go out a hop shorter, legs are given to the sides by their clients; a host that forwards nothing is one point.
import { type Headers, TCP, UDP } from '../decode/headers.ts';
import * as T from './tables.ts';

/** Names of the two points. */
export const CLIENT_SIDE = 'in';
export const SERVER_SIDE = 'out';

/** A packet type of SLL: sent by this host. */
const OUTGOING = 4;
/** ARPHRD_LOOPBACK: what goes out comes in again, at the same place. */
const LOOPBACK = 772;
/** Packets that came in and are remembered until they go out. */
const REMEMBERED = 4096;

export class SideWatch {
  /** Some packet came in and went out again. */
  forwards = false;
  private readonly keys = new Float64Array(REMEMBERED);
  private readonly ttls = new Uint8Array(REMEMBERED);

  /** 0 or 1: the same for packets of one connection at one side of the host. */
  turnOf(h: Headers): number {
    if (h.linkHardware === LOOPBACK) return 0;
    return Number(isOutgoing(h)) ^ Number(isAscending(h));
  }

  /** Takes notice of an IP packet. */
  see(h: Headers): void {
    if (this.forwards || h.linkHardware === LOOPBACK || h.fragmentOffset > 0) return;
    if (h.protocol !== TCP && h.payloadLength < 8) return;
    const key = (h.digest ^ Math.imul(h.sequence, 0x9e3779b1) ^ Math.imul(h.ipId, 0x85ebca6b)) >>> 0;
    const full = (key * 64 + (h.payloadLength & 63)) * 16 + (h.tcpFlags & 15) + 1;
    const at = key % REMEMBERED;
    if (!isOutgoing(h)) {
      this.keys[at] = full;
      this.ttls[at] = h.ttl;
    } else if (this.keys[at] === full && this.ttls[at] === h.ttl + 1) this.forwards = true;
  }
}

export function isOutgoing(h: Headers): boolean {
  return h.linkPacketType === OUTGOING;
}

/** One direction of each pair of addresses. */
function isAscending({ source, destination }: Headers): boolean {
  for (let word = 0; word < 4; word++) {
    if (source[word] !== destination[word]) return source[word]! < destination[word]!;
  }
  return false;
}

/**
 * Gives the legs, and with them the packets, of a host's two provisional points to its sides: `client` and `server` are the same
 * two points from here on, counted anew. Packets without a leg stay where they are.
 */
export function divideSides(
  packets: T.PacketTable,
  legs: T.LegTable,
  quoted: T.QuotedTable,
  points: readonly T.CapturePoint[],
  [client, server]: readonly [client: number, server: number],
): void {
  const isHere = (point: number): boolean => point === client || point === server;
  /** Per leg whether packets in its own direction went out of the host. */
  const outgoing = new Uint8Array(legs.length);
  for (let row = packets.length - 1; row >= 0; row--) {
    const leg = packets.leg[row]!;
    if (leg === T.NO_LEG || !isHere(packets.point[row]!)) continue;
    const back = (packets.flags[row]! & T.BACK) !== 0;
    outgoing[leg] = Number(((packets.flags[row]! & T.OUTBOUND) !== 0) !== back);
  }
  const servers = new Servers();
  for (let leg = 0; leg < legs.length; leg++) if (isHere(legs.point[leg]!)) servers.learn(legs, leg);
  for (let leg = 0; leg < legs.length; leg++) {
    if (!isHere(legs.point[leg]!)) continue;
    const row = legs.quoted[leg]! - 1;
    // An error runs against the packet that it quotes.
    const fromClient =
      row >= 0 ? !servers.isFromClient(quoted, row, 0) : servers.isFromClient(legs, leg, legs.traits[leg]!);
    legs.point[leg] = (outgoing[leg] === 1) === fromClient ? server : client;
  }
  for (const number of [client, server]) {
    Object.assign(points[number]!, { packets: 0, bytes: 0, first: Number.NaN, last: Number.NaN });
  }
  for (let row = 0; row < packets.length; row++) {
    if (!isHere(packets.point[row]!)) continue;
    const leg = packets.leg[row]!;
    if (leg !== T.NO_LEG) packets.point[row] = legs.point[leg]!;
    const point = points[packets.point[row]!]!;
    point.packets++;
    point.bytes += packets.wireLength[row]!;
    if ((packets.flags[row]! & T.HAS_TIME) === 0) continue;
    const time = packets.time[row]!;
    if (!(time >= point.first)) point.first = time;
    if (!(time <= point.last)) point.last = time;
  }
}

/** Which ends are servers: those that are known to be, and those that many connections have in common. */
class Servers {
  private readonly known = new Set<string>();
  private readonly legs = new Map<string, number>();

  learn(legs: T.LegTable, leg: number): void {
    const traits = legs.traits[leg]!;
    if ((traits & T.ICMP_MESSAGE) !== 0) return;
    if ((traits & T.CLIENT_IS_SOURCE) !== 0) this.known.add(end(legs, leg, true));
    else if ((traits & T.CLIENT_IS_DESTINATION) !== 0) this.known.add(end(legs, leg, false));
    for (const destination of [false, true]) {
      const own = end(legs, leg, destination);
      this.legs.set(own, (this.legs.get(own) ?? 0) + 1);
    }
  }

  /** Whether a tuple's source is the client: as its own packets tell, as other connections do, or supposed from the ports. */
  isFromClient(t: T.LegTable | T.QuotedTable, row: number, traits: number): boolean {
    if ((traits & T.CLIENT_IS_SOURCE) !== 0) return true;
    if ((traits & T.CLIENT_IS_DESTINATION) !== 0) return false;
    const [source, destination] = [end(t, row, false), end(t, row, true)];
    if (this.known.has(source) !== this.known.has(destination)) return this.known.has(destination);
    const [ofSource, ofDestination] = [this.legs.get(source) ?? 0, this.legs.get(destination) ?? 0];
    if (ofSource !== ofDestination) return ofSource < ofDestination;
    const hasPorts = t.protocol[row] === TCP || t.protocol[row] === UDP;
    return !hasPorts || t.sourcePort[row]! >= t.destinationPort[row]!;
  }
}

function end(t: T.LegTable | T.QuotedTable, row: number, destination: boolean): string {
  return destination
    ? `${t.protocol[row]!} ${t.destination0[row]!} ${t.destination1[row]!} ${t.destination2[row]!} ${t.destination3[row]!} ${t.destinationPort[row]!}`
    : `${t.protocol[row]!} ${t.source0[row]!} ${t.source1[row]!} ${t.source2[row]!} ${t.source3[row]!} ${t.sourcePort[row]!}`;
}
