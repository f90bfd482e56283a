// Filters over journeys: what each field finds in a scene, what types refuse, the laws that hold for every filter, and
// the numbers of the report against the answers.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Journey, Leg } from '../../../src/core/report/model.ts';
import { filterMistake, type Session } from '../../../src/core/session.ts';
import { openScene } from '../../support/scene-session.ts';

const SCENE = `
  point pod: pod1-veth.pcap
  point node: node-eth0.pcap clock=+3
  # j1: TCP, source and port translated, answered
  0.000   pod   10.42.3.21:1000 > 198.51.100.10:80    tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80    " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000    tcp SYN ACK seq=900 ack=1111111112 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000    " ttl=59
  # j2: TCP, source translated, port kept; the second packet is lost behind the pod
  1.000   pod   10.42.3.9:1500 > 198.51.100.9:443     tcp SYN seq=2222222222 ts=9
  +0.001  node  10.42.1.17:1500 > 198.51.100.9:443    " ttl=63
  +0.020  node  198.51.100.9:443 > 10.42.1.17:1500    tcp SYN ACK seq=50 ack=2222222223 ttl=60
  +0.001  pod   198.51.100.9:443 > 10.42.3.9:1500     " ttl=59
  +0.100  pod   10.42.3.9:1500 > 198.51.100.9:443     tcp ACK PSH seq=2222222223 ack=51 len=100
  # j3: UDP, not translated
  2.000   pod   10.42.3.21:5353 > 10.42.0.10:53       udp dns=7/a.example
  +0.001  node  10.42.3.21:5353 > 10.42.0.10:53       " ttl=63
  # j4: an echo over IPv6, seen at the pod only
  3.000   pod   2001:db8::21 > 2001:db8:1::9          icmp echo id=77 seq=1
  4.500   pod   10.42.3.21:1001 > 198.51.100.10:8080  tcp SYN seq=3333333333 ts=77
  +0.001  node  10.42.1.17:2001 > 198.51.100.10:8080  " ttl=63
  9.000   pod   noise
  9.000   node  noise`;

const { session, report } = openScene(SCENE);

function ids(filter: string, of: Session = session): string {
  const page = of.journeys({ filter, sort: 'start', descending: false, offset: 0, limit: 500 });
  if (page.error) throw new Error(`${filter}: ${page.error.message}`);
  return page.rows.map(({ id }) => id.slice(1)).join('');
}

describe('fields', () => {
  it.each([
    ['', '12345'],
    ['ip', '1235'],
    ['ipv6', '4'],
    ['tcp', '125'],
    ['udp || icmpv6', '34'],
    ['icmp', ''],
    ['ip.addr == 10.42.1.17', '125'],
    ['ip.src == 10.42.3.21', '135'],
    ['ip.dst == 10.42.3.21', ''],
    ['ip.src == 10.42.3.0/28', '2'],
    ['ip.dst == 198.51.100.0/24', '125'],
    ['ip.src in {10.42.3.0 .. 10.42.3.9, 10.42.3.21}', '1235'],
    ['ip.dst > 198.51.100.9', '15'],
    ['ip.dst >= 198.51.100.9', '125'],
    ['ip.dst < 198.51.100.9', '3'],
    ['ipv6.src == 2001:db8::/48', '4'],
    ['addr == 2001:db8:1::9', '4'],
    ['src == 10.42.1.17:2000', '1'],
    ['dst == 198.51.100.10:80', '1'],
    ['dst in {198.51.100.10:80, 10.42.0.10}', '13'],
    ['dst != 198.51.100.10:80', '2345'],
    ['src@pod-veth == 10.42.3.21', '135'],
    ['src@node-eth0 == 10.42.3.21', '3'],
    ['src@p1 == src@p0', '3'],
    ['srcport@p0 != srcport@p1', '15'],
    ['srcport@p0 == srcport@p1', '23'],
    ['src@"node-eth0.pcap" == 10.42.1.17', '125'],
    ['ip.proto == 6', '125'],
    ['ipv6.nxt == 58', '4'],
    ['tcp.port == 80', '1'],
    ['tcp.dstport >= 443', '25'],
    ['port == 53', '3'],
    ['tcp.srcport == 2000', '1'],
    ['srcport@node-eth0 == 2000', '1'],
    ['tcp.port in {80, 8000..8099}', '15'],
    ['tcp.port == 0x1bb', '2'],
    // A port of each end: all of them are different from 80, or not all.
    ['tcp.port != 80', '25'],
    ['!(tcp.port == 80)', '2345'],
    ['tcp.port !== 80', '125'],
    ['tcp.dstport === 80', '1'],
    ['all tcp.port > 1000', '5'],
    ['icmpv6.echo.identifier == 77', '4'],
    ['frame.time_relative < 0.5', '1'],
    ['frame.time_relative >= 3', '45'],
    ['frame.time_relative in {1 .. 2}', '23'],
    ['frame.time_relative > 500ms && frame.time_relative < 1.05', '2'],
    // Of the pod's clock, the node's is three seconds ahead.
    ['frame.time >= 2023-11-14T22:13:24Z', '5'],
    ['frame.time >= "2023-11-14T22:13:24Z"', '5'],
    ['frame.time < "2023-11-14 22:13:21"', '1'],
    ['frame.time < 1700000001', '1'],
    ['nat.changed', '125'],
    ['nat.changed == false', '34'],
    ['nat.snat && !nat.dnat', '125'],
    ['nat.kind == snat', '125'],
    ['nat.kind in {none, dnat}', '3'],
    ['nat.kind', '1235'],
    ['nat.port_changed', '15'],
    ['point == node-eth0', '1235'],
    ['point == pod1-veth', '12345'],
    ['point != p1', '4'],
    ['points == 2', '1235'],
    ['not_seen_at == node-eth0', '4'],
    ['not_seen_at', '4'],
    ['confidence == single', '4'],
    ['confidence >= probable', '1235'],
    ['confidence < probable', '4'],
    ['direction == known', '12345'],
    ['lost', '2'],
    ['lost > 0', '2'],
    ['lost == 0', '1345'],
    ['lost.out == 1', '2'],
    ['lost.back', ''],
    ['delay > 500us', '1235'],
    ['delay > 10ms', ''],
    ['rtt > 20ms', '2'],
    ['rtt', '12'],
    ['duration > 0.1', '2'],
    ['packets > 2', '2'],
    ['packets.out == 1', '1345'],
    ['packets.back', '12'],
    ['bytes > 200', '2'],
    ['finding', '2'],
    ['finding.severity >= warning', '2'],
    ['name', ''],
    ['id in {j1, j4}', '14'],
    ['text contains "10.42.3.9:1500"', '2'],
    ['text matches "^j[45] .*single"', '4'],
  ])('%s leaves %s', (filter, expected) => {
    expect(ids(filter)).toBe(expected);
  });
});

describe('types', () => {
  it.each([
    ['tcp.prt == 80', 'tcp.prt', 'there is no field tcp.prt', 'tcp.port == 80'],
    ['udp && 10.42.3.21', '10.42.3.21', '10.42.3.21 by itself is no test', 'udp && addr == 10.42.3.21'],
    ['tcp == 1', '1', 'tcp is a protocol: it stands by itself', 'tcp'],
    [
      'ip.src == 2001:db8::1',
      '2001:db8::1',
      'ip.src is compared with an IPv4 address, or a prefix such as 10.0.0.0/8, not with 2001:db8::1',
      null,
    ],
    [
      'ip.src == 10.0.0.0/33',
      '10.0.0.0/33',
      'ip.src is compared with an IPv4 address, or a prefix such as 10.0.0.0/8, not with 10.0.0.0/33',
      null,
    ],
    ['ip.src > 10.0.0.0/8', '10.0.0.0/8', '10.0.0.0/8 has no order to be compared by', null],
    ['ip.src contains 10', '10', 'ip.src has no contains', null],
    ['tcp.port == 65536', '65536', 'tcp.port is compared with a whole number up to 65535, not with 65536', null],
    ['tcp.port == 1.5', '1.5', 'tcp.port is compared with a whole number up to 65535, not with 1.5', null],
    ['packets == many', 'many', 'packets is compared with a whole number, not with many', null],
    [
      'delay > soon',
      'soon',
      'delay is compared with seconds such as 0.25, or with a unit: 250ms, 30us, 2m, not with soon',
      null,
    ],
    [
      'frame.time > "2023-02-31"',
      '"2023-02-31"',
      'frame.time is compared with a time such as 2026-01-31T22:13:20.5Z, not with 2023-02-31',
      null,
    ],
    [
      'nat.kind == masquerade',
      'masquerade',
      'nat.kind is compared with one of none, snat, dnat, snat+dnat, nat64, not with masquerade',
      null,
    ],
    ['nat.kind > snat', 'snat', 'nat.kind has no >', null],
    ['nat.kind in {none .. dnat}', 'none .. dnat', 'nat.kind has no order to be in a range of', null],
    ['nat.changed == yes', 'yes', 'nat.changed is compared with true or false, not with yes', null],
    ['point == router', 'router', 'there is no point router', null],
    ['src@router == 10.0.0.1', 'src@router', 'there is no point router', null],
    ['delay@p0 > 1', 'delay@p0', 'delay cannot be asked at one point', null],
    ['src@p0 == srcport@p0', 'srcport@p0', 'src and srcport cannot be compared', null],
    ['name matches "a(b"', '(', 'no pattern: this ( is not closed', null],
    ['name > "a"', '"a"', 'name has no >', null],
  ])('%s: at %s, %s', (filter, where, message, fix) => {
    const { error } = session.journeys({ filter, sort: 'start', descending: false, offset: 0, limit: 1 });
    expect(error).toMatchObject({ message, fix });
    expect(filter.slice(error!.at, error!.at + error!.length)).toBe(where);
  });

  it('points are looked up only once captures are open', () => {
    expect(filterMistake('src@router == 10.0.0.1 && point == router')).toBeNull();
    expect(filterMistake('src@router == ten')).toMatchObject({ at: 14, length: 3 });
  });
});

describe('laws', () => {
  const value = fc.constantFrom('80', '443', '53', '1000', '1500', '2000', '5353');
  const address = fc.constantFrom(
    '10.42.3.21',
    '10.42.3.9',
    '10.42.1.17',
    '198.51.100.10',
    '10.42.0.0/16',
    '0.0.0.0/0',
  );
  const test = fc.oneof(
    fc.tuple(fc.constantFrom('tcp.port', 'udp.port', 'port', 'srcport@p0', 'dstport', 'tcp.srcport@node-eth0'), value),
    fc.tuple(fc.constantFrom('ip.addr', 'ip.src', 'addr@p1', 'dst', 'src@pod-veth'), address),
  );
  const all = ids('');
  const without = (some: string): string =>
    Array.from(all)
      .filter((id) => !some.includes(id))
      .join('');
  const both = (a: string, b: string): string =>
    Array.from(a)
      .filter((id) => b.includes(id))
      .join('');

  it('hold for every field and value', () => {
    fc.assert(
      fc.property(test, test, ([f, v], [g, w]) => {
        const [a, b] = [ids(`${f} == ${v}`), ids(`${g} == ${w}`)];
        expect(ids(`!(${f} == ${v})`)).toBe(without(a));
        expect(ids(`${f} == ${v} && ${g} == ${w}`)).toBe(both(a, b));
        expect(ids(`${f} == ${v} || ${g} == ${w}`)).toBe(without(both(without(a), without(b))));
        expect(ids(`${f} in {${v}}`)).toBe(a);
        expect(ids(`${f} != ${v}`)).toBe(both(ids(f), without(a)));
        expect(ids(`${f} === ${v}`)).toBe(both(ids(f), without(ids(`${f} !== ${v}`))));
      }),
      { numRuns: 300 },
    );
  });

  it('and answers agree with what the report says of each journey', () => {
    const ends =
      (of: (leg: Leg) => readonly unknown[]) =>
      (journey: Journey): unknown[] =>
        journey.legs.flatMap(of);
    const fields: Record<string, (journey: Journey) => unknown[]> = {
      src: ends((leg) => [leg.src]),
      dst: ends((leg) => [leg.dst]),
      addr: ends((leg) => [leg.src, leg.dst]),
      srcport: ends((leg) => (leg.sport === null ? [] : [leg.sport])),
      'dstport@p0': (journey) =>
        journey.legs.flatMap((leg) => (leg.point !== 'p0' || leg.dport === null ? [] : [leg.dport])),
      'nat.kind': (journey) => journey.changes.map(({ kind }) => kind),
      lost: (journey) => [journey.changes.reduce((sum, { lost }) => sum + lost[0] + lost[1], 0)],
      packets: (journey) => [journey.legs[0]!.packets[0] + journey.legs[0]!.packets[1]],
      confidence: (journey) => [journey.confidence],
      id: (journey) => [journey.id],
    };
    for (const [field, of] of Object.entries(fields)) {
      for (const value of new Set(report.journeys.flatMap(of))) {
        const expected = report.journeys.filter((journey) => of(journey).includes(value)).map(({ id }) => id.slice(1));
        expect([field, value, ids(`${field} == ${String(value)}`)]).toEqual([field, value, expected.join('')]);
      }
    }
  });
});

describe('completion', () => {
  const offered = (marked: string): string[] => {
    const caret = marked.indexOf('|');
    const text = marked.replace('|', '');
    const { from, to, candidates } = session.checkFilter(text, caret).completions;
    return candidates.map((candidate) => text.slice(0, from) + candidate.text + text.slice(to));
  };

  it.each([
    ['tcp.s|', ['tcp.srcport']],
    ['tcp.s|x == 80', ['tcp.srcport == 80']],
    ['nat.k|', ['nat.kind']],
    ['nat.kind |', ['nat.kind ==', 'nat.kind !=', 'nat.kind in', 'nat.kind &&', 'nat.kind ||']],
    ['nat.kind == sn|', ['nat.kind == snat', 'nat.kind == snat+dnat']],
    ['nat.kind in {none, d|}', ['nat.kind in {none, dnat}', 'nat.kind in {none, snat+dnat}']],
    ['nat.kind in |', ['nat.kind in {']],
    ['tcp |', ['tcp &&', 'tcp ||']],
    ['(tcp |', ['(tcp &&', '(tcp ||', '(tcp )']],
    ['tcp.port == 80 |', ['tcp.port == 80 &&', 'tcp.port == 80 ||']],
    ['src@no|', ['src@node-eth0', 'src@node-eth0.pcap']],
    ['point == pod|', ['point == pod-veth', 'point == pod1-veth', 'point == pod1-veth.pcap']],
    ['ip.dst == 198.51.100.1|', ['ip.dst == 198.51.100.10']],
    ['tcp.dstport in {80..8|', ['tcp.dstport in {80..80', 'tcp.dstport in {80..8080']],
    ['confidence >= pro|', ['confidence >= probable']],
    [
      'all dst|',
      [
        'all dst',
        'all dstport',
        'all ip.dst',
        'all ipv6.dst',
        'all tcp.dstport',
        'all udp.dstport',
        'all sctp.dstport',
      ],
    ],
  ])('%s', (marked, expected) => {
    expect(offered(marked)).toEqual(expected);
  });

  it('of nothing offers every field with what it is', () => {
    const { candidates } = session.checkFilter('', 0).completions;
    expect(candidates.length).toBeGreaterThan(40);
    expect(candidates.every(({ description }) => description.length > 0)).toBe(true);
  });

  it('takes any text and any caret', () => {
    const text = fc
      .array(fc.constantFrom('tcp', 'src@', 'p0', '==', '"', '{', '..', '&&', '!', ' ', '(', '10.0.0.1', '@"'))
      .map((words) => words.join(''));
    fc.assert(
      fc.property(text, fc.integer({ min: -1, max: 60 }), (written, caret) => {
        const { from, to } = session.checkFilter(written, caret).completions;
        expect(from).toBeGreaterThanOrEqual(0);
        expect(to).toBeGreaterThanOrEqual(from);
        expect(to).toBeLessThanOrEqual(written.length);
      }),
      { numRuns: 1000 },
    );
  });
});
