// A worker that reads captures, one after the other, and hands over their tables without copying. Those that are followed
// it keeps open, to read on in them when asked.
import { parentPort } from 'node:worker_threads';
import { tableBuffers } from '../core/session.ts';
import { FollowedCapture } from './follow-capture.ts';
import type { FromReader, ToReader } from './messages.ts';
import { type ReadResult, readCapture } from './read-capture.ts';

const port = parentPort!;
const followed = new Map<number, FollowedCapture>();

port.on('message', (message: ToReader) => {
  void answer(message);
});

async function answer(message: ToReader): Promise<void> {
  const { number } = message;
  const tell = (bytes: number, packets: number): void => {
    port.postMessage({ type: 'progress', number, bytes, packets } satisfies FromReader);
  };
  if (message.type === 'read' && !message.follow) {
    hand(number, await readCapture(message.path, message.maxExpansion, tell), true);
    return;
  }
  if (message.type === 'read') followed.set(number, new FollowedCapture(message.path, message.maxExpansion));
  const capture = followed.get(number)!;
  const isNew = await capture.readOn(tell);
  hand(number, isNew ? capture.result() : null, capture.isOver);
}

function hand(number: number, result: ReadResult | null, isOver: boolean): void {
  const buffers = result ? tableBuffers(result.tables) : [];
  port.postMessage({ type: 'read', number, result, isOver } satisfies FromReader, buffers);
}
