// The detail of what carries packets: every layer named, the packet whose connection it is without a prefix.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressTextAt } from '../../../src/core/decode/addresses.ts';
import { decodeDetail, type PacketDetail } from '../../../src/core/decode/detail.ts';
import { Headers, decodeHeaders } from '../../../src/core/decode/headers.ts';
import { ascii, bytesOf, ethernet, icmp, ipv4, ipv6, raw, tcp, u16, u32, udp } from '../../support/packets.ts';
import { erspan, geneve, gre, gtpU, ipInIp, mpls, ppp, pppoe, vxlan } from '../../support/tunnels.ts';
import { anyTunnelledFrame, inPacket } from '../../support/tunnels-arbitrary.ts';

const WEB = tcp({ destinationPort: 9999 }, ascii('hello'));
const INNER = ipv4({}, WEB);
const FRAME = ethernet(INNER);

function valueOf(detail: PacketDetail, layer: string, key: string): string | undefined {
  return detail.fields.find((field) => field.layer === layer && field.key === key)?.value;
}

const OUTER = ['Frame', 'Outer Ethernet', 'Outer IPv4'];
const PACKET = ['IPv4', 'TCP', 'Payload'];

describe('layers', () => {
  it.each<[string, Uint8Array, string[]]>([
    ['VXLAN', inPacket(vxlan(7, FRAME)), [...OUTER, 'Outer UDP', 'VXLAN', 'Ethernet', ...PACKET]],
    ['GENEVE', inPacket(geneve(7, 0x0800, INNER.bytes, [0, 0, 0, 0])), [...OUTER, 'Outer UDP', 'GENEVE', ...PACKET]],
    ['GRE', inPacket(gre(0x0800, INNER.bytes, { key: 5 })), [...OUTER, 'GRE', ...PACKET]],
    ['ERSPAN I', inPacket(erspan(1, 0, FRAME)), [...OUTER, 'GRE', 'ERSPAN I', 'Ethernet', ...PACKET]],
    ['ERSPAN II', inPacket(erspan(2, 9, FRAME)), [...OUTER, 'GRE', 'ERSPAN II', 'Ethernet', ...PACKET]],
    ['ERSPAN III', inPacket(erspan(3, 9, FRAME)), [...OUTER, 'GRE', 'ERSPAN III', 'Ethernet', ...PACKET]],
    ['IPIP', inPacket(ipInIp(INNER)), [...OUTER, ...PACKET]],
    ['GTP-U', inPacket(gtpU(1, INNER)), [...OUTER, 'Outer UDP', 'GTP-U', ...PACKET]],
    [
      'VXLAN in VXLAN',
      inPacket(vxlan(1, inPacket(vxlan(2, FRAME)))),
      [
        ...OUTER,
        'Outer UDP',
        'Outer VXLAN',
        'Outer Ethernet 2',
        'Outer IPv4 2',
        'Outer UDP 2',
        'VXLAN',
        'Ethernet',
        ...PACKET,
      ],
    ],
    ['MPLS', ethernet(mpls([1, 2], INNER.bytes)), ['Frame', 'Ethernet', 'MPLS', 'MPLS 2', ...PACKET]],
    ['PPPoE', ethernet(pppoe(1, INNER)), ['Frame', 'Ethernet', 'PPPoE', 'PPP', ...PACKET]],
    [
      'VXLAN without an IP packet',
      inPacket(vxlan(7, ethernet({ etherType: 0x0806, bytes: new Uint8Array(28) }))),
      ['Frame', 'Ethernet', 'IPv4', 'UDP', 'VXLAN', 'Ethernet 2', 'ARP'],
    ],
    [
      'ESP',
      inPacket(raw(50, bytesOf(u32(0x1234, 1), new Uint8Array(20)))),
      ['Frame', 'Ethernet', 'IPv4', 'ESP', 'Payload'],
    ],
    ['IGMP', inPacket(raw(2, bytesOf([0x16, 0], u16(0), [224, 0, 0, 251]))), ['Frame', 'Ethernet', 'IPv4', 'IGMP']],
    [
      'UDP-Lite',
      inPacket(raw(136, bytesOf(u16(1, 2, 8, 0), ascii('x')))),
      ['Frame', 'Ethernet', 'IPv4', 'UDP-Lite', 'Payload'],
    ],
    [
      'a quoted packet in a tunnel, whose inside is not looked at',
      inPacket(vxlan(7, ethernet(ipv4({}, icmp(3, 3, [0, 0, 0, 0], ipv4({}, ipInIp(INNER)).bytes))))),
      [...OUTER, 'Outer UDP', 'VXLAN', 'Ethernet', 'IPv4', 'ICMP', 'Quoted IPv4', 'Quoted Payload'],
    ],
  ])('of %s', (_, bytes, layers) => {
    expect(decodeDetail(1, bytes).layers).toEqual(layers);
  });

  it('show the numbers that tell tunnels apart', () => {
    expect(valueOf(decodeDetail(1, inPacket(vxlan(4711, FRAME))), 'VXLAN', 'vni')).toBe('4711');
    expect(valueOf(decodeDetail(1, inPacket(gre(0x0800, INNER.bytes, { key: 5 }))), 'GRE', 'key')).toBe('0x00000005');
    expect(valueOf(decodeDetail(1, inPacket(erspan(2, 9, FRAME))), 'ERSPAN II', 'session')).toBe('9');
    expect(valueOf(decodeDetail(1, inPacket(gtpU(0xab, INNER))), 'GTP-U', 'teid')).toBe('0x000000ab');
    expect(valueOf(decodeDetail(9, ppp(INNER)), 'PPP', 'protocol')).toBe('0x0021 (IPv4)');
  });

  it('stop where the nesting is too deep, and say so', () => {
    const nested = (depth: number): Uint8Array => (depth === 0 ? FRAME : inPacket(vxlan(depth, nested(depth - 1))));
    expect(decodeDetail(1, nested(8)).stopped).toBeNull();
    expect(decodeDetail(1, nested(9)).stopped).toBe('nested too deep to be decoded');
  });
});

describe('checksums', () => {
  it('behind a routing header cover the last destination', () => {
    const route = (type: number) => [2, type, 1, 0, 0, 0, 0, ...ipv6Words('2001:db8:c::3')];
    for (const type of [0, 2, 4]) {
      const whole = ipv6({ destination: '2001:db8:c::3', extensions: [[43, route(type)]] }, WEB).bytes.slice();
      whole.set(ipv6Words('2001:db8:b::2'), 24);
      const detail = decodeDetail(229, whole);
      expect(detail.fields.find(({ layer, key }) => layer === 'TCP' && key === 'checksum')?.checksum).toBe('good');
    }
  });

  it('of a datagram whose length is wrong cannot be verified', () => {
    const detail = decodeDetail(1, inPacket(udp({ destinationPort: 7, length: 900 }, ascii('short'))));
    expect(detail.fields.find(({ key, layer }) => layer === 'UDP' && key === 'checksum')?.checksum).toBe(
      'unverifiable',
    );
  });
});

function ipv6Words(text: string): number[] {
  const [front = '', back = ''] = text.split('::');
  const head = front.split(':').map((group) => parseInt(group, 16));
  return u16(...head, ...new Array<number>(8 - head.length - 1).fill(0), parseInt(back, 16));
}

describe('the detail and the headers', () => {
  it('agree on which packet it is, however the frame is cut or spoiled', () => {
    const headers = new Headers();
    fc.assert(
      fc.property(anyTunnelledFrame, fc.nat(), fc.nat(), fc.nat(255), ({ bytes }, cut, at, value) => {
        const spoiled = bytes.slice(0, 1 + (cut % bytes.length));
        if (at % 3 === 0) spoiled[at % spoiled.length] = value;
        const detail = decodeDetail(1, spoiled, bytes.length);
        if (!decodeHeaders(headers, 1, spoiled, 0, spoiled.length, bytes.length)) return;
        expect(valueOf(detail, `IPv${headers.ipVersion}`, 'source')).toBe(addressTextAt(headers.source));
      }),
      { numRuns: 1000 },
    );
  });
});
