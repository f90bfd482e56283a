// From frames to tables: fragments in any order, mirrored traffic and overlays.
import { describe, expect, it } from 'vitest';
import { addressTextAt } from '../../../src/core/decode/addresses.ts';
import { Ingest } from '../../../src/core/flows/ingest.ts';
import { BACK, FRAGMENT, NO_LEG, type CaptureTables } from '../../../src/core/flows/tables.ts';
import { ascii, ethernet, ipv4, ipv6, raw, tcp, u16, u32, udp } from '../../support/packets.ts';
import type { Network, Transport } from '../../support/packets.ts';
import { erspan, vxlan } from '../../support/tunnels.ts';

/** The tables of frames that came a millisecond apart, or at the seconds given with them. */
function ingest(
  frames: readonly (Uint8Array | readonly [number, Uint8Array])[],
  name: string | null = null,
): CaptureTables {
  const sink = new Ingest();
  sink.interface({
    index: 0,
    name,
    description: null,
    linkType: 1,
    snapLength: 0,
    filter: null,
    resolutionNs: 1000,
    fcsLength: 0,
    hardware: null,
    os: null,
    comments: [],
  });
  for (const [index, frame] of frames.entries()) {
    const [seconds, bytes] = frame instanceof Uint8Array ? [0, frame] : frame;
    sink.packet(0, seconds, index * 1e6, bytes.length, bytes, 0, bytes.length, index * 100);
  }
  return sink.tables('pcap');
}

/** Legs as `point: source:port > destination:port out/back`. */
function legs({ legs: l }: CaptureTables): string[] {
  return Array.from({ length: l.length }, (_, leg) => {
    const source = addressTextAt([l.source0[leg]!, l.source1[leg]!, l.source2[leg]!, l.source3[leg]!]);
    const destination = addressTextAt([
      l.destination0[leg]!,
      l.destination1[leg]!,
      l.destination2[leg]!,
      l.destination3[leg]!,
    ]);
    return `${l.point[leg]!}: ${source}:${l.sourcePort[leg]!} > ${destination}:${l.destinationPort[leg]!} ${l.packetsOut[leg]!}/${l.packetsBack[leg]!}`;
  });
}

function rows({ packets }: CaptureTables): (number | null)[] {
  return Array.from(packets.leg, (leg) => (leg === NO_LEG ? null : leg));
}

const A = '10.0.0.1';
const B = '192.0.2.1';
const MF = 0x2000;

function first(id: number, port = 1000, source = A, destination = B): Uint8Array {
  const datagram = udp({ sourcePort: port, destinationPort: 53, length: 4000 }, new Uint8Array(1392));
  return ethernet(ipv4({ source, destination, id, fragment: MF }, datagram));
}

function later(id: number, offset: number, more = true, source = A, destination = B): Uint8Array {
  const fragment = (more ? MF : 0) | (offset / 8);
  return ethernet(ipv4({ source, destination, id, fragment }, raw(17, new Uint8Array(800))));
}

describe('fragments', () => {
  it('that come before the first are counted to its leg, with their bytes and their time', () => {
    const tables = ingest([later(7, 2800, false), later(7, 1400), first(7)]);
    expect(legs(tables)).toEqual([`0: ${A}:1000 > ${B}:53 3/0`]);
    expect(rows(tables)).toEqual([0, 0, 0]);
    expect(tables.legs.bytesOut[0]).toBe(834 * 2 + 1434);
    expect([tables.legs.first[0], tables.legs.last[0]]).toEqual([0, 2e6]);
    expect([...tables.packets.flags].map((flags) => (flags & FRAGMENT) !== 0)).toEqual([true, true, false]);
  });

  it('that come before the first of an answer run back', () => {
    const datagram = udp({ sourcePort: 1000, destinationPort: 53 });
    const query = ethernet(ipv4({ source: B, destination: A }, datagram));
    const answer = udp({ sourcePort: 53, destinationPort: 1000, length: 2000 }, new Uint8Array(1392));
    const begin = ethernet(ipv4({ source: A, destination: B, id: 9, fragment: MF }, answer));
    const tables = ingest([query, later(9, 1400, false), begin]);
    expect(legs(tables)).toEqual([`0: ${B}:1000 > ${A}:53 1/2`]);
    expect([...tables.packets.flags].map((flags) => (flags & BACK) !== 0)).toEqual([false, true, true]);
  });

  it('may overlap, come twice or be lost', () => {
    const tables = ingest([first(7), later(7, 1000), later(7, 1000), later(7, 3000, false), later(8, 1400)]);
    expect(legs(tables)).toEqual([`0: ${A}:1000 > ${B}:53 4/0`]);
    expect(rows(tables)).toEqual([0, 0, 0, 0, null]);
  });

  it('of an id that is used again after a minute belong to the later packet', () => {
    const tables = ingest([
      [0, first(7, 1000)],
      [61, later(7, 1400)],
      [61, first(7, 2000)],
      [62, later(7, 2200, false)],
    ]);
    expect(legs(tables)).toEqual([`0: ${A}:1000 > ${B}:53 1/0`, `0: ${A}:2000 > ${B}:53 3/0`]);
  });

  it('of IPv6 are grouped by their id, whatever header stands behind theirs', () => {
    const piece = (offset: number, more: number, next: Transport, id: number): Network =>
      ipv6({ extensions: [[44, [0, ...u16(offset | more), ...u32(id)]]] }, next);
    const options = raw(60, new Uint8Array([17, 0, 1, 4, 0, 0, 0, 0, ...u16(1000, 53, 900, 0), ...ascii('data')]));
    const tables = ingest([
      ethernet(piece(1400, 0, raw(60, new Uint8Array(100)), 0xabcdef01)),
      ethernet(piece(0, 1, options, 0xabcdef01)),
      ethernet(piece(1400, 0, raw(60, new Uint8Array(100)), 0xabcdef02)),
    ]);
    expect(legs(tables)).toEqual(['0: 2001:db8:a::1:1000 > 2001:db8:b::2:53 2/0']);
  });

  it('do not grow without bound when their first ones never come', () => {
    const template = later(0, 1400, false).slice(0, 60);
    const orphans = Array.from({ length: 30_000 }, (_, id) => {
      const frame = template.slice();
      frame.set(u16(id), 18);
      return frame;
    });
    const tables = ingest([...orphans, first(29_999), first(3, 2000)]);
    expect(legs(tables)).toEqual([`0: ${A}:1000 > ${B}:53 2/0`, `0: ${A}:2000 > ${B}:53 1/0`]);
  });
});

const COLLECTOR = '10.9.9.9';
const OUT = ethernet(ipv4({ source: '10.42.3.21', destination: B }, tcp({ sourcePort: 4000, destinationPort: 80 })));
const IN = ethernet(ipv4({ source: B, destination: '10.42.3.21' }, tcp({ sourcePort: 80, destinationPort: 4000 })));

function tunnelled(transport: Transport, source: string, destination: string): Uint8Array {
  return ethernet(ipv4({ source, destination }, transport));
}

describe('mirrored traffic', () => {
  const mirrored = (vni: number, frame: Uint8Array) => tunnelled(vxlan(vni, frame), '10.42.0.7', COLLECTOR);

  it('is a point a session, without one for the collector where it saw nothing else', () => {
    const tables = ingest([mirrored(11, OUT), mirrored(12, OUT), mirrored(11, IN), mirrored(12, IN)]);
    expect(tables.points.map(({ interfaceName, packets }) => [interfaceName, packets])).toEqual([
      ['vni11', 2],
      ['vni12', 2],
    ]);
    expect(legs(tables)).toEqual([`0: 10.42.3.21:4000 > ${B}:80 1/1`, `1: 10.42.3.21:4000 > ${B}:80 1/1`]);
    expect([...tables.packets.point]).toEqual([0, 1, 0, 1]);
  });

  it('stands beside what the collector itself sent and received', () => {
    const ssh = ethernet(ipv4({ source: COLLECTOR, destination: '10.0.0.5' }, tcp({ sourcePort: 22 })));
    const tables = ingest([mirrored(11, OUT), ssh, mirrored(11, IN)], 'ens5');
    expect(tables.points.map(({ interfaceName, packets }) => [interfaceName, packets])).toEqual([
      ['ens5', 1],
      ['ens5/vni11', 2],
    ]);
  });

  it('comes in ERSPAN too', () => {
    const span = (frame: Uint8Array) => tunnelled(erspan(2, 5, frame), '10.42.0.7', COLLECTOR);
    expect(ingest([span(OUT), span(IN)]).points.map(({ interfaceName }) => interfaceName)).toEqual(['session5']);
  });

  it('is not told from one direction alone', () => {
    const tables = ingest([mirrored(11, OUT), mirrored(12, OUT)]);
    expect(tables.points.map(({ interfaceName, packets }) => [interfaceName, packets])).toEqual([[null, 2]]);
    expect([...tables.packets.point, ...tables.legs.point]).toEqual([0, 0, 0, 0]);
  });
});

it('an overlay between nodes is one point, its connections those within', () => {
  const there = (frame: Uint8Array) => tunnelled(vxlan(1, frame, 8472), '10.42.0.7', '10.42.0.8');
  const back = (frame: Uint8Array) => tunnelled(vxlan(1, frame, 8472), '10.42.0.8', '10.42.0.7');
  const plain = ethernet(ipv4({}, tcp({})));
  const tables = ingest([there(OUT), plain, back(IN), there(OUT)], 'eth0');
  expect(
    tables.points.map(({ interfaceName, packets, first: from, last }) => [interfaceName, packets, from, last]),
  ).toEqual([['eth0', 4, 0, 3e6]]);
  expect(new Set(tables.packets.point)).toEqual(new Set([0]));
  expect(legs(tables).map((leg) => leg.replace(/^.* /, ''))).toEqual(['2/1', '1/0']);
});

describe('interfaces without end', () => {
  it('of a damaged capture share the first point beyond a limit, and that is told', () => {
    const sink = new Ingest();
    for (let index = 0; index < 2000; index++) {
      sink.interface({
        index,
        name: `if${index}`,
        description: null,
        linkType: 1,
        snapLength: 0,
        filter: null,
        resolutionNs: 1000,
        fcsLength: 0,
        hardware: null,
        os: null,
        comments: [],
      });
      sink.packet(index, 0, 0, 60, new Uint8Array(60), 0, 60, 0);
    }
    const { points, issues } = sink.tables('pcapng');
    expect(points).toHaveLength(1024);
    expect(points[0]!.packets).toBe(1 + 2000 - 1024);
    expect(issues).toMatchObject([{ code: 'too-many-interfaces', count: 2000 - 1024 }]);
  });
});
