// Tuples that stand for several connections one after the other, and connections that have several tuples.
import { setTimeout as pause } from 'node:timers/promises';
import { gateway, node, onLine, pod, server, veths } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { startInternet } from '../traffic/mixed.mjs';
import { unchanged } from '../truth.mjs';

const inner = { device: 'eth0', address: node() };
const outer = { device: 'eth1', address: gateway.outside };

/** One source port of a pod used again after a RST, another after a FIN (the server keeps TIME_WAIT), the pods alike. */
async function again({ pod1, pod2, internet }) {
  await startInternet(internet);
  const times = { times: 4, pauseMs: 150, to: server.shop };
  await Promise.all(
    [pod1, pod2].flatMap((pod) => [
      pod.reuse({ ...times, from: 45678, end: 'reset' }),
      pod.reuse({ ...times, from: 45679, end: 'close' }),
    ]),
  );
}

/** Entries of this box end after a second without a packet. */
const forgetful = (lab, box, loose) =>
  lab.host(box).sysctl({
    'netfilter/nf_conntrack_tcp_timeout_established': 1,
    'netfilter/nf_conntrack_udp_timeout': 1,
    'netfilter/nf_conntrack_udp_timeout_stream': 1,
    'netfilter/nf_conntrack_tcp_loose': loose,
  });

const usesOf = (flow, events) => events.filter(({ before }) => before.flow === flow);
const remapped = (events) =>
  events.some(({ before, after }) =>
    usesOf(before.flow, events).some((other) => other.after.flow !== after.flow && before.proto === 'tcp'),
  );

const leaking = onLine({
  summary: 'packets without an entry (INVALID) leave the node with the pod address, beside translated ones',
  setUp(lab) {
    forgetful(lab, 'node', 0);
    lab.host('internet').ip(`route add ${node()}/32 via ${gateway.outside}`);
  },
  natRules: null,
  partners: false,
  sequence: false,
  async traffic({ pod1, pod2, internet }) {
    await startInternet(internet);
    const idle = { to: server.shop, requests: 2, pauseMs: 2500, patienceMs: 4000 };
    await Promise.all([
      pod1.talk(idle),
      pod2.talk(idle),
      pause(1000).then(() => pod1.burst({ to: server.api, connections: 10, exchange: 'get' })),
      pause(1000).then(() => pod2.get({ to: server.shop })),
    ]);
  },
  shows: {
    'no packet left untranslated': ({ legsOf }) =>
      [...legsOf('node-eth0.pcap').keys()].some((key) => key.includes(pod(1))),
  },
});

export default {
  'again-other-port': onLine({
    summary: 'a source port used again within a second, after RST and after FIN: each use has another outer port',
    traffic: again,
  }),
  'again-same-port': onLine({
    summary: 'the same with ports kept: the outer tuple is used again too',
    nodeRules: [sourceNat(inner)],
    natRules: [sourceNat(outer)],
    traffic: again,
  }),

  'idle-remap': onLine({
    summary: 'connections that the gateway forgot while they were idle: they go on with another outer port',
    setUp: (lab) => forgetful(lab, 'nat', 1),
    sequence: false,
    shows: { 'no connection was remapped': ({ eventsOf }) => remapped(eventsOf('nat')) },
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      const idle = { to: server.shop, requests: 2, pauseMs: 3000, patienceMs: 8000 };
      await Promise.all([
        pod1.talk(idle),
        pod1.talk(idle),
        pod2.talk(idle),
        pod1.echo({ to: server.shop, sizes: [80, 90, 100], pauseMs: 3000 }),
        pod2.echo({ to: server.shop, sizes: [80, 90, 100], pauseMs: 3000 }),
        pod2.burst({ to: server.api, connections: 10, exchange: 'get' }),
      ]);
    },
  }),

  'invalid-untranslated': {
    ...leaking,
    truth: [...leaking.truth, ...veths(2).map((point) => unchanged(point, 'node-eth0.pcap'))],
  },
};
