// From frames to tables: the sink that a capture's reader pushes into. One pass, nothing allocated per packet.
import { GrowingColumns } from '../bytes/columns.ts';
import { type IssueCount, IssueLog } from '../bytes/issues.ts';
import { epochNs } from '../bytes/time.ts';
import { digest } from '../decode/digest.ts';
import {
  DIGEST_LENGTH,
  Headers,
  ICMP,
  ICMPV6,
  SCTP,
  TCP,
  TCP_ACK,
  TCP_RST,
  TCP_SYN,
  UDP,
  decodeHeaders,
  isDecodedLinkType,
} from '../decode/headers.ts';
import { LINKTYPE_LINUX_SLL, linkTypeName } from '../formats/link-types.ts';
import type {
  CaptureInterface,
  CaptureSection,
  InterfaceStatistics,
  PacketRemark,
  RecordSink,
} from '../formats/sink.ts';
import { FlowTable, echoKind } from './flow-table.ts';
import { FragmentTable } from './fragments.ts';
import { MirrorWatch, mayBeMirrored, sessionName } from './mirror.ts';
import { joinPoints } from './points.ts';
import { RemarkTable } from './remarks.ts';
import { CLIENT_SIDE, SERVER_SIDE, SideWatch, divideSides, isOutgoing } from './sides.ts';
import * as T from './tables.ts';

/** Seconds after 1970 that no capture has: the year 2242. */
const IMPOSSIBLE_TIME = 2 ** 33;

interface OpenInterface {
  readonly description: CaptureInterface;
  /**
   * Point of each Linux interface index of an SLL2 capture; -1 stands for the capture's own interface, and with -2 for the two turns
   * of a cooked capture without indexes.
   */
  readonly points: Map<number, number>;
  readonly sides: SideWatch | null;
  readonly decoded: boolean;
}

/** Points of one capture: a node has some hundred interfaces, a damaged file any number. */
const MAX_POINTS = 1024;

export class Ingest implements RecordSink {
  private readonly interfaces: OpenInterface[] = [];
  private readonly points: T.CapturePoint[] = [];
  private readonly pointIssues: IssueLog[] = [];
  private readonly fileIssues = new IssueLog();
  private readonly packets = new GrowingColumns(T.PACKET_COLUMNS, 4096);
  private readonly flows = new FlowTable();
  private readonly headers = new Headers();
  private readonly fragments = new FragmentTable();
  /** Of the points that saw tunnels as a mirror's are, by their numbers. */
  private readonly mirrors = new Map<number, MirrorWatch>();
  private readonly remarks = new RemarkTable();
  private baseSeconds = Number.NaN;
  private hasCutDigests = false;

  get packetCount(): number {
    return this.packets.length;
  }

  get hasInterface(): boolean {
    return this.interfaces.length > 0;
  }

  interface(description: CaptureInterface): void {
    this.interfaces[description.index] = {
      description,
      points: new Map(),
      sides: description.linkType === LINKTYPE_LINUX_SLL ? new SideWatch() : null,
      decoded: isDecodedLinkType(description.linkType),
    };
  }

  statistics(interfaceIndex: number, statistics: InterfaceStatistics): void {
    const at = this.interfaces[interfaceIndex];
    if (!at || statistics.dropped === null || statistics.dropped === 0) return;
    const point = this.points[this.pointOf(at, -1)]!;
    point.dropped = Math.max(point.dropped, statistics.dropped);
  }

  remark({ direction, comment, dropped }: PacketRemark): void {
    const row = this.packets.length - 1;
    const c = this.packets.columns;
    if (direction !== null) c.flags[row]! |= direction === 'in' ? T.INBOUND : T.OUTBOUND;
    if (comment !== null) this.remarks.addComment(row, comment);
    if (dropped > 0) this.points[c.point[row]!]!.dropped += dropped;
  }

  section(section: CaptureSection): void {
    this.remarks.section(section);
  }

  names(address: Uint8Array, names: readonly string[]): void {
    this.remarks.addNames(address, names);
  }

  secrets(): void {
    this.remarks.secrets();
  }

  issue(issue: { code: Parameters<IssueLog['add']>[0]; message: string; offset: number | null }): void {
    this.fileIssues.add(issue.code, issue.message, issue.offset);
  }

  packet(
    interfaceIndex: number,
    seconds: number,
    nanos: number,
    wireLength: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fileOffset: number,
  ): void {
    const at = this.interfaces[interfaceIndex];
    if (!at) return;
    const h = this.headers;
    const isIp = decodeHeaders(h, at.description.linkType, bytes, start, end, wireLength);
    const ownPoint = this.pointOf(at, at.sides && isIp ? -1 - at.sides.turnOf(h) : h.linkInterface);
    const pointNumber = h.tunnel !== 0 && mayBeMirrored(h) ? this.mirroredPoint(at, ownPoint) : ownPoint;
    const point = this.points[pointNumber]!;
    point.packets++;
    point.bytes += wireLength;

    const row = this.packets.addRow();
    const c = this.packets.columns;
    c.point[row] = pointNumber;
    c.offset[row] = fileOffset;
    c.capturedLength[row] = end - start;
    c.wireLength[row] = wireLength;
    let flags = at.sides === null ? 0 : isOutgoing(h) ? T.OUTBOUND : T.INBOUND;
    let time = 0;
    if (isIp) at.sides?.see(h);
    if (Number.isNaN(seconds)) {
      this.pointIssues[pointNumber]!.add(
        'no-timestamp',
        'Packets without a time: they have no place in an order.',
        fileOffset,
      );
    } else if (!(seconds >= 0 && seconds < IMPOSSIBLE_TIME)) {
      this.pointIssues[pointNumber]!.add(
        'impossible-time',
        `Packets with a time that cannot be (${seconds} seconds after 1970): they have no place in an order.`,
        fileOffset,
      );
    } else {
      if (Number.isNaN(this.baseSeconds)) this.baseSeconds = seconds;
      time = (seconds - this.baseSeconds) * 1e9 + nanos;
      flags |= T.HAS_TIME;
      if (!(time >= point.first)) point.first = time;
      if (!(time <= point.last)) point.last = time;
    }
    c.time[row] = time;
    c.leg[row] = T.NO_LEG;
    if (!isIp) {
      if (!at.decoded) this.undecoded(at, pointNumber, fileOffset);
      c.flags[row] = flags;
      return;
    }

    c.ttl[row] = h.ttl;
    c.ipId[row] = h.ipId;
    c.payloadLength[row] = h.payloadLength;
    if (h.fragmentOffset > 0) {
      c.flags[row] = flags | T.FRAGMENT;
      const packet = this.fragments.later(h, pointNumber, row, time);
      if (packet.leg >= 0) this.countPacket(packet.leg, row, packet.back);
      return;
    }
    const leg = this.legOfPacket(h, pointNumber, time);
    const back = this.flows.isBack(leg, h);
    this.countPacket(leg, row, back);
    if (back) flags |= T.BACK;
    if (h.moreFragments) this.firstFragment(h, pointNumber, time, leg, back);
    c.digest[row] = h.digest;
    c.shortDigest[row] =
      h.digestLength <= T.SHORT_DIGEST_LENGTH
        ? h.digest
        : digest(bytes, h.payloadStart, h.payloadStart + T.SHORT_DIGEST_LENGTH);
    if (end - start < wireLength && h.digestLength < Math.min(h.payloadLength, DIGEST_LENGTH))
      this.hasCutDigests = true;
    if (h.protocol === TCP) {
      flags |= h.tcpFlags & 0xff;
      c.sequence[row] = h.sequence;
      c.acknowledgment[row] = h.acknowledgment;
      if (h.hasTimestamps) {
        flags |= T.HAS_TIMESTAMPS;
        c.tsVal[row] = h.tsVal;
      }
      if (h.payloadLength === 0) c.digest[row] = c.shortDigest[row] = h.window;
    } else if (h.protocol === SCTP) {
      c.sequence[row] = h.tsn;
      c.acknowledgment[row] = h.verificationTag;
    } else if (h.protocol === ICMP || h.protocol === ICMPV6) {
      c.sequence[row] = h.icmpSequence;
      c.acknowledgment[row] = (h.icmpType << 8) | h.icmpCode;
    }
    c.flags[row] = flags;
    if (!h.hasTransport) {
      this.pointIssues[pointNumber]!.add(
        'truncated-packet',
        'Packets cut before their ports: the snap length is too short to tell connections apart.',
        fileOffset,
      );
    }
    this.noteTraits(leg, h, back);
  }

  /** Everything read so far, as tables whose buffers are their own; of a capture that goes on they are asked for again. */
  tables(format: string): T.CaptureTables {
    const points: T.CapturePoint[] = this.points.map((point, number) => ({ ...point, issues: this.issuesOf(number) }));
    // An interface without a packet is a point all the same: that nothing was seen there is a fact.
    for (const { description, points: seen } of this.interfaces) {
      if (seen.size === 0 && points.length < MAX_POINTS) points.push(newPoint(description, description.name));
    }
    const packets = this.packets.finish();
    const legs = this.flows.legs.finish();
    const quoted = this.flows.quoted.finish();
    this.divideHosts(points, packets, legs, quoted);
    return {
      format,
      base: epochNs(Number.isNaN(this.baseSeconds) ? 0 : this.baseSeconds, 0),
      points: joinPoints(points, this.joins(legs), packets.point, legs.point),
      packets,
      legs,
      quoted,
      hasCutDigests: this.hasCutDigests,
      remarks: this.remarks.remarks(),
      issues: this.fileIssues.list(),
    };
  }

  /** The points that are to be merged into others: sessions of what was no mirror, and interfaces that saw but one. */
  private joins(legs: T.LegTable): Map<number, number> {
    const joins = new Map<number, number>();
    for (const { points, sides } of this.interfaces) {
      const [one, other] = [points.get(-1), points.get(-2)];
      if (sides?.forwards === false && one !== undefined && other !== undefined) joins.set(other, one);
    }
    const bothWays = new Set<number>();
    if (this.mirrors.size === 0) return joins;
    for (let leg = 0; leg < legs.length; leg++) {
      if (legs.packetsOut[leg]! > 0 && legs.packetsBack[leg]! > 0) bothWays.add(legs.point[leg]!);
    }
    for (const [own, watch] of this.mirrors) {
      const sessions = [...watch.sessions.values()];
      if (!watch.isMirror((point) => bothWays.has(point))) for (const point of sessions) joins.set(point, own);
      else if (this.points[own]!.packets === 0) joins.set(own, sessions[0]!);
    }
    return joins;
  }

  /** Makes two sides of the points of each cooked capture whose host forwards. */
  private divideHosts(points: T.CapturePoint[], packets: T.PacketTable, legs: T.LegTable, quoted: T.QuotedTable): void {
    for (const { description, points: seen, sides } of this.interfaces) {
      const [one, other] = [seen.get(-1), seen.get(-2)];
      if (sides?.forwards !== true || one === undefined || other === undefined || one === other) continue;
      const [client, server] = [Math.min(one, other), Math.max(one, other)];
      divideSides(packets, legs, quoted, points, [client, server]);
      for (const [point, side] of [
        [client, CLIENT_SIDE],
        [server, SERVER_SIDE],
      ] as const) {
        const interfaceName = description.name === null ? side : `${description.name}/${side}`;
        points[point] = { ...points[point]!, interfaceName };
      }
    }
  }

  private pointOf(at: OpenInterface, linkInterface: number): number {
    const known = at.points.get(linkInterface);
    if (known !== undefined) return known;
    const number = this.addPoint(at.description, linkInterface >= 0 ? `if${linkInterface}` : at.description.name);
    at.points.set(linkInterface, number);
    return number;
  }

  private addPoint(description: CaptureInterface, interfaceName: string | null): number {
    if (this.points.length === MAX_POINTS) {
      const message = `More than ${MAX_POINTS} interfaces: packets of the further ones stand with the first.`;
      this.fileIssues.add('too-many-interfaces', message);
      return 0;
    }
    this.points.push(newPoint(description, interfaceName));
    return this.pointIssues.push(new IssueLog()) - 1;
  }

  private issuesOf(point: number): IssueCount[] {
    const issues = this.pointIssues[point]!.list();
    const { dropped } = this.points[point]!;
    if (dropped === 0) return issues;
    const message = `${dropped} packets were dropped while capturing: the capture is not complete here.`;
    const code = 'dropped-by-capture';
    return [...issues, { code, count: dropped, first: { code, message, offset: null } }];
  }

  private undecoded(at: OpenInterface, point: number, offset: number): void {
    const name = linkTypeName(at.description.linkType);
    this.pointIssues[point]!.add(
      'undecoded-link-type',
      `Link type ${name} (${at.description.linkType}) is not decoded: its packets are counted only.`,
      offset,
    );
  }

  private legOfPacket(h: Headers, point: number, time: number): number {
    const legs = this.flows.legs;
    const count = legs.length;
    const leg = this.flows.legOf(h, point, time);
    if (legs.length > count) legs.columns.first[leg] = time;
    return leg;
  }

  /** The leg's own counters; the packet at `row` has been filled in as far as time, lengths and flags go. */
  private countPacket(leg: number, row: number, back: boolean): void {
    const c = this.packets.columns;
    const l = this.flows.legs.columns;
    c.leg[row] = leg;
    if (back) {
      c.flags[row]! |= T.BACK;
      l.packetsBack[leg]!++;
      l.bytesBack[leg]! += c.wireLength[row]!;
    } else {
      l.packetsOut[leg]!++;
      l.bytesOut[leg]! += c.wireLength[row]!;
    }
    const time = c.time[row]!;
    if (time < l.first[leg]!) l.first[leg] = time;
    l.last[leg] = time;
  }

  /** Later fragments have no ports: they belong where this first one does, and so do those that came before it. */
  private firstFragment(h: Headers, point: number, time: number, leg: number, back: boolean): void {
    const packet = this.fragments.first(h, point, time);
    packet.leg = leg;
    packet.back = back;
    for (const row of this.fragments.release(packet)) this.countPacket(leg, row, back);
    this.flows.legs.columns.last[leg] = time;
  }

  /** The point of a packet in a tunnel: that of its session, which at the end may be found to be no mirror's. */
  private mirroredPoint(at: OpenInterface, ownPoint: number): number {
    const h = this.headers;
    let watch = this.mirrors.get(ownPoint);
    if (!watch) this.mirrors.set(ownPoint, (watch = new MirrorWatch()));
    const session = watch.sessionOf(h);
    if (session === null) return ownPoint;
    let point = watch.sessions.get(session);
    if (point === undefined) {
      point = this.addPoint(at.description, sessionName(h, this.points[ownPoint]!.interfaceName));
      watch.sessions.set(session, point);
    }
    return point;
  }

  /** What this packet tells of its leg as a whole. */
  private noteTraits(leg: number, h: Headers, back: boolean): void {
    const c = this.flows.legs.columns;
    let traits = c.traits[leg]!;
    if (h.protocol === TCP) {
      if ((h.tcpFlags & TCP_SYN) !== 0 && h.hasSequence) {
        if ((h.tcpFlags & TCP_ACK) !== 0) {
          if ((traits & T.HAS_SYN_ACK) === 0) {
            traits |= T.HAS_SYN_ACK;
            // Where both ends opened, either of them answers the other's SYN.
            if ((traits & T.BOTH_OPEN) === 0) c.isnServer[leg] = h.sequence;
            if ((traits & T.HAS_SYN) === 0) {
              c.isnClient[leg] = (h.acknowledgment - 1) >>> 0;
              traits |= back ? T.CLIENT_IS_SOURCE : T.CLIENT_IS_DESTINATION;
            }
          }
        } else if ((traits & T.HAS_SYN) === 0) {
          traits |= T.HAS_SYN;
          c.isnClient[leg] = h.sequence;
          c.synOptions[leg] = h.synOptions;
          if (h.hasTimestamps) {
            traits |= T.HAS_SYN_TIMESTAMP;
            c.synTsVal[leg] = h.tsVal;
          }
          traits |= back ? T.CLIENT_IS_DESTINATION : T.CLIENT_IS_SOURCE;
        } else if ((traits & (T.HAS_SYN_ACK | T.BOTH_OPEN)) === 0 && h.sequence !== c.isnClient[leg]) {
          traits |= T.BOTH_OPEN;
          c.isnServer[leg] = h.sequence;
        }
      }
    } else if (h.protocol === UDP) {
      if (h.dnsFlags === 1) traits |= back ? T.CLIENT_IS_DESTINATION : T.CLIENT_IS_SOURCE;
      else if (h.dnsFlags === 2) traits |= back ? T.CLIENT_IS_SOURCE : T.CLIENT_IS_DESTINATION;
    } else if (h.protocol === ICMP || h.protocol === ICMPV6) {
      const echo = echoKind(h.protocol, h.icmpType);
      if (echo === 1) traits |= back ? T.CLIENT_IS_DESTINATION : T.CLIENT_IS_SOURCE;
      else if (echo === 2) traits |= back ? T.CLIENT_IS_SOURCE : T.CLIENT_IS_DESTINATION;
      else traits |= T.CLIENT_IS_SOURCE;
    }
    c.traits[leg] = traits;
    // A reset is often forged nearby, with a TTL of its own.
    if (h.protocol !== TCP || (h.tcpFlags & TCP_RST) === 0) {
      if (back) {
        if (c.ttlBack[leg] === 0) c.ttlBack[leg] = h.ttl;
      } else if (c.ttlOut[leg] === 0) c.ttlOut[leg] = h.ttl;
    }
  }
}

function newPoint(description: CaptureInterface, interfaceName: string | null): T.CapturePoint {
  return {
    interfaceName,
    linkType: description.linkType,
    snapLength: description.snapLength,
    filter: description.filter,
    description: description.description,
    comments: description.comments,
    packets: 0,
    bytes: 0,
    first: Number.NaN,
    last: Number.NaN,
    dropped: 0,
    issues: [],
  };
}
