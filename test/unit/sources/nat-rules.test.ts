// Which rule translated: chains are walked as the kernel walks them. First by rules of one line or a few, then on what the
// kernel of scripts/record-side-files.mjs printed, for the connections that it translated by them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConntrack } from '../../../src/core/sources/conntrack.ts';
import { parseIptables } from '../../../src/core/sources/iptables.ts';
import type { Ruleset } from '../../../src/core/sources/nat-rules.ts';
import { NatJudge, type RuleVerdict } from '../../../src/core/sources/nat-verdict.ts';
import { parseNft } from '../../../src/core/sources/nft.ts';
import { type Tuple, reverse } from '../../../src/core/sources/tuple.ts';
import { SIDE_FILES } from '../../support/requirements.ts';

interface Asked {
  readonly protocol?: number;
  readonly before?: Partial<Tuple>;
  readonly after: Partial<Tuple>;
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly outKind?: 'uplink';
}

const BEFORE: Tuple = { src: '10.42.3.21', dst: '198.51.100.10', sport: 43210, dport: 80 };

function judged(rules: Ruleset, { protocol = 6, before = {}, after, inInterface, outInterface, outKind }: Asked) {
  const from = { ...BEFORE, ...before };
  return new NatJudge(rules).verdict({
    protocol,
    before: from,
    after: { ...from, ...after },
    inInterface: { name: inInterface ?? null, kind: inInterface === undefined ? null : 'pod' },
    outInterface: { name: outInterface ?? null, kind: outKind ?? null },
  });
}

const save = (...rules: string[]): Ruleset => parseIptables(['*nat', ...rules, 'COMMIT', ''].join('\n'));
const nft = (...rules: string[]): Ruleset => {
  const ruleset = parseNft(
    `table ip nat {\n chain post {\n type nat hook postrouting priority srcnat; policy accept;\n${rules.join('\n')}\n }\n}\n`,
  );
  if (typeof ruleset === 'string') throw new Error(ruleset);
  return ruleset;
};
const source = (rules: Ruleset, asked: Asked): string | null => judged(rules, asked).source?.rule?.text ?? null;
const destination = (rules: Ruleset, asked: Asked): string | null =>
  judged(rules, asked).destination?.rule?.text ?? null;

const NODE = { src: '10.42.1.17', sport: 2000 };
const SNAT = '-A POSTROUTING -o eth0 -j SNAT --to-source 10.42.1.17 --random-fully';

describe('the rule of a translation', () => {
  it('is the one that translates to this address', () => {
    const rules = save('-A POSTROUTING -s 10.9.0.0/16 -j SNAT --to-source 10.42.1.99', SNAT);
    expect(source(rules, { after: NODE })).toBe(SNAT);
    expect(source(rules, { after: { src: '10.42.1.50' } })).toBeNull();
    expect(judged(rules, { after: NODE }).destination).toBeNull();
  });

  it('is told without counters and comments', () => {
    const rules = save(
      '[12:720] -A POSTROUTING ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.42.1.17',
    );
    expect(source(rules, { after: NODE })).toBe(
      '-A POSTROUTING ! -o vlan+ -m addrtype ! --dst-type LOCAL -j SNAT --to-source 10.42.1.17',
    );
    expect(judged(rules, { after: NODE }).source!.rule!.packets).toBe(12);
  });

  it('is the first of two that fit, where nothing about it is unknown', () => {
    const all = '-A POSTROUTING -j SNAT --to-source 10.42.1.17';
    expect(source(save(all, SNAT), { after: NODE })).toBe(all);
  });

  it('is none where two may have fitted', () => {
    const verdict = judged(save(SNAT, '-A POSTROUTING -j SNAT --to-source 10.42.1.10-10.42.1.20'), { after: NODE });
    expect(verdict.source).toMatchObject({ status: 'unknown', rule: null });
  });

  it('is the first again where the way out is known', () => {
    const rules = save(SNAT, '-A POSTROUTING -j SNAT --to-source 10.42.1.10-10.42.1.20');
    expect(source(rules, { after: NODE, outInterface: 'eth0' })).toBe(SNAT);
    expect(source(rules, { after: NODE, outInterface: 'eth1' })).toContain('10.42.1.10-10.42.1.20');
  });

  it('a way out that is an uplink of unknown name is none of the interfaces of pods and tunnels', () => {
    const rules = (out: string): Ruleset =>
      save(`-A POSTROUTING ${out} -j SNAT --to-source 10.42.1.17`, '-A POSTROUTING -j MASQUERADE');
    const outKind = 'uplink';
    expect(source(rules('! -o vlan+'), { after: NODE, outKind })).toContain('vlan+');
    expect(source(rules('! -o vlan+'), { after: NODE })).toBeNull();
    expect(source(rules('-o cali+'), { after: NODE, outKind })).toContain('MASQUERADE');
    expect(source(rules('-o eth1'), { after: NODE, outKind })).toBeNull();
  });

  it('never one whose counter says that it was not met', () => {
    const other = '-A POSTROUTING -o eth1 -j SNAT --to-source 10.42.1.17';
    expect(source(save(`[0:0] ${other}`, `[7:420] ${SNAT}`), { after: NODE })).toBe(SNAT);
    expect(source(save(`[0:0] ${SNAT}`), { after: NODE })).toBeNull();
  });

  it.each([
    ['source', '-s 10.42.3.21/32', '-s 10.42.3.22/32'],
    ['source, negated', '! -s 10.42.4.0/24', '! -s 10.42.3.0/24'],
    ['destination', '-d 198.51.100.0/24', '-d 198.51.101.0/24'],
    ['protocol', '-p tcp', '-p udp'],
    ['destination port', '-p tcp -m tcp --dport 80', '-p tcp -m tcp --dport 81'],
    ['ports', '-p tcp -m multiport --dports 22,80:90', '-p tcp -m multiport --dports 22,81:90'],
    ['source port', '-p tcp -m tcp --sport 43000:44000', '-p tcp -m tcp ! --sport 43000:44000'],
    [
      'range of addresses',
      '-m iprange --src-range 10.42.3.20-10.42.3.22',
      '-m iprange ! --src-range 10.42.3.20-10.42.3.22',
    ],
    ['mask of dots', '-s 10.42.3.0/255.255.255.0', '-s 10.42.4.0/255.255.255.0'],
    ['no mark', '-m mark ! --mark 0x4000/0x4000', '-m mark --mark 0x4000/0x4000'],
    ['address type', '-m addrtype ! --dst-type LOCAL', '-m addrtype --dst-type LOCAL'],
  ])('by %s', (_, right, wrong) => {
    const rule = (match: string): string => `-A POSTROUTING ${match} -j SNAT --to-source 10.42.1.17`;
    expect(source(save(rule(right)), { after: NODE })).toBe(rule(right));
    expect(source(save(rule(wrong)), { after: NODE })).toBeNull();
  });

  it('a RETURN keeps what comes after it out, at its level only', () => {
    const rules = save(
      '-A POSTROUTING -j AWS-SNAT-CHAIN-0',
      '-A POSTROUTING -d 10.42.0.0/16 -j MASQUERADE',
      '-A AWS-SNAT-CHAIN-0 -d 10.42.0.0/16 -j RETURN',
      '-A AWS-SNAT-CHAIN-0 -j SNAT --to-source 10.42.1.17',
    );
    const inside = { before: { dst: '10.42.9.9' }, after: NODE };
    expect(source(rules, inside)).toBe('-A POSTROUTING -d 10.42.0.0/16 -j MASQUERADE');
    const verdict = judged(rules, { after: NODE }).source!;
    expect(verdict.rule!.text).toContain('--to-source');
    expect(verdict.chains).toEqual(['POSTROUTING', 'AWS-SNAT-CHAIN-0']);
  });

  it('an ACCEPT ends the walk', () => {
    const rules = save('-A POSTROUTING -d 198.51.100.0/24 -j ACCEPT', '-A POSTROUTING -j MASQUERADE');
    expect(judged(rules, { after: NODE }).source).toMatchObject({ status: 'unknown' });
    expect(source(rules, { before: { dst: '192.0.2.1' }, after: NODE })).toBe('-A POSTROUTING -j MASQUERADE');
  });

  it('marks are followed: kube-proxy masquerades only what it marked', () => {
    const masquerade = '-A KUBE-POSTROUTING -j MASQUERADE --random-fully';
    const rules = (mark: string): Ruleset =>
      save(
        `-A PREROUTING ${mark} -j KUBE-MARK-MASQ`,
        '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
        '-A POSTROUTING -j KUBE-POSTROUTING',
        '-A POSTROUTING -j SNAT --to-source 10.42.1.17',
        '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
        '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
        masquerade,
      );
    expect(source(rules('-d 172.20.0.0/16'), { after: NODE })).toBe('-A POSTROUTING -j SNAT --to-source 10.42.1.17');
    expect(source(rules('-d 198.51.100.10/32'), { after: NODE })).toBe(masquerade);
    // Who marks by chance leaves it open.
    expect(source(rules('-m statistic --mode random --probability 0.5'), { after: NODE })).toBeNull();
  });

  it("a connection's mark too, over the tables", () => {
    const rules = parseIptables(
      [
        '*mangle',
        '-A PREROUTING -i eni+ -j CONNMARK --set-xmark 0x80/0x80',
        'COMMIT',
        '*nat',
        '-A POSTROUTING -m connmark --mark 0x80/0x80 -j SNAT --to-source 10.42.1.17',
        '-A POSTROUTING -j MASQUERADE',
        'COMMIT',
        '',
      ].join('\n'),
    );
    expect(source(rules, { after: NODE, inInterface: 'eni0123456789a' })).toContain('connmark');
    expect(source(rules, { after: NODE })).toBeNull();
  });

  it('port ranges count', () => {
    const ranges = [
      '-A POSTROUTING -o eth0 -p tcp -j SNAT --to-source 203.0.113.7:1024-32767',
      '-A POSTROUTING -o eth1 -p tcp -j SNAT --to-source 203.0.113.7:32768-65535',
      '-A POSTROUTING -o eth2 -p tcp -j MASQUERADE --to-ports 100-200',
    ];
    const at = (sport: number) => source(save(...ranges), { after: { src: '203.0.113.7', sport } });
    expect([at(32767), at(32768), at(150), at(80)]).toEqual([...ranges, null]);
  });

  it('is none, a clash, where only the port changed and no rule can have done it', () => {
    const verdict = (rules: Ruleset, after: Partial<Tuple>): RuleVerdict['status'] =>
      judged(rules, { after }).source!.status;
    const none = save(':POSTROUTING ACCEPT [0:0]', '-A POSTROUTING -d 10.0.0.0/8 -j MASQUERADE');
    expect(verdict(none, { sport: 4414 })).toBe('clash');
    expect(verdict(none, NODE)).toBe('unknown');
    expect(verdict(save('-A POSTROUTING -j MASQUERADE'), { sport: 4414 })).toBe('rule');
  });

  it('DNAT of kube-proxy by endpoint and port, whichever way chance went', () => {
    const rules = save(
      '-A PREROUTING -j KUBE-SERVICES',
      '-A KUBE-SERVICES -d 172.20.0.10/32 -p tcp -m tcp --dport 80 -j KUBE-SVC-WEB',
      '-A KUBE-SVC-WEB -m statistic --mode random --probability 0.5 -j KUBE-SEP-ONE',
      '-A KUBE-SVC-WEB -j KUBE-SEP-TWO',
      '-A KUBE-SEP-ONE -p tcp -m tcp -j DNAT --to-destination 10.42.9.9:8080',
      '-A KUBE-SEP-TWO -p tcp -m tcp -j DNAT --to-destination 10.42.9.10:8080',
    );
    const to = (dst: string, dport = 8080) =>
      destination(rules, { before: { dst: '172.20.0.10' }, after: { dst, dport } });
    expect(to('10.42.9.9')).toContain('KUBE-SEP-ONE');
    expect(to('10.42.9.10')).toContain('KUBE-SEP-TWO');
    expect(to('10.42.9.10', 9090)).toBeNull();
    expect(to('10.42.9.11')).toBeNull();
  });

  it('NETMAP keeps what its prefix leaves', () => {
    const rules = save('-A POSTROUTING -s 10.42.0.0/16 -j NETMAP --to 203.0.0.0/16');
    expect(source(rules, { after: { src: '203.0.3.21' } })).toContain('NETMAP');
    expect(source(rules, { after: { src: '203.0.3.22' } })).toBeNull();
  });

  it('IPv6 with port', () => {
    const rule = '-A PREROUTING -d 2001:db8::1/128 -p tcp -j DNAT --to-destination [fd00::9]:8080';
    const rules = parseIptables(`# Generated by ip6tables-save v1.8.9\n*nat\n${rule}\nCOMMIT\n`);
    const before = { src: '2001:db8::77', dst: '2001:db8::1' };
    expect(destination(rules, { before, after: { dst: 'fd00::9', dport: 8080 } })).toBe(rule);
    expect(destination(rules, { before, after: { dst: 'fd00::8', dport: 8080 } })).toBeNull();
  });

  it('rules of other tables do not translate', () => {
    const rules = parseIptables('*filter\n-A FORWARD -j DROP\nCOMMIT\n*mangle\n-A POSTROUTING -j ACCEPT\nCOMMIT\n');
    expect(rules.translating).toBe(0);
    expect(judged(rules, { after: NODE }).source!.rule).toBeNull();
  });

  it('iptables -t nat -S says the same, with and without -v', () => {
    const listed = '-P PREROUTING ACCEPT\n-P POSTROUTING ACCEPT\n-N X\n-A POSTROUTING -j X\n';
    const rule = '-A X -o eth0 -j SNAT --to-source 10.42.1.17';
    expect(source(parseIptables(`${listed}${rule}\n`), { after: NODE })).toBe(rule);
    const counted = parseIptables(
      `${listed.replace('-j X', '-c 12 720 -j X')}-A X -o eth0 -c 12 720 -j SNAT --to-source 10.42.1.17\n`,
    );
    expect(judged(counted, { after: NODE }).source!.rule).toMatchObject({ text: rule, packets: 12 });
  });

  it('lines that are none are counted and located', () => {
    const { unread } = parseIptables('*nat\n-A POSTROUTING -j SNAT --to-source 10.42.1.999\nhello\n-A POSTROU');
    expect(unread.first.map(({ line }) => line)).toEqual([2, 3]);
    expect(unread.count).toBe(2);
  });
});

describe('nft', () => {
  it.each([
    ['ip saddr 10.42.3.0/24 counter packets 3 bytes 4 snat to 10.42.1.17', true],
    ['ip saddr != 10.42.3.0/24 snat to 10.42.1.17', false],
    ['ip saddr { 10.9.0.0/16, 10.42.3.21 } snat to 10.42.1.17', true],
    ['ip daddr { 198.51.100.0/24 } return', false],
    ['tcp dport 80-90 snat to 10.42.1.17:1024-65535 fully-random', true],
    ['udp dport 80 snat to 10.42.1.17', false],
    ['udp dport != 53 snat to 10.42.1.17', false],
    ['tcp dport { 80, 443 } snat to 10.42.1.17', true],
    ['meta l4proto tcp oifname "eth0" snat to 10.42.1.17', true],
    ['ip protocol udp snat to 10.42.1.17', false],
    ['ip saddr . tcp dport { 10.42.3.21 . 80 } snat to 10.42.1.17', true],
    ['ip saddr . tcp dport { 10.42.3.21 . 81 } snat to 10.42.1.17', false],
    ['fib daddr type != local masquerade', true],
    ['fib daddr type local masquerade', false],
    ['meta mark & 0x00004000 == 0x00004000 masquerade', false],
    ['meta mark & 0x00004000 != 0x00004000 masquerade random,persistent', true],
    ['tcp dport 80 masquerade to :3000-4000', false],
    ['some thing 7 that nobody knows snat to 10.42.1.17', true],
    ['ip daddr 198.51.100.10 accept', false],
    ['counter packets 5 bytes 6', false],
    ['ip saddr 10.42.3.21 snat to 10.42.1.10-10.42.1.20 persistent comment "not snat to 1.2.3.4"', true],
    ['iifname "eni*" snat ip to 10.42.1.17', true],
    ['meta nfproto ipv6 snat to 10.42.1.17', false],
  ])('%s', (rule, does) => {
    expect(source(nft(rule), { after: NODE }) !== null).toBe(does);
  });

  it('elements of a set over several lines', () => {
    const text = `table inet x {
  set pods {
    type ipv4_addr
    elements = { 10.42.3.20,
           10.42.3.21, 10.42.3.22 }
  }
  chain post { # handle 3
    type nat hook postrouting priority srcnat + 5; policy accept;
    ip saddr @pods masquerade # handle 7
  }
}`;
    const rules = parseNft(text) as Ruleset;
    expect(source(rules, { after: NODE })).toBe('ip saddr @pods masquerade');
    expect(source(rules, { before: { src: '10.42.3.23' }, after: NODE })).toBeNull();
  });

  it('cut off says so, and damaged JSON is none', () => {
    const text = readFileSync(path.join(SIDE_FILES, 'native.nft'), 'utf8');
    expect((parseNft(text) as Ruleset).unread.count).toBe(0);
    expect((parseNft(text.slice(0, 900)) as Ruleset).unread.count).toBe(1);
    const json = readFileSync(path.join(SIDE_FILES, 'native.nft-json'), 'utf8');
    expect(parseNft(json.slice(0, 900))).toMatch(/damaged/);
  });

  it.each(['native.nft', 'native.nft-json', 'node.nft', 'node.iptables-save'])(
    '%s cut anywhere: never a throw',
    (name) => {
      const text = readFileSync(path.join(SIDE_FILES, name), 'utf8');
      const parse = name.includes('nft') ? parseNft : parseIptables;
      for (let length = 0; length < text.length; length += 7) {
        const ruleset = parse(text.slice(0, length));
        if (typeof ruleset !== 'string') judged(ruleset, { after: NODE });
      }
    },
  );
});

describe('what the kernel translated by its own rules', () => {
  const fixture = (name: string): string => readFileSync(path.join(SIDE_FILES, name), 'utf8');
  const read = (name: string): Ruleset => {
    const ruleset = name.includes('nft') ? parseNft(fixture(name)) : parseIptables(fixture(name));
    if (typeof ruleset === 'string') throw new Error(ruleset);
    expect(ruleset.unread.first).toEqual([]);
    return ruleset;
  };
  const verdicts = (rules: Ruleset, entries: string) =>
    parseConntrack(fixture(entries)).entries.map(({ protocol, original, reply }) => {
      const after = reverse(reply);
      return {
        protocol,
        before: original,
        after,
        verdict: judged(rules, { protocol, before: original, after, outKind: 'uplink' }),
      };
    });

  it.each([
    ['node.iptables-save', 'node.entries'],
    ['legacy.iptables-save', 'legacy.entries'],
    ['node.nft', 'node.entries'],
    ['node.nft-handles', 'node.entries'],
  ])('%s: the VPC CNI’s SNAT of all that leaves, kube-proxy’s DNAT of the service', (name, entries) => {
    const told = verdicts(read(name), entries).filter(({ before }) => !before.src.includes(':'));
    expect(told.length).toBeGreaterThan(8);
    for (const { before, after, verdict } of told) {
      if (before.src !== after.src) {
        expect(verdict.source!.rule!.text).toMatch(
          /(-j SNAT --to-source|snat to) 198\.51\.100\.1 (--random-fully|fully-random)/,
        );
        expect(verdict.source!.chains).toEqual(['POSTROUTING', 'AWS-SNAT-CHAIN-0', 'AWS-SNAT-CHAIN-1']);
      }
      if (before.dst === '172.20.0.10') {
        expect(verdict.destination!.rule!.text).toMatch(new RegExp(`198\\.51\\.100\\.10:${after.dport}$`));
        expect(verdict.destination!.chains.slice(0, 3)).toEqual(['PREROUTING', 'KUBE-SERVICES', 'KUBE-SVC-WEB']);
      }
    }
    expect(told.filter(({ before, after }) => before.src !== after.src).length).toBeGreaterThan(8);
    expect(told.filter(({ before }) => before.dst === '172.20.0.10')).toHaveLength(1);
  });

  it('node.ip6tables-save, and what nft shows of it without its target', () => {
    for (const name of ['node.ip6tables-save', 'node.nft', 'node.nft-json']) {
      const told = verdicts(read(name), 'node.entries').filter(({ before }) => before.src.includes(':'));
      expect(told.length).toBeGreaterThan(0);
      for (const { verdict } of told) expect(verdict.source!.rule!.text).toMatch(/fd00:3::\/64/);
    }
  });

  it.each(['native.nft', 'native.nft-handles', 'native.nft-json'])('%s: by protocol and range', (name) => {
    const told = verdicts(read(name), 'native.entries');
    const texts = (of: number): (string | undefined)[] => [
      ...new Set(told.filter(({ protocol }) => protocol === of).map(({ verdict }) => verdict.source?.rule?.text)),
    ];
    const isV6 = /ip6 saddr fd00:3::\/64/;
    const tcp = texts(6).filter((text) => !(text ?? '').includes('ip6 saddr fd00:3::/64'));
    expect(tcp).toEqual([expect.stringMatching(/snat to 198\.51\.100\.1:1024-32767 fully-random$/)]);
    expect(texts(17)).toEqual([expect.stringMatching(/masquerade to :1024-2048$/)]);
    expect(texts(132)).toEqual(['ip saddr @pods masquerade']);
    expect(texts(58)).toEqual([expect.stringMatching(isV6)]);
    const service = told.find(({ before }) => before.dst === '172.20.0.10')!;
    expect(service.verdict.destination!.rule!.text).toMatch(/^ip protocol tcp dnat/);
    expect(service.verdict.destination!.chains).toEqual(['prerouting', 'web']);
  });

  it('counters are those that the kernel counted', () => {
    const [snat] = verdicts(read('node.iptables-save'), 'node.entries')
      .map(({ verdict }) => verdict.source?.rule)
      .filter((rule) => rule !== undefined && rule !== null);
    expect(snat!.packets).toBeGreaterThan(8);
  });
});
