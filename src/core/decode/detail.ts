// The complete decoder, for the packet's detail and the diff: every field with its bytes. It is lax: it goes as far as the
// bytes go and says why it stopped. It never throws, whatever the bytes. (`decodeHeaders` is the fast one for tables.)
import { DetailWriter, type PacketDetail } from './detail/fields.ts';
import { frameDetail } from './detail/link.ts';

export type { ChecksumState, DetailField, PacketDetail } from './detail/fields.ts';

/** The fields of a frame, of which `bytes` were captured and `wireLength` were sent. */
export function decodeDetail(linkType: number, bytes: Uint8Array, wireLength = bytes.length): PacketDetail {
  const out = new DetailWriter(bytes);
  frameDetail(out, linkType, Math.max(wireLength, bytes.length));
  return out.detail();
}
