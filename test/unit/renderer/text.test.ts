import { describe, expect, it } from 'vitest';
import type { Leg, Point, Role } from '../../../src/core/report/model.ts';
import { addressRange } from '../../../src/renderer/text/address-range.ts';
import { tcpdumpFilter, wiresharkFilter } from '../../../src/renderer/text/capture-filters.ts';
import { changedFrom, joined, sourceOf } from '../../../src/renderer/text/endpoint.ts';
import { addressCut, bytes, duration, nsBetween } from '../../../src/renderer/text/format.ts';
import { inPathOrder } from '../../../src/renderer/text/path-order.ts';

const LEG: Leg = {
  point: 'p0',
  src: '10.42.3.21',
  sport: 51602,
  dst: '198.51.100.44',
  dport: 443,
  icmpId: null,
  packets: [1, 1],
  bytes: [60, 60],
  first: '',
  last: '',
};

function point(id: string, role: Role): Point {
  return {
    id,
    name: role,
    file: `${id}.pcap`,
    interface: null,
    role,
    roleSource: 'name',
    host: null,
    linkType: 'EN10MB',
    packets: 0,
    bytes: 0,
    first: null,
    last: null,
    clock: null,
    issues: [],
  };
}

describe('figures', () => {
  it('writes sizes with two or three digits', () => {
    expect([0, 999, 1000, 9_949, 31_200, 999_600, 1.1e6].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '9.9 kB',
      '31 kB',
      '1.0 MB',
      '1.1 MB',
    ]);
  });

  it('writes times in the unit that suits them', () => {
    expect([0, 84_000, 1_420_000, 3.6e9, 350e9].map(duration)).toEqual([
      '0 ns',
      '84.0 µs',
      '1.42 ms',
      '3.60 s',
      '5 min 50 s',
    ]);
  });

  it('takes the difference of times to the nanosecond', () => {
    expect(nsBetween('2026-01-01T00:00:00.999999999Z', '2026-01-01T00:00:01.000000001Z')).toBe(2);
    expect(nsBetween('2026-01-01T00:00:00Z', '2025-12-31T23:59:59.5Z')).toBe(-500_000_000);
  });
});

describe('addresses', () => {
  it('cuts IPv4 at the front, where hosts are alike, and IPv6 in the middle', () => {
    expect(addressCut('10.42.3.21', 10)).toBe('10.42.3.21');
    expect(addressCut('10.142.103.21', 8)).toBe('…103.21');
    expect(addressCut('2001:db8:1111:2222:3333:4444:5555:6001', 17)).toBe('2001:db8…555:6001');
    expect(addressCut('2001:db8::6001', 6)).toBe('…6001');
  });

  it('tells private, shared, documentation and public ranges apart', () => {
    const ranges = ['10.0.0.1', '172.31.0.1', '172.32.0.1', '100.64.0.1', '203.0.113.7', '169.254.172.4', '8.8.8.8'];
    expect(ranges.map(addressRange)).toEqual([
      'private',
      'private',
      'public',
      'shared',
      'documentation',
      'special',
      'public',
    ]);
    const v6 = ['fd00::1', '2001:db8::1', 'fe80::1', '2600:1f18::1', '::ffff:10.0.0.1'];
    expect(v6.map(addressRange)).toEqual(['private', 'documentation', 'special', 'public', 'private']);
  });

  it('joins address and port, with brackets for IPv6', () => {
    expect(joined(sourceOf(LEG))).toBe('10.42.3.21:51602');
    expect(joined(sourceOf({ ...LEG, src: '2001:db8::1' }))).toBe('[2001:db8::1]:51602');
    expect(joined(sourceOf({ ...LEG, sport: null, icmpId: 7 }))).toBe('10.42.3.21 id 7');
  });

  it('says what changed: address, port or both', () => {
    const before = sourceOf(LEG);
    expect(changedFrom(before, sourceOf({ ...LEG, src: '10.42.1.17' }))).toEqual({ address: true, port: false });
    expect(changedFrom(before, sourceOf({ ...LEG, sport: 1 }))).toEqual({ address: false, port: true });
    expect(changedFrom(undefined, before)).toEqual({ address: false, port: false });
  });
});

describe('filters for other tools', () => {
  it('shows one connection in both directions', () => {
    expect(wiresharkFilter('tcp', LEG)).toBe(
      'ip.addr == 10.42.3.21 && ip.addr == 198.51.100.44 && tcp.port == 51602 && tcp.port == 443',
    );
    expect(tcpdumpFilter('tcp', LEG)).toBe(
      'host 10.42.3.21 and host 198.51.100.44 and tcp port 51602 and tcp port 443',
    );
  });

  it('speaks of IPv6 and ICMP in their own words', () => {
    const v6 = { ...LEG, src: '2001:db8::1', dst: '2001:db8::2', sport: null, dport: null, icmpId: 7 };
    expect(wiresharkFilter('icmpv6', v6)).toBe(
      'ipv6.addr == 2001:db8::1 && ipv6.addr == 2001:db8::2 && icmpv6.echo.identifier == 7',
    );
    expect(tcpdumpFilter('icmp', { ...LEG, sport: null, dport: null, icmpId: 7 })).toBe(
      'host 10.42.3.21 and host 198.51.100.44 and icmp[4:2] = 7',
    );
    expect(tcpdumpFilter('other:47', { ...LEG, sport: null, dport: null })).toBe(
      'host 10.42.3.21 and host 198.51.100.44 and ip proto 47',
    );
  });
});

describe('points', () => {
  const points = [point('i', 'internet'), point('n', 'node-eth0'), point('a', 'pod-veth'), point('b', 'pod-veth')];

  it('stand as the paths lead, and by role where these leave it open', () => {
    const paths = [
      ['a', 'n', 'i'],
      ['b', 'n', 'i'],
      ['a', 'b'],
    ];
    expect(inPathOrder(points, paths, null).map(({ id }) => id)).toEqual(['a', 'b', 'n', 'i']);
    expect(inPathOrder(points, [['n', 'a', 'i']], null).map(({ id }) => id)).toEqual(['b', 'n', 'a', 'i']);
    expect(inPathOrder(points, paths.slice(0, 2), ['b', 'a', 'n', 'i']).map(({ id }) => id)).toEqual([
      'b',
      'a',
      'n',
      'i',
    ]);
  });

  it('keep all their number where paths lead in a circle', () => {
    const circle = [
      ['a', 'n'],
      ['n', 'a'],
    ];
    expect(inPathOrder(points, circle, null)).toHaveLength(4);
  });
});
