// A server with several addresses answers datagrams from its first one, not from the one that was asked. No box knows the answer: the NAT
// gateway refuses it, the pod waits.
import { internet } from '../eks.mjs';
import { failing, wellBehaved } from '../failing.mjs';
import natGatewayScenario from './eks-nat-gateway.mjs';
import { walk } from '../traffic/everyday.mjs';
import { translated } from '../truth.mjs';

const { shop, api } = internet;
const port = { asked: [43601, 43602], good: 43603 };

export default failing({
  summary: 'a server answers datagrams from another of its addresses, and the NAT gateway refuses the answers',
  finding: {
    code: 'reply-from-other-address',
    from: 'internet.pcap',
    to: 'nat-outside.pcap',
    what: 'the echo server is bound to all addresses and asked at 198.51.100.10; its answers come from 192.0.2.53',
    never: ['packet-loss', 'snat-ports-exhausted', 'syn-unanswered'],
  },
  // What the server sends of its own accord comes in: the gateways' entries for it begin outside.
  truth: [...natGatewayScenario.truth, translated('igw', ['internet.pcap'], 'nat-outside.pcap')],
  async traffic({ pod1, pod2, internet: host }) {
    await host.serveEcho({ addresses: ['0.0.0.0'], port: 9007 });
    await host.serveEcho({ addresses: [api], port: 9008 });
    const asked = { to: shop, port: 9007, sizes: [64], patienceMs: 3500 };
    const [, ...outcomes] = await Promise.all([
      wellBehaved({ pod1, pod2 }),
      pod1.echo({ ...asked, from: port.asked[0] }),
      pod2.echo({ ...asked, from: port.asked[1] }),
    ]);
    if (outcomes.some((outcome) => outcome !== 'silent')) throw new Error(`answered: ${outcomes}`);
    await pod1.echo({ to: api, port: 9008, sizes: [64, 80], from: port.good });
  },
  walks: [
    walk('Asked at one address, answered from another:', 'udp', 'pod1', port.asked[0], `${shop}:9007`),
    walk('Answered from the address that was asked:', 'udp', 'pod1', port.good, `${api}:9008`),
  ],
});
