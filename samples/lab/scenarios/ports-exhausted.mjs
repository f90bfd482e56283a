// The NAT gateway has four ports. Four connections to one server hold them; SYNs of others to it never leave the gateway, while
// other destinations are served: a port is taken once for each destination.
import { setTimeout as pause } from 'node:timers/promises';
import { address, internet } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { sourceNat } from '../rules.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop } = internet;
const port = { held: [43101, 43102], refused: [43111, 43112, 43113] };

export default failing({
  summary: 'four source ports at the NAT gateway, and all are held by connections to one server',
  rules: { nat: [sourceNat({ device: 'eth1', address: address.natOutside, ports: '20000-20003' })] },
  finding: {
    code: 'snat-ports-exhausted',
    from: 'nat-inside.pcap',
    to: 'nat-outside.pcap',
    what: 'SNAT into the ports 20000 to 20003 while four connections to 198.51.100.10:80 are open',
    never: ['snat-port-race', 'packet-loss'],
  },
  async traffic({ pod1, pod2, pod3 }) {
    const hold = { to: shop, requests: 5, pauseMs: 2000 };
    const held = [pod1, pod2].flatMap((pod) => port.held.map((from) => pod.talk({ ...hold, from })));
    await pause(500);
    const starved = port.refused.map((from) => pod3.talk({ to: shop, from, requests: 1, patienceMs: 4500 }));
    await wellBehaved({ pod1, pod2 });
    const outcomes = await Promise.all(starved);
    if (outcomes.some((outcome) => outcome !== 'silent')) throw new Error(`not starved: ${outcomes}`);
    await Promise.all(held);
  },
  walks: [
    walk('One of the four that hold a port:', 'tcp', 'pod1', port.held[0], `${shop}:80`),
    walk('One that finds no port:', 'tcp', 'pod3', port.refused[0], `${shop}:80`),
  ],
});
