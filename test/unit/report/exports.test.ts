// The forms of a report that leave the program: what they hold, and that nothing in them is taken for markup or a formula.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { writeCsv } from '../../../src/core/report/csv.ts';
import { PALETTES } from '../../../src/core/report/palette.ts';
import { element, markupOf } from '../../../src/core/report/svg.ts';
import type { ExportFormat } from '../../../src/core/report/views.ts';
import { type OpenedScene, exported, openCaptures, openScene } from '../../support/scene-session.ts';
import { drawScene, parseScene } from '../../support/scene.ts';
import { unreadable } from '../../support/xml.ts';

const SCENE = `
  point pod: pod1-veth.pcap
  point node: node-eth0.pcap
  0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=1111111111 ts=5
  +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
  +0.010  node  198.51.100.10:80 > 10.42.1.17:2000  tcp SYN ACK seq=900 ack=1111111112 ttl=60
  +0.001  pod   198.51.100.10:80 > 10.42.3.21:1000  " ttl=59
  1.000   pod   [2001:db8::21]:5353 > [2001:db8::10]:53  udp dns=7/a.example
  2.000   pod   10.42.3.21 > 198.51.100.9  icmp echo id=77 seq=1
  +0.001  node  10.42.1.17 > 198.51.100.9  icmp echo id=99 seq=1 ttl=63
  9.000   pod   noise
  9.000   node  noise`;
const scene = openScene(SCENE);

const write = (format: ExportFormat, of: OpenedScene = scene, filter = ''): string =>
  exported(of.session, { format, filter, theme: 'light', picture: 'map' });

/** Rows of a CSV text by RFC 4180. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [[]];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/y;
  while (cell.lastIndex < text.length) {
    const match = cell.exec(text);
    if (!match) throw new Error(`no cell at ${JSON.stringify(text.slice(0, 80))}`);
    rows.at(-1)!.push(match[1]?.replaceAll('""', '"') ?? match[2]!);
    if (match[3] === '\r\n') rows.push([]);
  }
  expect(rows.pop()).toEqual([]);
  return rows;
}

describe('CSV', () => {
  it('has a line a journey, its legs side by side, and as many cells in each', () => {
    const [header, ...rows] = csvRows(write('csv'));
    const records = rows.map((row) => Object.fromEntries(header!.map((name, i) => [name, row[i]])));
    expect(rows.every((row) => row.length === header!.length)).toBe(true);
    expect(records).toMatchObject([
      {
        journey: 'j1',
        protocol: 'tcp',
        start: '2023-11-14T22:13:20.000000000Z',
        rtt_s: '0.012000000',
        source_1: '10.42.3.21',
        source_port_1: '1000',
        translation_1: 'snat',
        conntrack_1: scene.report.journeys[0]!.changes[0]!.conntrack,
        source_2: '10.42.1.17',
        source_port_2: '2000',
      },
      { protocol: 'udp', source_1: '2001:db8::21', point_2: '', source_2: '', rtt_s: '' },
      { protocol: 'icmp', source_port_1: '', icmp_id_1: '77', icmp_id_2: '99' },
    ]);
  });

  it('gives back every text, and begins none as a formula', () => {
    const text = fc.string({ unit: fc.constantFrom('=', '+', '-', '@', '"', ',', '\r', '\n', '\t', 'a', '1', ' ') });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 4 }), (codes) => {
        const journey = { ...scene.report.journeys[0]!, findings: codes };
        const [header, row] = csvRows([...writeCsv([journey], 2)].join(''));
        const value = row![header!.indexOf('findings')]!;
        expect(value.replace(/^'/, '')).toBe(codes.join(' ').replace(/^'/, ''));
        expect(value).not.toMatch(/^[=+@\t\r]|^-(?!\d+(\.\d+)?$)/);
      }),
    );
  });
});

describe('Markdown', () => {
  it('has tables whose rows have as many cells as their head', () => {
    const tables = write('md')
      .split(/\n\n/)
      .filter((part) => part.startsWith('|'));
    expect(tables).toHaveLength(3);
    for (const table of tables) {
      const widths = table
        .trim()
        .split('\n')
        .map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(widths).size).toBe(1);
    }
    expect(write('md')).toContain(
      '| j1 | tcp | `10.42.3.21:1000` → `10.42.1.17:2000` | `198.51.100.10:80` | 1/1 | 12.0 ms |  |',
    );
  });

  it('takes no name for markup', () => {
    const [pod, node] = drawScene(parseScene(SCENE));
    const odd = openCaptures([
      { ...pod!, file: '[click](http://evil.example)|`<img src=x>`.pcap' },
      { ...node!, file: '1. **node**\n# head.pcap' },
    ]);
    const text = write('md', odd);
    expect(text).not.toMatch(/(?<!\\)\]\(|(?<!\\)<img|https?:\/\/|(?<!\\)\*\*node|\n# head/);
    expect(text).toContain('\\<img src=x\\>');
  });
});

describe('HTML', () => {
  it('is one whole page that fetches nothing and runs nothing', () => {
    const page = write('html');
    expect(page).toMatch(/^<!doctype html>[^]*<\/html>\n$/);
    expect(page).toContain("default-src 'none'; style-src 'unsafe-inline'; img-src data:");
    expect(page).not.toMatch(/<script|javascript:|<link|<iframe|@import|url\((?!#)|<[^>]*\s(on\w+|src|href)=/i);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:/);
  });

  it('closes what it opens, and draws the path', () => {
    const body = /<body>[^]*<\/body>/.exec(write('html'))![0];
    expect(unreadable(body)).toBeNull();
    expect(body.match(/<svg /g)!.length).toBeGreaterThan(1);
    for (const text of ['10.42.3.21:1000', '10.42.1.17:2000', '[2001:db8::21]:5353', '10.42.3.21 id 77'])
      expect(body).toContain(text);
  });

  it('takes no name for markup', () => {
    const [pod, node] = drawScene(parseScene(SCENE));
    const odd = openCaptures([{ ...pod!, file: '<script>alert(1)</script>&"\'.pcap' }, node!]);
    const page = write('html', odd);
    expect(page).not.toContain('<script');
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&amp;&quot;&#39;');
  });
});

describe('SVG', () => {
  it('is a picture that stands alone, of all connections or of the only one', () => {
    const all = write('svg');
    const one = write('svg', scene, 'tcp');
    for (const picture of [all, one]) {
      expect(unreadable(picture)).toBeNull();
      expect(picture).not.toContain('var(');
      expect(picture).not.toMatch(/href|<image|<script/);
    }
    expect(all).toContain('×');
    expect(one).toMatch(/10\.42\.3\.21.*:1000.*10\.42\.1\.17.*:2000/s);
  });

  it('is the ladder of the only connection, where that is asked for', () => {
    const request = { format: 'svg', theme: 'light', picture: 'ladder' } as const;
    const ladder = exported(scene.session, { ...request, filter: 'tcp' });
    expect(unreadable(ladder)).toBeNull();
    expect(ladder).toContain('2 packets of j1 from 10.42.3.21:1000 to 198.51.100.10:80');
    for (const text of ['SYN', 'SYN ACK', '0.000000', '10.42.1.17', ':2000']) expect(ladder).toContain(text);
    expect(scene.session.export({ ...request, filter: '' })).toMatchObject({
      ok: false,
      error: { message: 'a ladder is drawn of one connection, and there are 3' },
    });
  });

  it('has the colours of the theme', () => {
    const dark = exported(scene.session, { format: 'svg', filter: '', theme: 'dark', picture: 'map' });
    expect(dark).toContain(PALETTES.dark['pod-line']);
    expect(dark).not.toContain(PALETTES.light['pod-line']);
  });

  it('escapes whatever text there is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (name, text) => {
        expect(unreadable(markupOf(element('g', { class: name }, text)))).toBeNull();
      }),
    );
  });

  it('is painted in the colours of the window', () => {
    const tokens = readFileSync(path.join(import.meta.dirname, '../../../src/renderer/tokens.css'), 'utf8');
    const themes = { light: tokens.split(':root[data-theme')[0]!, dark: tokens.split(':root[data-theme')[1]! };
    for (const theme of ['light', 'dark'] as const) {
      for (const [name, value] of Object.entries(PALETTES[theme])) {
        expect([theme, name, new RegExp(`--${name}: (#\\w+);`).exec(themes[theme])?.[1]]).toEqual([theme, name, value]);
      }
    }
  });
});

describe('every form', () => {
  it('can be written of captures without a connection', () => {
    const empty = openCaptures([]);
    for (const format of ['text', 'json', 'csv', 'md', 'html', 'svg'] as const) {
      expect(write(format, empty).length).toBeGreaterThan(20);
    }
  });

  it('holds only what the filter leaves', () => {
    for (const format of ['text', 'json', 'csv', 'md', 'html'] as const) {
      const text = write(format, scene, 'udp');
      expect([format, text.includes('2001:db8::21'), text.includes('10.42.3.21')]).toEqual([format, true, false]);
    }
  });
});
