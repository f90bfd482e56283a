// NTP (RFC 5905): version, mode and stratum.
import type { ApplicationMessage } from './message.ts';

const HEADER = 48;
const MODES = [
  'reserved',
  'symmetric active',
  'symmetric passive',
  'client',
  'server',
  'broadcast',
  'control',
  'private',
];

export function readNtp(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  const version = (bytes[at]! >> 3) & 7;
  const mode = bytes[at]! & 7;
  if (end - at < HEADER || version === 0 || version > 4 || mode === 0 || mode > 5) return null;
  return {
    layer: 'NTP',
    name: `NTP ${MODES[mode]!}`,
    fields: [
      { key: 'version', label: 'Version', value: String(version), start: at, end: at + 1 },
      { key: 'mode', label: 'Mode', value: MODES[mode]!, start: at, end: at + 1 },
      { key: 'stratum', label: 'Stratum', value: String(bytes[at + 1]!), start: at + 1, end: at + 2 },
    ],
  };
}
