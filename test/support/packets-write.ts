// Writes captures for tests, in every variant that the readers take, well formed and with chosen oddities.

export interface Frame {
  readonly interfaceIndex?: number;
  /** Nanoseconds since 1970. */
  readonly time: bigint;
  readonly bytes: Uint8Array;
  /** On the wire; as long as `bytes` where not given. */
  readonly wireLength?: number;
}

export interface PcapVariant {
  readonly littleEndian: boolean;
  readonly kind: 'microseconds' | 'nanoseconds' | 'modified';
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly version?: readonly [number, number];
  /** The whole link-type word instead, with FCS bits. */
  readonly linkWord?: number;
}

const MAGIC = { microseconds: 0xa1b2c3d4, nanoseconds: 0xa1b23c4d, modified: 0xa1b2cd34 };

/** Appends integers in one byte order. */
class Bytes {
  private readonly parts: number[] = [];
  readonly littleEndian: boolean;

  constructor(littleEndian: boolean) {
    this.littleEndian = littleEndian;
  }

  u8(...values: number[]): this {
    this.parts.push(...values);
    return this;
  }

  u16(...values: number[]): this {
    for (const value of values) {
      const pair = [(value >>> 8) & 0xff, value & 0xff];
      this.parts.push(...(this.littleEndian ? pair.reverse() : pair));
    }
    return this;
  }

  u32(...values: number[]): this {
    for (const value of values) {
      const quad = [(value >>> 24) & 0xff, (value >>> 16) & 0xff, (value >>> 8) & 0xff, value & 0xff];
      this.parts.push(...(this.littleEndian ? quad.reverse() : quad));
    }
    return this;
  }

  raw(bytes: Iterable<number>): this {
    for (const byte of bytes) this.parts.push(byte);
    return this;
  }

  pad(): this {
    while (this.parts.length % 4 !== 0) this.parts.push(0);
    return this;
  }

  done(): Uint8Array {
    return Uint8Array.from(this.parts);
  }
}

export function writePcap(variant: PcapVariant, frames: readonly Frame[]): Uint8Array {
  const { littleEndian, kind, linkType = 1, snapLength = 262_144, version = [2, 4] } = variant;
  const out = new Bytes(littleEndian);
  out
    .u32(MAGIC[kind])
    .u16(...version)
    .u32(0, 0, snapLength, variant.linkWord ?? linkType);
  for (const { time, bytes, wireLength = bytes.length } of frames) {
    const fraction = Number(time % 1_000_000_000n);
    out.u32(Number(time / 1_000_000_000n), kind === 'nanoseconds' ? fraction : Math.floor(fraction / 1000));
    out.u32(bytes.length, wireLength);
    if (kind === 'modified') out.u32(2).u16(0x0800).u8(4, 0);
    out.raw(bytes);
  }
  return out.done();
}

export type BlockWriter = (littleEndian: boolean) => Uint8Array;

/** A pcapng file of these blocks in this byte order; several can be joined: each begins with a section header. */
export function writePcapng(littleEndian: boolean, blocks: readonly BlockWriter[]): Uint8Array {
  return joined([sectionHeader(), ...blocks].map((block) => block(littleEndian)));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

export function block(type: number, fill: (body: Bytes) => void, trailer?: number): BlockWriter {
  return (littleEndian) => {
    const body = new Bytes(littleEndian);
    fill(body);
    const content = body.pad().done();
    const length = content.length + 12;
    return new Bytes(littleEndian)
      .u32(type, length)
      .raw(content)
      .u32(trailer ?? length)
      .done();
  };
}

function option(body: Bytes, code: number, value: Iterable<number>): void {
  const bytes = [...value];
  body.u16(code, bytes.length).raw(bytes).pad();
}

export function sectionHeader(version: readonly [number, number] = [1, 0]): BlockWriter {
  return block(0x0a0d0d0a, (body) => {
    body
      .u32(0x1a2b3c4d)
      .u16(...version)
      .u32(0xffffffff, 0xffffffff);
    option(body, 4, new TextEncoder().encode('snatscope tests'));
    body.u32(0);
  });
}

export interface WrittenInterface {
  readonly linkType?: number;
  readonly snapLength?: number;
  readonly name?: string;
  readonly description?: string;
  readonly filter?: string;
  readonly tsresol?: number;
  readonly tsoffset?: bigint;
  readonly fcslen?: number;
  readonly hardware?: string;
  readonly os?: string;
  readonly comments?: readonly string[];
}

export function interfaceBlock(written: WrittenInterface): BlockWriter {
  const text = new TextEncoder();
  return block(1, (body) => {
    body.u16(written.linkType ?? 1, 0).u32(written.snapLength ?? 0);
    if (written.name !== undefined) option(body, 2, text.encode(written.name));
    if (written.description !== undefined) option(body, 3, text.encode(written.description));
    if (written.tsresol !== undefined) option(body, 9, [written.tsresol]);
    if (written.filter !== undefined) option(body, 11, [0, ...text.encode(written.filter)]);
    if (written.fcslen !== undefined) option(body, 13, [written.fcslen]);
    if (written.tsoffset !== undefined) option(body, 14, halves(body, BigInt.asUintN(64, written.tsoffset)));
    if (written.hardware !== undefined) option(body, 15, text.encode(written.hardware));
    if (written.os !== undefined) option(body, 12, text.encode(written.os));
    for (const comment of written.comments ?? []) option(body, 1, text.encode(comment));
    option(body, 0, []);
  });
}

function halves(body: Bytes, value: bigint): Uint8Array {
  const words = [Number(value >> 32n), Number(value & 0xffffffffn)];
  return new Bytes(body.littleEndian).u32(...(body.littleEndian ? words.reverse() : words)).done();
}

/** A packet whose time is given in ticks of its interface. */
export function enhancedPacket(
  interfaceId: number,
  ticks: bigint,
  bytes: Uint8Array,
  wireLength = bytes.length,
  comment?: string,
): BlockWriter {
  return block(6, (body) => {
    body.u32(interfaceId, Number(ticks >> 32n), Number(ticks & 0xffffffffn), bytes.length, wireLength);
    body.raw(bytes).pad();
    if (comment !== undefined) {
      option(body, 1, new TextEncoder().encode(comment));
      option(body, 0, []);
    }
  });
}

/** An enhanced packet of the first interface at time zero, with these options. */
export function remarkedPacket(
  options: { readonly comments?: readonly string[]; readonly flags?: number; readonly dropped?: bigint },
  bytes: Uint8Array,
): BlockWriter {
  return block(6, (body) => {
    body.u32(0, 0, 0, bytes.length, bytes.length).raw(bytes).pad();
    for (const comment of options.comments ?? []) option(body, 1, new TextEncoder().encode(comment));
    if (options.flags !== undefined) {
      option(body, 2, new Bytes(body.littleEndian).u32(options.flags).done());
    }
    if (options.dropped !== undefined) option(body, 4, halves(body, options.dropped));
    option(body, 0, []);
  });
}

/** Name resolution: kind of address, its bytes, its names. */
export function nameBlock(records: readonly (readonly [number, readonly number[], readonly string[]])[]): BlockWriter {
  return block(4, (body) => {
    for (const [kind, address, names] of records) {
      option(body, kind, [...address, ...new TextEncoder().encode(names.map((name) => `${name}\0`).join(''))]);
    }
    option(body, 0, []);
  });
}

/** TLS keys, which decrypt the packets. */
export function secretsBlock(keys: string): BlockWriter {
  return block(10, (body) => {
    const bytes = new TextEncoder().encode(keys);
    body.u32(0x544c534b, bytes.length).raw(bytes);
  });
}

export function obsoletePacket(
  interfaceId: number,
  ticks: bigint,
  bytes: Uint8Array,
  wireLength = bytes.length,
): BlockWriter {
  return block(2, (body) => {
    body.u16(interfaceId, 0xffff).u32(Number(ticks >> 32n), Number(ticks & 0xffffffffn), bytes.length, wireLength);
    body.raw(bytes);
  });
}

export function simplePacket(bytes: Uint8Array, wireLength = bytes.length): BlockWriter {
  return block(3, (body) => {
    body.u32(wireLength).raw(bytes);
  });
}

export function statisticsBlock(interfaceId: number, received: bigint, dropped: bigint): BlockWriter {
  return block(5, (body) => {
    body.u32(interfaceId, 0, 0);
    option(body, 4, halves(body, received));
    option(body, 5, halves(body, dropped));
    option(body, 0, []);
  });
}

/** A block of a type that no specification knows. */
export function unknownBlock(length: number): BlockWriter {
  return block(0x80000bad, (body) => {
    body.raw(new Uint8Array(length).fill(0x06));
  });
}

export interface SnoopFrame extends Frame {
  /** Packets dropped until then. */
  readonly dropped?: number;
}

export function writeSnoop(
  header: { readonly version?: number; readonly datalink?: number },
  frames: readonly SnoopFrame[],
): Uint8Array {
  const out = new Bytes(false);
  out.raw(new TextEncoder().encode('snoop\0\0\0')).u32(header.version ?? 2, header.datalink ?? 4);
  for (const { time, bytes, wireLength = bytes.length, dropped = 0 } of frames) {
    const padded = bytes.length + (-bytes.length & 3);
    out.u32(wireLength, bytes.length, 24 + padded, dropped);
    out.u32(Number(time / 1_000_000_000n), Number(time % 1_000_000_000n) / 1000);
    out.raw(bytes).pad();
  }
  return out.done();
}
