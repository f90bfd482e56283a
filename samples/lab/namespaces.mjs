// Network namespaces as hosts: made, linked, driven and removed.
//
// Every namespace of a run is called `snatscope-<pid>-<host>`, so two runs never meet and nothing of the machine's own
// network is touched. `close()` ends every process that still runs in one of them and deletes them; it is safe to call
// at any moment and more than once.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const relayFile = fileURLToPath(new URL('./relay.py', import.meta.url));

/** Runs a command to its end; throws with the command line and what it printed when it fails. */
export function run(command, args, { input } = {}) {
  const done = spawnSync(command, args, { input, encoding: 'utf8', maxBuffer: 64 << 20 });
  if (done.error) throw done.error;
  if (done.status !== 0) throw new Error(`${[command, ...args].join(' ')}\n${done.stderr || done.stdout}`);
  return done.stdout;
}

class Host {
  constructor(name, netns) {
    this.name = name;
    this.netns = netns;
  }

  /** Applies lines of `ip -batch`: `addr add … dev …`, `route add …`. */
  ip(...lines) {
    run('ip', ['-n', this.netns, '-batch', '-'], { input: lines.join('\n') + '\n' });
  }

  run(command, args, options) {
    return run('ip', ['netns', 'exec', this.netns, command, ...args], options);
  }

  start(command, args, options) {
    return spawn('ip', ['netns', 'exec', this.netns, command, ...args], options);
  }

  /** Sets kernel parameters below /proc/sys/net of this namespace. */
  sysctl(settings) {
    const lines = Object.entries(settings).map(([key, value]) => `echo ${value} > /proc/sys/net/${key}`);
    this.run('sh', ['-ec', lines.join('\n')]);
  }

  macOf(device) {
    const [link] = JSON.parse(run('ip', ['-n', this.netns, '-json', 'link', 'show', 'dev', device]));
    return link.address;
  }
}

export class Lab {
  #hosts = new Map();
  #relays = [];

  /** Makes a host. IPv6 is off unless asked for (its neighbour discovery would be the only IPv6 in the captures). */
  addHost(name, { forwards = false, ipv6 = false } = {}) {
    const host = new Host(name, `snatscope-${process.pid}-${name}`);
    run('ip', ['netns', 'add', host.netns]);
    this.#hosts.set(name, host);
    const ipv6Settings = ipv6
      ? { accept_dad: 0, accept_ra: 0, router_solicitations: 0 } // addresses hold at once
      : { disable_ipv6: 1 };
    for (const [key, value] of Object.entries(ipv6Settings)) {
      host.sysctl({ [`ipv6/conf/all/${key}`]: value, [`ipv6/conf/default/${key}`]: value });
    }
    if (forwards) {
      if (ipv6) host.sysctl({ 'ipv6/conf/all/forwarding': 1 });
      host.sysctl({
        'ipv4/ip_forward': 1,
        'ipv4/conf/all/rp_filter': 0,
        'ipv4/conf/default/rp_filter': 0,
        'ipv4/conf/all/send_redirects': 0,
        'ipv4/conf/default/send_redirects': 0,
      });
    }
    host.ip('link set lo up');
    return host;
  }

  host(name) {
    const host = this.#hosts.get(name);
    if (!host) throw new Error(`no host ${name} in this network; it has ${[...this.#hosts.keys()].join(', ')}`);
    return host;
  }

  /** Joins two hosts by a veth pair, both ends up. */
  link(a, deviceA, b, deviceB) {
    run('ip', ['link', 'add', deviceA, 'netns', a.netns, 'type', 'veth', 'peer', 'name', deviceB, 'netns', b.netns]);
    a.ip(`link set ${deviceA} up`);
    b.ip(`link set ${deviceB} up`);
  }

  /**
   * Joins two hosts by a wire with faults (see relay.py): `faults.a` on the way from `a` to `b`, `faults.b` on the way back.
   * Both ends are TAP devices; frames on them are never longer than the MTU.
   */
  async relayedLink(a, deviceA, b, deviceB, faults) {
    const taps = ['a', 'b'].map((end) => `ss${process.pid}${end}${this.#relays.length}`);
    const relay = spawn('python3', [relayFile, ...taps, JSON.stringify(faults)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#relays.push(relay);
    const ready = await Promise.race([once(relay.stdout, 'data'), once(relay, 'exit')]);
    if (!String(ready[0]).includes('ready')) throw new Error('the relay between two hosts did not start');
    for (const [host, device, tap] of [
      [a, deviceA, taps[0]],
      [b, deviceB, taps[1]],
    ]) {
      run('ip', ['link', 'set', tap, 'netns', host.netns, 'name', device]);
      host.ip(`link set ${device} txqueuelen 10000 up`);
    }
  }

  close() {
    for (const relay of this.#relays.splice(0)) relay.kill('SIGKILL');
    for (const [name, { netns }] of this.#hosts) {
      const pids = spawnSync('ip', ['netns', 'pids', netns], { encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
      for (const pid of pids) endProcess(Number(pid));
      spawnSync('ip', ['netns', 'delete', netns]);
      this.#hosts.delete(name);
    }
  }
}

function endProcess(pid) {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error; // it ended by itself meanwhile
  }
}
