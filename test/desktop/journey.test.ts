// The main job in the window: one connection of a sample, what its source was at each point, and one packet before and after.
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDesktop, launch, sample } from './support.ts';
import type { Running } from './support.ts';

interface TruthPair {
  readonly proto: string;
  readonly a: { readonly file: string; readonly flow: string };
  readonly b: { readonly file: string; readonly flow: string };
}

/** The sources of the first TCP connection out of this file, point by point, as conntrack told them while recording. */
function trueSources(name: string, file: string): string[] {
  const { pairs } = JSON.parse(readFileSync(sample(name, 'truth.json'), 'utf8')) as { pairs: TruthPair[] };
  const sources: string[] = [];
  let place = pairs.find(({ proto, a }) => proto === 'tcp' && a.file === file)?.a;
  while (place !== undefined) {
    const { file: at, flow } = place;
    sources.push(flow.split('>')[0]!);
    place = pairs.find(({ proto, a }) => proto === 'tcp' && a.file === at && a.flow === flow)?.b;
  }
  return sources;
}

describeDesktop('a journey of a sample', () => {
  const sources = [...new Set(trueSources('eks-nat-gateway', 'pod1-veth.pcap'))];
  let running: Running;
  beforeAll(async () => {
    running = await launch();
    await running.page.getByTestId('sample-card-eks-nat-gateway').click();
    await running.page.getByTestId('journeys').waitFor();
  });
  afterAll(async () => {
    await running.close();
  });

  /** The text of the element with this test id, without the blanks of its layout; a pane around it may bear the same id. */
  const textOf = async (testId: string): Promise<string> =>
    ((await running.page.getByTestId(testId).last().textContent()) ?? '').replaceAll(/\s/g, '');

  it('shows pod, node and public address with their ports', async () => {
    const { page } = running;
    expect(sources.length).toBeGreaterThanOrEqual(3);
    await page.getByTestId('filter').fill(sources[0]!);
    const rows = page.getByTestId(/^journey-row-/);
    await expect.poll(() => rows.count()).toBe(1);
    await rows.click();
    for (const source of sources) await expect.poll(() => textOf('inspector')).toContain(source);
    // The path map tells the same journey.
    for (const source of sources) await expect.poll(() => textOf('path-map')).toContain(source.split(':')[0]);
  });

  it('shows one packet at all its points, with the changed addresses', async () => {
    await running.page.getByTestId('tab-diff').click();
    for (const source of sources) await expect.poll(() => textOf('packet-diff')).toContain(source.split(':')[0]);
    expect(await textOf('packet-diff')).toContain('SNAT');
  });

  it('shows the packets over time', async () => {
    await running.page.getByTestId('tab-timeline').click();
    await running.page.locator('.recharts-surface').first().waitFor();
  });

  it('has told the console of no error', () => {
    expect(running.complaints).toEqual([]);
  });
});
