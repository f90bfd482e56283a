// What the detail decoders write into: fields in the order of the packet, grouped by layer, and the first reason to stop.

/**
 * 'partial': the field holds the pseudo header's sum only, the card fills in the rest (checksum offload);
 * 'none': the sender gave no checksum; 'unverifiable': not all that it covers was captured.
 */
export type ChecksumState = 'good' | 'partial' | 'bad' | 'none' | 'unverifiable';

export interface DetailField {
  /** 'IPv4', 'TCP', 'Quoted IPv4'; numbered from the second of a name on: 'VLAN 2'. */
  readonly layer: string;
  /** Stable name, once a layer: 'ttl', 'option.mss'. */
  readonly key: string;
  readonly label: string;
  readonly value: string;
  /** Bytes of the field: [start, end). Fields of bits share bytes. */
  readonly start: number;
  readonly end: number;
  /** What is to be said of the value: 'correct', 'wrong, should be 0x1234'. */
  readonly note: string | null;
  /** Of a checksum field. */
  readonly checksum: ChecksumState | null;
}

/** What the packet's transport checksum covers. */
export interface TransportExtent {
  readonly layer: string;
  readonly start: number;
  /** Where the captured bytes end. */
  readonly end: number;
  /** Sum of the pseudo header, 0 where the protocol has none. */
  readonly pseudoSum: number;
  /** Byte offset of the checksum field. */
  readonly checksumAt: number;
}

export interface PacketDetail {
  /** Names of the layers, outermost first. */
  readonly layers: readonly string[];
  readonly fields: readonly DetailField[];
  /** Why decoding ended before the packet did, or null. */
  readonly stopped: string | null;
  /** The layer in which it stopped. */
  readonly stoppedIn: string | null;
  readonly transport: TransportExtent | null;
}

export class DetailWriter {
  readonly bytes: Uint8Array;
  readonly layers: string[] = [];
  readonly fields: DetailField[] = [];
  stopped: string | null = null;
  stoppedIn: string | null = null;
  transport: TransportExtent | null = null;
  private layer = '';
  /** Put before the names of layers while a quoted packet is decoded. */
  private prefix = '';
  /** Where the captured bytes of the layer end. */
  private end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins a layer whose bytes end at `end`; returns its unique name. */
  begin(name: string, end: number): string {
    const full = this.prefix + name;
    let unique = full;
    for (let count = 2; this.layers.includes(unique); count += 1) unique = `${full} ${count}`;
    this.layers.push(unique);
    this.layer = unique;
    this.end = Math.min(end, this.bytes.length);
    return unique;
  }

  /** Decodes what an ICMP error quotes: its layers are named so. */
  quote(decode: () => void): void {
    const outer = this.prefix;
    this.prefix = 'Quoted ';
    decode();
    this.prefix = outer;
  }

  get isQuoted(): boolean {
    return this.prefix !== '';
  }

  /** A field of `length` bytes, left out where they were not all captured. */
  field(
    key: string,
    label: string,
    start: number,
    length: number,
    value: (at: number) => string,
    note: string | null = null,
    checksum: ChecksumState | null = null,
  ): void {
    const end = start + length;
    if (end > this.end) return;
    const { layer } = this;
    // An option may be given twice.
    let unique = key;
    for (let count = 2; this.fields.some((field) => field.layer === layer && field.key === unique); count += 1) {
      unique = `${key} ${count}`;
    }
    this.fields.push({ layer, key: unique, label, value: value(start), start, end, note, checksum });
  }

  /** True where the layer has `length` bytes from `at` on; else notes that it was cut. */
  has(at: number, length: number, what: string): boolean {
    if (at + length <= this.end) return true;
    this.stop(`${what} is cut: ${Math.max(0, this.end - at)} of ${length} bytes are here`);
    return false;
  }

  /** The first reason counts. */
  stop(reason: string): void {
    if (this.stopped !== null || this.isQuoted) return;
    this.stopped = reason;
    this.stoppedIn = this.layer;
  }
}

export function hex(value: number, digits: number): string {
  return `0x${value.toString(16).padStart(digits, '0')}`;
}

/** Bytes as pairs of digits parted by `separator`. */
export function hexBytes(bytes: Uint8Array, start: number, end: number, separator: string): string {
  const pairs: string[] = [];
  for (let at = start; at < end; at += 1) pairs.push(bytes[at]!.toString(16).padStart(2, '0'));
  return pairs.join(separator);
}

/** `6 (TCP)`, or the number alone where it has no name. */
export function named(value: number, name: string | undefined, shown = String(value)): string {
  return name === undefined ? shown : `${shown} (${name})`;
}
