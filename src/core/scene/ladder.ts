// The ladder as plain shapes in pixels: time runs downwards, a lane a leg of the journey, and each packet a line through
// the lanes that saw it. The window and the report's writers paint the same. A long journey's ladder is tall: one stretch
// of it is drawn at a time. Guarantees: words stand beside the lanes only, and nothing else stands there, so that no line
// runs through a word; no two words overlap.
import { durationText } from '../bytes/time.ts';
import type { Journey, Point } from '../report/model.ts';
import { type LadderPackets, type LadderRows, foldsWithin, rowsWithin } from './ladder-rows.ts';
import type { Box, Tone } from './path-map.ts';
import { type Endpoint, changedFrom, source, tonesOfJourney } from './path-story.ts';
import { textWidth, wrapAddress, wrapWords } from './text-fit.ts';

interface Place {
  readonly x: number;
  readonly y: number;
}

type RunKind = 'words' | 'lost' | 'again' | 'segments' | 'time' | 'fold' | 'lane' | 'clock' | 'side';

/** Words in a box, on one line, in runs of different meaning. */
export interface LadderLabel {
  readonly box: Box;
  readonly align: 'start' | 'middle' | 'end';
  readonly runs: readonly { readonly kind: RunKind; readonly text: string }[];
  readonly size: number;
  readonly mono: boolean;
}

/** The source of the journey's packets out as it stands at a lane. */
export interface LadderChip {
  readonly box: Box;
  readonly lines: readonly (readonly { readonly part: 'address' | 'port'; readonly text: string }[])[];
  readonly size: number;
  readonly lineHeight: number;
  readonly changed: { readonly address: boolean; readonly port: boolean };
}

export interface LadderLane {
  readonly point: string;
  readonly x: number;
  readonly name: string;
  /** Of the source there, unless its address has a hue of its own. */
  readonly tone: Tone;
  readonly address: string;
  readonly labels: readonly LadderLabel[];
  readonly chip: LadderChip;
  /** Why its times are not as the capture had them; null where they are. */
  readonly clock: { readonly offsetNs: number; readonly uncertaintyNs: number } | null;
}

/** A piece of a packet's line; it has the colours of the lane that it belongs to. */
export interface LadderLine {
  readonly from: Place;
  readonly to: Place;
  readonly lane: number;
  /** A packet that is one here and several elsewhere. */
  readonly thick: boolean;
}

export interface LadderRow {
  /** Which packet of the journey. */
  readonly packet: number;
  readonly direction: 'out' | 'back';
  /** Of its words. */
  readonly y: number;
  /** What it is; in `words` it is cut where it is long. */
  readonly name: string;
  readonly time: LadderLabel;
  readonly words: LadderLabel;
  readonly lines: readonly LadderLine[];
  /** Where it was seen; hollow where nothing was seen of it further on, or before, though its way goes on there. */
  readonly stops: readonly (Place & { readonly lane: number; readonly hollow: boolean })[];
  /** At the end of its line, in degrees clockwise from pointing right. */
  readonly arrow: (Place & { readonly lane: number; readonly angle: number }) | null;
  /** Of a packet that was lost: how far its line goes on, to a cross. */
  readonly lost: { readonly from: Place; readonly to: Place } | null;
  /** From the first segment of a packet to this one, at the lane where it was split. */
  readonly split: { readonly x: number; readonly top: number; readonly bottom: number; readonly lane: number } | null;
  readonly again: boolean;
  /** Lanes that it passed, with the time after the journey's first packet; null where there is none. */
  readonly hops: readonly { readonly lane: number; readonly atNs: number | null }[];
}

export interface LadderFold {
  readonly y: number;
  readonly from: number;
  readonly to: number;
  readonly ns: number;
  readonly label: LadderLabel;
}

export interface Ladder {
  readonly width: number;
  /** Of the whole; what is drawn lies between `top` and `bottom`. */
  readonly height: number;
  readonly top: number;
  readonly bottom: number;
  /** Above the lanes, in a drawing of its own, so that it can stay in sight. */
  readonly headHeight: number;
  readonly headings: readonly LadderLabel[];
  readonly lanes: readonly LadderLane[];
  readonly rows: readonly LadderRow[];
  readonly folds: readonly LadderFold[];
  /** All packets of the journey, and of those in this stretch the ones that are not drawn, since they are too many. */
  readonly packets: number;
  readonly leftOut: number;
}

export interface LadderInput {
  readonly journey: Journey;
  readonly points: readonly Point[];
  readonly packets: LadderPackets;
  readonly rows: LadderRows;
  /** What stands beside a packet: what it is, and when it was first seen. */
  readonly wordsOf: (packet: number) => { readonly time: string; readonly name: string };
}

const TEXT = 11.5;
const SMALL = 10.5;
const LINE = 15;
const HEAD_TOP = 6;
const NAME_LINES = 2;
const NO_BREAK = '\u00a0';
const CHIP_PAD = 5;
const CHIP_LINE = 14;
const EDGE = 10;
const GAP = 10;
/** Between the words and the outermost lanes. */
const CLEAR = 14;
const LEAST_SPACING = 78;
const MOST_SPACING = 340;
/** Packets that one stretch draws at most: so many only where a great many are under way at once. */
const MOST_ROWS = 1200;
/** Lines that begin outside of the stretch by less than this are drawn too. */
const BEYOND = 80;
const LOST_REACH = 26;

interface Frame {
  readonly width: number;
  /** Of the words at the left and right: where they begin and end. */
  readonly time: readonly [number, number];
  readonly out: readonly [number, number];
  readonly back: readonly [number, number];
  readonly lanes: readonly number[];
  readonly spacing: number;
}

/** The stretch from `top` to `top + height` of the ladder, `width` wide or, with many lanes, wider. */
export function drawLadder(input: LadderInput, width: number, top: number, height: number): Ladder {
  const { packets, rows, journey } = input;
  const bottom = top + height;
  const lastTime = packets.length === 0 ? '' : input.wordsOf(packets.length - 1).time;
  const frame = frameOf(journey.legs.length, width, textWidth(lastTime, TEXT, true));
  const { first, end } = rowsWithin(packets, rows, top - BEYOND, bottom + BEYOND);
  const drawn: LadderRow[] = [];
  let leftOut = 0;
  for (let packet = first; packet < end; packet++) {
    if (!reaches(packets, rows, packet, top - BEYOND)) continue;
    if (drawn.length < MOST_ROWS) drawn.push(drawRow(input, frame, packet));
    else leftOut++;
  }
  const lanes = drawLanes(input, frame);
  const headings = headingsOf(frame, Math.max(...lanes.map(headBottom)) + LINE / 2 + 2);
  return {
    width: frame.width,
    height: rows.height,
    top,
    bottom,
    headHeight: Math.max(...headings.map(({ box }) => lower(box))) + 3,
    headings,
    lanes,
    rows: drawn,
    folds: foldsWithin(rows, top - BEYOND, bottom + BEYOND).map((fold) => {
      const y = (fold.top + fold.bottom) / 2;
      const [from, to] = [frame.lanes[0]! - CLEAR, frame.lanes.at(-1)! + CLEAR];
      return { y, from, to, ns: fold.ns, label: words(frame.time, y, 'end', [['fold', durationText(fold.ns)]], SMALL) };
    }),
    packets: packets.length,
    leftOut,
  };
}

/** Whether any of the packet's line is below `top`. */
function reaches({ firstStep }: LadderPackets, { y }: LadderRows, packet: number, top: number): boolean {
  for (let step = firstStep[packet]!; step < firstStep[packet + 1]!; step++) if (y[step]! >= top) return true;
  return false;
}

function frameOf(legs: number, width: number, timeWidth: number): Frame {
  const beside = Math.min(260, Math.max(118, Math.floor(width * 0.18)));
  const time = [EDGE, EDGE + Math.max(timeWidth, 52)] as const;
  const out = [time[1] + GAP, time[1] + GAP + beside] as const;
  const room = width - out[1] - beside - EDGE - 2 * CLEAR;
  // The chips of the outermost lanes are as wide as a spacing; half of each hangs over the words' columns.
  const spacing = legs === 1 ? room : Math.min(MOST_SPACING, Math.max(LEAST_SPACING, Math.floor(room / (legs - 1))));
  const across = legs === 1 ? 0 : spacing * (legs - 1);
  const start = out[1] + CLEAR + Math.max(0, Math.floor((room - across) / 2));
  const lanes = Array.from({ length: legs }, (_, lane) => start + lane * spacing);
  // Words stay beside their lanes where those do not fill the width.
  const shift = start - CLEAR - out[1];
  const back = lanes.at(-1)! + CLEAR;
  return {
    width: Math.max(width, back + beside + EDGE),
    time: [time[0] + shift, time[1] + shift],
    out: [out[0] + shift, out[1] + shift],
    back: [back, back + beside],
    lanes,
    spacing,
  };
}

function drawRow(input: LadderInput, frame: Frame, packet: number): LadderRow {
  const { packets, rows } = input;
  const { firstStep, lane, payload } = packets;
  const isBack = packets.isBack[packet] === 1;
  const ahead = isBack ? -1 : 1;
  const [begin, end] = [firstStep[packet]!, firstStep[packet + 1]!];
  const place = (step: number): Place => ({ x: frame.lanes[lane[step]!]!, y: rows.y[step]! });
  const least = payload.subarray(begin, end).reduce((a, b) => Math.min(a, b));
  const lines: LadderLine[] = [];
  const stops: LadderRow['stops'][number][] = [];
  let last = begin;
  for (let step = begin; step < end; step++) {
    if (step > begin) {
      const thick = payload[step - 1]! > least;
      lines.push(...hop(input.journey, place(step - 1), place(step), lane[step - 1]!, lane[step]!, thick));
    }
    last = step;
    // From here on it is one with a packet that is drawn already.
    if (packets.shared[step] === 1) break;
    stops.push({ ...place(step), lane: lane[step]!, hollow: false });
  }
  const joined = packets.shared[last] === 1;
  const isLost = packets.isLost[packet] === 1 && !joined;
  const destinationLane = isBack ? 0 : frame.lanes.length - 1;
  const originLane = isBack ? frame.lanes.length - 1 : 0;
  const whole = packets.segmentOf[packet]!;
  if (lane[begin] !== originLane && whole < 0) stops[0] = { ...stops[0]!, hollow: true };
  if (lane[last] !== destinationLane && !joined && !isLost)
    stops[stops.length - 1] = { ...stops.at(-1)!, hollow: true };
  const at = place(last);
  const y = rows.y[begin]!;
  const { time, name } = input.wordsOf(packet);
  return {
    packet,
    direction: isBack ? 'back' : 'out',
    y,
    name,
    time: words(frame.time, y, 'end', [['time', time]], TEXT),
    words: packetWords(input, frame, packet, name),
    lines,
    stops,
    arrow: lines.length === 0 ? null : { ...at, lane: lane[last]!, angle: angleOf(lines.at(-1)!) },
    lost: isLost
      ? { from: at, to: { x: at.x + ahead * Math.min(LOST_REACH, frame.spacing * 0.4), y: at.y + 5 } }
      : null,
    split: whole < 0 ? null : splitOf(packets, rows, frame, begin, whole),
    again: packets.again[packet] === 1,
    hops: Array.from({ length: end - begin }, (_, i) => {
      const ns = packets.time[begin + i]!;
      return { lane: lane[begin + i]!, atNs: Number.isNaN(ns) ? null : ns };
    }),
  };
}

/** From lane to lane; where the source differs it changes its colour half-way, since nobody saw where. */
function hop(journey: Journey, from: Place, to: Place, fromLane: number, toLane: number, thick: boolean): LadderLine[] {
  if (journey.legs[fromLane]!.src === journey.legs[toLane]!.src) return [{ from, to, lane: fromLane, thick }];
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 };
  return [
    { from, to: middle, lane: fromLane, thick },
    { from: middle, to, lane: toLane, thick },
  ];
}

function angleOf({ from, to }: LadderLine): number {
  return (Math.atan2(to.y - from.y, to.x - from.x) * 180) / Math.PI;
}

/** The packet that was split has its first segment on the same lane. */
function splitOf(
  { firstStep, lane }: LadderPackets,
  { y }: LadderRows,
  frame: Frame,
  step: number,
  whole: number,
): LadderRow['split'] {
  for (let other = firstStep[whole]!; other < firstStep[whole + 1]!; other++) {
    if (lane[other] !== lane[step]) continue;
    const [top, bottom] = [Math.min(y[other]!, y[step]!), Math.max(y[other]!, y[step]!)];
    return { x: frame.lanes[lane[step]!]!, top, bottom, lane: lane[step]! };
  }
  return null;
}

function packetWords({ packets, rows }: LadderInput, frame: Frame, packet: number, name: string): LadderLabel {
  const isBack = packets.isBack[packet] === 1;
  const columns = isBack ? frame.back : frame.out;
  const notes: (readonly [RunKind, string])[] = [];
  if (packets.again[packet] === 1) notes.push(['again', 'again']);
  if (packets.isLost[packet] === 1) notes.push(['lost', 'lost']);
  if (rows.segments[packet]! > 0) notes.push(['segments', `in ${rows.segments[packet]!}`]);
  const taken = notes.reduce((sum, [, text]) => sum + textWidth(`${text} `, TEXT, true), 0);
  const room = Math.floor((columns[1] - columns[0] - taken) / textWidth('0', TEXT, true));
  const fitting = name.length <= room ? name : `${name.slice(0, Math.max(1, room - 1))}…`;
  const runs = [['words', fitting] as const, ...notes.map(([kind, text]) => [kind, ` ${text}`] as const)];
  return words(columns, rows.y[packets.firstStep[packet]!]!, isBack ? 'start' : 'end', runs, TEXT);
}

function words(
  [from, to]: readonly [number, number],
  y: number,
  align: LadderLabel['align'],
  runs: readonly (readonly [RunKind, string])[],
  size: number,
): LadderLabel {
  const width = Math.min(to - from, textWidth(runs.map(([, text]) => text).join(''), size, true));
  const x = align === 'start' ? from : to - width;
  const box = { x, y: y - LINE / 2, width, height: LINE };
  return { box, align, runs: runs.map(([kind, text]) => ({ kind, text })), size, mono: true };
}

/** Column heads, below the chips: those may be wider than the room between the outermost lane and the words. */
function headingsOf(frame: Frame, y: number): LadderLabel[] {
  const heading = (columns: readonly [number, number], align: 'start' | 'end', text: string): LadderLabel =>
    words(columns, y, align, [['side', text]], SMALL);
  return [
    heading(frame.time, 'end', 'time'),
    heading(frame.out, 'end', 'out →'),
    heading(frame.back, 'start', '← back'),
  ];
}

function drawLanes({ journey, points }: LadderInput, frame: Frame): LadderLane[] {
  const tones = tonesOfJourney(journey, points);
  const room = Math.min(frame.spacing, 2 * (frame.back[1] - frame.back[0])) - 8;
  const characters = Math.max(6, Math.floor(room / (textWidth('0000000000', TEXT, false) / 10)));
  const names = journey.legs.map(({ point }, i) => {
    const name = points.find(({ id }) => id === point)?.name ?? point;
    return journey.legs.findIndex((other) => other.point === point) < i ? `${name}, after` : name;
  });
  const lines = names.map((name) => wrapWords(name, characters).slice(0, NAME_LINES));
  const chipTop = HEAD_TOP + Math.max(...lines.map((of) => of.length)) * LINE + 1;
  const chips = journey.legs.map((leg, lane) => {
    const before = journey.legs[lane - 1];
    const chip = chipOf(source(leg), frame.lanes[lane]!, chipTop, room);
    return { ...chip, changed: changedFrom(before && source(before), source(leg)) };
  });
  const clockTop = Math.max(...chips.map(({ box }) => lower(box))) + 3;
  return journey.legs.map((leg, lane) => {
    const x = frame.lanes[lane]!;
    const clock = points.find(({ id }) => id === leg.point)?.clock ?? null;
    const corrected = clock !== null && clock.offsetNs !== 0 ? clock : null;
    const clockLines = corrected === null ? [] : wrapWords(clockText(corrected.offsetNs), characters);
    return {
      point: leg.point,
      x,
      name: names[lane]!,
      tone: tones.get(leg.src) ?? 'other',
      address: leg.src,
      labels: [
        ...lines[lane]!.map((line, i) => centred(x, HEAD_TOP + i * LINE, line, 'lane', TEXT)),
        ...clockLines.map((line, i) => centred(x, clockTop + i * CHIP_LINE, line, 'clock', SMALL)),
      ],
      chip: chips[lane]!,
      clock: corrected,
    };
  });
}

/** What the clock shows too much, which was taken off. */
function clockText(offsetNs: number): string {
  return `clock ${offsetNs < 0 ? '−' : '+'}${durationText(Math.abs(offsetNs)).replace(' ', NO_BREAK)}`;
}

function centred(x: number, y: number, text: string, kind: RunKind, size: number): LadderLabel {
  const width = textWidth(text, size, false);
  return {
    box: { x: x - width / 2, y, width, height: LINE },
    align: 'middle',
    runs: [{ kind, text }],
    size,
    mono: false,
  };
}

function chipOf({ address, port }: Endpoint, x: number, y: number, room: number): Omit<LadderChip, 'changed'> {
  const size = SMALL;
  const character = textWidth('0000000000', size, true) / 10;
  const characters = Math.max(8, Math.floor((room - 2 * CHIP_PAD) / character));
  const isV6 = address.includes(':');
  const joined = isV6 && port.startsWith(':') ? `[${address}]` : address;
  const together = joined.length + port.length <= characters;
  const parts = together
    ? [[...one('address', joined), ...one('port', port)]]
    : [...wrapAddress(address, characters).map((text) => one('address', text)), one('port', port.trim())];
  const lines = parts.filter((line) => line.length > 0);
  const longest = Math.max(...lines.map((line) => line.reduce((sum, { text }) => sum + text.length, 0)));
  const width = Math.ceil(longest * character) + 2 * CHIP_PAD;
  const box = { x: x - width / 2, y, width, height: lines.length * CHIP_LINE + 4 };
  return { box, lines, size, lineHeight: CHIP_LINE };
}

function one(part: 'address' | 'port', text: string): { part: 'address' | 'port'; text: string }[] {
  return text === '' ? [] : [{ part, text }];
}

function headBottom({ chip, labels }: LadderLane): number {
  return Math.max(lower(chip.box), ...labels.map(({ box }) => lower(box)));
}

function lower({ y, height }: Box): number {
  return y + height;
}
