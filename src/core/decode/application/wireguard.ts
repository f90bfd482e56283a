// WireGuard: the type of a message; what it carries is encrypted. Its lengths tell it from other data.
import { u32be } from '../../bytes/integers.ts';
import type { ApplicationMessage } from './message.ts';

export const WIREGUARD_PORT = 51_820;
const NAMES = ['', 'handshake initiation', 'handshake response', 'cookie reply', 'transport data'];
/** Of each type on the wire; data is at least this long and padded to 16 bytes. */
const LENGTHS = [0, 148, 92, 64, 32];

/** `wireLength` is that of the whole message, of which [at, end) was captured. */
export function readWireguard(
  bytes: Uint8Array,
  at: number,
  end: number,
  wireLength: number,
): ApplicationMessage | null {
  if (end - at < 8) return null;
  const type = bytes[at]!;
  if (type === 0 || type > 4 || (u32be(bytes, at) & 0x00ffffff) !== 0) return null;
  if (type === 4 ? wireLength < LENGTHS[4]! || wireLength % 16 !== 0 : wireLength !== LENGTHS[type]) return null;
  const name = NAMES[type]!;
  return {
    layer: 'WireGuard',
    name: `WireGuard ${name}`,
    fields: [{ key: 'type', label: 'Message type', value: name, start: at, end: at + 4 }],
  };
}
