import { describe, expect, it } from 'vitest';
import { Ingest } from '../../../src/core/flows/ingest.ts';
import { RemarkTable, commentOf, metadataOf } from '../../../src/core/flows/remarks.ts';
import { type CaptureTables, HAS_TIME, INBOUND, OUTBOUND } from '../../../src/core/flows/tables.ts';
import { openCapture } from '../../../src/core/formats/capture-reader.ts';
import {
  type BlockWriter,
  enhancedPacket,
  interfaceBlock,
  nameBlock,
  remarkedPacket,
  statisticsBlock,
  writePcapng,
} from '../../support/packets-write.ts';

const FRAME = new Uint8Array(20);

function tablesOf(...blocks: BlockWriter[]): CaptureTables {
  const ingest = new Ingest();
  const reader = openCapture(ingest);
  reader.push(writePcapng(true, blocks));
  reader.end();
  return ingest.tables(reader.format);
}

describe('what a capture says beside its packets', () => {
  it('stands by row, equal comments once', () => {
    const curl = 'PID: 42\nCmd: curl';
    const { remarks, packets } = tablesOf(
      interfaceBlock({}),
      remarkedPacket({ comments: [curl], flags: 2 }, FRAME),
      enhancedPacket(0, 0n, FRAME),
      remarkedPacket({ comments: [curl], flags: 1 }, FRAME),
      remarkedPacket({ comments: ['other'] }, FRAME),
    );
    expect([0, 1, 2, 3, 4].map((row) => commentOf(remarks.comments, row))).toEqual([curl, null, curl, 'other', null]);
    expect(remarks.comments.texts).toEqual([curl, 'other']);
    expect([...packets.flags].map((flags) => flags & (INBOUND | OUTBOUND))).toEqual([OUTBOUND, 0, INBOUND, 0]);
  });

  it('keeps names by canonical address', () => {
    const v6 = [0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    const { remarks } = tablesOf(
      nameBlock([
        [1, [10, 42, 3, 21], ['pod1']],
        [2, v6, ['v6']],
        [1, [10, 42, 3, 21], ['pod1', 'again']],
      ]),
    );
    expect([...remarks.names]).toEqual([
      ['10.42.3.21', ['pod1', 'again']],
      ['2001:db8::1', ['v6']],
    ]);
  });

  it('counts drops from packets, or from statistics where those are higher', () => {
    const dropped = (...blocks: BlockWriter[]): number => tablesOf(interfaceBlock({}), ...blocks).points[0]!.dropped;
    const two = remarkedPacket({ dropped: 2n }, FRAME);
    expect(dropped(two, two)).toBe(4);
    expect(dropped(two, statisticsBlock(0, 9n, 7n))).toBe(7);
  });

  it('is bounded: what is beyond is counted', () => {
    const table = new RemarkTable();
    for (let row = 0; row < 50; row += 1) table.addComment(row, String(row).padEnd(100_000));
    const { comments } = table.remarks();
    expect([comments.texts.length, comments.leftOut]).toEqual([41, 9]);
  });
});

describe('a time that cannot be', () => {
  it('is told, and gives the packet no place in an order', () => {
    const { points, packets } = tablesOf(
      interfaceBlock({}),
      enhancedPacket(0, 1_767_268_800_000_000n, FRAME),
      enhancedPacket(0, 2n ** 63n, FRAME),
    );
    expect(points[0]!.issues.map(({ code }) => code)).toEqual(['impossible-time']);
    expect([...packets.flags].map((flags) => flags & HAS_TIME)).toEqual([HAS_TIME, 0]);
    expect(points[0]!.last).toBe(0);
  });
});

describe("ptcpdump's metadata", () => {
  it('is lines of a key and a value', () => {
    const comment = 'PID: 42\nCmd: /usr/bin/curl\nArgs: curl http://198.51.100.10/\nPodName: pod1\nnot one\nEmpty:\n';
    expect([...metadataOf(comment)]).toEqual([
      ['PID', '42'],
      ['Cmd', '/usr/bin/curl'],
      ['Args', 'curl http://198.51.100.10/'],
      ['PodName', 'pod1'],
    ]);
  });
});
