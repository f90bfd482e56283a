// The capture at the node's eth0 was made with a filter that names a pod's address. Behind the SNAT nothing has that address: the
// file is empty, and that says nothing about the traffic.
import { internet, pods, vethPoints } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';
import { translated } from '../truth.mjs';
import natGatewayScenario from './eks-nat-gateway.mjs';

const { shop } = internet;
const port = 44301;

export default failing({
  summary: "a capture at the node's eth0 with a filter that cannot match behind SNAT",
  points: {
    ...natGatewayScenario.points,
    'node-eth0.pcap': ['node', 'eth0', { filter: `host ${pods.pod1.address}` }],
  },
  truth: [
    translated('node', Object.keys(vethPoints(pods)), 'nat-inside.pcap'),
    translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
    translated('igw', ['nat-outside.pcap'], 'internet.pcap'),
  ],
  finding: {
    code: 'point-sees-nothing',
    from: 'node-eth0.pcap',
    to: null,
    what: 'the capture at eth0 was filtered by the address of pod1, which SNAT has replaced there',
    never: ['packet-loss', 'syn-unanswered', 'snat-ports-exhausted'],
  },
  async traffic({ pod1, pod2 }) {
    await Promise.all([
      wellBehaved({ pod1, pod2 }),
      pod1.get({ to: shop, from: port }),
      pod1.burst({ to: shop, connections: 10, exchange: 'get' }),
    ]);
  },
  walks: [walk('A request of pod1, unseen at eth0:', 'tcp', 'pod1', port, `${shop}:80`)],
});
