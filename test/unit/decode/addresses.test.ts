import { isIPv6 } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressScope,
  addressTextAt,
  cidrContains,
  joinHostPort,
  parseAddress,
  parseCidr,
  splitHostPort,
} from '../../../src/core/decode/addresses.ts';

const word = fc.oneof(fc.constantFrom(0, 1, 0xffff, 0x10000, 0xffffffff), fc.integer({ min: 0, max: 0xffffffff }));
const words = fc.tuple(word, word, word, word);

function canonical(text: string): string | null {
  const parsed = parseAddress(text);
  return parsed && addressTextAt(parsed);
}

describe('the text of an address', () => {
  // The examples of RFC 5952, sections 4 and 5.
  it.each([
    ['10.42.3.21', '10.42.3.21'],
    ['255.255.255.255', '255.255.255.255'],
    ['2001:0db8:0000:0000:0000:0000:0002:0001', '2001:db8::2:1'],
    ['2001:DB8::1', '2001:db8::1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
    ['2001:0:0:1:0:0:0:1', '2001:0:0:1::1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['fe80::', 'fe80::'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::ffff:c000:201', '192.0.2.1'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
  ])('%s is %s', (text, expected) => {
    expect(canonical(text)).toBe(expected);
  });

  it.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '12345::',
    'fe80::1%eth0',
    'pod',
    '1:2:3:4:5:6:7::8:9',
    '1.2.3.4::',
  ])('%j is none', (text) => {
    expect(parseAddress(text)).toBeNull();
  });

  it('is parsed back to the same words', () => {
    fc.assert(
      fc.property(words, (quad) => {
        const text = addressTextAt(quad);
        expect([...parseAddress(text)!]).toEqual(quad);
        if (text.includes(':')) expect(isIPv6(text)).toBe(true);
      }),
    );
  });

  it('agrees with the text that a URL has', () => {
    fc.assert(
      fc.property(words, (quad) => {
        const text = addressTextAt(quad);
        fc.pre(text.includes(':'));
        expect(new URL(`http://[${text}]/`).hostname).toBe(`[${text}]`);
      }),
    );
  });
});

describe('address and port', () => {
  it('are joined, IPv6 in brackets, and split again', () => {
    expect(joinHostPort('1.2.3.4', 80)).toBe('1.2.3.4:80');
    expect(joinHostPort('2001:db8::1', 80)).toBe('[2001:db8::1]:80');
    expect(splitHostPort('[2001:DB8:0::1]:80')).toEqual({ address: '2001:db8::1', port: 80 });
    expect(splitHostPort('203.0.113.77:61784')).toEqual({ address: '203.0.113.77', port: 61784 });
  });

  it.each(['1.2.3.4', '1.2.3.4:65536', '2001:db8::1:80', 'host:80', '[1.2.3.4:80'])('%j is no such pair', (text) => {
    expect(splitHostPort(text)).toBeNull();
  });
});

describe('a prefix', () => {
  it.each([
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['0.0.0.0/0', '203.0.113.1', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
    ['192.0.2.128/25', '192.0.2.127', false],
    ['2001:db8::/33', '2001:db8:7fff::', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['::/0', '203.0.113.1', true],
  ])('%s holds %s: %s', (prefix, address, expected) => {
    const [a, b, c, d] = parseAddress(address)!;
    expect(cidrContains(parseCidr(prefix)!, a!, b!, c!, d!)).toBe(expected);
  });

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/x', '2001:db8::/129', 'vpc'])('%j is none', (text) => {
    expect(parseCidr(text)).toBeNull();
  });
});

describe('the scope of an address', () => {
  it.each([
    ['10.42.3.21', 'private'],
    ['172.31.0.1', 'private'],
    ['172.32.0.1', 'public'],
    ['192.168.1.1', 'private'],
    ['fd00::1', 'private'],
    ['100.64.0.1', 'shared'],
    ['100.128.0.1', 'public'],
    ['169.254.172.3', 'link-local'],
    ['fe80::1', 'link-local'],
    ['127.0.0.53', 'loopback'],
    ['::1', 'loopback'],
    ['198.51.100.10', 'documentation'],
    ['203.0.113.77', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['198.19.0.1', 'benchmark'],
    ['224.0.0.251', 'multicast'],
    ['ff02::fb', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['0.0.0.0', 'unspecified'],
    ['64:ff9b::c000:221', 'nat64'],
    ['250.0.0.1', 'reserved'],
    ['1.1.1.1', 'public'],
    ['2606:4700::1111', 'public'],
  ])('%s is %s', (text, scope) => {
    const [a, b, c, d] = parseAddress(text)!;
    expect(addressScope(a!, b!, c!, d!)).toBe(scope);
  });
});
