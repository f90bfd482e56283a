// Frames of every decoded link type, network and transport, made at random and held against tshark.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { anyFrame } from '../support/packets-arbitrary.ts';
import { enhancedPacket, interfaceBlock, writePcapng } from '../support/packets-write.ts';
import { describeWith } from '../support/requirements.ts';
import { anyTunnelledFrame } from '../support/tunnels-arbitrary.ts';
import { agreesWithTshark } from './agreement.ts';

describeWith(['tshark'], 'random frames, decoded as tshark does', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'snatscope-frames-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it.each([1, 2, 3, 4])('seed %i', async (seed) => {
    const frames = fc.sample(fc.oneof(anyFrame, anyTunnelledFrame), { seed, numRuns: 500 });
    const linkTypes = [...new Set(frames.map(({ linkType }) => linkType))];
    const file = path.join(folder, `seed-${seed}.pcapng`);
    const bytes = writePcapng(seed % 2 === 0, [
      ...linkTypes.map((linkType) => interfaceBlock({ linkType })),
      ...frames.map((frame, index) =>
        enhancedPacket(linkTypes.indexOf(frame.linkType), 1_700_000_000_000_000n + BigInt(index), frame.bytes),
      ),
    ]);
    writeFileSync(file, bytes);
    expect(await agreesWithTshark(file)).toBe(frames.length);
  });
});
