// iptables rules as the boxes of the path have them, in the words of `iptables-save`.
//
// A fragment is { table: [lines] }: lines that begin with `:` declare chains, `-A` lines append rules. `restoreText`
// joins the fragments of one box, in order, into the input of `iptables-restore`.
import { createHash } from 'node:crypto';

const builtIn = {
  raw: ['PREROUTING', 'OUTPUT'],
  mangle: ['PREROUTING', 'INPUT', 'FORWARD', 'OUTPUT', 'POSTROUTING'],
  filter: ['INPUT', 'FORWARD', 'OUTPUT'],
  nat: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
};

export function restoreText(fragments) {
  const text = [];
  for (const table of Object.keys(builtIn)) {
    const lines = fragments.flatMap((fragment) => fragment[table] ?? []);
    if (lines.length === 0) continue;
    text.push(`*${table}`, ...builtIn[table].map((chain) => `:${chain} ACCEPT`));
    text.push(...lines.filter((line) => line.startsWith(':')), ...lines.filter((line) => !line.startsWith(':')));
    text.push('COMMIT');
  }
  return text.join('\n') + '\n';
}

/**
 * The Amazon VPC CNI with its defaults (AWS_VPC_K8S_CNI_EXTERNALSNAT=false, RANDOMIZESNAT=prng): pods reach the VPC with
 * their own address and everything else with the node's primary address. `random` is '' where RANDOMIZESNAT=none. Source:
 * amazon-vpc-cni-k8s, pkg/networkutils.
 */
export function awsVpcCni({ nodeAddress, vpc, random = ' --random-fully' }) {
  return {
    mangle: [
      '-A PREROUTING -i eth0 -m comment --comment "AWS, primary ENI" -m addrtype --dst-type LOCAL --limit-iface-in -j CONNMARK --set-xmark 0x80/0x80',
      '-A PREROUTING -i eni+ -m comment --comment "AWS, primary ENI" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
    ],
    nat: [
      ':AWS-CONNMARK-CHAIN-0 -',
      ':AWS-SNAT-CHAIN-0 -',
      '-A PREROUTING -i eni+ -m comment --comment "AWS, outbound connections" -j AWS-CONNMARK-CHAIN-0',
      '-A PREROUTING -m comment --comment "AWS, CONNMARK" -j CONNMARK --restore-mark --nfmask 0x80 --ctmask 0x80',
      '-A POSTROUTING -m comment --comment "AWS SNAT CHAIN" -j AWS-SNAT-CHAIN-0',
      `-A AWS-CONNMARK-CHAIN-0 -d ${vpc} -m comment --comment "AWS CONNMARK CHAIN, VPC CIDR" -j RETURN`,
      '-A AWS-CONNMARK-CHAIN-0 -m comment --comment "AWS, CONNMARK" -j CONNMARK --set-xmark 0x80/0x80',
      `-A AWS-SNAT-CHAIN-0 -d ${vpc} -m comment --comment "AWS SNAT CHAIN" -j RETURN`,
      `-A AWS-SNAT-CHAIN-0 ! -o vlan+ -m comment --comment "AWS, SNAT" -m addrtype ! --dst-type LOCAL -j SNAT --to-source ${nodeAddress}${random}`,
    ],
  };
}

/**
 * kube-proxy in iptables mode. A service is { name: 'shop/web', protocol, address, port, endpoints: ['10.0.0.1:8080'] };
 * the endpoints are chosen by `statistic --mode random` as kube-proxy does. `dropsInvalid` is false for versions and settings
 * without that rule. Source: kubernetes, pkg/proxy/iptables.
 */
export function kubeProxy(services = [], { dropsInvalid = true } = {}) {
  const nat = [
    ':KUBE-MARK-MASQ -',
    ':KUBE-POSTROUTING -',
    ':KUBE-SERVICES -',
    '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES',
    '-A POSTROUTING -m comment --comment "kubernetes postrouting rules" -j KUBE-POSTROUTING',
    '-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000',
    '-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN',
    '-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0',
    '-A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully',
  ];
  for (const { name, protocol, address, port, endpoints } of services) {
    const service = `KUBE-SVC-${chainHash(name + protocol)}`;
    nat.push(
      `:${service} -`,
      `-A KUBE-SERVICES -d ${address}/32 -p ${protocol} -m comment --comment "${name} cluster IP" -m ${protocol} --dport ${port} -j ${service}`,
    );
    endpoints.forEach((endpoint, i) => {
      const chain = `KUBE-SEP-${chainHash(name + protocol + endpoint)}`;
      const left = endpoints.length - i;
      const chance = left > 1 ? ` -m statistic --mode random --probability ${(1 / left).toFixed(10)}` : '';
      nat.push(
        `:${chain} -`,
        `-A ${service} -m comment --comment "${name} -> ${endpoint}"${chance} -j ${chain}`,
        `-A ${chain} -s ${endpoint.split(':')[0]}/32 -m comment --comment "${name}" -j KUBE-MARK-MASQ`,
        `-A ${chain} -p ${protocol} -m comment --comment "${name}" -m ${protocol} -j DNAT --to-destination ${endpoint}`,
      );
    });
  }
  const filter = [
    ':KUBE-FORWARD -',
    '-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD',
    ...(dropsInvalid ? ['-A KUBE-FORWARD -m conntrack --ctstate INVALID -j DROP'] : []),
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding rules" -m mark --mark 0x4000/0x4000 -j ACCEPT',
    '-A KUBE-FORWARD -m comment --comment "kubernetes forwarding conntrack rule" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  ];
  return { nat, filter };
}

/** kube-proxy's chain names: 16 characters of the base32 of a SHA-256 over service name, protocol and endpoint. */
function chainHash(text) {
  const bits = [...createHash('sha256').update(text).digest()]
    .map((byte) => byte.toString(2).padStart(8, '0'))
    .join('');
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  return Array.from({ length: 16 }, (_, i) => alphabet[parseInt(bits.slice(i * 5, i * 5 + 5), 2)]).join('');
}

/** Everything that leaves by `device` gets this address; `how`: '', '--random' or '--random-fully'; `ports`: '2000-2003'. */
export function sourceNat({ device, address, how = '', ports }) {
  const rule = (match, to) => `-A POSTROUTING -o ${device}${match} -j SNAT --to-source ${to} ${how}`.trimEnd();
  const ranged = ports === undefined ? [] : ['tcp', 'udp'].map((proto) => rule(` -p ${proto}`, `${address}:${ports}`));
  return { nat: [...ranged, rule('', address)] };
}

/** An internet gateway: a private address and its public one stand for each other, ports untouched. */
export function oneToOne({ device, privateAddress, publicAddress }) {
  return {
    nat: [
      `-A PREROUTING -i ${device} -d ${publicAddress}/32 -j DNAT --to-destination ${privateAddress}`,
      `-A POSTROUTING -o ${device} -s ${privateAddress}/32 -j SNAT --to-source ${publicAddress}`,
    ],
  };
}

/** Loses the first two SYNs to one address and port; a Linux SYN over IPv4 is 60 bytes, so the quota is spent after two. */
export function dropFirstTwoSyns({ address, port }) {
  return {
    filter: [
      `-A FORWARD -d ${address}/32 -p tcp -m comment --comment "lab: the first two SYNs are lost here" -m tcp --dport ${port} --syn -m quota --quota 120 -j DROP`,
    ],
  };
}
