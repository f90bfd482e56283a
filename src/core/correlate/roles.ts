// The role of a point from the names that people give to interfaces and files.
import { CLIENT_SIDE, SERVER_SIDE } from '../flows/sides.ts';
import type { Role } from '../report/model.ts';

/** Where a role stands on the way from the pod to the internet. */
export const ROLE_RANK: Readonly<Record<Role, number>> = {
  'pod-veth': 0,
  'node-eth0': 1,
  'nat-inside': 2,
  other: 2.5,
  'nat-outside': 3,
  internet: 4,
};

/** Host ends of pods' veths: VPC CNI, Calico, bridge plug-ins, Cilium (amazon-vpc-cni-k8s and their documentation). */
const POD_INTERFACE = /^(eni[0-9a-f]{11}|cali[0-9a-f]+|veth[0-9a-f]+|lxc[0-9a-f]+)$/;
const UPLINK_INTERFACE = /^(eth0|ens5|enp0s\d+|eno\d+)$/;

/** The host end of a pod's veth. */
export function isPodInterface(name: string): boolean {
  return POD_INTERFACE.test(name);
}

/** A machine's interface to its network. */
export function isUplink(name: string): boolean {
  return UPLINK_INTERFACE.test(name);
}

/** Null where the names say nothing. */
export function roleOfNames(file: string, interfaceName: string | null): Role | null {
  const role = roleOfPlace(file, interfaceName);
  // Both sides of a host: its pods', or its inner one, and the other.
  const side = interfaceName?.split('/').at(-1);
  if (side !== CLIENT_SIDE && side !== SERVER_SIDE) return role;
  if (role === 'node-eth0' && side === CLIENT_SIDE) return 'pod-veth';
  if (role === 'nat-inside' || role === 'nat-outside') return side === CLIENT_SIDE ? 'nat-inside' : 'nat-outside';
  return role;
}

function roleOfPlace(file: string, interfaceName: string | null): Role | null {
  if (interfaceName !== null && isPodInterface(interfaceName)) return 'pod-veth';
  const name = file
    .replace(/^.*[\\/]/, '')
    .toLowerCase()
    .replace(/\.(gz|zst|lz4)$/, '')
    .replace(/\.[a-z0-9]+$/, '');
  const has = (words: string): boolean => new RegExp(`(^|[^a-z])(${words})([^a-z]|$)`).test(name);
  if (has('nat|natgw|natgateway|nat-?instance|napt|fromnapt|tonapt')) {
    if (has('out|outside|outer|wan|public|isp|external|ext|eth1|ens6')) return 'nat-outside';
    if (has('in|inside|inner|lan|private|home|internal|int|eth0|ens5')) return 'nat-inside';
  }
  if (
    has('pod|pods|veth|cali|lxc|container') ||
    /(^|[^a-z])(pod|veth)\d/.test(name) ||
    /(^|[^a-z])eni[0-9a-f]{11}/.test(name)
  )
    return 'pod-veth';
  if (has('node|worker') || has('eth|ens')) return 'node-eth0';
  if (has('internet|server|servers|remote|igw')) return 'internet';
  if (interfaceName !== null && isUplink(interfaceName)) return 'node-eth0';
  return null;
}
