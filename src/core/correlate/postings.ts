// Which legs have a key: an append-only hash multimap from keys (any numbers below 2^53) to leg numbers, in typed arrays.
// Each key's count is at hand, so that keys which very many legs share are known without walking them.

const END = -1;

export class Postings {
  /** Open addressing over distinct keys: their number + 1. */
  private slots = new Uint32Array(2048);
  private keys = new Float64Array(1024);
  private heads = new Int32Array(1024);
  private counts = new Uint32Array(1024);
  private distinct = 0;
  private legs = new Uint32Array(1024);
  private next = new Int32Array(1024);
  private length = 0;

  /** Adds the leg, unless the key's latest leg is this one. */
  add(key: number, leg: number): void {
    const at = this.place(key);
    const head = this.heads[at]!;
    if (head !== END && this.legs[head] === leg) return;
    if (this.length === this.legs.length) this.growLegs();
    this.legs[this.length] = leg;
    this.next[this.length] = head;
    this.heads[at] = this.length++;
    this.counts[at]!++;
  }

  /** How many legs were added under `key`. */
  countOf(key: number): number {
    const at = this.find(key);
    return at === END ? 0 : this.counts[at]!;
  }

  /** Calls with each leg of `key`, the latest first. */
  forEach(key: number, visit: (leg: number) => void): void {
    const at = this.find(key);
    if (at === END) return;
    for (let entry = this.heads[at]!; entry !== END; entry = this.next[entry]!) visit(this.legs[entry]!);
  }

  private find(key: number): number {
    const mask = this.slots.length - 1;
    for (let slot = slotOf(key, mask); ; slot = (slot + 1) & mask) {
      const at = this.slots[slot]! - 1;
      if (at === END || this.keys[at] === key) return at;
    }
  }

  private place(key: number): number {
    const mask = this.slots.length - 1;
    let slot = slotOf(key, mask);
    for (let at = this.slots[slot]! - 1; at !== END; at = this.slots[slot]! - 1) {
      if (this.keys[at] === key) return at;
      slot = (slot + 1) & mask;
    }
    if (this.distinct === this.keys.length) {
      this.growKeys();
      return this.place(key);
    }
    const at = this.distinct++;
    this.slots[slot] = at + 1;
    this.keys[at] = key;
    this.heads[at] = END;
    return at;
  }

  private growKeys(): void {
    const size = this.keys.length * 2;
    this.keys = grown(this.keys, new Float64Array(size));
    this.heads = grown(this.heads, new Int32Array(size));
    this.counts = grown(this.counts, new Uint32Array(size));
    this.slots = new Uint32Array(size * 2);
    const mask = this.slots.length - 1;
    for (let at = 0; at < this.distinct; at++) {
      let slot = slotOf(this.keys[at]!, mask);
      while (this.slots[slot] !== 0) slot = (slot + 1) & mask;
      this.slots[slot] = at + 1;
    }
  }

  private growLegs(): void {
    const size = this.legs.length * 2;
    this.legs = grown(this.legs, new Uint32Array(size));
    this.next = grown(this.next, new Int32Array(size));
  }
}

function slotOf(key: number, mask: number): number {
  const low = key >>> 0;
  const high = Math.floor(key / 0x1_0000_0000);
  const mixed = Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1);
  return (mixed ^ (mixed >>> 15)) & mask;
}

function grown<A extends Float64Array | Int32Array | Uint32Array>(from: A, to: A): A {
  to.set(from);
  return to;
}
