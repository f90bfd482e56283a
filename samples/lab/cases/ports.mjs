// What becomes of the source port: kept, drawn at random in two ways, drawn from a range, and changed without any rule.
import { gateway, onLine, pod, server } from '../line.mjs';
import { sourceNat } from '../rules.mjs';
import { mixed } from '../traffic/mixed.mjs';

const outside = { device: 'eth1', address: gateway.outside };
const ports = (summary, nat) =>
  onLine({ summary, nodeRules: null, natRules: [sourceNat({ ...outside, ...nat })], traffic: mixed });

const service = '172.20.0.80';
const clashPort = 46000;

export default {
  'ports-kept': ports('SNAT that keeps the port where it can: two pods with equal ports clash', {}),
  'ports-random': ports('SNAT --random', { how: '--random' }),
  'ports-range': ports('SNAT into a range of 200 ports', { ports: '20000-20199' }),

  'ports-clash': onLine({
    summary: 'a port changed without a rule: two destinations of one pod become one by DNAT',
    pods: 1,
    nodeRules: [
      { nat: [`-A PREROUTING -d ${service}/32 -p tcp -m tcp --dport 80 -j DNAT --to-destination ${server.shop}:80`] },
    ],
    natRules: null,
    setUp: (lab) => lab.host('internet').ip(`route add ${pod(1)}/32 via ${gateway.outside}`),
    async traffic({ pod1, internet }) {
      await internet.serveHttp({ addresses: [server.shop], port: 80 });
      const held = pod1.talk({ to: service, from: clashPort, requests: 3, pauseMs: 300 });
      await pod1.get({ to: service });
      await pod1.get({ to: server.shop, from: clashPort });
      await held;
    },
  }),
};
