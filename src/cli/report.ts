// `snatscope report`: opens, correlates, prints; with `--follow` again whenever more has arrived.
import fs from 'node:fs';
import { once } from 'node:events';
import { FilterRefused, type SessionClient, startSession } from '../node/session-client.ts';
import type { Progress } from '../shared/contract.ts';
import { type ReportArguments, UsageError, filterComplaint, parseReportArguments } from './arguments.ts';
import { Complaints } from './complaints.ts';
import { betweenTexts, follow, onOneLine } from './follow.ts';

/** How long an interrupt may take to end the reading in order, in milliseconds. */
const INTERRUPT_GRACE = 500;

export async function report(args: readonly string[]): Promise<number> {
  const parsed = parseReportArguments(args);
  const { filter, inputs, session: options, paths } = parsed;
  const session = startSession();
  const interrupted = new AbortController();
  let isOpen = false;
  process.once('SIGINT', () => {
    interrupted.abort();
    // A read of an idle pipe cannot be given up: then the signal ends the process as if nobody had caught it.
    if (!isOpen) setTimeout(() => process.kill(process.pid, 'SIGINT'), INTERRUPT_GRACE).unref();
  });
  try {
    const progress = process.stderr.isTTY ? showProgress : () => undefined;
    const request = { inputs, session: options, follow: parsed.follow };
    const summary = await session.open(paths, progress, interrupted.signal, request);
    if (process.stderr.isTTY) process.stderr.write('\r\x1b[K');
    if (!summary) return 130;
    isOpen = true;
    const complaints = new Complaints();
    await print(session, parsed, true);
    complaints.tell(summary.inputs);
    let told = summary.inputs;
    if (parsed.follow) {
      const ask = async () => {
        const { grown: news, isOver } = await session.readOn();
        return { news, isOver };
      };
      await follow(interrupted.signal, ask, async (grown) => {
        await print(session, parsed, false);
        complaints.tell((told = grown.inputs));
      });
    }
    return told.every((input) => input.ok) ? 0 : 3;
  } catch (error) {
    if (error instanceof FilterRefused) throw filterComplaint(filter, error.error);
    throw error;
  } finally {
    await session.close();
  }
}

async function print(
  session: SessionClient,
  { format, filter, out, picture, follow: isFollowed }: ReportArguments,
  isFirst: boolean,
): Promise<void> {
  const target = out === null ? process.stdout : openOut(out);
  const isStream = isFollowed && target === process.stdout;
  if (isStream && format === 'text') target.write(betweenTexts(isFirst));
  for await (const piece of session.exportPieces({ format, filter, theme: 'light', picture })) {
    const text = isStream && format === 'json' ? onOneLine(piece) : piece;
    if (!target.write(text)) await once(target, 'drain');
  }
  if (isStream && format === 'json') target.write('\n');
  if (target === process.stdout) return;
  target.end();
  await once(target, 'finish');
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
