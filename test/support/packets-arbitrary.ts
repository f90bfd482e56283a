// Random frames for property tests: well formed, of every link type, network and transport that is decoded.
import fc from 'fast-check';
import {
  MSS,
  NOP,
  SACK_PERMITTED,
  TIMESTAMPS,
  WINDOW_SCALE,
  bytesOf,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  raw,
  sll,
  sll2,
  tcp,
  u16,
  u32,
  udp,
  type Network,
  type Transport,
} from './packets.ts';

/** A frame with its LINKTYPE. */
export interface LinkedFrame {
  readonly linkType: number;
  readonly bytes: Uint8Array;
}

const port = fc.integer({ min: 0, max: 0xffff });
const word = fc.integer({ min: 0, max: 0xffffffff });
const octet = fc.integer({ min: 0, max: 0xff });
const payload = fc.uint8Array({ maxLength: 100 });

function padded(options: readonly number[]): number[] {
  return [...options, ...new Array<number>((4 - (options.length % 4)) % 4).fill(1)];
}

const tcpOptions = fc
  .array(
    fc.oneof(
      fc.integer({ min: 1, max: 0xffff }).map(MSS),
      fc.constant(SACK_PERMITTED),
      fc.constant(NOP),
      fc.integer({ min: 0, max: 14 }).map(WINDOW_SCALE),
      fc.tuple(word, word).map(([value, echo]) => TIMESTAMPS(value, echo)),
    ),
    { maxLength: 5 },
  )
  // One of each kind, and no more than a header holds.
  .map((options) => padded([...new Map(options.map((option) => [option[0], option])).values()].flat()));

const anyTcp = fc
  .record({
    sourcePort: port,
    destinationPort: port,
    sequence: word,
    acknowledgment: word,
    flags: octet,
    window: port,
    options: tcpOptions,
    payload,
    offload: fc.boolean(),
  })
  .map(({ payload: data, offload, ...options }) => tcp({ ...options, ...(offload && { checksum: 'offload' }) }, data));

const anyUdp = fc
  .record({ sourcePort: port, destinationPort: fc.oneof(port, fc.constant(53)), payload })
  .map(({ payload: data, ...options }) => udp(options, data));

const echo = fc.tuple(port, port).map(([id, sequence]) => u16(id, sequence));

const quotedTransport: fc.Arbitrary<Transport> = fc.oneof(
  anyTcp,
  anyUdp,
  echo.map((rest) => icmp(8, 0, rest)),
);

const icmp4: fc.Arbitrary<Transport> = fc.oneof(
  fc.tuple(fc.constantFrom(0, 8), echo, payload).map(([type, rest, data]) => icmp(type, 0, rest, data)),
  fc
    .tuple(fc.constantFrom([3, 1], [3, 3], [3, 4], [11, 0]), quotedTransport, fc.integer({ min: 28, max: 80 }))
    .map(([[type, code], inner, length]) =>
      icmp(
        type,
        code,
        [0, 0, 0, 0],
        ipv4({ source: '10.0.0.9', destination: '192.0.2.7' }, inner).bytes.slice(0, length),
      ),
    ),
);

const icmp6: fc.Arbitrary<Transport> = fc.oneof(
  fc.tuple(fc.constantFrom(128, 129), echo, payload).map(([type, rest, data]) => icmpv6(type, 0, rest, data)),
  fc
    .tuple(fc.constantFrom(1, 2, 3), anyUdp)
    .map(([type, inner]) => icmpv6(type, 0, [0, 0, 5, 0], ipv6({ source: '2001:db8:1::9' }, inner).bytes)),
);

const anySctp = fc
  .tuple(port, port, word)
  .map(([source, destination, tag]) => raw(132, bytesOf(u16(source, destination), u32(tag, 0), [0, 0, 0, 4])));
const anyGre = payload.map((data) => raw(47, bytesOf([0, 0, 0x12, 0x34], data)));
const anyEsp = payload.map((data) => raw(50, bytesOf(u32(0x1234, 1), data)));

const octets = fc.tuple(fc.integer({ min: 1, max: 223 }), octet, octet, octet).map((parts) => parts.join('.'));
const groups = fc
  .tuple(
    fc.constantFrom('2001:db8', 'fd00:1', 'fe80:0'),
    fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 6, maxLength: 6 }),
  )
  .map(([prefix, rest]) => `${prefix}:${rest.map((group) => group.toString(16)).join(':')}`);

const anyIpv4: fc.Arbitrary<Network> = fc
  .record({
    source: octets,
    destination: octets,
    ttl: fc.integer({ min: 1, max: 255 }),
    id: port,
    // Whole, whole with DF, a first fragment, a later one.
    fragment: fc.constantFrom(0, 0x4000, 0x4000, 0x2000, 0x2005, 0x0010),
    options: fc.constantFrom([], [], [1, 1, 1, 1], [0x94, 4, 0, 0]),
    transport: fc.oneof(anyTcp, anyUdp, icmp4, anySctp, anyGre, anyEsp),
  })
  .map(({ transport, ...options }) => ipv4(options, transport));

const extensions = fc.constantFrom<(readonly [number, readonly number[]])[]>(
  [],
  [],
  [[0, [0, 1, 4, 0, 0, 0, 0]]],
  [[60, [1, 1, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]]],
  [
    [0, [0, 1, 4, 0, 0, 0, 0]],
    [44, [0, 0, 1, 1, 2, 3, 4]],
  ],
  [[44, [0, 0, 0x10, 9, 9, 9, 9]]],
);

const anyIpv6: fc.Arbitrary<Network> = fc
  .record({
    source: groups,
    destination: groups,
    hopLimit: fc.integer({ min: 1, max: 255 }),
    extensions,
    transport: fc.oneof(anyTcp, anyUdp, icmp6),
  })
  .map(({ transport, ...options }) => ipv6(options, transport));

const anyNetwork = fc.oneof(anyIpv4, anyIpv6);

const vlans = fc.constantFrom<(readonly [number, number])[]>(
  [],
  [],
  [[0x8100, 7]],
  [
    [0x88a8, 100],
    [0x8100, 0x6007],
  ],
);

export const anyFrame: fc.Arbitrary<LinkedFrame> = fc.oneof(
  fc
    .tuple(anyNetwork, vlans, fc.integer({ min: 0, max: 20 }))
    .map(([network, tags, padding]) => ({ linkType: 1, bytes: ethernet(network, { vlans: tags, padding }) })),
  fc
    .tuple(anyNetwork, fc.integer({ min: 0, max: 4 }))
    .map(([network, type]) => ({ linkType: 113, bytes: sll(network, type) })),
  fc
    .tuple(anyNetwork, fc.integer({ min: 0, max: 4 }), fc.integer({ min: 1, max: 300 }))
    .map(([network, type, index]) => ({ linkType: 276, bytes: sll2(network, index, type) })),
  fc.tuple(anyNetwork, fc.constantFrom(101)).map(([{ bytes }, linkType]) => ({ linkType, bytes })),
  anyIpv4.map(({ bytes }) => ({ linkType: 228, bytes })),
  anyIpv6.map(({ bytes }) => ({ linkType: 229, bytes })),
  anyNetwork.map(({ etherType, bytes }) => ({
    linkType: 0,
    bytes: bytesOf([etherType === 0x0800 ? 2 : 30, 0, 0, 0], bytes),
  })),
  anyNetwork.map(({ etherType, bytes }) => ({
    linkType: 108,
    bytes: bytesOf([0, 0, 0, etherType === 0x0800 ? 2 : 24], bytes),
  })),
);
