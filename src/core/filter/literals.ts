// Values as they are written in filters and on the command line, read by the type that a field has.
import { type Cidr, parseAddress, parseCidr, splitHostPort } from '../decode/addresses.ts';
import { MAPPED } from '../decode/ip-fields.ts';

/** A value, or what was wanted in its place. */
export type Read<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly wanted: string };

const wanted = (text: string): { readonly ok: false; readonly wanted: string } => ({ ok: false, wanted: text });

/** Decimal, or 0x and hexadecimal. */
export function readNumber(text: string, limit: number): Read<number> {
  const value = /^\d+$/.test(text) || /^0x[0-9a-fA-F]+$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isSafeInteger(value) && value <= limit) return { ok: true, value };
  return wanted(limit === Number.MAX_SAFE_INTEGER ? 'a whole number' : `a whole number up to ${limit}`);
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1e9,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  ns: 1,
  m: 60e9,
  h: 3600e9,
};

/** Nanoseconds, of seconds or of a number with its unit. */
export function readSeconds(text: string): Read<number> {
  const match = /^([+-]?(?:\d+\.?\d*|\.\d+))(s|ms|us|µs|ns|m|h)?$/.exec(text);
  if (!match) return wanted('seconds such as 0.25, or with a unit: 250ms, 30us, 2m');
  return { ok: true, value: Number(match[1]) * UNITS[match[2] ?? '']! };
}

/** Nanoseconds since 1970, of ISO 8601 (UTC where it names no zone) or of seconds since 1970. */
export function readTime(text: string): Read<bigint> {
  const epoch = /^(\d{9,11})(?:\.(\d{1,9}))?$/.exec(text);
  if (epoch) return { ok: true, value: BigInt(epoch[1]!) * 1_000_000_000n + fractionOf(epoch[2]) };
  const iso = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d\d:?\d\d)?)?$/.exec(
    text,
  );
  if (iso) {
    const [, day, minutes = '00:00', seconds = '00', fraction, zone = 'Z'] = iso;
    const offset = /^[+-]/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(-2)}` : 'Z';
    const milliseconds = Date.parse(`${day!}T${minutes}:${seconds}${offset}`);
    // Date takes 31 February for the 3rd of March: that is no day that somebody meant.
    const isDay = new Date(`${day!}T00:00:00Z`).getUTCDate() === Number(day!.slice(8));
    if (!Number.isNaN(milliseconds) && isDay) {
      return { ok: true, value: BigInt(milliseconds) * 1_000_000n + fractionOf(fraction) };
    }
  }
  return wanted('a time such as 2026-01-31T22:13:20.5Z');
}

function fractionOf(digits: string | undefined): bigint {
  return BigInt((digits ?? '').padEnd(9, '0'));
}

/** Addresses, and the port that is wanted with them; null: any. */
export interface AddressLiteral {
  readonly cidr: Cidr;
  readonly port: number | null;
}

const VERSION_WORDS = { 4: 'an IPv4 address', 6: 'an IPv6 address' } as const;

/** An address, a prefix (10.0.0.0/8), and where `withPort` an address with a port. */
export function readAddress(text: string, version: 4 | 6 | null, withPort: boolean): Read<AddressLiteral> {
  const both = withPort ? splitHostPort(text) : null;
  const bare = /^\[(.*)\]$/.exec(text)?.[1] ?? text;
  const cidr = both ? { words: parseAddress(both.address)!, prefix: 128 } : parseCidr(bare);
  if (cidr && (version === null || version === versionOf(cidr.words))) {
    return { ok: true, value: { cidr, port: both?.port ?? null } };
  }
  const kind = version === null ? 'an address' : VERSION_WORDS[version];
  const example = version === 6 ? '2001:db8::/32' : '10.0.0.0/8';
  return wanted(`${kind}, or a prefix such as ${example}${withPort ? ', or address:port' : ''}`);
}

function versionOf(words: Uint32Array): 4 | 6 {
  return words[0] === 0 && words[1] === 0 && words[2] === MAPPED ? 4 : 6;
}

/** Whether a word is an address, a prefix or an address with a port, and so no field. */
export function isAddress(text: string): boolean {
  return parseCidr(text) !== null || splitHostPort(text) !== null;
}

/** -1, 0 or 1 as the first address is below, equal to or above the second. */
export function compareWords(words: ArrayLike<number>, w0: number, w1: number, w2: number, w3: number): number {
  const other = [w0, w1, w2, w3];
  for (let i = 0; i < 4; i++) {
    const [a, b] = [words[i]! >>> 0, other[i]! >>> 0];
    if (a !== b) return a < b ? -1 : 1;
  }
  return 0;
}
