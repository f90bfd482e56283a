// A conntrack listing that was taken too late: tuples have been used again by then, with other outer ports.
import { onLine, server } from '../line.mjs';
import { startInternet } from '../traffic/mixed.mjs';

const ports = [45001, 45002, 45003, 45004];

async function visit({ pod1, pod2 }) {
  const again = (pod) => ports.map((from) => pod.get({ to: server.shop, from }));
  await Promise.all(
    [pod1, pod2].flatMap((pod) => [
      ...again(pod),
      pod.resolve({ server: server.dns, names: ['api.example.net'], from: 41053 }),
    ]),
  );
}

export default {
  'late-listing': onLine({
    stale: true,
    summary: 'conntrack -L taken when the tuples of the captures had been used again',
    async traffic(at) {
      await startInternet(at.internet);
      await visit(at);
    },
    async afterwards(at, lab) {
      for (const box of ['node', 'nat']) lab.host(box).run('conntrack', ['-F']);
      await visit(at);
    },
  }),
};
