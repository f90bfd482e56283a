// Which rule translated: named where one rule fits and no other.
import { describe, expect, it } from 'vitest';
import { parseIptables, ruleFor } from '../../../src/core/sources/iptables.ts';
import { readSideFile } from '../../../src/core/sources/side-files.ts';

const save = (...rules: string[]): string => ['*nat', ':POSTROUTING ACCEPT [0:0]', ...rules, 'COMMIT', ''].join('\n');
const named = (text: string, kind: 'snat' | 'dnat', address: string, port = 1024): string | null =>
  ruleFor(parseIptables(text), kind, address, port);

const NODE =
  '-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.42.1.17 --random-fully';

describe('the rule of a translation', () => {
  it('is the one that translates to this address', () => {
    const text = save(NODE, '-A POSTROUTING -s 10.9.0.0/16 -j SNAT --to-source 10.42.1.99');
    expect(named(text, 'snat', '10.42.1.17')).toBe(NODE);
    expect(named(text, 'snat', '10.42.1.50')).toBeNull();
    expect(named(text, 'dnat', '10.42.1.17')).toBeNull();
  });

  it('is told without counters and comments', () => {
    const text = save(
      '[12:720] -A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.42.1.17 --random-fully',
    );
    expect(named(text, 'snat', '10.42.1.17')).toBe(NODE);
  });

  it('is none where two fit', () => {
    const text = save(NODE, '-A POSTROUTING -s 10.9.0.0/16 -j SNAT --to-source 10.42.1.10-10.42.1.20');
    expect(named(text, 'snat', '10.42.1.17')).toBeNull();
  });

  it('is the other one of two where the counters say that the first never matched', () => {
    const text = save(`[0:0] -A POSTROUTING -s 10.9.0.0/16 -j SNAT --to-source 10.42.1.17`, `[7:420] ${NODE}`);
    expect(named(text, 'snat', '10.42.1.17')).toBe(NODE);
  });

  it('is none where the only one never matched', () => {
    expect(named(save(`[0:0] ${NODE}`), 'snat', '10.42.1.17')).toBeNull();
  });

  it('a MASQUERADE fits any address, alone only', () => {
    const masquerade = '-A POSTROUTING -o eth0 -j MASQUERADE';
    expect(named(save(masquerade), 'snat', '203.0.113.7')).toBe(masquerade);
    expect(named(save(masquerade, NODE), 'snat', '10.42.1.17')).toBeNull();
  });

  it('port ranges count', () => {
    const ranges = [
      '-A POSTROUTING -s 10.42.3.21/32 -p tcp -j SNAT --to-source 203.0.113.7:1024-32767',
      '-A POSTROUTING -s 10.42.3.22/32 -p tcp -j SNAT --to-source 203.0.113.7:32768-65535',
    ];
    expect(named(save(...ranges), 'snat', '203.0.113.7', 32767)).toBe(ranges[0]);
    expect(named(save(...ranges), 'snat', '203.0.113.7', 32768)).toBe(ranges[1]);
    expect(named(save(...ranges), 'snat', '203.0.113.7', 80)).toBeNull();
  });

  it('DNAT of kube-proxy by endpoint and port; twice the same rule text in two chains is one', () => {
    const sep = '-A KUBE-SEP-AAAA -p tcp -m tcp -j DNAT --to-destination 10.42.9.9:8080';
    const text = save(sep, '-A KUBE-SEP-BBBB -p tcp -m tcp -j DNAT --to-destination 10.42.9.10:8080', sep);
    expect(named(text, 'dnat', '10.42.9.9', 8080)).toBe(sep);
    expect(named(text, 'dnat', '10.42.9.9', 9090)).toBeNull();
  });

  it('IPv6 with port', () => {
    const rule = '-A PREROUTING -d 2001:db8::1/128 -p tcp -j DNAT --to-destination [fd00::9]:8080';
    expect(named(save(rule), 'dnat', 'fd00::9', 8080)).toBe(rule);
    expect(named(save(rule), 'dnat', 'fd00::8', 8080)).toBeNull();
  });

  it('rules of other tables do not translate', () => {
    const text = [
      '*mangle',
      '-A POSTROUTING -j SNAT --to-source 10.42.1.17',
      'COMMIT',
      '*filter',
      '-A FORWARD -j DROP',
    ];
    expect(parseIptables(text.join('\n'))).toEqual([]);
  });
});

describe('files beside captures', () => {
  it.each([
    ['node.conntrack', 'node'],
    ['worker-3.conntrack', 'node'],
    ['natgw-conntrack.txt', 'nat'],
    ['nat.iptables', 'nat'],
    ['igw.conntrack', 'igw'],
    ['internet-gateway.conntrack', 'igw'],
    ['dump.conntrack', 'other'],
    ['alternative.conntrack', 'other'],
    ['/captures/nat-test/node.conntrack', 'node'],
  ])('%s was taken at box %s', (file, box) => {
    expect(readSideFile(file, null, '')).toMatchObject({ file, box });
  });

  it('what they are is told by their content; what is neither says so', () => {
    expect(readSideFile('a.txt', null, save(NODE))).toMatchObject({ content: { kind: 'iptables' } });
    expect(
      readSideFile(
        'a.txt',
        'nat',
        'udp 17 2 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1',
      ),
    ).toMatchObject({ box: 'nat', content: { kind: 'conntrack' } });
    expect(readSideFile('a.txt', null, 'hello')).toMatch(/a\.txt.*neither/);
  });

  it('an empty listing is one: no connection was there', () => {
    expect(readSideFile('node.conntrack', null, '\n')).toMatchObject({ content: { kind: 'conntrack' } });
  });
});
