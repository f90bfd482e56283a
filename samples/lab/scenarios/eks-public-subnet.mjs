// A node in a public subnet: SNAT at the node, then the internet gateway maps the node's private address 1:1.
import { address, buildEks, internet, pods, vethPoints, vpc } from '../eks.mjs';
import { awsVpcCni, dropFirstTwoSyns, kubeProxy, oneToOne } from '../rules.mjs';
import { everyday, lostSynPort } from '../traffic/everyday.mjs';
import { translated } from '../truth.mjs';

const veths = vethPoints(pods);

export default {
  ...everyday,
  summary: 'SNAT at the node, 1:1 at the internet gateway, no NAT gateway',
  build: () => buildEks({ subnet: 'public' }),
  rules: {
    node: [
      dropFirstTwoSyns({ address: internet.slow, port: lostSynPort }),
      kubeProxy(),
      awsVpcCni({ nodeAddress: address.node, vpc }),
    ],
    igw: [oneToOne({ device: 'internet', privateAddress: address.node, publicAddress: address.nodePublicIp })],
  },
  points: { ...veths, 'node-eth0.pcap': ['node', 'eth0'], 'internet.pcap': ['internet', 'eth0'] },
  dumps: ['node'],
  truth: [
    translated('node', Object.keys(veths), 'node-eth0.pcap'),
    translated('node', ['pod1-veth.pcap'], 'pod2-veth.pcap'),
    translated('igw', ['node-eth0.pcap'], 'internet.pcap'),
  ],
};
