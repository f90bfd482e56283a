// The path map as plain shapes in pixels: the window and the report's writers paint the same. What was captured is
// `seen`, what follows from captures on both sides is `inferred`, the rest is `not captured` and bears no address.
// Guarantees: no two labels overlap, none lies on a line, nothing leaves the drawing.
import type { Journey, Point } from '../report/model.ts';
import type { GapSummary } from '../report/views.ts';
import { drawPath } from './path-layout.ts';
import { storyOfJourney, storyOfPath } from './path-story.ts';

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Whose address it is, by the place where it was first seen on the path. */
export type Tone = 'pod' | 'node' | 'nat' | 'public' | 'other' | 'server' | 'none';

export type StageState = 'seen' | 'inferred' | 'not-captured' | 'not-seen' | 'absent';

type LabelKind = 'frame' | 'stage' | 'state' | 'gate' | 'gate-note' | 'end' | 'address' | 'lane';

/** Text in a box: lines from top to bottom, `lineHeight` apart. */
export interface MapLabel {
  readonly kind: LabelKind;
  readonly box: Box;
  readonly lines: readonly string[];
  readonly size: number;
  readonly lineHeight: number;
  readonly mono: boolean;
  readonly align: 'start' | 'middle';
}

export interface MapFrame {
  readonly kind: 'vpc' | 'node' | 'pod' | 'nat' | 'igw' | 'internet';
  readonly box: Box;
  readonly title: MapLabel;
  /** Whether anything inside was captured or inferred; otherwise it is there by the design of such a path only. */
  readonly evident: boolean;
}

export interface MapStage {
  /** 1 to 7, or null for a point outside the usual stages. */
  readonly number: number | null;
  readonly points: readonly string[];
  readonly state: StageState;
  readonly reason: string;
  readonly name: MapLabel;
  readonly word: MapLabel;
  /** Where the mark of its state is painted, beside the word. */
  readonly mark: { readonly x: number; readonly y: number };
  /** Stops on the two lines; none where a gate or an end stands in their place. */
  readonly stops: readonly { readonly x: number; readonly y: number }[];
}

export interface ChipRun {
  readonly text: string;
  readonly part: 'address' | 'port' | 'count';
}

export interface MapChip {
  readonly box: Box;
  readonly direction: 'out' | 'back';
  readonly meaning: 'source' | 'destination';
  readonly address: string;
  /** `:51602`, ` id 7`, or empty. */
  readonly port: string;
  readonly tone: Tone;
  /** What differs from the chip of the same meaning before it on the path. */
  readonly changed: { readonly address: boolean; readonly port: boolean };
  readonly lines: readonly (readonly ChipRun[])[];
  readonly size: number;
  readonly lineHeight: number;
  /** Room for the mark of its range is left before the text. */
  readonly marked: boolean;
}

export interface MapGate {
  readonly box: Box;
  readonly stage: number | null;
  /** `seen`: captured on both sides of the box; `inferred`: its place follows from captures further away; `open`: several places or partners are possible. */
  readonly state: 'seen' | 'inferred' | 'open';
  /** Of the address beyond it; the address itself where there is exactly one. */
  readonly tone: Tone;
  readonly address: string | null;
  readonly reason: string;
  readonly conntrack: string | null;
  readonly rule: string | null;
  readonly labels: readonly MapLabel[];
}

/** The container and the server, at the two ends of the lines. */
export interface MapEnd {
  readonly kind: 'client' | 'server';
  readonly box: Box;
  readonly seen: boolean;
  readonly labels: readonly MapLabel[];
}

/** A stretch of one of the two lines, in the direction of travel. */
export interface MapLine {
  readonly direction: 'out' | 'back';
  readonly from: { readonly x: number; readonly y: number };
  readonly to: { readonly x: number; readonly y: number };
  readonly tone: Tone;
  /** The source that travels here, where there is exactly one. */
  readonly address: string | null;
  readonly dashed: boolean;
  readonly arrow: boolean;
}

export interface PathDrawing {
  readonly points: readonly string[];
  /** Names it in a switch between paths. */
  readonly title: string;
  readonly journeys: number;
  readonly width: number;
  readonly height: number;
  /** The whole in one sentence, for those who do not see it. */
  readonly summary: string;
  readonly frames: readonly MapFrame[];
  readonly stages: readonly MapStage[];
  readonly gates: readonly MapGate[];
  readonly ends: readonly MapEnd[];
  readonly lines: readonly MapLine[];
  readonly chips: readonly MapChip[];
  readonly lanes: readonly MapLabel[];
}

export interface PathMap {
  readonly width: number;
  readonly height: number;
  /** One drawing a path, that with the most journeys first; of one journey, its own path only. */
  readonly paths: readonly PathDrawing[];
}

export interface PathMapInput {
  readonly points: readonly Point[];
  readonly paths: readonly (readonly string[])[];
  readonly gaps: readonly GapSummary[];
  readonly journey: Journey | null;
}

/** Paths drawn at most: more than these nobody looks through one by one. */
const MAX_PATHS = 64;

export function pathMap(input: PathMapInput, width: number): PathMap {
  const stories =
    input.journey === null
      ? input.paths
          .map((path) => storyOfPath(path, input))
          .sort((a, b) => b.journeys - a.journeys)
          .slice(0, MAX_PATHS)
      : [storyOfJourney(input.journey, input)];
  const paths = stories.map((story) => drawPath(story, width));
  return {
    width: Math.max(width, ...paths.map((path) => path.width)),
    height: Math.max(0, ...paths.map((path) => path.height)),
    paths,
  };
}
