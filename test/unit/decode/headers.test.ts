import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressTextAt } from '../../../src/core/decode/addresses.ts';
import { DIGEST_LENGTH, Headers, TCP_ACK, TCP_SYN, decodeHeaders } from '../../../src/core/decode/headers.ts';
import {
  MSS,
  NOP,
  SACK_PERMITTED,
  TIMESTAMPS,
  WINDOW_SCALE,
  ascii,
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
  udp,
} from '../../support/packets.ts';
import { anyFrame } from '../../support/packets-arbitrary.ts';

const ETHERNET = 1;
const SLL = 113;
const SLL2 = 276;
const RAW = 101;

function decode(bytes: Uint8Array, linkType = ETHERNET, wireLength?: number): Headers {
  const headers = new Headers();
  const isIp = decodeHeaders(headers, linkType, bytes, 0, bytes.length, wireLength);
  expect(isIp).toBe(headers.ipVersion !== 0);
  return headers;
}

function endpoints(headers: Headers): string {
  const { source, destination, sourcePort, destinationPort } = headers;
  return `${addressTextAt(source)} ${sourcePort} > ${addressTextAt(destination)} ${destinationPort}`;
}

const WEB = tcp({ sourcePort: 44444, destinationPort: 80 }, ascii('GET / HTTP/1.1\r\n'));

describe('link layers', () => {
  const expected = '10.42.3.21 44444 > 198.51.100.10 80';
  const packet = ipv4({}, WEB);

  it.each([
    ['Ethernet', ETHERNET, ethernet(packet)],
    ['802.1Q', ETHERNET, ethernet(packet, { vlans: [[0x8100, 5]] })],
    [
      '802.1ad and 802.1Q',
      ETHERNET,
      ethernet(packet, {
        vlans: [
          [0x88a8, 100],
          [0x8100, 5],
        ],
      }),
    ],
    ['802.3 with SNAP', ETHERNET, bytesOf(new Uint8Array(12), u16(64), [0xaa, 0xaa, 3, 0, 0, 0, 8, 0], packet.bytes)],
    ['Linux cooked v1', SLL, sll(packet)],
    ['Linux cooked v2', SLL2, sll2(packet, 7)],
    ['raw', RAW, packet.bytes],
    ['raw, 12', 12, packet.bytes],
    ['raw, 14', 14, packet.bytes],
    ['IPv4', 228, packet.bytes],
    ['NULL, little-endian', 0, bytesOf([2, 0, 0, 0], packet.bytes)],
    ['NULL, big-endian', 0, bytesOf([0, 0, 0, 2], packet.bytes)],
    ['LOOP', 108, bytesOf([0, 0, 0, 2], packet.bytes)],
  ])('%s', (_, linkType, bytes) => {
    expect(endpoints(decode(bytes, linkType))).toBe(expected);
  });

  it('of Linux cooked captures tell the direction, v2 the interface too', () => {
    expect(decode(sll(packet, 0), SLL)).toMatchObject({ linkPacketType: 0, linkInterface: -1 });
    expect(decode(sll2(packet, 12, 4), SLL2)).toMatchObject({ linkPacketType: 4, linkInterface: 12 });
    expect(decode(ethernet(packet))).toMatchObject({ linkPacketType: -1, linkInterface: -1 });
  });

  it('tell the interface of frames that hold no IP packet too', () => {
    const arp = { etherType: 0x0806, bytes: new Uint8Array(28) };
    expect(decode(sll2(arp, 9, 1), SLL2)).toMatchObject({ ipVersion: 0, linkInterface: 9, linkPacketType: 1 });
  });

  it('that are not known hold nothing', () => {
    expect(decode(packet.bytes, 147).ipVersion).toBe(0);
  });
});

describe('IPv4', () => {
  it('gives the fields that matching needs', () => {
    expect(decode(ethernet(ipv4({ ttl: 61, id: 0xbeef }, WEB)))).toMatchObject({
      ipVersion: 4,
      protocol: 6,
      ttl: 61,
      ipId: 0xbeef,
      dontFragment: true,
      moreFragments: false,
      fragmentOffset: 0,
      hasTransport: true,
    });
  });

  it('finds the transport behind options', () => {
    expect(endpoints(decode(ethernet(ipv4({ options: [1, 1, 1, 0] }, WEB))))).toContain(' 44444 > ');
  });

  it("does not take Ethernet's padding for payload", () => {
    const headers = decode(ethernet(ipv4({}, tcp({})), { padding: 6 }));
    expect(headers).toMatchObject({ payloadLength: 0, digest: 0, digestLength: 0 });
  });

  it('takes the frame length where the total length is 0 (segmentation offload)', () => {
    const frame = ethernet(ipv4({ totalLength: 0 }, tcp({}, new Uint8Array(3000))));
    expect(decode(frame).payloadLength).toBe(3000);
    expect(decode(frame.slice(0, 96), ETHERNET, frame.length)).toMatchObject({ payloadLength: 3000, digestLength: 42 });
  });

  it('knows the payload length of a cut packet', () => {
    const frame = ethernet(ipv4({}, tcp({}, new Uint8Array(1000).fill(7))));
    const { payloadLength, payloadStart, payloadEnd } = decode(frame.slice(0, 80));
    expect([payloadLength, payloadStart, payloadEnd]).toEqual([1000, 54, 80]);
  });

  it('gives a first fragment its ports, a later one its data only', () => {
    const first = decode(ethernet(ipv4({ fragment: 0x2000 }, udp({}, new Uint8Array(8)))));
    expect(first).toMatchObject({ moreFragments: true, hasTransport: true, destinationPort: 53 });
    const later = decode(ethernet(ipv4({ fragment: 0x00b9 }, raw(17, ascii('rest')))));
    expect(later).toMatchObject({ fragmentOffset: 1480, hasTransport: false, sourcePort: 0, payloadLength: 4 });
    expect(later.digest).not.toBe(0);
  });

  it('is not read from a header that is no IPv4', () => {
    const frame = ethernet(ipv4({}, WEB));
    frame[14] = 0x43;
    expect(decode(frame).ipVersion).toBe(0);
  });
});

describe('IPv6', () => {
  it('finds the transport behind extension headers', () => {
    const headers = decode(
      ethernet(
        ipv6(
          {
            hopLimit: 63,
            extensions: [
              [0, [0, 1, 4, 0, 0, 0, 0]],
              [60, [0, 1, 4, 0, 0, 0, 0]],
            ],
          },
          WEB,
        ),
      ),
    );
    expect(endpoints(headers)).toBe('2001:db8:a::1 44444 > 2001:db8:b::2 80');
    expect(headers).toMatchObject({ ipVersion: 6, protocol: 6, ttl: 63, ipId: 0, payloadLength: 16 });
  });

  it('gives a fragment its id and offset', () => {
    const first = decode(ethernet(ipv6({ extensions: [[44, [0, 0, 1, 0xde, 0xad, 0xbe, 0xef]]] }, WEB)));
    expect(first).toMatchObject({ ipId: 0xdeadbeef, moreFragments: true, fragmentOffset: 0, sourcePort: 44444 });
    const later = decode(ethernet(ipv6({ extensions: [[44, [0, 0x05, 0xa8, 0, 0, 0, 1]]] }, raw(17, ascii('rest')))));
    expect(later).toMatchObject({ protocol: 17, fragmentOffset: 1448, hasTransport: false, payloadLength: 4 });
  });

  it('takes the frame length where the payload length is 0 (big TCP)', () => {
    expect(decode(ethernet(ipv6({ payloadLength: 0 }, tcp({}, new Uint8Array(5000))))).payloadLength).toBe(5000);
  });
});

describe('TCP', () => {
  it('gives sequence numbers above 2^31 unsigned', () => {
    const segment = tcp({ sequence: 0xfffffff0, acknowledgment: 0x80000001, flags: 0x18, window: 65535 }, ascii('x'));
    expect(decode(ethernet(ipv4({}, segment)))).toMatchObject({
      hasSequence: true,
      sequence: 0xfffffff0,
      acknowledgment: 0x80000001,
      tcpFlags: 0x18,
      window: 65535,
      payloadLength: 1,
    });
  });

  it('reads MSS and timestamps among other options', () => {
    const options = [...MSS(1460), ...SACK_PERMITTED, ...TIMESTAMPS(0xf0000001, 5), ...NOP, ...WINDOW_SCALE(7)];
    expect(decode(ethernet(ipv4({}, tcp({ flags: TCP_SYN, options }))))).toMatchObject({
      mss: 1460,
      hasTimestamps: true,
      tsVal: 0xf0000001,
      tsEcr: 5,
    });
  });

  it("digests a SYN's options, but not what boxes alter", () => {
    const syn = (options: number[]) => decode(ethernet(ipv4({}, tcp({ flags: TCP_SYN, options })))).synOptions;
    const usual = syn([...MSS(1460), ...SACK_PERMITTED, ...TIMESTAMPS(1, 0), ...NOP, ...WINDOW_SCALE(7)]);
    expect(usual).not.toBe(0);
    expect(syn([...MSS(1300), ...SACK_PERMITTED, ...TIMESTAMPS(9, 0), ...NOP, ...WINDOW_SCALE(7)])).toBe(usual);
    expect(syn([...MSS(1460), ...SACK_PERMITTED, ...TIMESTAMPS(1, 0), ...NOP, ...WINDOW_SCALE(8)])).not.toBe(usual);
    expect(syn([])).not.toBe(0);
    expect(decode(ethernet(ipv4({}, tcp({ flags: TCP_ACK })))).synOptions).toBe(0);
  });

  it('of which only the ports were captured says so', () => {
    const headers = decode(ethernet(ipv4({}, WEB)).slice(0, 14 + 20 + 8));
    expect(headers).toMatchObject({ hasTransport: true, hasSequence: false, sourcePort: 44444, sequence: 0 });
  });

  it('cut before the ports has no transport', () => {
    expect(decode(ethernet(ipv4({}, WEB)).slice(0, 14 + 20 + 3))).toMatchObject({ ipVersion: 4, hasTransport: false });
  });
});

describe('UDP', () => {
  it('ends where its own length says', () => {
    const datagram = udp({ length: 12 }, ascii('datatrailer'));
    expect(decode(ethernet(ipv4({}, datagram))).payloadLength).toBe(4);
  });

  it('on port 53 tells queries from responses', () => {
    const message = (flags: number) => bytesOf(u16(0xabcd, flags, 1, 0, 0, 0));
    const query = decode(ethernet(ipv4({}, udp({ sourcePort: 40000, destinationPort: 53 }, message(0x0100)))));
    expect(query).toMatchObject({ dnsFlags: 1, dnsId: 0xabcd });
    const response = decode(ethernet(ipv4({}, udp({ sourcePort: 53, destinationPort: 40000 }, message(0x8180)))));
    expect(response).toMatchObject({ dnsFlags: 2, dnsId: 0xabcd });
    expect(decode(ethernet(ipv4({}, udp({ destinationPort: 123 }, message(0x8180))))).dnsFlags).toBe(0);
  });
});

describe('ICMP', () => {
  it('echo has its id as both ports, and its sequence', () => {
    expect(decode(ethernet(ipv4({}, icmp(8, 0, u16(4321, 7), ascii('ping')))))).toMatchObject({
      icmpType: 8,
      icmpCode: 0,
      sourcePort: 4321,
      destinationPort: 4321,
      icmpSequence: 7,
      payloadLength: 4,
    });
    expect(decode(ethernet(ipv6({}, icmpv6(129, 0, u16(99, 3)))))).toMatchObject({
      protocol: 58,
      sourcePort: 99,
      icmpSequence: 3,
    });
  });

  it('errors quote the tuple of the packet that they are about', () => {
    const inner = ipv4({ source: '203.0.113.77', destination: '198.51.100.10' }, udp({ sourcePort: 61784 })).bytes;
    const headers = decode(ethernet(ipv4({ source: '198.51.100.10' }, icmp(3, 3, [0, 0, 0, 0], inner.slice(0, 28)))));
    expect(headers).toMatchObject({
      hasQuoted: true,
      quotedProtocol: 17,
      quotedSourcePort: 61784,
      quotedDestinationPort: 53,
      sourcePort: 0,
    });
    expect([addressTextAt(headers.quotedSource), addressTextAt(headers.quotedDestination)]).toEqual([
      '203.0.113.77',
      '198.51.100.10',
    ]);
  });

  it('errors about an echo quote its id', () => {
    const inner = ipv4({}, icmp(8, 0, u16(777, 1))).bytes;
    expect(decode(ethernet(ipv4({}, icmp(11, 0, [0, 0, 0, 0], inner))))).toMatchObject({
      quotedProtocol: 1,
      quotedSourcePort: 777,
      quotedDestinationPort: 777,
    });
  });

  it('version 6 errors quote through extension headers', () => {
    const inner = ipv6({ extensions: [[60, [0, 1, 4, 0, 0, 0, 0]]] }, tcp({ sourcePort: 5555 })).bytes;
    const headers = decode(ethernet(ipv6({}, icmpv6(2, 0, [0, 0, 5, 0], inner))));
    expect(headers).toMatchObject({ hasQuoted: true, quotedProtocol: 6, quotedSourcePort: 5555 });
    expect(addressTextAt(headers.quotedSource)).toBe('2001:db8:a::1');
  });

  it('queries quote nothing', () => {
    expect(decode(ethernet(ipv4({}, icmp(8, 0, u16(1, 1), ipv4({}, WEB).bytes)))).hasQuoted).toBe(false);
  });
});

describe('the payload digest', () => {
  const digestOf = (data: Uint8Array) => decode(ethernet(ipv4({}, udp({ destinationPort: 9 }, data))));

  it('is unsigned, not 0, and the same for equal beginnings', () => {
    const long = new Uint8Array(300).map((_, index) => index);
    const changed = long.slice();
    changed[DIGEST_LENGTH] = 0xff;
    expect(digestOf(long)).toMatchObject({ digestLength: DIGEST_LENGTH, digest: digestOf(changed).digest });
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 70 }), (data) => {
        const { digest } = digestOf(data);
        expect(Number.isInteger(digest) && digest > 0 && digest <= 0xffffffff).toBe(true);
      }),
    );
  });

  it('tells payloads apart that differ in one byte', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: DIGEST_LENGTH }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (data, place, change) => {
          const other = data.slice();
          other[place % data.length]! ^= change;
          expect(digestOf(other).digest).not.toBe(digestOf(data).digest);
        },
      ),
    );
  });
});

describe('any bytes', () => {
  const linkTypes = fc.constantFrom(0, 1, 12, 14, 101, 108, 113, 228, 229, 276, 147);

  it('never throw, and nothing at or past the end is read', () => {
    fc.assert(
      fc.property(
        linkTypes,
        fc.uint8Array({ maxLength: 120 }),
        fc.uint8Array({ maxLength: 60 }),
        (linkType, bytes, tail) => {
          const alone = decode(bytes, linkType);
          const followed = new Headers();
          decodeHeaders(followed, linkType, bytesOf([1, 2, 3], bytes, tail), 3, 3 + bytes.length);
          expect(followed.payloadEnd - followed.payloadStart).toBe(alone.payloadEnd - alone.payloadStart);
          for (const headers of [alone, followed]) headers.payloadStart = headers.payloadEnd = 0;
          expect(followed).toEqual(alone);
        },
      ),
    );
  });

  it('cut anywhere: what is read of a prefix is read of the whole', () => {
    fc.assert(
      fc.property(anyFrame, ({ linkType, bytes }) => {
        const whole = decode(bytes, linkType);
        for (let length = 0; length < bytes.length; length += 1) {
          const padded = bytes.slice();
          padded.fill(0xff, length);
          const cut = new Headers();
          const isIp = decodeHeaders(cut, linkType, padded, 0, length, bytes.length);
          if (isIp) expect(addressTextAt(cut.destination)).toBe(addressTextAt(whole.destination));
          if (isIp && cut.hasTransport) expect(endpoints(cut)).toBe(endpoints(whole));
          if (cut.hasSequence) expect([cut.sequence, cut.tcpFlags]).toEqual([whole.sequence, whole.tcpFlags]);
          expect(cut.payloadEnd).toBeLessThanOrEqual(length);
          expect(cut.payloadStart).toBeLessThanOrEqual(cut.payloadEnd);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('leave nothing behind for the next frame', () => {
    fc.assert(
      fc.property(anyFrame, anyFrame, (first, second) => {
        const used = new Headers();
        decodeHeaders(used, first.linkType, first.bytes, 0, first.bytes.length);
        decodeHeaders(used, second.linkType, second.bytes, 0, second.bytes.length);
        const fresh = decode(second.bytes, second.linkType);
        const visible = ({ quotedSource, quotedDestination, tunnelSource, tunnelDestination, ...rest }: Headers) => ({
          ...rest,
          quoted: rest.hasQuoted && [quotedSource, quotedDestination],
          outer: rest.tunnel !== 0 && [tunnelSource, tunnelDestination],
        });
        expect(visible(used)).toEqual(visible(fresh));
      }),
    );
  });
});
