// The path map's pixels. A column a stage, a gate that stands between stages, or a point outside them; everything that
// belongs to a column stays inside it, and the two lines run between boxes and stops, never behind text. Where the
// width is short, text gets smaller and addresses wrap, step by step, by `FITS`.
import type {
  Box,
  ChipRun,
  MapChip,
  MapEnd,
  MapFrame,
  MapGate,
  MapLabel,
  MapLine,
  MapStage,
  PathDrawing,
  Tone,
} from './path-map.ts';
import {
  grouped,
  type Endpoint,
  type Gate,
  type Station,
  type Story,
  type Stretch,
  type StretchAddress,
} from './path-story.ts';
import { textWidth, wrapAddress, wrapWords } from './text-fit.ts';

interface Fit {
  /** Sizes of addresses and of all other text. */
  readonly mono: number;
  readonly sans: number;
  /** Address and port on one line, or the address in lines of at most so many characters and the port below. */
  readonly address: number | 'one line';
  readonly words: number;
  readonly stage: number;
  /** Inner margin of chips and boxes; between columns and at the edges of frames. */
  readonly pad: number;
  readonly gutter: number;
  /** Whether chips have room for the mark of their range. */
  readonly mark: boolean;
  /** Notes in their short form. */
  readonly terse: boolean;
}

const FITS: readonly Fit[] = [
  { mono: 12, sans: 11, address: 'one line', words: 22, stage: 14, pad: 7, gutter: 10, mark: true, terse: false },
  { mono: 12, sans: 11, address: 40, words: 20, stage: 14, pad: 7, gutter: 8, mark: true, terse: false },
  { mono: 11.5, sans: 11, address: 20, words: 17, stage: 13, pad: 7, gutter: 8, mark: true, terse: false },
  { mono: 11, sans: 10.5, address: 15, words: 14, stage: 12, pad: 6, gutter: 6, mark: true, terse: true },
  { mono: 10.5, sans: 10.5, address: 15, words: 12, stage: 9, pad: 5, gutter: 5, mark: false, terse: true },
  { mono: 10.5, sans: 10.5, address: 12, words: 11, stage: 9, pad: 5, gutter: 5, mark: false, terse: true },
  { mono: 10, sans: 10, address: 10, words: 11, stage: 9, pad: 4, gutter: 4, mark: false, terse: true },
  { mono: 10, sans: 10, address: 10, words: 9, stage: 9, pad: 4, gutter: 4, mark: false, terse: true },
];

const EDGE = 4;
/** Below the content of a frame. */
const FRAME = 6;
const TITLE_ROW = 18;
/** The mark of public or private in a chip, with its space. */
const CHIP_MARK = 13;
/** From a line to the edge of a gate above and below it, and to the next address. */
const GATE_REACH = 13;
const CHIP_REACH = 19;
const STOP = 5;
const STATE_MARK = 13;
/** Addresses shown on a stretch in a sum over all journeys. */
const MOST_ADDRESSES = 2;

type FrameKind = MapFrame['kind'];

const FRAMES: readonly {
  readonly kind: FrameKind;
  readonly titles: readonly string[];
  readonly depth: number;
  readonly holds: (slot: number) => boolean;
}[] = [
  { kind: 'vpc', titles: ['VPC'], depth: 0, holds: (slot) => slot < 5.95 },
  { kind: 'node', titles: ['Worker node', 'Node'], depth: 1, holds: (slot) => slot <= 4 },
  { kind: 'pod', titles: ['Pod'], depth: 2, holds: (slot) => slot === 1 },
  { kind: 'nat', titles: ['NAT gateway', 'NAT'], depth: 1, holds: (slot) => slot > 4.75 && slot < 5.25 },
  { kind: 'igw', titles: ['Internet gateway', 'Internet gw', 'IGW'], depth: 1, holds: (slot) => slot === 6 },
  { kind: 'internet', titles: ['Public internet', 'Internet'], depth: 0, holds: (slot) => slot >= 6.95 },
];

interface Column {
  readonly slot: number;
  readonly station: Station | null;
  readonly gate: Gate | null;
  readonly end: MapEnd['kind'] | null;
  readonly stretch: Stretch | null;
}

interface Measured extends Column {
  readonly width: number;
  /** Free space to the left, for the edges of frames. */
  readonly before: number;
}

export function drawPath(story: Story, width: number): PathDrawing {
  const columns = columnsOf(story);
  let fit = FITS[0]!;
  let measured = measure(columns, story, fit);
  for (const next of FITS) {
    fit = next;
    measured = measure(columns, story, fit);
    if (total(measured, story, fit) <= width) break;
  }
  return paint(story, measured, fit, Math.max(width, Math.ceil(total(measured, story, fit))));
}

function columnsOf(story: Story): Column[] {
  const slots = new Set<number>(story.stations.map((station) => station.slot));
  for (const gate of story.gates) slots.add(gate.slot);
  for (const stretch of story.stretches) slots.add(stretch.home);
  const first = story.usual ? 1 : 0;
  const last = story.usual ? 7 : Math.floor(Math.max(0, ...slots)) + 1;
  slots.add(first).add(last);
  return [...slots]
    .sort((a, b) => a - b)
    .map((slot) => ({
      slot,
      station: story.stations.find((station) => station.slot === slot) ?? null,
      gate: story.gates.find((gate) => gate.slot === slot) ?? null,
      end: slot === first ? 'client' : slot === last ? 'server' : null,
      stretch: story.stretches.find((stretch) => stretch.home === slot) ?? null,
    }));
}

function measure(columns: readonly Column[], story: Story, fit: Fit): Measured[] {
  return columns.map((column, i) => {
    const widths = [24];
    if (column.station !== null) {
      for (const line of stageLines(column.station, fit)) widths.push(textWidth(line, fit.sans, false) + 2);
      for (const line of wrapWords(column.station.word, fit.stage))
        widths.push(textWidth(line, fit.sans, false) + 2 * STATE_MARK);
    }
    for (const address of addressesOf(column.stretch)) widths.push(chipSize(address, fit).width);
    if (column.gate !== null) widths.push(gateWidth(column.gate, fit));
    if (column.end === 'client') widths.push(textWidth('← back', fit.sans, false) + 2 * fit.pad);
    if (column.end === 'server') widths.push(serverWidth(story.server, fit));
    const edges = story.usual && i > 0 ? edgesBetween(columns[i - 1]!.slot, column.slot) : 0;
    return { ...column, width: Math.ceil(Math.max(...widths)), before: i === 0 ? 0 : fit.gutter + edges * fit.gutter };
  });
}

/** Frame edges between two neighbouring columns. */
function edgesBetween(a: number, b: number): number {
  return FRAMES.filter((frame) => frame.holds(a) !== frame.holds(b)).length;
}

function margin(story: Story, fit: Fit): { readonly left: number; readonly right: number } {
  return story.usual
    ? { left: EDGE + 3 * fit.gutter, right: EDGE + fit.gutter }
    : { left: EDGE + fit.gutter, right: EDGE + fit.gutter };
}

function total(columns: readonly Measured[], story: Story, fit: Fit): number {
  const { left, right } = margin(story, fit);
  return columns.reduce((sum, column) => sum + column.before + column.width, left + right);
}

function paint(story: Story, columns: readonly Measured[], fit: Fit, width: number): PathDrawing {
  const line = Math.round(fit.sans * 1.32);
  const mono = Math.round(fit.mono * 1.36);

  const spare = (width - total(columns, story, fit)) / columns.length;
  let x = margin(story, fit).left;
  const placed = columns.map((column) => {
    const left = x + column.before;
    x = left + column.width + spare;
    return { ...column, left, right: x, middle: (left + x) / 2 };
  });

  const headTop = story.usual ? EDGE + 3 * TITLE_ROW + 5 : EDGE + 8;
  const nameLines = Math.max(1, ...columns.map((c) => (c.station === null ? 0 : stageLines(c.station, fit).length)));
  const wordLines = Math.max(
    1,
    ...columns.map((c) => (c.station === null ? 0 : wrapWords(c.station.word, fit.stage).length)),
  );
  const wordTop = headTop + nameLines * line + 2;
  const chipsTop = wordTop + wordLines * line + 8;
  const blocks = columns.map((column) => blockHeight(column.stretch, fit, mono, line));
  const block = Math.max(0, ...blocks);
  const out = chipsTop + block + CHIP_REACH;

  const bodies = columns.map((column) => bodyLines(column, story, fit, line, mono));
  const back = out + Math.max(44, 22 + Math.max(0, ...bodies));
  const backBlock = story.single && story.stretches.some(({ answered }) => answered) ? block : 0;
  const content = backBlock === 0 ? back + GATE_REACH + 6 : back + CHIP_REACH + backBlock + 4;
  const height = Math.ceil(content + (story.usual ? 2 * FRAME + EDGE : EDGE + 4));

  const stages: MapStage[] = [];
  const gates: MapGate[] = [];
  const ends: MapEnd[] = [];
  const chips: MapChip[] = [];
  const notes: MapLabel[] = [];
  const nodes: LaneNode[] = [];

  for (const column of placed) {
    const { station, gate, end, middle } = column;
    if (station !== null) {
      const name = stageLines(station, fit);
      const word = wrapWords(station.word, fit.stage);
      const wordWidth = widest(word, fit.sans, false);
      const marked = wordWidth + STATE_MARK;
      const stop = gate === null && end === null;
      stages.push({
        number: station.number,
        points: station.points,
        state: station.state,
        reason: station.reason,
        name: label(
          'stage',
          name,
          centred(
            middle,
            headTop + (nameLines - name.length) * line,
            widest(name, fit.sans, false),
            name.length * line,
          ),
          fit.sans,
          line,
          false,
        ),
        mark: { x: middle - marked / 2 + STOP, y: wordTop + line / 2 },
        word: label(
          'state',
          word,
          { x: middle - marked / 2 + STATE_MARK, y: wordTop, width: wordWidth, height: word.length * line },
          fit.sans,
          line,
          false,
          'start',
        ),
        stops: !stop
          ? []
          : isAnswered(story, column.slot)
            ? [
                { x: middle, y: out },
                { x: middle, y: back },
              ]
            : [{ x: middle, y: out }],
      });
      if (stop) nodes.push({ slot: column.slot, start: middle - STOP, end: middle + STOP, box: false, gate: false });
    }
    if (gate !== null && end === null) {
      const box = { ...centred(middle, out - GATE_REACH, gateWidth(gate, fit), back - out + 2 * GATE_REACH) };
      gates.push({
        box,
        stage: gate.stage,
        state: gate.state,
        tone: gate.tone,
        address: onlySource(story.stretches[gates.length + 1]),
        reason: gate.reason,
        conntrack: gate.conntrack,
        rule: gate.rule,
        labels: gateLabels(gate, middle, out, back, fit, line),
      });
      nodes.push({ slot: column.slot, start: box.x, end: box.x + box.width, box: true, gate: true });
    }
    if (end !== null) {
      const boxWidth =
        end === 'client' ? textWidth('← back', fit.sans, false) + 2 * fit.pad : serverWidth(story.server, fit);
      const box = centred(middle, out - GATE_REACH, boxWidth, back - out + 2 * GATE_REACH);
      ends.push({
        kind: end,
        box,
        seen: end === 'server' && story.serverSeen,
        labels: endLabels(end, story, middle, out, back, fit, line, mono),
      });
      nodes.push({ slot: column.slot, start: box.x, end: box.x + box.width, box: true, gate: false });
    }
    if (column.stretch !== null) {
      const own = blockHeight(column.stretch, fit, mono, line);
      chips.push(...chipsOf(column.stretch, 'out', middle, out - CHIP_REACH - own, fit, mono));
      if (story.single && column.stretch.answered)
        chips.push(...chipsOf(column.stretch, 'back', middle, back + CHIP_REACH, fit, mono));
      const more = hiddenAddresses(column.stretch);
      if (more > 0) {
        const text = column.stretch.partial ? 'and more' : `and ${more} more`;
        notes.push(
          label(
            'lane',
            [text],
            centred(middle, out - CHIP_REACH - line, textWidth(text, fit.sans, false), line),
            fit.sans,
            line,
            false,
          ),
        );
      }
    }
  }

  return {
    points: story.points,
    title: story.title,
    journeys: story.journeys,
    width,
    height,
    summary: story.summary,
    frames: story.usual ? framesOf(placed, story, content, fit, line) : [],
    stages,
    gates,
    ends,
    lines: linesOf(story, nodes, out, back),
    chips,
    lanes: notes,
  };
}

/** What stands on the two lines: a gate, an end or a stop. */
interface LaneNode {
  readonly slot: number;
  readonly start: number;
  readonly end: number;
  readonly box: boolean;
  readonly gate: boolean;
}

interface Placed extends Measured {
  readonly left: number;
  readonly right: number;
  readonly middle: number;
}

function framesOf(columns: readonly Placed[], story: Story, content: number, fit: Fit, line: number): MapFrame[] {
  return FRAMES.flatMap(({ kind, titles, depth, holds }) => {
    const inside = columns.filter((column) => holds(column.slot));
    const [first, last] = [inside[0], inside.at(-1)];
    if (first === undefined || last === undefined) return [];
    // As many margins as there are frames inside this one on that side.
    const innerLeft = FRAMES.filter((f) => f.depth > depth && f.holds(first.slot)).length;
    const innerRight = FRAMES.filter((f) => f.depth > depth && f.holds(last.slot)).length;
    const left = first.left - fit.gutter * (1 + innerLeft);
    const right = last.right + fit.gutter * (1 + innerRight);
    const top = EDGE + depth * TITLE_ROW;
    const names = kind === 'internet' && story.serverPrivate ? ['Private network', 'Private'] : titles;
    const title = names.find((text) => textWidth(text, fit.sans, false) <= right - left - 12) ?? names.at(-1)!;
    return [
      {
        kind,
        box: { x: left, y: top, width: right - left, height: content + (2 - depth) * FRAME - top },
        title: label(
          'frame',
          [title],
          { x: left + 7, y: top + 2, width: textWidth(title, fit.sans, false), height: line },
          fit.sans,
          line,
          false,
          'start',
        ),
        evident: inside.some((column) => column.station?.state === 'seen' || column.station?.state === 'inferred'),
      },
    ];
  });
}

function linesOf(story: Story, nodes: readonly LaneNode[], out: number, back: number): MapLine[] {
  const whole = (slot: number): number => (slot === 4.8 || slot === 5.2 ? 5 : slot);
  const seen = story.seen === null ? null : ([whole(story.seen[0]), whole(story.seen[1])] as const);
  const lines: MapLine[] = [];
  let stretch = 0;
  nodes.slice(1).forEach((to, i) => {
    const from = nodes[i]!;
    if (from.gate) stretch++;
    const here = story.stretches[stretch];
    const certain = seen !== null && from.slot >= seen[0] && to.slot <= seen[1];
    const adjacent = seen !== null && (from.slot === seen[1] || to.slot === seen[0]);
    const tone: Tone = here !== undefined && (certain || adjacent) ? here.tone : 'none';
    const address = tone === 'none' ? null : onlySource(here);
    const answered = here?.answered ?? false;
    // Without a stop on the way back, the line runs through its place.
    const backX = (node: LaneNode, side: 'start' | 'end'): number =>
      node.box || answered ? node[side] : (node.start + node.end) / 2;
    const ways = [
      {
        direction: 'out',
        from: { x: from.end, y: out },
        to: { x: to.start, y: out },
        tone,
        address,
        dashed: !certain,
        arrow: to.box,
      },
      {
        direction: 'back',
        from: { x: backX(to, 'start'), y: back },
        to: { x: backX(from, 'end'), y: back },
        tone: answered ? tone : 'none',
        address: answered ? address : null,
        dashed: !certain || !answered,
        arrow: from.box,
      },
    ] as const;
    lines.push(...ways);
  });
  return lines;
}

/** Whether replies were seen on the stretch that runs through a slot. */
function isAnswered({ gates, stretches }: Story, slot: number): boolean {
  return stretches[gates.filter((gate) => gate.slot < slot).length]?.answered ?? true;
}

function onlySource(stretch: Stretch | undefined): string | null {
  return stretch?.sources.length === 1 ? stretch.sources[0]!.endpoint.address : null;
}

function stageLines(station: Station, fit: Fit): string[] {
  return station.number === null
    ? wrapWords(station.name, fit.stage + 6)
    : wrapWords(`${station.number} ${station.name}`, fit.stage);
}

function addressesOf(stretch: Stretch | null): StretchAddress[] {
  return stretch === null ? [] : [...stretch.sources.slice(0, MOST_ADDRESSES), ...stretch.destinations];
}

function hiddenAddresses(stretch: Stretch): number {
  return Math.max(0, stretch.sources.length - MOST_ADDRESSES);
}

function chipLines({ endpoint, count }: StretchAddress, fit: Fit): ChipRun[][] {
  const { address, port } = endpoint;
  const runs: ChipRun[] = [];
  if (port !== '') runs.push({ text: port, part: 'port' });
  if (count !== null) runs.push({ text: ` ×${grouped(count)}`, part: 'count' });
  if (fit.address === 'one line') {
    const text = address.includes(':') && port.startsWith(':') ? `[${address}]` : address;
    return [[{ text, part: 'address' }, ...runs]];
  }
  const lines: ChipRun[][] = wrapAddress(address, fit.address).map((text) => [{ text, part: 'address' }]);
  for (const run of runs) lines.push([{ ...run, text: run.text.trim() }]);
  return lines;
}

function chipSize(address: StretchAddress, fit: Fit): { readonly width: number; readonly height: number } {
  const lines = chipLines(address, fit);
  const text = widest(
    lines.map((runs) => runs.map((run) => run.text).join('')),
    fit.mono,
    true,
  );
  return {
    width: text + (fit.mark ? CHIP_MARK : 0) + 2 * fit.pad,
    height: lines.length * Math.round(fit.mono * 1.36) + 6,
  };
}

function blockHeight(stretch: Stretch | null, fit: Fit, mono: number, line: number): number {
  if (stretch === null) return 0;
  const addresses = addressesOf(stretch);
  const chips = addresses.reduce((sum, address) => sum + chipLines(address, fit).length * mono + 6, 0);
  return chips + Math.max(0, addresses.length - 1) * 4 + (hiddenAddresses(stretch) > 0 ? line + 3 : 0);
}

function chipsOf(
  stretch: Stretch,
  direction: 'out' | 'back',
  middle: number,
  top: number,
  fit: Fit,
  mono: number,
): MapChip[] {
  let y = top;
  return addressesOf(stretch).map((address) => {
    const size = chipSize(address, fit);
    const source = stretch.sources.includes(address);
    const chip: MapChip = {
      box: centred(middle, y, size.width, size.height),
      direction,
      meaning: source === (direction === 'out') ? 'source' : 'destination',
      address: address.endpoint.address,
      port: address.endpoint.port,
      tone: address.tone,
      changed: address.changed,
      lines: chipLines(address, fit),
      size: fit.mono,
      lineHeight: mono,
      marked: fit.mark,
    };
    y += size.height + 4;
    return chip;
  });
}

function gateWidth(gate: Gate, fit: Fit): number {
  const lines = [gate.title, gate.reverse, ...noteLines(gate, fit)];
  return widest(lines, fit.sans, false) + 2 * fit.pad + 2;
}

function noteLines(gate: Gate, fit: Fit): string[] {
  const texts = gate.notes.flatMap(({ full, short }) => (fit.terse ? (short ?? []) : full));
  return texts.flatMap((text) => wrapWords(text, fit.words));
}

function gateLabels(gate: Gate, middle: number, out: number, back: number, fit: Fit, line: number): MapLabel[] {
  const at = (text: string, y: number): MapLabel =>
    label(
      'gate',
      [text],
      centred(middle, y - line / 2, textWidth(text, fit.sans, false) + 2, line),
      fit.sans,
      line,
      false,
    );
  const labels = [at(gate.title, out), at(gate.reverse, back)];
  const notes = noteLines(gate, fit);
  if (notes.length > 0) {
    const height = notes.length * line;
    labels.push(
      label(
        'gate-note',
        notes,
        centred(middle, (out + back) / 2 - height / 2, widest(notes, fit.sans, false), height),
        fit.sans,
        line,
        false,
      ),
    );
  }
  return labels;
}

/** Height of what stands between the two lines in a column. */
function bodyLines(column: Column, story: Story, fit: Fit, line: number, mono: number): number {
  if (column.end === 'server') return serverLines(story.server, fit).length * mono;
  return column.gate === null ? 0 : noteLines(column.gate, fit).length * line;
}

function serverLines(server: Endpoint | null, fit: Fit): string[] {
  if (server === null) return [];
  const lines = wrapAddress(server.address, fit.address === 'one line' ? 20 : Math.min(fit.address, 20));
  return server.port === '' ? lines : [...lines, server.port];
}

function serverWidth(server: Endpoint | null, fit: Fit): number {
  return (
    Math.max(textWidth('answers', fit.sans, false), widest(serverLines(server, fit), fit.mono, true)) + 2 * fit.pad
  );
}

function endLabels(
  end: MapEnd['kind'],
  story: Story,
  middle: number,
  out: number,
  back: number,
  fit: Fit,
  line: number,
  mono: number,
): MapLabel[] {
  const at = (text: string, y: number): MapLabel =>
    label('end', [text], centred(middle, y - line / 2, textWidth(text, fit.sans, false), line), fit.sans, line, false);
  if (end === 'client') return [at('out →', out), at('← back', back)];
  const address = serverLines(story.server, fit);
  if (address.length === 0) return [at('servers', out), at('answer', back)];
  const height = address.length * mono;
  return [
    label(
      'address',
      address,
      centred(middle, (out + back) / 2 - height / 2, widest(address, fit.mono, true), height),
      fit.mono,
      mono,
      true,
    ),
  ];
}

function label(
  kind: MapLabel['kind'],
  lines: readonly string[],
  box: Box,
  size: number,
  lineHeight: number,
  mono: boolean,
  align: MapLabel['align'] = 'middle',
): MapLabel {
  return { kind, lines, box, size, lineHeight, mono, align };
}

function centred(middle: number, y: number, width: number, height: number): Box {
  return { x: middle - width / 2, y, width, height };
}

function widest(lines: readonly string[], size: number, mono: boolean): number {
  return Math.max(0, ...lines.map((text) => textWidth(text, size, mono)));
}
