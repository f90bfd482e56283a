// A private subnet with the VPC CNI's defaults: SNAT at the node, SNAT at the NAT gateway, 1:1 at the internet gateway.
import { address, buildEks, internet, pods, vethPoints, vpc } from '../eks.mjs';
import { awsVpcCni, dropFirstTwoSyns, kubeProxy, oneToOne, sourceNat } from '../rules.mjs';
import { everyday, lostSynPort } from '../traffic/everyday.mjs';
import { translated, unchanged } from '../truth.mjs';

const veths = vethPoints(pods);

export default {
  ...everyday,
  summary: 'SNAT at the node and at the NAT gateway, 1:1 at the internet gateway',
  build: () => buildEks({ subnet: 'private' }),
  rules: {
    node: [
      dropFirstTwoSyns({ address: internet.slow, port: lostSynPort }),
      kubeProxy(),
      awsVpcCni({ nodeAddress: address.node, vpc }),
    ],
    nat: [sourceNat({ device: 'eth1', address: address.natOutside, how: '--random-fully' })],
    igw: [oneToOne({ device: 'internet', privateAddress: address.natOutside, publicAddress: address.elasticIp })],
  },
  points: {
    ...veths,
    'node-eth0.pcap': ['node', 'eth0'],
    'nat-inside.pcap': ['nat', 'eth0'],
    'nat-outside.pcap': ['nat', 'eth1'],
    'internet.pcap': ['internet', 'eth0'],
  },
  dumps: ['node', 'nat'],
  truth: [
    translated('node', Object.keys(veths), 'node-eth0.pcap'),
    translated('node', ['pod1-veth.pcap'], 'pod2-veth.pcap'),
    unchanged('node-eth0.pcap', 'nat-inside.pcap'),
    translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
    translated('igw', ['nat-outside.pcap'], 'internet.pcap'),
  ],
};
