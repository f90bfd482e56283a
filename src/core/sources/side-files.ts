// Files beside captures: what they are (by name and content) and which box they were taken at (by name).
import { type ConntrackDump, looksLikeConntrack, parseConntrack } from './conntrack.ts';
import { type NatRule, looksLikeIptables, parseIptables } from './iptables.ts';

export type Box = 'node' | 'nat' | 'igw' | 'other';
export const BOXES: readonly Box[] = ['node', 'nat', 'igw', 'other'];

export interface SideSource {
  readonly file: string;
  readonly box: Box;
  readonly content:
    | { readonly kind: 'conntrack'; readonly dump: ConntrackDump }
    | { readonly kind: 'iptables'; readonly rules: readonly NatRule[] };
}

/** The box that a file's name speaks of: `node.conntrack`, `natgw-conntrack.txt`. */
function boxOfName(file: string): Box {
  const name = file.replace(/^.*[\\/]/, '').toLowerCase();
  if (/(^|[^a-z])(igw|internet-?gateway)/.test(name)) return 'igw';
  if (/(^|[^a-z])nat/.test(name)) return 'nat';
  if (/(^|[^a-z])(node|worker|host)/.test(name)) return 'node';
  return 'other';
}

/** Reads a side file; a string says why it is none. */
export function readSideFile(file: string, box: Box | null, text: string): SideSource | string {
  const at = box ?? boxOfName(file);
  if (looksLikeIptables(text)) return { file, box: at, content: { kind: 'iptables', rules: parseIptables(text) } };
  if (looksLikeConntrack(text) || text.trim() === '') {
    return { file, box: at, content: { kind: 'conntrack', dump: parseConntrack(text) } };
  }
  return `${file}: neither conntrack entries nor iptables-save rules were found in it`;
}
