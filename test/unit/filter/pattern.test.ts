// `matches` against JavaScript's own expressions, and what would make those hang.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/core/filter/pattern.ts';

function matches(source: string, text: string): boolean {
  const pattern = compilePattern(source);
  if (!pattern.ok) throw new Error(`${source}: ${pattern.message} at ${pattern.at}`);
  return pattern.test(text);
}

const atom = fc.constantFrom(
  'a',
  'b',
  'c',
  '.',
  '\\d',
  '\\w',
  '\\s',
  '\\.',
  '[ab]',
  '[^a]',
  '[a-c1]',
  '^',
  '$',
  '\\b',
  '\\B',
  '(a|b)',
  '(?:ab)',
  'é',
  '-',
);
const repeat = fc.constantFrom('', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?');
const piece = fc.tuple(atom, repeat).map(([of, times]) => (/^(\^|\$|\\[bB])$/.test(of) ? of : of + times));
const source = fc
  .array(
    fc.array(piece, { maxLength: 4 }).map((pieces) => pieces.join('')),
    { minLength: 1, maxLength: 3 },
  )
  .map((ways) => ways.join('|'));
const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'A', '1', ' ', '.', '-', 'é', 'É', '\n'), maxLength: 8 });

describe('a pattern', () => {
  it('matches where the usual engine matches', () => {
    fc.assert(
      fc.property(source, text, fc.boolean(), (written, within, exact) => {
        const own = matches(exact ? `(?-i)${written}` : written, within);
        expect(own).toBe(new RegExp(written, exact ? 'u' : 'iu').test(within));
      }),
      { numRuns: 3000 },
    );
  });

  it.each([
    ['web', 'WEB-1', true],
    ['(?-i)web', 'WEB-1', false],
    ['(?i)web', 'WEB-1', true],
    ['^shop-[0-9a-f]{3,5}$', 'shop-7f9c', true],
    ['^shop-[0-9a-f]{3,5}$', 'shop-7f', false],
    ['[]a]', ']', true],
    ['[a-]', '-', true],
    ['\\x41', 'a', true],
    ['', 'anything', true],
  ])('%s of %s: %s', (written, within, expected) => {
    expect(matches(written, within)).toBe(expected);
  });

  // With backtracking each of these takes longer than a test may.
  it.each([
    ['(a+)+$', false],
    ['^(a|a)*$', false],
    ['(a*)*b', false],
    ['a?'.repeat(30) + 'a'.repeat(30), true],
    ['(.*)(.*)(.*)(.*)(.*)x$', false],
    ['(a+a+)+y', false],
  ])('takes time with the length of the text only: %s', (written, expected) => {
    expect(matches(written, `${'a'.repeat(2000)}!`)).toBe(expected);
  });

  it.each([
    ['(a', 0, /not closed/],
    ['a)', 1, /closes nothing/],
    ['[a', 0, /not closed/],
    ['*a', 0, /nothing to repeat/],
    ['a{3,2}', 1, /fewer/],
    ['a{2000}', 1, /more than 1000/],
    ['(a{100}){100}', 0, /too large/],
    ['(?=a)', 0, /groups/],
    ['(a)\\1', 3, /\\1 is not known/],
    ['a\\', 1, /ends the pattern/],
    ['[z-a]', 0, /ascend/],
    ['('.repeat(500), 100, /deeply/],
  ])('refuses %s at %i', (written, at, why) => {
    const pattern = compilePattern(written);
    expect(pattern).toMatchObject({ ok: false, at });
    if (!pattern.ok) expect(pattern.message).toMatch(why);
  });
});
