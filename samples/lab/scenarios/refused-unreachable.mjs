// What says no at once: a server without a listener (RST, or ICMP for datagrams), a firewall (ICMP), an address that no route leads to
// (ICMP of the internet gateway).
import { internet } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop, api, dns } = internet;
const nowhere = '198.51.100.99';
const port = { refused: 44001, forbidden: 44011, nowhere: 44021 };
const forbidden = 8081;

export default failing({
  summary: 'connections refused, forbidden and to nowhere: resets and ICMP errors, and who sent them',
  setUp: (lab) =>
    void lab
      .host('internet')
      .run('iptables', `-A INPUT -p tcp --dport ${forbidden} -j REJECT --reject-with icmp-admin-prohibited`.split(' ')),
  finding: {
    code: 'connection-refused',
    from: 'internet.pcap',
    to: null,
    what: 'no listener at 198.51.100.10:81, a firewall at 198.51.100.20:8081, no route to 198.51.100.99, a closed UDP port',
    also: ['icmp-unreachable'],
    never: ['snat-ports-exhausted', 'syn-unanswered', 'idle-timeout', 'packet-loss'],
  },
  async traffic({ pod1, pod2 }) {
    await wellBehaved({ pod1, pod2 });
    for (let i = 0; i < 4; i++) await pod1.refused({ to: shop, port: 81, from: port.refused + i });
    const outcomes = await Promise.all([
      pod2.talk({ to: api, port: forbidden, from: port.forbidden, requests: 1, patienceMs: 2500 }),
      pod2.talk({ to: nowhere, from: port.nowhere, requests: 1, patienceMs: 2500 }),
      pod1.knock({ to: dns[0], port: 5353, count: 2 }),
    ]);
    if (outcomes.includes('done')) throw new Error(`answered: ${outcomes}`);
  },
  walks: [
    walk('Refused by the server:', 'tcp', 'pod1', port.refused, `${shop}:81`),
    walk('Forbidden by a firewall:', 'tcp', 'pod2', port.forbidden, `${api}:${forbidden}`),
    walk('To an address that no route leads to:', 'tcp', 'pod2', port.nowhere, `${nowhere}:80`),
  ],
});
