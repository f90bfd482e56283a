// The bundled samples as networks and capturing may have spoiled them: nothing is ever tied wrongly, and nothing missed that
// can still be seen.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Edit,
  cutTo,
  doubled,
  formatPcap,
  otherIpIds,
  parsePcap,
  shiftedBy,
  thinned,
} from '../../support/pcap-edit.ts';
import { SAMPLES } from '../../support/requirements.ts';
import type { SceneFile } from '../../support/scene.ts';
import { openCaptures } from '../../support/scene-session.ts';
import { schemaProblems } from '../../support/report-schema.ts';
import { type Truth, legsOf, score } from '../../support/score.ts';

const NAMES = ['clusterip-dnat', 'eks-external-snat', 'eks-nat-gateway', 'eks-public-subnet'];

interface Sample {
  readonly files: readonly SceneFile[];
  readonly truth: Truth;
}

function sample(name: string): Sample {
  const folder = path.join(SAMPLES, name);
  const files = readdirSync(folder)
    .filter((file) => file.endsWith('.pcap'))
    .map((file) => ({ file, bytes: new Uint8Array(readFileSync(path.join(folder, file))) }));
  return { files, truth: JSON.parse(readFileSync(path.join(folder, 'truth.json'), 'utf8')) as Truth };
}

function edited(files: readonly SceneFile[], which: (file: string) => boolean, edit: Edit): SceneFile[] {
  return files.map(({ file, bytes }) =>
    which(file) ? { file, bytes: formatPcap(edit(parsePcap(bytes))) } : { file, bytes },
  );
}

/** Scores that hold of captures that show every leg. */
function expectAllFound(files: readonly SceneFile[], truth: Truth): void {
  const { report } = openCaptures(files);
  expect(schemaProblems(report)).toEqual([]);
  const result = score(report, truth);
  expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
  expect(result.pairs).toBeGreaterThan(30);
}

describe.each(NAMES)('%s without its dumps', (name) => {
  const { files, truth } = sample(name);
  const points = files.map((f) => f.file);

  it('as it was recorded: every pair found, nothing invented', () => {
    expectAllFound(files, truth);
  });

  it('opened in any order', () => {
    expectAllFound([...files].reverse(), truth);
  });

  it.each(points.filter((p) => !p.startsWith('pod')))('with random IP ids at %s', (file) => {
    expectAllFound(
      edited(files, (f) => f === file, otherIpIds(7)),
      truth,
    );
  });

  it('with random IP ids at every point', () => {
    expectAllFound(
      files.map(({ file, bytes }, i) => ({ file, bytes: formatPcap(otherIpIds(i)(parsePcap(bytes))) })),
      truth,
    );
  });

  it('with a snap length of 96 bytes everywhere', () => {
    expectAllFound(
      edited(files, () => true, cutTo(96)),
      truth,
    );
  });

  it('with a snap length of 96 bytes at one point: TCP and DNS are all found, nothing is invented', () => {
    const cut = edited(files, (f) => f === 'node-eth0.pcap', cutTo(96));
    const result = score(openCaptures(cut).report, truth, (x) => !x.includes('| icmp '));
    expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
    expect(result.pairs).toBeGreaterThan(30);
  });

  it.each([86_400, -86_400, 1])("with the node's clock %d s off", (seconds) => {
    expectAllFound(
      edited(files, (f) => f === 'node-eth0.pcap', shiftedBy(seconds)),
      truth,
    );
  });

  it('with every packet shown twice at the node, and nothing called lost or born for it', () => {
    const twice = edited(files, (f) => f === 'node-eth0.pcap', doubled);
    expectAllFound(twice, truth);
    const sums = (of: readonly SceneFile[]): number[] =>
      openCaptures(of).report.journeys.reduce(
        (sum, j) => j.changes.reduce(([l, b], c) => [l! + c.lost[0] + c.lost[1], b! + c.born[0] + c.born[1]], sum),
        [0, 0],
      );
    const [lost, born] = sums(files);
    const [lostTwice, bornTwice] = sums(twice);
    // What the node loses, it loses once or is shown losing twice.
    expect(lostTwice).toBeLessThanOrEqual(2 * lost!);
    expect(bornTwice).toBeLessThanOrEqual(2 * born!);
  });

  it('without the capture of the node: the others still find each other, as the two steps together say', () => {
    const { report } = openCaptures(files.filter((f) => f.file !== 'node-eth0.pcap'));
    // Pairs across the node follow from the truth's two steps.
    const across = composed(truth, 'node-eth0.pcap');
    const result = score(report, across);
    expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
    expect(result.pairs).toBeGreaterThan(20);
  });

  it.each([1, 2, 3, 4, 5])('with a few percent of the packets missing at any one point (seed %d)', (seed) => {
    for (const file of points) {
      const thin = edited(files, (f) => f === file, thinned(0.03, seed));
      const { report } = openCaptures(thin);
      const seen = legsOf(report);
      const result = score(report, truth, (x, y) => seen.has(x) && seen.has(y));
      expect({ file, missed: result.missed, wrong: result.wrong }).toEqual({ file, missed: [], wrong: [] });
    }
  });
});

/** The truth without a point, its neighbours' legs joined across it. */
function composed(truth: Truth, point: string): Truth {
  const canon = (flow: string): string => flow.split('>').sort().join('>');
  const direct = truth.pairs.filter((p) => p.a.file !== point && p.b.file !== point);
  const at = truth.pairs.flatMap((p) =>
    p.a.file === point
      ? [{ proto: p.proto, here: p.a, there: p.b }]
      : p.b.file === point
        ? [{ proto: p.proto, here: p.b, there: p.a }]
        : [],
  );
  const across = at.flatMap((x) =>
    at
      .filter((y) => x.proto === y.proto && canon(x.here.flow) === canon(y.here.flow) && x.there.file < y.there.file)
      .map((y) => ({ proto: x.proto, a: x.there, b: y.there })),
  );
  return { closed: true, pairs: [...direct, ...across] };
}
