// The ladder by mouse and by keyboard: lost, sent again and split packets, time stretched and written in other ways, and a
// journey of thousands of packets of which the page holds a few.
import { rmSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { describeDesktop, launch, sceneFolder } from './support.ts';
import type { Running } from './support.ts';

const BOTH = ['pod', 'node'] as const;
const OUT = { pod: '10.42.3.21:1000 > 198.51.100.10:80', node: '10.42.1.17:2000 > 198.51.100.10:80' };
const BACK = { pod: '198.51.100.10:80 > 10.42.3.21:1000', node: '198.51.100.10:80 > 10.42.1.17:2000' };
const OPENING = `
  point pod: pod-veth.pcap
  point node: node-eth0.pcap clock=+2
  ${BOTH.map((point) => `0 ${point} noise\n60 ${point} noise`).join('\n')}
  1.000   pod   ${OUT.pod}   tcp SYN seq=1000 ts=5
  +0.001  node  ${OUT.node}  " ttl=63
  +0.010  node  ${BACK.node} tcp SYN ACK seq=9000 ack=1001 ts=70/5 ttl=60
  +0.001  pod   ${BACK.pod}  " ttl=59`;
const TROUBLED = `${OPENING}
  2.000   pod   ${OUT.pod}   tcp PSH ACK seq=1001 ack=9001 len=300 ts=1005/70
  +0.001  node  ${OUT.node}  tcp ACK seq=1001 ack=9001 len=150 ts=1005/70 ttl=63
  +0.001  node  ${OUT.node}  tcp PSH ACK seq=1151 ack=9001 len=150 ts=1005/70 ttl=63
  3.000   pod   ${OUT.pod}   tcp PSH ACK seq=1301 ack=9001 len=90 ts=2005/70
  3.300   pod   ${OUT.pod}   tcp PSH ACK seq=1301 ack=9001 len=90 ts=2305/70
  +0.001  node  ${OUT.node}  " ttl=63`;
const PACKETS = 4000;
const LONG = `${OPENING}
  ${Array.from({ length: PACKETS - 2 }, (_, i) => {
    const carried = `tcp ACK seq=${1001 + i * 10} ack=9001 len=10 ts=${1000 + i}/70`;
    return `${(2 + i * 0.01).toFixed(3)} pod ${OUT.pod} ${carried}\n+0.0001 node ${OUT.node} " ttl=63`;
  }).join('\n')}`;

/** Opens the scene's only journey in the ladder. */
async function showLadder({ page }: Running): Promise<void> {
  await page.getByTestId(/^journey-row-/).click();
  await page.getByTestId('tab-ladder').click();
  await page.getByTestId('ladder-packet-0').waitFor();
}

describeDesktop('the ladder of a connection in trouble', () => {
  const folder = sceneFolder(TROUBLED);
  let running: Running;
  beforeAll(async () => {
    running = await launch({ paths: [folder] });
    await showLadder(running);
  });
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });
  const names = async (): Promise<string[]> => {
    const options = await running.page.getByTestId('ladder').getByRole('option').all();
    return Promise.all(
      options.map(
        async (option) =>
          `${(await option.textContent()) ?? ''} | ${(await option.getAttribute('aria-description')) ?? ''}`,
      ),
    );
  };
  const active = (): Promise<string | null> =>
    running.page.getByTestId('ladder').getByRole('listbox').getAttribute('aria-activedescendant');

  it('tells each packet: where it was lost, what was sent again, what was split', async () => {
    await expect.poll(names).toHaveLength(6);
    const told = await names();
    expect(told[0]).toMatch(/^0\.000000 SYN \| out: SYN; pod veth, \+1\.\d+ ms.* node eth0$/);
    expect(told[4]).toMatch(/PSH ACK 90 lost \| out: PSH ACK 90; pod veth; lost after that$/);
    expect(told[5]).toMatch(/PSH ACK 90 again \| out, again: PSH ACK 90; /);
    expect(await running.page.getByTestId('ladder-packet-2').textContent()).toContain('PSH ACK 300 in 2');
  });

  it('says how long each hop took of the packet under the pointer, and marks a corrected clock', async () => {
    const { page } = running;
    await page.getByTestId('ladder-packet-4').hover();
    await expect.poll(() => page.getByTestId('ladder-hops').textContent()).toContain('lost after here');
    await page.getByTestId('ladder-packet-5').hover();
    await expect.poll(() => page.getByTestId('ladder-hops').textContent()).toMatch(/pod veth\+\d.*ms.*node eth0/);
    expect((await page.getByTestId('ladder').textContent())?.replaceAll('\u00a0', ' ')).toContain('clock +2.000 s');
  });

  it('a click chooses the packet that the packet diff then shows', async () => {
    const { page } = running;
    await page.getByTestId('ladder-packet-1').getByText('SYN ACK').click();
    expect(await active()).toBe('ladder-packet-1');
    await page.getByTestId('tab-diff').click();
    await expect.poll(() => page.getByTestId('packet-diff').textContent()).toContain('Packet 2 of 6');
    await page.getByTestId('tab-ladder').click();
  });

  it('goes from packet to packet, stretches time and writes it in other ways by keyboard', async () => {
    const { page } = running;
    const list = page.getByTestId('ladder').getByRole('listbox');
    await list.focus();
    await page.keyboard.press('Home');
    expect(await active()).toBe('ladder-packet-0');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    expect(await active()).toBe('ladder-packet-2');
    const tall = async (): Promise<number> => list.evaluate((element) => element.scrollHeight);
    const before = await tall();
    for (let i = 0; i < 5; i++) await page.keyboard.press('+');
    await expect.poll(tall).toBeGreaterThan(before);
    await page.keyboard.press('0');
    await expect.poll(tall).toBe(before);
    await page.keyboard.press('t');
    await page.keyboard.press('t');
    await expect.poll(() => list.textContent()).toContain('22:13:21.000000');
    await page.keyboard.press('Enter');
    await expect.poll(() => page.getByTestId('packet-diff').textContent()).toContain('Packet 3 of 6');
  });

  it('has told the console of no error', () => {
    expect(running.complaints).toEqual([]);
  });
});

describeDesktop('the ladder of a long connection', () => {
  const folder = sceneFolder(LONG);
  let running: Running;
  beforeAll(async () => {
    running = await launch({ paths: [folder] });
    await showLadder(running);
  });
  afterAll(async () => {
    await running.close();
    rmSync(folder, { recursive: true });
  });

  it('shows its end and any part of it, and holds no more than what is near', async () => {
    const { page } = running;
    const list = page.getByTestId('ladder').getByRole('listbox');
    const held = (): Promise<number> => list.getByRole('option').count();
    expect(await held()).toBeLessThan(300);
    await list.focus();
    await page.keyboard.press('End');
    await page.getByTestId(`ladder-packet-${PACKETS - 1}`).waitFor();
    expect(await held()).toBeLessThan(300);
    await list.evaluate((element) => {
      element.scrollTo({ top: element.scrollHeight / 2 });
    });
    await page.getByTestId(`ladder-packet-${PACKETS / 2}`).waitFor();
    expect(await held()).toBeLessThan(300);
    await page.mouse.move(700, 700);
    await page.mouse.wheel(0, 6000);
    await expect.poll(() => page.getByTestId(`ladder-packet-${PACKETS / 2}`).count()).toBe(0);
    expect(running.complaints).toEqual([]);
  });
});
