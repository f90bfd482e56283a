// Which leg at one point is which leg at the next, by the kernel's own word: each box's log of new conntrack entries.
//
// An entry says: before the box the connection was its original tuple, after it the reverse of its reply tuple. A
// scenario's `truth` lists the gaps between its points, `translated` or `unchanged`; the result is closed: it holds every
// pair that there is between the points that it names.
import { legKey } from './legs.mjs';

/** Between `before` (several points: the box's inner sides) and `after` stands `box`, which has an event log. */
export const translated = (box, before, after) => ({ box, before, after });

/** Between two points nothing is translated. */
export const unchanged = (before, after) => ({ before: [before], after });

/** The tuples of `conntrack -E -o extended` lines, as legs before and after the box. */
export function readEvents(text) {
  return text.split('\n').flatMap((line) => {
    const [, proto] = /\b(tcp|udp|icmp)\s/.exec(line) ?? [];
    if (!proto) return [];
    const [original, reply] = line
      .split(/(?=\bsrc=)/)
      .slice(1)
      .map((part) => {
        const value = (name) => new RegExp(`\\b${name}=(\\S+)`).exec(part)?.[1];
        const id = value('id');
        return { from: `${value('src')}:${value('sport') ?? id}`, to: `${value('dst')}:${value('dport') ?? id}` };
      });
    return [{ proto, before: `${original.from}>${original.to}`, after: `${reply.to}>${reply.from}` }];
  });
}

/**
 * `legsOf(point)` and `eventsOf(box)` give what was recorded. Only legs that both points saw make a pair; a connection
 * seen twice at one point (a hairpin) is a pair within it.
 */
export function makeTruth(gaps, legsOf, eventsOf) {
  const pairs = new Map();
  for (const { box, before, after } of gaps) {
    for (const point of before) {
      const changes = box
        ? eventsOf(box)
        : [...legsOf(point).values()].map(({ proto, flow }) => ({ proto, before: flow, after: flow }));
      for (const change of changes) {
        const a = { point, key: legKey(change.proto, change.before) };
        const b = { point: after, key: legKey(change.proto, change.after) };
        if (!legsOf(a.point).has(a.key) || !legsOf(b.point).has(b.key)) continue;
        if (a.point === b.point && a.key === b.key) continue;
        pairs.set(JSON.stringify([a, b]), {
          proto: change.proto,
          a: { file: a.point, flow: change.before },
          b: { file: b.point, flow: change.after },
        });
      }
    }
  }
  return { closed: true, pairs: [...pairs.values()] };
}

/**
 * Holds the truth against the packets, which know nothing of conntrack. Returns what is wrong, as sentences:
 * - every leg has a partner, and beyond the pods a partner nearer to them;
 * - each TCP connection has the same initial sequence number on both sides of a pair.
 */
export function contradictions(truth, points, legsOf, isPod) {
  const towardsPods = new Map();
  const paired = new Set();
  for (const { proto, a, b } of truth.pairs) {
    const [inner, outer] = [a, b].map(({ file, flow }) => ({ file, key: legKey(proto, flow) }));
    const name = JSON.stringify([outer.file, outer.key]);
    towardsPods.set(name, [...(towardsPods.get(name) ?? []), inner]);
    paired.add(JSON.stringify([inner.file, inner.key])).add(name);
  }
  const wrong = [];
  for (const file of points) {
    for (const [key, leg] of legsOf(file)) {
      const name = JSON.stringify([file, key]);
      const inner = towardsPods.get(name) ?? [];
      if (isPod(file) ? !paired.has(name) : inner.length === 0) wrong.push(`${file}: ${key} has no partner`);
      if (inner.length === 0) continue;
      const innerSyns = inner.map((end) => legsOf(end.file).get(end.key).syns);
      if (!leg.syns.every((isn) => innerSyns.flat().includes(isn))) wrong.push(`${file}: ${key} has a SYN of its own`);
      if (leg.proto === 'tcp' && !innerSyns.every((syns) => syns.some((isn) => leg.syns.includes(isn)))) {
        wrong.push(`${file}: ${key} shares no SYN with its partner`);
      }
    }
  }
  return wrong;
}

/** One pair a line. */
export function truthText({ closed, pairs }) {
  return `{ "closed": ${closed}, "pairs": [\n${pairs.map((pair) => JSON.stringify(pair)).join(',\n')}\n] }\n`;
}
