// The NAT gateway forgets a connection after three seconds of silence and answers what it does not know with a reset, as AWS's
// does after 350 s.
import { internet } from '../eks.mjs';
import { failing, forgets, healthy, wellBehaved } from '../failing.mjs';
import { walk } from '../traffic/everyday.mjs';

const { shop } = internet;
const port = { idle: [43201, 43202], lively: 43203 };
const timeout = 3;

export default failing({
  summary: 'idle connections that the NAT gateway forgets after 3 s and resets',
  rules: {
    nat: [
      ...healthy.nat,
      { filter: ['-A FORWARD -p tcp -m conntrack --ctstate INVALID -j REJECT --reject-with tcp-reset'] },
    ],
  },
  setUp: (lab) => forgets(lab, 'nat', { seconds: timeout, loose: false }),
  finding: {
    code: 'idle-timeout',
    from: 'nat-inside.pcap',
    to: 'nat-outside.pcap',
    what: `the gateway forgets established connections after ${timeout} s and resets what it does not know`,
    never: ['connection-refused', 'remapped-after-idle', 'packet-loss'],
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
