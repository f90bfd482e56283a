// Unsigned integers out of bytes. The caller has checked the length: nothing here reads a byte that it did not ask for.

/** 16 bits, big-endian (network order). */
export function u16be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** 32 bits, big-endian (network order). */
export function u32be(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0;
}

/**
 * 32 bits, big-endian, as a signed number: for storing in a typed array of 32 bits. (An unsigned one may not fit V8's small
 * integers and is then allocated, which shows where it happens for every packet.)
 */
export function i32be(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

/** 16 bits, little-endian. */
export function u16le(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8);
}

/** 32 bits, little-endian. */
export function u32le(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}

/** 16 bits in the byte order that a file's magic number told. */
export function u16(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? u16le(bytes, at) : u16be(bytes, at);
}

/** 32 bits in the byte order that a file's magic number told. */
export function u32(bytes: Uint8Array, at: number, littleEndian: boolean): number {
  return littleEndian ? u32le(bytes, at) : u32be(bytes, at);
}

/** 64 bits as a bigint, two's complement where `signed`. */
export function u64(bytes: Uint8Array, at: number, littleEndian: boolean, signed = false): bigint {
  const high = u32(bytes, littleEndian ? at + 4 : at, littleEndian);
  const low = u32(bytes, littleEndian ? at : at + 4, littleEndian);
  const value = (BigInt(high) << 32n) | BigInt(low);
  return signed ? BigInt.asIntN(64, value) : value;
}
