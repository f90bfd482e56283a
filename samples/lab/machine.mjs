// What a recording needs of the machine. Nothing is installed; what is missing is said with the line that installs it.
import { spawnSync } from 'node:child_process';

const packageOf = {
  ip: 'iproute2',
  tcpdump: 'tcpdump',
  conntrack: 'conntrack',
  'iptables-restore': 'iptables',
  'iptables-save': 'iptables',
  ping: 'iputils-ping',
  unshare: 'util-linux',
  python3: 'python3',
};
const packageOfSome = { ethtool: 'ethtool', ip6tables: 'iptables', nft: 'nftables', tayga: 'tayga' };

/**
 * What is missing, as sentences; empty when a recording can begin. `needs` are programs that only some scenarios use.
 */
export function missingOnThisMachine(needs = []) {
  if (process.platform !== 'linux') return ['The lab needs Linux: it works with network namespaces.'];
  const missing = [];
  const wanted = [...Object.keys(packageOf), ...needs];
  const commands = wanted.filter((name) => spawnSync(name, ['-V']).error?.code === 'ENOENT');
  if (commands.length > 0) {
    const packages = [...new Set(commands.map((name) => packageOf[name] ?? packageOfSome[name]))];
    missing.push(`Not installed: ${commands.join(', ')}. On Debian: apt-get install ${packages.join(' ')}`);
  }
  if (process.getuid() !== 0) {
    missing.push('The lab makes network namespaces, which only root may do: run it with sudo.');
  } else if (commands.length === 0) {
    missing.push(...missingInKernel());
  }
  return missing;
}

function missingInKernel() {
  const rule = ['iptables', '-t', 'nat', '-A', 'POSTROUTING', '-j', 'MASQUERADE', '--random-fully'];
  const { status, stderr } = spawnSync('unshare', ['--net', ...rule], { encoding: 'utf8' });
  return status === 0 ? [] : [`Network namespaces with iptables NAT cannot be had here: ${stderr.trim()}`];
}
