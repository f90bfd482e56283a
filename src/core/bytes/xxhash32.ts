// xxHash, 32 bits, seed 0 (github.com/Cyan4973/xxHash, doc/xxhash_spec.md): the checksum of lz4 frames. Bytes come in
// pieces of any size.

const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE = 16;

function rotated(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

function round(lane: number, input: number): number {
  return Math.imul(rotated((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

export class Xxhash32 {
  private lane1 = (PRIME_1 + PRIME_2) | 0;
  private lane2 = PRIME_2 | 0;
  private lane3 = 0;
  private lane4 = -PRIME_1 | 0;
  private total = 0;
  /** Bytes that do not fill a stripe yet. */
  private readonly rest = new Uint8Array(STRIPE);
  private resting = 0;

  update(bytes: Uint8Array): void {
    this.total += bytes.length;
    let at = 0;
    if (this.resting > 0) {
      at = Math.min(STRIPE - this.resting, bytes.length);
      this.rest.set(bytes.subarray(0, at), this.resting);
      this.resting += at;
      if (this.resting < STRIPE) return;
      this.stripes(this.rest, 0, STRIPE);
      this.resting = 0;
    }
    const end = at + Math.floor((bytes.length - at) / STRIPE) * STRIPE;
    this.stripes(bytes, at, end);
    this.rest.set(bytes.subarray(end));
    this.resting = bytes.length - end;
  }

  digest(): number {
    let hash =
      this.total >= STRIPE
        ? (rotated(this.lane1, 1) + rotated(this.lane2, 7) + rotated(this.lane3, 12) + rotated(this.lane4, 18)) | 0
        : PRIME_5;
    hash = (hash + this.total) | 0;
    let at = 0;
    for (; at + 4 <= this.resting; at += 4) {
      hash = Math.imul(rotated((hash + Math.imul(word(this.rest, at), PRIME_3)) | 0, 17), PRIME_4);
    }
    for (; at < this.resting; at += 1) {
      hash = Math.imul(rotated((hash + Math.imul(this.rest[at]!, PRIME_5)) | 0, 11), PRIME_1);
    }
    hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
    hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
    return (hash ^ (hash >>> 16)) >>> 0;
  }

  private stripes(bytes: Uint8Array, start: number, end: number): void {
    let { lane1, lane2, lane3, lane4 } = this;
    for (let at = start; at < end; at += STRIPE) {
      lane1 = round(lane1, word(bytes, at));
      lane2 = round(lane2, word(bytes, at + 4));
      lane3 = round(lane3, word(bytes, at + 8));
      lane4 = round(lane4, word(bytes, at + 12));
    }
    this.lane1 = lane1;
    this.lane2 = lane2;
    this.lane3 = lane3;
    this.lane4 = lane4;
  }
}

export function xxhash32(bytes: Uint8Array): number {
  const hash = new Xxhash32();
  hash.update(bytes);
  return hash.digest();
}
