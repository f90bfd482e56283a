// Holds what the readers, the fast decoder and the detail say of every packet of a file against tshark.
import { readFileSync } from 'node:fs';
import { expect } from 'vitest';
import { addressTextAt } from '../../src/core/decode/addresses.ts';
import { decodeDetail, type ChecksumState, type PacketDetail } from '../../src/core/decode/detail.ts';
import { Headers, ICMP, ICMPV6, TCP, UDP, decodeHeaders } from '../../src/core/decode/headers.ts';
import { readCapture, type ReadPacket } from '../support/packets-read.ts';
import { tsharkPackets, type TsharkField, type TsharkPacket } from './tshark.ts';

/** What both can say of a packet; null where it does not apply. */
type Said = Readonly<Record<string, string | number | null>>;

function number(values: readonly string[]): number | null {
  return values[0] === undefined ? null : Number(values[0]);
}

/** tshark's sight of the packet, its outermost IP header; of the transport only what belongs to that header. */
function saidByTshark(packet: TsharkPacket, protocol: number): Said {
  const v6 = packet['ip.src'].length === 0 || isBefore(packet['ipv6.src'], packet['ip.src']);
  const isTcp = protocol === TCP;
  const isUdp = protocol === UDP;
  const said: Record<string, string | number | null> = {
    time: packet['frame.time_epoch'][0] ?? null,
    length: number(packet['frame.len']),
    captured: number(packet['frame.cap_len']),
    source: packet[v6 ? 'ipv6.src' : 'ip.src'][0] ?? null,
    destination: packet[v6 ? 'ipv6.dst' : 'ip.dst'][0] ?? null,
    protocol: v6 ? behindExtensions(packet) : number(packet['ip.proto']),
    ttl: v6 ? number(packet['ipv6.hlim']) : number(packet['ip.ttl']),
    id: v6 ? null : number(packet['ip.id']),
    quotedSource:
      (protocol === ICMP ? packet['ip.src'][1] : protocol === ICMPV6 ? packet['ipv6.src'][1] : null) ?? null,
  };
  if (isTcp) {
    said.ports = `${packet['tcp.srcport'][0]}-${packet['tcp.dstport'][0]}`;
    said.sequence = number(packet['tcp.seq_raw']);
    said.acknowledgment = number(packet['tcp.ack_raw']) ?? 0;
    said.flags = (number(packet['tcp.flags']) ?? 0) & 0xff;
    said.window = number(packet['tcp.window_size_value']);
    // Of a first fragment tshark gives no length.
    const length = number(packet['tcp.len']);
    if (length !== null) said.payload = length;
    said.tsVal = number(packet['tcp.options.timestamp.tsval']);
    said.tsEcr = number(packet['tcp.options.timestamp.tsecr']);
    said.mss = number(packet['tcp.options.mss_val']);
  } else if (isUdp) {
    said.ports = `${packet['udp.srcport'][0]}-${packet['udp.dstport'][0]}`;
    said.payload = (number(packet['udp.length']) ?? 8) - 8;
    const response = packet['dns.flags.response'][0];
    // LLMNR and NetBIOS look like DNS to tshark, and so do the first bytes of a message without its header.
    if (response !== undefined && isDnsPort(packet) && said.payload >= 12) {
      said.dnsId = number(packet['dns.id']);
      said.dns = response === '1' || response === 'True' ? 2 : 1;
    }
  } else if (protocol === ICMP) {
    said.icmp = `${packet['icmp.type'][0]}/${packet['icmp.code'][0]}`;
    if (said.quotedSource === null) {
      said.id2 = number(packet['icmp.ident']);
      said.sequence = number(packet['icmp.seq']);
    }
  } else if (protocol === ICMPV6) {
    said.type = number(packet['icmpv6.type']);
    said.id2 = number(packet['icmpv6.echo.identifier']);
  }
  return said;
}

const EXTENSIONS: ReadonlyMap<number, TsharkField> = new Map([
  [0, 'ipv6.hopopts.nxt'],
  [43, 'ipv6.routing.nxt'],
  [44, 'ipv6.fraghdr.nxt'],
  [60, 'ipv6.dstopts.nxt'],
]);

function behindExtensions(packet: TsharkPacket): number | null {
  let next = number(packet['ipv6.nxt']);
  for (let depth = 0; depth < EXTENSIONS.size; depth += 1) {
    const extension = EXTENSIONS.get(next ?? -1);
    if (extension) next = number(packet[extension]) ?? next;
  }
  return next;
}

function isDnsPort(packet: TsharkPacket): boolean {
  return [packet['udp.srcport'][0], packet['udp.dstport'][0]].some((port) => port === '53' || port === '5353');
}

function isBefore(a: readonly string[], b: readonly string[]): boolean {
  return a.length > 0 && b.length === 0;
}

function saidByUs(read: ReadPacket, headers: Headers, isIp: boolean, like: Said): Said {
  const seconds = `${read.seconds}.${String(read.nanos).padStart(9, '0')}`;
  const ours: Record<string, string | number | null> = {
    time: Number.isNaN(read.seconds) ? null : seconds,
    length: read.wireLength,
    captured: read.bytes.length,
    source: isIp ? addressTextAt(headers.source) : null,
    destination: isIp ? addressTextAt(headers.destination) : null,
    protocol: isIp ? headers.protocol : null,
    ttl: isIp ? headers.ttl : null,
    id: headers.ipVersion === 4 ? headers.ipId : null,
    quotedSource: headers.hasQuoted ? addressTextAt(headers.quotedSource) : null,
    ports: `${headers.sourcePort}-${headers.destinationPort}`,
    sequence: headers.protocol === TCP ? headers.sequence : headers.icmpSequence,
    acknowledgment: headers.acknowledgment,
    flags: headers.tcpFlags,
    window: headers.window,
    payload: headers.payloadLength,
    tsVal: headers.hasTimestamps ? headers.tsVal : null,
    tsEcr: headers.hasTimestamps ? headers.tsEcr : null,
    mss: headers.mss || null,
    icmp: `${headers.icmpType}/${headers.icmpCode}`,
    type: headers.icmpType,
    id2: headers.icmpType === 0 || headers.icmpType === 8 || headers.icmpType >= 128 ? headers.sourcePort : null,
    dns: headers.dnsFlags,
    dnsId: headers.dnsId,
  };
  return Object.fromEntries(Object.keys(like).map((key) => [key, ours[key] ?? null]));
}

/** Reads the file both ways and compares every packet; returns how many. */
export async function agreesWithTshark(file: string): Promise<number> {
  const { packets, interfaces } = readCapture(readFileSync(file), [65_536]);
  const asked = await tsharkPackets(file);
  expect(packets.length).toBe(asked.length);
  const headers = new Headers();
  const differences: string[] = [];
  for (const [index, read] of packets.entries()) {
    const { linkType } = interfaces[read.interfaceIndex]!;
    const isIp = decodeHeaders(headers, linkType, read.bytes, 0, read.bytes.length, read.wireLength);
    const theirs = saidByTshark(asked[index]!, isIp && headers.hasTransport ? headers.protocol : -1);
    const ours = saidByUs(read, headers, isIp, theirs);
    for (const [what, value] of Object.entries(theirs)) {
      if (ours[what] !== value) differences.push(`packet ${index + 1}: ${what} ${ours[what]}, tshark ${value}`);
    }
    differences.push(
      ...checksumDifferences(index + 1, decodeDetail(linkType, read.bytes, read.wireLength), asked[index]!),
    );
  }
  expect(differences).toEqual([]);
  return packets.length;
}

/** tshark's checksum states; it knows no partial ones, which are bad to it. */
const STATES: Readonly<Record<string, readonly ChecksumState[]>> = {
  0: ['bad', 'partial'],
  1: ['good'],
  2: ['unverifiable'],
  3: ['none'],
};
const CHECKSUM_LAYERS = [
  ['IPv4', 'ip.checksum.status'],
  ['TCP', 'tcp.checksum.status'],
  ['UDP', 'udp.checksum.status'],
  ['ICMP', 'icmp.checksum.status'],
  ['ICMPv6', 'icmpv6.checksum.status'],
] as const;

function checksumDifferences(number: number, detail: PacketDetail, asked: TsharkPacket): string[] {
  const differences: string[] = [];
  for (const [layer, status] of CHECKSUM_LAYERS) {
    const field = detail.fields.find((candidate) => candidate.layer === layer && candidate.key === 'checksum');
    const allowed = STATES[asked[status][0] ?? ''];
    if (!field?.checksum || !allowed) continue;
    // Of cut packets the partial ones are recognised all the same.
    if (allowed[0] === 'unverifiable' && field.checksum === 'partial') continue;
    if (!allowed.includes(field.checksum)) {
      differences.push(`packet ${number}: ${layer} checksum ${field.checksum}, tshark ${allowed.join(' or ')}`);
    }
  }
  return differences;
}
