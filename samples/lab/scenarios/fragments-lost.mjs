// The NAT gateway drops fragments of ICMP (and of TCP), as AWS's does, and forwards those of UDP: long pings get no answer, short ones and
// long datagrams do.
import { internet } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop, api } = internet;
const id = { long: 5001, short: 5002 };
const port = 44101;

/** Before connection tracking puts fragments together, so they are seen as they come. */
const dropFragments = [
  'add table ip gateway',
  'add chain ip gateway fragments { type filter hook prerouting priority -450; }',
  'add rule ip gateway fragments ip frag-off & 0x3fff != 0 ip protocol { icmp, tcp } drop',
];

export default failing({
  summary: 'fragments of ICMP are dropped by the NAT gateway, those of UDP pass',
  needs: ['nft'],
  setUp: (lab) => void lab.host('nat').run('nft', ['-f', '-'], { input: dropFragments.join('\n') + '\n' }),
  finding: {
    code: 'fragments-lost',
    from: 'nat-inside.pcap',
    to: 'nat-outside.pcap',
    what: 'the NAT gateway drops fragments of ICMP and TCP',
    never: ['mtu-black-hole', 'snat-ports-exhausted'],
  },
  async traffic({ pod1, pod2, internet: host }) {
    await host.serveEcho({ addresses: [api], port: 9008 });
    await Promise.all([
      wellBehaved({ pod1, pod2 }),
      pod1.ping({ to: shop, id: id.long, count: 4, size: 3000, mayFail: true }),
      pod2.ping({ to: shop, id: id.long, count: 4, size: 2000, mayFail: true }),
      pod1.ping({ to: shop, id: id.short, count: 3 }),
      pod2.echo({ to: api, port: 9008, sizes: [3000, 2000], from: port }),
    ]);
  },
  walks: [
    walk('Pings of 3000 bytes:', 'icmp', 'pod1', id.long, `${shop}:${id.long}`),
    walk('Short pings to the same server:', 'icmp', 'pod1', id.short, `${shop}:${id.short}`),
    walk('Datagrams of 3000 and 2000 bytes:', 'udp', 'pod2', port, `${api}:9008`),
  ],
});
