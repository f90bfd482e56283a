// kube-proxy's services: a ClusterIP becomes an endpoint at the node (DNAT). The endpoint is on another node, on the same
// node, the asking pod itself (a hairpin: DNAT and SNAT, seen twice at one veth), or a public address (DNAT and SNAT at
// the node, then the NAT gateway).
import { setTimeout as pause } from 'node:timers/promises';
import { address, buildEks, internet, pods, vethPoints, vpc } from '../eks.mjs';
import { awsVpcCni, dropFirstTwoSyns, kubeProxy } from '../rules.mjs';
import { echoId, lostSynPort, port, startServers, walk } from '../traffic/everyday.mjs';
import { translated, unchanged } from '../truth.mjs';
import natGatewayScenario from './eks-nat-gateway.mjs';

const podsHere = {
  ...pods,
  pod3: { address: '10.42.3.53', name: 'kube-system/coredns-a', on: 'node' },
  coredns2: { address: '10.42.4.53', name: 'kube-system/coredns-b', on: 'node2' },
  search1: { address: '10.42.4.33', name: 'shop/search-a', on: 'node2' },
  search2: { address: '10.42.4.34', name: 'shop/search-b', on: 'node2' },
};
const { pod1, pod2, pod3, coredns2, search1, search2 } = podsHere;

const service = {
  dns: '172.20.0.10',
  search: '172.20.61.18',
  cart: '172.20.90.4',
  payments: '172.20.77.9',
  legacy: '172.20.55.5',
};
const tcp = (name, clusterIp, servicePort, endpoints) => ({
  name,
  protocol: 'tcp',
  address: clusterIp,
  port: servicePort,
  endpoints,
});
const services = [
  {
    name: 'kube-system/kube-dns:dns',
    protocol: 'udp',
    address: service.dns,
    port: 53,
    endpoints: [`${pod3.address}:53`, `${coredns2.address}:53`],
  },
  tcp('shop/search:http', service.search, 80, [`${search1.address}:8080`, `${search2.address}:8080`]),
  tcp('shop/cart:http', service.cart, 80, [`${pod2.address}:8080`]),
  tcp('shop/payments:http', service.payments, 80, [`${internet.api}:80`, `${internet.mirror}:80`]),
  tcp('shop/legacy:http', service.legacy, 80, [`${internet.shop}:81`]),
  tcp('shop/legacy:https', service.legacy, 443, [`${internet.slow}:${lostSynPort}`]),
];

const hairpinPort = 42090;
const veths = vethPoints({ pod1, pod2, pod3 });

export default {
  ...natGatewayScenario,
  summary: 'services: DNAT to another node, to the same node, to oneself and to a public endpoint (with SNAT)',
  build: () => buildEks({ subnet: 'private', morePods: podsHere }),
  rules: {
    ...natGatewayScenario.rules,
    node: [
      dropFirstTwoSyns({ address: internet.slow, port: lostSynPort }),
      kubeProxy(services),
      awsVpcCni({ nodeAddress: address.node, vpc }),
    ],
  },
  points: { ...natGatewayScenario.points, ...veths },
  truth: [
    translated('node', ['pod1-veth.pcap', 'pod2-veth.pcap'], 'node-eth0.pcap'),
    translated('node', ['pod1-veth.pcap', 'pod2-veth.pcap'], 'pod3-veth.pcap'),
    translated('node', ['pod1-veth.pcap', 'pod2-veth.pcap'], 'pod2-veth.pcap'),
    unchanged('node-eth0.pcap', 'nat-inside.pcap'),
    translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
    translated('igw', ['nat-outside.pcap'], 'internet.pcap'),
  ],
  agents: ['pod1', 'pod2', 'pod3', 'coredns2', 'search1', 'search2', 'vpchost', 'internet'],
  traffic,
  walks: [
    walk(
      'A request of pod1 to a service, answered by a pod of another node:',
      'tcp',
      'pod1',
      port.hello,
      `${service.search}:80`,
    ),
    walk('A longer answer to pod2 from a public endpoint:', 'tcp', 'pod2', port.large, `${service.payments}:80`),
    walk('The same source port to the same service in pod1 …', 'tcp', 'pod1', port.twin[0], `${service.payments}:80`),
    walk('… and in pod2:', 'tcp', 'pod2', port.twin[0], `${service.payments}:80`),
    walk('pod2 reaches itself through its service (a hairpin):', 'tcp', 'pod2', hairpinPort, `${service.cart}:80`),
    walk('pod1 reaches pod2 through the same service:', 'tcp', 'pod1', port.podToPod, `${service.cart}:80`),
    walk('A DNS query of pod1 …', 'udp', 'pod1', port.twinDns, `${service.dns}:53`),
    walk('… and one of pod2 from the same port:', 'udp', 'pod2', port.twinDns, `${service.dns}:53`),
    walk('Refused by a public endpoint:', 'tcp', 'pod2', port.refused, `${service.legacy}:80`),
    walk('One source port used four times:', 'tcp', 'pod1', port.again, `${service.payments}:80`),
    walk('The first two SYNs lost in the node:', 'tcp', 'pod1', port.lostSyns, `${service.legacy}:443`),
    walk('Without a service, into the VPC:', 'tcp', 'pod1', port.inVpc, `${address.vpchost}:80`),
    walk('Ping with the same ICMP id in pod1 …', 'icmp', 'pod1', echoId.shared, `${internet.shop}:${echoId.shared}`),
    walk('… and in pod2:', 'icmp', 'pod2', echoId.shared, `${internet.shop}:${echoId.shared}`),
  ],
};

async function traffic(at) {
  await startServers(at);
  await at.pod3.serveDns({ addresses: [pod3.address] });
  await at.coredns2.serveDns({ addresses: [coredns2.address] });
  await at.search1.serveHttp({ addresses: [search1.address], port: 8080 });
  await at.search2.serveHttp({ addresses: [search2.address], port: 8080 });

  const dnsNames = ['search.shop.svc.cluster.local', 'api.example.net', 'nowhere.example.com'];

  // Each call has a socket of its own, so it is balanced anew: 10 calls use both endpoints all but surely.
  for (let i = 0; i < 5; i++) {
    await Promise.all([at.pod1, at.pod2].map((pod) => pod.resolve({ server: service.dns, names: dnsNames })));
  }
  await at.pod1.resolve({ server: internet.dns[0], names: dnsNames.slice(1) });
  await Promise.all([
    at.pod1.resolve({ server: service.dns, names: ['api.example.net'], from: port.twinDns }),
    at.pod2.resolve({ server: service.dns, names: ['api.example.net'], from: port.twinDns }),
  ]);

  await at.pod1.get({ to: service.search, from: port.hello });
  // Only now: every point has seen packets before, so that what it then does not see was lost. Takes two seconds.
  const lostSyns = at.pod1.get({ to: service.legacy, port: 443, from: port.lostSyns });
  await at.pod2.get({ to: service.payments, path: '/lines/20500', from: port.large });
  await at.pod2.get({ to: service.cart, from: hairpinPort });
  await at.pod1.get({ to: service.cart, from: port.podToPod });
  await at.pod2.refused({ to: service.legacy, from: port.refused });

  await Promise.all([
    at.pod1.burst({ to: service.search, connections: 24, exchange: 'get' }),
    at.pod2.burst({ to: service.payments, connections: 20, exchange: 'get' }),
  ]);
  for (const to of [service.payments, service.search]) {
    await Promise.all(port.twin.flatMap((from) => [at.pod1.get({ to, from }), at.pod2.get({ to, from })]));
  }
  await at.pod1.reuse({ to: service.payments, from: port.again, times: 4, pauseMs: 150 });

  await Promise.all([
    at.pod1.ping({ to: internet.shop, id: echoId.shared, count: 3 }),
    at.pod2.ping({ to: internet.shop, id: echoId.shared, count: 3 }),
  ]);
  await at.pod1.get({ to: address.vpchost, from: port.inVpc });
  await at.pod2.ping({ to: search1.address, id: echoId.shared, count: 2 });

  await lostSyns;
  await pause(300);
}
