// Boxes and protocols that this kernel has not: made of recordings by rewrite.mjs.
import { onLine, server, veths } from '../line.mjs';
import { randomiseSequences, renumberIds, restateConntrack, toGre, toSctp } from '../rewrite.mjs';
import { mixed, startInternet } from '../traffic/mixed.mjs';

const points = [...veths(2), 'node-eth0.pcap', 'nat-inside.pcap', 'nat-outside.pcap'];
const beyondGateway = 'nat-outside.pcap';
const rewritten = (summary, rewrite, more) =>
  onLine({ summary: `${summary} (rewritten)`, rewrite, traffic: mixed, ...more });

const greOf = (line) =>
  line.replace(/\budp +17\b/, 'gre      47').replaceAll(/sport=\d+ dport=\d+/g, 'srckey=0x0 dstkey=0x0');
const sctpOf = (line) => line.replace(/\btcp +6 (\d+ )?\w+ src/, 'sctp     132 $1COOKIE_WAIT src');

export default {
  'ids-renumbered': rewritten('the gateway gives every packet another IP id', (folder) =>
    renumberIds(folder, beyondGateway),
  ),
  'sequences-randomised': rewritten(
    'the gateway draws new sequence numbers for the inside',
    (folder) => randomiseSequences(folder, beyondGateway, { both: false }),
    { sequence: false },
  ),
  'sequences-randomised-both': rewritten(
    'the gateway draws new sequence numbers for both sides, and IP ids',
    (folder) => {
      randomiseSequences(folder, beyondGateway, { both: true });
      renumberIds(folder, beyondGateway);
    },
    { sequence: false },
  ),
  sctp: rewritten('SCTP associations, made of TCP connections', (folder) => {
    toSctp(folder, points);
    restateConntrack(folder, sctpOf);
  }),
  gre: rewritten(
    'GRE calls, made of datagrams',
    (folder) => {
      toGre(folder, points, (packet) => (packet.dport === 7 ? 0x1001 : 0x2002));
      restateConntrack(folder, greOf);
    },
    {
      async traffic({ pod1, pod2, internet }) {
        await startInternet(internet);
        await internet.serveEcho({ addresses: [server.api] });
        const sizes = [120, 300, 80, 500];
        await Promise.all([pod1.echo({ to: server.shop, sizes }), pod2.echo({ to: server.api, sizes })]);
      },
    },
  ),
};
