// Without --random-fully the node keeps source ports where it can. Two pods on two processors that use one port to one server at the
// same moment are given the same tuple; the kernel finds out only when it inserts the second entry, and drops that packet.
import { address, internet, vpc } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import { awsVpcCni, kubeProxy } from '../rules.mjs';
import { translated, unchanged } from '../truth.mjs';

const { shop } = internet;
const points = {
  'pod1-veth.pcap': 'pod1',
  'pod2-veth.pcap': 'pod2',
};
const rounds = { count: 20, everyMs: 4 };
const tries = 8;
/** The racers must be ready by then, on a busy machine too. */
const leadMs = 2500;

const scenario = failing({
  summary: 'two pods race for one source port at the node (AWS_VPC_K8S_CNI_RANDOMIZESNAT=none): one SYN is dropped',
  rules: { node: [kubeProxy(), awsVpcCni({ nodeAddress: address.node, vpc, random: '' })] },
  truth: [
    translated('node', Object.keys(points), 'node-eth0.pcap'),
    unchanged('node-eth0.pcap', 'nat-inside.pcap'),
    translated('nat', ['nat-inside.pcap'], 'nat-outside.pcap'),
  ],
  finding: {
    code: 'snat-port-race',
    from: 'pod1-veth.pcap',
    to: 'node-eth0.pcap',
    what: 'SNAT that keeps ports; two pods connect to 198.51.100.10:80 from one source port in the same microsecond',
    never: ['snat-ports-exhausted', 'syn-unanswered'],
  },
  async traffic({ pod1, pod2 }, lab) {
    await wellBehaved({ pod1, pod2 });
    for (let i = 0; i < tries && lostRaces(lab) === 0; i++) {
      const race = { to: shop, from: 44000 + i * rounds.count, start: Date.now() + leadMs, ...rounds };
      await Promise.all([pod1.race({ ...race, cpu: 0 }), pod2.race({ ...race, cpu: 1 })]);
    }
    if (lostRaces(lab) === 0) throw new Error('no race was lost');
  },
});

/** The first of the races that were lost: the connection whose SYN was dropped, and the one that won. */
function walks(legsOf) {
  const legs = Object.keys(points).flatMap((point) => [...legsOf(point).values()].map((leg) => ({ point, ...leg })));
  const loser = legs.find(({ syns }) => syns.length > 1);
  const portOf = ({ flow }) => /:(\d+)>/.exec(flow)[1];
  const winner = legs.find((leg) => leg.point !== loser.point && portOf(leg) === portOf(loser));
  return [
    { title: 'A SYN was dropped, and sent again after a second:', ...loser },
    { title: 'The connection of the other pod from the same port:', ...winner },
  ];
}

/** Packets that the node dropped because another had taken the tuple. */
function lostRaces(lab) {
  const counters = lab.host('node').run('conntrack', ['-S']);
  return [...counters.matchAll(/\bdrop=(\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
}

export default {
  ...scenario,
  walks,
  points: Object.fromEntries(
    Object.entries(scenario.points).filter(([file]) => !['pod3-veth.pcap', 'internet.pcap'].includes(file)),
  ),
};
