// Wires that lose, repeat and reorder, before, between and after the points; and boxes that cut packets anew.
import { onLine, server } from '../line.mjs';
import { mixed, startInternet } from '../traffic/mixed.mjs';

const faults = { delayMs: [1, 12], loss: 0.08, loseSyns: 0.25, duplicate: 0.05 };
const faulty = (where, wire) =>
  onLine({
    summary: `loss, repetition and reordering ${where}`,
    wires: { [wire]: { a: faults, b: faults } },
    partners: false,
    traffic: (at, lab) => mixed(at, lab, 2),
  });

export default {
  'faults-before': faulty('between the pods and the first point', 'inner'),
  'faults-between': faulty('between node and gateway', 'middle'),
  'faults-after': faulty('beyond the last point', 'outer'),

  segmented: onLine({
    needs: ['ethtool'],
    summary: 'super-packets at some points, segments at others: offload is off at one end of the wire only',
    setUp(lab) {
      for (const box of ['node', 'nat'])
        lab.host(box).run('ethtool', ['-K', 'eth0', 'tso', 'off', 'gso', 'off', 'tx', 'off']);
      for (const box of ['node', 'nat']) lab.host(box).run('ethtool', ['-K', 'eth0', 'gro', 'off']);
    },
    async traffic({ pod1, pod2, internet }) {
      await startInternet(internet);
      await Promise.all([
        pod1.get({ to: server.shop, path: '/lines/400000' }),
        pod2.get({ to: server.shop, path: '/lines/250000' }),
        pod1.upload({ to: server.api, bytes: 300_000 }),
        pod2.upload({ to: server.api, bytes: 150_000 }),
        pod1.burst({ to: server.api, connections: 5, exchange: 'get' }),
      ]);
    },
  }),
};
