// `--follow`: an update whenever more has arrived, until the user ends it or nothing can arrive any more.
import { setTimeout as passed } from 'node:timers/promises';

/** Milliseconds between two looks. */
const PAUSE = 500;
/** So many times longer than an update took is the pause behind it, where that is more. */
const REST = 2;

interface News<T> {
  /** Null where nothing has arrived. */
  readonly news: T | null;
  readonly isOver: boolean;
}

/** Asks for news again and again, with pauses, and prints them, until there will be none any more, or `interrupted`. */
export async function follow<T>(
  interrupted: AbortSignal,
  ask: () => Promise<News<T>>,
  print: (news: T) => Promise<void>,
): Promise<void> {
  const end = new Promise<null>((resolve) => {
    interrupted.addEventListener('abort', () => {
      resolve(null);
    });
  });
  let pause = PAUSE;
  for (;;) {
    await passed(pause, undefined, { signal: interrupted }).catch(() => undefined);
    if (interrupted.aborted) return;
    const began = performance.now();
    const answer = await Promise.race([ask(), end]);
    if (answer === null) return;
    // What was begun is printed to its end.
    if (answer.news !== null) await print(answer.news);
    if (answer.isOver) return;
    pause = Math.max(PAUSE, REST * (performance.now() - began));
  }
}

/** What to write before a text that is not the first: a terminal is cleared, elsewhere a line parts the texts. */
export function betweenTexts(isFirst: boolean): string {
  if (process.stdout.isTTY) return '\x1b[H\x1b[2J';
  return isFirst ? '' : '\n';
}

/** A JSON text with line breaks between its values, or a piece of one, for a line of its own. */
export function onOneLine(json: string): string {
  return json.replaceAll('\n', '');
}
