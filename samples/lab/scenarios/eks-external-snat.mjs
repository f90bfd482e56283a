// AWS_VPC_K8S_CNI_EXTERNALSNAT=true: the CNI lays no SNAT and no connmark rules, so the pod's address stands until the NAT
// gateway. All else is as in eks-nat-gateway.
import { internet } from '../eks.mjs';
import { dropFirstTwoSyns, kubeProxy } from '../rules.mjs';
import { lostSynPort } from '../traffic/everyday.mjs';
import natGatewayScenario from './eks-nat-gateway.mjs';

export default {
  ...natGatewayScenario,
  summary: 'no SNAT at the node: the pod address is kept to the NAT gateway',
  rules: {
    ...natGatewayScenario.rules,
    node: [dropFirstTwoSyns({ address: internet.slow, port: lostSynPort }), kubeProxy()],
  },
};
