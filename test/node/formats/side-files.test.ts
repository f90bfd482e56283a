// Which files beside captures are taken along: by what they are, however they are called, packed and encoded.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, it } from 'vitest';
import { findInputs } from '../../../src/node/inputs.ts';
import { SAMPLES, SIDE_FILES } from '../../support/requirements.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'snatscope-side-files-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const OPTIONS = { noSideFiles: false, conntrack: [] };
const fixture = (name: string): Buffer => readFileSync(path.join(SIDE_FILES, name));

async function kinds(paths: readonly string[], options = OPTIONS): Promise<string[]> {
  const { sides, captures, problems } = await findInputs(paths, options);
  return [
    ...captures.map(({ name }) => `${name}: capture`),
    ...sides.map(({ file, box, content }) => `${file}: ${content.kind} of ${box}`),
    ...problems.map(({ file, error }) => `${path.basename(file)}: ${error ?? ''}`),
  ];
}

it('a folder: dumps of any name by their content; reports, truths and texts are none', async () => {
  const inside = path.join(folder, 'mixed');
  mkdirSync(inside);
  cpSync(path.join(SAMPLES, 'eks-nat-gateway', 'nat-inside.pcap'), path.join(inside, 'nat-inside.pcap'));
  for (const name of ['README.md', 'sample.json', 'truth.json']) {
    cpSync(path.join(SAMPLES, 'eks-nat-gateway', name), path.join(inside, name));
  }
  writeFileSync(path.join(inside, 'conntrack-on-node7'), fixture('conntrack-L.extended'));
  writeFileSync(path.join(inside, 'nat-events.log'), fixture('conntrack-E.timestamp'));
  writeFileSync(path.join(inside, 'node.xml.gz'), gzipSync(fixture('conntrack-L.xml')));
  writeFileSync(path.join(inside, 'rules.txt'), fixture('node.iptables-save'));
  writeFileSync(path.join(inside, 'node-rules.json'), fixture('native.nft-json'));
  writeFileSync(path.join(inside, 'nat.conntrack'), '');
  expect((await kinds([inside])).sort()).toEqual([
    'conntrack-on-node7: conntrack of node',
    'nat-events.log: conntrack of nat',
    'nat-inside.pcap: capture',
    'nat.conntrack: conntrack of nat',
    'node-rules.json: nft of node',
    'node.xml.gz: conntrack of node',
    'rules.txt: iptables of other',
  ]);
  expect(await kinds([inside], { ...OPTIONS, noSideFiles: true })).toEqual(['nat-inside.pcap: capture']);
});

it('a PATH of its own, and in the encoding of PowerShell', async () => {
  const file = path.join(folder, 'worker.txt');
  const text = fixture('conntrack-L.plain').toString();
  writeFileSync(file, Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]));
  const { sides } = await findInputs([file], OPTIONS);
  expect(sides[0]).toMatchObject({ box: 'node', content: { kind: 'conntrack', dump: { unread: { count: 0 } } } });
});

it('a folder without any says so; a dump that is cut within its compression is read as far as it goes', async () => {
  const empty = path.join(folder, 'empty');
  mkdirSync(empty);
  expect(await kinds([empty])).toEqual(['empty: no capture in this folder']);
  const cut = path.join(folder, 'node.conntrack');
  const log = fixture('conntrack-E.all');
  writeFileSync(cut, gzipSync(Buffer.concat([log, log, log])).subarray(0, 900));
  const { sides, problems } = await findInputs([cut], OPTIONS);
  expect(sides).toHaveLength(1);
  expect(problems).toEqual([{ file: cut, ok: false, error: expect.stringContaining('gzip') as string }]);
});
