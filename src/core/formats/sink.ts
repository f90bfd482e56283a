// What a reader of any container hands on. Readers push, so that one pass over the bytes in chunks of any size does it
// all; nothing here is allocated per packet.
import type { Issue } from '../bytes/issues.ts';

/** An interface of a capture, as its file describes it. */
export interface CaptureInterface {
  /** Number in the file, counted over all sections; classic pcap has one, 0. */
  readonly index: number;
  readonly name: string | null;
  readonly description: string | null;
  /** LINKTYPE_ number, see www.tcpdump.org/linktypes.html. */
  readonly linkType: number;
  /** Bytes kept of a packet, 0 for unlimited. */
  readonly snapLength: number;
  /** The capture filter, where the file names it. */
  readonly filter: string | null;
  /** How finely times were kept, in nanoseconds: 1000 for microseconds. */
  readonly resolutionNs: number;
  /** Bytes of frame check sequence at the end of each frame. */
  readonly fcsLength: number;
  /** What the interface is, as the capturing machine says it. */
  readonly hardware: string | null;
  readonly os: string | null;
  readonly comments: readonly string[];
}

/** What a pcapng section says about itself. */
export interface CaptureSection {
  readonly hardware: string | null;
  readonly os: string | null;
  /** The program that wrote it. */
  readonly application: string | null;
  readonly comments: readonly string[];
}

/** What a pcapng file says beside a packet. One object serves all packets: take what is wanted during the call. */
export interface PacketRemark {
  readonly direction: 'in' | 'out' | null;
  /** Comments, one below the other. */
  readonly comment: string | null;
  /** Packets dropped since the packet before. */
  readonly dropped: number;
}

/** Counters of an interface at the end of its capture (pcapng ISB); null where not given. */
export interface InterfaceStatistics {
  readonly received: number | null;
  readonly dropped: number | null;
}

export interface RecordSink {
  /** An interface; always before its first packet. */
  interface(description: CaptureInterface): void;
  /**
   * One frame: `bytes[start..end)` are what was captured of `wireLength` bytes. The view is valid only during the call.
   * `fileOffset` is the offset of the frame's first captured byte in the (uncompressed) file.
   * A time that is missing has `seconds` NaN.
   */
  packet(
    interfaceIndex: number,
    seconds: number,
    nanos: number,
    wireLength: number,
    bytes: Uint8Array,
    start: number,
    end: number,
    fileOffset: number,
  ): void;
  /** Of the packet just handed on; only where the file says anything. */
  remark(remark: PacketRemark): void;
  section(section: CaptureSection): void;
  /** An address of four or sixteen bytes (a view, valid only during the call) and the names that the file has for it. */
  names(address: Uint8Array, names: readonly string[]): void;
  /** The file holds keys that decrypt its packets; they are not read. */
  secrets(): void;
  statistics(interfaceIndex: number, statistics: InterfaceStatistics): void;
  issue(issue: Issue): void;
}

/** Reads one container format; made by `openCapture` of `capture-reader.ts`. */
export interface CaptureReader {
  /** 'pcap' or 'pcapng', with what matters of the variant: 'pcap (nanoseconds, big-endian)'. */
  readonly format: string;
  /** Takes the next bytes of the file, in chunks of any size. False once reading further is pointless. */
  push(chunk: Uint8Array): boolean;
  /** What would be missing if the file ended here: the end of a record, or all; null where nothing would. */
  readonly missing: Issue | null;
  /** The file has ended: what is left is read as its end, and what is missing is reported. */
  end(): void;
}
