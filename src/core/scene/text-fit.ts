// Widths of text without a screen: upper bounds from the usual advance widths, so that what fits here fits when painted.

/** Advance width of a monospace character, in em: the widest of the usual faces. */
const MONO_ADVANCE = 0.61;
export function textWidth(text: string, size: number, mono: boolean): number {
  if (mono) return Math.ceil(text.length * size * MONO_ADVANCE);
  let ems = 0;
  for (const character of text) ems += sansAdvance(character);
  return Math.ceil(ems * size);
}

/** Advance width of a character of interface text, in em: at least that of the usual system faces, in bold. */
function sansAdvance(character: string): number {
  if (/[ijlt.,:;'|!f()[\] ]/.test(character)) return 0.4;
  if (/[A-Z→←↑↓%@+]/.test(character)) return 0.78;
  return /[mwMW]/.test(character) ? 0.98 : 0.63;
}

/** Breaks at spaces; a word longer than the line is cut, in the middle of long names after a hyphen where there is one. */
export function wrapWords(text: string, characters: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length <= characters) {
      line += ` ${word}`;
      continue;
    }
    if (line !== '') lines.push(line);
    line = word;
    while (line.length > characters) {
      const hyphen = line.lastIndexOf('-', characters - 1);
      const cut = hyphen > 0 ? hyphen + 1 : characters;
      lines.push(line.slice(0, cut));
      line = line.slice(cut);
    }
  }
  if (line !== '') lines.push(line);
  return lines;
}

/** Breaks an address after a colon or a dot into as few lines as fit, evened out. */
export function wrapAddress(address: string, characters: number): string[] {
  if (address.length <= characters) return [address];
  const parts = address.match(/[^:.]*[:.]*/g)?.filter((part) => part !== '') ?? [address];
  for (let limit = Math.ceil(address.length / Math.ceil(address.length / characters)); limit <= characters; limit++) {
    const lines = packed(parts, limit);
    if (lines.length <= Math.ceil(address.length / characters) || limit === characters) return lines;
  }
  return packed(parts, characters);
}

function packed(parts: readonly string[], characters: number): string[] {
  const lines: string[] = [];
  for (const part of parts) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + part.length <= characters) lines[lines.length - 1] = last + part;
    else lines.push(part);
  }
  return lines;
}
