#!/usr/bin/env node
// Writes the captures of a bench: three points, two translations, and the truth of what belongs together.
//
//   node scripts/bench/generate.mjs --out DIR [--connections 50000] [--probes 0] [--seed 1]
//
// The same arguments write the same bytes. Exit code 0: written; 2: wrong usage.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { PcapWriter } from './frames.mjs';
import { POINTS, Traffic } from './traffic.mjs';

/** Connections after which what is certainly past is written. */
const BATCH = 2000;

const usage = 'usage: generate.mjs --out DIR [--connections N] [--probes N] [--seed N]';

function parse() {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      connections: { type: 'string', default: '50000' },
      probes: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
    },
  });
  const [connections, probes, seed] = [values.connections, values.probes, values.seed].map(Number);
  if (values.out === undefined || ![connections, probes, seed].every((n) => Number.isInteger(n) && n >= 0)) {
    throw new Error(usage);
  }
  return { out: values.out, connections, probes, seed };
}

function generate({ out, connections, probes, seed }) {
  mkdirSync(out, { recursive: true });
  const writers = POINTS.map(({ file }) => new PcapWriter(path.join(out, file)));
  const traffic = new Traffic(seed, writers);
  const middle = Math.floor(connections / 2);
  for (let number = 0; number < connections; number++) {
    const start = traffic.connection(number);
    if (number === middle) for (let i = 0; i < probes; i++) traffic.probe(start);
    if (number % BATCH === 0) writers.forEach((writer, p) => writer.flush(start + POINTS[p].clock - 1e6));
  }
  for (const writer of writers) writer.close();
  const truth = { closed: probes === 0, points: POINTS.map(({ file }) => ({ file })), pairs: traffic.pairs };
  writeFileSync(path.join(out, 'truth.json'), JSON.stringify(truth));
  console.log(`${connections} connections, ${traffic.pairs.length} pairs in ${out}`);
}

let settings;
try {
  settings = parse();
} catch (error) {
  console.error(error.message);
  process.exit(2);
}
generate(settings);
