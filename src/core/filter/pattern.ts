// Regular expressions for `matches`, in time linear in the text: the state set of Thompson's automaton is walked once, so
// that no pattern can make the session hang, as backtracking engines can. What such an automaton cannot do (back
// references, looking around) is refused. Letter case does not matter, unless the pattern begins with (?-i).

export type Pattern =
  | { readonly ok: true; readonly test: (text: string) => boolean }
  | { readonly ok: false; readonly message: string; readonly at: number };

/** States of a pattern at most: {n,m} multiplies. */
const MAX_STATES = 5000;
const MAX_REPEATS = 1000;
/** Nesting of groups at most, since parser and compiler are recursive. */
const MAX_DEPTH = 100;

type Matcher = (code: number) => boolean;

type Node =
  | { readonly kind: 'one'; readonly matches: Matcher }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'no-boundary' | 'empty' }
  | { readonly kind: 'sequence' | 'choice'; readonly of: readonly Node[] }
  | { readonly kind: 'repeat'; readonly of: Node; readonly least: number; readonly most: number };

type Step =
  | { readonly kind: 'one'; readonly matches: Matcher; readonly next: number }
  | { readonly kind: 'split'; readonly next: number; readonly other: number }
  | { readonly kind: 'start' | 'end' | 'boundary' | 'no-boundary'; readonly next: number }
  | { readonly kind: 'match' };

class Unreadable extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** `at` of a failure is an offset in the pattern. */
export function compilePattern(source: string): Pattern {
  try {
    const flags = /^\(\?(-?)i\)/.exec(source);
    const parser = new Reader(source, flags?.[0].length ?? 0, flags?.[1] !== '-');
    const steps = new Assembler().assemble(parser.whole());
    return { ok: true, test: (text) => run(steps, text) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, message: error.message, at: error.at };
    throw error;
  }
}

const digit: Matcher = (c) => c >= 48 && c <= 57;
const wordCharacter: Matcher = (c) => digit(c) || (c >= 65 && c <= 90) || (c >= 97 && c <= 122) || c === 95;
const blank: Matcher = (c) => c === 32 || (c >= 9 && c <= 13);
const not =
  (of: Matcher): Matcher =>
  (c) =>
    !of(c);
const CLASSES: Readonly<Record<string, Matcher>> = {
  d: digit,
  D: not(digit),
  w: wordCharacter,
  W: not(wordCharacter),
  s: blank,
  S: not(blank),
};
const CONTROLS: Readonly<Record<string, number>> = { n: 10, r: 13, t: 9, f: 12, v: 11 };

class Reader {
  private readonly source: string;
  private readonly anyCase: boolean;
  private at: number;
  private depth = 0;

  constructor(source: string, at: number, anyCase: boolean) {
    this.source = source;
    this.at = at;
    this.anyCase = anyCase;
  }

  whole(): Node {
    const node = this.choice();
    if (this.at < this.source.length) this.fail('this ) closes nothing');
    return node;
  }

  private choice(): Node {
    if (++this.depth > MAX_DEPTH) this.fail('the pattern is nested too deeply');
    const of = [this.sequence()];
    while (this.take('|')) of.push(this.sequence());
    this.depth--;
    return of.length === 1 ? of[0]! : { kind: 'choice', of };
  }

  private sequence(): Node {
    const of: Node[] = [];
    while (this.at < this.source.length && !this.sees('|') && !this.sees(')')) of.push(this.repeated());
    return { kind: 'sequence', of };
  }

  private repeated(): Node {
    let node = this.one();
    for (;;) {
      const start = this.at;
      const [least, most] = this.times();
      if (least < 0) return node;
      if (most < least) this.failAt('from more to fewer times', start);
      if (least > MAX_REPEATS || (most !== Infinity && most > MAX_REPEATS)) {
        this.failAt(`more than ${MAX_REPEATS} times`, start);
      }
      // Whether few or many are preferred makes no difference to whether it matches.
      this.take('?');
      node = { kind: 'repeat', of: node, least, most };
    }
  }

  /** How often, or -1 where nothing says so. */
  private times(): [number, number] {
    if (this.take('*')) return [0, Infinity];
    if (this.take('+')) return [1, Infinity];
    if (this.take('?')) return [0, 1];
    const match = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.source.slice(this.at, this.at + 20));
    if (!match) return [-1, -1];
    this.at += match[0].length;
    const least = Number(match[1]);
    if (match[2] === undefined) return [least, least];
    return [least, match[3] === '' ? Infinity : Number(match[3])];
  }

  private one(): Node {
    const start = this.at;
    const code = this.next();
    switch (String.fromCodePoint(code)) {
      case '.':
        return { kind: 'one', matches: (c) => c !== 10 };
      case '^':
        return { kind: 'start' };
      case '$':
        return { kind: 'end' };
      case '(': {
        if (this.take('?') && !this.take(':')) this.failAt('of groups only ( ) and (?: ) are known', start);
        const node = this.choice();
        if (!this.take(')')) this.failAt('this ( is not closed', start);
        return node;
      }
      case '[':
        return { kind: 'one', matches: this.set(start) };
      case '*':
      case '+':
      case '?':
        return this.failAt('there is nothing to repeat', start);
      case '\\':
        return this.escape(start);
      default:
        return { kind: 'one', matches: this.letter(code) };
    }
  }

  private escape(start: number): Node {
    if (this.at >= this.source.length) this.failAt('a \\ ends the pattern', start);
    const letter = this.source[this.at]!;
    if (letter === 'b' || letter === 'B') {
      this.at++;
      return { kind: letter === 'b' ? 'boundary' : 'no-boundary' };
    }
    const known = Object.hasOwn(CLASSES, letter) ? CLASSES[letter]! : null;
    if (known) {
      this.at++;
      return { kind: 'one', matches: known };
    }
    return { kind: 'one', matches: this.letter(this.escaped(start)) };
  }

  /** The character behind a backslash, which was read. */
  private escaped(start: number): number {
    const code = this.next();
    const letter = String.fromCodePoint(code);
    if (Object.hasOwn(CONTROLS, letter)) return CONTROLS[letter]!;
    if (letter === 'x') {
      const hex = /^[0-9a-fA-F]{2}/.exec(this.source.slice(this.at));
      if (!hex) this.failAt('\\x wants two hexadecimal digits', start);
      this.at += 2;
      return parseInt(hex[0], 16);
    }
    if (/[A-Za-z0-9]/.test(letter)) this.failAt(`\\${letter} is not known here`, start);
    return code;
  }

  private set(start: number): Matcher {
    const negated = this.take('^');
    const matchers: Matcher[] = [];
    for (let first = true; first || !this.sees(']'); first = false) {
      if (this.at >= this.source.length) this.failAt('this [ is not closed', start);
      const from = this.member();
      if (typeof from === 'function') {
        matchers.push(from);
        continue;
      }
      const isRange = this.sees('-') && this.at + 1 < this.source.length && this.source[this.at + 1] !== ']';
      if (!isRange) {
        matchers.push(this.letter(from));
        continue;
      }
      this.at++;
      const to = this.member();
      if (typeof to === 'function' || to < from) this.failAt('a range in [ ] must ascend', start);
      matchers.push(this.range(from, to));
    }
    this.at++;
    const any: Matcher = (c) => matchers.some((matches) => matches(c));
    return negated ? not(any) : any;
  }

  private member(): number | Matcher {
    const start = this.at;
    const code = this.next();
    if (code !== 92) return code;
    if (this.at >= this.source.length) this.failAt('a \\ ends the pattern', start);
    const letter = this.source[this.at]!;
    if (!Object.hasOwn(CLASSES, letter)) return this.escaped(start);
    this.at++;
    return CLASSES[letter]!;
  }

  private letter(code: number): Matcher {
    if (!this.anyCase) return (c) => c === code;
    const [lower, upper] = casesOf(code);
    return (c) => c === code || c === lower || c === upper;
  }

  private range(from: number, to: number): Matcher {
    const within: Matcher = (c) => c >= from && c <= to;
    if (!this.anyCase) return within;
    return (c) => within(c) || casesOf(c).some(within);
  }

  private next(): number {
    const code = this.source.codePointAt(this.at)!;
    this.at += code > 0xffff ? 2 : 1;
    return code;
  }

  private sees(character: string): boolean {
    return this.source[this.at] === character;
  }

  private take(character: string): boolean {
    if (!this.sees(character)) return false;
    this.at++;
    return true;
  }

  private fail(message: string): never {
    this.failAt(message, this.at);
  }

  private failAt(message: string, at: number): never {
    throw new Unreadable(message, at);
  }
}

function casesOf(code: number): [number, number] {
  const text = String.fromCodePoint(code);
  return [text.toLowerCase().codePointAt(0)!, text.toUpperCase().codePointAt(0)!];
}

class Assembler {
  private readonly steps: Step[] = [];

  /** Built from the end, so that every step knows the next; the first is the last one made. */
  assemble(node: Node): { readonly steps: readonly Step[]; readonly first: number } {
    const first = this.add(node, this.step({ kind: 'match' }));
    return { steps: this.steps, first };
  }

  private step(step: Step): number {
    if (this.steps.length >= MAX_STATES) throw new Unreadable('the pattern is too large', 0);
    return this.steps.push(step) - 1;
  }

  private add(node: Node, next: number): number {
    switch (node.kind) {
      case 'one':
        return this.step({ kind: 'one', matches: node.matches, next });
      case 'empty':
        return next;
      case 'sequence':
        return node.of.reduceRight((behind, part) => this.add(part, behind), next);
      case 'choice':
        return node.of
          .map((part) => this.add(part, next))
          .reduceRight((other, own) => this.step({ kind: 'split', next: own, other }));
      case 'repeat':
        return this.repeat(node.of, node.least, node.most, next);
      default:
        return this.step({ kind: node.kind, next });
    }
  }

  private repeat(of: Node, least: number, most: number, next: number): number {
    let behind = next;
    if (most === Infinity) {
      const loop = this.step({ kind: 'split', next, other: next });
      this.steps[loop] = { kind: 'split', next: this.add(of, loop), other: next };
      behind = loop;
    } else {
      for (let i = least; i < most; i++) behind = this.step({ kind: 'split', next: this.add(of, behind), other: next });
    }
    for (let i = 0; i < least; i++) behind = this.add(of, behind);
    return behind;
  }
}

/** Whether the pattern matches anywhere in the text. */
function run({ steps, first }: { readonly steps: readonly Step[]; readonly first: number }, text: string): boolean {
  const codes = Array.from(text, (character) => character.codePointAt(0)!);
  let states: number[] = [];
  const mark = new Int32Array(steps.length).fill(-1);
  for (let at = 0; at <= codes.length; at++) {
    const pending = [...states, first];
    const ready: number[] = [];
    while (pending.length > 0) {
      const number = pending.pop()!;
      if (mark[number] === at) continue;
      mark[number] = at;
      const step = steps[number]!;
      if (step.kind === 'match') return true;
      if (step.kind === 'one') ready.push(number);
      else if (step.kind === 'split') pending.push(step.next, step.other);
      else if (holdsAt(step.kind, codes, at)) pending.push(step.next);
    }
    if (at === codes.length) return false;
    states = [];
    for (const number of ready) {
      const step = steps[number]!;
      if (step.kind === 'one' && step.matches(codes[at]!)) states.push(step.next);
    }
  }
  return false;
}

function holdsAt(kind: 'start' | 'end' | 'boundary' | 'no-boundary', codes: readonly number[], at: number): boolean {
  if (kind === 'start') return at === 0;
  if (kind === 'end') return at === codes.length;
  const before = at > 0 && wordCharacter(codes[at - 1]!);
  const behind = at < codes.length && wordCharacter(codes[at]!);
  return (before !== behind) === (kind === 'boundary');
}
