// The bundled samples as they would be beyond boxes that rewrite TCP: sequence numbers, timestamps, options, segments.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Edit, formatPcap, otherIpIds, parsePcap } from '../../support/pcap-edit.ts';
import { SAMPLES } from '../../support/requirements.ts';
import type { SceneFile } from '../../support/scene.ts';
import { openCaptures } from '../../support/scene-session.ts';
import { type Score, type Truth, score } from '../../support/score.ts';
import {
  type Renumbered,
  cutIntoSegments,
  otherMss,
  otherTimestamps,
  renumbered,
  withoutTimestamps,
} from '../../support/tcp-edit.ts';
import type { Change, Report } from '../../../src/core/report/model.ts';

const SAMPLE = path.join(SAMPLES, 'eks-nat-gateway');
const files = readdirSync(SAMPLE)
  .filter((file) => file.endsWith('.pcap'))
  .map((file): SceneFile => ({ file, bytes: new Uint8Array(readFileSync(path.join(SAMPLE, file))) }));
const truth = JSON.parse(readFileSync(path.join(SAMPLE, 'truth.json'), 'utf8')) as Truth;
const BEYOND = /^(nat-outside|internet)/;

/** The captures with all points that `which` matches behind a box that does this. */
function editedBeyond(which: RegExp, ...edits: readonly Edit[]): SceneFile[] {
  return files.map(({ file, bytes }) =>
    which.test(file)
      ? { file, bytes: formatPcap(edits.reduce((pcap, edit) => edit(pcap), parsePcap(bytes))) }
      : { file, bytes },
  );
}

function scoreBeyond(which: RegExp, ...edits: readonly Edit[]): Score {
  return score(openCaptures(editedBeyond(which, ...edits)).report, truth);
}

describe('sequence numbers that a box draws anew', () => {
  it.each<Renumbered>(['both', 'client', 'server', 'constant'])('%s: every connection is tied across it', (which) => {
    const { pairs, missed, wrong } = scoreBeyond(BEYOND, renumbered(which, 1));
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
    expect(pairs).toBeGreaterThan(200);
  });
});

describe('options, timestamps and ids rewritten besides', () => {
  const STRIPPED = [withoutTimestamps, otherMss(536), otherIpIds(3)];

  it.each([
    ['timestamps taken out, MSS and IP ids rewritten', STRIPPED],
    ['timestamps of another clock, MSS and IP ids rewritten', [otherTimestamps(5), otherMss(536), otherIpIds(3)]],
  ])('%s: sequence numbers are enough', (_, edits) => {
    const { pairs, missed, wrong } = scoreBeyond(BEYOND, ...edits);
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
    expect(pairs).toBeGreaterThan(200);
  });

  it('and all sequence numbers shifted by the same: their shift is what they have in common', () => {
    const { missed, wrong } = scoreBeyond(BEYOND, renumbered('constant', 1), ...STRIPPED);
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
  });

  it.each([
    ['taken out', withoutTimestamps],
    ['of another clock', otherTimestamps(5)],
  ])('sequence numbers drawn anew, timestamps %s, IP ids kept: every connection is tied', (_, edit) => {
    const { missed, wrong } = scoreBeyond(BEYOND, renumbered('both', 1), edit, otherMss(536));
    // But the refused one: a single id of a single SYN is too little.
    expect({ missed: missed.filter((pair) => !pair.includes(':81 ')), wrong }).toEqual({ missed: [], wrong: [] });
  });

  it('nothing left that a relay would not have too: nothing is tied wrongly', () => {
    const { wrong } = scoreBeyond(BEYOND, renumbered('both', 1), ...STRIPPED);
    expect(wrong).toEqual([]);
  });
});

describe('one point alone behind such a box, the others not', () => {
  it.each(['node-eth0.pcap', 'nat-inside.pcap'])('%s', (file) => {
    const { missed, wrong } = scoreBeyond(new RegExp(`^${file}$`), renumbered('both', 2));
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
  });
});

describe('segments cut anew at one point', () => {
  const sums = (report: Report): readonly [lost: number, born: number] => {
    const changes = report.journeys.filter((j) => j.proto === 'tcp').flatMap((j) => j.changes);
    const sum = (of: (change: Change) => readonly [number, number]): number =>
      changes.reduce((total, change) => total + of(change)[0] + of(change)[1], 0);
    return [sum((change) => change.lost), sum((change) => change.born)];
  };

  it.each([
    ['node-eth0.pcap', 100],
    ['nat-outside.pcap', 150],
    ['internet.pcap', 37],
  ])('%s, to %d bytes: every pair is found, and nothing called lost or born for it', (file, size) => {
    const edited = editedBeyond(new RegExp(`^${file}$`), cutIntoSegments(size));
    const { report } = openCaptures(edited);
    const { missed, wrong, pairs } = score(report, truth);
    expect({ missed, wrong }).toEqual({ missed: [], wrong: [] });
    expect(pairs).toBeGreaterThan(200);
    const whole = openCaptures(files).report;
    const packets = (of: Report): number => of.points.reduce((sum, point) => sum + point.packets, 0);
    expect(packets(report)).toBeGreaterThan(packets(whole) + 50);
    expect(sums(report)).toEqual(sums(whole));
  });
});
