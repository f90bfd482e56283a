// Paints the ladder's shapes as SVG: its head and one stretch of it below, as the window does.
import type { Ladder, LadderChip, LadderFold, LadderLabel, LadderLane, LadderRow } from '../scene/ladder.ts';
import type { Tone } from '../scene/path-map.ts';
import { MONO, type Painted, SANS, TONES, colourIn, toneColours } from './palette.ts';
import { type Content, Markup, element, markupOf, px } from './svg.ts';

/** Around a picture in a file. */
const MARGIN = 12;

/** The rules for what `paintLadder` paints; every class begins with `l-`. */
export function ladderStyle(painted: Painted): string {
  const c = colourIn(painted);
  return [
    `.l text{fill:${c('text-soft')};font-family:${SANS};white-space:pre}`,
    `.l .l-mono{font-family:${MONO}}`,
    `.l-rail{fill:none;opacity:.45}`,
    `.l .l-lane{fill:${c('text')};font-weight:600}`,
    `.l .l-side,.l .l-time,.l .l-fold,.l .l-clock,.l .l-segments{fill:${c('text-faint')}}`,
    `.l .l-fold{font-style:italic}`,
    `.l .l-words{fill:${c('text')}}`,
    `.l .l-again{fill:${c('warn')};font-weight:600}`,
    `.l .l-lost{fill:${c('bad')};font-weight:700}`,
    `.l .l-chip text{font-family:${MONO}}`,
    `.l-changed{font-weight:700;text-decoration:underline}`,
    `.l-fold-line{stroke:${c('edge-strong')};stroke-dasharray:1 4;stroke-linecap:round}`,
    `.l-fold-ground{fill:${c('surface')}}`,
    `.l-fold-mark{fill:none;stroke:${c('edge-strong')}}`,
    `.l-line{fill:none;stroke-width:1.6}`,
    `.l-thick{stroke-width:6}`,
    `.l-sent-again .l-line{stroke-dasharray:6 4}`,
    `.l-split{stroke-width:5}`,
    `.l-hollow{stroke-width:1.6}`,
    `.l-lost-line{fill:none;stroke:${c('bad')};stroke-width:2}`,
    ...TONES.flatMap((tone) => {
      const { ink, ground, line } = toneColours(tone, c);
      return [
        `.l-${tone} .l-rail,.l-line.l-${tone},.l-split.l-${tone}{stroke:${line}}`,
        `.l-arrow.l-${tone}{fill:${line}}`,
        `.l-stop.l-${tone}{fill:${line};stroke:${line}}`,
        `.l .l-${tone} .l-chip text{fill:${ink}}`,
        `.l-${tone} .l-chip rect{fill:${ground}}`,
      ];
    }),
    `.l-stop.l-hollow{fill:${c('surface')}}`,
  ].join('\n');
}

/** Within a page that has `ladderStyle`. */
export function paintLadder(ladder: Ladder, summary: string): Markup {
  return picture(ladder, summary, 0, null);
}

/** As a file of its own. */
export function writeLadderSvg(ladder: Ladder, summary: string, painted: Painted): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${markupOf(picture(ladder, summary, MARGIN, painted))}\n`;
}

function picture(ladder: Ladder, summary: string, margin: number, painted: Painted | null): Markup {
  const { width, headHeight, top, lanes } = ladder;
  const bottom = Math.max(top, Math.min(ladder.bottom, ladder.height));
  const [w, h] = [px(width + 2 * margin), px(headHeight + bottom - top + 2 * margin)];
  const tones = lanes.map(({ tone }) => tone);
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', width: w, height: h, viewBox: `0 0 ${w} ${h}`, role: 'img', class: 'l' },
    element('title', {}, summary),
    painted === null
      ? null
      : [
          element('style', {}, new Markup(ladderStyle(painted))),
          element('rect', { width: '100%', height: '100%', fill: colourIn(painted)('surface') }),
        ],
    element('g', { transform: `translate(${margin} ${margin})` }, ladder.headings.map(label), lanes.map(head(ladder))),
    // Cut where the stretch ends: lines that begin beyond it are drawn whole.
    element(
      'svg',
      {
        x: margin,
        y: px(margin + headHeight),
        width: px(width),
        height: px(bottom - top),
        viewBox: `0 ${px(top)} ${px(width)} ${px(bottom - top)}`,
      },
      lanes.map(({ x }, i) =>
        element(
          'g',
          { class: `l-${tones[i]!}` },
          element('path', { class: 'l-rail', d: `M${px(x)} ${px(top)}V${px(bottom)}` }),
        ),
      ),
      ladder.folds.map((own) => fold(own, lanes)),
      ladder.rows.map((row) => packet(row, tones)),
    ),
  );
}

const head =
  ({ headHeight }: Ladder) =>
  ({ x, tone, labels, chip: own }: LadderLane): Markup => {
    const bottoms = [own.box, ...labels.map(({ box }) => box)].map((box) => box.y + box.height);
    return element(
      'g',
      { class: `l-${tone}` },
      element('path', { class: 'l-rail', d: `M${px(x)} ${px(Math.max(...bottoms) + 2)}V${px(headHeight)}` }),
      labels.map(label),
      chip(own),
    );
  };

function chip({ box, lines, size, lineHeight, changed }: LadderChip): Markup {
  return element(
    'g',
    { class: 'l-chip' },
    element('rect', { x: px(box.x), y: px(box.y), width: px(box.width), height: px(box.height), rx: 4 }),
    element(
      'text',
      { 'font-size': px(size), 'text-anchor': 'middle' },
      lines.map((runs, i) =>
        element(
          'tspan',
          { x: px(box.x + box.width / 2), y: px(box.y + 2 + (i + 0.5) * lineHeight), dy: '0.34em' },
          runs.map(({ part, text }) => element('tspan', { class: changed[part] ? 'l-changed' : null }, text)),
        ),
      ),
    ),
  );
}

function label({ box, align, runs, size, mono }: LadderLabel): Markup {
  const x = align === 'start' ? box.x : align === 'end' ? box.x + box.width : box.x + box.width / 2;
  return element(
    'text',
    {
      class: mono ? 'l-mono' : null,
      x: px(x),
      y: px(box.y + box.height / 2),
      dy: '0.34em',
      'font-size': px(size),
      'text-anchor': align,
    },
    runs.map(({ kind, text }) => element('tspan', { class: `l-${kind}` }, text)),
  );
}

/** A gap of time that is shorter than it should be: each lane is broken, and the words say how long it was. */
function fold({ y, from, to, label: own }: LadderFold, lanes: readonly LadderLane[]): Markup {
  return element(
    'g',
    {},
    element('path', { class: 'l-fold-line', d: `M${px(from)} ${px(y)}H${px(to)}` }),
    lanes.map(({ x }) => [
      element('rect', { class: 'l-fold-ground', x: px(x - 5), y: px(y - 4), width: 10, height: 8 }),
      element('path', {
        class: 'l-fold-mark',
        d: `M${px(x - 5)} ${px(y - 1.5)}l10 -4M${px(x - 5)} ${px(y + 5.5)}l10 -4`,
      }),
    ]),
    label(own),
  );
}

function packet(
  { name, lines, stops, arrow, lost, split, again, time, words }: LadderRow,
  tones: readonly Tone[],
): Markup {
  const parts: Content[] = [];
  if (split !== null) {
    const { x, top, bottom, lane } = split;
    parts.push(element('path', { class: `l-split l-${tones[lane]!}`, d: `M${px(x)} ${px(top)}V${px(bottom)}` }));
  }
  for (const { from, to, lane, thick } of lines) {
    const d = `M${px(from.x)} ${px(from.y)}L${px(to.x)} ${px(to.y)}`;
    parts.push(element('path', { class: `l-line l-${tones[lane]!}${thick ? ' l-thick' : ''}`, d }));
  }
  if (lost !== null) {
    const [{ x, y }, from] = [lost.to, lost.from];
    const cross = `M${px(x - 4)} ${px(y - 4)}l8 8m0 -8l-8 8`;
    parts.push(element('path', { class: 'l-lost-line', d: `M${px(from.x)} ${px(from.y)}L${px(x)} ${px(y)}${cross}` }));
  }
  if (arrow !== null) {
    const transform = `translate(${px(arrow.x)} ${px(arrow.y)}) rotate(${px(arrow.angle)})`;
    parts.push(element('path', { class: `l-arrow l-${tones[arrow.lane]!}`, transform, d: 'M-4 0l-7 -3.6v7.2z' }));
  }
  for (const { x, y, lane, hollow } of stops) {
    parts.push(
      element('circle', { class: `l-stop l-${tones[lane]!}${hollow ? ' l-hollow' : ''}`, cx: px(x), cy: px(y), r: 3 }),
    );
  }
  return element(
    'g',
    { class: again ? 'l-sent-again' : null },
    element('title', {}, name),
    parts,
    label(time),
    label(words),
  );
}
