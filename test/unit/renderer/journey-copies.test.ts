import { expect, it } from 'vitest';
import type { Journey } from '../../../src/core/report/model.ts';
import { copiedText } from '../../../src/renderer/text/journey-copies.ts';
import { sceneOf } from '../scene/path-scene.ts';

const { journey, input } = sceneOf([
  { role: 'pod-veth', src: '10.42.3.21', sport: 51602 },
  { role: 'node-eth0', src: '10.42.1.17', sport: 36492 },
]);
const other: Journey = { ...journey, id: 'j2', legs: [{ ...journey.legs[0]!, sport: 51603 }], changes: [] };
const { points } = input;

it('one filter a point; of several journeys either, each once, none where it was not seen', () => {
  const both = [journey, other, journey];
  expect(copiedText([journey], { tool: 'wireshark', point: 'p1' }, points)).toBe(
    'ip.addr == 10.42.1.17 && ip.addr == 198.51.100.44 && tcp.port == 36492 && tcp.port == 443',
  );
  expect(copiedText(both, { tool: 'wireshark', point: 'p0' }, points)).toBe(
    '(ip.addr == 10.42.3.21 && ip.addr == 198.51.100.44 && tcp.port == 51602 && tcp.port == 443) || ' +
      '(ip.addr == 10.42.3.21 && ip.addr == 198.51.100.44 && tcp.port == 51603 && tcp.port == 443)',
  );
  expect(copiedText(both, { tool: 'tcpdump', point: 'p1' }, points)).toBe(
    'host 10.42.1.17 and host 198.51.100.44 and tcp port 36492 and tcp port 443',
  );
  expect(copiedText([other], { tool: 'tcpdump', point: 'p1' }, points)).toBe('');
});

it('conntrack lines of what was translated', () => {
  expect(copiedText([journey, other], 'conntrack', points)).toBe('tcp 6 src=10.42.3.21 dst=198.51.100.44');
  expect(copiedText([other], 'conntrack', points)).toBe('');
});

it('CSV with a column a point, quoted where it must be', () => {
  const [head, first, second] = copiedText([journey, { ...other, findings: ['a,b'] }], 'csv', points).split('\r\n');
  expect(head).toContain('journey,protocol,confidence,source at pod veth (p0),source at node eth0 (p1),destination');
  expect(first).toContain('j1,tcp,strong,10.42.3.21:51602,10.42.1.17:36492,198.51.100.44:443,9,8,900,800,');
  expect(second).toContain('j2,tcp,strong,10.42.3.21:51603,,198.51.100.44:443');
  expect(second).toMatch(/,"a,b"$/);
});

it('CSV whose cells no spreadsheet takes for a formula', () => {
  const named = points.map((point) => ({ ...point, name: '=1+1' }));
  expect(copiedText([{ ...journey, findings: ['=HYPERLINK("x")'] }], 'csv', named)).toContain(`"'=HYPERLINK(""x"")"`);
});
