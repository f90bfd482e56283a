// What reading one capture leaves behind: its points, its legs and its packets, as columns. Times are nanoseconds after
// the file's `base`. The bytes of the packets stay in the file; `offset` says where.
import type { Columns } from '../bytes/columns.ts';
import type { IssueCount } from '../bytes/issues.ts';
import type { EpochNs } from '../bytes/time.ts';
import type { CaptureRemarks } from './remarks.ts';

/** Payload bytes that a short digest covers at most. */
export const SHORT_DIGEST_LENGTH = 16;

/** The leg of a packet that belongs to none: not IP, or a fragment whose first part was not seen. */
export const NO_LEG = 0xffff_ffff;

/** Bits of a packet's `flags` above the eight TCP flags. */
export const BACK = 0x100;
export const HAS_TIMESTAMPS = 0x200;
/** A later fragment: no transport header. */
export const FRAGMENT = 0x400;
export const HAS_TIME = 0x800;
/** The capture says which way it went, as seen from its interface. */
export const INBOUND = 0x1000;
export const OUTBOUND = 0x2000;

export const PACKET_COLUMNS = {
  leg: Uint32Array,
  /** Point of the file. */
  point: Uint16Array,
  time: Float64Array,
  /** Where the frame's captured bytes begin in the (uncompressed) file. */
  offset: Float64Array,
  capturedLength: Uint32Array,
  wireLength: Uint32Array,
  /** TCP sequence number; ICMP echo's sequence number; SCTP's TSN where the first chunk holds data. */
  sequence: Uint32Array,
  /** TCP acknowledgment number; ICMP: type << 8 | code; SCTP's verification tag. */
  acknowledgment: Uint32Array,
  flags: Uint16Array,
  ipId: Uint16Array,
  ttl: Uint8Array,
  payloadLength: Uint32Array,
  /** Of the first bytes of the payload, at most `DIGEST_LENGTH`. Of a TCP segment without payload: its window. */
  digest: Uint32Array,
  /** Of at most `SHORT_DIGEST_LENGTH`: what a snap length of 64 leaves. */
  shortDigest: Uint32Array,
  tsVal: Uint32Array,
} as const;
export type PacketTable = Columns<typeof PACKET_COLUMNS>;

/** Bits of a leg's `traits`. */
export const HAS_SYN = 1;
export const HAS_SYN_ACK = 2;
/** The client is known to be the leg's source, or its destination: from SYN, echo request or DNS query. */
export const CLIENT_IS_SOURCE = 4;
export const CLIENT_IS_DESTINATION = 8;
/** An ICMP message that is no echo: `icmp` holds type and code. */
export const ICMP_MESSAGE = 16;
/** An ICMP error; the quoted tuple stands in the `quoted` columns. */
export const ICMP_ERROR = 32;
export const HAS_SYN_TIMESTAMP = 64;
/** Both ends sent a SYN without being asked (RFC 9293 3.5): `isnServer` is the ISN of the second one. */
export const BOTH_OPEN = 128;

/** A conntrack tuple; the words of addresses as in `Headers`. */
const TUPLE_COLUMNS = {
  protocol: Uint8Array,
  source0: Uint32Array,
  source1: Uint32Array,
  source2: Uint32Array,
  source3: Uint32Array,
  destination0: Uint32Array,
  destination1: Uint32Array,
  destination2: Uint32Array,
  destination3: Uint32Array,
  sourcePort: Uint16Array,
  destinationPort: Uint16Array,
} as const;

/**
 * A leg: the packets of one connection at one point. `source` and `destination` are those of its first packet; "out" is
 * that packet's direction.
 */
export const LEG_COLUMNS = {
  ...TUPLE_COLUMNS,
  point: Uint16Array,
  ipVersion: Uint8Array,
  icmp: Uint16Array,
  traits: Uint16Array,
  /** How many legs had this tuple at this point before it. */
  incarnation: Uint32Array,
  first: Float64Array,
  last: Float64Array,
  packetsOut: Uint32Array,
  packetsBack: Uint32Array,
  bytesOut: Float64Array,
  bytesBack: Float64Array,
  /** Initial sequence numbers of the SYN's sender and of the SYN-ACK's, whichever side that is. */
  isnClient: Uint32Array,
  isnServer: Uint32Array,
  synOptions: Uint32Array,
  synTsVal: Uint32Array,
  /** TTL of the first packet out and back that is no RST; 0 where there is none. */
  ttlOut: Uint8Array,
  ttlBack: Uint8Array,
  /** 1 + row of `quoted`, 0 for none. */
  quoted: Uint32Array,
} as const;
export type LegTable = Columns<typeof LEG_COLUMNS>;

/** Tuples that ICMP errors quote. */
export const QUOTED_COLUMNS = TUPLE_COLUMNS;
export type QuotedTable = Columns<typeof QUOTED_COLUMNS>;

/** One point of a capture: an interface, or one of the interfaces that a capture of `any` tells apart. */
export interface CapturePoint {
  readonly interfaceName: string | null;
  readonly linkType: number;
  readonly snapLength: number;
  readonly filter: string | null;
  readonly description: string | null;
  readonly comments: readonly string[];
  packets: number;
  bytes: number;
  /** Nanoseconds after the base; NaN without a packet that has a time. */
  first: number;
  last: number;
  dropped: number;
  issues: readonly IssueCount[];
}

export interface CaptureTables {
  readonly format: string;
  readonly base: EpochNs;
  readonly points: readonly CapturePoint[];
  readonly packets: PacketTable;
  readonly legs: LegTable;
  readonly quoted: QuotedTable;
  /** Some digest covers less than it should, since its packet was cut. */
  readonly hasCutDigests: boolean;
  readonly remarks: CaptureRemarks;
  /** Issues of the file as a whole. */
  readonly issues: readonly IssueCount[];
}
