// The journeys as rows: in any order, grouped by what they have in common, a window at a time.
import { describe, expect, it } from 'vitest';
import type { JourneyGrouping, JourneyPage, JourneyQuery } from '../../../src/core/report/views.ts';
import { openScene } from '../../support/scene-session.ts';

const NAT = (time: number, pod: string, node: string, to: string): string => `
  ${time}   pod   ${pod} > ${to}  tcp SYN seq=${1_000_000 + time * 7919} ts=5
  +0.001  node  ${node} > ${to}  " ttl=63`;
const { session } = openScene(`
  point pod: pod-veth.pcap
  point node: node-eth0.pcap
  0   pod  noise
  0   node noise
  99  pod  noise
  99  node noise
  ${NAT(1, '10.42.3.21:1000', '10.42.1.17:2000', '198.51.100.10:80')}
  ${NAT(2, '10.42.3.9:1000', '10.42.1.17:2001', '198.51.100.10:80')}
  ${NAT(3, '10.42.3.21:1001', '10.42.1.17:2002', '198.51.100.10:443')}
  ${NAT(4, '10.42.3.21:1002', '10.42.3.21:1002', '10.42.9.9:443')}
  5   pod   10.42.3.9:1003 > 198.51.100.10:443  tcp SYN seq=77 ts=5
  6   pod   [fd00::21]:1000 > [2001:db8::80]:80  tcp SYN seq=78 ts=5`);

const ALL: JourneyQuery = { filter: '', sort: 'start', descending: false, offset: 0, limit: 500 };
const OPEN = { all: false, except: [] };
const grouped = (by: JourneyGrouping, more: Partial<JourneyQuery> = {}, folded: JourneyFolded = OPEN): JourneyPage =>
  session.journeys({ ...ALL, grouped: { by, folded }, ...more });
type JourneyFolded = NonNullable<JourneyQuery['grouped']>['folded'];

/** The page's rows in their order, groups as their keys in brackets. */
function rowsOf({ offset, rows, groups }: JourneyPage): string[] {
  const all: string[] = [];
  let next = 0;
  for (let row = offset; all.length < rows.length + groups.length; row++) {
    const group = groups.find((g) => g.row === row);
    all.push(group ? `[${group.key}]` : rows[next++]!.id);
  }
  return all;
}

describe('groups of journeys', () => {
  it('by pod: the source where it is first seen, in the order of their first journey', () => {
    expect(rowsOf(grouped('pod'))).toEqual([
      '[10.42.3.21]',
      'j1',
      'j3',
      'j4',
      '[10.42.3.9]',
      'j2',
      'j5',
      '[fd00::21]',
      'j6',
    ]);
  });

  it('by destination with its port, and by the source where it is last seen', () => {
    expect(grouped('destination').groups.map(({ address, port, journeys }) => [address, port, journeys])).toEqual([
      ['198.51.100.10', 80, 2],
      ['198.51.100.10', 443, 2],
      ['10.42.9.9', 443, 1],
      ['2001:db8::80', 80, 1],
    ]);
    expect(grouped('public').groups.map(({ key, journeys }) => [key, journeys])).toEqual([
      ['10.42.1.17', 3],
      ['10.42.3.21', 1],
      ['10.42.3.9', 1],
      ['fd00::21', 1],
    ]);
  });

  it('by what was translated, and says where nothing was', () => {
    expect(grouped('translation').groups.map(({ words, journeys }) => [words, journeys])).toEqual([
      ['SNAT pod veth → node eth0', 3],
      ['not translated', 1],
      ['seen at one point only', 2],
    ]);
  });

  it('have the sums of all their journeys', () => {
    const [first] = grouped('pod').groups;
    const own = session.journeys(ALL).rows.filter((j) => j.legs[0]!.src === '10.42.3.21');
    expect(first).toMatchObject({
      journeys: 3,
      packets: 3,
      bytes: own.reduce((sum, j) => sum + j.legs[0]!.bytes[0] + j.legs[0]!.bytes[1], 0),
    });
  });

  it('stand in the order of the list, and their journeys too', () => {
    expect(rowsOf(grouped('pod', { descending: true })).slice(0, 5)).toEqual([
      '[fd00::21]',
      'j6',
      '[10.42.3.9]',
      'j5',
      'j2',
    ]);
  });

  it('fold: some of them, or all but some', () => {
    expect(rowsOf(grouped('pod', {}, { all: false, except: ['10.42.3.21'] }))).toEqual([
      '[10.42.3.21]',
      '[10.42.3.9]',
      'j2',
      'j5',
      '[fd00::21]',
      'j6',
    ]);
    const page = grouped('pod', {}, { all: true, except: ['fd00::21'] });
    expect(rowsOf(page)).toEqual(['[10.42.3.21]', '[10.42.3.9]', '[fd00::21]', 'j6']);
    expect(page).toMatchObject({ total: 4, journeys: 6 });
    expect(page.groups.map(({ folded }) => folded)).toEqual([true, true, false]);
  });

  it('come in windows that together are the whole', () => {
    const whole = rowsOf(grouped('pod'));
    for (const limit of [1, 2, 4]) {
      const parts: string[] = [];
      for (let offset = 0; offset < whole.length; offset += limit) {
        const page = grouped('pod', { offset, limit });
        expect(page.total).toBe(whole.length);
        // A window may begin within a group.
        parts.push(...rowsOf(page));
      }
      expect(parts).toEqual(whole);
    }
    expect(grouped('pod', { offset: 99 })).toMatchObject({ rows: [], groups: [] });
  });

  it('of what a filter leaves only', () => {
    expect(rowsOf(grouped('pod', { filter: 'tcp.dstport == 443' }))).toEqual([
      '[10.42.3.21]',
      'j3',
      'j4',
      '[10.42.3.9]',
      'j5',
    ]);
  });
});

describe('the order of journeys', () => {
  const ids = (more: Partial<JourneyQuery>): string[] => session.journeys({ ...ALL, ...more }).rows.map((j) => j.id);

  it('puts IPv4 before IPv6, and what is missing last, whichever way', () => {
    expect(ids({ sort: 'source' })).toEqual(['j2', 'j5', 'j1', 'j3', 'j4', 'j6']);
    expect(ids({ sort: { point: 'p1' } })).toEqual(['j1', 'j2', 'j3', 'j4', 'j5', 'j6']);
    expect(ids({ sort: { point: 'p1' }, descending: true })).toEqual(['j4', 'j3', 'j2', 'j1', 'j5', 'j6']);
    expect(ids({ sort: 'rtt', descending: true })).toEqual(ids({ sort: 'rtt' }));
  });

  it('is made ready in parts, between which the host may do other things', () => {
    const fresh = openScene('point a: a.pcap\n1 a 10.0.0.1:1 > 192.0.2.1:9 udp data=x').session;
    expect([...fresh.prepareJourneys({ ...ALL, sort: 'lost' })]).toHaveLength(1);
    expect([...fresh.prepareJourneys({ ...ALL, sort: 'lost' })]).toHaveLength(0);
    expect([...fresh.prepareJourneys(ALL)]).toHaveLength(0);
  });
});
