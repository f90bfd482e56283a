#!/usr/bin/env node
// The command of the lab: records a scenario and writes captures, dumps and truth into a folder.
//
//   npm run lab -- --list
//   npm run lab -- SCENARIO [--out DIR]        (without --out: into samples/SCENARIO; a case wants --out)
//
// Exit code 0: recorded; 1: failed, the folder is as it was; 2: wrong usage, or something is missing on this machine.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { caseScenarios, sampleScenarios } from './catalogue.mjs';
import { missingOnThisMachine } from './machine.mjs';
import { record } from './recording.mjs';
import { renewReadme, walkText } from './walk.mjs';

const samplesFolder = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const samples = await sampleScenarios();
const cases = await caseScenarios();

const usage = `usage: npm run lab -- SCENARIO [--out DIR]
       npm run lab -- CASE --out DIR
       npm run lab -- --list
scenarios: ${Object.keys(samples).join(', ')}
cases: ${Object.keys(cases).join(', ')}`;

function list() {
  const all = Object.entries({ ...samples, ...cases });
  const width = Math.max(...all.map(([name]) => name.length));
  for (const [name, { summary }] of all) console.log(`${name.padEnd(width)}  ${summary}`);
}

async function recordInto(name, out) {
  const scenario = samples[name] ?? cases[name];
  const work = fs.mkdtempSync(path.join(os.tmpdir(), 'snatscope-lab-'));
  process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
  const { truth, legsOf } = await record(scenario, work);
  const walks = () => (typeof scenario.walks === 'function' ? scenario.walks(legsOf) : scenario.walks);
  publish(work, name, out, () => walkText(truth, Object.keys(scenario.points), legsOf, walks()));
  const protos = [...new Set(truth.pairs.map(({ proto }) => proto))];
  const count = (proto) => `${truth.pairs.filter((pair) => pair.proto === proto).length} ${proto}`;
  console.log(`${name}: ${truth.pairs.length} pairs (${protos.map(count).join(', ')}) in ${out}`);
}

/** Copies the recording, and the sample's own texts with the figures of this recording in the README. */
function publish(work, name, out, walk) {
  fs.mkdirSync(out, { recursive: true });
  fs.cpSync(work, out, { recursive: true });
  for (const text of ['README.md', 'sample.json']) {
    const file = path.join(samplesFolder, name, text);
    if (!fs.existsSync(file)) continue;
    const content = fs.readFileSync(file, 'utf8');
    fs.writeFileSync(path.join(out, text), text === 'README.md' ? renewReadme(content, walk()) : content);
  }
}

/** What was asked: { list: true } or { name, out }; `undefined` where it makes no sense. */
function readArguments() {
  const options = { list: { type: 'boolean' }, out: { type: 'string' } };
  try {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    if (values.list) return positionals.length === 0 && values.out === undefined ? { list: true } : undefined;
    const [name, ...more] = positionals;
    if (more.length > 0 || !(name in samples || (name in cases && values.out !== undefined))) return undefined;
    return { name, out: path.resolve(values.out ?? path.join(samplesFolder, name)) };
  } catch {
    return undefined; // an option that does not exist
  }
}

function refuse(message) {
  console.error(message);
  process.exitCode = 2;
}

const asked = readArguments();
if (!asked) {
  refuse(usage);
} else if (asked.list) {
  list();
} else {
  const missing = missingOnThisMachine({ ...samples, ...cases }[asked.name].needs);
  if (missing.length > 0) {
    refuse(missing.join('\n'));
  } else {
    await recordInto(asked.name, asked.out).catch((error) => {
      console.error(`${asked.name} was not recorded: ${error.message}`);
      process.exitCode = 1;
    });
  }
}
