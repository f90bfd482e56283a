// The headers of one frame, as far as flows and matching need them: filled in one pass by `decodeHeaders` and used again
// for the next frame, so that nothing is allocated per packet. (The packet detail has a decoder of its own, `detail.ts`.)

/** TCP flag bits. */
export const TCP_FIN = 1;
export const TCP_SYN = 2;
export const TCP_RST = 4;
export const TCP_PSH = 8;
export const TCP_ACK = 16;

/** IP protocol numbers (IANA). */
export const ICMP = 1;
export const TCP = 6;
export const UDP = 17;
export const GRE = 47;
export const ICMPV6 = 58;
export const SCTP = 132;

/**
 * An address is four 32-bit words, big-endian order, unsigned; IPv4 is mapped as in RFC 4291 2.5.5.2
 * (0, 0, 0xffff, address), so that both families share tables.
 */
export class Headers {
  /** 4 or 6; 0 where the frame holds no IP packet, and then nothing else is valid. */
  ipVersion = 0;
  /** IP protocol of the payload, IPv6 extension headers skipped. */
  protocol = 0;
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  /** TTL or hop limit. */
  ttl = 0;
  /** IPv4 identification; 0 for IPv6 without a fragment header. */
  ipId = 0;
  /** IPv4 "don't fragment". */
  dontFragment = false;
  /** In bytes; above 0 for a fragment that carries no transport header. */
  fragmentOffset = 0;
  moreFragments = false;

  /** TCP, UDP, SCTP: the ports. ICMP echo: the id in both. Otherwise 0. */
  sourcePort = 0;
  destinationPort = 0;
  /** False where the frame was cut, or the packet is a later fragment, before the ports (or the ICMP id). */
  hasTransport = false;

  tcpFlags = 0;
  sequence = 0;
  acknowledgment = 0;
  window = 0;
  /** TSval and TSecr (RFC 7323); valid where `hasTimestamps`. */
  tsVal = 0;
  tsEcr = 0;
  hasTimestamps = false;
  /** The MSS option, 0 without one. */
  mss = 0;
  /** Digest of a SYN's options without MSS and timestamps (which boxes alter and which stand apart): kinds and values. */
  synOptions = 0;

  icmpType = 0;
  icmpCode = 0;
  /** ICMP echo's sequence number. */
  icmpSequence = 0;
  /** An ICMP error that quotes a packet whose addresses could be read. */
  hasQuoted = false;
  readonly quotedSource = new Uint32Array(4);
  readonly quotedDestination = new Uint32Array(4);
  quotedProtocol = 0;
  quotedSourcePort = 0;
  quotedDestinationPort = 0;

  /** Bytes of transport payload on the wire, by the IP length (TCP, UDP; for ICMP the bytes after its 8-byte header). */
  payloadLength = 0;
  /** Where the captured payload stands in the frame's bytes. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Digest of the payload's first bytes, at most `DIGEST_LENGTH`; 0 without payload. */
  digest = 0;
  /** How many bytes the digest covers; two digests compare only where these are equal. */
  digestLength = 0;
}

/** Payload bytes that a digest covers at most. */
export const DIGEST_LENGTH = 64;
