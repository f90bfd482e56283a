// Builds frames for tests, from the outside in: `ethernet(ipv4({…}, tcp({…}, payload)))`. Lengths and checksums are right
// unless told otherwise. Written apart from `src/core`, so that a mistake there is not repeated here.

const IPV4 = 0x0800;
const IPV6 = 0x86dd;

/** What goes into an IP packet: it is given the addresses for its pseudo header. */
export interface Transport {
  readonly protocol: number;
  build(pseudo: (protocol: number, length: number) => number): Uint8Array;
}

export interface Network {
  readonly etherType: number;
  readonly bytes: Uint8Array;
}

export function u16(...values: number[]): number[] {
  return values.flatMap((value) => [(value >>> 8) & 0xff, value & 0xff]);
}

export function u32(...values: number[]): number[] {
  return values.flatMap((value) => [value >>> 24, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff]);
}

export function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

export function bytesOf(...parts: Iterable<number>[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** One's complement sum of 16-bit words, folded. */
function sumOf(bytes: Iterable<number>): number {
  const all = [...bytes];
  let sum = 0;
  for (let i = 0; i < all.length; i += 2) {
    sum += (all[i]! << 8) + (all[i + 1] ?? 0);
    sum = (sum & 0xffff) + (sum >>> 16);
  }
  return sum;
}

function checksum(bytes: Iterable<number>): number {
  return ~sumOf(bytes) & 0xffff;
}

function ipv4Bytes(text: string): number[] {
  return text.split('.').map(Number);
}

/** Eight groups written out, or one `::`. */
function ipv6Bytes(text: string): number[] {
  const [front = '', back] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const head = groups(front);
  const tail = back === undefined ? [] : groups(back);
  return u16(...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail);
}

export interface EthernetOptions {
  readonly source?: string;
  readonly destination?: string;
  /** Tags from the outside in: EtherType and VLAN id. */
  readonly vlans?: readonly (readonly [number, number])[];
  /** Zero bytes behind the packet. */
  readonly padding?: number;
}

export function ethernet(network: Network, options: EthernetOptions = {}): Uint8Array {
  const mac = (text: string) => text.split(':').map((byte) => parseInt(byte, 16));
  const { source = '02:00:00:00:00:01', destination = '02:00:00:00:00:02', vlans = [], padding = 0 } = options;
  const tags = vlans.flatMap(([etherType, id]) => [...u16(etherType), ...u16(id)]);
  return bytesOf(mac(destination), mac(source), tags, u16(network.etherType), network.bytes, new Uint8Array(padding));
}

export function sll(network: Network, packetType = 4): Uint8Array {
  return bytesOf(u16(packetType, 1, 6), [2, 0, 0, 0, 0, 1, 0, 0], u16(network.etherType), network.bytes);
}

export function sll2(network: Network, interfaceIndex: number, packetType = 4): Uint8Array {
  const header = [
    ...u16(network.etherType, 0),
    ...u32(interfaceIndex),
    ...u16(1),
    packetType,
    6,
    2,
    0,
    0,
    0,
    0,
    1,
    0,
    0,
  ];
  return bytesOf(header, network.bytes);
}

export interface Ipv4Options {
  readonly source?: string;
  readonly destination?: string;
  readonly ttl?: number;
  readonly id?: number;
  /** DF by default: 0x4000. */
  readonly fragment?: number;
  readonly options?: readonly number[];
  /** As written in the header; 0 for segmentation offload. */
  readonly totalLength?: number;
  readonly headerChecksum?: number;
}

export function ipv4(options: Ipv4Options, transport: Transport): Network {
  const { source = '10.42.3.21', destination = '198.51.100.10', ttl = 64, id = 0x1234, fragment = 0x4000 } = options;
  const extra = options.options ?? [];
  const addresses = [...ipv4Bytes(source), ...ipv4Bytes(destination)];
  const carried = transport.build((protocol, length) => sumOf([...addresses, ...u16(protocol, length)]));
  const headerLength = 20 + extra.length;
  const totalLength = options.totalLength ?? headerLength + carried.length;
  const header = (sum: number) => [
    0x40 | (headerLength / 4),
    0,
    ...u16(totalLength, id, fragment),
    ttl,
    transport.protocol,
    ...u16(sum),
    ...addresses,
    ...extra,
  ];
  const sum = options.headerChecksum ?? checksum(header(0));
  return { etherType: IPV4, bytes: bytesOf(header(sum), carried) };
}

export interface Ipv6Options {
  readonly source?: string;
  readonly destination?: string;
  readonly hopLimit?: number;
  /** Extension headers: type and bytes after the "next header" byte. */
  readonly extensions?: readonly (readonly [number, readonly number[]])[];
  readonly payloadLength?: number;
}

export function ipv6(options: Ipv6Options, transport: Transport): Network {
  const { source = '2001:db8:a::1', destination = '2001:db8:b::2', hopLimit = 64, extensions = [] } = options;
  const addresses = [...ipv6Bytes(source), ...ipv6Bytes(destination)];
  const carried = transport.build((protocol, length) => sumOf([...addresses, ...u32(length), ...u32(protocol)]));
  const types = [...extensions.map(([type]) => type), transport.protocol];
  const chain = extensions.flatMap(([, body], index) => [types[index + 1]!, ...body]);
  const length = options.payloadLength ?? chain.length + carried.length;
  return {
    etherType: IPV6,
    bytes: bytesOf([0x60, 0, 0, 0], u16(length), [types[0]!, hopLimit], addresses, chain, carried),
  };
}

export interface TcpOptions {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly sequence?: number;
  readonly acknowledgment?: number;
  readonly flags?: number;
  readonly window?: number;
  /** Of whole 32-bit words. */
  readonly options?: readonly number[];
  /** 'offload' writes the pseudo header's sum, as a kernel does that leaves the rest to the card. */
  readonly checksum?: number | 'offload';
}

export function tcp(options: TcpOptions, payload: Uint8Array = new Uint8Array(0)): Transport {
  const { sourcePort = 40000, destinationPort = 443, sequence = 1000, acknowledgment = 0, flags = 0x10 } = options;
  const extra = options.options ?? [];
  return {
    protocol: 6,
    build(pseudo) {
      const segment = (sum: number) =>
        bytesOf(
          u16(sourcePort, destinationPort),
          u32(sequence, acknowledgment),
          [(5 + extra.length / 4) << 4, flags],
          u16(options.window ?? 501, sum, 0),
          extra,
          payload,
        );
      return segment(filled(options.checksum, 6, segment(0), pseudo));
    },
  };
}

function filled(
  wanted: number | 'offload' | undefined,
  protocol: number,
  zeroed: Uint8Array,
  pseudo: (protocol: number, length: number) => number,
): number {
  if (typeof wanted === 'number') return wanted;
  const start = pseudo(protocol, zeroed.length);
  return wanted === 'offload' ? start : checksum([...u16(start), ...zeroed]);
}

export const MSS = (value: number): number[] => [2, 4, ...u16(value)];
export const SACK_PERMITTED = [4, 2];
export const NOP = [1];
export const WINDOW_SCALE = (shift: number): number[] => [3, 3, shift];
export const TIMESTAMPS = (value: number, echo: number): number[] => [8, 10, ...u32(value, echo)];

export interface UdpOptions {
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  readonly length?: number;
  readonly checksum?: number | 'offload';
}

export function udp(options: UdpOptions, payload: Uint8Array = new Uint8Array(0)): Transport {
  const { sourcePort = 40000, destinationPort = 53 } = options;
  return {
    protocol: 17,
    build(pseudo) {
      const datagram = (sum: number) =>
        bytesOf(u16(sourcePort, destinationPort, options.length ?? 8 + payload.length, sum), payload);
      return datagram(filled(options.checksum, 17, datagram(0), pseudo));
    },
  };
}

/** ICMP with its own checksum; `rest` are the four bytes after it. */
export function icmp(
  type: number,
  code: number,
  rest: readonly number[],
  payload: Uint8Array = new Uint8Array(0),
): Transport {
  return {
    protocol: 1,
    build() {
      const message = (sum: number) => bytesOf([type, code], u16(sum), rest, payload);
      return message(checksum(message(0)));
    },
  };
}

export function icmpv6(
  type: number,
  code: number,
  rest: readonly number[],
  payload: Uint8Array = new Uint8Array(0),
): Transport {
  return {
    protocol: 58,
    build(pseudo) {
      const message = (sum: number) => bytesOf([type, code], u16(sum), rest, payload);
      return message(filled(undefined, 58, message(0), pseudo));
    },
  };
}

/** Any other protocol, or bytes that are no whole transport header. */
export function raw(protocol: number, bytes: Uint8Array): Transport {
  return { protocol, build: () => bytes };
}
