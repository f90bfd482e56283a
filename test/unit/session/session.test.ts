// What a window asks of a session: windows of rows, sorted and filtered; roles and order by hand; series; bytes.
import { describe, expect, it } from 'vitest';
import type { JourneyQuery } from '../../../src/core/report/views.ts';
import type { Session } from '../../../src/core/session.ts';
import { drawScene, parseScene, readTables } from '../../support/scene.ts';
import { ascii, ethernet, ipv4, udp } from '../../support/packets.ts';
import {
  type BlockWriter,
  interfaceBlock,
  remarkedPacket,
  sectionHeader,
  writePcapng,
} from '../../support/packets-write.ts';
import { openCaptures, openScene } from '../../support/scene-session.ts';
import { schemaProblems } from '../../support/report-schema.ts';

const TEXT = `
  point pod: pod1-veth.pcap
  point node: node-eth0.pcap
  0.000   pod   10.42.3.21:9 > 198.51.100.10:80     tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:9     " ttl=59
  1.000   pod   10.42.3.9:1000 > 198.51.100.9:443   tcp SYN seq=2222222222 ts=5
  +0.001  node  10.42.1.17:1000 > 198.51.100.9:443  " ttl=63
  1.200   pod   10.42.3.9:1000 > 198.51.100.9:443   tcp SYN seq=2222222222 ts=205
  2.000   pod   10.42.3.21:700 > 192.0.2.53:53      udp dns=7/example.com
  +0.001  node  10.42.1.17:10000 > 192.0.2.53:53    " ttl=63
  3.000   pod   10.42.3.21:701 > 192.0.2.53:53      udp dns=8/never.example
  9.000   node  noise
  9.000   pod   noise`;

const ALL: JourneyQuery = { filter: '', sort: 'start', descending: false, offset: 0, limit: 500 };
const opened = openScene(TEXT);
const ids = (query: Partial<JourneyQuery>): string[] =>
  opened.session.journeys({ ...ALL, ...query }).rows.map((j) => j.id);

describe('the list of journeys', () => {
  it('numbers them by their start', () => {
    expect(ids({})).toEqual(['j1', 'j2', 'j3', 'j4']);
    expect(opened.session.journeys(ALL).rows.map((j) => j.legs[0]!.sport)).toEqual([9, 1000, 700, 701]);
  });

  it('gives a window of rows and their total', () => {
    expect(opened.session.journeys({ ...ALL, offset: 1, limit: 2 })).toMatchObject({
      total: 4,
      offset: 1,
      rows: [{ id: 'j2' }, { id: 'j3' }],
    });
    expect(opened.session.journeys({ ...ALL, offset: 99 })).toMatchObject({ total: 4, rows: [] });
  });

  it.each([
    // By number: .9 before .21, port 9 before 700.
    ['source', ['j2', 'j1', 'j3', 'j4']],
    ['destination', ['j3', 'j4', 'j2', 'j1']],
    ['proto', ['j1', 'j2', 'j3', 'j4']],
    ['confidence', ['j1', 'j2', 'j3', 'j4']],
    ['lost', ['j1', 'j3', 'j4', 'j2']],
  ] as const)('sorts by %s: %j', (sort, expected) => {
    expect(ids({ sort })).toEqual(expected);
  });

  it('sorts by the source at a point: those that are not there come last', () => {
    expect(ids({ sort: { point: 'p1' } })).toEqual(['j2', 'j1', 'j3', 'j4']);
  });

  it('turns round, equals staying in their order', () => {
    expect(ids({ sort: 'proto', descending: true })).toEqual(['j3', 'j4', 'j1', 'j2']);
  });

  it.each([
    ['src == 10.42.1.17:2000', ['j1']],
    ['udp', ['j3', 'j4']],
    ['dst == 198.51.100.9:443 && tcp', ['j2']],
    ['confidence == single', ['j4']],
    ['nat.snat', ['j1', 'j2', 'j3']],
    ['text contains "udp" and text contains "10.42.1.17"', ['j3']],
  ])('keeps what passes %s', (filter, expected) => {
    expect(ids({ filter })).toEqual(expected);
  });

  it('keeps filter and order apart between questions', () => {
    expect(ids({ filter: 'udp', sort: 'source', descending: true })).toEqual(['j4', 'j3']);
    expect(ids({ filter: '', sort: 'source', descending: true })).toEqual(['j4', 'j3', 'j1', 'j2']);
  });

  it('lists nothing by a filter that cannot be used, and says why', () => {
    expect(opened.session.journeys({ ...ALL, filter: 'tcp.prt == 80' })).toMatchObject({
      total: 0,
      offset: 0,
      rows: [],
      error: {
        message: 'there is no field tcp.prt',
        at: 0,
        length: 7,
        expected: ['tcp.port'],
        fix: 'tcp.port == 80',
      },
    });
  });

  it('knows a journey by its id, and none by another', () => {
    expect(opened.session.journey('j2')!.legs).toHaveLength(2);
    for (const id of ['j0', 'j5', 'j', '2', 'j2x', '']) expect(opened.session.journey(id)).toBeNull();
  });
});

describe('summary', () => {
  it('counts journeys by confidence, and sums the gaps', () => {
    expect(opened.session.summary()).toMatchObject({
      journeys: 4,
      byConfidence: { exact: 0, ambiguous: 0, single: 1 },
      paths: [['p0', 'p1']],
      gaps: [
        {
          from: 'p0',
          to: 'p1',
          journeys: 3,
          kinds: [{ kind: 'snat', count: 3 }],
          portChanged: 2,
          sources: [
            { before: '10.42.3.21', after: '10.42.1.17', count: 2 },
            { before: '10.42.3.9', after: '10.42.1.17', count: 1 },
          ],
        },
      ],
      canUndo: false,
    });
  });
});

describe('changes by hand', () => {
  it('a role is taken, said to be the user’s, and taken back by undo', () => {
    const { session } = openScene(TEXT);
    session.setRole('p1', 'nat-outside');
    expect(session.summary()).toMatchObject({
      canUndo: true,
      points: [{}, { role: 'nat-outside', roleSource: 'user' }],
    });
    session.undo();
    expect(session.summary()).toMatchObject({
      canUndo: false,
      points: [{}, { role: 'node-eth0', roleSource: 'name' }],
    });
    session.undo();
    expect(session.summary().canUndo).toBe(false);
  });

  it('an order turns the journeys round, step by step taken back', () => {
    const { session } = openScene(TEXT);
    session.setRole('p0', 'other');
    session.setOrder(['p1', 'p0']);
    expect(session.journey('j1')!.legs.map((l) => l.point)).toEqual(['p1', 'p0']);
    expect(session.summary().paths).toEqual([['p1', 'p0']]);
    session.undo();
    expect(session.journey('j1')!.legs.map((l) => l.point)).toEqual(['p0', 'p1']);
    expect(session.summary().points[0]!.role).toBe('other');
  });

  it('an order must name each point once; a point that is not there has no role', () => {
    const { session } = openScene(TEXT);
    for (const order of [['p0'], ['p0', 'p0'], ['p0', 'p1', 'p2']]) {
      expect(() => {
        session.setOrder(order);
      }).toThrow();
    }
    expect(() => {
      session.setRole('p9', 'other');
    }).toThrow(/p9/);
    expect(session.summary().canUndo).toBe(false);
  });
});

describe('captures that grow', () => {
  const sll2 = (from: number): string => `
    point pod: pod1-veth.pcap
    point eth0: any.pcap if=2
    point veth: any.pcap if=7
    0.000   pod   10.42.3.21:9 > 198.51.100.10:80     tcp SYN seq=1111111111 ts=5
    ${from > 0 ? '+0.001  veth  10.42.3.21:9 > 198.51.100.10:80     "' : ''}
    +0.001  eth0  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
    1.000   pod   10.42.3.9:1000 > 198.51.100.9:443   tcp SYN seq=2222222222 ts=5`;
  const roles = (of: Session): string[] => of.summary().points.map(({ interface: name, role }) => `${name} ${role}`);

  it('keep what was set by hand, also where points have come between', () => {
    const { session } = openScene(sll2(0));
    expect(roles(session)).toEqual(['null pod-veth', 'if2 other']);
    session.setRole('p1', 'node-eth0');
    session.setOrder(['p1', 'p0']);
    const grown = drawScene(parseScene(sll2(1))).map(({ file, bytes }) => ({ file, tables: readTables(bytes) }));
    session.grow(grown, []);
    expect(roles(session)).toEqual(['null pod-veth', 'if7 other', 'if2 node-eth0']);
    expect(session.journey('j1')!.legs.map((leg) => leg.point)).toEqual(['p2', 'p0', 'p1']);
    session.undo();
    session.undo();
    expect(roles(session)).toEqual(['null pod-veth', 'if7 other', 'if2 other']);
  });

  it('do not change a report that is being written', () => {
    const { session } = openScene(TEXT);
    const pieces = (): Generator<string> => {
      const report = session.export({ format: 'text', filter: '', theme: 'light', picture: 'map' });
      if (!report.ok) throw new Error(report.error.message);
      return report.pieces;
    };
    const whole = [...pieces()].join('');
    const begun = pieces();
    let text = String(begun.next().value);
    session.grow([], []);
    for (const piece of begun) text += piece;
    expect(text).toBe(whole);
    expect(session.summary().journeys).toBe(0);
  });
});

describe('packets', () => {
  it('a page of passages and their total', () => {
    expect(opened.session.passages('j1', 1, 1)).toMatchObject({
      total: 2,
      offset: 1,
      rows: [{ index: 1, direction: 'back' }],
    });
    expect(opened.session.passages('j9', 0, 10)).toMatchObject({ total: 0, rows: [] });
  });

  it('the bytes of a passage stand where it says, in its order', () => {
    const files = drawScene(parseScene(TEXT));
    const ranges = opened.session.passageBytes('j1', 1)!;
    expect(ranges.map((r) => r.capture)).toEqual([1, 0]);
    const [atNode, atPod] = ranges.map((r) => files[r.capture]!.bytes.slice(r.offset, r.offset + r.length));
    // The destination address of Ethernet + IPv4: 10.42.1.17 at the node, 10.42.3.21 at the pod.
    expect([...atNode!.slice(30, 34)]).toEqual([10, 42, 1, 17]);
    expect([...atPod!.slice(30, 34)]).toEqual([10, 42, 3, 21]);
    const diff = opened.session.packetDiff('j1', 1, [atNode!, atPod!])!;
    expect(JSON.stringify(diff)).toContain('10.42.1.17');
    expect(opened.session.passageBytes('j1', 99)).toBeNull();
    expect(opened.session.packetDiff('j1', 99, [])).toBeNull();
  });
});

describe('timeline', () => {
  it('every packet stands in one bin; the bins cover all', () => {
    const timeline = opened.session.timeline({ journey: null, bins: 10 });
    const sum = (values: readonly number[]): number => values.reduce((x, y) => x + y, 0);
    expect(timeline.series.map((s) => sum(s.packets))).toEqual(opened.report.points.map((p) => p.packets));
    expect(timeline.series.map((s) => sum(s.bytes))).toEqual(opened.report.points.map((p) => p.bytes));
    expect(timeline.binNs * 10).toBeCloseTo(9e9, -7);
    expect(timeline.series[0]!.packets[0]).toBe(2);
  });

  it('of one journey, its packets alone', () => {
    const timeline = opened.session.timeline({ journey: 'j2', bins: 4 });
    expect(timeline.series.map((s) => s.packets)).toEqual([
      [1, 0, 0, 1],
      [1, 0, 0, 0],
    ]);
  });

  it('of nothing, is empty', () => {
    const { session } = openScene('point a: a.pcap');
    expect(session.timeline({ journey: null, bins: 5 })).toMatchObject({ from: null, binNs: 0 });
  });
});

describe('times', () => {
  it('are those of each capture, however far apart they begin', () => {
    const { report } = openScene(`
      point late: late.pcap
      point early: early.pcap
      100.25  late   10.42.3.21:1000 > 192.0.2.7:9999  udp data=later
      0.5     early  10.42.3.22:1000 > 192.0.2.7:9999  udp data=earlier
      100.75  early  10.42.3.22:1000 > 192.0.2.7:9999  udp data=earlier
      100.5   late   10.42.3.21:1000 > 192.0.2.7:9999  udp data=later`);
    expect(report.points.map((p) => [p.first, p.last])).toEqual([
      ['2023-11-14T22:15:00.250000000Z', '2023-11-14T22:15:00.500000000Z'],
      ['2023-11-14T22:13:20.500000000Z', '2023-11-14T22:15:00.750000000Z'],
    ]);
    expect(report.journeys.map((j) => [j.legs[0]!.first, j.legs[0]!.last, j.durationNs])).toEqual([
      ['2023-11-14T22:13:20.500000000Z', '2023-11-14T22:15:00.750000000Z', 100.25e9],
      ['2023-11-14T22:15:00.250000000Z', '2023-11-14T22:15:00.500000000Z', 0.25e9],
    ]);
  });
});

describe('what comments of packets say', () => {
  it('is told of the journey that they belong to, each once', () => {
    const query = (sourcePort: number): Uint8Array =>
      ethernet(
        ipv4(
          { source: '10.42.3.21', destination: '192.0.2.7' },
          udp({ sourcePort, destinationPort: 9999 }, ascii('x'.repeat(20))),
        ),
      );
    const written = (pod: string, sourcePort: number): BlockWriter =>
      remarkedPacket({ comments: [`PID: 42\nCmd: /usr/bin/curl\nPodName: ${pod}`] }, query(sourcePort));
    const bytes = writePcapng(true, [
      sectionHeader(),
      interfaceBlock({ name: 'eth0' }),
      written('cart-7d9f', 1000),
      written('cart-7d9f', 1000),
      written('shop-1', 2000),
    ]);
    const { report } = openCaptures([{ file: 'pod.pcapng', bytes }]);
    expect(report.journeys.map(({ metadata }) => metadata.map(({ key, value }) => `${key}=${value}`))).toEqual([
      ['PID=42', 'Cmd=/usr/bin/curl', 'PodName=cart-7d9f'],
      ['PID=42', 'Cmd=/usr/bin/curl', 'PodName=shop-1'],
    ]);
  });
});

describe('the JSON report', () => {
  it('is as the schema says', () => {
    expect(schemaProblems(opened.report)).toEqual([]);
  });

  it('(the check would notice each key that is missing or of another type)', () => {
    const parts = ['points.0', 'journeys.0', 'journeys.0.legs.0', 'journeys.0.changes.0', 'inputs.0', ''];
    const additions = [
      'durationNs',
      'rttNs',
      'notSeenAt',
      'metadata',
      'related',
      'conntrackSource',
      'rule',
      'ruleDetails',
      'sideFiles',
    ];
    for (const part of parts) {
      const at = (whole: unknown): Record<string, unknown> =>
        part
          .split('.')
          .filter(Boolean)
          .reduce((value, key) => (value as Record<string, unknown>)[key], whole) as never;
      for (const key of Object.keys(at(opened.report)).filter((k) => !additions.includes(k))) {
        const [without, other] = [structuredClone(opened.report), structuredClone(opened.report)];
        Reflect.deleteProperty(at(without), key);
        at(other)[key] = { neither: 'this' };
        expect(schemaProblems(without), `without ${part}.${key}`).not.toEqual([]);
        expect(schemaProblems(other), `other ${part}.${key}`).not.toEqual([]);
      }
    }
  });

  it('also of nothing at all', () => {
    expect(schemaProblems(openScene('').report)).toEqual([]);
    expect(schemaProblems(openScene('point a: a.pcap').report)).toEqual([]);
  });

  it('also where everything is odd: IPv6, ICMP errors, fragments, candidates, no direction, other protocols', () => {
    const probes = [0, 1].map(
      (i) => `
      5.0000  a  10.42.3.21:${1000 + i} > 192.0.2.7:9999  udp data=probe-of-health
      +0.0001 b  10.42.1.17:${2000 + i} > 192.0.2.7:9999  " ttl=63`,
    );
    const { report } = openScene(`
      point a: a.pcap clock=86400
      point b: b.pcap
      0  a  [fd00::21]:1000 > [2001:db8::80]:80  tcp SYN seq=3141592653 ts=5
      0  b  [2001:db8:1::7]:2000 > [2001:db8::80]:80  " ttl=63
      1  a  fd00::21 > 2001:db8::80  icmp echo id=1 seq=1
      2  a  10.0.0.1 > 192.0.2.1  udp len=500 ipid=7 frag=176
      3  a  10.0.0.9 > 10.0.0.1 icmp 3/1 quotes 10.0.0.1:1000 > 192.0.2.1:80 tcp
      ${probes.join('')}`);
    expect(schemaProblems(report)).toEqual([]);
    expect(report.journeys.map((j) => j.confidence)).toContain('ambiguous');
  });
});
