// What a box on the path may do to a field, and how to say it. A router lowers the TTL and rewrites MACs; a translator
// rewrites addresses, ports, ICMP ids and the checksums over them, and nothing else. All else is unexpected: it may have its
// reason (an MSS clamp, a scrubber), but deserves a look.
import { sameSum, wordSum } from '../bytes/checksum.ts';
import type { DetailField } from '../decode/detail.ts';
import type { AlignedRow, Column } from './align.ts';

export type PacketDirection = 'out' | 'back' | 'unknown';

export interface Judgement {
  readonly verdict: 'translation' | 'expected' | 'unexpected';
  readonly explain: string;
  /** The points that it is about; null where it is about the way between two. */
  readonly at: readonly string[] | null;
}

/** A field that differs between two columns; null where one has no such field. */
export interface Change {
  /** The column in which the new value stands. */
  readonly index: number;
  readonly row: AlignedRow;
  readonly from: Column;
  readonly to: Column;
  readonly before: DetailField | null;
  readonly now: DetailField | null;
}

function translation(explain: string): Judgement {
  return { verdict: 'translation', explain, at: null };
}

function expected(explain: string, at: readonly string[] | null = null): Judgement {
  return { verdict: 'expected', explain, at };
}

function unexpected(explain: string, at: readonly string[] | null = null): Judgement {
  return { verdict: 'unexpected', explain, at };
}

export function judge(change: Change, direction: PacketDirection): Judgement {
  const { layer, key } = change.row;
  if (layer.startsWith('Quoted ')) return judgeQuoted(change);
  if (layer === 'Frame') return judgeFrame(change);
  if (isTunnelLayer(layer)) return expected('the tunnel between these points');
  if (isLinkLayer(layer)) return judgeLink(change);
  if (isApplicationLayer(layer)) return unexpected('altered with the payload');
  if (layer.startsWith('IP')) return judgeIp(change, direction);
  if (layer === 'Payload') return judgePayload(change);
  if (layer === 'Padding') return expected('padding of this link');
  switch (key) {
    case 'sourcePort':
    case 'destinationPort':
      return translation(`${translationName(key === 'sourcePort', direction)} (port)`);
    case 'icmpId':
      return translation(`${direction === 'back' ? 'un-SNAT' : direction === 'out' ? 'SNAT' : 'translated'} (ICMP id)`);
    case 'checksum':
      return judgeTransportChecksum(change);
    case 'headerLength':
      return expected('follows the options');
    default:
      return layer === 'TCP' ? judgeTcp(change) : unexpected('altered');
  }
}

/** A row without changes may still be worth a word: a checksum that is wrong. */
export function judgeUnchanged(row: AlignedRow, columns: readonly Column[]): Judgement | null {
  const bad = columns.filter((_, index) => row.fields[index]?.checksum === 'bad');
  if (bad.length === 0) return null;
  return unexpected(
    'wrong',
    bad.map(({ point }) => point),
  );
}

/** The packet going out has its source translated; coming back, its destination gets the source that it left with. */
function translationName(isSource: boolean, direction: PacketDirection): string {
  if (direction === 'out') return isSource ? 'SNAT' : 'DNAT';
  if (direction === 'back') return isSource ? 'un-DNAT' : 'un-SNAT';
  return isSource ? 'source translated' : 'destination translated';
}

/** The packet that carries this one, and the header between them. */
function isTunnelLayer(layer: string): boolean {
  return /^(Outer |VXLAN|GENEVE|GRE|ERSPAN|GTP-U|Teredo|EtherIP|PIM register)/.test(layer);
}

function isLinkLayer(layer: string): boolean {
  return LINK_LAYERS.test(layer);
}

const LINK_LAYERS =
  /^(Ethernet|VLAN|LLC|Linux cooked|Loopback|ARP|MPLS|PPP|Cisco HDLC|Frame relay|Direction|ENC|PFLOG|NFLOG|PKTAP|Juniper|NSH|MACsec|Token ring|FDDI|Fibre Channel|IEEE 1394|IPNET|IPoIB|netANALYZER)/;

function isApplicationLayer(layer: string): boolean {
  return /^(DNS|TLS|HTTP|QUIC|DHCP|NTP|WireGuard)$/.test(layer);
}

function judgeFrame({ row, from, to }: Change): Judgement {
  if (row.key === 'linkType') return expected('captured on another kind of link');
  if (row.key === 'capturedLength') return expected('as much as was captured');
  if (isResegmented(from, to)) return expected(RESEGMENTED);
  if (from.linkType !== to.linkType) return expected('the link header differs');
  if (isTunnelled(from) !== isTunnelled(to)) return expected('carried in a tunnel');
  return expected(ipLength(from) === ipLength(to) ? 'padding of the link' : "follows the packet's length");
}

function isTunnelled({ detail }: Column): boolean {
  return detail.layers.some((layer) => layer.startsWith('Outer '));
}

function ipLength(column: Column): string | undefined {
  return (fieldOf(column, 'IPv4', 'length') ?? fieldOf(column, 'IPv6', 'length'))?.value;
}

function judgeLink({ row }: Change): Judgement {
  if (row.key === 'destination' || row.key === 'source') return expected('each link has its own addresses');
  return row.layer === 'ARP' ? unexpected('altered') : expected('each link has its own header');
}

const RESEGMENTED = 'segmented otherwise (TSO, GRO)';

/** Other lengths of a TCP payload, but the same bytes of the stream where the two overlap. */
function isResegmented(from: Column, to: Column): boolean {
  const [before, now] = [fieldOf(from, 'Payload', 'length'), fieldOf(to, 'Payload', 'length')];
  const [first, second] = [fieldOf(from, 'TCP', 'sequence'), fieldOf(to, 'TCP', 'sequence')];
  if (!before || !now || !first || !second || before.value === now.value) return false;
  const shift = (number(to, second) - number(from, first)) | 0;
  if (shift >= parseInt(before.value, 10) || -shift >= parseInt(now.value, 10)) return false;
  const fromAt = before.start + Math.max(0, shift);
  const toAt = now.start + Math.max(0, -shift);
  const overlap = Math.min(before.end - fromAt, now.end - toAt);
  for (let i = 0; i < overlap; i += 1) {
    if (from.bytes[fromAt + i] !== to.bytes[toAt + i]) return false;
  }
  return true;
}

function judgeIp(change: Change, direction: PacketDirection): Judgement {
  const { row, from, to, before, now } = change;
  const changesVersion = row.layer === 'IP';
  if (row.key === 'source' || row.key === 'destination') {
    const name = translationName(row.key === 'source', direction);
    return translation(changesVersion ? `${name} (NAT64)` : name);
  }
  if (row.key === 'checksum') return judgeHeaderChecksum(change);
  if (!before || !now) return unexpected(before ? 'taken out' : 'put in');
  switch (row.key) {
    case 'ttl':
      return judgeTtl(number(from, before) - number(to, now));
    case 'version':
    case 'protocol':
      return changesVersion ? expected('NAT64') : unexpected('altered');
    case 'id':
      return isResegmented(from, to) ? expected(RESEGMENTED) : unexpected('rewritten by a box');
    case 'length':
      if (isResegmented(from, to)) return expected(RESEGMENTED);
      if (isFragmentedOtherwise(from, to)) return expected('fragmented otherwise');
      return followsOptions(change) ? expected('follows the options') : unexpected('altered');
    case 'fragmentOffset':
      return expected('fragmented otherwise');
    case 'flags':
      return before.value.includes('DF') === now.value.includes('DF')
        ? expected('fragmented otherwise')
        : unexpected(before.value.includes('DF') ? 'DF taken out by a box' : 'DF set by a box');
    case 'headerLength':
      return expected('follows the options');
    case 'ecn':
      return now.value.startsWith('3') ? expected('congestion was marked') : unexpected('rewritten by a box');
    case 'dscp':
      return unexpected('marked anew by a box');
    default:
      return unexpected('altered');
  }
}

function judgeTtl(hops: number): Judgement {
  if (hops === 1) return expected('one hop');
  return hops > 1
    ? expected(`${hops} hops`)
    : unexpected(`rises by ${-hops}: another packet, or the points in another order`);
}

function isFragmentedOtherwise(from: Column, to: Column): boolean {
  const flags = (column: Column) => fieldOf(column, 'IPv4', 'flags')?.value.includes('MF') ?? false;
  const offset = (column: Column) => fieldOf(column, 'IPv4', 'fragmentOffset')?.value;
  return flags(from) !== flags(to) || offset(from) !== offset(to);
}

/** The IP length changed by as much as the TCP or IP header did. */
function followsOptions({ from, to, before, now }: Change): boolean {
  const headers = (column: Column) => headerLength(column, 'IPv4') + headerLength(column, 'TCP');
  return !!before && !!now && number(to, now) - number(from, before) === headers(to) - headers(from);
}

function headerLength(column: Column, layer: string): number {
  return parseInt(fieldOf(column, layer, 'headerLength')?.value ?? '0', 10);
}

function judgeHeaderChecksum({ to, before, now }: Change): Judgement {
  if (now?.checksum === 'partial') return expected('left to the network card', [to.point]);
  if (now?.checksum === 'bad') return unexpected('wrong', [to.point]);
  return expected(before?.checksum === 'good' ? 'follows the header (RFC 1624)' : 'filled in');
}

function judgeTransportChecksum({ row, from, to, before, now }: Change): Judgement {
  if (!before || !now) return unexpected(before ? 'taken out' : 'put in');
  if (row.layer === 'SCTP') return expected('a CRC over ports and data');
  if (now.checksum === 'bad' && before.checksum !== 'bad') return unexpected('wrong', [to.point]);
  const offloaded = [before.checksum === 'partial' ? from.point : null, now.checksum === 'partial' ? to.point : null];
  const points = offloaded.filter((point) => point !== null);
  if (points.length > 0) return expected('offloaded', points);
  if (isResegmented(from, to)) return expected(RESEGMENTED);
  if (now.checksum === 'none') return unexpected('taken out');
  if (before.checksum === 'none') return expected('put in');
  if ((before.checksum === 'good' && now.checksum === 'good') || followsChange(from, to)) {
    return expected('follows the change (RFC 1624)');
  }
  if (now.checksum === 'bad') return unexpected('wrong', [from.point, to.point]);
  return before.checksum === 'bad' ? expected('set right') : unexpected('does not follow the change');
}

/**
 * Whether the checksum changed by as much as what it covers: this can be told of cut packets too, since the bytes that are
 * missing at both points are the same.
 */
function followsChange(from: Column, to: Column): boolean {
  const a = from.detail.transport;
  const b = to.detail.transport;
  if (!a || !b) return false;
  const length = Math.min(a.end - a.start, b.end - b.start);
  // The checksum field is among the bytes: with it the sum stays the same.
  const before = a.pseudoSum + wordSum(from.bytes, a.start, a.start + length);
  const now = b.pseudoSum + wordSum(to.bytes, b.start, b.start + length);
  return sameSum(before, now);
}

function judgeTcp({ row, from, to, before, now }: Change): Judgement {
  const { key } = row;
  if (key === 'options') return unexpected('options altered');
  if (key.startsWith('option.') && (!before || !now)) return unexpected(before ? 'taken out' : 'put in');
  if (!before || !now) return unexpected('altered');
  switch (key) {
    case 'option.mss': {
      const [old, mss] = [number(from, before), number(to, now)];
      return unexpected(mss < old ? `clamped from ${old} to ${mss}` : `raised from ${old} to ${mss}`);
    }
    case 'sequence':
    case 'acknowledgment':
      if (key === 'sequence' && isResegmented(from, to)) return expected(RESEGMENTED);
      return unexpected('shifted: a box randomises sequence numbers, or this is another connection');
    case 'flags': {
      if (isResegmented(from, to)) return expected(RESEGMENTED);
      const onlyEcn = ((from.bytes[before.start]! ^ to.bytes[now.start]!) & 0x3f) === 0;
      return onlyEcn ? expected('ECN bits') : unexpected('altered');
    }
    default:
      return unexpected('rewritten by a box');
  }
}

function judgePayload({ row, from, to }: Change): Judgement {
  if (isResegmented(from, to)) return expected(RESEGMENTED);
  return unexpected(row.key === 'length' ? 'another length' : 'altered: an application helper, or another packet');
}

/** The packet that an ICMP error quotes is translated with it. */
function judgeQuoted({ row }: Change): Judgement {
  switch (row.key) {
    case 'source':
    case 'destination':
    case 'sourcePort':
    case 'destinationPort':
    case 'icmpId':
      return translation('the quoted packet is translated too');
    case 'checksum':
      return expected('follows the quoted packet');
    default:
      return unexpected('altered');
  }
}

function fieldOf(column: Column, layer: string, key: string): DetailField | undefined {
  return column.detail.fields.find((field) => field.layer === layer && field.key === key);
}

/** The field's bytes as a number, big-endian. */
function number({ bytes }: Column, { start, end }: DetailField): number {
  let value = 0;
  for (let at = start; at < end; at += 1) value = value * 256 + bytes[at]!;
  return value;
}
