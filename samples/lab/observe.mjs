// What watches a run: tcpdump at each point and `conntrack -E` at each stateful box. Both are known to listen before
// the traffic begins, and both say afterwards whether they lost anything.
import fs from 'node:fs';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { run } from './namespaces.mjs';

const widenFile = fileURLToPath(new URL('./widen-buffers.py', import.meta.url));

const captureBufferKiB = 16384;
const eventBufferBytes = 32 << 20;
const patienceMs = 10_000;

/**
 * Starts tcpdump at a point; `stop()` resolves to the number of packets that the kernel dropped. `linkType` as tcpdump names
 * it (device `any` offers LINUX_SLL and LINUX_SLL2); `filter` as tcpdump reads it.
 */
export async function startCapture(host, device, file, { snapLength = 262144, linkType, filter } = {}) {
  const args = [
    '-i',
    device,
    '-n',
    '-U',
    '-s',
    String(snapLength),
    '-B',
    String(captureBufferKiB),
    '-Z',
    'root',
    '-w',
    file,
  ];
  if (linkType) args.push('-y', linkType);
  if (filter) args.push(filter);
  const tcpdump = host.start('tcpdump', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const said = collect(tcpdump.stderr);
  await until(() => said.text.includes('listening on'), tcpdump, said);
  return {
    async stop() {
      await interrupt(tcpdump);
      const dropped = /(\d+) packets? dropped by kernel/.exec(said.text);
      if (!dropped) throw new Error(`tcpdump at ${host.name} ${device} gave no statistics: ${said.text}`);
      return Number(dropped[1]);
    },
  };
}

/** Starts the event log of a box's connections, begun and ended; `stop()` throws if the kernel lost events. */
export async function startEvents(host, file) {
  const output = fs.openSync(file, 'w');
  const args = ['-E', '-e', 'NEW,DESTROY', '-o', 'extended,timestamp'];
  const conntrack = host.start('conntrack', args, { stdio: ['ignore', output, 'pipe'] });
  fs.closeSync(output);
  const said = collect(conntrack.stderr);
  await until(() => subscribed(conntrack.pid), conntrack, said);
  run('python3', [widenFile, String(conntrack.pid), String(eventBufferBytes)]);
  return {
    async stop() {
      await interrupt(conntrack);
      if (said.text.includes('ENOBUFS')) throw new Error(`conntrack -E at ${host.name} lost events: ${said.text}`);
    },
  };
}

/** True once the process's namespace has a netfilter netlink socket (protocol 12) that joined a group: conntrack's events. */
function subscribed(pid) {
  const sockets = fs.readFileSync(`/proc/${pid}/net/netlink`, 'utf8').trim().split('\n').slice(1);
  return sockets
    .map((line) => line.trim().split(/\s+/))
    .some(([, protocol, , groups]) => protocol === '12' && parseInt(groups, 16) !== 0);
}

function collect(stream) {
  const said = { text: '' };
  stream.setEncoding('utf8').on('data', (chunk) => (said.text += chunk));
  return said;
}

async function until(listens, child, said) {
  const end = Date.now() + patienceMs;
  while (!listens()) {
    if (child.exitCode !== null || Date.now() > end) {
      throw new Error(`${child.spawnargs.join(' ')}\ndoes not listen: ${said.text.trim()}`);
    }
    await pause(20);
  }
}

async function interrupt(child) {
  if (child.exitCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGINT');
  await closed;
}
