// A short path for cases: pods behind nodes, one NAT gateway, the internet.
//
//   pod1 eth0 -- node eth0 --+
//   pod2 eth0 -- node         +-- eth0 nat eth1 -- eth0 internet
//   pod3 eth0 -- node2 eth0 --+
//
// Each of the three wires (inner: pod and node; middle: node and nat; outer: nat and internet) is a veth pair, or a wire
// with faults (relay.py). Public addresses are documentation addresses (RFC 5737, RFC 3849).
import { Lab } from './namespaces.mjs';
import { sourceNat } from './rules.mjs';
import { unchanged, translated } from './truth.mjs';

export const pod = (n) => `10.42.3.${20 + n}`;
export const node = (n = 1) => `10.42.1.${16 + n}`;
export const nodeName = (n) => (n === 1 ? 'node' : `node${n}`);
export const gateway = { inside: '10.42.1.1', outside: '203.0.113.77' };
const beyond = '203.0.113.1';

/** What the internet host answers as. */
export const server = { shop: '198.51.100.10', api: '198.51.100.20', other: '198.51.100.30', dns: '192.0.2.53' };

/** The same path in IPv6, where a case wants it: unique local addresses inside, documentation addresses outside. */
export const six = {
  prefix: 'fd42:3::/64',
  pod: (n) => `fd42:3::${20 + n}`,
  nodes: 'fd42:1::',
  outside: '2001:db8:77::1',
  beyond: '2001:db8:77::ff',
  shop: '2001:db8:10::10',
};

export const veth = (n) => `pod${n}-veth.pcap`;
const numbers = (count) => Array.from({ length: count }, (_, i) => i + 1);
export const veths = (pods) => numbers(pods).map(veth);

/** Which node a pod is on: spread evenly, in order. */
const nodeOf = (n, { pods, nodes }) => Math.ceil((n * nodes) / pods);

/** Builds the path. `wires` holds the faults of `inner` (of every pod), `middle` and `outer`, as relay.py takes them. */
export async function buildLine({ pods, nodes, wires = {}, ipv6 = false }) {
  const lab = new Lab();
  try {
    const nat = lab.addHost('nat', { forwards: true, ipv6 });
    const internet = lab.addHost('internet', { ipv6 });
    const join = (a, deviceA, b, deviceB, faults) =>
      faults ? lab.relayedLink(a, deviceA, b, deviceB, faults) : lab.link(a, deviceA, b, deviceB);
    for (const k of numbers(nodes)) lab.addHost(nodeName(k), { forwards: true, ipv6 });
    if (nodes === 1) {
      await join(lab.host('node'), 'eth0', nat, 'eth0', wires.middle);
    } else {
      const subnet = lab.addHost('subnet');
      subnet.ip('link add nodes type bridge', 'link set nodes up');
      await join(subnet, 'to-nat', nat, 'eth0', wires.middle);
      subnet.ip('link set to-nat master nodes');
      for (const k of numbers(nodes)) {
        lab.link(lab.host(nodeName(k)), 'eth0', subnet, `to-${k}`);
        subnet.ip(`link set to-${k} master nodes`);
      }
    }
    await join(nat, 'eth1', internet, 'eth0', wires.outer);
    addressGateway(nat, internet, ipv6);
    for (const k of numbers(nodes)) addressNode(lab.host(nodeName(k)), k, ipv6);
    for (const n of numbers(pods)) {
      const k = nodeOf(n, { pods, nodes });
      const [host, own] = [lab.addHost(`pod${n}`, { ipv6 }), lab.host(nodeName(k))];
      await join(host, 'eth0', own, `veth${n}`, wires.inner);
      addressPod(host, own, n, ipv6);
      nat.ip(`route add ${pod(n)}/32 via ${node(k)}`);
      if (ipv6) nat.ip(`route add ${six.pod(n)}/128 via ${six.nodes}${16 + k}`);
    }
    return lab;
  } catch (error) {
    lab.close();
    throw error;
  }
}

function addressGateway(nat, internet, ipv6) {
  nat.ip(
    `addr add ${gateway.inside}/24 dev eth0`,
    `addr add ${gateway.outside}/24 dev eth1`,
    `route add default via ${beyond}`,
  );
  internet.ip(`addr add ${beyond}/24 dev eth0`);
  for (const address of Object.values(server)) internet.ip(`addr add ${address}/32 dev eth0`);
  if (!ipv6) return;
  nat.ip(
    `addr add ${six.nodes}1/64 dev eth0`,
    `addr add ${six.outside}/64 dev eth1`,
    `route add default via ${six.beyond}`,
  );
  internet.ip(`addr add ${six.beyond}/64 dev eth0`, `addr add ${six.shop}/128 dev eth0`);
  internet.ip(`route add fd42::/16 via ${six.outside}`);
}

function addressNode(host, k, ipv6) {
  host.ip(`addr add ${node(k)}/24 dev eth0`, `route add default via ${gateway.inside}`);
  if (ipv6) host.ip(`addr add ${six.nodes}${16 + k}/64 dev eth0`, `route add default via ${six.nodes}1`);
}

function addressPod(host, own, n, ipv6) {
  host.ip(
    `addr add ${pod(n)}/32 dev eth0`,
    'route add 169.254.1.1 dev eth0 scope link',
    'route add default via 169.254.1.1 dev eth0',
    `neigh add 169.254.1.1 lladdr ${own.macOf(`veth${n}`)} dev eth0 nud permanent`,
  );
  own.ip(`route add ${pod(n)}/32 dev veth${n} scope link`);
  if (!ipv6) return;
  host.ip(
    `addr add ${six.pod(n)}/128 dev eth0`,
    'route add fe80::1 dev eth0',
    'route add default via fe80::1 dev eth0',
    `neigh add fe80::1 lladdr ${own.macOf(`veth${n}`)} dev eth0 nud permanent`,
  );
  own.ip(`route add ${six.pod(n)}/128 dev veth${n}`);
}

/**
 * A case on this path. What is not given: two pods on one node, SNAT with random ports at node and gateway, points at every
 * veth and on both sides of the gateway, dumps of both boxes, the truth of these points. Rules that are null: the box does
 * not translate and keeps no state.
 */
export function onLine({ pods = 2, nodes = 1, wires, ipv6, nodeRules, natRules, ...own }) {
  const ofNode = numbers(nodes).map((k) => ({
    name: nodeName(k),
    point: `${nodeName(k)}-eth0.pcap`,
    rules:
      nodeRules === undefined ? [sourceNat({ device: 'eth0', address: node(k), how: '--random-fully' })] : nodeRules,
    pods: numbers(pods).filter((n) => nodeOf(n, { pods, nodes }) === k),
  }));
  const nat =
    natRules === undefined
      ? [sourceNat({ device: 'eth1', address: gateway.outside, how: '--random-fully' })]
      : natRules;
  const rules = [...ofNode.map(({ name, rules }) => [name, rules]), ['nat', nat]].filter(([, rules]) => rules !== null);
  const gap = (box, before, after) =>
    rules.some(([name]) => name === box)
      ? [translated(box, before, after)]
      : before.map((point) => unchanged(point, after));
  return {
    build: () => buildLine({ pods, nodes, wires, ipv6 }),
    rules: Object.fromEntries(rules),
    points: {
      ...Object.fromEntries(ofNode.flatMap(({ name, pods }) => pods.map((n) => [veth(n), [name, `veth${n}`]]))),
      ...Object.fromEntries(ofNode.map(({ name, point }) => [point, [name, 'eth0']])),
      'nat-inside.pcap': ['nat', 'eth0'],
      'nat-outside.pcap': ['nat', 'eth1'],
    },
    dumps: rules.map(([name]) => name),
    truth: [
      ...ofNode.flatMap(({ name, point, pods }) => gap(name, pods.map(veth), point)),
      ...ofNode.map(({ point }) => unchanged(point, 'nat-inside.pcap')),
      ...gap('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
    ],
    agents: [...numbers(pods).map((n) => `pod${n}`), 'internet'],
    ...own,
  };
}
