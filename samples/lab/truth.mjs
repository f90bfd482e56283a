// Which leg at one point is which leg at the next, by the kernel's own word: each box's log of new conntrack entries.
//
// An entry says: before the box the connection was its original tuple, after it the reverse of its reply tuple. A
// scenario's `truth` lists the gaps between its points; the result is closed: it holds every pair that there is between
// the points that it names.
import { legKey } from './legs.mjs';

/**
 * Between `before` (several points: the box's inner sides) and `after` stands `box`, which has an event log. `seenAs` says how
 * `before` has what the box's entry calls the original, where another translation stands between.
 */
export const translated = (box, before, after, seenAs = (leg) => leg) => ({ box, before, after, seenAs });

/** Between two points nothing is translated. */
export const unchanged = (before, after) => mapped(({ proto, flow }) => ({ proto, flow }), [before], after);

/** A box without state: `change` says of a leg before it, { proto, flow }, what it is beyond; `undefined`: nothing. */
export const mapped = (change, before, after) => ({ change, before, after });

/** Between these points nothing is one connection. */
export const strangers = (before, after) => mapped(() => undefined, before, after);

/** The tuples of the new entries in `conntrack -E -o extended` lines, as legs before and after the box. */
export function readEvents(text) {
  return text.split('\n').flatMap((line) => {
    const [, proto] = /\[NEW\].*?\b(tcp|udp|icmp|icmpv6|sctp|gre)\s/.exec(line) ?? [];
    if (!proto) return [];
    const [original, reply] = line
      .split(/(?=\bsrc=)/)
      .slice(1)
      .map((part) => {
        const value = (name) => new RegExp(`\\b${name}=(\\S+)`).exec(part)?.[1];
        const id = value('id') ?? ''; // GRE has neither
        return { from: `${value('src')}:${value('sport') ?? id}`, to: `${value('dst')}:${value('dport') ?? id}` };
      });
    return [
      {
        before: { proto, flow: `${original.from}>${original.to}` },
        after: { proto, flow: `${reply.to}>${reply.from}` },
      },
    ];
  });
}

/**
 * `legsOf(point)` and `eventsOf(box)` give what was recorded. Only legs that both points saw make a pair; a connection
 * seen twice at one point (a hairpin) is a pair within it. ICMP errors that quote the two legs of a pair are a pair.
 * `between` names the points that were compared.
 */
export function makeTruth(gaps, legsOf, eventsOf) {
  const pairs = new Map();
  const between = new Map();
  for (const gap of gaps) {
    for (const point of gap.before) {
      between.set([point, gap.after].sort().join(), [point, gap.after]);
      for (const { before, after } of changesAt(point, gap, legsOf, eventsOf)) {
        const a = { point, key: legKey(before.proto, before.flow) };
        const b = { point: gap.after, key: legKey(after.proto, after.flow) };
        addPair(pairs, a, b, legsOf);
        addErrors(pairs, a, b, legsOf);
      }
    }
  }
  return { closed: true, between: [...between.values()], pairs: [...pairs.values()] };
}

function changesAt(point, { box, change, seenAs }, legsOf, eventsOf) {
  if (box) return eventsOf(box).map(({ before, after }) => ({ before: seenAs(before), after }));
  return [...legsOf(point).values()].flatMap((before) => {
    const after = change(before);
    return after ? [{ before, after }] : [];
  });
}

function addPair(pairs, a, b, legsOf) {
  const [legA, legB] = [a, b].map(({ point, key }) => legsOf(point).get(key));
  if (!legA || !legB || (a.point === b.point && a.key === b.key)) return;
  pairs.set(JSON.stringify([a, b]), {
    proto: legA.proto,
    a: { file: a.point, flow: legA.flow },
    b: { file: b.point, flow: legB.flow },
  });
}

/** Errors that quote `a` at its point and `b` at its own, from one sender and of one type. */
function addErrors(pairs, a, b, legsOf) {
  const quoting = ({ point, key }) => [...legsOf(point)].filter(([, leg]) => leg.quotes?.has(key));
  for (const [keyA, errorA] of quoting(a)) {
    for (const [keyB, errorB] of quoting(b)) {
      const [senderA, senderB] = [errorA, errorB].map(({ flow }) => flow.split('>')[0]);
      if (senderA === senderB) addPair(pairs, { point: a.point, key: keyA }, { point: b.point, key: keyB }, legsOf);
    }
  }
}

/**
 * Holds the truth against the packets, which know nothing of conntrack. Returns what is wrong, as sentences:
 * - `partners`: every leg has a partner, and beyond the first points one nearer to them;
 * - `sequence`: each TCP connection has the same initial sequence number on both sides of a pair.
 */
export function contradictions(truth, points, legsOf, { isFirst, partners, sequence }) {
  const nearer = new Map();
  const paired = new Set();
  for (const { proto, a, b } of truth.pairs) {
    const [inner, outer] = [a, b].map(({ file, flow }) => ({ file, key: legKey(proto, flow) }));
    const name = JSON.stringify([outer.file, outer.key]);
    nearer.set(name, [...(nearer.get(name) ?? []), inner]);
    paired.add(JSON.stringify([inner.file, inner.key])).add(name);
  }
  const wrong = [];
  for (const file of points) {
    for (const [key, leg] of legsOf(file)) {
      if (leg.quotes) continue;
      const name = JSON.stringify([file, key]);
      const inner = nearer.get(name) ?? [];
      if (partners && (isFirst(file) ? !paired.has(name) : inner.length === 0))
        wrong.push(`${file}: ${key} has no partner`);
      if (!sequence || inner.length === 0) continue;
      const innerSyns = inner.map((end) => legsOf(end.file).get(end.key)?.syns ?? []);
      if (!leg.syns.every((isn) => innerSyns.flat().includes(isn))) wrong.push(`${file}: ${key} has a SYN of its own`);
      if (leg.proto === 'tcp' && !innerSyns.every((syns) => syns.some((isn) => leg.syns.includes(isn)))) {
        wrong.push(`${file}: ${key} shares no SYN with its partner`);
      }
    }
  }
  return wrong;
}

/** One pair a line; `finding` is what was done to the network, and which findings that is and is not. */
export function truthText({ closed, between, pairs, finding }) {
  const lines = pairs.map((pair) => JSON.stringify(pair)).join(',\n');
  const done = finding ? `"finding": ${JSON.stringify(finding)}, ` : '';
  return `{ "closed": ${closed}, ${done}"between": ${JSON.stringify(between)}, "pairs": [\n${lines}\n] }\n`;
}
