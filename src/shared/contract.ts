// The contract between the window and the main process: every request with its arguments and reply, and every event.
// The preload exposes exactly this as `window.snatscope`; the main process validates each argument.
import type { PacketDiff } from '../core/compare/packet-diff.ts';
import type { Journey, Role } from '../core/report/model.ts';
import type {
  ExportRequest,
  FilterCheck,
  JourneyPage,
  JourneyQuery,
  LadderQuery,
  PassagePage,
  SessionSummary,
  Timeline,
  TimelineQuery,
} from '../core/report/views.ts';
import type { Ladder } from '../core/scene/ladder.ts';
import type { PathMap } from '../core/scene/path-map.ts';

export type * from '../core/compare/packet-diff.ts';
export type * from '../core/filter/complete.ts';
export type { FilterError } from '../core/filter/tokens.ts';
export type * from '../core/report/model.ts';
export type * from '../core/report/views.ts';
export type * from '../core/scene/ladder.ts';
export type * from '../core/scene/path-map.ts';

export interface SampleCard {
  /** Folder below samples/. */
  readonly name: string;
  readonly title: string;
  readonly summary: string;
  readonly question: string;
}

export interface RecentEntry {
  readonly paths: readonly string[];
  readonly title: string;
  /** ISO 8601. */
  readonly openedAt: string;
}

export interface Progress {
  readonly stage: 'reading' | 'correlating';
  readonly bytesRead: number;
  readonly bytesTotal: number;
  readonly packets: number;
}

/** What following the open captures brought since it was last asked. */
export interface Growth {
  /** Null where nothing has arrived. */
  readonly grown: SessionSummary | null;
  /** Nothing more can arrive: the captures are compressed, gone or written anew. */
  readonly isOver: boolean;
}

/** Requests: name -> [arguments, reply]. */
export interface Requests {
  /** Opens these files and folders in place of what is open; the summary, or null where it was cancelled. */
  open: [[paths: readonly string[]], SessionSummary | null];
  /** The system's dialog; null where the user closed it. */
  openDialog: [[], SessionSummary | null];
  openSample: [[name: string], SessionSummary | null];
  cancel: [[], undefined];
  samples: [[], readonly SampleCard[]];
  recent: [[], readonly RecentEntry[]];
  /** What is open, or null. */
  summary: [[], SessionSummary | null];
  journeys: [[query: JourneyQuery], JourneyPage];
  /** What is wrong with a filter, and what may stand at the caret. */
  checkFilter: [[text: string, caret: number], FilterCheck];
  journey: [[id: string], Journey | null];
  pathMap: [[journey: string | null, width: number], PathMap | null];
  ladder: [[query: LadderQuery], Ladder | null];
  passages: [[journey: string, offset: number, limit: number], PassagePage];
  packetDiff: [[journey: string, passage: number], PacketDiff | null];
  timeline: [[query: TimelineQuery], Timeline];
  setRole: [[point: string, role: Role], SessionSummary];
  /** Point ids from the client to the server, all of them. */
  setOrder: [[points: readonly string[]], SessionSummary];
  undo: [[], SessionSummary];
  /** Reads what has arrived in the open captures since: to be asked again and again while they are followed. */
  readOn: [[], Growth];
  copyText: [[text: string], undefined];
  /** Written where the user says in the system's dialog, in pieces; the path, or null where the user closed it. */
  exportReport: [[request: ExportRequest], string | null];
}

export interface Events {
  /** Null: no opening is under way any more. (Events keep their order among themselves, not towards replies.) */
  progress: Progress | null;
  /** Another session is open (by menu, command line or file association), or none. */
  session: SessionSummary | null;
  /** A menu item whose work is the window's. */
  command: 'open-samples' | 'focus-filter' | 'keys';
}

export type RequestName = keyof Requests;

/** What the preload exposes. A request that fails rejects with an Error whose message is fit to show. */
export interface SnatscopeBridge {
  request<Name extends RequestName>(name: Name, ...args: Requests[Name][0]): Promise<Requests[Name][1]>;
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  /** Paths of dropped files, which only the preload can tell. */
  pathsOf(files: readonly File[]): string[];
  readonly platform: string;
}
