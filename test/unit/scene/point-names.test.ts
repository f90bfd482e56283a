import { expect, it } from 'vitest';
import { pointName } from '../../../src/core/scene/point-names.ts';
import { pointOf } from './path-scene.ts';

const any = { ...pointOf('x', 'other'), file: '/captures/any.pcapng.gz' };

it('calls a point by its role, where no other has the same', () => {
  const points = [pointOf('n', 'node-eth0'), pointOf('a', 'pod-veth')];
  expect(points.map((point) => pointName(point, points))).toEqual(['node eth0', 'pod veth']);
});

it('calls points of one role by their files, without folder and ending', () => {
  const points = [1, 2].map((n) => ({ ...pointOf(`p${n}`, 'pod-veth'), file: `/captures/pod${n}.pcap.gz` }));
  expect(points.map((point) => pointName(point, points))).toEqual(['pod1', 'pod2']);
});

it('calls a point of no usual role by its interface, and by the file too where the interface is another file’s as well', () => {
  const eth3 = { ...any, interface: 'eth3' };
  const elsewhere = { ...eth3, file: 'b.pcapng' };
  expect(pointName(eth3, [eth3, { ...any, interface: 'eth4' }])).toBe('eth3');
  expect(pointName(eth3, [eth3, elsewhere])).toBe('any eth3');
});
