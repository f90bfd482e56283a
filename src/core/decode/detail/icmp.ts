// ICMP and ICMPv6 in full, with the packet that an error quotes.
import { u16be, u32be } from '../../bytes/integers.ts';
import { addressText } from '../addresses.ts';
import { isIcmpError, isIcmpQuery, isIcmpv6Error, isIcmpv6Query } from '../icmp.ts';
import { MAPPED } from '../ip-fields.ts';
import { ICMP } from '../protocols.ts';
import { type DetailWriter, named } from './fields.ts';
import { ipv4Detail, ipv6Detail } from './ip.ts';
import { type Carried, checksumField, payload } from './transport.ts';

const ICMP_TYPES: ReadonlyMap<number, string> = new Map([
  [0, 'echo reply'],
  [3, 'destination unreachable'],
  [4, 'source quench'],
  [5, 'redirect'],
  [8, 'echo request'],
  [9, 'router advertisement'],
  [10, 'router solicitation'],
  [11, 'time exceeded'],
  [12, 'parameter problem'],
  [13, 'timestamp request'],
  [14, 'timestamp reply'],
]);
const ICMPV6_TYPES: ReadonlyMap<number, string> = new Map([
  [1, 'destination unreachable'],
  [2, 'packet too big'],
  [3, 'time exceeded'],
  [4, 'parameter problem'],
  [128, 'echo request'],
  [129, 'echo reply'],
  [130, 'listener query'],
  [131, 'listener report'],
  [133, 'router solicitation'],
  [134, 'router advertisement'],
  [135, 'neighbour solicitation'],
  [136, 'neighbour advertisement'],
  [137, 'redirect'],
  [143, 'listener report v2'],
]);
/** By type and code, of the errors. */
const ICMP_CODES: ReadonlyMap<string, string> = new Map([
  ['3/0', 'network'],
  ['3/1', 'host'],
  ['3/2', 'protocol'],
  ['3/3', 'port'],
  ['3/4', 'fragmentation needed'],
  ['3/9', 'network prohibited'],
  ['3/10', 'host prohibited'],
  ['3/13', 'prohibited by a filter'],
  ['11/0', 'in transit'],
  ['11/1', 'in reassembly'],
]);
const ICMPV6_CODES: ReadonlyMap<string, string> = new Map([
  ['1/0', 'no route'],
  ['1/1', 'prohibited'],
  ['1/3', 'address'],
  ['1/4', 'port'],
  ['3/0', 'in transit'],
  ['3/1', 'in reassembly'],
]);

export function icmpDetail(out: DetailWriter, protocol: number, at: number, carried: Carried): void {
  const { bytes } = out;
  const { end } = carried;
  const v4 = protocol === ICMP;
  const layer = out.begin(v4 ? 'ICMP' : 'ICMPv6', end);
  if (!out.has(at, 1, 'the ICMP header')) return;
  const type = bytes[at]!;
  const types = v4 ? ICMP_TYPES : ICMPV6_TYPES;
  const codes = v4 ? ICMP_CODES : ICMPV6_CODES;
  out.field('type', 'Type', at, 1, () => named(type, types.get(type)));
  out.field('code', 'Code', at + 1, 1, (from) => named(bytes[from]!, codes.get(`${type}/${bytes[from]!}`)));
  checksumField(out, layer, protocol, at, at + 2, carried, !v4);
  const isQuery = v4 ? isIcmpQuery(type) : isIcmpv6Query(type);
  const isError = v4 ? isIcmpError(type) : isIcmpv6Error(type);
  if (isQuery) {
    out.field('icmpId', 'Id', at + 4, 2, (from) => String(u16be(bytes, from)));
    out.field('icmpSequence', 'Sequence', at + 6, 2, (from) => String(u16be(bytes, from)));
  } else if (v4 && type === 3) {
    out.field('mtu', 'Next-hop MTU', at + 6, 2, (from) => String(u16be(bytes, from)));
  } else if (v4 && type === 5) {
    out.field('gateway', 'Gateway', at + 4, 4, (from) => addressText(0, 0, MAPPED, u32be(bytes, from)));
  } else if (!v4 && type === 2) {
    out.field('mtu', 'MTU', at + 4, 4, (from) => String(u32be(bytes, from)));
  }
  if (!out.has(at, 8, 'the ICMP header')) return;
  // An error's quote; never one within another, since no error answers an error (RFC 1122 3.2.2).
  if (!isError || out.isQuoted) {
    payload(out, at + 8, carried);
    return;
  }
  if (end <= at + 8) return;
  out.quote(() => {
    const version = bytes[at + 8]! >> 4;
    if (version === 4) ipv4Detail(out, at + 8, end, carried.packetEnd);
    else if (version === 6) ipv6Detail(out, at + 8, end, carried.packetEnd);
    else payload(out, at + 8, carried);
  });
  if (end < carried.packetEnd) out.stop(`the quoted packet is cut: ${carried.packetEnd - end} bytes are missing`);
}
