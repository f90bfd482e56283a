// What conntrack writes, in each of its forms.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConntrack } from '../../../src/core/sources/conntrack.ts';
import { conntrackLine } from '../../../src/core/sources/conntrack-entry.ts';
import { reverse } from '../../../src/core/sources/tuple.ts';
import { SHARED_CAPTURES, describeWithFiles } from '../../support/requirements.ts';

const only = (text: string) => {
  const { entries, unread } = parseConntrack(`${text}\n`);
  expect(unread.first).toEqual([]);
  expect(entries).toHaveLength(1);
  return entries[0]!;
};

const SNAT = {
  original: { src: '10.42.3.21', dst: '198.51.100.10', sport: 43210, dport: 80 },
  reply: { src: '198.51.100.10', dst: '10.42.1.17', sport: 80, dport: 47779 },
};
const TUPLES =
  'src=10.42.3.21 dst=198.51.100.10 sport=43210 dport=80 src=198.51.100.10 dst=10.42.1.17 sport=80 dport=47779';

describe('one entry, however it is written', () => {
  it.each([
    ['conntrack -L', `tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED] mark=128 use=1`],
    [
      'with counters',
      `tcp      6 118 TIME_WAIT src=10.42.3.21 dst=198.51.100.10 sport=43210 dport=80 packets=4 bytes=216 src=198.51.100.10 dst=10.42.1.17 sport=80 dport=47779 packets=3 bytes=164 [ASSURED] mark=128 use=1`,
    ],
    ['-o extended', `ipv4     2 tcp      6 118 TIME_WAIT ${TUPLES} [ASSURED] mark=128 use=1`],
    ['/proc/net/nf_conntrack', `ipv4     2 tcp      6 118 TIME_WAIT ${TUPLES} [ASSURED] mark=0 zone=0 use=2`],
    ['offloaded, without a timeout', `ipv4     2 tcp      6 ${TUPLES} [HW_OFFLOAD] mark=0 zone=0 use=3`],
    ['-o id', `tcp      6 431999 ESTABLISHED ${TUPLES} [ASSURED] mark=0 use=1 id=3190112764`],
    [
      'unanswered',
      `tcp      6 118 SYN_SENT src=10.42.3.21 dst=198.51.100.10 sport=43210 dport=80 [UNREPLIED] src=198.51.100.10 dst=10.42.1.17 sport=80 dport=47779 mark=128 use=1`,
    ],
    [
      '-o ktimestamp',
      `tcp      6 118 TIME_WAIT ${TUPLES} [ASSURED] delta-time=3 [start=Tue Nov 14 22:13:20 2023] use=1`,
    ],
    [
      'with zones for each direction',
      `tcp      6 118 TIME_WAIT src=10.42.3.21 dst=198.51.100.10 sport=43210 dport=80 zone-orig=1 src=198.51.100.10 dst=10.42.1.17 sport=80 dport=47779 zone-reply=2 use=1`,
    ],
  ])('%s', (_, line) => {
    expect(only(line)).toMatchObject({ protocol: 6, event: null, ...SNAT });
  });

  it.each([
    [
      'NEW',
      `    [NEW] tcp      6 120 SYN_SENT src=10.42.3.21 dst=198.51.100.10 sport=43210 dport=80 [UNREPLIED] src=198.51.100.10 dst=10.42.1.17 sport=80 dport=47779`,
    ],
    ['UPDATE', ` [UPDATE] tcp      6 60 SYN_RECV ${TUPLES}`],
    ['DESTROY', `[DESTROY] tcp      6 ${TUPLES} [ASSURED]`],
    ['NEW', `[1700000000.123456]\t    [NEW] tcp      6 120 SYN_SENT ${TUPLES}`],
    ['NEW', `[1700000000.123456]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${TUPLES}`],
  ])('event %s', (event, line) => {
    expect(only(line)).toMatchObject({ protocol: 6, event, ...SNAT });
  });

  it('UDP has no state', () => {
    const entry = only(
      'udp      17 29 src=10.42.3.21 dst=192.0.2.53 sport=1000 dport=53 src=192.0.2.53 dst=10.42.1.17 sport=53 dport=2000 mark=128 use=1',
    );
    expect(entry).toMatchObject({ protocol: 17, state: null, reply: { dst: '10.42.1.17', dport: 2000 } });
  });

  it("an echo's ids stand for ports: one in each direction", () => {
    const entry = only(
      'icmp     1 29 src=10.42.3.21 dst=198.51.100.10 type=8 code=0 id=7 src=198.51.100.10 dst=10.42.1.17 type=0 code=0 id=4711 mark=128 use=1',
    );
    expect(entry).toMatchObject({ protocol: 1, original: { sport: 7, dport: 7 }, reply: { sport: 4711, dport: 4711 } });
  });

  it("conntrack's own id behind an echo is not the echo's", () => {
    const entry = only(
      'icmp     1 29 src=10.42.3.21 dst=198.51.100.10 type=8 code=0 id=7 src=198.51.100.10 dst=10.42.1.17 type=0 code=0 id=4711 mark=128 use=1 id=3190112764',
    );
    expect(entry).toMatchObject({ original: { sport: 7 }, reply: { sport: 4711 } });
  });

  it('IPv6 addresses in whatever spelling are the same', () => {
    const entry = only(
      'ipv6     10 tcp      6 118 TIME_WAIT src=fd00:0000:0000:0000:0000:0000:0000:0021 dst=2001:db8::80 sport=1 dport=2 src=2001:db8::80 dst=fd00::21 sport=2 dport=1 [ASSURED] mark=0 use=1',
    );
    expect(entry.original.src).toBe('fd00::21');
    expect(reverse(entry.reply)).toEqual(entry.original);
  });

  it('keeps the text without the prefixes of other forms, so that entries of all forms read alike', () => {
    expect(only(`[1700000000.1]\t    [NEW] ipv4     2 tcp      6 120 SYN_SENT ${TUPLES}`).text).toBe(
      `tcp      6 120 SYN_SENT ${TUPLES}`,
    );
  });
});

describe('lines that are no entry', () => {
  it('are told with their number and why; comments, blank lines and the closing line are not', () => {
    const { entries, unread } = parseConntrack(
      [
        '# from node 17',
        '',
        'tcp      6 431999 ESTABLISHED src=10.42.3.21 dst=198.51.100.10 sport=1 dport=2',
        `tcp      6 118 TIME_WAIT ${TUPLES}`,
        'tcp      6 118 TIME_WAIT src=10.42.3.999 dst=198.51.100.10 sport=1 dport=2 src=198.51.100.10 dst=10.42.1.17 sport=2 dport=3',
        'conntrack v1.4.7 (conntrack-tools): 3 flow entries have been shown.',
        'something else',
      ].join('\r\n'),
    );
    expect(entries).toHaveLength(1);
    expect(entries[0]!.line).toBe(4);
    expect(unread.first.map((u) => u.line)).toEqual([3, 5, 7]);
    expect(unread.count).toBe(3);
  });

  it('a million lines of something else are not kept', () => {
    const { unread } = parseConntrack('x y z\n'.repeat(10_000));
    expect(unread.count).toBe(10_000);
    expect(unread.first.length).toBeLessThan(100);
  });
});

describe('an entry that follows from packets', () => {
  it('is written as conntrack writes it, and read back as the same', () => {
    const line = conntrackLine(6, SNAT.original, SNAT.reply);
    expect(line).toBe(`tcp      6 ${TUPLES}`);
    expect(only(line)).toMatchObject(SNAT);
  });

  it('for an echo too', () => {
    const original = { src: '10.42.3.21', dst: '198.51.100.10', sport: 7, dport: 7 };
    const reply = { src: '198.51.100.10', dst: '10.42.1.17', sport: 9, dport: 9 };
    expect(only(conntrackLine(1, original, reply))).toMatchObject({ protocol: 1, original, reply });
  });
});

const FOUND = (name: string): string => path.join(SHARED_CAPTURES, 'text', name);
describeWithFiles(
  [FOUND('ovn-k8s-kind-events.txt'), FOUND('proc-nf_conntrack-home-router.txt')],
  'listings of others',
  () => {
    it.each(['ovn-k8s-kind-events.txt', 'proc-nf_conntrack-home-router.txt'])('%s: every line is an entry', (name) => {
      const text = readFileSync(FOUND(name), 'utf8');
      const lines = text.split('\n').filter((line) => line.trim() !== '');
      const { entries, unread } = parseConntrack(text);
      expect(unread.count).toBe(0);
      expect(entries).toHaveLength(lines.length);
    });

    it('a home router: SNAT of the house, DNAT of its web server', () => {
      const { entries } = parseConntrack(readFileSync(FOUND('proc-nf_conntrack-home-router.txt'), 'utf8'));
      const snat = entries.find((e) => e.original.src === '192.168.1.2')!;
      expect(snat.reply.dst).toBe('139.12.34.56');
      const dnat = entries.find((e) => e.original.src === '165.232.32.235')!;
      expect([dnat.original.dst, dnat.reply.src]).toEqual(['139.12.34.56', '192.168.1.250']);
    });
  },
);
