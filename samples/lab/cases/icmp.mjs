// ICMP errors and what they quote, fragments, and a 1:1 box without state.
import { onLine, pod, server } from '../line.mjs';
import { mapped, unchanged } from '../truth.mjs';
import { startInternet } from '../traffic/mixed.mjs';

const closedPort = 9999;
const publicOf = (n) => `203.0.113.${100 + n}`;

/** Errors of every sender: the destination, the gateway (TTL), both boxes (packets too long for the next wire). */
async function errors({ pod1, pod2, internet }) {
  await startInternet(internet);
  await Promise.all(
    [pod1, pod2].flatMap((pod, i) => [
      pod.knock({ to: server.shop, port: closedPort, count: 3, text: `nobody listens, pod ${i + 1}` }),
      pod.ping({ to: server.shop, id: 4242, count: 2, ttl: 2 }),
      pod.ping({ to: server.shop, id: 4243, count: 2 }),
      pod.get({ to: server.shop, path: '/lines/60000' }),
      pod.upload({ to: server.api, bytes: 60_000 }),
    ]),
  );
}

const swapAddress = ({ proto, flow }) => {
  const swapped = [1, 2].reduce((text, n) => text.replace(`${pod(n)}:`, `${publicOf(n)}:`), flow);
  return { proto, flow: swapped };
};
const stateless = onLine({
  needs: ['nft'],
  summary: 'a stateless 1:1 at the gateway: addresses change, ports do not, quoted headers in ICMP errors neither',
  nodeRules: null,
  natRules: null,
  setUp(lab) {
    const rules = [1, 2].flatMap((n) => [
      `add rule ip one2one in iifname eth1 ip daddr ${publicOf(n)} notrack ip daddr set ${pod(n)}`,
      `add rule ip one2one out oifname eth1 ip saddr ${pod(n)} ip saddr set ${publicOf(n)}`,
    ]);
    const table = [
      'add table ip one2one',
      'add chain ip one2one in { type filter hook prerouting priority -300; }',
      'add chain ip one2one out { type filter hook postrouting priority 300; }',
      'add rule ip one2one in iifname eth0 notrack',
      ...rules,
    ];
    lab.host('nat').run('nft', ['-f', '-'], { input: table.join('\n') + '\n' });
    lab.host('nat').ip(...[1, 2].map((n) => `addr add ${publicOf(n)}/32 dev lo`));
  },
  async traffic({ pod1, pod2, internet }) {
    await startInternet(internet);
    await Promise.all(
      [pod1, pod2].flatMap((pod, i) => [
        pod.knock({ to: server.shop, port: closedPort, count: 3, text: `nobody listens, pod ${i + 1}` }),
        pod.ping({ to: server.shop, id: 4243, count: 3 }),
        pod.burst({ to: server.shop, connections: 8, exchange: 'get' }),
        pod.resolve({ server: server.dns, names: ['shop.example.com'] }),
        pod.echo({ to: server.shop, sizes: [100, 200] }),
      ]),
    );
  },
});

export default {
  'icmp-errors': onLine({
    summary: 'port unreachable, TTL exceeded, fragmentation needed: quoted headers are translated with the rest',
    setUp: (lab) => {
      for (const box of ['node', 'nat']) lab.host(box).ip('link set eth0 mtu 1300');
    },
    partners: false,
    traffic: errors,
  }),

  'one-to-one-stateless': {
    ...stateless,
    truth: [
      unchanged('pod1-veth.pcap', 'node-eth0.pcap'),
      unchanged('pod2-veth.pcap', 'node-eth0.pcap'),
      unchanged('node-eth0.pcap', 'nat-inside.pcap'),
      mapped(swapAddress, ['nat-inside.pcap'], 'nat-outside.pcap'),
    ],
  },

  fragments: onLine({
    summary: 'datagrams and pings longer than the MTU, in fragments both ways',
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      await Promise.all(
        [pod1, pod2].flatMap((pod) => [
          pod.echo({ to: server.shop, sizes: [3000, 5000, 100, 2000] }),
          pod.echo({ to: server.shop, sizes: [4000] }),
          pod.ping({ to: server.shop, id: 4242, count: 3, size: 4000 }),
          pod.burst({ to: server.shop, connections: 3, exchange: 'get' }),
        ]),
      );
    },
  }),
};
