// What a pcapng file says beside its packets: sections, names of addresses, comments. Comments of packets are kept by row in
// a side table; equal ones are kept once, since ptcpdump writes the same about every packet of a process.
import { addressText } from '../decode/addresses.ts';
import { MAPPED } from '../decode/ip-fields.ts';
import { u32be } from '../bytes/integers.ts';
import type { CaptureSection } from '../formats/sink.ts';

/** Characters of different comments that are kept, packets that are kept a comment of, and names. */
const TEXT_LIMIT = 4 * 1024 * 1024;
const ROW_LIMIT = 4 * 1024 * 1024;
const NAME_LIMIT = 65_536;
const SECTION_LIMIT = 64;

/** Comments of packets: `rows` ascend, and `texts[index[i]]` is that of packet `rows[i]`. */
export interface PacketComments {
  readonly rows: Uint32Array;
  readonly index: Uint32Array;
  readonly texts: readonly string[];
  /** Comments that were not kept, beyond the limits. */
  readonly leftOut: number;
}

export interface CaptureRemarks {
  readonly sections: readonly CaptureSection[];
  /** Canonical address -> the names that the file has for it. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  readonly comments: PacketComments;
  /** The file holds keys that decrypt its packets: leave them out of what is given away. */
  readonly hasSecrets: boolean;
}

/** The comment of a packet, or null. */
export function commentOf({ rows, index, texts }: PacketComments, row: number): string | null {
  let low = 0;
  let high = rows.length - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    if (rows[middle] === row) return texts[index[middle]!]!;
    if (rows[middle]! < row) low = middle + 1;
    else high = middle - 1;
  }
  return null;
}

/**
 * ptcpdump's metadata in a comment: lines of `Key: value` (PID, Cmd, ContainerName, PodName, PodNamespace, …), in their
 * order. Empty where a comment has none.
 */
export function metadataOf(comment: string): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  for (const line of comment.split('\n')) {
    const match = /^\s*([A-Za-z][A-Za-z0-9_.-]*):\s*(.*?)\s*$/.exec(line);
    if (match?.[2]) metadata.set(match[1]!, match[2]);
  }
  return metadata;
}

export class RemarkTable {
  private readonly sections: CaptureSection[] = [];
  private readonly names = new Map<string, readonly string[]>();
  private readonly numbers = new Map<string, number>();
  private rows = new Uint32Array(0);
  private index = new Uint32Array(0);
  private count = 0;
  private characters = 0;
  private leftOut = 0;
  private hasSecrets = false;

  section(section: CaptureSection): void {
    if (this.sections.length < SECTION_LIMIT) this.sections.push(section);
  }

  secrets(): void {
    this.hasSecrets = true;
  }

  addNames(address: Uint8Array, names: readonly string[]): void {
    const text =
      address.length === 4
        ? addressText(0, 0, MAPPED, u32be(address, 0))
        : addressText(u32be(address, 0), u32be(address, 4), u32be(address, 8), u32be(address, 12));
    const known = this.names.get(text) ?? [];
    if (known.length === 0 && this.names.size >= NAME_LIMIT) return;
    const fresh = names.filter((name) => !known.includes(name));
    if (known.length + fresh.length <= 16) this.names.set(text, [...known, ...fresh]);
  }

  /** Rows must ascend. */
  addComment(row: number, comment: string): void {
    let number = this.numbers.get(comment);
    if (number === undefined) {
      if (this.characters + comment.length > TEXT_LIMIT || this.count >= ROW_LIMIT) {
        this.leftOut += 1;
        return;
      }
      number = this.numbers.size;
      this.numbers.set(comment, number);
      this.characters += comment.length;
    }
    if (this.count >= ROW_LIMIT) {
      this.leftOut += 1;
      return;
    }
    if (this.count === this.rows.length) {
      const capacity = Math.max(256, this.count * 2);
      this.rows = grown(this.rows, capacity);
      this.index = grown(this.index, capacity);
    }
    this.rows[this.count] = row;
    this.index[this.count] = number;
    this.count += 1;
  }

  /** As they are now; what comes later does not change them. */
  remarks(): CaptureRemarks {
    return {
      sections: [...this.sections],
      names: new Map(this.names),
      comments: {
        rows: this.rows.slice(0, this.count),
        index: this.index.slice(0, this.count),
        texts: [...this.numbers.keys()],
        leftOut: this.leftOut,
      },
      hasSecrets: this.hasSecrets,
    };
  }
}

function grown(column: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(column);
  return larger;
}
