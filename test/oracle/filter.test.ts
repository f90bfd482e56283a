// The filter language against Wireshark's own: connections of one packet each, so that a filter of packets and one of
// journeys ask the same. The last word on what `!=`, `any`, `all`, sets, ranges, prefixes and precedence mean.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { describeWith } from '../support/requirements.ts';
import { drawScene, parseScene } from '../support/scene.ts';
import { openScene } from '../support/scene-session.ts';
import { seededNumbers } from '../support/seeded.ts';

const scratch = mkdtempSync(path.join(tmpdir(), 'snatscope-filter-'));
afterAll(() => {
  rmSync(scratch, { recursive: true });
});

const random = seededNumbers(11);
const one = <T>(of: readonly T[]): T => of[random() % of.length]!;

const PORTS = [53, 80, 443, 1000, 8000, 8050, 8099, 40_000];
const ADDRESSES = ['10.0.0.1', '10.0.0.9', '10.1.0.1', '172.16.0.5', '198.51.100.7', '198.51.100.77', '203.0.113.255'];
const ADDRESSES_6 = ['2001:db8::1', '2001:db8::ff', '2001:db8:1::1'];

/** No two have the same ends, so that each is a connection. */
function scene(): string {
  const lines = ['point p: p.pcap'];
  for (let i = 0; i < 60; i++) {
    const v6 = random() % 4 === 0;
    const [source, destination] = v6 ? [one(ADDRESSES_6), one(ADDRESSES_6)] : [one(ADDRESSES), one(ADDRESSES)];
    const end = (address: string, port: number): string => (v6 ? `[${address}]:${port}` : `${address}:${port}`);
    const carried = one(['tcp SYN', 'tcp SYN', 'udp data=a', 'icmp echo id=5']);
    const [from, to] = carried.startsWith('icmp')
      ? [source, destination]
      : [end(source, random() % 3 === 0 ? one(PORTS) : 20_000 + i), end(destination, one(PORTS))];
    const more = carried.startsWith('icmp') ? ` seq=${i}` : carried.startsWith('tcp') ? ` seq=${i}` : '';
    lines.push(`${i}.000 p ${from} > ${to} ${carried.replace('id=5', `id=${i + 1}`)}${more}`);
  }
  return lines.join('\n');
}

function randomTest(): string {
  const name = one([
    'ip.addr',
    'ip.src',
    'ip.dst',
    'ipv6.addr',
    'ipv6.src',
    'tcp.port',
    'tcp.srcport',
    'tcp.dstport',
    'udp.port',
    'udp.dstport',
    'ip.proto',
    'tcp',
    'udp',
    'icmp',
    'ip',
    'ipv6',
    'icmpv6',
    'frame.time_relative',
  ]);
  if (/^(tcp|udp|icmp|icmpv6|ip|ipv6)$/.test(name) || random() % 8 === 0) return name;
  const is6 = name.startsWith('ipv6.');
  const isAddress = /\.(addr|src|dst)$/.test(name);
  const isTime = name === 'frame.time_relative';
  const value = (): string => {
    if (isTime) return String(random() % 60);
    if (name === 'ip.proto') return one(['1', '6', '17', '0x11']);
    return isAddress ? one(is6 ? ADDRESSES_6 : ADDRESSES) : String(one(PORTS));
  };
  const prefix = (): string =>
    one(is6 ? ['2001:db8::/120', '2001:db8::/32'] : ['10.0.0.0/8', '10.0.0.0/29', '198.51.100.0/24', '0.0.0.0/0']);
  const quantifier = one(['', '', 'any ', 'all ']);
  if (random() % 3 === 0) {
    const element = (): string => {
      if (isAddress && random() % 2 === 0) return prefix();
      if (random() % 2 === 0) return value();
      const [low, high] = [value(), value()];
      const ordered = isAddress || Number(low) <= Number(high);
      return ordered && !isAddress ? `${low}..${high}` : value();
    };
    const elements = Array.from({ length: 1 + (random() % 3) }, element).join(', ');
    return `${quantifier}${name} in {${elements}}`;
  }
  const operator = one(['==', '!=', '<', '<=', '>', '>=', 'eq', 'ne']);
  const isEquality = /^(==|!=|eq|ne)$/.test(operator);
  if (quantifier === '' && isEquality && random() % 4 === 0) {
    return `${name} ${one(['===', '!=='])} ${value()}`;
  }
  return `${quantifier}${name} ${operator} ${isEquality && isAddress && random() % 3 === 0 ? prefix() : value()}`;
}

function randomFilter(depth: number): string {
  if (depth === 0 || random() % 4 === 0) return randomTest();
  const [left, right] = [randomFilter(depth - 1), randomFilter(depth - 1)];
  return one([
    `${left} ${one(['&&', 'and'])} ${right}`,
    `${left} ${one(['||', 'or'])} ${right}`,
    `(${left}) ${one(['&&', '||'])} (${right})`,
    `!(${left})`,
    `not ${randomTest().replace(/^(any|all) /, '')}`,
  ]);
}

describeWith(['tshark'], 'filters', () => {
  const text = scene();
  const file = path.join(scratch, 'p.pcap');
  writeFileSync(file, drawScene(parseScene(text))[0]!.bytes);
  const { session, report } = openScene(text);

  it('find a connection in each packet of the scene', () => {
    expect(report.journeys).toHaveLength(60);
  });

  it.each(Array.from({ length: 40 }, () => randomFilter(2)))('%s', (filter) => {
    const frames = execFileSync('tshark', ['-r', file, '-Y', filter, '-T', 'fields', '-e', 'frame.number'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { rows, error } = session.journeys({ filter, sort: 'start', descending: false, offset: 0, limit: 500 });
    expect(error).toBeNull();
    expect(rows.map(({ id }) => id.slice(1))).toEqual(frames.split('\n').filter(Boolean));
  });
});
