// Parts of the IP headers that several decoders read.
import { i32be } from '../bytes/integers.ts';
import { AH, HOP_BY_HOP, IPV6_FRAGMENT, IPV6_OPTIONS, IPV6_ROUTE } from './protocols.ts';

/** Without options, in bytes. */
export const IPV4_HEADER = 20;
export const IPV6_HEADER = 40;
/** The third word of an IPv4 address in IPv6's form. */
export const MAPPED = 0xffff;

/** Headers between IPv6's and the transport's that tell their own length; the fragment header is one. */
export function isExtensionHeader(protocol: number): boolean {
  return (
    protocol === HOP_BY_HOP ||
    protocol === IPV6_ROUTE ||
    protocol === IPV6_FRAGMENT ||
    protocol === AH ||
    protocol === IPV6_OPTIONS
  );
}

/** In bytes, from the header's length field; the authentication header alone counts in 32-bit words (RFC 4302). */
export function extensionLength(protocol: number, lengthField: number): number {
  if (protocol === IPV6_FRAGMENT) return 8;
  return protocol === AH ? (lengthField + 2) * 4 : (lengthField + 1) * 8;
}

export function readIpv4Address(words: Uint32Array, bytes: Uint8Array, at: number): void {
  words[0] = 0;
  words[1] = 0;
  words[2] = MAPPED;
  words[3] = i32be(bytes, at);
}

export function readIpv6Address(words: Uint32Array, bytes: Uint8Array, at: number): void {
  words[0] = i32be(bytes, at);
  words[1] = i32be(bytes, at + 4);
  words[2] = i32be(bytes, at + 8);
  words[3] = i32be(bytes, at + 12);
}
