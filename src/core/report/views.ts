// What a window asks of a session, a part at a time: windows of rows, one journey's packets, binned series. All are plain
// values that cross a worker boundary; the parts themselves (points, journeys, …) are those of the report.
import type { Completions } from '../filter/complete.ts';
import type { FilterError } from '../filter/tokens.ts';
import type { ChangeKind, Finding, Input, Journey, Point, SideFile } from './model.ts';

/** Rows that one request may ask for at most. */
export const MAX_ROWS = 500;

/** All journeys between two neighbouring points of the paths, summed. */
export interface GapSummary {
  readonly from: string;
  readonly to: string;
  readonly journeys: number;
  readonly kinds: readonly { readonly kind: ChangeKind; readonly count: number }[];
  readonly portChanged: number;
  /** Source addresses before and after, most frequent first, a few of them. */
  readonly sources: readonly { readonly before: string; readonly after: string; readonly count: number }[];
  readonly rule: string | null;
}

export interface SessionSummary {
  /** Names the session, for the window's title. */
  readonly title: string;
  readonly points: readonly Point[];
  readonly paths: readonly (readonly string[])[];
  readonly gaps: readonly GapSummary[];
  readonly journeys: number;
  readonly byConfidence: Readonly<Record<Journey['confidence'], number>>;
  readonly findings: readonly Finding[];
  readonly inputs: readonly Input[];
  readonly sideFiles: readonly SideFile[];
  /** Roles or order were changed by hand and can be taken back. */
  readonly canUndo: boolean;
  readonly elapsedMs: number;
}

export type JourneySortKey =
  | 'start'
  | 'proto'
  | 'source'
  | 'destination'
  | 'packets'
  | 'bytes'
  | 'duration'
  | 'rtt'
  | 'lost'
  | 'confidence'
  /** By the gravest, then by how many. */
  | 'findings'
  | { readonly point: string };

/** By the source where it is first seen, the destination, the source where it is last seen, or what was translated where. */
export type JourneyGrouping = 'pod' | 'destination' | 'public' | 'translation';

/** Which groups show their sum alone: all but these, or none but these, by their keys. */
export interface Folded {
  readonly all: boolean;
  readonly except: readonly string[];
}

/** Groups that may be folded apart from the rest, at most. */
export const MAX_FOLDED = 5000;

export interface JourneyQuery {
  /** In the language of docs/filter.md; empty: all. */
  readonly filter: string;
  readonly sort: JourneySortKey;
  readonly descending: boolean;
  /** Rows of groups stand above those of their journeys. */
  readonly grouped?: { readonly by: JourneyGrouping; readonly folded: Folded };
  readonly offset: number;
  readonly limit: number;
}

/** A group's own row: what its journeys have in common, and their sums at the first point. */
export interface JourneyGroup {
  /** Its place among all rows. */
  readonly row: number;
  /** Tells it from others of this grouping. */
  readonly key: string;
  /** Null where the group has no address; then `words` say what it is, points without a usual role by their ids. */
  readonly address: string | null;
  readonly port: number | null;
  readonly words: string | null;
  readonly folded: boolean;
  readonly journeys: number;
  readonly packets: number;
  readonly bytes: number;
}

export interface JourneyPage {
  /** All rows, those of groups among them. */
  readonly total: number;
  /** Journeys that the filter leaves. */
  readonly journeys: number;
  readonly offset: number;
  /** From `offset` on; rows of groups are not among them. */
  readonly rows: readonly Journey[];
  readonly groups: readonly JourneyGroup[];
  /** Why the filter cannot be used: then nothing is listed. */
  readonly error: FilterError | null;
}

/** What the filter bar needs while a filter is written. */
export interface FilterCheck {
  /** Null where the filter can be used as it stands. */
  readonly error: FilterError | null;
  readonly completions: Completions;
}

export const EXPORT_FORMATS = ['text', 'json', 'csv', 'md', 'html', 'svg'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

export interface ExportRequest {
  readonly format: ExportFormat;
  /** Journeys that this filter leaves; empty: all. */
  readonly filter: string;
  /** Of a picture; other forms have both themes, or none. */
  readonly theme: 'light' | 'dark';
  /** What a picture shows; a ladder is of one connection. */
  readonly picture: 'map' | 'ladder';
}

/** One packet of a journey where it was seen. */
export interface Sighting {
  readonly point: string;
  /** Which of the journey's legs: a point may hold two. */
  readonly leg: number;
  /** Nanoseconds after the journey's first packet, clocks corrected. */
  readonly atNs: number;
  readonly time: string;
  readonly wireLength: number;
  readonly capturedLength: number;
  /** With the addresses and ports from before, since the box could not place it. */
  readonly untranslated: boolean;
}

/** One packet of a journey across its points. */
export interface Passage {
  readonly index: number;
  readonly direction: 'out' | 'back';
  /** Such as 'SYN', 'PSH ACK 312', 'echo request 3', 'UDP 47'. */
  readonly label: string;
  /** What its payload is, such as 'DNS A shop.example.com?' or 'GET /cart HTTP/1.1'; null where it is nothing known. */
  readonly name: string | null;
  /** In path order of the packet's direction. */
  readonly sightings: readonly Sighting[];
  /** The point after which it was lost, with proof; null otherwise. */
  readonly lostAfter: string | null;
  readonly retransmission: boolean;
  /** Index of the packet of more bytes that this is a later segment of; null otherwise. */
  readonly segmentOf: number | null;
}

export interface PassagePage {
  readonly total: number;
  readonly offset: number;
  readonly rows: readonly Passage[];
}

/** How far the ladder's time may be pressed together and stretched. */
export const LEAST_ZOOM = 1 / 16;
export const MOST_ZOOM = 256;

/** How the ladder writes times: after the journey's first packet, after the packet before, or of day. */
export type TimeForm = 'relative' | 'delta' | 'absolute';

/** One stretch of a journey's ladder. */
export interface LadderQuery {
  readonly journey: string;
  readonly width: number;
  /** Where the stretch begins, in pixels; or the packet that is to stand in its middle. */
  readonly top: number | { readonly packet: number };
  readonly height: number;
  /** 1 as it suits the journey; twice that stretches time to twice its length. */
  readonly zoom: number;
  readonly times: TimeForm;
}

export interface TimelineQuery {
  /** Of one journey, or of all packets. */
  readonly journey: string | null;
  readonly bins: number;
}

export interface Timeline {
  /** Start of the first bin, ISO 8601, and the length of a bin. */
  readonly from: string | null;
  readonly binNs: number;
  /** Packets and bytes per bin, a series a point. */
  readonly series: readonly {
    readonly point: string;
    readonly packets: readonly number[];
    readonly bytes: readonly number[];
  }[];
}
