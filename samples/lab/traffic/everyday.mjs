// The traffic that every recording of the path out of a cluster has: each kind once, small enough to be bundled.
// Source ports are fixed where a README names the connection.
import { setTimeout as pause } from 'node:timers/promises';
import { address, internet, pods } from '../eks.mjs';

export const port = {
  hello: 43210, // pod1's plain request
  large: 43240, // pod2's longer answer
  twin: [41000, 41001], // the same source ports in pod1 and pod2, to the same destination
  twinDns: 41053,
  refused: 43333,
  again: 45678, // one source port used four times
  lostSyns: 44444,
  inVpc: 42050,
  podToPod: 42080,
};
export const echoId = { shared: 4242, pod3: 77 };
export const lostSynPort = 8443;

const { shop, api, slow, mirror, dns } = internet;

/** Starts what answers in every recording: the internet's servers, the other machine of the VPC, pod2's own server. */
export async function startServers(at) {
  await Promise.all([
    at.internet.serveHttp({ addresses: [shop, api, mirror], port: 80 }),
    at.internet.serveHttp({ addresses: [slow], port: lostSynPort }),
    at.internet.serveDns({ addresses: dns }),
    at.vpchost.serveHttp({ addresses: [address.vpchost], port: 80 }),
    at.vpchost.serveDns({ addresses: [address.vpchost] }),
    at.pod2.serveHttp({ addresses: [pods.pod2.address], port: 8080 }),
  ]);
}

async function traffic(at) {
  await startServers(at);
  const { pod1, pod2, pod3 } = at;
  await pod1.get({ to: shop, from: port.hello });
  await pod2.get({ to: shop, path: '/lines/20500', from: port.large });
  await pod3.get({ to: mirror });
  // Only now: every point has seen packets before, so that what it then does not see was lost. Takes two seconds.
  const lostSyns = pod1.get({ to: slow, port: lostSynPort, from: port.lostSyns });

  await Promise.all([
    pod1.resolve({ server: dns[0], names: ['shop.example.com', 'api.example.net', 'mirror.example.org'] }),
    pod2.resolve({ server: dns[0], names: ['shop.example.com', 'nowhere.example.com'] }),
    pod3.resolve({ server: dns[1], names: ['mirror.example.org'] }),
  ]);
  await Promise.all([
    pod1.resolve({ server: dns[0], names: ['api.example.net'], from: port.twinDns }),
    pod2.resolve({ server: dns[0], names: ['api.example.net'], from: port.twinDns }),
  ]);
  await Promise.all([
    pod1.ping({ to: shop, id: echoId.shared, count: 3 }),
    pod2.ping({ to: shop, id: echoId.shared, count: 3 }),
    pod3.ping({ to: api, id: echoId.pod3, count: 2, size: 600 }),
  ]);

  await Promise.all([
    pod1.burst({ to: api, connections: 20, exchange: 'get' }),
    pod2.burst({ to: api, connections: 20, exchange: 'probe' }),
  ]);
  await Promise.all(port.twin.flatMap((from) => [pod1.get({ to: shop, from }), pod2.get({ to: shop, from })]));
  await pod2.refused({ to: shop, port: 81, from: port.refused });
  await pod1.reuse({ to: shop, from: port.again, times: 4, pauseMs: 150 });

  await pod1.get({ to: address.vpchost, from: port.inVpc });
  await pod2.resolve({ server: address.vpchost, names: ['api.example.net'] });
  await pod3.ping({ to: address.vpchost, id: echoId.pod3, count: 2 });
  await pod1.get({ to: pods.pod2.address, port: 8080, from: port.podToPod });

  await lostSyns;
  await pause(300);
}

/** A connection that a README follows, as walk.mjs wants it. */
export const walk = (title, proto, pod, from, to) => ({
  title,
  proto,
  point: `${pod}-veth.pcap`,
  flow: `${pods[pod].address}:${from}>${to}`,
});

const walks = [
  walk('A request of pod1:', 'tcp', 'pod1', port.hello, `${shop}:80`),
  walk('A longer answer to pod2, in several segments:', 'tcp', 'pod2', port.large, `${shop}:80`),
  walk('The same source port to the same destination in pod1 …', 'tcp', 'pod1', port.twin[0], `${shop}:80`),
  walk('… and in pod2:', 'tcp', 'pod2', port.twin[0], `${shop}:80`),
  walk('A DNS query of pod1 …', 'udp', 'pod1', port.twinDns, `${dns[0]}:53`),
  walk('… and one of pod2 from the same port:', 'udp', 'pod2', port.twinDns, `${dns[0]}:53`),
  walk('Ping with the same ICMP id in pod1 …', 'icmp', 'pod1', echoId.shared, `${shop}:${echoId.shared}`),
  walk('… and in pod2:', 'icmp', 'pod2', echoId.shared, `${shop}:${echoId.shared}`),
  walk('Ping of pod3:', 'icmp', 'pod3', echoId.pod3, `${api}:${echoId.pod3}`),
  walk('Refused by the server:', 'tcp', 'pod2', port.refused, `${shop}:81`),
  walk('One source port used four times:', 'tcp', 'pod1', port.again, `${shop}:80`),
  walk('The first two SYNs lost in the node:', 'tcp', 'pod1', port.lostSyns, `${slow}:${lostSynPort}`),
  walk('Inside the VPC the pod keeps its address:', 'tcp', 'pod1', port.inVpc, `${address.vpchost}:80`),
  walk('From pod to pod on one node:', 'tcp', 'pod1', port.podToPod, `${pods.pod2.address}:8080`),
];

/** The part of a scenario that has this traffic. */
export const everyday = { agents: ['pod1', 'pod2', 'pod3', 'vpchost', 'internet'], traffic, walks };
