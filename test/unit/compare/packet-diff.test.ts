import { describe, expect, it } from 'vitest';
import { packetDiff, type DiffRow, type PacketDirection } from '../../../src/core/compare/packet-diff.ts';
import {
  MSS,
  NOP,
  SACK_PERMITTED,
  TIMESTAMPS,
  ascii,
  ethernet,
  icmp,
  ipv4,
  ipv6,
  sll2,
  tcp,
  u16,
  udp,
  type Ipv4Options,
  type TcpOptions,
} from '../../support/packets.ts';

const POINTS = ['pod-veth', 'node-eth0', 'nat-outside', 'internet'];

interface Sight {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  readonly wireLength?: number;
}

/** Rows by "layer label" of the packet at successive points. */
function diff(direction: PacketDirection, ...sights: (Uint8Array | Sight)[]): (name: string) => DiffRow {
  const inputs = sights.map((sight, index) => {
    const { bytes, linkType = 1, wireLength } = sight instanceof Uint8Array ? { bytes: sight } : sight;
    const point = POINTS[index]!;
    return { point, time: '2026-01-02T03:04:05.000000000Z', linkType, bytes, wireLength: wireLength ?? bytes.length };
  });
  const { rows } = packetDiff(inputs, direction);
  return (name) => {
    const row = rows.find(({ layer, label }) => `${layer} ${label}` === name);
    if (!row) throw new Error(`no row ${name} among ${rows.map(({ layer, label }) => `${layer} ${label}`).join(', ')}`);
    return row;
  };
}

function said({ verdict, explain }: DiffRow): [string, string | null] {
  return [verdict, explain];
}

const POD: Ipv4Options = { source: '10.42.3.21', ttl: 64 };
const NODE: Ipv4Options = { source: '10.42.1.17', ttl: 63 };
const PUBLIC: Ipv4Options = { source: '203.0.113.77', ttl: 61 };
const GET = ascii('GET / HTTP/1.1\r\n\r\n');

function web(ip: Ipv4Options, options: TcpOptions = {}, data = GET): Uint8Array {
  return ethernet(ipv4(ip, tcp({ sourcePort: 43210, destinationPort: 80, flags: 0x18, ...options }, data)));
}

describe('a packet going out through two translations', () => {
  const row = diff(
    'out',
    web(POD),
    web(NODE, { sourcePort: 16756 }),
    web(PUBLIC, { sourcePort: 61784 }),
    web({ ...PUBLIC, ttl: 60 }, { sourcePort: 61784 }),
  );

  it('names the translations and where they happened', () => {
    const source = row('IPv4 Source address');
    expect(source.values).toEqual(['10.42.3.21', '10.42.1.17', '203.0.113.77', '203.0.113.77']);
    expect(source.changed).toEqual([false, true, true, false]);
    expect(said(source)).toEqual(['translation', 'SNAT after pod-veth and node-eth0']);
    expect(said(row('TCP Source port'))).toEqual(['translation', 'SNAT (port) after pod-veth and node-eth0']);
    expect(said(row('IPv4 Destination address'))).toEqual(['unchanged', null]);
  });

  it('counts the hops', () => {
    expect(said(row('IPv4 Time to live'))).toEqual([
      'expected',
      'one hop after pod-veth and nat-outside; 2 hops after node-eth0',
    ]);
  });

  it('finds the checksums to follow', () => {
    expect(said(row('IPv4 Header checksum'))).toEqual(['expected', 'follows the header (RFC 1624)']);
    expect(said(row('TCP Checksum'))).toEqual([
      'expected',
      'follows the change (RFC 1624) after pod-veth and node-eth0',
    ]);
    expect(row('TCP Checksum').notes).toEqual(['correct', 'correct', 'correct', 'correct']);
  });

  it('gives the bytes of each field at each point', () => {
    expect(row('IPv4 Source address').ranges).toEqual([
      [26, 30],
      [26, 30],
      [26, 30],
      [26, 30],
    ]);
    expect(row('Frame Length').ranges).toEqual([null, null, null, null]);
  });

  it('leaves alone what no box changed', () => {
    for (const name of ['IPv4 Identification', 'TCP Sequence number', 'TCP Window', 'Payload First bytes']) {
      expect(said(row(name))).toEqual(['unchanged', null]);
    }
  });
});

describe('directions', () => {
  const before: Ipv4Options = { source: '198.51.100.10', destination: '10.42.1.17', ttl: 60 };
  const after: Ipv4Options = { ...before, destination: '10.42.3.21', ttl: 59 };

  it('a reply is un-SNATed', () => {
    const row = diff('back', web(before, { destinationPort: 16756 }), web(after, { destinationPort: 43210 }));
    expect(said(row('IPv4 Destination address'))).toEqual(['translation', 'un-SNAT']);
    expect(said(row('TCP Destination port'))).toEqual(['translation', 'un-SNAT (port)']);
  });

  it('a service is DNATed on the way out, un-DNATed on the way back', () => {
    const service = { ...POD, destination: '172.20.0.10' };
    const endpoint = { ...POD, destination: '10.42.9.9', ttl: 63 };
    expect(said(diff('out', web(service), web(endpoint))('IPv4 Destination address'))).toEqual(['translation', 'DNAT']);
    const answers = [web({ source: '10.42.9.9' }), web({ source: '172.20.0.10' })];
    expect(said(diff('back', ...answers)('IPv4 Source address'))).toEqual(['translation', 'un-DNAT']);
  });

  it('an unknown one claims no kind', () => {
    expect(said(diff('unknown', web(POD), web(NODE))('IPv4 Source address'))).toEqual([
      'translation',
      'source translated',
    ]);
  });
});

describe('checksums', () => {
  it('left to the card are said to be offloaded, where', () => {
    const offload = { checksum: 'offload' } as const;
    const both = diff('out', web(POD, offload), web(NODE, offload));
    expect(said(both('TCP Checksum'))).toEqual(['expected', 'offloaded at pod-veth and node-eth0']);
    const first = diff('out', web(POD, offload), web(NODE));
    expect(said(first('TCP Checksum'))).toEqual(['expected', 'offloaded at pod-veth']);
  });

  it('that break on the way are unexpected', () => {
    const row = diff('out', web(POD), web(NODE, { checksum: 0x1111 }));
    expect(said(row('TCP Checksum'))).toEqual(['unexpected', 'wrong at node-eth0']);
    const header = diff('out', web(POD), web({ ...NODE, headerChecksum: 0x1111 }));
    expect(said(header('IPv4 Header checksum'))).toEqual(['unexpected', 'wrong at node-eth0']);
  });

  it('that do not change though the address does are unexpected', () => {
    const sum = u16AtChecksum(web(POD));
    const row = diff('out', web(POD), web(NODE, { checksum: sum }));
    expect(said(row('TCP Checksum'))).toEqual(['unexpected', 'wrong at node-eth0']);
  });

  it('of cut packets are held against the change alone', () => {
    const cut = (frame: Uint8Array): Sight => ({ bytes: frame.slice(0, 60), wireLength: frame.length });
    const data = new Uint8Array(500).fill(0x41);
    const good = diff('out', cut(web(POD, {}, data)), cut(web(NODE, { sourcePort: 999 }, data)));
    expect(said(good('TCP Checksum'))).toEqual(['expected', 'follows the change (RFC 1624)']);
    const bad = diff('out', cut(web(POD, {}, data)), cut(web(NODE, { checksum: 0x4242 }, data)));
    expect(said(bad('TCP Checksum'))).toEqual(['unexpected', 'does not follow the change']);
  });

  it('that were wrong before may follow the change', () => {
    // Both off by one from the right value: the change between them is right.
    const off = (ip: Ipv4Options) => web(ip, { checksum: u16AtChecksum(web(ip)) - 1 });
    const row = diff('out', off(POD), off(NODE));
    expect(said(row('TCP Checksum'))).toEqual(['expected', 'follows the change (RFC 1624)']);
    expect(row('TCP Checksum').notes[0]).toMatch(/^wrong, should be/);
  });

  it('of UDP follow too', () => {
    const query = (ip: Ipv4Options) => ethernet(ipv4(ip, udp({ sourcePort: 5000 }, new Uint8Array(20).fill(1))));
    expect(said(diff('out', query(POD), query(NODE))('UDP Checksum'))).toEqual([
      'expected',
      'follows the change (RFC 1624)',
    ]);
  });
});

function u16AtChecksum(frame: Uint8Array): number {
  return (frame[50]! << 8) | frame[51]!;
}

describe('what a translator does not touch is unexpected when it changes', () => {
  const syn = (mss: number): TcpOptions => ({ flags: 2, options: [...MSS(mss), ...SACK_PERMITTED, ...NOP, ...NOP] });
  const NONE = new Uint8Array(0);

  it.each<[string, string, string, Uint8Array, Uint8Array]>([
    ['MSS clamp', 'TCP MSS', 'clamped from 8961 to 1460', web(POD, syn(8961), NONE), web(NODE, syn(1460), NONE)],
    ['IP id', 'IPv4 Identification', 'rewritten by a box', web({ ...POD, id: 1 }), web({ ...NODE, id: 2 })],
    ['DF', 'IPv4 Flags', 'DF taken out by a box', web(POD), web({ ...NODE, fragment: 0 })],
    [
      'rising TTL',
      'IPv4 Time to live',
      'rises by 2: another packet, or the points in another order',
      web({ ...POD, ttl: 62 }),
      web(POD),
    ],
    [
      'sequence numbers',
      'TCP Sequence number',
      'shifted: a box randomises sequence numbers, or this is another connection',
      web(POD, { sequence: 1 }),
      web(NODE, { sequence: 9_000_000 }),
    ],
    ['window', 'TCP Window', 'rewritten by a box', web(POD, { window: 100 }), web(NODE, { window: 99 })],
    [
      'TSval',
      'TCP TSval',
      'rewritten by a box',
      web(POD, { options: [...NOP, ...NOP, ...TIMESTAMPS(5, 6)] }),
      web(NODE, { options: [...NOP, ...NOP, ...TIMESTAMPS(7, 6)] }),
    ],
    [
      'stripped option',
      'TCP SACK permitted',
      'taken out',
      web(POD, syn(1460), NONE),
      web(NODE, { flags: 2, options: [...MSS(1460), ...NOP, ...NOP, ...NOP, ...NOP] }, NONE),
    ],
    [
      'payload',
      'Payload First bytes',
      'altered: an application helper, or another packet',
      web(POD),
      web(NODE, {}, ascii('GET / HTTP/1.0\r\n\r\n')),
    ],
  ])('%s', (_, name, explain, before, after) => {
    expect(said(diff('out', before, after)(name))).toEqual(['unexpected', explain]);
  });

  it('but the lengths that follow stripped options are expected', () => {
    const row = diff('out', web(POD, syn(1460), NONE), web(NODE, { flags: 2, options: MSS(1460) }, NONE));
    expect(said(row('IPv4 Total length'))).toEqual(['expected', 'follows the options']);
    expect(said(row('TCP Header length'))).toEqual(['expected', 'follows the options']);
  });
});

describe('links', () => {
  it('have their own addresses', () => {
    const packet = ipv4(POD, tcp({}));
    const row = diff('out', ethernet(packet), ethernet(packet, { source: '06:00:00:00:00:09' }));
    expect(said(row('Ethernet Source'))).toEqual(['expected', 'each link has its own addresses']);
  });

  it('pad short frames, which is no change of the packet', () => {
    const row = diff('out', ethernet(ipv4(POD, tcp({}))), ethernet(ipv4(NODE, tcp({})), { padding: 6 }));
    expect(said(row('Frame Length'))).toEqual(['expected', 'padding of the link']);
    expect(said(row('IPv4 Total length'))).toEqual(['unchanged', null]);
  });

  it('of different kinds leave the other kind blank, unmarked', () => {
    const packet = ipv4(POD, tcp({}));
    const row = diff('out', ethernet(packet), { bytes: sll2(packet, 3), linkType: 276 }, ethernet(packet));
    expect(said(row('Frame Link type'))).toEqual(['expected', 'captured on another kind of link']);
    expect(row('Ethernet Source')).toMatchObject({
      values: ['02:00:00:00:00:01', null, '02:00:00:00:00:01'],
      changed: [false, false, false],
      verdict: 'unchanged',
    });
    expect(row('IPv4 Source address').ranges).toEqual([
      [26, 30],
      [32, 36],
      [26, 30],
    ]);
  });
});

describe('cut and segmented packets', () => {
  it('are compared as far as both were captured', () => {
    const frame = web(NODE);
    const row = diff('out', web(POD), { bytes: frame.slice(0, 58), wireLength: frame.length });
    expect(said(row('Payload First bytes'))).toEqual(['unchanged', null]);
    expect(row('Payload Length').notes).toEqual([null, '14 bytes were not captured']);
  });

  it('cut within a header have no change in what is missing', () => {
    const frame = web(NODE);
    const row = diff('out', web(POD), { bytes: frame.slice(0, 44), wireLength: frame.length });
    expect(row('TCP Window')).toMatchObject({ values: ['501', null], changed: [false, false], verdict: 'unchanged' });
  });

  it('segmented otherwise are recognised by their bytes', () => {
    const stream = new Uint8Array(4000).map((_, index) => (index * 7) & 0xff);
    const whole = web({ ...POD, id: 10 }, { sequence: 1000 }, stream);
    const segment = web({ ...NODE, id: 11 }, { sequence: 1000 + 1448, flags: 0x10 }, stream.slice(1448, 2896));
    const row = diff('out', whole, segment);
    for (const name of [
      'IPv4 Total length',
      'IPv4 Identification',
      'TCP Sequence number',
      'TCP Flags',
      'Payload Length',
    ]) {
      expect(said(row(name))).toEqual(['expected', 'segmented otherwise (TSO, GRO)']);
    }
  });
});

describe('ICMP', () => {
  it('has its id translated as a port is', () => {
    const ping = (ip: Ipv4Options, id: number) => ethernet(ipv4(ip, icmp(8, 0, u16(id, 1), ascii('abcdefgh'))));
    const row = diff('out', ping(POD, 4321), ping(NODE, 9));
    expect(said(row('ICMP Id'))).toEqual(['translation', 'SNAT (ICMP id)']);
    expect(said(row('ICMP Checksum'))).toEqual(['expected', 'follows the change (RFC 1624)']);
    expect(said(row('ICMP Sequence'))).toEqual(['unchanged', null]);
  });

  it('errors have the packet that they quote translated with them', () => {
    const error = (outer: Ipv4Options, inner: Ipv4Options, port: number) =>
      ethernet(ipv4(outer, icmp(11, 0, [0, 0, 0, 0], ipv4(inner, udp({ sourcePort: port })).bytes)));
    const row = diff(
      'back',
      error({ source: '192.0.2.1', destination: '10.42.1.17', ttl: 60 }, { ...NODE, ttl: 1 }, 16756),
      error({ source: '192.0.2.1', destination: '10.42.3.21', ttl: 59 }, { ...POD, ttl: 1 }, 43210),
    );
    expect(said(row('Quoted IPv4 Source address'))).toEqual(['translation', 'the quoted packet is translated too']);
    expect(said(row('Quoted UDP Source port'))).toEqual(['translation', 'the quoted packet is translated too']);
    expect(said(row('IPv4 Destination address'))).toEqual(['translation', 'un-SNAT']);
  });
});

describe('NAT64', () => {
  it('lays the addresses of both versions side by side', () => {
    const segment = tcp({ sourcePort: 43210, destinationPort: 80 }, GET);
    const row = diff(
      'out',
      ethernet(ipv6({ source: '2001:db8:a::1', destination: '64:ff9b::c633:640a' }, segment)),
      ethernet(ipv4({ source: '10.42.0.9', ttl: 63 }, segment)),
    );
    expect(row('IP Source address').values).toEqual(['2001:db8:a::1', '10.42.0.9']);
    expect(said(row('IP Source address'))).toEqual(['translation', 'SNAT (NAT64)']);
    expect(said(row('IP Hop limit'))).toEqual(['expected', 'one hop']);
    expect(said(row('TCP Sequence number'))).toEqual(['unchanged', null]);
  });
});

describe('a packet at one point only', () => {
  it('has rows without changes, and says that its checksum is wrong', () => {
    const row = diff('out', web(POD, { checksum: 0x1111 }));
    expect(row('IPv4 Source address')).toMatchObject({ changed: [false], verdict: 'unchanged', explain: null });
    expect(said(row('TCP Checksum'))).toEqual(['unexpected', 'wrong at pod-veth']);
  });
});
