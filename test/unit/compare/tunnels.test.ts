// The diff of a packet that one point saw in a tunnel and another without: the packet's fields stand beside each other.
import { expect, it } from 'vitest';
import { packetDiff } from '../../../src/core/compare/packet-diff.ts';
import { ascii, ethernet, ipv4, tcp } from '../../support/packets.ts';
import { vxlan } from '../../support/tunnels.ts';
import { inPacket } from '../../support/tunnels-arbitrary.ts';

const segment = tcp({}, ascii('hello'));
const input = (point: string, bytes: Uint8Array) => ({
  point,
  time: '2026-01-02T03:04:05.000000000Z',
  wireLength: bytes.length,
  linkType: 1,
  bytes,
});

it('the tunnel is expected, the packet within is compared', () => {
  const veth = ethernet(ipv4({ ttl: 64 }, segment));
  const eth0 = inPacket(vxlan(1, ethernet(ipv4({ ttl: 63 }, segment)), 8472));
  const { rows } = packetDiff([input('veth', veth), input('eth0', eth0)], 'out');
  const row = (layer: string, label: string) => rows.find((one) => one.layer === layer && one.label === label);
  expect(row('IPv4', 'Source address')).toMatchObject({ values: ['10.42.3.21', '10.42.3.21'], verdict: 'unchanged' });
  expect(row('IPv4', 'Time to live')).toMatchObject({ values: ['64', '63'], explain: 'one hop' });
  expect(row('VXLAN', 'VNI')).toMatchObject({ values: [null, '1'], verdict: 'unchanged' });
  expect(row('Outer IPv4', 'Source address')).toMatchObject({ values: [null, '10.0.0.1'], verdict: 'unchanged' });
  expect(rows.filter(({ verdict }) => verdict === 'unexpected')).toEqual([]);
});

it('the same tunnel at two points may differ as tunnels do', () => {
  const frame = ethernet(ipv4({}, segment));
  const { rows } = packetDiff([input('a', inPacket(vxlan(1, frame))), input('b', inPacket(vxlan(2, frame)))], 'out');
  expect(rows.find(({ layer, label }) => layer === 'VXLAN' && label === 'VNI')).toMatchObject({
    verdict: 'expected',
    explain: 'the tunnel between these points',
  });
});
