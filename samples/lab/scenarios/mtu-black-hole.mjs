// Between the NAT gateway and the internet gateway packets of more than 1400 bytes do not pass, and the ICMP messages that would say so
// are dropped: small exchanges work, an upload and a download stand still.
import { internet } from '../eks.mjs';
import { failing, healthy } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop, api, dns } = internet;
const port = { up: 43401, down: 43402, small: 43403 };
const silence = { filter: ['-A OUTPUT -p icmp -m icmp --icmp-type fragmentation-needed -j DROP'] };

/** The narrow link, and whole packets on the wire: no super-packets that a box cuts. */
export function narrow(lab) {
  lab.host('nat').ip('link set eth1 mtu 1400');
  lab.host('igw').ip('link set vpc mtu 1400');
  for (const [host, device] of [
    ['pod1', 'eth0'],
    ['pod2', 'eth0'],
    ['internet', 'eth0'],
  ]) {
    lab.host(host).run('ethtool', ['-K', device, 'tso', 'off', 'gso', 'off', 'tx', 'off']);
  }
}

export default failing({
  summary: 'a link of 1400 bytes behind the NAT gateway, and no ICMP that says so',
  needs: ['ethtool'],
  rules: { nat: [...healthy.nat, silence], igw: [...healthy.igw, silence] },
  setUp: narrow,
  finding: {
    code: 'mtu-black-hole',
    from: 'nat-inside.pcap',
    to: 'nat-outside.pcap',
    what: 'MTU 1400 between NAT gateway and internet gateway, ICMP 3/4 dropped by both',
    never: ['packet-loss', 'snat-ports-exhausted'],
  },
  async traffic({ pod1, pod2 }) {
    const patienceMs = 4000;
    const up = pod1.upload({ to: shop, from: port.up, bytes: 12_000, patienceMs });
    const down = pod2.talk({ to: api, from: port.down, path: '/lines/12000', requests: 1, patienceMs });
    await Promise.all([
      pod1.get({ to: shop, from: port.small }),
      pod2.burst({ to: shop, connections: 5, exchange: 'get' }),
      pod1.resolve({ server: dns[0], names: ['api.example.net'] }),
      pod2.ping({ to: shop, id: 4242, count: 2 }),
    ]);
    const outcomes = await Promise.all([up, down]);
    if (outcomes.some((outcome) => outcome !== 'silent')) throw new Error(`not stuck: ${outcomes}`);
  },
  walks: [
    walk('An upload of 12 kB that never arrives:', 'tcp', 'pod1', port.up, `${shop}:80`),
    walk('A download of 12 kB that never arrives:', 'tcp', 'pod2', port.down, `${api}:80`),
    walk('A small request to the same server:', 'tcp', 'pod1', port.small, `${shop}:80`),
  ],
});
