// Paints the path map's shapes as SVG: the same picture as the window's, for files. Colours stand in a style sheet by
// class, so that the drawing itself is the same for every theme.
import { addressScope, parseAddress } from '../decode/addresses.ts';
import type {
  Box,
  MapChip,
  MapEnd,
  MapFrame,
  MapGate,
  MapLabel,
  MapLine,
  MapStage,
  PathMap,
  PathDrawing,
  StageState,
} from '../scene/path-map.ts';
import { MONO, type Painted, SANS, TONES, colourIn, toneColours } from './palette.ts';
import { type Content, Markup, element, markupOf, px } from './svg.ts';

/** Around a picture in a file, and between two. */
const MARGIN = 12;

/** The rules for what `paintPath` paints; every class begins with `m-`. */
export function pathStyle(painted: Painted): string {
  const c = colourIn(painted);
  const rules = [
    `.m text{fill:${c('text-soft')};font-family:${SANS}}`,
    `.m .m-mono{font-family:${MONO}}`,
    `.m .m-frame text{fill:${c('text-faint')};font-weight:600}`,
    `.m-frame rect{fill:none;stroke:${c('edge')}}`,
    `.m-frame-node rect,.m-frame-nat rect{fill:${c('sunken')}}`,
    `.m-frame-pod rect{fill:${c('surface')}}`,
    `.m-faint rect{stroke-dasharray:4 4}`,
    `.m .m-name{fill:${c('text')};font-weight:600}`,
    `.m .m-word{fill:${c('text-faint')}}`,
    `.m .m-seen .m-word{fill:${c('good')};font-weight:600}`,
    `.m .m-not-seen .m-word{fill:${c('bad')};font-weight:600}`,
    `.m-inferred .m-word{font-style:italic}`,
    `.m-mark{fill:${c('surface')};stroke:${c('none-line')};stroke-width:1.5}`,
    `.m-seen .m-mark{fill:${c('good')};stroke:${c('good')}}`,
    `.m-not-seen .m-mark{fill:none;stroke:${c('bad')};stroke-width:2}`,
    `.m-half{fill:${c('none-line')}}`,
    `.m-line{fill:none;stroke-width:2;stroke-linejoin:round}`,
    `.m-ground{fill:${c('surface')}}`,
    `.m-hatch{stroke:${c('edge')};stroke-width:3}`,
    `.m-border{fill:none;stroke-width:1.5}`,
    `.m-gate-inferred .m-border{stroke-dasharray:6 3}`,
    `.m-gate-open .m-border{stroke-dasharray:2 3}`,
    `.m .m-gate-inferred text{font-style:italic}`,
    `.m .m-gate{font-weight:700}`,
    `.m-unseen rect{stroke-dasharray:3 3}`,
    `.m .m-end .m-address{fill:${c('text')}}`,
    `.m .m-chip text{font-family:${MONO};white-space:pre}`,
    `.m-range{fill:none}`,
    `.m-changed{font-weight:700;text-decoration:underline}`,
    ...TONES.flatMap((name) => {
      const { ink, ground, line } = toneColours(name, c);
      return [
        `.m-${name} .m-line,.m-${name} .m-border{stroke:${line}}`,
        `.m .m-${name} .m-gate,.m .m-chip.m-${name} text{fill:${ink}}`,
        `.m-${name} .m-box{fill:${ground};stroke:${line}}`,
        `.m-${name} .m-range{stroke:${ink}}`,
      ];
    }),
    `.m-unseen .m-box{fill:${c('surface')}}`,
  ];
  return rules.join('\n');
}

/** The drawing as an `<svg>` within a page that has `pathStyle`; `key` tells its parts from those of others there. */
export function paintPath(drawing: PathDrawing, key: string): Markup {
  return element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: px(drawing.width),
      height: px(drawing.height),
      viewBox: `0 0 ${px(drawing.width)} ${px(drawing.height)}`,
      role: 'img',
      'aria-label': drawing.summary,
      class: 'm',
    },
    element('title', {}, drawing.summary),
    ...pathContent(drawing, key),
  );
}

/** The drawing without its `<svg>`. */
function pathContent(drawing: PathDrawing, key: string): Content[] {
  return [
    element(
      'defs',
      {},
      element(
        'pattern',
        { id: `m-hatch-${key}`, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
        element('path', { class: 'm-hatch', d: 'M0 0V6' }),
      ),
    ),
    drawing.frames.map(frame),
    drawing.lines.map(line),
    drawing.stages.map(stage),
    drawing.ends.map(end),
    drawing.gates.map((own) => gate(own, key)),
    drawing.chips.map(chip),
    drawing.lanes.map((lane) => label(lane)),
  ];
}

/** All drawings of a map below one another, as a file of its own. */
export function writePathSvg(map: PathMap, painted: Painted): string {
  const tops: number[] = [];
  let height = MARGIN;
  for (const drawing of map.paths) {
    tops.push(height);
    height += drawing.height + MARGIN;
  }
  const width = map.width + 2 * MARGIN;
  const summary = map.paths.map((drawing) => drawing.summary).join(' ');
  const picture = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      width: px(width),
      height: px(height),
      viewBox: `0 0 ${px(width)} ${px(height)}`,
      role: 'img',
      class: 'm',
    },
    element('title', {}, summary),
    element('style', {}, new Markup(pathStyle(painted))),
    element('rect', { width: '100%', height: '100%', fill: colourIn(painted)('surface') }),
    map.paths.map((drawing, i) =>
      element('g', { transform: `translate(${MARGIN} ${px(tops[i]!)})` }, pathContent(drawing, String(i))),
    ),
  );
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markupOf(picture)}\n`;
}

function rect(
  { x, y, width, height }: Box,
  radius: number,
  name: string,
  more: Readonly<Record<string, string>> = {},
): Markup {
  return element('rect', {
    class: name,
    x: px(x),
    y: px(y),
    width: px(width),
    height: px(height),
    rx: radius,
    ...more,
  });
}

function label({ kind, box, lines, size, lineHeight, mono, align }: MapLabel, name = `m-${kind}`): Markup {
  const x = align === 'start' ? box.x : box.x + box.width / 2;
  return element(
    'text',
    { class: mono ? `${name} m-mono` : name, 'font-size': px(size), 'text-anchor': align },
    lines.map((text, i) => element('tspan', { x: px(x), y: px(box.y + (i + 0.5) * lineHeight), dy: '0.34em' }, text)),
  );
}

function frame({ kind, box, title, evident }: MapFrame): Markup {
  return element(
    'g',
    { class: `m-frame m-frame-${kind}${evident ? '' : ' m-faint'}` },
    rect(box, 8, 'm-frame-box'),
    label(title),
  );
}

function line({ from, to, tone, dashed, arrow }: MapLine): Markup {
  const back = to.x < from.x ? -1 : 1;
  const reach = arrow ? to.x - back * 2 : to.x;
  const tip = `M${px(to.x - back * 7)} ${px(to.y - 4.5)}L${px(to.x - back)} ${px(to.y)}L${px(to.x - back * 7)} ${px(to.y + 4.5)}`;
  return element(
    'g',
    { class: `m-${tone}` },
    element('path', {
      class: 'm-line',
      d: `M${px(from.x)} ${px(from.y)}H${px(reach)}`,
      'stroke-dasharray': dashed ? '5 4' : null,
    }),
    arrow ? element('path', { class: 'm-line', d: tip }) : null,
  );
}

function stage(drawn: MapStage): Markup {
  return element(
    'g',
    { class: `m-stage m-${drawn.state}` },
    element('title', {}, `${drawn.name.lines.join(' ')}: ${drawn.word.lines.join(' ')}. ${drawn.reason}`),
    label(drawn.name, 'm-name'),
    mark(drawn.state, drawn.mark),
    label(drawn.word, 'm-word'),
    drawn.stops.map((stop) => mark(drawn.state, stop)),
  );
}

/** A full disc, a half one, an empty broken one, a cross, a dash: readable without colour. */
function mark(state: StageState, { x, y }: { readonly x: number; readonly y: number }): Content {
  if (state === 'not-seen') return element('path', { class: 'm-mark', d: `M${px(x - 3)} ${px(y - 3)}l6 6m0-6l-6 6` });
  if (state === 'absent') return element('path', { class: 'm-mark', d: `M${px(x - 4)} ${px(y)}h8` });
  return [
    element('circle', {
      class: 'm-mark',
      cx: px(x),
      cy: px(y),
      r: 4,
      'stroke-dasharray': state === 'not-captured' ? '2 1.6' : null,
    }),
    state === 'inferred' ? element('path', { class: 'm-half', d: `M${px(x)} ${px(y - 4)}a4 4 0 0 1 0 8Z` }) : null,
  ];
}

function end({ box, seen, labels }: MapEnd): Markup {
  return element(
    'g',
    { class: `m-end m-server${seen ? '' : ' m-unseen'}` },
    rect(box, 7, 'm-box'),
    labels.map((own) => label(own)),
  );
}

function gate({ box, state, tone, reason, conntrack, rule, labels }: MapGate, key: string): Markup {
  const facts = [reason, conntrack, rule].filter((fact) => fact !== null).join('\n');
  return element(
    'g',
    { class: `m-gate-${state} m-${tone}` },
    element('title', {}, facts),
    rect(box, 7, 'm-ground'),
    state === 'seen' ? null : rect(box, 7, 'm-hatched', { fill: `url(#m-hatch-${key})`, opacity: '0.9' }),
    rect(box, 7, 'm-border'),
    labels.map((own) => label(own)),
  );
}

function chip({
  box,
  tone,
  meaning,
  direction,
  address,
  port,
  changed,
  lines,
  size,
  lineHeight,
  marked,
}: MapChip): Markup {
  const inset = marked ? 13 : 0;
  const x = box.x + inset + (box.width - inset) / 2;
  const top = box.y + (box.height - lines.length * lineHeight) / 2;
  return element(
    'g',
    { class: `m-chip m-${tone}` },
    element('title', {}, `${direction === 'out' ? 'out' : 'back'}: ${meaning} ${address}${port}`),
    rect(box, 6, 'm-box'),
    marked ? rangeMark(address, box.x + 6, top + lineHeight / 2 - 5) : null,
    element(
      'text',
      { 'font-size': px(size), 'text-anchor': 'middle' },
      lines.map((runs, i) =>
        element(
          'tspan',
          { x: px(x), y: px(top + (i + 0.5) * lineHeight), dy: '0.34em' },
          runs.map(({ part, text }) =>
            element('tspan', { class: part !== 'count' && changed[part] ? 'm-changed' : null }, text),
          ),
        ),
      ),
    ),
  );
}

/** A house, two houses sharing a wall, a globe, a diamond: private, shared, public, special. */
const RANGE_MARKS = {
  private: 'M1 5 5 1.4 9 5M2.2 4.2V8.8H7.8V4.2',
  shared: 'M.8 4.6 3 2.6 5 4.6 7 2.6 9.2 4.6M1.6 4V8.8H8.4V4M5 4.6V8.8',
  public: 'M5 1a4 4 0 1 0 .01 0M1 5H9M5 1C2.6 3.4 2.6 6.6 5 9 7.4 6.6 7.4 3.4 5 1',
  special: 'M5 1 9 5 5 9 1 5Z',
} as const;

function rangeMark(address: string, x: number, y: number): Markup {
  const words = parseAddress(address);
  const scope = words ? addressScope(words[0]!, words[1]!, words[2]!, words[3]!) : 'reserved';
  const isPublic = scope === 'public' || scope === 'documentation' || scope === 'nat64' || scope === 'benchmark';
  const kind = isPublic ? 'public' : scope === 'private' || scope === 'shared' ? scope : 'special';
  return element('path', { class: 'm-range', d: RANGE_MARKS[kind], transform: `translate(${px(x)} ${px(y)})` });
}
