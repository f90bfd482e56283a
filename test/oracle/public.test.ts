// The test captures of tcpdump, libpcap and Wireshark, most of them made to break decoders: addresses, protocol, ports and
// checksums as tshark sees the innermost packet. `npm run oracle:public -- --keep FOLDER` fetches them; then
// `PUBLIC_CAPTURES=FOLDER npx vitest run --project integration test/oracle/public.test.ts`.
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../support/packets-read.ts';
import { disagreements } from './disagreements.ts';
import { tsharkPackets } from './tshark.ts';

/** vitest.config.ts leaves this file out where it is not set. */
const FOLDER = process.env.PUBLIC_CAPTURES!;
/** tshark computes impossible times with an overflow; lengths are `npm run oracle:public`'s subject. */
const BESIDES = ['time', 'length', 'captured'];
/** Files on which the two differ; why stands in docs/formats.md. */
const EXPLAINED: ReadonlySet<string> = new Set([
  '802_15_4-data.pcap',
  'arista_ether.pcap',
  'bad-ipv4-version-pgm-heapoverflow.pcap',
  'bgp-addpath.pcap',
  'hoobr_rt6_print.pcap',
  'icmp-cksum-oobr-1.pcap',
  'icmp-cksum-oobr-2.pcap',
  'icmp-cksum-oobr-3.pcapng',
  'icmp-cksum-oobr-4.pcapng',
  'icmpv6-length-zero.pcapng',
  'ip6_frag_asan.pcap',
  'ipv6-rthdr-oobr.pcap',
  'kday1.pcap',
  'kday3.pcap',
  'kday4.pcap',
  'kday7.pcap',
  'of13_ericsson.pcapng',
  'sflow-print-v6.pcap',
  'wireguard-ping-tcp-dsb.pcapng',
]);

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .sort();
}

function readBytes(file: string): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return new Uint8Array(bytes);
  try {
    return new Uint8Array(gunzipSync(bytes));
  } catch {
    return new Uint8Array(0);
  }
}

describe('public captures', () => {
  it('are decoded as tshark does', { timeout: 1_800_000 }, async () => {
    const differing: Record<string, readonly string[]> = {};
    let compared = 0;
    for (const file of filesUnder(FOLDER)) {
      const bytes = readBytes(file);
      if (readCapture(bytes).packets.length === 0) continue;
      const asked = await tsharkPackets(file).catch(() => []);
      if (asked.length === 0) continue;
      compared += 1;
      const differences = disagreements(bytes, asked, BESIDES);
      if (differences.length > 0) differing[path.basename(file)] = differences;
    }
    expect(compared).toBeGreaterThan(500);
    expect(Object.fromEntries(Object.entries(differing).filter(([name]) => !EXPLAINED.has(name)))).toEqual({});
  });
});
