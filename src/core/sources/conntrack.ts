// The kernel's own answer, in every form that conntrack prints: a listing (`conntrack -L`, `/proc/net/nf_conntrack`) or an
// event log (`conntrack -E`); plain, `-o extended`, `-o xml`, `-o save`, with ids, times, zones, labels. An entry has two
// tuples; before the box the connection is its original tuple, after it the reverse of its reply tuple.
import type { ConntrackEntry, ParsedLine } from './conntrack-entry.ts';
import { parsePlainLine } from './conntrack-plain.ts';
import { parseSaveLine } from './conntrack-save.ts';
import { parseXmlLine } from './conntrack-xml.ts';

/** A line that could not be understood. */
interface UnreadLine {
  readonly line: number;
  readonly reason: string;
}

export interface ConntrackDump {
  readonly entries: readonly ConntrackEntry[];
  /** An event log: each use of a tuple is told, not the last one only. */
  readonly isLog: boolean;
  /** Such as `conntrack -E -o timestamp`. */
  readonly form: string;
  /** Lines that are no entry (blank lines and conntrack's own closing line do not count): how many, and the first few. */
  readonly unread: { readonly count: number; readonly first: readonly UnreadLine[] };
  /** The log says itself that it lost events. */
  readonly hasLostEvents: boolean;
}

const MAX_UNREAD_KEPT = 20;

export function parseConntrack(text: string): ConntrackDump {
  const entries: ConntrackEntry[] = [];
  const first: UnreadLine[] = [];
  let count = 0;
  let hasLostEvents = false;
  let form: LineForm | null = null;
  let line = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    const raw = text.slice(start, end < 0 ? text.length : end).trim();
    line++;
    start = end < 0 ? text.length : end + 1;
    if (/\bENOBUFS\b/.test(raw)) hasLostEvents = true;
    if (raw === '' || isRemark(raw)) continue;
    form ??= formOf(raw);
    const parsed = PARSERS[formOf(raw)](raw);
    const isCut = typeof parsed !== 'string' && end < 0 && mayBeCut(raw);
    if (typeof parsed !== 'string' && !isCut) entries.push({ ...parsed, line });
    else {
      count++;
      const reason = typeof parsed === 'string' ? parsed : 'the file may end within its last number: no end of line';
      if (first.length < MAX_UNREAD_KEPT) first.push({ line, reason });
    }
  }
  const isLog = entries.some((e) => e.event !== null && (form !== 'save' || e.event !== 'NEW'));
  const listed = isLog ? entries : entries.map((entry) => ({ ...entry, event: null }));
  const words = [
    `conntrack ${isLog ? '-E' : '-L'}`,
    form === 'xml' ? ' -o xml' : form === 'save' ? ' -o save' : '',
    entries.some((e) => e.time !== null) ? ' -o timestamp' : '',
  ];
  return { entries: listed, isLog, form: words.join(''), unread: { count, first }, hasLostEvents };
}

/** Whether a text is one, by the first lines that it begins with. */
export function looksLikeConntrack(head: string): boolean {
  const lines: string[] = [];
  for (const raw of head.split('\n', 200)) {
    const line = raw.trim();
    if (line !== '' && !isRemark(line)) lines.push(line);
    if (lines.length === 20) break;
  }
  const entries = lines.filter((line) => typeof PARSERS[formOf(line)](line) !== 'string').length;
  return entries > 0 && entries * 2 >= lines.length;
}

type LineForm = 'plain' | 'save' | 'xml';

const PARSERS: Readonly<Record<LineForm, (line: string) => ParsedLine>> = {
  plain: parsePlainLine,
  save: parseSaveLine,
  xml: parseXmlLine,
};

function formOf(line: string): LineForm {
  if (line.startsWith('<')) return 'xml';
  return /^-[AUD]\s/.test(line) ? 'save' : 'plain';
}

/** Comments, conntrack's closing line and warnings, and the frame of an XML document. */
function isRemark(line: string): boolean {
  return (
    line.startsWith('#') ||
    line.startsWith('conntrack v') ||
    line.startsWith('WARNING: ') ||
    line.startsWith('This message means that the current netlink socket') ||
    line.startsWith('Please, check --buffer-size') ||
    /^(nfct_labelmap_new: |<\?xml |<\/?conntrack>)/.test(line)
  );
}

/** An unfinished last line whose end is a number that may have had more digits. */
function mayBeCut(line: string): boolean {
  return /(dst|dport|id|dstkey)=[\da-fx.:]+$/.test(line) || /--reply-(port|key)-dst \d+$/.test(line);
}
