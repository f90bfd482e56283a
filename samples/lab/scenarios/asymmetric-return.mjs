// The pods keep their addresses (external SNAT), and the VPC routes those to the node's second interface. What comes back there fails the
// reverse path check and is dropped: the pods send SYN after SYN, the servers SYN-ACK after SYN-ACK.
import { setTimeout as pause } from 'node:timers/promises';
import { buildEks, internet, pods } from '../eks.mjs';
import { failing } from '../failing.mjs';
import { kubeProxy } from '../rules.mjs';
import { walk } from '../traffic/everyday.mjs';
import natGatewayScenario from './eks-nat-gateway.mjs';
import { unchanged } from '../truth.mjs';

const { shop, api } = internet;
const second = '10.42.1.18';
const port = { lost: [43901, 43902] };

/** The path with a second interface at the node, by which packets to the pods come; `strict`: the reverse path is checked there. */
export const twoInterfaces = async (strict) => {
  const lab = await buildEks({ subnet: 'private' });
  const [node, router] = [lab.host('node'), lab.host('router')];
  lab.link(node, 'eth1', router, 'to-node-eth1');
  router.ip('link set to-node-eth1 master nodes');
  node.ip(`addr add ${second}/24 dev eth1`);
  node.sysctl({ 'ipv4/conf/all/arp_ignore': 1, 'ipv4/conf/eth1/rp_filter': strict ? 1 : 0 });
  // The address of eth1 need not be asked for: the reverse path check would keep eth1 from answering ARP too.
  router.ip(`neigh add ${second} lladdr ${node.macOf('eth1')} dev nodes nud permanent`);
  for (const { address } of Object.values(pods)) router.ip(`route replace ${address}/32 via ${second}`);
  return lab;
};

export default failing({
  summary: 'replies come by another interface of the node and are dropped there',
  build: () => twoInterfaces(true),
  rules: { node: [kubeProxy()] },
  points: { ...natGatewayScenario.points, 'node-eth1.pcap': ['node', 'eth1'] },
  truth: [...natGatewayScenario.truth, unchanged('node-eth1.pcap', 'nat-inside.pcap')],
  finding: {
    code: 'asymmetric-return',
    from: 'nat-inside.pcap',
    to: 'node-eth0.pcap',
    what: 'the VPC sends what is for the pods to eth1 of the node, where rp_filter=1 drops it',
    never: ['snat-ports-exhausted', 'snat-port-race', 'idle-timeout'],
  },
  async traffic({ pod1, pod2, pod3 }) {
    const lost = [
      pod1.talk({ to: shop, from: port.lost[0], requests: 1, patienceMs: 4500 }),
      pod2.talk({ to: api, from: port.lost[1], requests: 1, patienceMs: 4500 }),
      pod3.talk({ to: api, requests: 1, patienceMs: 4500 }),
    ];
    const outcomes = await Promise.all(lost);
    if (outcomes.some((outcome) => outcome !== 'silent')) throw new Error(`came back: ${outcomes}`);
    await pause(300);
  },
  walks: [
    walk('The replies do not come to eth0:', 'tcp', 'pod1', port.lost[0], `${shop}:80`),
    walk('The same to another server:', 'tcp', 'pod2', port.lost[1], `${api}:80`),
  ],
});
