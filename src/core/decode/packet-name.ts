// A packet's name in one line, by what its payload is: 'TLS ClientHello example.com', 'GET /cart HTTP/1.1',
// 'DNS A shop.example.com?'. It serves labels where a whole decoding would be too much.
import { u32be } from '../bytes/integers.ts';
import { recognise } from './application/recognise.ts';
import { Headers, decodeHeaders } from './headers.ts';
import { ESP, IGMP } from './protocols.ts';

const headers = new Headers();

/** Of a frame of which `bytes` were captured; null where the payload is of none of the known applications. */
export function packetName(linkType: number, bytes: Uint8Array, wireLength = bytes.length): string | null {
  if (!decodeHeaders(headers, linkType, bytes, 0, bytes.length, wireLength)) return null;
  const { protocol, payloadStart, payloadEnd, payloadLength, sourcePort, destinationPort } = headers;
  if (headers.fragmentOffset > 0) return null;
  if (protocol === ESP) {
    if (payloadEnd - payloadStart < 4) return 'ESP';
    return `ESP 0x${u32be(bytes, payloadStart).toString(16).padStart(8, '0')}`;
  }
  if (protocol === IGMP) return 'IGMP';
  const message = recognise(protocol, sourcePort, destinationPort, bytes, payloadStart, payloadEnd, payloadLength);
  return message?.name ?? null;
}
