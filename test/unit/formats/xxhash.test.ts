import { describe, expect, it } from 'vitest';
import { Xxhash32, xxhash32 } from '../../../src/core/bytes/xxhash32.ts';
import { Xxhash64 } from '../../../src/core/bytes/xxhash64.ts';
import { ascii } from '../../support/packets.ts';

/** The buffer of xxHash's own sanity test (XSUM_fillTestBuffer). */
function testBuffer(length: number): Uint8Array {
  let generator = 0x9e3779b1n;
  return Uint8Array.from({ length }, () => {
    const byte = Number((generator >> 56n) & 0xffn);
    generator = BigInt.asUintN(64, generator * 0x9e3779b185ebca8dn);
    return byte;
  });
}

describe('xxHash', () => {
  // From cli/xsum_sanity_check.c, seed 0.
  it.each([
    [0, 0x02cc5d05, 0xef46db3751d8e999n],
    [1, 0xcf65b03e, 0xe934a84adb052768n],
    [14, 0x1208e7e2, 0x8282dcc4994e35c8n],
    [222, 0x5bd11dbd, 0xb641ae8cb691c174n],
  ])('of %i bytes is what the reference says, in pieces too', (length, short, long) => {
    const bytes = testBuffer(length);
    expect(xxhash32(bytes)).toBe(short);
    const [first, second] = [new Xxhash32(), new Xxhash64()];
    for (let at = 0; at < length; at += 13) {
      first.update(bytes.subarray(at, at + 13));
      second.update(bytes.subarray(at, at + 13));
    }
    expect([first.digest(), second.digest()]).toEqual([short, long]);
  });

  it('of text is what other implementations say', () => {
    const hash = new Xxhash64();
    hash.update(ascii('Nobody inspects the spammish repetition'));
    expect([hash.digest(), xxhash32(ascii('Nobody inspects the spammish repetition'))]).toEqual([
      0xfbcea83c8a378bf1n,
      0xe2293b2f,
    ]);
  });
});
