// From frames to tables: the sink that a capture's reader pushes into. One pass, nothing allocated per packet.
import { GrowingColumns } from '../bytes/columns.ts';
import { IssueLog } from '../bytes/issues.ts';
import { epochNs } from '../bytes/time.ts';
import {
  Headers,
  ICMP,
  ICMPV6,
  TCP,
  TCP_ACK,
  TCP_RST,
  TCP_SYN,
  UDP,
  decodeHeaders,
  isDecodedLinkType,
} from '../decode/headers.ts';
import { linkTypeName } from '../formats/link-types.ts';
import type { CaptureInterface, InterfaceStatistics, RecordSink } from '../formats/sink.ts';
import { FlowTable, echoKind } from './flow-table.ts';
import * as T from './tables.ts';

/** Fragmented packets whose ports are remembered at once; the oldest half is forgotten beyond that. */
const MAX_FRAGMENTED = 4096;

interface OpenInterface {
  readonly description: CaptureInterface;
  /** Point of each Linux interface index of an SLL2 capture; -1 stands for the capture's own interface. */
  readonly points: Map<number, number>;
  readonly decoded: boolean;
}

export class Ingest implements RecordSink {
  private readonly interfaces: OpenInterface[] = [];
  private readonly points: T.CapturePoint[] = [];
  private readonly pointIssues: IssueLog[] = [];
  private readonly fileIssues = new IssueLog();
  private readonly packets = new GrowingColumns(T.PACKET_COLUMNS, 4096);
  private readonly flows = new FlowTable();
  private readonly headers = new Headers();
  private readonly fragments = new Map<string, number>();
  private baseSeconds = Number.NaN;

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
      decoded: isDecodedLinkType(description.linkType),
    };
  }

  statistics(interfaceIndex: number, statistics: InterfaceStatistics): void {
    const at = this.interfaces[interfaceIndex];
    if (!at || statistics.dropped === null || statistics.dropped === 0) return;
    this.points[this.pointOf(at, -1)]!.dropped = statistics.dropped;
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
    const pointNumber = this.pointOf(at, h.linkInterface);
    const point = this.points[pointNumber]!;
    point.packets++;
    point.bytes += wireLength;

    const row = this.packets.addRow();
    const c = this.packets.columns;
    c.point[row] = pointNumber;
    c.offset[row] = fileOffset;
    c.capturedLength[row] = end - start;
    c.wireLength[row] = wireLength;
    let flags = 0;
    let time = 0;
    if (Number.isNaN(seconds)) {
      this.pointIssues[pointNumber]!.add(
        'no-timestamp',
        'Packets without a time: they have no place in an order.',
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
    const leg = h.fragmentOffset > 0 ? this.legOfFragment(h, pointNumber) : this.legOfPacket(h, pointNumber, time);
    if (leg === T.NO_LEG) {
      c.flags[row] = flags | T.FRAGMENT;
      return;
    }
    c.leg[row] = leg;
    const back = this.isBack(leg, h);
    if (back) flags |= T.BACK;
    const l = this.flows.legs.columns;
    l.last[leg] = time;
    if (back) {
      l.packetsBack[leg]!++;
      l.bytesBack[leg]! += wireLength;
    } else {
      l.packetsOut[leg]!++;
      l.bytesOut[leg]! += wireLength;
    }
    if (h.fragmentOffset > 0) {
      c.flags[row] = flags | T.FRAGMENT;
      c.payloadLength[row] = h.payloadLength;
      return;
    }
    c.payloadLength[row] = h.payloadLength;
    c.digest[row] = h.digest;
    c.digestLength[row] = h.digestLength;
    if (h.protocol === TCP) {
      flags |= h.tcpFlags & 0xff;
      c.sequence[row] = h.sequence;
      c.acknowledgment[row] = h.acknowledgment;
      if (h.hasTimestamps) {
        flags |= T.HAS_TIMESTAMPS;
        c.tsVal[row] = h.tsVal;
        c.tsEcr[row] = h.tsEcr;
      }
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

  /** Everything read so far, as tables whose buffers are their own. */
  finish(format: string): T.CaptureTables {
    // An interface without a packet is a point all the same: that nothing was seen there is a fact.
    for (const at of this.interfaces) if (at.points.size === 0) this.pointOf(at, -1);
    for (const [number, point] of this.points.entries()) {
      if (point.dropped > 0) this.tellDropped(number, point.dropped);
      point.issues = this.pointIssues[number]!.list();
    }
    return {
      format,
      base: epochNs(Number.isNaN(this.baseSeconds) ? 0 : this.baseSeconds, 0),
      points: this.points,
      packets: this.packets.finish(),
      legs: this.flows.legs.finish(),
      quoted: this.flows.quoted.finish(),
      issues: this.fileIssues.list(),
    };
  }

  private pointOf(at: OpenInterface, linkInterface: number): number {
    const known = at.points.get(linkInterface);
    if (known !== undefined) return known;
    const number = this.points.length;
    at.points.set(linkInterface, number);
    this.points.push({
      interfaceName: linkInterface >= 0 ? `if${linkInterface}` : at.description.name,
      linkType: at.description.linkType,
      snapLength: at.description.snapLength,
      filter: at.description.filter,
      packets: 0,
      bytes: 0,
      first: Number.NaN,
      last: Number.NaN,
      dropped: 0,
      issues: [],
    });
    this.pointIssues.push(new IssueLog());
    return number;
  }

  private tellDropped(point: number, dropped: number): void {
    const message = `${dropped} packets were dropped while capturing: the capture is not complete here.`;
    this.pointIssues[point]!.add('dropped-by-capture', message, null, dropped);
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
    const leg = this.flows.legOf(h, point);
    if (legs.length > count) legs.columns.first[leg] = time;
    if (h.moreFragments) {
      if (this.fragments.size >= MAX_FRAGMENTED) {
        let drop = MAX_FRAGMENTED / 2;
        for (const key of this.fragments.keys()) {
          if (drop-- === 0) break;
          this.fragments.delete(key);
        }
      }
      this.fragments.set(fragmentKey(h, point), leg);
    }
    return leg;
  }

  /** A later fragment has no ports: it belongs where its first fragment did. */
  private legOfFragment(h: Headers, point: number): number {
    return this.fragments.get(fragmentKey(h, point)) ?? T.NO_LEG;
  }

  private isBack(leg: number, h: Headers): boolean {
    if (h.fragmentOffset === 0) return this.flows.isBack(leg, h);
    const c = this.flows.legs.columns;
    return !(
      c.source3[leg] === h.source[3] &&
      c.source2[leg] === h.source[2] &&
      c.source1[leg] === h.source[1] &&
      c.source0[leg] === h.source[0]
    );
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
            c.isnServer[leg] = h.sequence;
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

function fragmentKey(h: Headers, point: number): string {
  return `${point} ${h.protocol} ${h.ipId} ${h.source.join(' ')} ${h.destination.join(' ')}`;
}
