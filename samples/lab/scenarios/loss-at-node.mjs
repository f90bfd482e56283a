// The node loses one packet in eight on the way to and from one server; TCP repairs it and takes its time.
import fs from 'node:fs';
import path from 'node:path';
import { internet } from '../eks.mjs';
import { failing, healthy, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop } = internet;
const port = { down: 43701, up: 43702 };
const lose = (end) =>
  `-A FORWARD ${end} ${shop}/32 -p tcp -m comment --comment "lab: lost here" -m statistic --mode random --probability 0.125 -j DROP`;

export default failing({
  summary: 'one packet in eight is lost inside the node, and repaired by TCP',
  needs: ['ethtool'],
  rules: { node: [{ filter: [lose('-d'), lose('-s')] }, ...healthy.node] },
  setUp(lab) {
    // Whole packets, so that one is lost at a time.
    for (const host of ['pod1', 'pod2', 'internet']) {
      lab.host(host).run('ethtool', ['-K', 'eth0', 'tso', 'off', 'gso', 'off', 'tx', 'off']);
    }
  },
  finding: {
    code: 'packet-loss',
    from: 'pod1-veth.pcap',
    to: 'node-eth0.pcap',
    what: 'the node drops an eighth of the packets to and from 198.51.100.10, at random',
    never: ['snat-port-race', 'mtu-black-hole', 'syn-unanswered'],
  },
  async traffic({ pod1, pod2 }) {
    await Promise.all([
      pod1.get({ to: shop, path: '/lines/24000', from: port.down }),
      pod2.upload({ to: shop, bytes: 16_000, from: port.up }),
      pod1.burst({ to: shop, connections: 5, exchange: 'get' }),
      wellBehaved({ pod1, pod2 }),
    ]);
  },
  shows: {
    'fewer than five packets were lost': ({ folder }) => {
      const counted = fs
        .readFileSync(path.join(folder, 'node.iptables'), 'utf8')
        .matchAll(/^\[(\d+):\d+\].*lab: lost here/gm);
      return [...counted].reduce((sum, [, count]) => sum + Number(count), 0) >= 5;
    },
  },
  walks: [
    walk('A download of 24 kB:', 'tcp', 'pod1', port.down, `${shop}:80`),
    walk('An upload of 16 kB:', 'tcp', 'pod2', port.up, `${shop}:80`),
  ],
});
