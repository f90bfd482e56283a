// Pods of two nodes that meet in an overlay: VXLAN by the kernel. The inner packets are what is followed.
import { node, nodeName, onLine, pod, server, veth } from '../line.mjs';
import { onePod, startInternet } from '../traffic/mixed.mjs';
import { translated, unchanged } from '../truth.mjs';

const vni = 7;
const overlay = (k) => `10.244.${k}.1`;

export default {
  vxlan: onLine({
    summary: 'pod to pod over VXLAN between two nodes, and out to the internet beside it',
    nodes: 2,
    setUp(lab) {
      for (const [k, other] of [
        [1, 2],
        [2, 1],
      ]) {
        const host = lab.host(nodeName(k));
        host.ip(
          `link add vxlan0 type vxlan id ${vni} dstport 4789 local ${node(k)} remote ${node(other)} dev eth0`,
          `addr add ${overlay(k)}/16 dev vxlan0`,
          'link set vxlan0 up',
          `route add ${pod(other)}/32 via ${overlay(other)}`,
        );
      }
    },
    partners: false,
    truth: [
      unchanged(veth(1), 'node-eth0.pcap'),
      unchanged('node-eth0.pcap', 'node2-eth0.pcap'),
      unchanged('node2-eth0.pcap', veth(2)),
      unchanged(veth(1), veth(2)),
      translated('node', [veth(1)], 'node-eth0.pcap'),
      translated('node2', [veth(2)], 'node2-eth0.pcap'),
      unchanged('node-eth0.pcap', 'nat-inside.pcap'),
      unchanged('node2-eth0.pcap', 'nat-inside.pcap'),
      translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
    ],
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      await pod2.serveHttp({ addresses: [pod(2)], port: 8080 });
      await pod2.serveEcho({ addresses: [pod(2)] });
      await Promise.all([
        pod1.burst({ to: pod(2), port: 8080, connections: 10, exchange: 'get' }),
        pod1.get({ to: pod(2), port: 8080, path: '/lines/20500' }),
        pod1.echo({ to: pod(2), sizes: [100, 200] }),
        pod1.ping({ to: pod(2), id: 4242, count: 3 }),
        pod2.get({ to: server.shop }),
        onePod(pod1, 1),
      ]);
    },
  }),
};
