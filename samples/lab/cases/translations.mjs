// Translations other than a pod's way out: the samples have those, and services.
import { gateway, onLine, pod } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { translated, unchanged } from '../truth.mjs';

const forwarded = { plain: 8080, hidden: 8081 };
const inside = ['pod1-veth.pcap', 'pod2-veth.pcap', 'node-eth0.pcap', 'nat-inside.pcap'];
const toPod = (port, n) =>
  `-A PREROUTING -d ${gateway.outside}/32 -p tcp -m tcp --dport ${port} -j DNAT --to-destination ${pod(n)}:80`;

export default {
  'port-forward': onLine({
    summary: 'from outside to a pod: DNAT, DNAT with SNAT, and a hairpin of a pod through the public address',
    nodeRules: null,
    natRules: [
      {
        nat: [
          toPod(forwarded.plain, 1),
          toPod(forwarded.hidden, 2),
          `-A POSTROUTING -o eth0 -d ${pod(2)}/32 -p tcp -m tcp --dport 80 -j MASQUERADE --random-fully`,
          `-A POSTROUTING -o eth0 -s 10.42.3.0/24 -j MASQUERADE`,
        ],
      },
      sourceNat({ device: 'eth1', address: gateway.outside }),
    ],
    partners: false,
    // A hairpin passes every point inside twice, and from outside it is one translation to all of them.
    truth: inside.flatMap((point, i) => [
      ...inside.slice(i + 1).map((other) => unchanged(point, other)),
      translated('nat', [...inside, 'nat-outside.pcap'], point),
    ]),
    async traffic({ pod1, pod2, internet }) {
      await pod1.serveHttp({ addresses: [pod(1)], port: 80 });
      await pod2.serveHttp({ addresses: [pod(2)], port: 80 });
      const to = gateway.outside;
      await Promise.all([
        internet.burst({ to, port: forwarded.plain, connections: 10, exchange: 'get' }),
        internet.burst({ to, port: forwarded.hidden, connections: 10, exchange: 'get' }),
        internet.burst({ to, port: forwarded.plain, connections: 5, exchange: 'probe' }),
        pod2.burst({ to, port: forwarded.plain, connections: 5, exchange: 'get' }),
      ]);
    },
  }),
};
