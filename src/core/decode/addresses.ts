// Addresses as text and as the four 32-bit words of `Headers`: IPv4 dotted, IPv6 in RFC 5952's canonical form. A mapped
// address (::ffff:0:0/96) is IPv4's here and is written dotted.
import { MAPPED } from './ip-fields.ts';

/** A prefix over the four words: IPv4's lengths count from bit 96. */
export interface Cidr {
  readonly words: Uint32Array;
  /** 0..128 over the words. */
  readonly prefix: number;
}

export type AddressScope =
  | 'unspecified'
  | 'loopback'
  | 'link-local'
  | 'private'
  | 'shared'
  | 'documentation'
  | 'benchmark'
  | 'multicast'
  | 'broadcast'
  | 'nat64'
  | 'reserved'
  | 'public';

function isIpv4(w0: number, w1: number, w2: number): boolean {
  return w0 === 0 && w1 === 0 && w2 === MAPPED;
}

/** Canonical text of an address. */
export function addressText(w0: number, w1: number, w2: number, w3: number): string {
  if (isIpv4(w0, w1, w2)) return `${w3 >>> 24}.${(w3 >>> 16) & 0xff}.${(w3 >>> 8) & 0xff}.${w3 & 0xff}`;
  const groups = [w0 >>> 16, w0 & 0xffff, w1 >>> 16, w1 & 0xffff, w2 >>> 16, w2 & 0xffff, w3 >>> 16, w3 & 0xffff];
  // The longest run of two or more zero groups, the first of equals, becomes "::".
  let runStart = -1;
  let runLength = 1;
  for (let at = 0; at < 8; at += 1) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length += 1;
    if (length > runLength) {
      runStart = at;
      runLength = length;
    }
    at += length;
  }
  const hex = groups.map((group) => group.toString(16));
  if (runStart < 0) return hex.join(':');
  return `${hex.slice(0, runStart).join(':')}::${hex.slice(runStart + runLength).join(':')}`;
}

/** The text of the address in `words[at..at+4)`. */
export function addressTextAt(words: ArrayLike<number>, at = 0): string {
  return addressText(words[at]!, words[at + 1]!, words[at + 2]!, words[at + 3]!);
}

/** The words of an address in any of its usual forms; null where the text is none. Names and zones are not addresses. */
export function parseAddress(text: string): Uint32Array | null {
  const ipv4 = parseIpv4(text);
  if (ipv4 !== null) return new Uint32Array([0, 0, MAPPED, ipv4]);
  const groups = parseIpv6Groups(text);
  if (!groups) return null;
  const words = new Uint32Array(4);
  for (let i = 0; i < 4; i += 1) words[i] = (groups[i * 2]! << 16) | groups[i * 2 + 1]!;
  return words;
}

function parseIpv4(text: string): number | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (!match) return null;
  let value = 0;
  for (let i = 1; i <= 4; i += 1) {
    const octet = Number(match[i]);
    if (octet > 255) return null;
    value = value * 256 + octet;
  }
  return value;
}

function parseIpv6Groups(text: string): number[] | null {
  const halves = text.split('::');
  if (halves.length > 2) return null;
  const front = parseGroups(halves[0]!, halves.length === 1);
  if (!front) return null;
  if (halves.length === 1) return front.length === 8 ? front : null;
  const back = parseGroups(halves[1]!, true);
  if (!back || front.length + back.length > 7) return null;
  return [...front, ...new Array<number>(8 - front.length - back.length).fill(0), ...back];
}

/** Groups parted by colons; the last two may be a dotted IPv4 address where these groups end the address. */
function parseGroups(text: string, endsAddress: boolean): number[] | null {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(part)) {
      groups.push(parseInt(part, 16));
      continue;
    }
    const ipv4 = endsAddress && index === parts.length - 1 ? parseIpv4(part) : null;
    if (ipv4 === null) return null;
    groups.push(ipv4 >>> 16, ipv4 & 0xffff);
  }
  return groups;
}

/** `1.2.3.4:80`, `[2001:db8::1]:80`. */
export function joinHostPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** What `joinHostPort` wrote, the address brought to canonical text; null where the text is no such thing. */
export function splitHostPort(text: string): { readonly address: string; readonly port: number } | null {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (!match) return null;
  const words = parseAddress(match[1] ?? match[2]!);
  const port = Number(match[3]);
  return words && port <= 65_535 ? { address: addressTextAt(words), port } : null;
}

/** `10.0.0.0/8`, `2001:db8::/32`; a bare address is its own prefix. Null where the text is none. */
export function parseCidr(text: string): Cidr | null {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const words = parseAddress(address);
  if (!words) return null;
  if (slash < 0) return { words, prefix: 128 };
  const digits = text.slice(slash + 1);
  const dotted = !address.includes(':');
  const prefix = Number(digits);
  if (!/^\d{1,3}$/.test(digits) || prefix > (dotted ? 32 : 128)) return null;
  return { words, prefix: dotted ? 96 + prefix : prefix };
}

export function cidrContains(cidr: Cidr, w0: number, w1: number, w2: number, w3: number): boolean {
  const { words, prefix } = cidr;
  return (
    sameBits(words[0]!, w0, prefix) &&
    sameBits(words[1]!, w1, prefix - 32) &&
    sameBits(words[2]!, w2, prefix - 64) &&
    sameBits(words[3]!, w3, prefix - 96)
  );
}

function sameBits(a: number, b: number, bits: number): boolean {
  if (bits <= 0) return true;
  return bits >= 32 ? a >>> 0 === b >>> 0 : (a ^ b) >>> (32 - bits) === 0;
}

/** First match wins; sources: RFC 6890 and the IANA special-purpose registries. */
const SCOPES: readonly (readonly [Cidr, AddressScope])[] = (
  [
    ['0.0.0.0', 'unspecified'],
    ['255.255.255.255', 'broadcast'],
    ['127.0.0.0/8', 'loopback'],
    ['10.0.0.0/8', 'private'],
    ['172.16.0.0/12', 'private'],
    ['192.168.0.0/16', 'private'],
    ['100.64.0.0/10', 'shared'],
    ['169.254.0.0/16', 'link-local'],
    ['192.0.2.0/24', 'documentation'],
    ['198.51.100.0/24', 'documentation'],
    ['203.0.113.0/24', 'documentation'],
    ['198.18.0.0/15', 'benchmark'],
    ['224.0.0.0/4', 'multicast'],
    ['240.0.0.0/4', 'reserved'],
    ['0.0.0.0/8', 'reserved'],
    ['0.0.0.0/0', 'public'],
    ['::', 'unspecified'],
    ['::1', 'loopback'],
    ['fe80::/10', 'link-local'],
    ['fc00::/7', 'private'],
    ['ff00::/8', 'multicast'],
    ['2001:db8::/32', 'documentation'],
    ['3fff::/20', 'documentation'],
    ['2001:2::/48', 'benchmark'],
    ['64:ff9b::/96', 'nat64'],
    ['64:ff9b:1::/48', 'nat64'],
    ['2000::/3', 'public'],
  ] as const
).map(([text, scope]) => [parseCidr(text)!, scope]);

/** What kind of address it is: 'private' is RFC 1918 and unique local, 'shared' 100.64.0.0/10 (RFC 6598). */
export function addressScope(w0: number, w1: number, w2: number, w3: number): AddressScope {
  for (const [cidr, scope] of SCOPES) if (cidrContains(cidr, w0, w1, w2, w3)) return scope;
  return 'reserved';
}
