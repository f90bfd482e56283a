import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeDetail, type PacketDetail } from '../../../src/core/decode/detail.ts';
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
  ipv4,
  ipv6,
  raw,
  sll2,
  tcp,
  u16,
  u32,
  udp,
} from '../../support/packets.ts';
import { anyFrame } from '../../support/packets-arbitrary.ts';

/** "key: value [note]" of a layer's fields, a line each. */
function lines({ fields }: PacketDetail, layer: string): string[] {
  return fields
    .filter((field) => field.layer === layer)
    .map(({ key, value, note }) => `${key}: ${value}${note === null ? '' : ` [${note}]`}`);
}

describe('the packet detail', () => {
  it('shows every field of a SYN, its options and its checksums', () => {
    const options = [...MSS(1460), ...SACK_PERMITTED, ...TIMESTAMPS(1374436264, 0), ...NOP, ...WINDOW_SCALE(10)];
    const segment = tcp({
      sourcePort: 43210,
      destinationPort: 80,
      sequence: 897591451,
      flags: 2,
      window: 64240,
      options,
    });
    const detail = decodeDetail(1, ethernet(ipv4({ id: 0x28d2 }, segment)));
    expect(detail.layers).toEqual(['Frame', 'Ethernet', 'IPv4', 'TCP']);
    expect(detail.stopped).toBeNull();
    expect(lines(detail, 'Ethernet')).toEqual([
      'destination: 02:00:00:00:00:02',
      'source: 02:00:00:00:00:01',
      'type: 0x0800 (IPv4)',
    ]);
    expect(lines(detail, 'IPv4')).toEqual([
      'version: 4',
      'headerLength: 20 bytes',
      'dscp: 0',
      'ecn: 0 (not ECN-capable)',
      'length: 60 bytes',
      'id: 0x28d2',
      'flags: DF',
      'fragmentOffset: 0 bytes',
      'ttl: 64',
      'protocol: 6 (TCP)',
      'checksum: 0xda6d [correct]',
      'source: 10.42.3.21',
      'destination: 198.51.100.10',
    ]);
    expect(lines(detail, 'TCP')).toEqual([
      'sourcePort: 43210',
      'destinationPort: 80',
      'sequence: 897591451',
      'acknowledgment: 0',
      'headerLength: 40 bytes',
      'flags: SYN',
      'window: 64240',
      expect.stringMatching(/^checksum: 0x[0-9a-f]{4} \[correct\]$/),
      'urgent: 0',
      'options: MSS, SACK permitted, timestamps, NOP, window scale',
      'option.mss: 1460',
      'option.sackPermitted: yes',
      'option.tsVal: 1374436264',
      'option.tsEcr: 0',
      'option.windowScale: 10 (times 1024)',
    ]);
  });

  it('tells good, partial, wrong and unverifiable checksums apart', () => {
    const state = (frame: Uint8Array, layer: string, wireLength?: number) =>
      decodeDetail(1, frame, wireLength).fields.find((field) => field.layer === layer && field.key === 'checksum')
        ?.checksum;
    const data = ascii('some data');
    expect(state(ethernet(ipv4({}, tcp({}, data))), 'TCP')).toBe('good');
    expect(state(ethernet(ipv4({}, tcp({ checksum: 'offload' }, data))), 'TCP')).toBe('partial');
    expect(state(ethernet(ipv6({}, udp({ checksum: 'offload' }, data))), 'UDP')).toBe('partial');
    expect(state(ethernet(ipv4({}, tcp({ checksum: 0x1234 }, data))), 'TCP')).toBe('bad');
    expect(state(ethernet(ipv4({}, udp({ checksum: 0 }, data))), 'UDP')).toBe('none');
    const whole = ethernet(ipv4({}, tcp({}, data)));
    expect(state(whole.slice(0, -2), 'TCP', whole.length)).toBe('unverifiable');
    expect(state(ethernet(ipv4({ fragment: 0x2000 }, udp({}, data))), 'UDP')).toBe('unverifiable');
    expect(state(ethernet(ipv4({ headerChecksum: 0 }, tcp({}))), 'IPv4')).toBe('partial');
    expect(state(ethernet(ipv4({ headerChecksum: 0x7777 }, tcp({}))), 'IPv4')).toBe('bad');
  });

  it('says what a wrong checksum should be', () => {
    const detail = decodeDetail(1, ethernet(ipv4({ id: 0x28d2, headerChecksum: 0x1111 }, tcp({}, new Uint8Array(20)))));
    expect(lines(detail, 'IPv4')).toContain('checksum: 0x1111 [wrong, should be 0xda6d]');
  });

  it('shows the packet that an ICMP error quotes, in layers of its own', () => {
    const inner = ipv4({ source: '203.0.113.77' }, udp({ sourcePort: 61784 })).bytes.slice(0, 28);
    const detail = decodeDetail(1, ethernet(ipv4({}, icmp(3, 3, [0, 0, 0, 0], inner))));
    expect(detail.layers).toEqual(['Frame', 'Ethernet', 'IPv4', 'ICMP', 'Quoted IPv4', 'Quoted UDP']);
    expect(lines(detail, 'ICMP')).toEqual(
      expect.arrayContaining(['type: 3 (destination unreachable)', 'code: 3 (port)']),
    );
    expect(lines(detail, 'Quoted IPv4')).toContain('source: 203.0.113.77');
    expect(lines(detail, 'Quoted UDP')).toContain('sourcePort: 61784');
    expect(detail.stopped).toBeNull();
  });

  it('shows a DNS question and its answers in a line each', () => {
    const name = [...[7, ...ascii('example')], ...[4, ...ascii('test')], 0];
    const answer = [...u16(0xc00c, 5, 1), ...u32(60), ...u16(6), 3, ...ascii('www'), 0xc0, 0x0c];
    const address = [...u16(0xc00c, 1, 1), ...u32(60), ...u16(4), 192, 0, 2, 9];
    const message = bytesOf(u16(0xbeef, 0x8180, 1, 2, 0, 0), name, u16(1, 1), answer, address);
    const detail = decodeDetail(1, ethernet(ipv4({}, udp({ sourcePort: 53 }, message))));
    expect(lines(detail, 'DNS')).toEqual([
      'id: 0xbeef',
      'flags: response, recursion desired, recursion available, no error',
      'question: example.test A',
      'answers: CNAME www.example.test, A 192.0.2.9',
    ]);
  });

  it('shows names that point in circles not at all, rather than forever', () => {
    const message = bytesOf(u16(1, 0x0100, 1, 0, 0, 0), [1, 0x61, 0xc0, 0x0c], u16(1, 1));
    const detail = decodeDetail(1, ethernet(ipv4({}, udp({}, message))));
    expect(lines(detail, 'DNS')).toEqual(['id: 0x0001', 'flags: query, recursion desired']);
  });

  it('shows VLANs, cooked headers and padding', () => {
    const tagged = decodeDetail(
      1,
      ethernet(ipv4({}, tcp({})), {
        vlans: [
          [0x88a8, 100],
          [0x8100, 0x6007],
        ],
        padding: 4,
      }),
    );
    expect(tagged.layers).toEqual(['Frame', 'Ethernet', 'VLAN', 'VLAN 2', 'IPv4', 'TCP', 'Padding']);
    expect(lines(tagged, 'VLAN 2')).toEqual(['id: 7', 'priority: 3', 'dropEligible: no', 'type: 0x0800 (IPv4)']);
    const cooked = decodeDetail(276, sll2(ipv4({}, tcp({})), 12));
    expect(lines(cooked, 'Linux cooked v2')).toEqual([
      'type: 0x0800 (IPv4)',
      'interface: 12',
      'device: 1 (Ethernet)',
      'packetType: 4 (sent by this host)',
      'addressLength: 6',
      'source: 02:00:00:00:00:01',
    ]);
  });

  it('numbers an option that is given twice', () => {
    const detail = decodeDetail(1, ethernet(ipv4({}, tcp({ options: [...MSS(1460), ...MSS(1300)] }))));
    expect(lines(detail, 'TCP')).toEqual(expect.arrayContaining(['option.mss: 1460', 'option.mss 2: 1300']));
  });

  it('shows the payload, as text where it is text', () => {
    const detail = decodeDetail(1, ethernet(ipv4({}, tcp({}, ascii('GET / HTTP/1.1\r\n')))));
    expect(lines(detail, 'Payload')).toEqual([
      'length: 16 bytes',
      'bytes: 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a [GET / HTTP/1.1]',
    ]);
  });

  it.each([
    ['the Ethernet header', 10, 'the Ethernet header is cut: 10 of 14 bytes are here'],
    ['the IPv4 header', 30, 'the IPv4 header is cut: 16 of 20 bytes are here'],
    ['the TCP header', 44, 'the TCP header is cut: 10 of 20 bytes are here'],
    ['the payload', 56, 'the payload is cut: 2 of 9 bytes are here'],
  ])('goes as far as the bytes go: cut in %s', (_, length, reason) => {
    const frame = ethernet(ipv4({}, tcp({}, ascii('some data'))));
    const detail = decodeDetail(1, frame.slice(0, length), frame.length);
    expect(detail.stopped).toBe(reason);
    expect(Math.max(...detail.fields.map(({ end }) => end))).toBeLessThanOrEqual(length);
  });

  it.each([
    ['a link type that is not decoded', 147, new Uint8Array(20), 'link type USER0 is not decoded'],
    ['another EtherType', 1, bytesOf(new Uint8Array(12), u16(0x88cc), [1]), 'EtherType 0x88cc (LLDP) is not decoded'],
    ['another protocol', 101, ipv4({}, raw(89, ascii('ospf'))).bytes, 'IP protocol 89 (OSPF) is not decoded'],
  ])('says why it stops: %s', (_, linkType, bytes, reason) => {
    expect(decodeDetail(linkType, bytes).stopped).toBe(reason);
  });

  it('never throws, and names each field of a layer once, within the bytes', () => {
    const check = (linkType: number, bytes: Uint8Array, wireLength: number) => {
      const { fields, layers } = decodeDetail(linkType, bytes, wireLength);
      const ids = fields.map(({ layer, key }) => `${layer}/${key}`);
      expect(new Set(ids).size).toBe(ids.length);
      for (const { layer, start, end } of fields) {
        expect(layers).toContain(layer);
        expect(start).toBeLessThanOrEqual(end);
        expect(end).toBeLessThanOrEqual(bytes.length);
      }
    };
    fc.assert(
      fc.property(
        fc.constantFrom(0, 1, 101, 113, 276),
        fc.uint8Array({ maxLength: 150 }),
        fc.nat(2000),
        (link, bytes, more) => {
          check(link, bytes, bytes.length + more);
        },
      ),
    );
    fc.assert(
      fc.property(
        anyFrame,
        fc.nat(),
        fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 3 }),
        (frame, cut, flips) => {
          const bytes = frame.bytes.slice();
          for (const [place, value] of flips) bytes[place % bytes.length] = value;
          check(frame.linkType, bytes.slice(0, cut % (bytes.length + 1)), bytes.length);
        },
      ),
    );
  });
});
