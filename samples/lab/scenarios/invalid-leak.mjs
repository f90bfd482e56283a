// The node has forgotten a connection and does not take it up again (tcp_loose=0): its packets are INVALID, so they are not
// translated, and leave with the pod's address. The NAT gateway drops them.
import { internet, address, pods, vethPoints, vpc } from '../eks.mjs';
import { failing, forgets, healthy, wellBehaved } from '../failing.mjs';
import { awsVpcCni, kubeProxy } from '../rules.mjs';
import { walk } from '../traffic/everyday.mjs';
import { unchanged } from '../truth.mjs';

const { shop } = internet;
const port = { leaking: [43501, 43502] };
const timeout = 2;
const dropInvalid = { filter: ['-A FORWARD -m conntrack --ctstate INVALID -j DROP'] };

/** What idle connections meet at a node that has forgotten them; `finding` and the node's rules differ. */
export const invalid = ({ summary, dropsInvalid, finding }) =>
  failing({
    summary,
    rules: {
      node: [kubeProxy([], { dropsInvalid }), awsVpcCni({ nodeAddress: address.node, vpc })],
      nat: [...healthy.nat, dropInvalid],
    },
    setUp(lab) {
      forgets(lab, 'node', { seconds: timeout, loose: false });
      forgets(lab, 'nat', { seconds: 600, loose: false });
    },
    finding: {
      ...finding,
      what: `the node forgets established connections after ${timeout} s and takes none up again`,
    },
    async traffic({ pod1, pod2 }) {
      const silence = { to: shop, requests: 2, pauseMs: timeout * 1000 + 1500, patienceMs: 6500 };
      const leaking = [pod1, pod2].map((pod, i) => pod.talk({ ...silence, from: port.leaking[i] }));
      await wellBehaved({ pod1, pod2 });
      const outcomes = await Promise.all(leaking);
      if (outcomes.some((outcome) => outcome !== 'silent')) throw new Error(`not stuck: ${outcomes}`);
      await pod1.get({ to: shop });
    },
    walks: [walk('Silent for three and a half seconds:', 'tcp', 'pod1', port.leaking[0], `${shop}:80`)],
  });

const scenario = invalid({
  summary: 'packets that the node calls INVALID leave untranslated, with the pod address',
  dropsInvalid: false,
  finding: {
    code: 'left-untranslated',
    from: 'pod1-veth.pcap',
    to: 'node-eth0.pcap',
    never: ['idle-timeout', 'snat-ports-exhausted'],
  },
});

export default {
  ...scenario,
  truth: [...scenario.truth, ...Object.keys(vethPoints(pods)).map((point) => unchanged(point, 'node-eth0.pcap'))],
  shows: {
    'no packet left with a pod address': ({ legsOf }) =>
      [...legsOf('node-eth0.pcap').keys()].some((key) => key.includes(pods.pod1.address)),
  },
};
