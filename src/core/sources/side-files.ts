// Files beside captures: what they are, by their content, and which box they were taken at, by their names.
import { type ConntrackDump, looksLikeConntrack, parseConntrack } from './conntrack.ts';
import { looksLikeIptables, parseIptables } from './iptables.ts';
import type { Ruleset } from './nat-rules.ts';
import { looksLikeNft, parseNft } from './nft.ts';

export type Box = 'node' | 'nat' | 'igw' | 'other';
export const BOXES: readonly Box[] = ['node', 'nat', 'igw', 'other'];

export type SideContent =
  | { readonly kind: 'conntrack'; readonly dump: ConntrackDump }
  | { readonly kind: 'iptables' | 'nft'; readonly ruleset: Ruleset };

export interface SideSource {
  readonly file: string;
  readonly box: Box;
  readonly content: SideContent;
}

/** Characters from the beginning of a file that its kind is told by. */
export const SIDE_FILE_HEAD = 64 * 1024;

/** The box that a file's name speaks of: `node.conntrack`, `natgw-conntrack.txt`. */
function boxOfName(file: string): Box {
  const name = file.replace(/^.*[\\/]/, '').toLowerCase();
  if (/(^|[^a-z])(igw|internet-?gateway)/.test(name)) return 'igw';
  if (/(^|[^a-z])nat/.test(name)) return 'nat';
  if (/(^|[^a-z])(node|worker|host)/.test(name)) return 'node';
  return 'other';
}

/** What a side file's content is; null where it is none. `head`: its first `SIDE_FILE_HEAD` characters, or all. */
export function sideFileKind(head: string): SideContent['kind'] | null {
  if (looksLikeIptables(head)) return 'iptables';
  if (looksLikeNft(head)) return 'nft';
  return looksLikeConntrack(head) ? 'conntrack' : null;
}

/** Reads a side file; a string says why it is none. `box` null: by the file's name. */
export function readSideFile(file: string, box: Box | null, text: string): SideSource | string {
  const content = contentOf(text);
  return typeof content === 'string' ? `${file}: ${content}` : { file, box: box ?? boxOfName(file), content };
}

function contentOf(text: string): SideContent | string {
  // An empty listing is one: no connection was there.
  if (text.trim() === '') return { kind: 'conntrack', dump: parseConntrack('') };
  switch (sideFileKind(text.slice(0, SIDE_FILE_HEAD))) {
    case 'iptables':
      return { kind: 'iptables', ruleset: parseIptables(text) };
    case 'nft': {
      const ruleset = parseNft(text);
      return typeof ruleset === 'string' ? ruleset : { kind: 'nft', ruleset };
    }
    case 'conntrack':
      return { kind: 'conntrack', dump: parseConntrack(text) };
    case null:
      return 'neither conntrack entries nor rules of iptables or nft were found in it';
  }
}
