// The filter's text: what is one tree, how it is printed, and what is said where it is wrong.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseFilter } from '../../../src/core/filter/parse.ts';
import { printFilter } from '../../../src/core/filter/syntax.ts';
import { tokensOf } from '../../../src/core/filter/tokens.ts';
import { treeArbitrary, withoutSpans } from '../../support/filter-arbitrary.ts';

function printed(text: string): string {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${parsed.error.message} at ${parsed.error.at}`);
  return parsed.tree === null ? '' : printFilter(parsed.tree);
}

describe('a printed tree', () => {
  it('parses to the same tree', () => {
    fc.assert(
      fc.property(treeArbitrary, (tree) => {
        const parsed = parseFilter(printFilter(tree));
        if (!parsed.ok) throw new Error(`${printFilter(tree)}: ${parsed.error.message}`);
        expect(withoutSpans(parsed.tree!)).toEqual(tree);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('any text', () => {
  it('has tokens and a tree, or an error within it; nothing is thrown', () => {
    const pieces = fc.constantFrom(
      'tcp',
      'ip.src',
      '==',
      '!=',
      '!',
      '&&',
      'or',
      '(',
      ')',
      '{',
      '}',
      ',',
      '..',
      '10.0.0.1',
      '"',
      'in',
      'all',
      '@',
      '=',
      'r"',
      '\\',
      ' ',
    );
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(pieces).map((words) => words.join('')),
    );
    fc.assert(
      fc.property(text, (written) => {
        const parsed = parseFilter(written);
        if (parsed.ok) return;
        const { at, length } = parsed.error;
        expect(at).toBeGreaterThanOrEqual(0);
        expect(at + length).toBeLessThanOrEqual(written.length);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('what is written otherwise and means the same', () => {
  it.each([
    ['tcp&&udp', 'tcp && udp'],
    ['tcp and udp or icmp', 'tcp && udp || icmp'],
    ['tcp or udp and icmp', 'tcp || udp && icmp'],
    ['(tcp or udp) and icmp', '(tcp || udp) && icmp'],
    ['tcp && (udp && icmp)', 'tcp && (udp && icmp)'],
    ['not tcp and udp', '!tcp && udp'],
    ['not (tcp and udp)', '!(tcp && udp)'],
    ['!!tcp', '!!tcp'],
    ['tcp.port eq 80', 'tcp.port == 80'],
    ['tcp.port ne 80', 'tcp.port != 80'],
    ['any tcp.port != 80', 'tcp.port !== 80'],
    ['any_ne', 'ERROR'],
    ['all tcp.port == 80', 'tcp.port === 80'],
    ['tcp.port all_eq 80', 'tcp.port === 80'],
    ['all tcp.port > 80', 'all tcp.port > 80'],
    ['any tcp.port > 80', 'tcp.port > 80'],
    ['tcp.port not in {80,443}', '!(tcp.port in {80, 443})'],
    ['tcp.port in {80,8000..8099}', 'tcp.port in {80, 8000 .. 8099}'],
    ['name ~ "^web"', 'name matches "^web"'],
    ["name == 'a b'", 'name == "a b"'],
    ['name == r"a\\b"', 'name == "a\\\\b"'],
    ['name == "\\x41\\n"', 'name == "A\\x0a"'],
    ['src@"node eth0" == 10.0.0.1', 'src@"node eth0" == 10.0.0.1'],
    ['ip.src in {10.0.0.1..10.0.0.9}', 'ip.src in {10.0.0.1 .. 10.0.0.9}'],
    ['  ', ''],
  ])('%s', (text, expected) => {
    if (expected === 'ERROR') expect(parseFilter(text).ok).toBe(false);
    else expect(printed(text)).toBe(expected);
  });
});

describe('mistakes', () => {
  it.each([
    ['tcp.port = 80', '=', 'one = compares nothing', ['==']],
    ['tcp & udp', '&', 'one & joins nothing', ['&&']],
    ['tcp | udp', '|', 'one | joins nothing', ['||']],
    ['tcp &&', '', 'the filter ends too early', ['a field', '!', '(']],
    ['tcp.port ==', '', 'the filter ends too early', ['a value']],
    ['(tcp', '(', 'a parenthesis is not closed', [')']],
    ['tcp)', ')', ') was not expected here', ['==', '!=', '<', '>', 'in {…}', '&&', '||']],
    ['tcp.port == 80 tcp', 'tcp', 'tcp was not expected here', ['&&', '||']],
    ['tcp.port in 80', '80', 'behind in a set is wanted', ['{…}']],
    ['tcp.port in {80 443}', '443', '443 was not expected here', [',', '..', '}']],
    ['tcp.port in {}', '}', '} was not expected here', ['a value']],
    ['all tcp.port', '', 'the filter ends too early', ['==', '!=', '<', '>', 'in {…}']],
    ['any tcp.port === 80', '===', '=== says any or all by itself', ['==', '!=']],
    ['name == "web', '"web', 'the text that begins with " has no end', ['"']],
    ['name == "\\q"', '\\q', '\\q is no escape', ['\\\\', '\\"', '\\n', '\\t', '\\x41', 'r"…"']],
    ['"web"', '"web"', 'a text by itself is no test', ['name == "…"', 'text contains "…"']],
    ['src@ == 10.0.0.1', 'src@', 'behind @ the name of a point is wanted', []],
    ['10 < tcp.port < 80', '< 80', '', []],
  ])('%s is wrong at %j: %s', (text, where, message, expected) => {
    const parsed = parseFilter(text);
    if (parsed.ok) throw new Error('no mistake was found');
    const { at, length } = parsed.error;
    if (message === '') return;
    expect({
      where: text.slice(at, at + length),
      message: parsed.error.message,
      expected: parsed.error.expected,
    }).toEqual({ where, message, expected });
  });

  it('are said of filters that are too long or too deep', () => {
    const long = tokensOf('a'.repeat(10_001));
    expect(long).toMatchObject({ ok: false, error: { message: 'a filter has at most 10000 characters', at: 10_000 } });
    expect(parseFilter('('.repeat(5000))).toMatchObject({ ok: false, error: { message: 'this is nested too deeply' } });
    expect(parseFilter(`${'!'.repeat(5000)}tcp`)).toMatchObject({ ok: false });
  });
});
