// The headers of one frame, as far as flows and matching need them: filled in one pass by `decodeHeaders` and used again
// for the next frame, so that nothing is allocated per packet. (The packet detail has a decoder of its own, `detail.ts`.)
//
// Where a tunnel carries the packet, the headers are those of the innermost IP packet that could be read: a connection is
// the same inside a tunnel and outside. Of the outermost packet stand its addresses and the tunnel's number.

export { decodeHeaders, isDecodedLinkType } from './link.ts';
export { DIGEST_LENGTH } from './digest.ts';
export * from './protocols.ts';

/**
 * An address is four 32-bit words, big-endian order, unsigned; IPv4 is mapped as in RFC 4291 2.5.5.2
 * (0, 0, 0xffff, address), so that both families share tables.
 */
export class Headers {
  /** Linux cooked v2: the index of the interface that saw the frame; otherwise -1. */
  linkInterface = -1;
  /** Linux cooked v1 and v2: 0 to us, 1 broadcast, 2 multicast, 3 to another host, 4 sent by this host; otherwise -1. */
  linkPacketType = -1;
  /** Linux cooked v1 and v2: the ARPHRD_ type of the interface; otherwise -1. */
  linkHardware = -1;

  /** How many tunnels and frames within frames were tried: what bounds the decoding of nested ones. */
  depth = 0;
  /** Which tunnel carries the packet, of several the outermost: a value of `encapsulation.ts`, 0 for none. */
  tunnel = 0;
  /** VXLAN's or GENEVE's VNI, GRE's key, ERSPAN's session, GTP's TEID, an MPLS label; 0 without one. */
  tunnelId = 0;
  /** The addresses of the outermost packet; valid where `tunnel` is not 0. */
  readonly tunnelSource = new Uint32Array(4);
  readonly tunnelDestination = new Uint32Array(4);

  /** 4 or 6; 0 where the frame holds no IP packet, and then nothing below is valid. */
  ipVersion = 0;
  /** IP protocol of the payload, IPv6 extension headers skipped. */
  protocol = 0;
  readonly source = new Uint32Array(4);
  readonly destination = new Uint32Array(4);
  /** TTL or hop limit. */
  ttl = 0;
  /** IPv4 identification, or that of IPv6's fragment header (32 bits); 0 for IPv6 without one. */
  ipId = 0;
  /** IPv4 "don't fragment". */
  dontFragment = false;
  /** In bytes; above 0 for a fragment that carries no transport header. */
  fragmentOffset = 0;
  moreFragments = false;

  /** TCP, UDP, UDP-Lite, SCTP, DCCP: the ports. ICMP echo and other queries: the id in both. GRE version 1: the call id as destination. Otherwise 0. */
  sourcePort = 0;
  destinationPort = 0;
  /** False where the frame was cut, or the packet is a later fragment, before the ports (or the ICMP id). */
  hasTransport = false;

  /** TCP: sequence, acknowledgment, flags and window were captured, not the ports alone. */
  hasSequence = false;
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
  /**
   * Digest of a SYN's options without MSS and timestamps (which boxes alter and which stand apart) and without padding:
   * kinds and values, in order. Never 0 for a SYN whose options were all captured, 0 otherwise.
   */
  synOptions = 0;

  /** SCTP: the verification tag, and the TSN of the first chunk where that holds data; 0 otherwise. */
  verificationTag = 0;
  tsn = 0;

  icmpType = 0;
  icmpCode = 0;
  /** ICMP echo's sequence number. */
  icmpSequence = 0;
  /** An ICMP error that quotes a packet whose addresses could be read. */
  hasQuoted = false;
  readonly quotedSource = new Uint32Array(4);
  readonly quotedDestination = new Uint32Array(4);
  quotedProtocol = 0;
  /** The quoted ports; of a quoted ICMP query the id in both; 0 where the quote is too short. */
  quotedSourcePort = 0;
  quotedDestinationPort = 0;

  /** UDP on port 53 or 5353: 1 for a query, 2 for a response; 0 for no DNS. */
  dnsFlags = 0;
  dnsId = 0;

  /**
   * Bytes of transport payload on the wire, by the IP length (for ICMP the bytes after its 8-byte header; for a later
   * fragment and for unknown protocols all that IP carries).
   */
  payloadLength = 0;
  /** Where the captured payload stands in the frame's bytes. */
  payloadStart = 0;
  payloadEnd = 0;
  /** Digest of the payload's first bytes, at most `DIGEST_LENGTH`; 0 without captured payload, else unsigned and not 0. */
  digest = 0;
  /** How many bytes the digest covers; two digests compare only where these are equal. */
  digestLength = 0;

  /** Makes ready for the next frame. Addresses keep their old words: `ipVersion` and `hasQuoted` say that they are void. */
  clear(): void {
    this.linkInterface = -1;
    this.linkPacketType = -1;
    this.linkHardware = -1;
    this.depth = 0;
    this.tunnel = 0;
    this.tunnelId = 0;
    this.ipVersion = 0;
    this.protocol = 0;
    this.ttl = 0;
    this.ipId = 0;
    this.dontFragment = false;
    this.fragmentOffset = 0;
    this.moreFragments = false;
    this.sourcePort = 0;
    this.destinationPort = 0;
    this.hasTransport = false;
    this.hasSequence = false;
    this.tcpFlags = 0;
    this.sequence = 0;
    this.acknowledgment = 0;
    this.window = 0;
    this.tsVal = 0;
    this.tsEcr = 0;
    this.hasTimestamps = false;
    this.mss = 0;
    this.synOptions = 0;
    this.verificationTag = 0;
    this.tsn = 0;
    this.icmpType = 0;
    this.icmpCode = 0;
    this.icmpSequence = 0;
    this.hasQuoted = false;
    this.quotedProtocol = 0;
    this.quotedSourcePort = 0;
    this.quotedDestinationPort = 0;
    this.dnsFlags = 0;
    this.dnsId = 0;
    this.payloadLength = 0;
    this.payloadStart = 0;
    this.payloadEnd = 0;
    this.digest = 0;
    this.digestLength = 0;
  }
}
