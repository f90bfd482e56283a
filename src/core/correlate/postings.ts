// Which legs have a key: an append-only hash multimap from 53-bit keys to leg numbers, in typed arrays.

export class Postings {
  private slots = new Int32Array(4096).fill(-1);
  private keys = new Float64Array(2048);
  private legs = new Uint32Array(2048);
  private next = new Int32Array(2048);
  private length = 0;

  add(key: number, leg: number): void {
    if (this.length === this.keys.length) this.grow();
    const slot = this.slotOf(key);
    this.keys[this.length] = key;
    this.legs[this.length] = leg;
    this.next[this.length] = this.slots[slot]!;
    this.slots[slot] = this.length++;
  }

  /** Legs that were added under `key`, the latest first, at most `limit` + 1 of them. */
  legsOf(key: number, limit: number): number[] {
    const found: number[] = [];
    for (let at = this.slots[this.slotOf(key)]!; at !== -1 && found.length <= limit; at = this.next[at]!) {
      if (this.keys[at] === key) found.push(this.legs[at]!);
    }
    return found;
  }

  private slotOf(key: number): number {
    const low = key >>> 0;
    const high = Math.floor(key / 0x1_0000_0000);
    return (Math.imul(low ^ Math.imul(high, 0x85ebca6b), 0x9e3779b1) >>> 8) & (this.slots.length - 1);
  }

  private grow(): void {
    const size = this.keys.length * 2;
    const keys = new Float64Array(size);
    keys.set(this.keys);
    this.keys = keys;
    const legs = new Uint32Array(size);
    legs.set(this.legs);
    this.legs = legs;
    this.next = new Int32Array(size);
    this.slots = new Int32Array(Math.min(size * 2, 1 << 24)).fill(-1);
    for (let at = 0; at < this.length; at++) {
      const slot = this.slotOf(keys[at]!);
      this.next[at] = this.slots[slot]!;
      this.slots[slot] = at;
    }
  }
}
