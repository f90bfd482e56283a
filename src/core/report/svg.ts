// Elements of SVG and HTML as text. Everything that goes in is escaped here, once.

type Attributes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** What was escaped, or is no text: put in as it stands. */
export class Markup {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

export type Content = Markup | string | null | readonly Content[];

export function markupOf(content: Content): string {
  if (content === null) return '';
  if (content instanceof Markup) return content.text;
  return typeof content === 'string' ? escaped(content) : content.map(markupOf).join('');
}

/** An element; attributes that are null, undefined or false are left out. */
export function element(name: string, attributes: Attributes, ...content: readonly Content[]): Markup {
  let head = `<${name}`;
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    head += value === true ? ` ${key}=""` : ` ${key}="${escaped(String(value))}"`;
  }
  const inner = markupOf(content);
  return new Markup(inner === '' && !NEVER_EMPTY.has(name) ? `${head}/>` : `${head}>${inner}</${name}>`);
}

/** Of HTML: these are not closed by a slash. */
const NEVER_EMPTY = new Set([
  'div',
  'section',
  'span',
  'td',
  'th',
  'p',
  'li',
  'ul',
  'ol',
  'table',
  'tbody',
  'code',
  'title',
]);

/** Also without the control characters that XML does not have. */
function escaped(text: string): string {
  return text
    .replace(/(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A length in pixels, without needless digits. */
export function px(value: number): number {
  return Math.round(value * 100) / 100;
}
