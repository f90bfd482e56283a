import { expect, it } from 'vitest';
import { pathsOfCommandLine } from '../../../src/main/command-line.ts';

it.each([
  ['a packaged program', ['/opt/snatscope', 'pod.pcap', '/captures/node.pcap']],
  ['the word open', ['/opt/snatscope', 'open', 'pod.pcap', '/captures/node.pcap']],
  ['a checkout', ['electron', '--no-sandbox', '.', 'pod.pcap', '/captures/node.pcap']],
  ['switches in between', ['electron', '/here', '--lang=en', 'open', 'pod.pcap', '--trace', '../captures/node.pcap']],
])('finds the captures on the command line of %s', (_, argv) => {
  expect(pathsOfCommandLine(argv, '/here', '/here')).toEqual(['/here/pod.pcap', '/captures/node.pcap']);
});

it('finds none where none is named', () => {
  expect(pathsOfCommandLine(['electron', '--no-sandbox', '/here'], '/here', '/')).toEqual([]);
  expect(pathsOfCommandLine(['/opt/snatscope'], '/opt/resources/app.asar', '/')).toEqual([]);
});
