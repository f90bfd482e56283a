// Which application's message a payload is: by its first bytes, where they tell, else by the port.
import { u16be } from '../../bytes/integers.ts';
import { TCP, UDP } from '../protocols.ts';
import { readDhcp } from './dhcp.ts';
import { readDns } from './dns.ts';
import { readHttp } from './http.ts';
import type { ApplicationMessage } from './message.ts';
import { readNtp } from './ntp.ts';
import { readQuic } from './quic.ts';
import { readTls } from './tls.ts';
import { WIREGUARD_PORT, readWireguard } from './wireguard.ts';

const DNS_PORTS: readonly number[] = [53, 5353, 5355];
const DHCP_PORTS: readonly number[] = [67, 68];
const NTP_PORT = 123;

/** The payload `bytes[start..end)`, of `wireLength` bytes on the wire, that TCP or UDP carries between these ports. */
export function recognise(
  protocol: number,
  sourcePort: number,
  destinationPort: number,
  bytes: Uint8Array,
  start: number,
  end: number,
  wireLength: number,
): ApplicationMessage | null {
  if (end <= start) return null;
  const on = (ports: readonly number[]) => ports.includes(sourcePort) || ports.includes(destinationPort);
  if (protocol === TCP) {
    // A message over TCP has its length before it (RFC 1035 4.2.2).
    if (on(DNS_PORTS)) return end - start > 2 && u16be(bytes, start) >= 12 ? readDns(bytes, start + 2, end) : null;
    return readTls(bytes, start, end) ?? readHttp(bytes, start, end);
  }
  if (protocol !== UDP) return null;
  if (on(DNS_PORTS)) return readDns(bytes, start, end);
  if (on(DHCP_PORTS)) return readDhcp(bytes, start, end);
  if (on([NTP_PORT])) return readNtp(bytes, start, end);
  if (on([WIREGUARD_PORT])) return readWireguard(bytes, start, end, wireLength);
  return readQuic(bytes, start, end);
}
