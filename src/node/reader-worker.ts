// A worker that reads captures, one after the other, and hands over their tables without copying.
import { parentPort } from 'node:worker_threads';
import { tableBuffers } from '../core/session.ts';
import { readCapture } from './read-capture.ts';
import type { FromReader, ToReader } from './messages.ts';

const port = parentPort!;

port.on('message', ({ number, path, maxExpansion }: ToReader) => {
  const tell = (bytes: number, packets: number): void => {
    port.postMessage({ type: 'progress', number, bytes, packets } satisfies FromReader);
  };
  void readCapture(path, maxExpansion, tell).then((result) => {
    port.postMessage({ type: 'read', number, result } satisfies FromReader, tableBuffers(result.tables));
  });
});
