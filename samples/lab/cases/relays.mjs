// What ends a connection and begins another: proxies, relays, forwarders. Equal bytes on both sides, and no translation.
import { gateway, onLine, server, veths } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { startInternet } from '../traffic/mixed.mjs';
import { strangers, translated, unchanged } from '../truth.mjs';

const before = [translated('node', veths(2), 'node-eth0.pcap'), unchanged('node-eth0.pcap', 'nat-inside.pcap')];
const across = strangers([...veths(2), 'node-eth0.pcap', 'nat-inside.pcap'], 'nat-outside.pcap');

/** The gateway answers for others and asks anew; the pods speak to it. */
const atGateway = (summary, traffic) =>
  onLine({
    summary,
    natRules: null,
    truth: [...before, across],
    partners: false,
    agents: ['pod1', 'pod2', 'nat', 'internet'],
    async traffic(at) {
      await startInternet(at.internet);
      await traffic(at);
    },
  });
const proxy = { to: gateway.inside, port: 3128 };
const bothPods = ({ pod1, pod2 }, ask) => Promise.all([pod1, pod2].flatMap((pod) => ask(pod)));

export default {
  'http-proxy': atGateway('an HTTP proxy at the gateway: it reads requests and makes its own', async (at) => {
    await at.nat.proxyHttp({ address: gateway.inside, port: proxy.port, to: server.shop });
    await bothPods(at, (pod) => [
      pod.burst({ ...proxy, connections: 10, exchange: 'get' }),
      pod.get({ ...proxy, path: '/lines/20500' }),
    ]);
  }),
  'byte-relay': atGateway(
    'a relay at the gateway that copies bytes: TCP, and UDP from a socket of its own',
    async (at) => {
      await at.nat.relayTcp({ address: gateway.inside, port: proxy.port, to: server.shop, toPort: 80 });
      await at.nat.relayUdp({ address: gateway.inside, port: 7, to: server.shop });
      await bothPods(at, (pod) => [
        pod.burst({ ...proxy, connections: 10, exchange: 'get' }),
        pod.echo({ to: gateway.inside, sizes: [100, 200, 300] }),
      ]);
    },
  ),
  'dns-forwarder': atGateway('a DNS forwarder at the gateway that keeps the ids of queries', async (at) => {
    await at.nat.relayUdp({ address: gateway.inside, port: 53, to: server.dns });
    const question = { server: gateway.inside, names: ['shop.example.com', 'api.example.net'] };
    await bothPods(at, (pod) => [pod.resolve(question), pod.resolve(question), pod.resolve(question)]);
  }),
  synproxy: onLine({
    summary: 'SYNPROXY at the gateway: it answers SYNs itself and draws the sequence number of the server anew',
    natRules: [
      {
        raw: ['-A PREROUTING -i eth0 -p tcp -m tcp --syn -j CT --notrack'],
        filter: [
          '-A FORWARD -i eth0 -p tcp -m conntrack --ctstate INVALID,UNTRACKED -j SYNPROXY --sack-perm --timestamp --wscale 7 --mss 1460',
          '-A FORWARD -m conntrack --ctstate INVALID -j DROP',
        ],
      },
      sourceNat({ device: 'eth1', address: gateway.outside }),
    ],
    setUp: (lab) => lab.host('nat').sysctl({ 'netfilter/nf_conntrack_tcp_loose': 0, 'ipv4/tcp_timestamps': 1 }),
    truth: [...before, across],
    partners: false,
    sequence: false,
    async traffic(at) {
      await startInternet(at.internet);
      await bothPods(at, (pod) => [pod.burst({ to: server.shop, connections: 10, exchange: 'get' })]);
    },
  }),
};
