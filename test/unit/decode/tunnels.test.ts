import { describe, expect, it } from 'vitest';
import { addressTextAt } from '../../../src/core/decode/addresses.ts';
import * as E from '../../../src/core/decode/encapsulation.ts';
import { Headers, decodeHeaders } from '../../../src/core/decode/headers.ts';
import { ascii, bytesOf, ethernet, ipv4, ipv6, raw, tcp, u16, u32, udp } from '../../support/packets.ts';
import type { Network, Transport } from '../../support/packets.ts';
import { erspan, geneve, gre, gtpU, ipInIp, mpls, ppp, pppoe, vxlan } from '../../support/tunnels.ts';

const ETHERNET = 1;
const WEB = tcp({ sourcePort: 44444, destinationPort: 80, sequence: 7 }, ascii('GET / HTTP/1.1\r\n'));
const INNER = ipv4({ ttl: 61, id: 9 }, WEB);
const INNER6 = ipv6({}, WEB);
const FLOW = '10.42.3.21:44444 > 198.51.100.10:80';
const FLOW6 = '2001:db8:a::1:44444 > 2001:db8:b::2:80';
const OUTER = { source: '10.0.0.1', destination: '10.0.0.2', ttl: 255 };

function decode(bytes: Uint8Array, linkType = ETHERNET): Headers {
  const headers = new Headers();
  decodeHeaders(headers, linkType, bytes, 0, bytes.length);
  return headers;
}

function flow(h: Headers): string {
  return `${addressTextAt(h.source)}:${h.sourcePort} > ${addressTextAt(h.destination)}:${h.destinationPort}`;
}

function outer(transport: Transport): Uint8Array {
  return ethernet(ipv4(OUTER, transport));
}

describe('the packet within', () => {
  const frame = ethernet(INNER, { source: '02:00:00:00:00:0a' });
  it.each<[string, Uint8Array, string, number, number]>([
    ['VXLAN', outer(vxlan(7, frame)), FLOW, E.VXLAN, 7],
    ['VXLAN on the port of Linux', outer(vxlan(1, frame, 8472)), FLOW, E.VXLAN, 1],
    ['VXLAN on any other port', outer(vxlan(9, frame, 12_345)), FLOW, E.VXLAN, 9],
    ['VXLAN with a tag within', outer(vxlan(7, ethernet(INNER, { vlans: [[0x8100, 5]] }))), FLOW, E.VXLAN, 7],
    ['GENEVE with an Ethernet frame', outer(geneve(5, 0x6558, frame)), FLOW, E.GENEVE, 5],
    ['GENEVE with options and IP', outer(geneve(0, 0x0800, INNER.bytes, [1, 8, 1, 1, 0, 0, 0, 9])), FLOW, E.GENEVE, 0],
    ['GRE', outer(gre(0x0800, INNER.bytes)), FLOW, E.GRE_TUNNEL, 0],
    [
      'GRE with all its fields',
      outer(gre(0x86dd, INNER6.bytes, { key: 77, sequence: 3, checksum: true })),
      FLOW6,
      E.GRE_TUNNEL,
      77,
    ],
    ['NVGRE', outer(gre(0x6558, frame, { key: 0x1234_05 })), FLOW, E.GRE_TUNNEL, 0x1234_05],
    ['MPLS over GRE', outer(gre(0x8847, mpls([16], INNER.bytes).bytes)), FLOW, E.GRE_TUNNEL, 0],
    ['ERSPAN I', outer(erspan(1, 0, frame)), FLOW, E.ERSPAN, 0],
    ['ERSPAN II', outer(erspan(2, 99, frame)), FLOW, E.ERSPAN, 99],
    ['ERSPAN III', outer(erspan(3, 98, frame)), FLOW, E.ERSPAN, 98],
    ['IPIP', outer(ipInIp(INNER)), FLOW, E.IP_IN_IP, 0],
    ['6in4', outer(ipInIp(INNER6)), FLOW6, E.IP_IN_IP, 0],
    ['4in6', ethernet(ipv6({}, ipInIp(INNER))), FLOW, E.IP_IN_IP, 0],
    ['GTP-U', outer(gtpU(0xabcd, INNER)), FLOW, E.GTP_U, 0xabcd],
    ['GTP-U with extension headers', outer(gtpU(1, INNER, [0x85, 1, 0, 0, 0])), FLOW, E.GTP_U, 1],
    ['EtherIP', outer(raw(97, bytesOf([0x30, 0], frame))), FLOW, E.ETHER_IP, 0],
    ['Ethernet over IPv6', ethernet(ipv6({}, raw(143, frame))), FLOW, E.ETHER_IP, 0],
    ['PIM', outer(raw(103, bytesOf([0x21, 0], u16(0), u32(0), INNER.bytes))), FLOW, E.PIM_REGISTER, 0],
    ['MPLS over IP', outer(raw(137, mpls([20], INNER.bytes).bytes)), FLOW, E.MPLS_TUNNEL, 20],
    ['Teredo', outer(udp({ sourcePort: 3544 }, INNER6.bytes)), FLOW6, E.TEREDO, 0],
    ['PPTP', outer(raw(47, bytesOf(u16(0x3001, 0x880b, 4, 9), u32(1), ppp(INNER)))), FLOW, E.GRE_TUNNEL, 0x0004_0009],
  ])('%s', (_, bytes, expected, kind, id) => {
    const headers = decode(bytes);
    expect(flow(headers)).toBe(expected);
    expect(headers).toMatchObject({ tunnel: kind, tunnelId: id, protocol: 6, sequence: 7, payloadLength: 16 });
    if (addressTextAt(headers.tunnelSource).includes('.')) {
      expect([addressTextAt(headers.tunnelSource), addressTextAt(headers.tunnelDestination)]).toEqual([
        OUTER.source,
        OUTER.destination,
      ]);
    }
  });

  it.each<[string, Network]>([
    ['MPLS', mpls([16, 17, 18], INNER.bytes)],
    ['an Ethernet pseudowire with a control word', mpls([16], bytesOf(u32(0), frame))],
    ['an Ethernet pseudowire without one', mpls([16], frame)],
    ['PPPoE', pppoe(3, INNER)],
    ['a service function header', { etherType: 0x894f, bytes: bytesOf([0, 2, 1, 1], u32(0), INNER.bytes) }],
    [
      'MACsec without encryption',
      { etherType: 0x88e5, bytes: bytesOf([0x20, 0], u32(1, 2, 3), u16(0x0800), INNER.bytes) },
    ],
  ])('%s is no tunnel', (_, network) => {
    const headers = decode(ethernet(network));
    expect(flow(headers)).toBe(FLOW);
    expect(headers).toMatchObject({ tunnel: 0, ttl: 61, ipId: 9 });
  });

  it('takes its TTL, id and fragment fields from the inner header', () => {
    const headers = decode(outer(ipInIp(INNER6)));
    expect(headers).toMatchObject({ ipVersion: 6, ttl: 64, ipId: 0, dontFragment: false, fragmentOffset: 0 });
  });

  it('is told of the outermost tunnel, where they are nested', () => {
    const overlay = ethernet(ipv4({ source: '192.0.2.1' }, vxlan(1, frame, 8472)));
    const headers = decode(outer(vxlan(4711, overlay)));
    expect(flow(headers)).toBe(FLOW);
    expect(headers).toMatchObject({ tunnel: E.VXLAN, tunnelId: 4711 });
    expect(addressTextAt(headers.tunnelDestination)).toBe('10.0.0.2');
  });

  it('is looked for eight tunnels deep, not deeper', () => {
    const nested = (depth: number): Network => (depth === 0 ? INNER : ipv4({ id: depth }, ipInIp(nested(depth - 1))));
    expect(flow(decode(ethernet(nested(8))))).toBe(FLOW);
    expect(decode(ethernet(nested(9)))).toMatchObject({ protocol: 4, ipId: 1, sourcePort: 0 });
    const frames = (depth: number): Uint8Array =>
      depth === 0 ? ethernet(INNER) : outer(vxlan(depth, frames(depth - 1)));
    expect(flow(decode(frames(8)))).toBe(FLOW);
    expect(decode(frames(9))).toMatchObject({ tunnelId: 9, destinationPort: 4789 });
    const deep = decode(ethernet(nested(200)));
    expect(deep).toMatchObject({ protocol: 4, ipId: 192 });
  });
});

describe('the outer packet stands', () => {
  it.each<[string, Transport, number]>([
    ['where VXLAN carries no IP packet', vxlan(7, ethernet({ etherType: 0x0806, bytes: new Uint8Array(28) })), 4789],
    ['where VXLAN is cut before the inner addresses', vxlan(7, ethernet(INNER).slice(0, 30)), 4789],
    ['where the VXLAN flag is not set', udp({ destinationPort: 4789 }, bytesOf(u32(0, 7), ethernet(INNER))), 4789],
    ['where GTP-U speaks of the path', udp({ destinationPort: 2152 }, bytesOf([0x30, 1], u16(4), u32(0, 0))), 2152],
    ['for WireGuard', udp({ destinationPort: 51_820 }, bytesOf([4, 0, 0, 0], u32(1, 2, 3, 4))), 51_820],
  ])('%s', (_, transport, port) => {
    const headers = decode(outer(transport));
    expect(flow(headers)).toMatch(new RegExp(`^10\\.0\\.0\\.1:\\d+ > 10\\.0\\.0\\.2:${port}$`));
    expect(headers).toMatchObject({ tunnel: 0, protocol: 17, hasTransport: true });
  });

  it('for ESP', () => {
    const headers = decode(outer(raw(50, bytesOf(u32(0x1234, 1), INNER.bytes))));
    expect(headers).toMatchObject({ tunnel: 0, protocol: 50 });
    expect(addressTextAt(headers.destination)).toBe('10.0.0.2');
  });

  it('for data on another port that is not VXLAN to the last bit', () => {
    const right = bytesOf([8, 0, 0, 0], u32(7 << 8), ethernet(INNER));
    const ipAt = 8 + 14;
    for (const [at, value] of [
      [0, 0x0c],
      [3, 1],
      [7, 1],
      [8 + 6, 1],
      [ipAt, 0x46],
      [ipAt + 3, 1],
      [ipAt + 10, 0xee],
    ] as const) {
      const other = right.slice();
      other[at] = value;
      expect(decode(outer(udp({ destinationPort: 999 }, other)))).toMatchObject({ tunnel: 0, destinationPort: 999 });
    }
    expect(decode(outer(udp({ destinationPort: 999 }, right)))).toMatchObject({ tunnel: E.VXLAN });
  });
});

describe('transport', () => {
  it('stands behind an authentication header of IPv4 too', () => {
    const segment = INNER.bytes.slice(20);
    const headers = decode(ethernet(ipv4({}, raw(51, bytesOf([6, 4], new Uint8Array(22), segment)))));
    expect(flow(headers)).toBe(FLOW);
    expect(headers.protocol).toBe(6);
  });

  it('of SCTP gives tag and TSN', () => {
    const sctp = bytesOf(u16(5000, 2905), u32(0xcafe, 0), [0, 3], u16(20), u32(77, 0, 0, 0));
    expect(decode(ethernet(ipv4({}, raw(132, sctp))))).toMatchObject({
      sourcePort: 5000,
      destinationPort: 2905,
      verificationTag: 0xcafe,
      tsn: 77,
    });
  });

  it('of UDP-Lite gives ports', () => {
    const datagram = bytesOf(u16(5000, 6000, 8, 0), ascii('hello'));
    expect(decode(ethernet(ipv4({}, raw(136, datagram))))).toMatchObject({ sourcePort: 5000, payloadLength: 5 });
  });

  it('of a jumbogram counts all its bytes', () => {
    const jumbo: [number, number[]] = [0, [0, 0xc2, 4, ...u32(70_008 + 8)]];
    const network = ipv6({ extensions: [jumbo], payloadLength: 0 }, udp({ length: 0 }, new Uint8Array(70_000)));
    expect(decode(ethernet(network))).toMatchObject({ protocol: 17, payloadLength: 70_000 });
  });
});
