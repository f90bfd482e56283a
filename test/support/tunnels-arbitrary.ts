// Random frames that carry other frames or packets, for property tests and for oracles.
import fc from 'fast-check';
import { ethernet, ipv4, type Transport } from './packets.ts';
import { anyFrame, type LinkedFrame } from './packets-arbitrary.ts';
import { erspan, geneve, gre, vxlan } from './tunnels.ts';

export function inPacket(transport: Transport): Uint8Array {
  return ethernet(ipv4({ source: '10.0.0.1', destination: '10.0.0.2' }, transport));
}

const WRAPPERS: readonly ((frame: Uint8Array) => Uint8Array)[] = [
  (frame) => inPacket(vxlan(3, frame)),
  (frame) => inPacket(vxlan(3, frame, 8472)),
  (frame) => inPacket(gre(0x6558, frame, { key: 0x0102_0304 })),
  (frame) => inPacket(erspan(2, 1, frame)),
  (frame) => inPacket(erspan(3, 1, frame)),
  (frame) => inPacket(geneve(1, 0x6558, frame, [1, 8, 1, 1, 0, 0, 0, 9])),
];

/** An Ethernet frame around another one, three deep at most. */
export const anyTunnelledFrame: fc.Arbitrary<LinkedFrame> = fc
  .tuple(
    anyFrame.filter(({ linkType }) => linkType === 1),
    fc.array(fc.constantFrom(...WRAPPERS), { minLength: 1, maxLength: 3 }),
  )
  .map(([{ bytes }, wrappers]) => ({ linkType: 1, bytes: wrappers.reduce((frame, wrap) => wrap(frame), bytes) }));
