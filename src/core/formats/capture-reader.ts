// Opens a capture of any format that is read: the first bytes decide, never the name. The reader is pushed the file's bytes
// in chunks of any size, holds at most one incomplete record, and never throws on what it is given.
import type { Issue } from '../bytes/issues.ts';
import { ClassicPcapParser, classicPcapVariant } from './classic-pcap.ts';
import { RecordFraming, type RecordParser } from './framing.ts';
import { PcapngParser, SECTION_HEADER } from './pcapng.ts';
import type { CaptureReader, RecordSink } from './sink.ts';
import { SnoopParser, isSnoop } from './snoop.ts';
import { whatItLooksLike } from './sniff.ts';
import { u32be } from '../bytes/integers.ts';

/** Bytes that tell the format. */
const MAGIC = 4;
/** Bytes that are looked at to say what a file is that is no capture. */
const SNIFFED = 512;

interface ContainerParser extends RecordParser {
  readonly format: string;
}

/**
 * A reader that hands what it finds to `sink`. Issues tell what could not be read: 'empty-file', 'not-a-capture',
 * 'unsupported-version', 'corrupt-length' and 'truncated-tail' end the reading, the others leave out a block, or
 * ('resynchronised') a stretch of damage.
 */
export function openCapture(sink: RecordSink): CaptureReader {
  return new SniffingReader(sink);
}

class SniffingReader implements CaptureReader {
  private readonly sink: RecordSink;
  private parser: ContainerParser | null = null;
  private framing: RecordFraming | null = null;
  /** The file's beginning, until its format is known. */
  private head = new Uint8Array(0);
  private refused = false;

  constructor(sink: RecordSink) {
    this.sink = sink;
  }

  get format(): string {
    return this.parser?.format ?? 'unknown';
  }

  push(chunk: Uint8Array): boolean {
    if (this.framing) return this.framing.push(chunk);
    if (this.refused) return false;
    const head = this.head.length === 0 ? chunk : joined(this.head, chunk);
    if (head.length < MAGIC) {
      this.head = new Uint8Array(head);
      return true;
    }
    this.parser = parserFor(head, this.sink);
    if (this.parser) {
      this.head = new Uint8Array(0);
      this.framing = new RecordFraming(this.parser);
      return this.framing.push(head);
    }
    if (head.length < SNIFFED) {
      this.head = new Uint8Array(head);
      return true;
    }
    this.refused = true;
    this.sink.issue(notACapture(head));
    return false;
  }

  get missing(): Issue | null {
    if (this.framing && this.parser) {
      const offset = this.parser.stopped ? null : this.framing.incompleteAt();
      if (offset === null) return null;
      const message = `the file ends within the record at offset ${offset}: its end is missing (cut off, or still being written); what stands before was read`;
      return { code: 'truncated-tail', message, offset };
    }
    if (this.refused) return null;
    if (this.head.length > 0) return notACapture(this.head);
    return { code: 'empty-file', message: 'the file is empty: nothing was captured', offset: 0 };
  }

  end(): void {
    this.framing?.end();
    const { missing } = this;
    if (missing) this.sink.issue(missing);
  }
}

function notACapture(head: Uint8Array): Issue {
  return { code: 'not-a-capture', message: `not a capture: ${whatItLooksLike(head)}`, offset: 0 };
}

/** Whether a file with this beginning is a capture that is read. */
export function isCaptureMagic(head: Uint8Array): boolean {
  if (head.length < MAGIC) return false;
  return classicPcapVariant(head) !== null || u32be(head, 0) === SECTION_HEADER || isSnoop(head);
}

function parserFor(head: Uint8Array, sink: RecordSink): ContainerParser | null {
  const variant = classicPcapVariant(head);
  if (variant) return new ClassicPcapParser(sink, variant);
  if (isSnoop(head)) return new SnoopParser(sink);
  return u32be(head, 0) === SECTION_HEADER ? new PcapngParser(sink) : null;
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const both = new Uint8Array(first.length + second.length);
  both.set(first);
  both.set(second, first.length);
  return both;
}
