// One recording, from the empty network to files that were held against each other.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { readLegs } from './legs.mjs';
import { startCapture, startEvents } from './observe.mjs';
import { restoreText } from './rules.mjs';
import { startAgent } from './traffic/agents.mjs';
import { contradictions, makeTruth, readEvents, truthText } from './truth.mjs';

const flushMs = 1500; // tcpdump hands over a partly filled buffer after one second

/**
 * Records `scenario` into `folder` (README.md says what a scenario is). Throws, with the reason, unless the
 * recording is sound: no packet dropped, no event lost, packets and conntrack of one opinion. The network is gone afterwards
 * whatever happens, Ctrl+C included.
 */
export async function record(scenario, folder) {
  fs.mkdirSync(path.join(folder, 'truth'));
  let lab;
  const close = () => lab?.close();
  const interrupted = (_, signal) => process.exit(128 + signal);
  process.on('exit', close).on('SIGINT', interrupted).on('SIGTERM', interrupted);
  try {
    lab = await scenario.build();
    await play(scenario, lab, folder);
  } finally {
    close();
    process.off('exit', close).off('SIGINT', interrupted).off('SIGTERM', interrupted);
  }
  await scenario.rewrite?.(folder);
  return judge(scenario, folder);
}

async function play(scenario, lab, folder) {
  const boxes = Object.keys(scenario.rules);
  for (const box of boxes) lab.host(box).run('iptables-restore', [], { input: restoreText(scenario.rules[box]) });
  await scenario.setUp?.(lab);
  const agents = Object.fromEntries(scenario.agents.map((name) => [name, startAgent(lab.host(name))]));
  const events = await Promise.all(
    boxes.map((box) => startEvents(lab.host(box), path.join(folder, 'truth', `${box}.events`))),
  );
  const captures = await Promise.all(
    Object.entries(scenario.points).map(async ([file, [host, device, options]]) => ({
      file,
      ...(await startCapture(lab.host(host), device, path.join(folder, file), options)),
    })),
  );

  await scenario.traffic(agents, lab);

  if (!scenario.afterwards) dump(scenario, lab, folder);
  await pause(flushMs);
  await Promise.all(events.map((log) => log.stop()));
  for (const { file, stop } of captures) {
    const dropped = await stop();
    if (dropped > 0) throw new Error(`${file}: ${dropped} packets dropped by the kernel`);
  }
  if (scenario.afterwards) {
    await scenario.afterwards(agents, lab);
    dump(scenario, lab, folder);
  }
}

function dump({ dumps }, lab, folder) {
  for (const box of dumps) {
    const listing = ['ipv4', 'ipv6'].map((family) =>
      lab.host(box).run('conntrack', ['-L', '-f', family, '-o', 'extended']),
    );
    fs.writeFileSync(path.join(folder, `${box}.conntrack`), listing.join(''));
    fs.writeFileSync(path.join(folder, `${box}.iptables`), lab.host(box).run('iptables-save', ['-c']));
  }
}

function judge(scenario, folder) {
  const once = (read) => {
    const known = new Map();
    return (name) => {
      if (!known.has(name)) known.set(name, read(name));
      return known.get(name);
    };
  };
  const legsOf = once((file) => readLegs(path.join(folder, file)));
  const eventsOf = once((box) => readEvents(fs.readFileSync(path.join(folder, 'truth', `${box}.events`), 'utf8')));
  const truth = makeTruth(scenario.truth, legsOf, eventsOf);
  const files = fs.readdirSync(folder).filter((file) => file.endsWith('.pcap')); // those that a rewriter left
  const wrong = contradictions(truth, files, legsOf, {
    isFirst: (file) => /^pod\d/.test(file),
    partners: scenario.partners ?? true,
    sequence: scenario.sequence ?? true,
  });
  if (wrong.length > 0) throw new Error(`packets and conntrack disagree:\n${firstOf(wrong)}`);
  for (const [effect, isShown] of Object.entries(scenario.shows ?? {})) {
    if (!isShown({ truth, legsOf, eventsOf, folder })) throw new Error(`the recording does not show it: ${effect}`);
  }
  fs.writeFileSync(path.join(folder, 'truth.json'), truthText({ ...truth, finding: scenario.finding }));
  return { truth, legsOf };
}

function firstOf(sentences, most = 10) {
  const more = sentences.length - most;
  return sentences.slice(0, most).join('\n') + (more > 0 ? `\n… and ${more} more` : '');
}
