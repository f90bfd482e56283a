// Holds what the readers, the fast decoder and the detail say of every packet of a file against tshark.
import { addressTextAt } from '../../src/core/decode/addresses.ts';
import { decodeDetail, type ChecksumState, type PacketDetail } from '../../src/core/decode/detail.ts';
import { DCCP, Headers, ICMP, ICMPV6, SCTP, TCP, UDP, UDP_LITE, decodeHeaders } from '../../src/core/decode/headers.ts';
import { readCapture, type ReadPacket } from '../support/packets-read.ts';
import { innermost } from './innermost.ts';
import type { TsharkPacket } from './tshark.ts';

/** What both can say of a packet; null where it does not apply. */
type Said = Readonly<Record<string, string | number | null>>;

function number(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}

/** tshark's sight of the packet: its innermost IP header, and of the transport what belongs to that header. */
function saidByTshark(packet: TsharkPacket, ours: Headers, isIp: boolean): Said {
  const protocol = isIp && ours.hasTransport ? ours.protocol : -1;
  const inner = innermost(packet);
  const { value } = inner;
  const v6 = inner.version === 6;
  const isTcp = protocol === TCP;
  const isUdp = protocol === UDP;
  const said: Record<string, string | number | null> = {
    time: packet['frame.time_epoch'][0] ?? null,
    length: number(packet['frame.len'][0]),
    captured: number(packet['frame.cap_len'][0]),
    source: value(v6 ? 'ipv6.src' : 'ip.src') ?? null,
    destination: value(v6 ? 'ipv6.dst' : 'ip.dst') ?? null,
    protocol: inner.protocol,
    ttl: number(value(v6 ? 'ipv6.hlim' : 'ip.ttl')),
    id: v6 ? null : number(value('ip.id')),
    quotedSource:
      (protocol === ICMP ? inner.quoted('ip.src') : protocol === ICMPV6 ? inner.quoted('ipv6.src') : null) ?? null,
  };
  if (isTcp) {
    said.ports = `${value('tcp.srcport')}-${value('tcp.dstport')}`;
    said.sequence = number(value('tcp.seq_raw'));
    said.acknowledgment = number(value('tcp.ack_raw')) ?? 0;
    said.flags = (number(value('tcp.flags')) ?? 0) & 0xff;
    said.window = number(value('tcp.window_size_value'));
    // Of a first fragment tshark gives no length.
    const length = number(value('tcp.len'));
    if (length !== null) said.payload = length;
    said.tsVal = number(packet['tcp.options.timestamp.tsval'].at(-1));
    said.tsEcr = number(packet['tcp.options.timestamp.tsecr'].at(-1));
    said.mss = number(packet['tcp.options.mss_val'].at(-1));
  } else if (isUdp) {
    said.ports = `${value('udp.srcport')}-${value('udp.dstport')}`;
    // The length of a first fragment, or a wrong one, reaches past the packet; it is compared where it does not.
    const length = number(value('udp.length'));
    if (length !== null && length >= 8 && length - 8 <= ours.payloadLength) said.payload = length - 8;
    const response = packet['dns.flags.response'][0];
    // LLMNR and NetBIOS look like DNS to tshark, and so do the first bytes of a message without its header.
    if (response !== undefined && isDnsPort(said.ports) && ours.payloadLength >= 12) {
      said.dnsId = number(packet['dns.id'][0]);
      said.dns = response === '1' || response === 'True' ? 2 : 1;
    }
  } else if (protocol === UDP_LITE) {
    said.ports = `${value('udp.srcport')}-${value('udp.dstport')}`;
  } else if (protocol === SCTP) {
    said.ports = `${value('sctp.srcport')}-${value('sctp.dstport')}`;
    said.tag = number(value('sctp.verification_tag'));
  } else if (protocol === DCCP) {
    said.ports = `${value('dccp.srcport')}-${value('dccp.dstport')}`;
  } else if (protocol === ICMP) {
    said.icmp = `${value('icmp.type')}/${value('icmp.code')}`;
    if (said.quotedSource === null) {
      said.id2 = number(value('icmp.ident'));
      said.sequence = number(value('icmp.seq'));
    }
  } else if (protocol === ICMPV6) {
    said.type = number(value('icmpv6.type'));
    said.id2 = number(value('icmpv6.echo.identifier'));
  }
  return said;
}

function isDnsPort(ports: string): boolean {
  return ports.split('-').some((port) => port === '53' || port === '5353');
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
    sequence: headers.protocol !== TCP ? headers.icmpSequence : headers.hasSequence ? headers.sequence : null,
    acknowledgment: headers.acknowledgment,
    flags: headers.tcpFlags,
    window: headers.hasSequence ? headers.window : null,
    payload: headers.payloadLength,
    tsVal: headers.hasTimestamps ? headers.tsVal : null,
    tsEcr: headers.hasTimestamps ? headers.tsEcr : null,
    mss: headers.mss || null,
    icmp: `${headers.icmpType}/${headers.icmpCode}`,
    type: headers.icmpType,
    tag: headers.verificationTag,
    id2:
      headers.icmpType === 0 || headers.icmpType === 8 || headers.icmpType === 128 || headers.icmpType === 129
        ? headers.sourcePort
        : null,
    dns: headers.dnsFlags,
    dnsId: headers.dnsId,
  };
  return Object.fromEntries(Object.keys(like).map((key) => [key, ours[key] ?? null]));
}

/**
 * What the readers and decoders here say otherwise than tshark of the packets of a file; `asked` is what it said. `besides`
 * names what is not compared.
 */
export function disagreements(
  file: Uint8Array,
  asked: readonly TsharkPacket[],
  besides: readonly string[] = [],
): string[] {
  const { packets, interfaces } = readCapture(file, [65_536]);
  if (packets.length !== asked.length) return [`${packets.length} packets, tshark ${asked.length}`];
  const headers = new Headers();
  const differences: string[] = [];
  for (const [index, read] of packets.entries()) {
    const { linkType } = interfaces[read.interfaceIndex]!;
    const isIp = decodeHeaders(headers, linkType, read.bytes, 0, read.bytes.length, read.wireLength);
    const theirs = saidByTshark(asked[index]!, headers, isIp);
    const ours = saidByUs(read, headers, isIp, theirs);
    for (const [what, value] of Object.entries(theirs)) {
      if (ours[what] !== value && !besides.includes(what))
        differences.push(`packet ${index + 1}: ${what} ${ours[what]}, tshark ${value}`);
    }
    const detail = decodeDetail(linkType, read.bytes, read.wireLength);
    for (const difference of [
      ...checksumDifferences(detail, asked[index]!),
      ...detailDifferences(detail, headers, isIp),
    ]) {
      differences.push(`packet ${index + 1}: ${difference}`);
    }
  }
  return differences;
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

function checksumDifferences(detail: PacketDetail, asked: TsharkPacket): string[] {
  const inner = innermost(asked);
  const differences: string[] = [];
  for (const [layer, status] of CHECKSUM_LAYERS) {
    const field = detail.fields.find((candidate) => candidate.layer === layer && candidate.key === 'checksum');
    const allowed = STATES[inner.value(status) ?? ''];
    if (!field?.checksum || !allowed) continue;
    // Of cut packets the partial ones are recognised all the same.
    if (allowed[0] === 'unverifiable' && field.checksum === 'partial') continue;
    if (!allowed.includes(field.checksum)) {
      differences.push(`${layer} checksum ${field.checksum}, tshark ${allowed.join(' or ')}`);
    }
  }
  return differences;
}

/** The detail names the packet whose flow it is "IPv4" or "IPv6", and shows the addresses that the fast decoder took. */
function detailDifferences(detail: PacketDetail, headers: Headers, isIp: boolean): string[] {
  if (!isIp) return [];
  const layer = `IPv${headers.ipVersion}`;
  const shown = (key: string) => detail.fields.find((field) => field.layer === layer && field.key === key)?.value;
  const addresses = `${shown('source')} > ${shown('destination')}`;
  const taken = `${addressTextAt(headers.source)} > ${addressTextAt(headers.destination)}`;
  return addresses === taken ? [] : [`detail ${addresses}, headers ${taken}`];
}
