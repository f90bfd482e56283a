// The first two SYNs of each connection to three ports die in the node; the third passes, three seconds late.
import { internet } from '../eks.mjs';
import { dropFirstTwoSyns } from '../rules.mjs';
import { failing, healthy, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { slow } = internet;
const ports = [8444, 8445, 8446];
const from = (i) => 43801 + i;

export default failing({
  summary: 'the first two SYNs of a connection are lost in the node, the third passes',
  rules: { node: [...ports.map((port) => dropFirstTwoSyns({ address: slow, port })), ...healthy.node] },
  finding: {
    code: 'packet-loss',
    from: 'pod1-veth.pcap',
    to: 'node-eth0.pcap',
    what: 'the node drops the first two SYNs to each of three ports of 198.51.100.30',
    never: ['snat-port-race', 'snat-ports-exhausted', 'syn-unanswered'],
  },
  async traffic({ pod1, pod2, internet: host }) {
    for (const port of ports) await host.serveHttp({ addresses: [slow], port });
    await wellBehaved({ pod1, pod2 });
    await Promise.all(ports.map((port, i) => pod1.get({ to: slow, port, from: from(i) })));
  },
  walks: ports.map((port, i) => walk(`To port ${port}:`, 'tcp', 'pod1', from(i), `${slow}:${port}`)),
});
