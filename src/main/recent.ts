// The captures opened last, newest first, kept in a JSON file of the user's data folder.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RecentEntry } from '../shared/contract.ts';

const MOST = 12;

export class RecentList {
  readonly #file: string;
  #entries: readonly RecentEntry[] = [];

  private constructor(file: string) {
    this.#file = file;
  }

  /** What the file holds; a file that is missing or damaged is an empty list, and a damaged entry is left out. */
  static async load(file: string): Promise<RecentList> {
    const recent = new RecentList(file);
    try {
      const stored: unknown = JSON.parse(await readFile(file, 'utf8'));
      if (Array.isArray(stored)) recent.#entries = stored.filter(isEntry).slice(0, MOST);
    } catch {
      // Nothing to remember is no reason to bother anybody.
    }
    return recent;
  }

  get entries(): readonly RecentEntry[] {
    return this.#entries;
  }

  /** Puts this at the top, in place of an earlier entry for the same paths, and writes the list. */
  async add(entry: RecentEntry): Promise<void> {
    const others = this.#entries.filter(({ paths }) => paths.join('\0') !== entry.paths.join('\0'));
    this.#entries = [entry, ...others].slice(0, MOST);
    // Written aside and renamed, so that a crash leaves the old list or the new one.
    const aside = `${this.#file}.new`;
    await mkdir(path.dirname(this.#file), { recursive: true });
    await writeFile(aside, JSON.stringify(this.#entries, null, 2));
    await rename(aside, this.#file);
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
