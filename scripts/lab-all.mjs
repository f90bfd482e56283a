// Records the lab's scenarios anew and holds what the program makes of them against their truths: without dumps, with the
// listings and rules that lie beside the captures, and with event logs. Needs root, as the lab does.
//
//   npm run lab:all [-- --runs N] [--write] [NAME…]
//
// --runs N   N times in a row, each time everything anew
// --write    puts the table of cases into docs/matching.md (all cases, not some)
//
// Recordings are kept in .cache/lab until the next run. Exit code 1 if a scenario could not be recorded, if anything is
// wrong, or if a connection that the packets identify is missed; 2 for wrong usage.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { caseScenarios, sampleScenarios } from '../samples/lab/catalogue.mjs';
import { missingOnThisMachine } from '../samples/lab/machine.mjs';
import { Recording, pairName, readReport } from '../test/checker/verdict.mjs';
import { bundled } from './bundled.mjs';
import { giveUp, ready, root } from './ready.mjs';

const usage = 'usage: npm run lab:all [-- --runs N] [--write] [NAME…]';
const cache = path.join(root, '.cache', 'lab');
const marks = ['<!-- lab:all begin -->', '<!-- lab:all end -->'];
/** Attempts to record: a busy machine may drop a packet, and then a recording is refused. */
const attempts = 3;

const asked = readArguments();
const scenarios = { ...(await sampleScenarios()), ...(await caseScenarios()) };
const names = asked.names.length > 0 ? asked.names : Object.keys(scenarios);
const unknown = names.filter((name) => !(name in scenarios));
if (unknown.length > 0) giveUp(`no scenario ${unknown.join(', ')}; there are ${Object.keys(scenarios).join(', ')}`, 2);
const missing = missingOnThisMachine([...new Set(names.flatMap((name) => scenarios[name].needs ?? []))]);
if (missing.length > 0) giveUp(missing.join('\n'), 2);
ready();
const { score } = await import(await bundled('test/support/score.ts', cache));

const rows = [];
for (let run = 1; run <= asked.runs; run++) {
  if (asked.runs > 1) console.log(`run ${run} of ${asked.runs}`);
  for (const name of names) {
    const row = judge(name);
    rows.push(row);
    console.log(line(row));
    for (const fault of row.faults) console.log(`    ${fault}`);
  }
}
const failed = rows.filter(({ faults }) => faults.length > 0);
console.log(
  `${rows.length} recordings, ${failed.length} with faults: ${failed.map(({ name }) => name).join(', ') || 'none'}`,
);
if (asked.write) writeTable(rows.slice(-names.length));
process.exitCode = failed.length > 0 ? 1 : 0;

function readArguments() {
  const options = { runs: { type: 'string', default: '1' }, write: { type: 'boolean', default: false } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const runs = Number(values.runs);
    if (!Number.isInteger(runs) || runs < 1 || (values.write && positionals.length > 0)) giveUp(usage, 2);
    return { runs, write: values.write, names: positionals };
  } catch (error) {
    return giveUp(`${error.message}\n${usage}`, 2);
  }
}

/** Records a scenario and says what the program made of it: { name, pairs, …, faults }. */
function judge(name) {
  const folder = path.join(cache, name);
  const refusal = record(name, folder);
  if (refusal !== undefined) return { name, faults: [`was not recorded: ${refusal}`] };
  const recording = new Recording(folder);
  const modes = {
    packets: read(recording, ['--no-side-files']),
    listings: read(recording, []),
    events: read(recording, ['--no-side-files', ...eventLogs(folder)]),
  };
  const judged = recording.judged();
  const faults = [
    ...Object.entries(modes).flatMap(([mode, { wrong, unsupported }]) => [
      ...told(`wrong (${mode})`, wrong),
      ...told(`a tie without a common packet (${mode})`, unsupported),
    ]),
    ...told(
      'identifiable, and missed',
      judged.filter(({ word, ...pair }) => word === 'identifiable' && !has(modes.packets.tied, pair)),
    ),
    ...told(
      'an error not followed',
      judged.filter(({ word, ...pair }) => word === 'error' && !has(modes.packets.tied, pair)),
    ),
    ...told(
      'guessed among equals',
      judged.filter(({ word, ...pair }) => word === 'symmetric' && has(modes.packets.tied, pair)),
    ),
    ...told(
      'open, and not among the candidates',
      judged.filter(
        ({ word, ...pair }) =>
          ['symmetric', 'unclear'].includes(word) && !has(modes.packets.tied, pair) && !has(modes.packets.listed, pair),
      ),
    ),
    ...told(
      'lost by a listing',
      judged.filter((pair) => has(modes.packets.tied, pair) && !has(modes.listings.tied, pair)),
    ),
    ...told(
      'open in spite of event logs',
      judged.filter(({ word, ...pair }) => !['apart', 'error'].includes(word) && !has(modes.events.tied, pair)),
    ),
    ...(scenarios[name].stale && modes.listings.stale === 0 ? ['the stale entries of the listing are not named'] : []),
  ];
  const count = (word) => judged.filter((pair) => pair.word === word).length;
  return {
    name,
    modes,
    pairs: modes.packets.pairs,
    identifiable: count('identifiable'),
    symmetric: count('symmetric'),
    faults,
  };
}

function has(pairs, { a, b }) {
  return pairs.has(pairName(a, b));
}

/** The first of what is at fault, and how many there are. */
function told(what, items) {
  if (items.length === 0) return [];
  const examples = items
    .slice(0, asked.names.length > 0 ? 10 : 2)
    .map((item) => (typeof item === 'string' ? item : `${item.a} = ${item.b}`));
  return [`${what}: ${items.length}`, ...examples.map((example) => `  ${example}`)];
}

/** Why the scenario was not recorded; undefined where it was. */
function record(name, folder) {
  for (let attempt = 1; ; attempt++) {
    fs.rmSync(folder, { recursive: true, force: true });
    const { status, stderr } = spawnSync(
      process.execPath,
      [path.join(root, 'samples/lab/record.mjs'), name, '--out', folder],
      { encoding: 'utf8' },
    );
    if (status === 0) return undefined;
    if (attempt === attempts) return stderr.trim();
    console.error(`${name}, attempt ${attempt}: ${stderr.trim().split('\n')[0]}`);
  }
}

function eventLogs(folder) {
  const truth = path.join(folder, 'truth');
  return fs.readdirSync(truth).flatMap((file) => {
    const [box] = /^(node|nat|igw)/.exec(file) ?? ['other'];
    return ['--conntrack', `${path.join(truth, file)}@${box}`];
  });
}

function read(recording, args) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [path.join(root, 'out/main/cli.js'), 'report', '--format', 'json', ...args, recording.folder],
    { encoding: 'utf8', maxBuffer: 1 << 30 },
  );
  if (status !== 0) throw new Error(`report ${args.join(' ')} ${recording.folder} ended with ${status}: ${stderr}`);
  const report = JSON.parse(stdout);
  const { pairs, found, wrong } = score(report, recording.truth);
  const stale = report.sideFiles.reduce((sum, { contradict }) => sum + contradict, 0);
  return { pairs, found, wrong, stale, ...readReport(report, recording) };
}

function line({ name, modes, pairs, identifiable, faults }) {
  if (modes === undefined) return `${name.padEnd(26)} not recorded`;
  const part = ({ found, wrong, ambiguous }) => `${recall(found, pairs)} ${wrong.length} ${ambiguous}`.padEnd(14);
  const figures = `${String(pairs).padStart(5)} ${String(identifiable).padStart(5)}   `;
  return `${name.padEnd(26)} ${figures}${Object.values(modes).map(part).join('')} ${faults.length === 0 ? 'ok' : 'FAULTS'}`;
}

function recall(found, pairs) {
  return pairs === 0 ? '-' : (found / pairs).toFixed(4);
}

/** The table of cases, put between the two marks. */
function writeTable(results) {
  const file = path.join(root, 'docs', 'matching.md');
  const cells = ({ name, modes, pairs, identifiable }) => {
    if (modes === undefined) return [name, 'not recorded'];
    const { packets, listings, events } = modes;
    const wrong = Object.values(modes).reduce((sum, mode) => sum + mode.wrong.length, 0);
    return [
      `\`${name}\``,
      scenarios[name].summary,
      pairs,
      identifiable,
      recall(packets.found, pairs),
      packets.ambiguous,
      recall(listings.found, pairs),
      recall(events.found, pairs),
      wrong,
    ];
  };
  const head = ['case', 'what', 'pairs', 'identifiable', 'recall', 'ambiguous', 'with `-L`', 'with `-E`', 'wrong'];
  const table = [head, head.map(() => '---'), ...results.map(cells)].map((row) => `| ${row.join(' | ')} |`).join('\n');
  const text = fs.readFileSync(file, 'utf8');
  const [from, to] = marks.map((mark) => text.indexOf(mark));
  if (from < 0 || to < from) giveUp(`${file} has no lines ${marks.join(' and ')}`);
  fs.writeFileSync(file, `${text.slice(0, from + marks[0].length)}\n\n${table}\n\n${text.slice(to)}`);
  spawnSync(process.execPath, [path.join(root, 'node_modules/prettier/bin/prettier.cjs'), '--write', file]);
}
