// Which of tshark's values belong to a packet's innermost IP header: it lists every field of all headers, outermost first,
// and the names of the protocols in their order.
import type { TsharkField, TsharkPacket } from './tshark.ts';

export interface Innermost {
  readonly version: 4 | 6 | 0;
  /** Of the transport, extension headers skipped. */
  readonly protocol: number | null;
  /** The field's value in the innermost IP header, or in the transport behind it. */
  readonly value: (field: TsharkField) => string | undefined;
  /** The field's value in the packet that an ICMP error quotes. */
  readonly quoted: (field: TsharkField) => string | undefined;
}

const EXTENSIONS: Readonly<Record<string, TsharkField>> = {
  'ipv6.hopopts': 'ipv6.hopopts.nxt',
  'ipv6.routing': 'ipv6.routing.nxt',
  'ipv6.fraghdr': 'ipv6.fraghdr.nxt',
  'ipv6.dstopts': 'ipv6.dstopts.nxt',
  ah: 'ah.next_header',
};
/** The protocols whose names begin the names of their fields. */
const COUNTED = ['ip', 'ipv6', 'tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmpv6', ...Object.keys(EXTENSIONS)];

export function innermost(packet: TsharkPacket): Innermost {
  const names = (packet['frame.protocols'][0] ?? '').split(':');
  const seen = new Map<string, number>();
  let version: 4 | 6 | 0 = 0;
  let protocol: number | null = null;
  for (const name of names) {
    if (!COUNTED.includes(name)) continue;
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    if (name === 'ip' || name === 'ipv6') {
      version = name === 'ip' ? 4 : 6;
      protocol = number(packet[name === 'ip' ? 'ip.proto' : 'ipv6.nxt'][count - 1]);
    }
    const extension = EXTENSIONS[name];
    if (extension && version !== 0) protocol = number(packet[extension][count - 1]);
    // What follows is quoted.
    if (name === 'icmp' || name === 'icmpv6') break;
  }
  const at = (field: TsharkField) =>
    (seen.get(protocolOf(field)) ?? 0) + (protocolOf(field) === 'udp' ? (seen.get('udplite') ?? 0) : 0);
  return {
    version,
    protocol,
    value: (field) => packet[field][at(field) - 1],
    quoted: (field) => packet[field][at(field)],
  };
}

function protocolOf(field: TsharkField): string {
  return field.slice(0, field.indexOf('.'));
}

function number(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
