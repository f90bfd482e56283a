// A network for tests, made of arithmetic: a line of capture points with links between them that delay, lose and reorder.
// What is sent at one end passes the points in turn, with the addresses and ports that it has at each, and every point
// writes what it saw. Fast enough for 100,000 packets, and the same in every run.
//
//   const network = new Network(7, [{ file: 'pod.pcap' }, { file: 'node.pcap', delay: [20, 50], loss: 0.05 }]);
//   const arrived = network.send(legs, 0, true, udpPacket(...));
import type { SceneFile } from './scene.ts';
import { seededNumbers } from './seeded.ts';

export interface NetworkPoint {
  readonly file: string;
  /** Of the link from the point before: least and most delay in milliseconds, and the share of packets that are lost. */
  readonly delay?: readonly [number, number];
  readonly loss?: number;
  /** What its clock shows too much; seconds. */
  readonly clock?: number;
}

/** The ends of a connection at one point; an echo's id stands in `clientPort`. */
export interface Ends {
  readonly client: string;
  readonly clientPort: number;
  readonly server: string;
  readonly serverPort: number;
}

export interface Packet {
  readonly protocol: 'tcp' | 'udp' | 'icmp';
  readonly payload: Uint8Array;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: number;
  readonly stamps?: readonly [number, number];
}

const PROTOCOLS = { icmp: 1, tcp: 6, udp: 17 };
const FIN = 1;
const SYN = 2;
const PSH = 8;
const ACK = 16;
/** 2023-11-14T22:13:20Z, the beginning of time. */
const EPOCH = 1_700_000_000;
/** What is not answered is sent again after this; seconds. */
const RETRANSMIT_AFTER = 0.3;
const MAX_ATTEMPTS = 8;

export class Network {
  readonly next: () => number;
  private readonly points: readonly NetworkPoint[];
  private readonly frames: { time: number; bytes: Uint8Array }[][];

  constructor(seed: number, points: readonly NetworkPoint[]) {
    this.next = seededNumbers(seed);
    this.points = points;
    this.frames = points.map(() => []);
  }

  /** 0 to 1. */
  random(): number {
    return this.next() / 2 ** 32;
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.next() & 0xff);
  }

  /**
   * Sends a packet at `time` (seconds) from the client (`out`) or from the server; `legs` has the ends per point, or null where
   * the packets do not pass a point. The time of its arrival at the other end, or null where it was lost.
   */
  send(legs: readonly (Ends | null)[], time: number, out: boolean, packet: Packet): number | null {
    const order = legs.map((_, i) => i);
    if (!out) order.reverse();
    const ipId = this.next() & 0xffff;
    let hops = 0;
    let at = time;
    for (const [step, point] of order.entries()) {
      const { delay = [0.02, 0.05], loss = 0 } = this.points[out ? point : point + 1] ?? {};
      if (step > 0) {
        if (this.random() < loss) return null;
        at += (delay[0] + this.random() * (delay[1] - delay[0])) / 1000;
      }
      const ends = legs[point];
      if (ends) this.record(point, at, frame(ends, out, packet, 64 - hops, ipId));
      hops++;
    }
    return at + 0.0001;
  }

  /** The same, again and again until it arrives: when that is, or null after many attempts. */
  deliver(legs: readonly (Ends | null)[], time: number, out: boolean, packet: Packet): number | null {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
      const at = time + attempt * RETRANSMIT_AFTER;
      const stamps = packet.stamps && ([packet.stamps[0] + Math.round(attempt * 300), packet.stamps[1]] as const);
      const arrived = this.send(legs, at, out, stamps ? { ...packet, stamps } : packet);
      if (arrived !== null) return arrived;
    }
    return null;
  }

  /** A TCP connection from its SYN to its FIN, with so many requests and answers of some size. */
  tcp(legs: readonly (Ends | null)[], start: number, exchanges: number): void {
    let [client, server] = [this.next(), this.next()];
    let clock = this.next() >>> 1;
    const segment = (out: boolean, flags: number, payload: Uint8Array = new Uint8Array(0)): Packet => ({
      protocol: 'tcp',
      payload,
      sequence: out ? client : server,
      acknowledgment: (flags & ACK) === 0 ? 0 : out ? server : client,
      flags,
      stamps: [clock++, (flags & ACK) === 0 ? 0 : clock - 7],
    });
    const step = (at: number | null, out: boolean, flags: number, length = 0): number | null => {
      if (at === null) return null;
      const sent = segment(out, flags, this.bytes(length));
      const arrived = this.deliver(legs, at, out, sent);
      const taken = length + ((flags & (SYN | FIN)) === 0 ? 0 : 1);
      if (out) client = (client + taken) >>> 0;
      else server = (server + taken) >>> 0;
      return arrived;
    };
    let at: number | null = step(start, true, SYN);
    at = step(at, false, SYN | ACK);
    if (at !== null) this.send(legs, at, true, segment(true, ACK));
    for (let i = 0; i < exchanges; i++) {
      at = step(at, true, PSH | ACK, 40 + (this.next() % 400));
      at = step(at, false, PSH | ACK, 100 + (this.next() % 1200));
    }
    at = step(at, true, FIN | ACK);
    at = step(at, false, FIN | ACK);
    if (at !== null) this.send(legs, at, true, segment(true, ACK));
  }

  /** A query and its answer; the time when the answer came, or null. */
  dns(legs: readonly (Ends | null)[], time: number, id: number, name: string): number | null {
    const question = [...name.split('.').flatMap((label) => [label.length, ...ascii(label)]), 0, 0, 1, 0, 1];
    const head = (flags: number, answers: number): number[] => [
      id >> 8,
      id & 255,
      flags,
      0,
      0,
      1,
      0,
      answers,
      0,
      0,
      0,
      0,
    ];
    const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1];
    const arrived = this.send(legs, time, true, {
      protocol: 'udp',
      payload: Uint8Array.from([...head(1, 0), ...question]),
    });
    if (arrived === null) return null;
    const answer = Uint8Array.from([...head(0x81, 1), ...question, ...record]);
    return this.send(legs, arrived, false, { protocol: 'udp', payload: answer });
  }

  /** What the points have captured, each in the order of its time. */
  files(): SceneFile[] {
    return this.points.map(({ file }, i) => ({ file, bytes: pcap(this.frames[i]!) }));
  }

  private record(point: number, time: number, bytes: Uint8Array): void {
    this.frames[point]!.push({ time: time + (this.points[point]!.clock ?? 0), bytes });
  }
}

function ascii(text: string): number[] {
  return Array.from(text, (character) => character.charCodeAt(0));
}

/** Ethernet, IPv4 and the transport; checksums are left 0, as offloading leaves them. */
function frame(ends: Ends, out: boolean, packet: Packet, ttl: number, ipId: number): Uint8Array {
  const { protocol, payload, stamps } = packet;
  const options = protocol === 'tcp' && stamps ? 12 : 0;
  const header = protocol === 'tcp' ? 20 + options : 8;
  const bytes = new Uint8Array(34 + header + payload.length);
  const view = new DataView(bytes.buffer);
  bytes.set([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0, 0x45, 0]);
  view.setUint16(16, bytes.length - 14);
  view.setUint16(18, ipId);
  view.setUint16(20, 0x4000);
  bytes[22] = ttl;
  bytes[23] = PROTOCOLS[protocol];
  const [source, destination] = out ? [ends.client, ends.server] : [ends.server, ends.client];
  bytes.set(source.split('.').map(Number), 26);
  bytes.set(destination.split('.').map(Number), 30);
  const at = 34;
  if (protocol === 'icmp') {
    bytes[at] = out ? 8 : 0;
    view.setUint16(at + 4, ends.clientPort);
    view.setUint16(at + 6, packet.sequence ?? 0);
  } else {
    view.setUint16(at, out ? ends.clientPort : ends.serverPort);
    view.setUint16(at + 2, out ? ends.serverPort : ends.clientPort);
  }
  if (protocol === 'udp') view.setUint16(at + 4, 8 + payload.length);
  if (protocol === 'tcp') {
    view.setUint32(at + 4, packet.sequence ?? 0);
    view.setUint32(at + 8, packet.acknowledgment ?? 0);
    bytes[at + 12] = (header / 4) << 4;
    bytes[at + 13] = packet.flags ?? 0;
    if (stamps) {
      bytes.set([1, 1, 8, 10], at + 20);
      view.setUint32(at + 24, stamps[0]);
      view.setUint32(at + 28, stamps[1]);
    }
  }
  bytes.set(payload, at + header);
  return bytes;
}

/** Classic pcap in nanoseconds. */
function pcap(frames: { readonly time: number; readonly bytes: Uint8Array }[]): Uint8Array {
  const sorted = [...frames].sort((x, y) => x.time - y.time);
  const out = new Uint8Array(24 + sorted.reduce((sum, { bytes }) => sum + 16 + bytes.length, 0));
  const view = new DataView(out.buffer);
  [0xa1b23c4d, 0x00040002, 0, 0, 262_144, 1].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  let at = 24;
  for (const { time, bytes } of sorted) {
    const seconds = Math.floor(time);
    view.setUint32(at, EPOCH + seconds, true);
    view.setUint32(at + 4, Math.min(999_999_999, Math.round((time - seconds) * 1e9)), true);
    view.setUint32(at + 8, bytes.length, true);
    view.setUint32(at + 12, bytes.length, true);
    out.set(bytes, at + 16);
    at += 16 + bytes.length;
  }
  return out;
}
