// What kind of address it is, by the registries: RFC 1918, RFC 6598, RFC 4193 and the special-purpose registries.

export type AddressRange = 'private' | 'shared' | 'public' | 'documentation' | 'special';

export const RANGE_NAME: Record<AddressRange, string> = {
  private: 'private address',
  shared: 'shared address (carrier-grade NAT)',
  public: 'public address',
  documentation: 'documentation address, standing for a public one',
  special: 'special-purpose address',
};

export function addressRange(address: string): AddressRange {
  return address.includes(':') ? rangeOf6(address.toLowerCase()) : rangeOf4(address);
}

function rangeOf4(address: string): AddressRange {
  const [a = 0, b = 0, c = 0] = address.split('.').map(Number);
  if (a === 10 || (a === 172 && b >= 16 && b < 32) || (a === 192 && b === 168)) return 'private';
  if (a === 100 && b >= 64 && b < 128) return 'shared';
  if ((a === 192 && b === 0 && c === 2) || (a === 198 && b === 51 && c === 100) || (a === 203 && b === 0 && c === 113))
    return 'documentation';
  if (a === 0 || a === 127 || a >= 224 || (a === 169 && b === 254)) return 'special';
  return 'public';
}

function rangeOf6(address: string): AddressRange {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped !== undefined) return rangeOf4(mapped);
  if (/^f[cd]/.test(address)) return 'private';
  if (/^2001:0?db8:/.test(address) || address.startsWith('3fff:')) return 'documentation';
  if (/^(fe[89ab]|ff)/.test(address) || address === '::' || address === '::1') return 'special';
  return 'public';
}
