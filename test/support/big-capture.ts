// A capture as large as wanted, made quickly: one UDP packet a connection, a microsecond apart.
import { ascii, ethernet, ipv4, udp } from './packets.ts';

/** Classic pcap of `packets` packets of 100 bytes; each is a connection of its own. */
export function bigCapture(packets: number): Uint8Array {
  const frame = ethernet(ipv4({ source: '10.0.0.1', destination: '192.0.2.7' }, udp({}, ascii('x'.repeat(58)))));
  const record = 16 + frame.length;
  const out = new Uint8Array(24 + packets * record);
  const view = new DataView(out.buffer);
  [0xa1b2c3d4, 0x00040002, 0, 0, 262_144, 1].forEach((word, i) => {
    view.setUint32(4 * i, word, true);
  });
  for (let i = 0; i < packets; i++) {
    const at = 24 + i * record;
    view.setUint32(at, 1_700_000_000 + Math.floor(i / 1_000_000), true);
    view.setUint32(at + 4, i % 1_000_000, true);
    view.setUint32(at + 8, frame.length, true);
    view.setUint32(at + 12, frame.length, true);
    out.set(frame, at + 16);
    // Source address and port, payload: what makes each one another.
    view.setUint16(at + 16 + 28, 1 + (i >>> 16), false);
    view.setUint16(at + 16 + 34, i & 0xffff, false);
    view.setUint32(at + 16 + 42, i, false);
  }
  return out;
}
