// `snatscope report`: opens, correlates, prints.
import fs from 'node:fs';
import { once } from 'node:events';
import { FilterRefused, startSession } from '../node/session-client.ts';
import type { Progress } from '../shared/contract.ts';
import { UsageError, filterComplaint, parseReportArguments } from './arguments.ts';

/** How long an interrupt may take to end the reading in order, in milliseconds. */
const INTERRUPT_GRACE = 500;

export async function report(args: readonly string[]): Promise<number> {
  const { format, out, filter, inputs, session: options, paths } = parseReportArguments(args);
  const session = startSession();
  const interrupted = new AbortController();
  process.once('SIGINT', () => {
    interrupted.abort();
    // A read of an idle pipe cannot be given up: then the signal ends the process as if nobody had caught it.
    setTimeout(() => process.kill(process.pid, 'SIGINT'), INTERRUPT_GRACE).unref();
  });
  try {
    const progress = process.stderr.isTTY ? showProgress : () => undefined;
    const summary = await session.open(paths, progress, interrupted.signal, { inputs, session: options });
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    if (!summary) return 130;
    const target = out === null ? process.stdout : openOut(out);
    for await (const piece of session.exportPieces({ format, filter })) {
      if (!target.write(piece)) await once(target, 'drain');
    }
    if (target !== process.stdout) {
      target.end();
      await once(target, 'finish');
    }
    // Also of files that were read but not to their end.
    for (const { file, error } of summary.inputs) {
      if (error !== null) process.stderr.write(`snatscope: ${file}: ${error}\n`);
    }
    return summary.inputs.every((input) => input.ok) ? 0 : 3;
  } catch (error) {
    if (error instanceof FilterRefused) throw filterComplaint(filter, error.error);
    throw error;
  } finally {
    await session.close();
  }
}

function openOut(file: string): fs.WriteStream {
  try {
    return fs.createWriteStream('', { fd: fs.openSync(file, 'w') });
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function showProgress({ stage, bytesRead, bytesTotal, packets }: Progress): void {
  const share = bytesTotal === 0 ? '' : `${Math.floor((100 * bytesRead) / bytesTotal)} %, `;
  process.stderr.write(
    `\r\x1b[K${stage === 'reading' ? 'reading' : 'correlating'}: ${share}${packets.toLocaleString('en')} packets`,
  );
}
