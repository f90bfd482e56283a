// Every form that conntrack 1.4.7 prints, as scripts/record-side-files.mjs recorded them of one run: they tell the same
// connections. And what is left of them when they are cut or damaged.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { looksLikeConntrack, parseConntrack } from '../../../src/core/sources/conntrack.ts';
import type { ConntrackEntry } from '../../../src/core/sources/conntrack-entry.ts';
import { usesOfTuples } from '../../../src/core/sources/conntrack-log.ts';
import { tupleText } from '../../../src/core/sources/tuple.ts';
import { SIDE_FILES } from '../../support/requirements.ts';

const fixture = (name: string): string => readFileSync(path.join(SIDE_FILES, name), 'utf8');
const LISTINGS = ['plain', 'extended', 'id', 'ktimestamp', 'all', 'xml', 'save'].map((form) => `conntrack-L.${form}`);
const LOGS = ['plain', 'timestamp', 'id', 'ktimestamp', 'all', 'xml', 'timestamp-xml', 'save'].map(
  (form) => `conntrack-E.${form}`,
);
const FIXTURES = [...LISTINGS, ...LOGS, 'proc-nf_conntrack'];

/** An entry's tuples; those that a form leaves out in part by their addresses. */
function tuples({ protocol, original, reply, isComplete }: ConntrackEntry, complete: boolean): string {
  const told =
    complete && isComplete ? [original, reply] : [original, reply].map((t) => ({ ...t, sport: 0, dport: 0 }));
  return told.map((tuple) => tupleText(protocol, tuple)).join(' | ');
}
const isPing = (entry: ConntrackEntry): boolean => entry.protocol === 1 || entry.protocol === 58;
const told = (name: string): string[] =>
  parseConntrack(fixture(name))
    .entries.map((entry) => tuples(entry, !isPing(entry)))
    .sort();

describe('a listing', () => {
  it('holds TCP, UDP, ICMP, GRE, SCTP and ESP, IPv4 and IPv6, in the recording', () => {
    const protocols = parseConntrack(fixture('conntrack-L.plain')).entries.map((entry) => entry.protocol);
    expect([...new Set(protocols)].sort((a, b) => a - b)).toEqual([1, 6, 17, 47, 50, 58, 132]);
  });

  it.each([...LISTINGS, 'proc-nf_conntrack'])('%s tells the same connections as the others', (name) => {
    const { entries, unread, isLog } = parseConntrack(fixture(name));
    expect(unread.first).toEqual([]);
    expect(isLog).toBe(false);
    expect(entries.every((entry) => entry.event === null)).toBe(true);
    expect(told(name)).toEqual(told('conntrack-L.plain'));
    expect(looksLikeConntrack(fixture(name))).toBe(true);
  });

  it.each(LISTINGS)('%s: what was answered, the state and the zones', (name) => {
    const { entries } = parseConntrack(fixture(name));
    const tcp = entries.filter((entry) => entry.protocol === 6);
    expect(tcp.map((entry) => entry.state)).toEqual(['TIME_WAIT', 'TIME_WAIT', 'TIME_WAIT']);
    expect(tcp.every((entry) => entry.isReplied && entry.timeout! > 100)).toBe(true);
    const udp = entries.filter((entry) => entry.protocol === 17);
    expect(udp.some((entry) => entry.isReplied)).toBe(false);
    const zones = new Map(udp.map((entry) => [entry.original.dport, entry.zones]));
    expect([5300, 5353, 5354].map((port) => zones.get(port))).toEqual([
      [0, 0],
      [7, 7],
      [9, 0],
    ]);
  });

  it('counts packets and bytes where accounting is on', () => {
    for (const name of LISTINGS.filter((n) => !n.endsWith('save'))) {
      const { entries } = parseConntrack(fixture(name));
      const ping = entries.find((entry) => entry.protocol === 1)!;
      expect(ping.counters).toEqual([
        { packets: 2, bytes: 168 },
        { packets: 2, bytes: 168 },
      ]);
    }
  });

  it("the id of a reply to a ping is the router's own, except where the form leaves it out", () => {
    const ids = ['plain', 'extended', 'id', 'all'].map((form) => {
      const ping = parseConntrack(fixture(`conntrack-L.${form}`)).entries.find((entry) => entry.protocol === 1)!;
      return [ping.original.sport, ping.reply.sport];
    });
    expect(new Set(ids.map(String)).size).toBe(1);
    expect(ids[0]![0]).not.toBe(ids[0]![1]);
    for (const form of ['xml', 'save']) {
      const ping = parseConntrack(fixture(`conntrack-L.${form}`)).entries.find((entry) => entry.protocol === 1)!;
      expect(ping.isComplete).toBe(false);
      expect(ping.text).not.toMatch(/id=/);
    }
  });

  it('keeps the keys of GRE', () => {
    for (const name of LISTINGS) {
      const keys = parseConntrack(fixture(name))
        .entries.filter((entry) => entry.protocol === 47)
        .map(({ original, reply }) => [original.sport, original.dport, reply.sport, reply.dport].join(' '));
      expect(keys.sort()).toEqual(['0 0 0 0', '0 4660 4660 0']);
    }
  });

  it('of XML and save reads like a plain one', () => {
    const plain = parseConntrack(fixture('conntrack-L.plain')).entries.find((e) => e.original.dst === '172.20.0.10')!;
    for (const form of ['xml', 'save']) {
      const entry = parseConntrack(fixture(`conntrack-L.${form}`)).entries.find(
        (e) => e.original.dst === '172.20.0.10',
      )!;
      const bare = (text: string): string => text.replace(/ (packets|bytes|mark|use|delta-time)=\d+| \[ASSURED\]/g, '');
      expect(entry.text.replace(/ \d+ TIME/, ' N TIME')).toBe(bare(plain.text).replace(/ \d+ TIME/, ' N TIME'));
    }
  });
});

describe('an event log', () => {
  it.each(LOGS)('%s tells the same uses of tuples as the others', (name) => {
    const dump = parseConntrack(fixture(name));
    expect(dump.unread.first).toEqual([]);
    expect(dump.isLog).toBe(true);
    const uses = (log: string): string[] =>
      usesOfTuples(parseConntrack(fixture(log))).map(({ entry, hasBegun, hasEnded }) => {
        return `${tuples(entry, !isPing(entry))} ${hasBegun} ${hasEnded}`;
      });
    expect(uses(name)).toEqual(uses('conntrack-E.plain'));
    expect(uses(name).length).toBeGreaterThan(10);
  });

  it('times are of -o timestamp alone, to the microsecond', () => {
    for (const name of LOGS) {
      const { entries, form } = parseConntrack(fixture(name));
      const hasTimes = name.endsWith('.timestamp') || name.endsWith('.all');
      expect(entries.every((entry) => (entry.time !== null) === hasTimes)).toBe(true);
      expect(form.includes('timestamp')).toBe(hasTimes);
    }
    const [first] = parseConntrack('[1795399084.003186]\t    [NEW] ' + fixture('conntrack-L.plain')).entries;
    expect(first!.time).toBe(1_795_399_084_003_186_000n);
  });

  it('a refused connection lives from its NEW to its DESTROY', () => {
    const uses = usesOfTuples(parseConntrack(fixture('conntrack-E.timestamp')));
    const refused = uses.find(({ entry }) => entry.original.dport === 81)!;
    expect(refused).toMatchObject({ hasBegun: true, hasEnded: true });
    expect(refused.to! - refused.from!).toBeGreaterThanOrEqual(0n);
    expect(refused.to! - refused.from!).toBeLessThan(1_000_000_000n);
  });

  it('parts the uses of one tuple, also where the end of the first was not logged', () => {
    const entry = (dport: number): string =>
      `tcp 6 120 SYN_SENT src=10.0.0.1 dst=192.0.2.1 sport=1 dport=80 [UNREPLIED] src=192.0.2.1 dst=10.0.0.9 sport=80 dport=${dport} mark=0`;
    const log = [`[10.0]\t[NEW] ${entry(5)}`, `[10.5]\t[NEW] ${entry(6)}`, `[11.0]\t[DESTROY] ${entry(6)}`];
    const uses = usesOfTuples(parseConntrack(`${log.join('\n')}\n`));
    expect(uses.map((u) => [u.entry.reply.dport, u.hasBegun, u.hasEnded, u.fromOrder, u.toOrder])).toEqual([
      [5, true, true, 0, 1],
      [6, true, true, 1, 2],
    ]);
  });

  it('one tuple in two zones is two connections', () => {
    const entry = (zone: number): string =>
      `[NEW] tcp 6 120 SYN_SENT src=10.0.0.1 dst=192.0.2.1 sport=1 dport=80 src=192.0.2.1 dst=10.0.0.9 sport=80 dport=7 zone=${zone}`;
    const uses = usesOfTuples(parseConntrack(`${entry(1)}\n${entry(2)}\n`));
    expect(uses.map((use) => use.hasEnded)).toEqual([false, false]);
  });

  it('says where it lost events', () => {
    const text = fixture('conntrack-E.plain') + 'WARNING: We have hit ENOBUFS! We are losing events.\n';
    expect(parseConntrack(text)).toMatchObject({ hasLostEvents: true, unread: { count: 0 } });
    expect(parseConntrack(fixture('conntrack-E.plain')).hasLostEvents).toBe(false);
  });
});

describe('damage', () => {
  it.each(FIXTURES)('%s cut anywhere: what stands before is read, and no entry is another', (name) => {
    const text = fixture(name);
    const whole = new Set(parseConntrack(text).entries.map((entry) => `${entry.line} ${tuples(entry, true)}`));
    const step = Math.max(1, Math.floor(text.length / 400));
    for (let length = 0; length < text.length; length += step) {
      const { entries, unread } = parseConntrack(text.slice(0, length));
      const lines = text.slice(0, length).split('\n').length - 1;
      for (const entry of entries) expect(whole).toContain(`${entry.line} ${tuples(entry, true)}`);
      expect(entries.length + unread.count).toBeGreaterThanOrEqual(Math.min(lines, entries.length));
      expect(unread.count).toBeLessThanOrEqual(1);
    }
  });

  it('bytes that are others: never a throw, each line read or counted', () => {
    const lines = FIXTURES.flatMap((name) => fixture(name).split('\n')).filter((line) => line.includes('src'));
    fc.assert(
      fc.property(
        fc.constantFrom(...lines),
        fc.array(fc.tuple(fc.nat(), fc.string({ unit: 'binary', minLength: 1, maxLength: 3 })), { maxLength: 6 }),
        (line, edits) => {
          let text = line;
          for (const [at, put] of edits) {
            const i = at % text.length;
            text = text.slice(0, i) + put + text.slice(i + 1);
          }
          const { entries, unread } = parseConntrack(text);
          for (const { original, reply } of entries) {
            for (const port of [original.sport, original.dport, reply.sport, reply.dport]) {
              expect(Number.isInteger(port) && port >= 0).toBe(true);
            }
          }
          expect(unread.count).toBeLessThanOrEqual(text.split('\n').length);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('two lines that ran together are no entry', () => {
    const lines = fixture('conntrack-L.plain').split('\n');
    const { entries, unread } = parseConntrack(`${lines[0]!}${lines[1]!}\n${lines[2]!}\n`);
    expect(entries.map((entry) => entry.line)).toEqual([2]);
    expect(unread.first).toEqual([{ line: 1, reason: expect.stringContaining('ran together') as string }]);
  });
});

it('every fixture of conntrack is tested here', () => {
  const all = readdirSync(SIDE_FILES).filter((name) => /^(conntrack|proc)/.test(name));
  expect(all.sort()).toEqual([...FIXTURES].sort());
});
