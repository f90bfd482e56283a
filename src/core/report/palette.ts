// The window's colours for what is painted outside of it: the same names and values as in its design tokens, which a test
// compares. A colour is written as a value where a file stands alone, since drawing programs know no custom properties,
// and as a custom property in a page that has both themes.

import type { Tone } from '../scene/path-map.ts';

export type Theme = 'light' | 'dark';
/** `auto`: the page has both, and takes the reader's. */
export type Painted = Theme | 'auto';

const LIGHT = {
  ground: '#f4f6f8',
  surface: '#ffffff',
  sunken: '#f0f3f6',
  edge: '#dfe4ea',
  'edge-strong': '#8391a2',
  text: '#16202c',
  'text-soft': '#435063',
  'text-faint': '#5d6a7c',
  accent: '#0a5bb0',
  good: '#17693a',
  warn: '#8a4d00',
  bad: '#b3261e',
  'good-ground': '#e4f4ea',
  'warn-ground': '#fdf0dc',
  'bad-ground': '#fdeae8',
  pod: '#0b6a62',
  'pod-ground': '#dff3f0',
  'pod-line': '#0d8277',
  node: '#874900',
  'node-ground': '#fcedd6',
  'node-line': '#b3640a',
  nat: '#5930b0',
  'nat-ground': '#ede7fb',
  'nat-line': '#6c43c8',
  public: '#9d1459',
  'public-ground': '#fbe5ef',
  'public-line': '#c12575',
  server: '#39475a',
  'server-ground': '#e8edf2',
  'server-line': '#6a798c',
  other1: '#17558f',
  'other1-ground': '#e2eefa',
  'other1-line': '#2a72b8',
  none: '#5d6a7c',
  'none-ground': '#eef1f4',
  'none-line': '#8a97a7',
} as const;

type Colour = keyof typeof LIGHT;

const DARK: Readonly<Record<Colour, string>> = {
  ground: '#0c1016',
  surface: '#131920',
  sunken: '#0f141b',
  edge: '#27313d',
  'edge-strong': '#64748a',
  text: '#e7ecf3',
  'text-soft': '#b3bfcd',
  'text-faint': '#92a0b1',
  accent: '#7ab5ff',
  good: '#6fd39a',
  warn: '#f3b562',
  bad: '#ff8f86',
  'good-ground': '#10291c',
  'warn-ground': '#30220d',
  'bad-ground': '#3a1917',
  pod: '#55d9c7',
  'pod-ground': '#0d2f2b',
  'pod-line': '#2fb5a3',
  node: '#f6b456',
  'node-ground': '#36260b',
  'node-line': '#d08f33',
  nat: '#bca3ff',
  'nat-ground': '#271d47',
  'nat-line': '#9a7bf2',
  public: '#ff94c6',
  'public-ground': '#40162d',
  'public-line': '#e4629f',
  server: '#bac7d6',
  'server-ground': '#212b37',
  'server-line': '#7d8da1',
  other1: '#8cc4ff',
  'other1-ground': '#10273f',
  'other1-line': '#4d95dd',
  none: '#92a0b1',
  'none-ground': '#1a212a',
  'none-line': '#66758a',
};

export const PALETTES: Readonly<Record<Theme, Readonly<Record<Colour, string>>>> = { light: LIGHT, dark: DARK };

export const SANS =
  "Inter, 'Segoe UI Variable Text', 'Segoe UI', system-ui, -apple-system, Cantarell, 'Noto Sans', 'Liberation Sans', sans-serif";
export const MONO =
  "ui-monospace, 'SF Mono', 'Cascadia Mono', 'JetBrains Mono', Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

/** How a style sheet writes a colour. */
export function colourIn(painted: Painted): (colour: Colour) => string {
  return (colour) => (painted === 'auto' ? `var(--${colour})` : PALETTES[painted][colour]);
}

export const TONES: readonly Tone[] = ['pod', 'node', 'nat', 'public', 'server', 'other', 'none'];

/** The three colours of a tone: of text, of the ground below it, of lines. */
export function toneColours(
  tone: Tone,
  colour: (name: Colour) => string,
): { readonly ink: string; readonly ground: string; readonly line: string } {
  const name = tone === 'other' ? 'other1' : tone;
  return { ink: colour(name), ground: colour(`${name}-ground`), line: colour(`${name}-line`) };
}

/** The custom properties of a page with both themes; what is printed is light. */
export function bothThemes(): string {
  const properties = (theme: Theme): string =>
    Object.entries(PALETTES[theme])
      .map(([name, value]) => `--${name}:${value}`)
      .join(';');
  return (
    `:root{color-scheme:light dark;${properties('light')}}` +
    `@media screen and (prefers-color-scheme:dark){:root{${properties('dark')}}}`
  );
}
