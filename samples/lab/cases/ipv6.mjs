// IPv6: as it is, translated by a table, translated without state, and to IPv4.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gateway, onLine, server, six, veths } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { mapped, translated, unchanged } from '../truth.mjs';
import { startInternet } from '../traffic/mixed.mjs';

/** The traffic of a pod to one IPv6 address. */
const visits = (pod, n, to) =>
  Promise.all([
    pod.burst({ to, connections: 10, exchange: 'get' }),
    pod.burst({ to, connections: 5, exchange: 'probe' }),
    pod.get({ to, from: 41000 }),
    pod.get({ to, path: '/lines/20500' }),
    pod.echo({ to, sizes: [100, 300, 100] }),
    pod.ping({ to, id: 4242, count: 3 }),
    pod.ping({ to, id: 4000 + n, count: 2, size: 600 }),
  ]);

async function traffic({ pod1, pod2, internet }) {
  await internet.serveHttp({ addresses: [six.shop], port: 80 });
  await internet.serveEcho({ addresses: [six.shop] });
  await Promise.all([pod1, pod2].map((pod, i) => visits(pod, i + 1, six.shop)));
}

const onSix = (summary, own) => onLine({ summary, ipv6: true, nodeRules: null, natRules: null, traffic, ...own });
const inside = [
  ...veths(2).map((point) => unchanged(point, 'node-eth0.pcap')),
  unchanged('node-eth0.pcap', 'nat-inside.pcap'),
];
const outsidePrefix = '2001:db8:78::/64';
const ip6tables = (lab, ...rules) => rules.forEach((rule) => lab.host('nat').run('ip6tables', rule.split(' ')));
const routeBack = (lab) => lab.host('internet').ip(`route add ${outsidePrefix} via ${six.outside}`);

/**
 * RFC 6296: the prefix changes and a word of the interface identifier takes up the difference, so that checksums hold. For
 * prefixes of 64 bits it is the first word that is not 0xffff.
 */
function prefixTranslated(address, from, to) {
  const words = (text) => {
    const [head, tail] = text
      .replace(/\/.*/, '')
      .split('::')
      .map((part) => part.split(':').filter(Boolean));
    const all = tail ? [...head, ...Array(8 - head.length - tail.length).fill('0'), ...tail] : head;
    return all.map((word) => parseInt(word, 16));
  };
  const fold = (sum) => (sum > 0xffff ? fold((sum & 0xffff) + (sum >>> 16)) : sum);
  const sum = (prefix) =>
    fold(
      words(prefix)
        .slice(0, 4)
        .reduce((a, b) => a + b),
    );
  const result = [...words(to).slice(0, 4), ...words(address).slice(4)];
  const adjusted = fold(result[4] + sum(from) + (~sum(to) & 0xffff));
  result[4] = adjusted === 0xffff ? 0 : adjusted;
  const url = new URL(`http://[${result.map((word) => word.toString(16)).join(':')}]/`);
  return url.hostname.slice(1, -1);
}

// tayga: IPv6 to IPv4 without state, in user space; then SNAT by the kernel.
const sixToFour = { prefix: '2001:db8:64::', pool: '192.168.64', own: '192.168.64.1' };
const fourOf = (n) => `${sixToFour.pool}.${20 + n}`;
/** 2001:db8:64::198.51.100.10, as the pods write it. */
const embedded = (address) => {
  const [a, b, c, d] = address.split('.').map(Number);
  return `${sixToFour.prefix}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`;
};

async function startTayga(lab) {
  const nat = lab.host('nat');
  const config = [
    'tun-device nat64',
    `ipv4-addr ${sixToFour.own}`,
    `prefix ${sixToFour.prefix}/96`,
    ...[1, 2].map((n) => `map ${fourOf(n)} ${six.pod(n)}`),
  ].join('\n');
  const file = path.join(os.tmpdir(), `snatscope-tayga-${process.pid}.conf`);
  fs.writeFileSync(file, config);
  process.on('exit', () => fs.rmSync(file, { force: true }));
  nat.run('tayga', ['-c', file, '--mktun']);
  nat.ip(
    'link set nat64 up',
    `route add ${sixToFour.pool}.0/24 dev nat64`,
    `route add ${sixToFour.prefix}/96 dev nat64`,
  );
  const tayga = nat.start('tayga', ['-c', file, '-d'], { stdio: 'ignore' });
  while (!nat.run('ip', ['link', 'show', 'nat64']).includes('LOWER_UP')) {
    if (tayga.exitCode !== null) throw new Error('tayga did not start');
    await pause(20);
  }
}

/** A leg beyond the translator as it is before it: the pod's own address, the server's within the prefix. */
const seenAsSix = ({ proto, flow }) => ({
  proto: proto === 'icmp' ? 'icmpv6' : proto,
  flow: flow
    .split('>')
    .map((end) => {
      const [, address, port] = /^(.*):(\d+)$/.exec(end);
      const n = [1, 2].find((k) => fourOf(k) === address);
      return `${n ? six.pod(n) : embedded(address)}:${port}`;
    })
    .join('>'),
});

export default {
  'ipv6-plain': onSix('IPv6 without translation', {}),
  'ipv6-netmap': onSix('IPv6 with prefixes translated by conntrack (NETMAP)', {
    needs: ['ip6tables'],
    natRules: [],
    setUp(lab) {
      ip6tables(lab, `-t nat -A POSTROUTING -o eth1 -s ${six.prefix} -j NETMAP --to ${outsidePrefix}`);
      routeBack(lab);
    },
  }),
  nptv6: onSix('NPTv6 (RFC 6296): prefixes translated without state', {
    needs: ['ip6tables'],
    setUp(lab) {
      const both = `--src-pfx FROM --dst-pfx TO`;
      const rule = (from, to) => both.replace('FROM', from).replace('TO', to);
      ip6tables(
        lab,
        `-t mangle -A POSTROUTING -o eth1 -s ${six.prefix} -j SNPT ${rule(six.prefix, outsidePrefix)}`,
        `-t mangle -A PREROUTING -i eth1 -d ${outsidePrefix} -j DNPT ${rule(outsidePrefix, six.prefix)}`,
      );
      routeBack(lab);
    },
    truth: [
      ...inside,
      mapped(
        ({ proto, flow }) => ({
          proto,
          flow: [1, 2].reduce(
            (text, n) => text.replace(`${six.pod(n)}:`, `${prefixTranslated(six.pod(n), six.prefix, outsidePrefix)}:`),
            flow,
          ),
        }),
        ['nat-inside.pcap'],
        'nat-outside.pcap',
      ),
    ],
  }),
  nat64: onSix('NAT64: tayga with a prefix of its own, then SNAT of the IPv4 that it makes', {
    needs: ['tayga'],
    natRules: [sourceNat({ device: 'eth1', address: gateway.outside, how: '--random-fully' })],
    setUp: startTayga,
    partners: false,
    truth: [...inside, translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap', seenAsSix)],
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      await Promise.all([pod1, pod2].map((pod, i) => visits(pod, i + 1, embedded(server.shop))));
    },
  }),
};
