// Whether a text is well-formed XML, as far as drawings and pages need it: tags nested and closed, attributes quoted and
// once each, entities known, no characters that XML cannot hold. Written apart from what writes them.

const NAME = '[A-Za-z_:][A-Za-z0-9_.:-]*';
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>|<\\?xml[^?]*\\?>|<|&([^;\\s]*;?)`, 'g');

/** Null where it can be read; else where and why not. */
export function unreadable(text: string): string | null {
  const odd = /(?![\t\n\r])[\p{Cc}\p{Cs}\ufffe\uffff]/u.exec(text);
  if (odd) return `a character that XML cannot hold at ${odd.index}`;
  const open: string[] = [];
  for (const match of text.matchAll(TAG)) {
    const [whole, closing, name, attributes, alone, entity] = match;
    if (entity !== undefined) {
      if (!/^(amp|lt|gt|quot|#39|#x[0-9a-f]+);$/.test(entity)) return `an unknown entity ${whole} at ${match.index}`;
    } else if (whole === '<') return `no tag at ${match.index}: ${text.slice(match.index, match.index + 40)}`;
    else if (closing === '/') {
      if (open.pop() !== name) return `</${name!}> at ${match.index} closes nothing`;
    } else if (name !== undefined) {
      const names = [...attributes!.matchAll(new RegExp(`(${NAME})=`, 'g'))].map((found) => found[1]);
      if (new Set(names).size !== names.length) return `an attribute twice at ${match.index}`;
      const bad = /&(?!amp;|lt;|gt;|quot;|#39;)/.exec(attributes!);
      if (bad) return `an unknown entity in an attribute at ${match.index}`;
      if (alone === '') open.push(name);
    }
  }
  return open.length === 0 ? null : `<${open.at(-1)!}> is not closed`;
}
