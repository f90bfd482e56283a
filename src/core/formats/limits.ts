// How long a record may be. A length beyond is taken for damage: no capture tool writes it, and believing it would swallow
// the rest of the file.

/** tcpdump's and Wireshark's largest snap length; super-packets (TSO, GRO, BIG TCP) are cut to it. */
const ORDINARY_PACKET = 262_144;
/** For captures whose snap length is set higher (USB, D-Bus). */
const LARGEST_PACKET = 16 * 1024 * 1024;

/** Captured bytes that a packet may have in a capture taken with this snap length (0: unlimited). */
export function packetLimit(snapLength: number): number {
  return Math.min(Math.max(snapLength, ORDINARY_PACKET), LARGEST_PACKET);
}

/** Bytes of a pcapng block that is read as a whole: a packet, its options and comments. */
export const BLOCK_LIMIT = LARGEST_PACKET + 1024 * 1024;
