// Which captures the command line names: `snatscope [open] PATH…`, among the switches that Chromium takes for itself.
import path from 'node:path';

/**
 * Absolute paths. `argv` as the process got it: the binary, then, in a checkout, switches and the program's own folder
 * (`program`), then the user's words, relative to `folder`.
 */
export function pathsOfCommandLine(argv: readonly string[], program: string, folder: string): string[] {
  const own = argv.findIndex((word) => path.resolve(folder, word) === program);
  const words = argv.slice(Math.max(own, 0) + 1).filter((word) => !word.startsWith('-'));
  if (words[0] === 'open') words.shift();
  return words.map((word) => path.resolve(folder, word));
}
