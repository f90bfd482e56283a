// The questions that an open session answers, by name: what the session worker serves and the client asks. Where bytes of
// packets are wanted, they are read from the files again here.
import { setImmediate as others } from 'node:timers/promises';
import { type Session, packetName } from '../core/session.ts';
import type {
  Journey,
  JourneyPage,
  ExportRequest,
  FilterCheck,
  FilterError,
  JourneyQuery,
  Ladder,
  LadderQuery,
  PacketDiff,
  PassagePage,
  PathMap,
  Role,
  SessionSummary,
  Timeline,
  TimelineQuery,
} from '../shared/contract.ts';
import type { CaptureInput } from './inputs.ts';
import { PacketBytes } from './packet-bytes.ts';

/** Question -> arguments and answer. */
export interface Questions {
  summary: [[], SessionSummary];
  journeys: [[query: JourneyQuery], JourneyPage];
  checkFilter: [[text: string, caret: number], FilterCheck];
  journey: [[id: string], Journey | null];
  pathMap: [[journey: string | null, width: number], PathMap | null];
  ladder: [[query: LadderQuery], Ladder | null];
  passages: [[journey: string, offset: number, limit: number], PassagePage];
  packetDiff: [[journey: string, passage: number], PacketDiff | null];
  timeline: [[query: TimelineQuery], Timeline];
  setRole: [[point: string, role: Role], SessionSummary];
  setOrder: [[points: readonly string[]], SessionSummary];
  undo: [[], SessionSummary];
  /** Begins an export; its pieces are then asked for one by one. Null, or why its filter cannot be used. */
  exportStart: [[request: ExportRequest], FilterError | null];
  /** The next piece; null at its end. */
  exportNext: [[], string | null];
}

/** Characters of an export that one answer holds, about. */
const PIECE = 256 * 1024;

type Answers = {
  [Name in keyof Questions]: (...args: Questions[Name][0]) => Questions[Name][1] | Promise<Questions[Name][1]>;
};

export class SessionAnswers implements Answers {
  private readonly session: Session;
  private files: readonly CaptureInput[];
  private readonly packetBytes = new PacketBytes();
  private pieces: Iterator<string> | null = null;

  constructor(session: Session, files: readonly CaptureInput[]) {
    this.session = session;
    this.files = files;
  }

  /** The session's captures have grown: these are their files now. */
  filesAre(files: readonly CaptureInput[]): void {
    this.files = files;
  }

  answer(method: keyof Questions, args: readonly unknown[]): unknown {
    return (this[method] as (...values: unknown[]) => unknown).apply(this, [...args]);
  }

  summary(): SessionSummary {
    return this.session.summary();
  }

  async journeys(query: JourneyQuery): Promise<JourneyPage> {
    // Other questions have their turn at each pause.
    for (const pause of this.session.prepareJourneys(query)) await others(pause);
    return this.session.journeys(query);
  }

  checkFilter(text: string, caret: number): FilterCheck {
    return this.session.checkFilter(text, caret);
  }

  journey(id: string): Journey | null {
    return this.session.journey(id);
  }

  pathMap(journey: string | null, width: number): PathMap | null {
    return this.session.pathMap(journey, width);
  }

  async passages(journey: string, offset: number, limit: number): Promise<PassagePage> {
    const page = this.session.passages(journey, offset, limit);
    const names = await this.names(
      journey,
      page.rows.map(({ index }) => index),
    );
    return { ...page, rows: page.rows.map((row) => ({ ...row, name: names.get(row.index) ?? null })) };
  }

  async ladder(query: LadderQuery): Promise<Ladder | null> {
    const unnamed = this.session.ladder(query);
    if (unnamed === null) return null;
    const names = await this.names(
      query.journey,
      unnamed.rows.map(({ packet }) => packet),
    );
    return this.session.ladder({ ...query, top: unnamed.top }, names);
  }

  /** Packets are named by their payload, which is read again for it; where it cannot be, they go without. */
  private async names(journey: string, packets: readonly number[]): Promise<Map<number, string | null>> {
    const names = new Map<number, string | null>();
    for (const { packet, range, linkType, wireLength } of this.session.namedBytes(journey, packets)) {
      try {
        const bytes = await this.packetBytes.read(this.files[range.capture]!, range.offset, range.length);
        names.set(packet, packetName(linkType, bytes, wireLength));
      } catch {
        break;
      }
    }
    return names;
  }

  async packetDiff(journey: string, passage: number): Promise<PacketDiff | null> {
    const ranges = this.session.passageBytes(journey, passage);
    if (!ranges) return null;
    const bytes = await Promise.all(
      ranges.map(({ capture, offset, length }) => this.packetBytes.read(this.files[capture]!, offset, length)),
    );
    return this.session.packetDiff(journey, passage, bytes);
  }

  timeline(query: TimelineQuery): Timeline {
    return this.session.timeline(query);
  }

  setRole(point: string, role: Role): SessionSummary {
    this.session.setRole(point, role);
    return this.session.summary();
  }

  setOrder(points: readonly string[]): SessionSummary {
    this.session.setOrder(points);
    return this.session.summary();
  }

  undo(): SessionSummary {
    this.session.undo();
    return this.session.summary();
  }

  exportStart(request: ExportRequest): FilterError | null {
    const report = this.session.export(request);
    this.pieces = report.ok ? report.pieces : null;
    return report.ok ? null : report.error;
  }

  exportNext(): string | null {
    if (!this.pieces) return null;
    let piece = '';
    while (piece.length < PIECE) {
      const next = this.pieces.next();
      if (next.done === true) {
        this.pieces = null;
        break;
      }
      piece += next.value;
    }
    return piece === '' ? null : piece;
  }
}
