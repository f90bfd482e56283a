// The diff on recorded packets: along the path of each sample, and through a home router, nothing is unexpected, and every
// change of an address is called what it is.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { packetDiff, type DiffInput, type PacketDirection } from '../../../src/core/compare/packet-diff.ts';
import { Headers, ICMP, TCP, decodeHeaders } from '../../../src/core/decode/headers.ts';
import { readCapture } from '../../support/packets-read.ts';
import { SAMPLES, SHARED_CAPTURES, describeWithFiles } from '../../support/requirements.ts';

interface Sight extends DiffInput {
  /** What no box changes: tells the packet at other points. */
  readonly identity: string;
  readonly ttl: number;
}

function sightsIn(file: string): Sight[] {
  const { packets, interfaces } = readCapture(readFileSync(file));
  const headers = new Headers();
  const sights: Sight[] = [];
  for (const { interfaceIndex, bytes, wireLength } of packets) {
    const { linkType } = interfaces[interfaceIndex]!;
    if (!decodeHeaders(headers, linkType, bytes, 0, bytes.length, wireLength)) continue;
    const { protocol, sequence, acknowledgment, tcpFlags, icmpType, icmpSequence, digest, ipId } = headers;
    const own =
      protocol === TCP ? [sequence, acknowledgment, tcpFlags] : protocol === ICMP ? [icmpType, icmpSequence] : [];
    const identity = [protocol, ...own, digest, ipId].join(' ');
    sights.push({ point: path.parse(file).name, time: '', wireLength, linkType, bytes, identity, ttl: headers.ttl });
  }
  return sights;
}

/** Diffs every packet that all the files hold exactly once, in the order that its TTL tells; sums up what was said. */
function summary(files: readonly string[]): { packets: number; unexpected: string[]; translations: Set<string> } {
  const points = files.map(sightsIn);
  const unexpected: string[] = [];
  const translations = new Set<string>();
  let packets = 0;
  for (const { identity } of points[0]!) {
    const all = points.map((sights) => sights.filter((sight) => sight.identity === identity));
    if (!all.every((found) => found.length === 1)) continue;
    packets += 1;
    const passed = all.flat();
    const direction: PacketDirection = passed[0]!.ttl >= passed.at(-1)!.ttl ? 'out' : 'back';
    if (direction === 'back') passed.reverse();
    for (const { layer, label, verdict, explain } of packetDiff(passed, direction).rows) {
      if (verdict === 'unexpected') unexpected.push(`${identity}: ${layer} ${label}: ${explain}`);
      if (verdict === 'translation') translations.add(`${label}: ${explain}`);
    }
  }
  return { packets, unexpected, translations };
}

describe.each([
  [
    'eks-nat-gateway',
    ['pod1-veth', 'node-eth0', 'nat-outside', 'internet'],
    [
      'Source address: SNAT after pod1-veth, node-eth0 and nat-outside',
      'Destination address: un-SNAT after internet, nat-outside and node-eth0',
      'Source port: SNAT (port) after pod1-veth and node-eth0',
    ],
  ],
  [
    'eks-public-subnet',
    ['pod1-veth', 'node-eth0', 'internet'],
    ['Source address: SNAT after pod1-veth and node-eth0', 'Source port: SNAT (port) after pod1-veth'],
  ],
  [
    'eks-external-snat',
    ['pod1-veth', 'node-eth0', 'nat-inside', 'nat-outside', 'internet'],
    ['Source address: SNAT after nat-inside and nat-outside'],
  ],
  [
    'clusterip-dnat',
    ['pod1-veth', 'node-eth0'],
    ['Destination address: DNAT', 'Source address: un-DNAT', 'Destination port: DNAT (port)'],
  ],
])('the sample %s', (name, points, expected) => {
  const files = points.map((point) => path.join(SAMPLES, name, `${point}.pcap`)).filter((file) => existsSync(file));

  it('changes nothing unexpectedly, and what it translates has its name', () => {
    const { packets, unexpected, translations } = summary(files);
    expect(packets).toBeGreaterThan(50);
    expect(unexpected).toEqual([]);
    expect([...translations]).toEqual(expect.arrayContaining(expected));
  });
});

const HOME = ['NAT_home_side.pcap', 'NAT_ISP_side.pcap'].map((file) => path.join(SHARED_CAPTURES, 'kurose-nat', file));

describeWithFiles(HOME, 'a home router', () => {
  it('changes nothing unexpectedly, though the home side was captured with offload', () => {
    const { packets, unexpected, translations } = summary(HOME);
    expect(packets).toBe(130);
    expect(unexpected).toEqual([]);
    expect(translations).toEqual(new Set(['Source address: SNAT', 'Destination address: un-SNAT']));
  });
});
