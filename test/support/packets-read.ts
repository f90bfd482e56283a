// Reads captures in tests: what a reader told its sink, as plain values.
import type { Issue } from '../../src/core/bytes/issues.ts';
import { openCapture } from '../../src/core/formats/capture-reader.ts';
import type {
  CaptureInterface,
  CaptureSection,
  InterfaceStatistics,
  PacketRemark,
} from '../../src/core/formats/sink.ts';

export interface ReadPacket {
  readonly interfaceIndex: number;
  readonly seconds: number;
  readonly nanos: number;
  readonly wireLength: number;
  readonly bytes: Uint8Array;
  readonly fileOffset: number;
}

export interface ReadCapture {
  readonly format: string;
  readonly interfaces: readonly CaptureInterface[];
  readonly packets: readonly ReadPacket[];
  readonly statistics: readonly { readonly interfaceIndex: number; readonly statistics: InterfaceStatistics }[];
  readonly issues: readonly Issue[];
  /** Of the packet with this number. */
  readonly remarks: readonly (PacketRemark & { readonly packet: number })[];
  readonly sections: readonly CaptureSection[];
  readonly names: readonly { readonly address: readonly number[]; readonly names: readonly string[] }[];
  readonly secrets: number;
}

/** Reads `file`, pushed in chunks whose sizes `chunkSizes` gives in turn, over and over; at once without it. */
export function readCapture(file: Uint8Array, chunkSizes: readonly number[] = []): ReadCapture {
  const interfaces: CaptureInterface[] = [];
  const packets: ReadPacket[] = [];
  const statistics: { interfaceIndex: number; statistics: InterfaceStatistics }[] = [];
  const issues: Issue[] = [];
  const remarks: (PacketRemark & { packet: number })[] = [];
  const sections: CaptureSection[] = [];
  const namesOf: { address: number[]; names: readonly string[] }[] = [];
  let secrets = 0;
  const reader = openCapture({
    interface(description) {
      interfaces.push(description);
    },
    packet(interfaceIndex, seconds, nanos, wireLength, bytes, start, end, fileOffset) {
      if (start < 0 || end < start || end > bytes.length) throw new Error(`bad range ${start}..${end}`);
      packets.push({ interfaceIndex, seconds, nanos, wireLength, bytes: bytes.slice(start, end), fileOffset });
    },
    remark(remark) {
      remarks.push({ ...remark, packet: packets.length - 1 });
    },
    section(section) {
      sections.push(section);
    },
    names(address, names) {
      namesOf.push({ address: [...address], names });
    },
    secrets() {
      secrets += 1;
    },
    statistics(interfaceIndex, values) {
      statistics.push({ interfaceIndex, statistics: values });
    },
    issue(issue) {
      issues.push(issue);
    },
  });
  // Node's Buffer would give views where a Uint8Array copies.
  const whole = new Uint8Array(file.buffer, file.byteOffset, file.length);
  let at = 0;
  for (let turn = 0; at < file.length; turn += 1) {
    const size = chunkSizes.length === 0 ? file.length : Math.max(1, chunkSizes[turn % chunkSizes.length]!);
    // A copy, wiped afterwards: a reader that kept a view of the chunk would be found out.
    const chunk = whole.slice(at, at + size);
    const goOn = reader.push(chunk);
    chunk.fill(0xee);
    if (!goOn) break;
    at += size;
  }
  reader.end();
  return { format: reader.format, interfaces, packets, statistics, issues, remarks, sections, names: namesOf, secrets };
}
