// What a recording needs of the machine. Nothing is installed; what is missing is said with the line that installs it.
import { spawnSync } from 'node:child_process';

const packageOf = {
  ip: 'iproute2',
  tcpdump: 'tcpdump',
  conntrack: 'conntrack',
  'iptables-restore': 'iptables',
  'iptables-save': 'iptables',
  ping: 'iputils-ping',
};

/** What is missing, as sentences; empty when a recording can begin. */
export function missingOnThisMachine() {
  if (process.platform !== 'linux') return ['The lab needs Linux: it works with network namespaces.'];
  const missing = [];
  const commands = Object.keys(packageOf).filter((name) => spawnSync(name, ['-V']).error?.code === 'ENOENT');
  if (commands.length > 0) {
    const packages = [...new Set(commands.map((name) => packageOf[name]))];
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
  const probe = `snatscope-${process.pid}-probe`;
  const ip = (...args) => spawnSync('ip', args, { encoding: 'utf8' });
  const made = ip('netns', 'add', probe);
  if (made.status !== 0) return [`Network namespaces cannot be made here: ${made.stderr.trim()}`];
  const nat = ip(
    'netns',
    'exec',
    probe,
    'iptables',
    '-t',
    'nat',
    '-A',
    'POSTROUTING',
    '-j',
    'MASQUERADE',
    '--random-fully',
  );
  ip('netns', 'delete', probe);
  return nat.status === 0 ? [] : [`The kernel has no iptables NAT: ${nat.stderr.trim()}`];
}
