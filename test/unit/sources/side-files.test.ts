// What a file beside captures is, by its content, and which box it was taken at, by its name.
import { describe, expect, it } from 'vitest';
import { readSideFile } from '../../../src/core/sources/side-files.ts';

const RULES = '*nat\n:POSTROUTING ACCEPT [0:0]\n-A POSTROUTING -j SNAT --to-source 10.42.1.17\nCOMMIT\n';

describe('files beside captures', () => {
  it.each([
    ['node.conntrack', 'node'],
    ['worker-3.conntrack', 'node'],
    ['natgw-conntrack.txt', 'nat'],
    ['nat.iptables', 'nat'],
    ['igw.conntrack', 'igw'],
    ['internet-gateway.conntrack', 'igw'],
    ['dump.conntrack', 'other'],
    ['alternative.conntrack', 'other'],
    ['/captures/nat-test/node.conntrack', 'node'],
  ])('%s was taken at box %s', (file, box) => {
    expect(readSideFile(file, null, '')).toMatchObject({ file, box });
  });

  it('what they are is told by their content; what is neither says so', () => {
    expect(readSideFile('a.txt', null, RULES)).toMatchObject({ content: { kind: 'iptables' } });
    expect(
      readSideFile(
        'a.txt',
        'nat',
        'udp 17 2 src=10.0.0.1 dst=10.0.0.2 sport=1 dport=2 src=10.0.0.2 dst=10.0.0.1 sport=2 dport=1',
      ),
    ).toMatchObject({ box: 'nat', content: { kind: 'conntrack' } });
    expect(readSideFile('a.txt', null, 'hello')).toMatch(/a\.txt.*neither/);
  });

  it('an empty listing is one: no connection was there', () => {
    expect(readSideFile('node.conntrack', null, '\n')).toMatchObject({ content: { kind: 'conntrack' } });
  });
});
