import { describe, expect, it } from 'vitest';
import { addressTextAt } from '../../../src/core/decode/addresses.ts';
import { decodeDetail } from '../../../src/core/decode/detail.ts';
import { Headers, decodeHeaders, isDecodedLinkType } from '../../../src/core/decode/headers.ts';
import { ascii, bytesOf, ethernet, ipv4, ipv6, tcp, u16, u32 } from '../../support/packets.ts';
import { mpls, ppp, pppoe } from '../../support/tunnels.ts';

const WEB = tcp({ sourcePort: 44444, destinationPort: 80 }, ascii('GET / HTTP/1.1\r\n'));
const packet = ipv4({}, WEB);
const packet6 = ipv6({}, WEB);
const FLOW = '10.42.3.21:44444 > 198.51.100.10:80';
const FLOW6 = '2001:db8:a::1:44444 > 2001:db8:b::2:80';
const SNAP = [0xaa, 0xaa, 3, 0, 0, 0, 8, 0];

/** As they stand in NFLOG's attributes. */
function attribute(littleEndian: boolean, type: number, data: Uint8Array): Uint8Array {
  const word = (value: number) => (littleEndian ? u16(value).reverse() : u16(value));
  const padding = new Uint8Array((4 - (data.length % 4)) % 4);
  return bytesOf(word(4 + data.length), word(type), data, padding);
}

const FRAMES: readonly (readonly [string, number, Uint8Array, string])[] = [
  ['PPP', 9, ppp(packet), FLOW],
  ['PPP with address and control', 9, bytesOf([0xff, 3], ppp(packet6)), FLOW6],
  ['PPP with a compressed protocol', 9, bytesOf([0xff, 3, 0x21], packet.bytes), FLOW],
  ['PPP_SERIAL', 50, bytesOf([0xff, 3], ppp(packet)), FLOW],
  ["PPP_SERIAL with Cisco's HDLC", 50, bytesOf([0x0f, 0], u16(0x86dd), packet6.bytes), FLOW6],
  ['PPP_ETHER', 51, pppoe(7, packet).bytes, FLOW],
  ['PPPoE over Ethernet', 1, ethernet(pppoe(7, packet6)), FLOW6],
  ['PPP_PPPD', 166, bytesOf([1, 3], ppp(packet)), FLOW],
  ['PPP_WITH_DIR', 204, bytesOf([1, 0xff, 3], ppp(packet)), FLOW],
  ['C_HDLC', 104, bytesOf([0x0f, 0, 8, 0], packet.bytes), FLOW],
  ['C_HDLC_WITH_DIR', 205, bytesOf([1, 0x8f, 0, 8, 0], packet.bytes), FLOW],
  ['FRELAY', 107, bytesOf([0x18, 0x41, 3, 0xcc], packet.bytes), FLOW],
  ['FRELAY with SNAP', 107, bytesOf([0x18, 0x41, 3, 0, 0x80, 0, 0, 0, 8, 0], packet.bytes), FLOW],
  ["FRELAY with Cisco's EtherType", 107, bytesOf([0x18, 0x41, 8, 0], packet.bytes), FLOW],
  ['FRELAY_WITH_DIR', 206, bytesOf([1, 0x18, 0x41, 3, 0x8e], packet6.bytes), FLOW6],
  ['MPLS', 219, mpls([16, 17], packet.bytes).bytes, FLOW],
  ['ENC', 109, bytesOf([2, 0, 0, 0], u32(1, 2), packet.bytes), FLOW],
  ['ENC, big-endian', 109, bytesOf([0, 0, 0, 24], u32(1, 2), packet6.bytes), FLOW6],
  ['PFLOG', 117, bytesOf([61, 2], new Uint8Array(62), packet.bytes), FLOW],
  ['NFLOG', 239, bytesOf([2, 0, 0, 1], attribute(true, 10, ascii('out\0')), attribute(true, 9, packet.bytes)), FLOW],
  [
    'NFLOG, big-endian',
    239,
    bytesOf([10, 0, 0, 1], attribute(false, 1, ascii('abcde')), attribute(false, 9, packet6.bytes)),
    FLOW6,
  ],
  ['token ring', 6, bytesOf(new Uint8Array(14), SNAP, packet.bytes), FLOW],
  [
    'token ring with source routes',
    6,
    bytesOf(new Uint8Array(8), [0x80, 0, 0, 0, 0, 0], [4, 0, 1, 1], SNAP, packet.bytes),
    FLOW,
  ],
  ['FDDI', 10, bytesOf(new Uint8Array(13), SNAP, packet.bytes), FLOW],
  ['ATM', 100, bytesOf(SNAP, packet.bytes), FLOW],
  ['Fibre Channel', 122, bytesOf(new Uint8Array(16), SNAP, packet.bytes), FLOW],
  ['FireWire', 138, bytesOf(new Uint8Array(16), u16(0x86dd), packet6.bytes), FLOW6],
  ['IPNET', 226, bytesOf([1, 2], new Uint8Array(22), packet.bytes), FLOW],
  ['NETANALYZER', 240, bytesOf(u32(0), ethernet(packet)), FLOW],
  ['IPOIB', 242, bytesOf(new Uint8Array(40), u16(0x86dd, 0), packet6.bytes), FLOW6],
  ['PKTAP', 258, bytesOf([108, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0], new Uint8Array(96), ethernet(packet)), FLOW],
  ['JUNIPER_ETHER', 178, bytesOf([0x4d, 0x47, 0x43, 0x80], u16(6), new Uint8Array(6), ethernet(packet)), FLOW],
  ['JUNIPER_ETHER without a link header', 178, bytesOf([0x4d, 0x47, 0x43, 2], [2, 0, 0, 0], packet.bytes), FLOW],
  ['JUNIPER_PPP', 179, bytesOf([0x4d, 0x47, 0x43, 0], ppp(packet6)), FLOW6],
  ['JUNIPER_CHDLC', 181, bytesOf([0x4d, 0x47, 0x43, 0, 0x0f, 0, 8, 0], packet.bytes), FLOW],
  ['802.2 with the service access point of IP', 1, bytesOf(new Uint8Array(12), u16(59), [6, 6, 3], packet.bytes), FLOW],
];

describe('link types', () => {
  it.each(FRAMES)('%s', (_, linkType, bytes, expected) => {
    const headers = new Headers();
    expect(decodeHeaders(headers, linkType, bytes, 0, bytes.length)).toBe(true);
    const { source, destination, sourcePort, destinationPort } = headers;
    expect(`${addressTextAt(source)}:${sourcePort} > ${addressTextAt(destination)}:${destinationPort}`).toBe(expected);
    expect(headers.payloadLength).toBe(16);
    expect(isDecodedLinkType(linkType)).toBe(true);
  });

  it.each(FRAMES)('%s, cut anywhere', (_, linkType, bytes) => {
    const headers = new Headers();
    for (let length = 0; length < bytes.length; length += 1) {
      const padded = bytes.slice();
      padded.fill(0xff, length);
      decodeHeaders(headers, linkType, padded, 0, length, bytes.length);
      expect(headers.payloadEnd).toBeLessThanOrEqual(length);
      decodeDetail(linkType, bytes.slice(0, length), bytes.length);
    }
  });

  it('that hold no IP packets are not decoded', () => {
    for (const linkType of [105, 127, 189, 220, 249, 253, 271, 147, 99_999]) {
      expect(isDecodedLinkType(linkType)).toBe(false);
      expect(decodeHeaders(new Headers(), linkType, packet.bytes, 0, packet.bytes.length)).toBe(false);
    }
  });
});
