// ARP (RFC 826) over Ethernet for IPv4, in full.
import { u16be, u32be } from '../../bytes/integers.ts';
import { addressText } from '../addresses.ts';
import { MAPPED } from '../ip-fields.ts';
import { type DetailWriter, hex, hexBytes, named } from './fields.ts';

const OPERATIONS = [undefined, 'request', 'reply'];
const ETHERNET_IPV4 = 28;

export function arpDetail(out: DetailWriter, at: number, end: number): void {
  const { bytes } = out;
  out.begin('ARP', end);
  const mac = (from: number) => hexBytes(bytes, from, from + 6, ':');
  const ip = (from: number) => addressText(0, 0, MAPPED, u32be(bytes, from));
  out.field('hardware', 'Hardware type', at, 2, (from) => String(u16be(bytes, from)));
  out.field('protocol', 'Protocol type', at + 2, 2, (from) => hex(u16be(bytes, from), 4));
  out.field('sizes', 'Address lengths', at + 4, 2, (from) => `${bytes[from]!}, ${bytes[from + 1]!}`);
  out.field('operation', 'Operation', at + 6, 2, (from) => named(u16be(bytes, from), OPERATIONS[u16be(bytes, from)]));
  if (!out.has(at, 8, 'the ARP header')) return;
  if (bytes[at + 4] !== 6 || bytes[at + 5] !== 4) {
    out.stop('ARP for other than Ethernet and IPv4 is not decoded');
    return;
  }
  out.field('senderMac', 'Sender MAC', at + 8, 6, mac);
  out.field('senderAddress', 'Sender address', at + 14, 4, ip);
  out.field('targetMac', 'Target MAC', at + 18, 6, mac);
  out.field('targetAddress', 'Target address', at + 24, 4, ip);
  out.has(at, ETHERNET_IPV4, 'the ARP packet');
}
