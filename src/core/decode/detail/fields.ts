// What the detail decoders write into: fields in the order of the packet, grouped by layer, and the first reason to stop.
import { MAX_TUNNELS } from '../encapsulation.ts';

/**
 * 'partial': the field holds the pseudo header's sum only, the card fills in the rest (checksum offload);
 * 'none': the sender gave no checksum; 'unverifiable': not all that it covers was captured.
 */
export type ChecksumState = 'good' | 'partial' | 'bad' | 'none' | 'unverifiable';

export interface DetailField {
  /** 'IPv4', 'TCP', 'Quoted IPv4', 'Outer IPv4'; numbered from the second of a name on: 'VLAN 2'. */
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

interface Layer {
  readonly name: string;
  /** Put before its name: "Quoted ", or "Outer " once a packet was found in a tunnel within it. */
  prefix: '' | 'Quoted ' | 'Outer ';
  /** An IP packet whose addresses could be read. */
  isPacket: boolean;
}

/** A field whose layer has no name yet. */
type PendingField = Omit<DetailField, 'layer'> & { readonly layer: number };

export class DetailWriter {
  readonly bytes: Uint8Array;
  transport: (Omit<TransportExtent, 'layer'> & { readonly layer: number }) | null = null;
  private readonly layers: Layer[] = [];
  private readonly fields: PendingField[] = [];
  private stopped: { readonly reason: string; readonly layer: number } | null = null;
  /** While a quoted packet is decoded. */
  private quoting = false;
  private depth = 0;
  /** Where the captured bytes of the layer end. */
  private end = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Begins a layer whose bytes end at `end`; returns its number. */
  begin(name: string, end: number): number {
    this.end = Math.min(end, this.bytes.length);
    return this.layers.push({ name, prefix: this.quoting ? 'Quoted ' : '', isPacket: false }) - 1;
  }

  /** The layer just begun is a valid IP header: what the fast decoder takes for a packet too. */
  notePacket(): void {
    this.layers.at(-1)!.isPacket = true;
  }

  /** Decodes what an ICMP error quotes: its layers are named so. */
  quote(decode: () => void): void {
    const outer = this.quoting;
    this.quoting = true;
    decode();
    this.quoting = outer;
  }

  get isQuoted(): boolean {
    return this.quoting;
  }

  /** Decodes a frame within a frame; how deep is bounded. */
  within(decode: () => void): void {
    if (this.depth >= MAX_TUNNELS) {
      this.stop('nested too deep to be decoded');
      return;
    }
    this.depth += 1;
    decode();
  }

  /**
   * Decodes a tunnel, its own header first. Where an IP packet is found within, the layers before the tunnel are those of
   * the outer packet and named so: "IPv4" and "TCP" are of the packet whose connection it is, in a tunnel or not.
   */
  tunnel(decode: () => void): void {
    const first = this.layers.length;
    this.within(decode);
    const isFound = this.layers.slice(first).some(({ isPacket, prefix }) => isPacket && prefix === '');
    if (!isFound) return;
    for (const layer of this.layers.slice(1, first)) layer.prefix = 'Outer ';
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
    const layer = this.layers.length - 1;
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
    if (this.stopped !== null || this.quoting) return;
    this.stopped = { reason, layer: this.layers.length - 1 };
  }

  /** The packet, its layers named apart. */
  detail(): PacketDetail {
    const names: string[] = [];
    for (const { name, prefix } of this.layers) {
      const full = prefix + name;
      let unique = full;
      for (let count = 2; names.includes(unique); count += 1) unique = `${full} ${count}`;
      names.push(unique);
    }
    const { stopped, transport } = this;
    return {
      layers: names,
      fields: this.fields.map((field) => ({ ...field, layer: names[field.layer]! })),
      stopped: stopped?.reason ?? null,
      stoppedIn: stopped ? (names[stopped.layer] ?? null) : null,
      transport: transport && { ...transport, layer: names[transport.layer]! },
    };
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
