// Many at once: connections, pods, nodes, queries; and datagrams that nothing tells apart.
import { onLine, server, veth } from '../line.mjs';
import { strangers } from '../truth.mjs';
import { mixed, onePod, startInternet } from '../traffic/mixed.mjs';

const slowAndLossy = { delayMs: [20, 50], loss: 0.05 };
const podsOf = (at) => Object.entries(at).filter(([agent]) => /^pod\d/.test(agent));

/** A few connections first, by which the clocks are known; then the probes, through a wire with a jitter of 30 ms. */
const probes = (summary, send) =>
  onLine({
    summary,
    wires: { middle: { a: { delayMs: [20, 50] }, b: { delayMs: [20, 50] } } },
    async traffic(at) {
      await startInternet(at.internet);
      await at.internet.serveEcho({ addresses: [server.api], port: 9, silent: true });
      await Promise.all(podsOf(at).map(([, pod]) => pod.burst({ to: server.api, connections: 12, exchange: 'get' })));
      await send(at);
    },
  });

export default {
  'crowd-lossy': onLine({
    summary: '2,000 connections at once to one destination; 20 to 50 ms, 5 % lost and much reordered on the way',
    wires: { middle: { a: slowAndLossy, b: slowAndLossy } },
    partners: false,
    async traffic(at) {
      await at.internet.serveHttp({ addresses: [server.api], port: 80 });
      const crowd = { to: server.api, connections: 1000, exchange: 'get' };
      await Promise.all(podsOf(at).map(([, pod]) => pod.burst(crowd)));
    },
  }),

  'many-nodes': onLine({
    summary: 'nine pods on three nodes behind one NAT gateway',
    pods: 9,
    nodes: 3,
    traffic: mixed,
  }),

  'dns-one-name': onLine({
    summary: 'eight pods on two nodes ask for one name at once, again and again, with random ids',
    pods: 8,
    nodes: 2,
    async traffic(at) {
      await startInternet(at.internet);
      const question = { server: server.dns, names: ['shop.example.com'] };
      await Promise.all(podsOf(at).flatMap(([, pod]) => Array.from({ length: 8 }, () => pod.resolve(question))));
    },
  }),

  'identical-probes': probes(
    '200 datagrams at once that differ in nothing but the port (IP id 0 too), from two pods',
    (at) => Promise.all(podsOf(at).map(([, pod]) => pod.knockAlike({ to: server.api, port: 9, count: 100 }))),
  ),
  'probes-with-ids': probes('200 datagrams at once with the same bytes and IP ids of their own, from two pods', (at) =>
    Promise.all(podsOf(at).map(([, pod]) => pod.knock({ to: server.api, port: 9, count: 100 }))),
  ),

  unrelated: onLine({
    summary: 'captures that have nothing in common: one pod, and another node afterwards',
    nodes: 2,
    points: { [veth(1)]: ['node', 'veth1'], 'node2-eth0.pcap': ['node2', 'eth0'] },
    truth: [strangers([veth(1)], 'node2-eth0.pcap')],
    partners: false,
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      await onePod(pod1, 1);
      await onePod(pod2, 2);
    },
  }),

  lookalikes: onLine({
    summary: 'like connections at the same time with the same ports to the same servers, captured at different nodes',
    nodes: 2,
    nodeRules: null,
    points: { [veth(1)]: ['node', 'veth1'], 'node2-eth0.pcap': ['node2', 'eth0'] },
    truth: [strangers([veth(1)], 'node2-eth0.pcap')],
    partners: false,
    async traffic(at) {
      await startInternet(at.internet);
      const ports = Array.from({ length: 10 }, (_, i) => 42000 + i);
      await Promise.all(
        podsOf(at).flatMap(([, pod], n) => [
          ...ports.map((from) => pod.get({ to: server.shop, from })),
          ...ports.map((from) => pod.probe({ to: server.api, from })),
          ...ports.map((from) => pod.resolve({ server: server.dns, names: ['shop.example.com'], from })),
          pod.knock({ to: server.shop, port: 7, count: 3 }),
          pod.ping({ to: server.shop, id: 4242, count: 4 }),
          onePod(pod, n),
        ]),
      );
    },
  }),
};
