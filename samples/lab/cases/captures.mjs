// How it was captured: short snap lengths, device `any`, both sides in one file, files twice, windows and clocks that differ.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { onLine, server, veth, veths } from '../line.mjs';
import { cut, merge, shiftClock } from '../rewrite.mjs';
import { mixed, onePod, startInternet } from '../traffic/mixed.mjs';
import { translated, unchanged } from '../truth.mjs';

const plain = onLine({ traffic: mixed });
const inside = 'nat-inside.pcap';
const outside = 'nat-outside.pcap';
const nodeSide = 'node-eth0.pcap';

/** The plain case with other options of tcpdump at some points. */
const snapped = (summary, lengthOf) => ({
  ...plain,
  summary,
  points: Object.fromEntries(
    Object.entries(plain.points).map(([file, [host, device]]) => [
      file,
      [host, device, { snapLength: lengthOf(file) }],
    ]),
  ),
});

/** Device `any` of node and gateway: each file has both sides of its box. */
const any = (linkType) =>
  onLine({
    summary: `-i any at node and gateway, in ${linkType}: both sides of the box in one file`,
    points: {
      [veth(1)]: ['node', 'veth1'],
      'node-any.pcap': ['node', 'any', { linkType }],
      'nat-any.pcap': ['nat', 'any', { linkType }],
    },
    truth: [
      unchanged(veth(1), 'node-any.pcap'),
      translated('node', [veth(1), 'node-any.pcap', 'nat-any.pcap'], 'node-any.pcap'),
      unchanged('node-any.pcap', 'nat-any.pcap'),
      translated('nat', ['node-any.pcap', 'nat-any.pcap'], 'nat-any.pcap'),
    ],
    partners: false,
    traffic: mixed,
  });

/** Long conversations and short ones, over five seconds: what a cut through the recording divides. */
async function long({ pod1, pod2, internet }) {
  await startInternet(internet);
  const conversation = { to: server.shop, requests: 12, pauseMs: 400 };
  const shortOnes = async (pod, n) => {
    for (let i = 0; i < 4; i++) {
      await onePod(pod, n);
      await pause(400);
    }
  };
  const datagrams = { to: server.shop, sizes: Array.from({ length: 12 }, (_, i) => 60 + i), pauseMs: 400 };
  await Promise.all(
    [pod1, pod2].flatMap((pod, i) => [
      ...Array.from({ length: 6 }, () => pod.talk(conversation)),
      ...Array.from({ length: 2 }, () => pod.echo(datagrams)),
      shortOnes(pod, i + 1),
    ]),
  );
}
const cutBy = (summary, windows) =>
  onLine({
    summary: `${summary} (cut)`,
    traffic: long,
    partners: false,
    sequence: false,
    rewrite: (folder) => cut(folder, windows),
  });
const everyPoint = (window) => Object.fromEntries(Object.keys(plain.points).map((file) => [file, window]));

export default {
  'snap-64': snapped('snap length 64 everywhere: no payload, no TCP options', () => 64),
  'snap-mixed': snapped('snap lengths 96 at the pods, 64 at the node, whole packets at the gateway', (file) =>
    file.startsWith('pod') ? 96 : file === nodeSide ? 64 : 262144,
  ),

  'any-sll': any('LINUX_SLL'),
  'any-sll2': any('LINUX_SLL2'),

  'one-file': {
    ...plain,
    summary: 'both sides of the gateway in one file without interfaces (merged)',
    rewrite: (folder) => merge(folder, [inside, outside], 'nat.pcap'),
    truth: [
      translated('node', veths(2), nodeSide),
      unchanged(nodeSide, 'nat.pcap'),
      translated('nat', [nodeSide, 'nat.pcap'], 'nat.pcap'),
    ],
  },
  'same-twice': {
    ...plain,
    summary: 'one of the captures is there twice (copied)',
    rewrite: (folder) => fs.copyFileSync(path.join(folder, nodeSide), path.join(folder, 'node-eth0-copy.pcap')),
    truth: [
      ...plain.truth,
      unchanged(nodeSide, 'node-eth0-copy.pcap'),
      unchanged('node-eth0-copy.pcap', inside),
      translated('node', veths(2), 'node-eth0-copy.pcap'),
    ],
  },

  'begun-late': cutBy('captures begun in mid-stream', everyPoint([0.4, 1])),
  'overlap-in-part': cutBy('captures that overlap in part', {
    [veth(1)]: [0, 0.6],
    [veth(2)]: [0.1, 0.7],
    [nodeSide]: [0.3, 0.9],
    [inside]: [0.35, 1],
    [outside]: [0.45, 1],
  }),
  'no-overlap': cutBy('captures that do not overlap', {
    ...everyPoint([0, 0.45]),
    [inside]: [0.5, 1],
    [outside]: [0.5, 1],
  }),

  'clocks-apart': {
    ...plain,
    summary: 'clocks hours apart, one 80 ppm too fast (shifted)',
    traffic: long,
    rewrite(folder) {
      shiftClock(folder, nodeSide, { offsetMs: 11_520_123, skewPpm: 80 });
      shiftClock(folder, inside, { offsetMs: -17_456, skewPpm: 0 });
      shiftClock(folder, outside, { offsetMs: -17_456, skewPpm: 0 });
    },
  },
};
