// The path out of an EKS cluster as hosts: pods, nodes, VPC router, NAT gateway, internet gateway, the internet.
//
//   pod eth0 -- eni… node eth0 -- router -- eth0 nat eth1 -- igw -- internet        (private subnet)
//   pod eth0 -- eni… node eth0 -- router ------------------- igw -- internet        (public subnet)
//                                   |
//                                 vpchost (another machine of the VPC)
//
// Each box routes, so the TTL falls by one at each. Every address outside 10.42.0.0/16 and the cluster's service range is
// a documentation address (RFC 5737).
import { createHash } from 'node:crypto';
import { Lab } from './namespaces.mjs';

export const vpc = '10.42.0.0/16';

export const address = {
  node: '10.42.1.17',
  node2: '10.42.1.23',
  vpchost: '10.42.2.50',
  natInside: '10.42.5.9',
  natOutside: '10.42.0.9',
  elasticIp: '203.0.113.77',
  nodePublicIp: '203.0.113.50',
};

/** What the internet host answers as. */
export const internet = {
  dns: ['192.0.2.53', '203.0.113.153'],
  shop: '198.51.100.10',
  api: '198.51.100.20',
  slow: '198.51.100.30',
  mirror: '203.0.113.200',
};

/** Pods that every scenario has; `on` names the node. */
export const pods = {
  pod1: { address: '10.42.3.21', name: 'shop/checkout', on: 'node' },
  pod2: { address: '10.42.3.22', name: 'shop/cart', on: 'node' },
  pod3: { address: '10.42.3.23', name: 'shop/search', on: 'node' },
};

/** The host end of a pod's veth, as the VPC CNI names it: `eni` and 11 hexadecimal digits of a SHA-1 over the pod's name. */
export const vethOf = (pod) => 'eni' + createHash('sha1').update(pod.name.replace('/', '.')).digest('hex').slice(0, 11);

/** The points at the veths of the pods on the first node, as a scenario lists them: file -> [host, device]. */
export const vethPoints = (podsOfNode) =>
  Object.fromEntries(Object.entries(podsOfNode).map(([name, pod]) => [`${name}-veth.pcap`, ['node', vethOf(pod)]]));

/**
 * Builds the network. `subnet` is 'private' (a NAT gateway stands before the internet gateway) or 'public';
 * `morePods` adds or replaces pods, also on the second node, which exists only if a pod is there. `beyondNat` are the faults of
 * the wire between NAT gateway and internet gateway, as relay.py takes them.
 */
export async function buildEks({ subnet, morePods = {}, beyondNat }) {
  const lab = new Lab();
  try {
    const router = addRouter(lab);
    const allPods = { ...pods, ...morePods };
    for (const name of ['node', 'node2']) {
      const own = Object.entries(allPods).filter(([, pod]) => pod.on === name);
      if (own.length > 0) addNode(lab, router, name, own);
    }
    addStub(lab, router, 'vpchost', address.vpchost, '10.42.2.1');
    if (subnet === 'private') addNatGateway(lab, router);
    await addInternet(lab, router, subnet, beyondNat);
    return lab;
  } catch (error) {
    lab.close();
    throw error;
  }
}

/** The VPC router: a bridge a subnet, so that two nodes of one subnet meet on layer 2. */
function addRouter(lab) {
  const router = lab.addHost('router', { forwards: true });
  router.ip('link add nodes type bridge', 'link set nodes up', 'addr add 10.42.1.1/24 dev nodes');
  return router;
}

function addNode(lab, router, name, ownPods) {
  const node = lab.addHost(name, { forwards: true });
  lab.link(node, 'eth0', router, `to-${name}`);
  router.ip(`link set to-${name} master nodes`);
  node.ip(`addr add ${address[name]}/24 dev eth0`, 'route add default via 10.42.1.1 dev eth0');
  node.ip('rule add fwmark 0x80/0x80 lookup main priority 1024');
  node.sysctl({ 'netfilter/nf_conntrack_acct': 1, 'netfilter/nf_conntrack_events': 1 });
  for (const [podName, pod] of ownPods) {
    addPod(lab, node, podName, pod);
    router.ip(`route add ${pod.address}/32 via ${address[name]}`);
  }
}

/** A pod on the node's primary ENI: a /32, the gateway 169.254.1.1 as a fixed neighbour, the `to-pod` rule at the node. */
function addPod(lab, node, podName, pod) {
  const host = lab.addHost(podName);
  const veth = vethOf(pod);
  lab.link(host, 'eth0', node, veth);
  host.ip(
    `addr add ${pod.address}/32 dev eth0`,
    'route add 169.254.1.1 dev eth0 scope link',
    'route add default via 169.254.1.1 dev eth0',
    `neigh add 169.254.1.1 lladdr ${node.macOf(veth)} dev eth0 nud permanent`,
  );
  node.ip(`route add ${pod.address}/32 dev ${veth} scope link`);
  node.ip(`rule add to ${pod.address} lookup main priority 512`);
}

/** A machine with one address in a subnet of its own behind the router. */
function addStub(lab, router, name, hostAddress, gateway) {
  const host = lab.addHost(name);
  lab.link(host, 'eth0', router, `to-${name}`);
  router.ip(`addr add ${gateway}/24 dev to-${name}`);
  host.ip(`addr add ${hostAddress}/24 dev eth0`, `route add default via ${gateway}`);
}

function addNatGateway(lab, router) {
  const nat = lab.addHost('nat', { forwards: true });
  lab.link(nat, 'eth0', router, 'to-nat');
  router.ip('addr add 10.42.5.1/24 dev to-nat', `route add default via ${address.natInside}`);
  nat.ip(`addr add ${address.natInside}/24 dev eth0`, `route add ${vpc} via 10.42.5.1`);
  nat.sysctl({ 'netfilter/nf_conntrack_acct': 1, 'netfilter/nf_conntrack_events': 1 });
}

async function addInternet(lab, router, subnet, beyondNat) {
  const igw = lab.addHost('igw', { forwards: true });
  igw.sysctl({ 'netfilter/nf_conntrack_events': 1 });
  if (subnet === 'private') {
    const nat = lab.host('nat');
    if (beyondNat) await lab.relayedLink(nat, 'eth1', igw, 'vpc', beyondNat);
    else lab.link(nat, 'eth1', igw, 'vpc');
    nat.ip(`addr add ${address.natOutside}/24 dev eth1`, 'route add default via 10.42.0.1');
    igw.ip('addr add 10.42.0.1/24 dev vpc');
  } else {
    lab.link(router, 'to-igw', igw, 'vpc');
    router.ip('addr add 10.42.0.2/24 dev to-igw', 'route add default via 10.42.0.1');
    igw.ip('addr add 10.42.0.1/24 dev vpc', `route add ${vpc} via 10.42.0.2`);
  }
  const server = lab.addHost('internet');
  lab.link(igw, 'internet', server, 'eth0');
  igw.ip('addr add 192.0.2.1/24 dev internet');
  server.ip(`addr add ${internet.dns[0]}/24 dev eth0`, 'route add default via 192.0.2.1');
  for (const extra of [internet.dns[1], internet.shop, internet.api, internet.slow, internet.mirror]) {
    server.ip(`addr add ${extra}/32 dev eth0`);
    igw.ip(`route add ${extra}/32 via ${internet.dns[0]}`);
  }
}
