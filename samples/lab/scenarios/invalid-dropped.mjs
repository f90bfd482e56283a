// As invalid-leak, but kube-proxy's rule drops what is INVALID: nothing leaves the node, and nobody is told.
import { invalid } from './invalid-leak.mjs';

export default invalid({
  summary: 'packets that the node calls INVALID are dropped by kube-proxy: the connection stands still',
  dropsInvalid: true,
  finding: {
    code: 'invalid-dropped',
    from: 'pod1-veth.pcap',
    to: 'node-eth0.pcap',
    never: ['idle-timeout', 'left-untranslated', 'snat-ports-exhausted'],
  },
});
