// The report: what `snatscope report --format json` prints and what the window shows, one set of types for both.
// The schema is stable: changes only ever add. Shapes and words are described in docs/report.md.

export const REPORT_SCHEMA = 'snatscope.report/1';

export type Role = 'pod-veth' | 'node-eth0' | 'nat-inside' | 'nat-outside' | 'internet' | 'other';
export const ROLES: readonly Role[] = ['pod-veth', 'node-eth0', 'nat-inside', 'nat-outside', 'internet', 'other'];

export type Protocol = 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'sctp' | 'gre' | `other:${number}`;

/** Of one tie, or of a journey: that of its weakest tie; `single` has no tie and no candidate. */
export type Confidence = 'exact' | 'strong' | 'probable' | 'ambiguous' | 'single';

export interface Point {
  readonly id: string;
  /** What the window calls it: its role, or where others have the same or it has none, its interface or file. */
  readonly name: string;
  readonly file: string;
  /** The interface's name in the file, or null. */
  readonly interface: string | null;
  readonly role: Role;
  readonly roleSource: 'name' | 'evidence' | 'user';
  readonly host: string | null;
  /** Name of the link type, as tcpdump's: EN10MB, LINUX_SLL2, RAW, … */
  readonly linkType: string;
  readonly packets: number;
  readonly bytes: number;
  /** ISO 8601 UTC with nanoseconds; null where no packet has a time. */
  readonly first: string | null;
  readonly last: string | null;
  /** Relative to the first point's clock: add `offsetNs` to that clock to get this one. Null where nothing ties them. */
  readonly clock: { readonly offsetNs: number; readonly skewPpm: number; readonly uncertaintyNs: number } | null;
  readonly issues: readonly { readonly code: string; readonly count: number; readonly message: string }[];
}

export interface Leg {
  readonly point: string;
  readonly src: string;
  /** Ports; of an ICMP message that is no echo, `t` and its type. Null where the protocol has none. */
  readonly sport: number | string | null;
  readonly dst: string;
  readonly dport: number | string | null;
  /** An echo's id, otherwise null. */
  readonly icmpId: number | null;
  /** [out, back] in the journey's direction. */
  readonly packets: readonly [number, number];
  readonly bytes: readonly [number, number];
  readonly first: string;
  readonly last: string;
}

/** What the dump of a box's rules says of one end that it translated. */
export interface RuleDetail {
  readonly end: 'source' | 'destination';
  /**
   * `rule`: this one did it. `clash`: none did; the port was another connection's, and the kernel chose another. `unknown`:
   * several may have, or none explains it.
   */
  readonly status: 'rule' | 'clash' | 'unknown';
  /** The dump. */
  readonly file: string;
  readonly rule: string | null;
  /** Its line in the dump. */
  readonly line: number | null;
  /** Packets (connections' first ones) that it had counted; null where it does not count. */
  readonly packets: number | null;
  /** Chains that lead to it, its own last. */
  readonly chains: readonly string[];
  /** What it translates to: first and last address, first and last port; null where it does not say. */
  readonly addresses: readonly [string, string] | null;
  readonly ports: readonly [number, number] | null;
  /** How it chooses a port: kept where free, by a hash with a random offset, or at random. */
  readonly random: 'no' | 'hash' | 'fully' | null;
}

export type ChangeKind = 'none' | 'snat' | 'dnat' | 'snat+dnat' | 'nat64';

export interface Evidence {
  /** Such as 'isn', 'tsval', 'segments', 'payload', 'dns', 'icmp-seq', 'ip-id', 'tuple', 'conntrack'; see docs/matching.md. */
  readonly kind: string;
  readonly count: number;
}

/** What happened between two neighbouring legs of a journey. */
export interface Change {
  readonly from: string;
  readonly to: string;
  readonly confidence: Confidence;
  readonly source: 'packets' | 'conntrack' | 'trace' | 'flow-log';
  readonly kind: ChangeKind;
  readonly portChanged: boolean;
  /** `address:port`, `[v6]:port`, or the address alone where there is no port: [before, after]. */
  readonly src: readonly [string, string];
  readonly dst: readonly [string, string];
  /** The entry of the box between, as `conntrack -L` writes it; null where nothing was translated. */
  readonly conntrack: string | null;
  /** Whether the entry stands in an opened dump, or follows from the packets. */
  readonly conntrackSource: 'dump' | 'packets' | null;
  /** The rule of an opened iptables dump that did it, where one fits. */
  readonly rule: string | null;
  /** The same in detail: of the source, of the destination, as far as they were translated. */
  readonly ruleDetails: readonly RuleDetail[];
  readonly evidence: readonly Evidence[];
  /** Packets that passed, were lost, or were born between the two points: [out, back]. */
  readonly passed: readonly [number, number];
  readonly lost: readonly [number, number];
  readonly born: readonly [number, number];
  /** Median and 99th percentile of the corrected one-way delay; null where nothing could be measured. */
  readonly delayNs: {
    readonly out: readonly [number, number] | null;
    readonly back: readonly [number, number] | null;
  };
}

/** Where a journey ends because several partners are possible. */
export interface Candidates {
  readonly from: string;
  readonly to: string;
  /** Those that began nearest in time, where there are very many. */
  readonly legs: readonly Leg[];
  /** How many there are in all. */
  readonly count: number;
  /** What would decide between them. */
  readonly wanted: string;
}

export interface Journey {
  readonly id: string;
  readonly proto: Protocol;
  readonly direction: 'known' | 'unknown';
  readonly confidence: Confidence;
  readonly legs: readonly Leg[];
  readonly changes: readonly Change[];
  readonly candidates: readonly Candidates[];
  readonly findings: readonly string[];
  /** Seconds from the first to the last packet at the first leg. */
  readonly durationNs: number;
  /** First SYN to SYN-ACK, or first request to first answer, at the first leg; null without an answer. */
  readonly rttNs: number | null;
  /** Points on this journey's path that could have seen it and did not. */
  readonly notSeenAt: readonly string[];
  /** What comments of its packets say of it, as ptcpdump writes them: process, container, pod; several values joined by commas. */
  readonly metadata: readonly { readonly key: string; readonly value: string }[];
  /** Journeys that belong to this one: a connection is several where its box translated it one way and later another. */
  readonly related: readonly RelatedJourney[];
}

export interface RelatedJourney {
  /**
   * `continues`: the other one began with this one's first leg before, translated another way then; `continued-by`: the reverse.
   * `untranslated`: the other one holds packets of this connection that left untranslated; `untranslated-of`: the reverse.
   */
  readonly kind: 'continues' | 'continued-by' | 'untranslated' | 'untranslated-of';
  readonly journey: string;
}

export type Severity = 'error' | 'warning' | 'note';

/** `probable` where another cause would look the same. */
export type Certainty = 'certain' | 'probable';

/** A diagnosed problem or remark; docs/findings has a page for each code. */
export interface Finding {
  readonly code: string;
  readonly severity: Severity;
  readonly certainty: Certainty;
  readonly title: string;
  readonly explain: string;
  readonly journeys: readonly string[];
  /** The point where it shows, or the one before the gap where it happened; null where it is of no place. */
  readonly at: string | null;
  /** The point behind the gap. */
  readonly to: string | null;
  /** Packets that show it, a few of them. */
  readonly proof: readonly FindingProof[];
  /** Commands to run next, each with a word on what to look for. */
  readonly next: readonly string[];
}

/** A packet at the point that saw it, and what is to be seen in it. */
interface FindingProof {
  readonly journey: string;
  readonly point: string;
  readonly time: string;
  readonly what: string;
}

export interface Input {
  readonly file: string;
  readonly ok: boolean;
  /** Why nothing, or not all, of it could be read. */
  readonly error: string | null;
}

/** A file beside the captures: what it is and how it agrees with the packets. */
export interface SideFile {
  readonly file: string;
  readonly kind: 'conntrack' | 'iptables' | 'nft';
  readonly box: 'node' | 'nat' | 'igw' | 'other';
  readonly entries: number;
  /** Conntrack: entries that a translation in the captures agrees with, are not in the captures, contradict them. */
  readonly agree: number;
  readonly absent: number;
  readonly contradict: number;
}

/** Which journeys a report was asked for. */
export interface Filtered {
  /** In the language of docs/filter.md. */
  readonly expression: string;
  /** Journeys that it leaves, and of how many. */
  readonly journeys: number;
  readonly of: number;
}

export interface Report {
  readonly schema: typeof REPORT_SCHEMA;
  readonly version: string;
  /** Only where a filter was given. */
  readonly filter?: Filtered;
  readonly points: readonly Point[];
  readonly paths: readonly (readonly string[])[];
  readonly journeys: readonly Journey[];
  readonly findings: readonly Finding[];
  readonly inputs: readonly Input[];
  readonly sideFiles: readonly SideFile[];
}
