// The name of a packet in one line, and the fields of the message that gives it.
import { describe, expect, it } from 'vitest';
import { decodeDetail } from '../../../src/core/decode/detail.ts';
import { packetName } from '../../../src/core/decode/packet-name.ts';
import { ascii, bytesOf, ethernet, ipv4, ipv6, raw, tcp, u16, u32, udp } from '../../support/packets.ts';
import { vxlan } from '../../support/tunnels.ts';

function overTcp(payload: Uint8Array, destinationPort = 443): Uint8Array {
  return ethernet(ipv4({}, tcp({ destinationPort }, payload)));
}

function overUdp(payload: Uint8Array, destinationPort: number): Uint8Array {
  return ethernet(ipv4({}, udp({ destinationPort }, payload)));
}

function valueOf(bytes: Uint8Array, layer: string, key: string): string | undefined {
  return decodeDetail(1, bytes).fields.find((field) => field.layer === layer && field.key === key)?.value;
}

function withLength(data: Iterable<number>): number[] {
  const bytes = [...data];
  return [...u16(bytes.length), ...bytes];
}

const extension = (type: number, data: Iterable<number>) => [...u16(type), ...withLength(data)];

function hello(type: 1 | 2, extensions: readonly number[]): Uint8Array {
  const choice = type === 1 ? [...withLength(u16(0x1301, 0x1302)), 1, 0] : [...u16(0x1301), 0];
  const body = [...u16(0x0303), ...new Uint8Array(32), 4, 1, 2, 3, 4, ...choice, ...withLength(extensions)];
  return bytesOf([22, ...u16(0x0301)], withLength([type, 0, ...withLength(body)]));
}

const SERVER_NAME = extension(0, withLength([0, ...withLength(ascii('shop.example.com'))]));
const ALPN = extension(16, withLength([2, ...ascii('h2'), 8, ...ascii('http/1.1')]));
const OFFERED = extension(43, [4, ...u16(0x0304, 0x0303)]);

describe('TLS', () => {
  const client = overTcp(hello(1, [...extension(10, [0, 0]), ...SERVER_NAME, ...ALPN, ...OFFERED]));

  it('a ClientHello is named after its server', () => {
    expect(packetName(1, client)).toBe('TLS ClientHello shop.example.com');
    expect(valueOf(client, 'TLS', 'serverName')).toBe('shop.example.com');
    expect(valueOf(client, 'TLS', 'alpn')).toBe('h2, http/1.1');
    expect(valueOf(client, 'TLS', 'versions')).toBe('TLS 1.3, TLS 1.2');
  });

  it('a ServerHello after the version that it chose', () => {
    expect(packetName(1, overTcp(hello(2, extension(43, u16(0x0304)))))).toBe('TLS ServerHello TLS 1.3');
    expect(packetName(1, overTcp(hello(2, [])))).toBe('TLS ServerHello TLS 1.2');
    expect(valueOf(overTcp(hello(2, [])), 'TLS', 'cipher')).toBe('0x1301');
  });

  it('other records after their type', () => {
    expect(packetName(1, overTcp(bytesOf([23, 3, 3], u16(100), new Uint8Array(100))))).toBe('TLS application data');
    expect(packetName(1, overTcp(bytesOf([21, 3, 3, 0, 2, 1, 0])))).toBe('TLS alert');
    expect(packetName(1, overTcp(bytesOf([22, 3, 3], u16(40), [0x99], new Uint8Array(39))))).toBe(
      'TLS handshake, encrypted',
    );
  });

  it('cut anywhere, it is named after what is there', () => {
    for (let length = client.length; length >= 0; length -= 1) {
      const name = packetName(1, client.slice(0, length), client.length);
      expect(name === null || name.startsWith('TLS')).toBe(true);
    }
    expect(packetName(1, client.slice(0, client.length - 20), client.length)).toBe('TLS ClientHello shop.example.com');
  });
});

describe('HTTP', () => {
  const request = overTcp(ascii('GET /cart HTTP/1.1\r\nHost: shop.example.com\r\nAccept: */*\r\n\r\n'), 80);

  it('a request is its first line, with the host beside it', () => {
    expect(packetName(1, request)).toBe('GET /cart HTTP/1.1');
    expect(valueOf(request, 'HTTP', 'host')).toBe('shop.example.com');
  });

  it('a response is its status line, on any port', () => {
    expect(packetName(1, overTcp(ascii('HTTP/1.1 404 Not Found\r\nServer: nginx\r\n\r\n'), 31_000))).toBe(
      'HTTP/1.1 404 Not Found',
    );
  });

  it('a cut request is named as far as it goes; other text is not', () => {
    expect(packetName(1, overTcp(ascii('GET /a/very/long/pa'), 80))).toBe('GET /a/very/long/pa');
    expect(packetName(1, overTcp(ascii('Hello, this is no request\r\n'), 80))).toBeNull();
    expect(packetName(1, overTcp(ascii('GET is a word, and so on\r\n'), 80))).toBeNull();
  });
});

describe('DNS', () => {
  const name = [4, ...ascii('shop'), 7, ...ascii('example'), 3, ...ascii('com'), 0];
  const question = [...name, ...u16(1, 1)];
  const query = bytesOf(u16(7, 0x0100, 1, 0, 0, 0), question);
  const address = [0xc0, 12, ...u16(1, 1), ...u32(60), ...withLength([203, 0, 113, 5])];
  const alias = [0xc0, 12, ...u16(5, 1), ...u32(60), ...withLength([0xc0, 17])];

  it('a query is named after its question', () => {
    expect(packetName(1, overUdp(query, 53))).toBe('DNS A shop.example.com?');
    expect(packetName(1, overTcp(bytesOf(withLength(query)), 53))).toBe('DNS A shop.example.com?');
  });

  it('a response after its answer, or why there is none', () => {
    const response = (code: number, ...answers: number[][]) =>
      overUdp(bytesOf(u16(7, 0x8180 | code, 1, answers.length, 0, 0), question, answers.flat()), 53);
    expect(packetName(1, response(0, alias, address))).toBe('DNS A shop.example.com: 203.0.113.5');
    expect(packetName(1, response(3))).toBe('DNS A shop.example.com: no such name');
    expect(packetName(1, response(0))).toBe('DNS A shop.example.com: no answer');
  });
});

describe('other protocols', () => {
  const initial = bytesOf([0xc3], u32(1), [4, 0xde, 0xad, 0xbe, 0xef, 0, 0, 0x44, 0x9e], new Uint8Array(1200));

  it.each<[string, Uint8Array, string | null]>([
    ['QUIC Initial', overUdp(initial, 443), 'QUIC Initial deadbeef'],
    [
      'QUIC version 2',
      overUdp(bytesOf([0xd3], u32(0x6b3343cf), [1, 9, 0], new Uint8Array(50)), 443),
      'QUIC Initial 09',
    ],
    ['QUIC Retry', overUdp(bytesOf([0xf0], u32(1), [0, 1, 9], new Uint8Array(50)), 443), 'QUIC Retry none'],
    ['QUIC of a short header', overUdp(bytesOf([0x43], new Uint8Array(50)), 443), null],
    ['QUIC of an unknown version', overUdp(bytesOf([0xc3], u32(0x12345678), [0, 0], new Uint8Array(50)), 443), null],
    ['NTP', overUdp(bytesOf([0x23, 0], new Uint8Array(46)), 123), 'NTP client'],
    ['WireGuard', overUdp(bytesOf([1, 0, 0, 0], new Uint8Array(144)), 51_820), 'WireGuard handshake initiation'],
    ['WireGuard data', overUdp(bytesOf([4, 0, 0, 0], new Uint8Array(92)), 51_820), 'WireGuard transport data'],
    ['WireGuard of a wrong length', overUdp(bytesOf([1, 0, 0, 0], new Uint8Array(90)), 51_820), null],
    ['ESP', ethernet(ipv4({}, raw(50, bytesOf(u32(0xcafe, 1), new Uint8Array(20))))), 'ESP 0x0000cafe'],
    ['IGMP', ethernet(ipv4({}, raw(2, bytesOf([0x16, 0], u16(0), [224, 0, 0, 251])))), 'IGMP'],
    ['plain data', overUdp(ascii('hello world'), 9), null],
    ['nothing', overTcp(new Uint8Array(0)), null],
    ['ARP', ethernet({ etherType: 0x0806, bytes: new Uint8Array(28) }), null],
    ['what a tunnel carries', ethernet(ipv6({}, vxlan(1, overUdp(initial, 443)))), 'QUIC Initial deadbeef'],
  ])('%s', (_, bytes, name) => {
    expect(packetName(1, bytes)).toBe(name);
  });

  it('DHCP is named after its message and the address', () => {
    const message = bytesOf([2, 1, 6, 0], u32(1, 0), [0, 0, 0, 0, 10, 0, 0, 5], new Uint8Array(216), u32(0x63825363), [
      53,
      1,
      5,
      12,
      3,
      ...ascii('pod'),
      255,
    ]);
    expect(packetName(1, overUdp(message, 68))).toBe('DHCP ACK 10.0.0.5');
    expect(valueOf(overUdp(message, 68), 'DHCP', 'hostName')).toBe('pod');
  });

  it('never throw, whatever the bytes', () => {
    let seed = 1;
    const next = () => (seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0) >>> 16;
    const starts = [
      hello(1, SERVER_NAME),
      initial,
      ascii('GET / HTTP/1.1\r\nHost: a\r\n'),
      bytesOf(u16(7, 0x8180, 1, 1, 0, 0)),
    ];
    for (let round = 0; round < 3000; round += 1) {
      const payload = starts[round % starts.length]!.slice(0, 1 + (next() % 120));
      for (let flips = next() % 4; flips >= 0; flips -= 1) payload[next() % payload.length] = next() & 0xff;
      for (const frame of [overTcp(payload, 53), overUdp(payload, 53), overTcp(payload), overUdp(payload, 67)]) {
        packetName(1, frame);
        decodeDetail(1, frame);
      }
    }
  });
});
