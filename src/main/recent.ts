// The captures opened last, newest first, kept in a JSON file of the user's data folder.
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { RecentEntry } from '../shared/contract.ts';

const MOST = 12;

export class RecentList {
  readonly #file: string;
  #entries: readonly RecentEntry[] = [];

  /** What the file holds; a file that is missing or damaged is an empty list, and a damaged entry is left out. */
  constructor(file: string) {
    this.#file = file;
    try {
      const stored: unknown = JSON.parse(readFileSync(file, 'utf8'));
      if (Array.isArray(stored)) this.#entries = stored.filter(isEntry).slice(0, MOST);
    } catch {
      // Nothing to remember is no reason to bother anybody.
    }
  }

  get entries(): readonly RecentEntry[] {
    return this.#entries;
  }

  /** Puts this at the top, in place of an earlier entry for the same paths, and writes the list. */
  add(entry: RecentEntry): void {
    const others = this.#entries.filter(({ paths }) => paths.join('\0') !== entry.paths.join('\0'));
    this.#entries = [entry, ...others].slice(0, MOST);
    // Written aside and renamed, so that a crash leaves the old list or the new one.
    const aside = `${this.#file}.new`;
    mkdirSync(path.dirname(this.#file), { recursive: true });
    writeFileSync(aside, JSON.stringify(this.#entries, null, 2));
    renameSync(aside, this.#file);
  }
}

function isEntry(value: unknown): value is RecentEntry {
  if (typeof value !== 'object' || value === null) return false;
  const { paths, title, openedAt } = value as Record<string, unknown>;
  return (
    Array.isArray(paths) &&
    paths.length > 0 &&
    paths.every((item) => typeof item === 'string' && path.isAbsolute(item)) &&
    typeof title === 'string' &&
    typeof openedAt === 'string' &&
    !Number.isNaN(Date.parse(openedAt))
  );
}
