// tshark and capinfos as oracles: what they say of a file, packet by packet. Reassembly is switched off, since each packet
// is asked about by itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MEGABYTES = 512 * 1024 * 1024;

const FIELDS = [
  'frame.encap_type',
  'frame.protocols',
  'frame.time_epoch',
  'frame.len',
  'frame.cap_len',
  'ip.src',
  'ip.dst',
  'ip.proto',
  'ip.ttl',
  'ip.id',
  'ip.frag_offset',
  'ipv6.src',
  'ipv6.dst',
  'ipv6.nxt',
  'ipv6.hopopts.nxt',
  'ipv6.dstopts.nxt',
  'ipv6.routing.nxt',
  'ipv6.fraghdr.nxt',
  'ipv6.hlim',
  'tcp.srcport',
  'tcp.dstport',
  'tcp.seq_raw',
  'tcp.ack_raw',
  'tcp.flags',
  'tcp.window_size_value',
  'tcp.len',
  'tcp.options.timestamp.tsval',
  'tcp.options.timestamp.tsecr',
  'tcp.options.mss_val',
  'udp.srcport',
  'udp.dstport',
  'udp.length',
  'sctp.srcport',
  'sctp.dstport',
  'sctp.verification_tag',
  'dccp.srcport',
  'dccp.dstport',
  'ah.next_header',
  'icmp.type',
  'icmp.code',
  'icmp.ident',
  'icmp.seq',
  'icmpv6.type',
  'icmpv6.echo.identifier',
  'icmpv6.echo.sequence_number',
  'dns.id',
  'dns.flags.response',
  'ip.checksum.status',
  'tcp.checksum.status',
  'udp.checksum.status',
  'icmp.checksum.status',
  'icmpv6.checksum.status',
] as const;

export type TsharkField = (typeof FIELDS)[number];

/** Every occurrence of each field in the packet, outermost first. */
export type TsharkPacket = Readonly<Record<TsharkField, readonly string[]>>;

/** Custom blocks of pcapng are records for tshark, without a link type; they are left out. */
export async function tsharkPackets(file: string): Promise<TsharkPacket[]> {
  const settings = [
    'ip.defragment:FALSE',
    'ipv6.defragment:FALSE',
    'tcp.desegment_tcp_streams:FALSE',
    'ip.use_geoip:FALSE',
    'ip.check_checksum:TRUE',
    'tcp.check_checksum:TRUE',
    'udp.check_checksum:TRUE',
  ];
  const args = [
    '-n',
    '-r',
    file,
    // Linux's port of VXLAN is another protocol's to tshark.
    '-d',
    'udp.port==8472,vxlan',
    ...settings.flatMap((setting) => ['-o', setting]),
    '-T',
    'fields',
    '-E',
    'occurrence=a',
  ];
  const { stdout } = await run('tshark', [...args, ...FIELDS.flatMap((field) => ['-e', field])], {
    maxBuffer: MEGABYTES,
  });
  return parsedFields(stdout);
}

/** tshark's lines, a packet each. */
function parsedFields(stdout: string): TsharkPacket[] {
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const values = line.split('\t');
      const packet: Partial<Record<TsharkField, readonly string[]>> = {};
      for (const [index, field] of FIELDS.entries()) packet[field] = (values[index] ?? '').split(',').filter(Boolean);
      return packet as TsharkPacket;
    })
    .filter((packet) => packet['frame.encap_type'].length > 0);
}

/** The number of packets, or null where capinfos does not open the file to its end. */
export async function capinfosCount(file: string): Promise<number | null> {
  try {
    const { stdout } = await run('capinfos', ['-Tmrc', file]);
    return Number(stdout.trim().split(',').at(-1));
  } catch {
    return null;
  }
}
