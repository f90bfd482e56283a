// The NAT is a Linux box that takes up what it has forgotten: the connection goes on with another source port, and the server,
// which knows no such connection, resets it.
import { internet } from '../eks.mjs';
import { failing, forgets, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop } = internet;
const port = { idle: [43301, 43302], lively: 43303 };
const timeout = 3;

export default failing({
  summary: 'idle connections that a NAT instance forgets and takes up with another port; the server resets them',
  setUp: (lab) => forgets(lab, 'nat', { seconds: timeout, loose: true }),
  finding: {
    code: 'remapped-after-idle',
    from: 'nat-inside.pcap',
    to: 'nat-outside.pcap',
    what: `the gateway forgets established connections after ${timeout} s and takes them up with another port`,
    never: ['idle-timeout', 'connection-refused', 'packet-loss'],
  },
  async traffic({ pod1, pod2 }) {
    const silence = { to: shop, requests: 2, pauseMs: timeout * 1000 + 1500 };
    const [lively, ...idle] = await Promise.all([
      pod2.talk({ to: shop, from: port.lively, requests: 5, pauseMs: 1200 }),
      pod1.talk({ ...silence, from: port.idle[0] }),
      pod2.talk({ ...silence, from: port.idle[1] }),
      wellBehaved({ pod1, pod2 }),
    ]);
    if (lively !== 'done') throw new Error(`a lively connection ended with ${lively}`);
    if (idle.slice(0, 2).some((outcome) => outcome !== 'ECONNRESET')) throw new Error(`not reset: ${idle}`);
  },
  walks: [
    walk('Silent for four and a half seconds:', 'tcp', 'pod1', port.idle[0], `${shop}:80`),
    walk('Never silent for that long:', 'tcp', 'pod2', port.lively, `${shop}:80`),
  ],
});
