// DHCP (RFC 2131): what kind of message, and which address it is about.
import { u32be } from '../../bytes/integers.ts';
import { addressText } from '../addresses.ts';
import { MAPPED } from '../ip-fields.ts';
import { type ApplicationField, type ApplicationMessage, printable } from './message.ts';

const COOKIE_AT = 236;
const COOKIE = 0x63825363;
const TYPES = ['BOOTP', 'Discover', 'Offer', 'Request', 'Decline', 'ACK', 'NAK', 'Release', 'Inform'];

export function readDhcp(bytes: Uint8Array, at: number, end: number): ApplicationMessage | null {
  if (end - at < COOKIE_AT + 4 || u32be(bytes, at + COOKIE_AT) !== COOKIE) return null;
  const fields: ApplicationField[] = [];
  const address = (key: string, label: string, from: number) => {
    const number = u32be(bytes, from);
    if (number === 0) return null;
    const value = addressText(0, 0, MAPPED, number);
    fields.push({ key, label, value, start: from, end: from + 4 });
    return value;
  };
  address('clientAddress', "Client's address", at + 12);
  let given = address('yourAddress', 'Your address', at + 16);
  let type = TYPES[0]!;
  let option = at + COOKIE_AT + 4;
  while (option + 2 <= end && bytes[option] !== 0xff) {
    const code = bytes[option]!;
    if (code === 0) {
      option += 1;
      continue;
    }
    const data = option + 2;
    const next = data + bytes[option + 1]!;
    if (next > end) break;
    if (code === 53 && next > data) {
      type = TYPES[bytes[data]!] ?? `type ${bytes[data]!}`;
      fields.push({ key: 'type', label: 'Message type', value: type, start: data, end: next });
    } else if (code === 12) {
      fields.push({ key: 'hostName', label: 'Host name', value: printable(bytes, data, next), start: data, end: next });
    } else if (code === 50 && next - data === 4) given ??= address('requested', 'Requested address', data);
    option = next;
  }
  return { layer: 'DHCP', name: `DHCP ${type}${given === null ? '' : ` ${given}`}`, fields };
}
