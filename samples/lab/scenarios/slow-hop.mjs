// The wire behind the NAT gateway takes 40 ms each way; every other hop takes microseconds.
import { buildEks, internet } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop } = internet;
const port = 44201;
const slow = { delayMs: [40, 42], keepOrder: true };

export default failing({
  summary: 'one hop takes 40 ms each way: between NAT gateway and internet gateway',
  build: () => buildEks({ subnet: 'private', beyondNat: { a: slow, b: slow } }),
  finding: {
    code: 'slow-hop',
    from: 'nat-outside.pcap',
    to: 'internet.pcap',
    what: 'a wire with a delay of 40 to 42 ms each way behind the NAT gateway',
    never: ['packet-loss', 'syn-unanswered'],
  },
  async traffic({ pod1, pod2 }) {
    await Promise.all([
      wellBehaved({ pod1, pod2 }),
      pod1.get({ to: shop, from: port }),
      pod1.burst({ to: shop, connections: 10, exchange: 'get' }),
    ]);
  },
  walks: [walk('A request of pod1:', 'tcp', 'pod1', port, `${shop}:80`)],
});
