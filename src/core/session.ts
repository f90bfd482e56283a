// The façade of the core: what was read goes in, questions are answered. All that hosts (the window's worker, the command
// line) may call. It keeps everything that was opened and correlates anew when roles, order or hosts are changed by hand.
import { columnBuffers } from './bytes/columns.ts';
import { type DiffInput, type PacketDiff, packetDiff } from './compare/packet-diff.ts';
import { type Capture, Corpus } from './correlate/corpus.ts';
import { judgeDumps } from './correlate/dumps.ts';
import { correlate } from './correlate/journeys.ts';
import { ROLE_RANK, roleOfNames } from './correlate/roles.ts';
import type { CaptureTables } from './flows/tables.ts';
import { type PointNaming, ReportSource, pointId } from './report/build.ts';
import { exportPieces } from './report/exports.ts';
import { summariseGaps } from './report/gaps.ts';
import { compileFilter } from './filter/compile.ts';
import type { FilterError } from './filter/tokens.ts';
import { JourneyList } from './report/journey-list.ts';
import type { Input, Journey, Point, Role, SideFile } from './report/model.ts';
import { PassageList, packetTime } from './report/passage-list.ts';
import { Selection } from './report/selection.ts';
import { timelineOf } from './report/timeline.ts';
import {
  type ExportRequest,
  type FilterCheck,
  type JourneyPage,
  type JourneyQuery,
  type LadderQuery,
  MAX_ROWS,
  type PassagePage,
  type SessionSummary,
  type Timeline,
  type TimelineQuery,
} from './report/views.ts';
import { type Ladder, drawLadder } from './scene/ladder.ts';
import { centredTop } from './scene/ladder-rows.ts';
import { type PathMap, pathMap } from './scene/path-map.ts';
import type { SideSource } from './sources/side-files.ts';

export { Ingest } from './flows/ingest.ts';
export { isCaptureMagic, openCapture } from './formats/capture-reader.ts';
export {
  COMPRESSION_MAGIC,
  type Compression,
  type TakeBytes,
  compressionOf,
  corruptCompression,
  truncatedCompression,
} from './formats/compression.ts';
export { Lz4Decoder } from './formats/lz4-frame.ts';
export { ZstdFrames } from './formats/zstd-frames.ts';
export { linkTypeName } from './formats/link-types.ts';
export type { FilterError } from './filter/tokens.ts';
export type { Issue, IssueCode } from './bytes/issues.ts';
export { isoTime } from './bytes/time.ts';
export { packetName } from './decode/packet-name.ts';
export { ROLE_RANK, roleOfNames } from './correlate/roles.ts';
export { BOXES, type Box, SIDE_FILE_HEAD, type SideSource, readSideFile, sideFileKind } from './sources/side-files.ts';
export type { Capture } from './correlate/corpus.ts';
export type { CaptureTables } from './flows/tables.ts';
export type { CaptureRemarks } from './flows/remarks.ts';

/** What the user says about the captures before they are opened. */
export interface SessionOptions {
  /** `interface` null: all points of the file. */
  readonly roles: readonly { readonly file: string; readonly interface: string | null; readonly role: Role }[];
  readonly hosts: readonly { readonly file: string; readonly host: string }[];
  /** Roles from the client to the server, where they decide the order of points. */
  readonly order: readonly Role[];
}

export const NO_OPTIONS: SessionOptions = { roles: [], hosts: [], order: [] };

/** What was changed by hand since. */
interface Adjustments {
  readonly roles: ReadonlyMap<number, Role>;
  /** Points from the client to the server, or null. */
  readonly order: readonly number[] | null;
}

/** Bytes of a packet that the host is to read again. */
export interface ByteRange {
  readonly capture: number;
  readonly offset: number;
  readonly length: number;
}

/** Where the bytes stand that a packet's name is told from, and what else tells it. */
interface NamedBytes {
  readonly packet: number;
  readonly range: ByteRange;
  readonly linkType: number;
  readonly wireLength: number;
}

/** Bytes of a packet that its name is looked for in: headers, and the beginning of a TLS ClientHello with its server's name. */
const NAMED_BYTES = 2048;

/** An export in pieces, each made when it is taken; or why its filter cannot be used. */
export type ExportPieces =
  { readonly ok: true; readonly pieces: Generator<string> } | { readonly ok: false; readonly error: FilterError };

/** What is wrong with a filter as far as can be told before anything is open; null where nothing is. */
export function filterMistake(text: string): FilterError | null {
  const compiled = compileFilter(text, null);
  return compiled.ok ? null : compiled.error;
}

/** The buffers of a capture's tables, for their transfer between threads. */
export function tableBuffers(tables: CaptureTables): ArrayBuffer[] {
  return [...columnBuffers(tables.packets), ...columnBuffers(tables.legs), ...columnBuffers(tables.quoted)];
}

export class Session {
  private readonly title: string;
  private readonly version: string;
  private corpus: Corpus;
  private readonly sides: readonly SideSource[];
  private inputs: readonly Input[];
  private readonly options: SessionOptions;
  private history: Adjustments[] = [{ roles: new Map(), order: null }];
  private source!: ReportSource;
  private selection!: Selection;
  private list!: JourneyList;
  private pointList!: readonly Point[];
  private sideFiles!: readonly SideFile[];
  private passagesOf: { readonly journey: number; readonly list: PassageList } | null = null;
  private elapsedMs = 0;

  constructor(opened: {
    readonly title: string;
    readonly version: string;
    readonly captures: readonly Capture[];
    readonly sides: readonly SideSource[];
    readonly inputs: readonly Input[];
    readonly options: SessionOptions;
  }) {
    this.title = opened.title;
    this.version = opened.version;
    this.sides = opened.sides;
    this.inputs = opened.inputs;
    this.options = opened.options;
    this.corpus = new Corpus(opened.captures);
    this.correlate();
  }

  /** `elapsedMs`: how long opening took, as the host measured it. */
  setElapsed(elapsedMs: number): void {
    this.elapsedMs = elapsedMs;
  }

  /** The captures have grown: `captures` and `inputs` are what they are now. What was set by hand stays. */
  grow(captures: readonly Capture[], inputs: readonly Input[]): void {
    const before = placesOf(this.corpus);
    this.corpus = new Corpus(captures);
    this.inputs = inputs;
    const now = new Map(placesOf(this.corpus).map((place, number) => [place, number]));
    const renumbered = (points: readonly number[]): number[] =>
      points.flatMap((point) => now.get(before[point]!) ?? []);
    this.history = this.history.map(({ roles, order }) => ({
      roles: new Map([...roles].flatMap(([point, role]) => renumbered([point]).map((number) => [number, role]))),
      // New points stand behind.
      order: order && [...new Set([...renumbered(order), ...now.values()])],
    }));
    this.correlate();
  }

  summary(): SessionSummary {
    const { journeys } = this.source.correlation;
    const byConfidence = { exact: 0, strong: 0, probable: 0, ambiguous: 0, single: 0 };
    for (const journey of journeys) byConfidence[journey.confidence]++;
    return {
      title: this.title,
      points: this.pointList,
      paths: this.paths(),
      gaps: summariseGaps(this.source),
      journeys: journeys.length,
      byConfidence,
      findings: this.source.findings(),
      inputs: this.inputs,
      sideFiles: this.sideFiles,
      canUndo: this.history.length > 1,
      elapsedMs: this.elapsedMs,
    };
  }

  /** Makes ready what a page of journeys needs and takes long; the host may do other things at each pause. */
  prepareJourneys(query: JourneyQuery): Generator<void> {
    return this.list.prepare(query);
  }

  journeys(query: JourneyQuery): JourneyPage {
    return this.list.page(query);
  }

  /** Of a filter while it is written: what is wrong with it, and what may stand at the caret. */
  checkFilter(text: string, caret: number): FilterCheck {
    return { error: this.selection.mistake(text), completions: this.selection.completions(text, caret) };
  }

  journey(id: string): Journey | null {
    const number = this.source.numberOf(id);
    return number === null ? null : this.source.journey(number);
  }

  pathMap(id: string | null, width: number): PathMap | null {
    const journey = id === null ? null : this.journey(id);
    if (id !== null && journey === null) return null;
    const gaps = summariseGaps(this.source);
    return pathMap({ points: this.pointList, paths: this.paths(), gaps, journey }, width);
  }

  passages(id: string, offset: number, limit: number): PassagePage {
    const list = this.passageList(id);
    const total = list?.length ?? 0;
    const from = Math.min(Math.max(0, offset), total);
    const length = Math.min(limit, MAX_ROWS, total - from);
    return { total, offset: from, rows: Array.from({ length }, (_, i) => list!.passage(from + i)) };
  }

  /** `names`: of packets whose bytes were read, for their words. Null: no such journey. */
  ladder(query: LadderQuery, names: ReadonlyMap<number, string | null> = new Map()): Ladder | null {
    const list = this.passageList(query.journey);
    const journey = this.journey(query.journey);
    if (list === null || journey === null) return null;
    const { packets, rows } = list.ladder(query.zoom);
    const wordsOf = (packet: number): { time: string; name: string } => ({
      time: list.timeText(packet, query.times),
      name: names.get(packet) ?? list.label(packet),
    });
    const { top, height } = query;
    const from = typeof top === 'number' ? top : centredTop(packets, rows, top.packet, height);
    return drawLadder({ journey, points: this.pointList, packets, rows, wordsOf }, query.width, from, height);
  }

  timeline(query: TimelineQuery): Timeline {
    return timelineOf(this.source, query);
  }

  /** Where the bytes of a passage's packets stand; the host reads them for `packetDiff`. Null: no such packet. */
  passageBytes(id: string, index: number): ByteRange[] | null {
    const list = this.passageList(id);
    if (list === null || index >= list.length) return null;
    return list.places(index).map(({ capture, row }) => {
      const { packets } = this.corpus.captures[capture]!.tables;
      return { capture, offset: packets.offset[row]!, length: packets.capturedLength[row]! };
    });
  }

  /** Those of a journey's packets that have a payload, with where their bytes stand at the first point, for `packetName`. */
  namedBytes(id: string, packets: readonly number[]): NamedBytes[] {
    const list = this.passageList(id);
    if (list === null) return [];
    return packets.flatMap((packet) => {
      const { capture, row, point } = list.places(packet)[0]!;
      const { packets: table } = this.corpus.captures[capture]!.tables;
      if (table.payloadLength[row] === 0) return [];
      const length = Math.min(table.capturedLength[row]!, NAMED_BYTES);
      const range = { capture, offset: table.offset[row]!, length };
      return { packet, range, linkType: this.corpus.points[point]!.linkType, wireLength: table.wireLength[row]! };
    });
  }

  /** `bytes` are those of `passageBytes`, in its order. */
  packetDiff(id: string, index: number, bytes: readonly Uint8Array[]): PacketDiff | null {
    const list = this.passageList(id);
    if (list === null || index >= list.length) return null;
    const inputs = list.places(index).map(({ capture, row, point }, i): DiffInput => {
      const { packets } = this.corpus.captures[capture]!.tables;
      return {
        point: pointId(point),
        time: packetTime(this.source, capture, row),
        wireLength: packets.wireLength[row]!,
        linkType: this.corpus.points[point]!.linkType,
        bytes: bytes[i] ?? new Uint8Array(0),
      };
    });
    return packetDiff(inputs, list.passage(index).direction);
  }

  setRole(id: string, role: Role): void {
    const now = this.history.at(-1)!;
    this.adjust({ ...now, roles: new Map(now.roles).set(this.pointNumber(id), role) });
  }

  /** `ids` are all points, from the client to the server. */
  setOrder(ids: readonly string[]): void {
    const order = ids.map((id) => this.pointNumber(id));
    if (new Set(order).size !== this.corpus.points.length) throw new Error('An order names each point once.');
    this.adjust({ ...this.history.at(-1)!, order });
  }

  undo(): void {
    if (this.history.length === 1) return;
    this.history.pop();
    this.correlate();
  }

  /** An export in pieces; or why its filter cannot be used. */
  export(request: ExportRequest): ExportPieces {
    const selected = this.selection.of(request.filter);
    if (!selected.ok) return selected;
    const { length } = selected.numbers;
    if (request.format === 'svg' && request.picture === 'ladder' && length !== 1) {
      const message = `a ladder is drawn of one connection, and ${request.filter.trim() === '' ? 'there are' : 'this filter leaves'} ${length}`;
      return { ok: false, error: { message, at: 0, length: request.filter.length, expected: ['id == j1'], fix: null } };
    }
    const from = {
      title: this.title,
      version: this.version,
      source: this.source,
      points: this.pointList,
      paths: this.paths(),
      inputs: this.inputs,
      sideFiles: this.sideFiles,
    };
    return { ok: true, pieces: exportPieces(from, request, selected.numbers) };
  }

  private passageList(id: string): PassageList | null {
    const journey = this.source.numberOf(id);
    if (journey === null) return null;
    if (this.passagesOf?.journey !== journey)
      this.passagesOf = { journey, list: new PassageList(this.source, journey) };
    return this.passagesOf.list;
  }

  private paths(): string[][] {
    return this.source.paths.map((path) => path.map(pointId));
  }

  private adjust(adjustments: Adjustments): void {
    this.history.push(adjustments);
    this.correlate();
  }

  private correlate(): void {
    const { roles, order } = this.history.at(-1)!;
    const naming = this.corpus.points.map((_, number) => this.naming(number, roles));
    const givenRoles = this.options.order;
    const rank = (point: number): number => {
      const at = givenRoles.indexOf(naming[point]!.role);
      return at >= 0 ? at : ROLE_RANK[naming[point]!.role];
    };
    const positions =
      order?.reduce<number[]>((found, point, position) => {
        found[point] = position;
        return found;
      }, []) ?? (givenRoles.length > 0 ? naming.map((_, point) => rank(point)) : null);
    const correlation = correlate(this.corpus, { rank, order: positions }, this.sides);
    this.source = new ReportSource(correlation, naming, this.sides);
    this.pointList = this.source.points();
    this.selection = new Selection(this.source, this.pointList);
    this.list = new JourneyList(this.source, this.selection);
    this.passagesOf = null;
    this.sideFiles = [
      ...judgeDumps(correlation.journeys, correlation.dumps),
      ...this.sides.flatMap(({ file, box, content }): SideFile[] =>
        content.kind === 'iptables' || content.kind === 'nft'
          ? [
              {
                file,
                kind: content.kind,
                box,
                entries: content.ruleset.translating,
                agree: 0,
                absent: 0,
                contradict: 0,
              },
            ]
          : [],
      ),
    ];
  }

  private naming(number: number, changed: ReadonlyMap<number, Role>): PointNaming {
    const point = this.corpus.points[number]!;
    const { file } = this.corpus.captures[point.capture]!;
    const host = this.options.hosts.find((h) => isNamed(file, h.file))?.host ?? null;
    const byUser =
      changed.get(number) ??
      this.options.roles.find(
        (r) => isNamed(file, r.file) && (r.interface === null || r.interface === point.interfaceName),
      )?.role;
    if (byUser) return { role: byUser, roleSource: 'user', host };
    const byName = roleOfNames(file, point.interfaceName);
    return byName ? { role: byName, roleSource: 'name', host } : { role: 'other', roleSource: 'evidence', host };
  }

  private pointNumber(id: string): number {
    const number = this.pointList.findIndex((point) => point.id === id);
    if (number < 0) throw new Error(`There is no point ${id}.`);
    return number;
  }
}

/** Whether a capture is meant by this name: its path, or its last part. */
function isNamed(file: string, name: string): boolean {
  return file === name || file.endsWith(`/${name}`) || name.endsWith(`/${file}`);
}

/** What tells each point from the others also when there are more of them: its file, its interface, which of equal ones. */
function placesOf(corpus: Corpus): string[] {
  const seen = new Map<string, number>();
  return corpus.points.map(({ capture, interfaceName }) => {
    const place = JSON.stringify([corpus.captures[capture]!.file, interfaceName]);
    const count = seen.get(place) ?? 0;
    seen.set(place, count + 1);
    return `${place} ${count}`;
  });
}
