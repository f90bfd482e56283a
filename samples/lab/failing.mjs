// What the samples of failures share: the private path of an EKS cluster, its servers, and what was done to it.
import { address, internet, vpc } from './eks.mjs';
import { awsVpcCni, kubeProxy, oneToOne, sourceNat } from './rules.mjs';
import natGatewayScenario from './scenarios/eks-nat-gateway.mjs';
import { startServers } from './traffic/everyday.mjs';

/** The rules of each box, before a scenario changes some. */
export const healthy = {
  node: [kubeProxy(), awsVpcCni({ nodeAddress: address.node, vpc })],
  nat: [sourceNat({ device: 'eth1', address: address.natOutside, how: '--random-fully' })],
  igw: [oneToOne({ device: 'internet', privateAddress: address.natOutside, publicAddress: address.elasticIp })],
};

/**
 * A scenario in which something fails. `finding` says what was done: { code, from, to, what, never }: the finding that names it, the
 * captures between which it happens (`to` may be null), a sentence, and findings that would be wrong. `code` is null for a twin:
 * something that looks alike, and of which no error is to be told.
 */
export const failing = ({ rules, traffic, ...own }) => ({
  ...natGatewayScenario,
  rules: { ...healthy, ...rules },
  partners: false,
  sequence: false,
  walks: [],
  ...own,
  async traffic(at, lab) {
    await startServers(at);
    await traffic(at, lab);
  },
});

const { shop, api, mirror, dns } = internet;

/** What goes well beside it: a few requests, queries and pings of two pods. */
export async function wellBehaved({ pod1, pod2 }) {
  await Promise.all([
    pod1.get({ to: api }),
    pod2.get({ to: api }),
    pod2.get({ to: mirror, path: '/lines/6000' }),
    pod1.resolve({ server: dns[0], names: ['api.example.net'] }),
    pod2.ping({ to: shop, id: 4242, count: 2 }),
  ]);
}

/** Box forgets established connections after this many seconds; with `loose` it takes up what it does not know. */
export const forgets = (lab, box, { seconds, loose }) =>
  lab.host(box).sysctl({
    'netfilter/nf_conntrack_tcp_timeout_established': seconds,
    'netfilter/nf_conntrack_tcp_loose': loose ? 1 : 0,
  });
