// The fields of a filter: their names, what values they have, and where those come from. Names are Wireshark's where it
// has the field; `docs/filter.md` holds the same table for people, and a test keeps the two alike.
import { GRE, ICMP, ICMPV6, SCTP, TCP, UDP } from '../decode/headers.ts';
import type { ChangeKind, Confidence, Severity } from '../report/model.ts';
import type { EndTest, JourneyFacts } from './facts.ts';

/** How much an answer takes: columns only, a journey's packets, or following them from point to point. */
export type Cost = 0 | 1 | 2;

/** The points that a field is asked at; null: all. */
export type PointSet = ReadonlySet<number> | null;

/** Whether a value of the journey passes the test. */
type Some<T> = (facts: JourneyFacts, journey: number, at: PointSet, test: (value: T) => boolean) => boolean;

type Values =
  | { readonly type: 'protocol'; readonly holds: (facts: JourneyFacts, journey: number) => boolean }
  | { readonly type: 'boolean'; readonly holds: (facts: JourneyFacts, journey: number) => boolean }
  /** `limit`: the largest value there can be. `counts`: by itself it asks for more than none. */
  | { readonly type: 'number'; readonly limit: number; readonly counts: boolean; readonly some: Some<number> }
  /** Nanoseconds; written in seconds, or with a unit. */
  | { readonly type: 'seconds'; readonly some: Some<number> }
  /** Nanoseconds after the facts' base. */
  | { readonly type: 'time'; readonly some: Some<number> }
  | {
      readonly type: 'address';
      readonly version: 4 | 6 | null;
      /** Whether a port may be asked with it: `10.0.0.1:80`. */
      readonly withPort: boolean;
      readonly some: (facts: JourneyFacts, journey: number, at: PointSet, test: EndTest) => boolean;
    }
  /** One of a few words; `ordered`: they ascend. */
  | {
      readonly type: 'choice';
      readonly choices: readonly { readonly text: string; readonly description: string }[];
      readonly ordered: boolean;
      readonly some: Some<string>;
    }
  /** The number of a point, written by any of its names. */
  | { readonly type: 'point'; readonly some: Some<number> }
  | { readonly type: 'text'; readonly some: Some<string> };

export interface Field {
  readonly name: string;
  readonly description: string;
  /** May be asked at one point: `src@node-eth0`. */
  readonly atPoint: boolean;
  readonly cost: Cost;
  readonly values: Values;
}

const HAS_PORTS: ReadonlySet<number> = new Set([TCP, UDP, SCTP]);

/** Calls `each` for the legs at these points until it says true. */
function someLeg(facts: JourneyFacts, journey: number, at: PointSet, each: (leg: number) => boolean): boolean {
  const legs = facts.legs(journey);
  for (let leg = 0; leg < legs; leg++) {
    if ((at === null || at.has(facts.point(journey, leg))) && each(leg)) return true;
  }
  return false;
}

const BOTH = [false, true] as const;
const SOURCE = [false] as const;
const DESTINATION = [true] as const;
const ENDS = { addr: BOTH, src: SOURCE, dst: DESTINATION } as const;
const PORT_ENDS = { port: BOTH, srcport: SOURCE, dstport: DESTINATION } as const;

function addresses(ends: readonly boolean[], version: 4 | 6 | null, withPort: boolean): Values {
  return {
    type: 'address',
    version,
    withPort,
    some: (facts, journey, at, test) =>
      someLeg(
        facts,
        journey,
        at,
        (leg) =>
          (version === null || facts.ipVersion(journey, leg) === version) &&
          ends.some((end) => facts.end(journey, leg, end, test)),
      ),
  };
}

function ports(ends: readonly boolean[], protocol: number | null): Values {
  return {
    type: 'number',
    limit: 65_535,
    counts: false,
    some: (facts, journey, at, test) => {
      const own = facts.protocol(journey);
      if (protocol === null ? !HAS_PORTS.has(own) : own !== protocol) return false;
      return someLeg(facts, journey, at, (leg) => ends.some((end) => test(facts.port(journey, leg, end))));
    },
  };
}

function number(
  limit: number,
  counts: boolean,
  value: (facts: JourneyFacts, journey: number) => number | null,
): Values {
  return {
    type: 'number',
    limit,
    counts,
    some: (facts, journey, _, test) => {
      const own = value(facts, journey);
      return own !== null && test(own);
    },
  };
}

function seconds(value: (facts: JourneyFacts, journey: number) => number | null): Values {
  return {
    type: 'seconds',
    some: (facts, journey, _, test) => {
      const own = value(facts, journey);
      return own !== null && test(own);
    },
  };
}

function text(values: (facts: JourneyFacts, journey: number) => readonly string[]): Values {
  return { type: 'text', some: (facts, journey, _, test) => values(facts, journey).some(test) };
}

function protocol(holds: (facts: JourneyFacts, journey: number) => boolean): Values {
  return { type: 'protocol', holds };
}

/** Whether any of its gaps is so. */
function someGap(facts: JourneyFacts, journey: number, is: (gap: number) => boolean): boolean {
  const gaps = facts.legs(journey) - 1;
  for (let gap = 0; gap < gaps; gap++) if (is(gap)) return true;
  return false;
}

function translated(which: (kind: ChangeKind) => boolean): Values {
  return {
    type: 'boolean',
    holds: (facts, journey) => someGap(facts, journey, (gap) => which(facts.kind(journey, gap))),
  };
}

const MOST = Number.MAX_SAFE_INTEGER;
const total = (of: (back: boolean) => number): number => of(false) + of(true);

const KINDS: Readonly<Record<ChangeKind, string>> = {
  none: 'nothing was translated between two of its points',
  snat: 'the source was translated',
  dnat: 'the destination was translated',
  'snat+dnat': 'both were translated by one box, or several without a capture between',
  nat64: 'IPv6 became IPv4, or the reverse',
};

/** From the weakest to the strongest. */
const CONFIDENCES: Readonly<Record<Confidence, string>> = {
  single: 'seen at one point only, and nothing could be its partner',
  ambiguous: 'several possible partners, none tied',
  probable: 'tied, with less evidence than one would like',
  strong: 'tied by the packets',
  exact: 'tied, and confirmed by a conntrack entry or the kernel',
};

/** From the least grave to the gravest. */
const SEVERITIES: Readonly<Record<Severity, string>> = {
  note: 'worth knowing',
  warning: 'may be what is wrong',
  error: 'something failed',
};

const choices = (words: Readonly<Record<string, string>>): { text: string; description: string }[] =>
  Object.entries(words).map(([word, description]) => ({ text: word, description }));

interface Draft {
  readonly name: string;
  readonly description: string;
  readonly atPoint?: boolean;
  readonly cost?: Cost;
  readonly values: Values;
}

const END_WORDS = { addr: 'source or destination', src: 'source', dst: 'destination' } as const;
const PORT_WORDS = { port: 'source or destination port', srcport: 'source port', dstport: 'destination port' } as const;

function* drafts(): Generator<Draft> {
  const is = (wanted: number) => protocol((facts, journey) => facts.protocol(journey) === wanted);
  const version = (wanted: number) =>
    protocol((facts, journey) => someLeg(facts, journey, null, (leg) => facts.ipVersion(journey, leg) === wanted));
  yield { name: 'ip', description: 'IPv4 at any point', values: version(4) };
  yield { name: 'ipv6', description: 'IPv6 at any point', values: version(6) };
  for (const [name, wanted] of Object.entries({
    tcp: TCP,
    udp: UDP,
    icmp: ICMP,
    icmpv6: ICMPV6,
    sctp: SCTP,
    gre: GRE,
  })) {
    yield {
      name,
      description: `connections of ${name === 'icmpv6' ? 'ICMPv6' : name.toUpperCase()}`,
      values: is(wanted),
    };
  }
  for (const end of ['addr', 'src', 'dst'] as const) {
    const words = END_WORDS[end];
    yield {
      name: `ip.${end}`,
      description: `IPv4 ${words}, at any point`,
      atPoint: true,
      values: addresses(ENDS[end], 4, false),
    };
    yield {
      name: `ipv6.${end}`,
      description: `IPv6 ${words}, at any point`,
      atPoint: true,
      values: addresses(ENDS[end], 6, false),
    };
    yield {
      name: end,
      description: `${words}, IPv4 or IPv6, with or without port`,
      atPoint: true,
      values: addresses(ENDS[end], null, true),
    };
  }
  for (const [name, wanted] of [
    ['ip.proto', 4],
    ['ipv6.nxt', 6],
  ] as const) {
    const values = number(255, false, (f, j) => (f.ipVersion(j, 0) === wanted ? f.protocol(j) : null));
    yield { name, description: `number of the protocol over IPv${wanted}`, values };
  }
  for (const port of ['port', 'srcport', 'dstport'] as const) {
    for (const [name, wanted] of Object.entries({ tcp: TCP, udp: UDP, sctp: SCTP })) {
      yield {
        name: `${name}.${port}`,
        description: `${name.toUpperCase()} ${PORT_WORDS[port]}`,
        atPoint: true,
        values: ports(PORT_ENDS[port], wanted),
      };
    }
    yield {
      name: port,
      description: `${PORT_WORDS[port]} of any protocol`,
      atPoint: true,
      values: ports(PORT_ENDS[port], null),
    };
  }
  const message = (part: (message: number) => number, of: number): Values =>
    number(255, false, (facts, journey) => {
      const own = facts.icmpMessage(journey);
      return own < 0 || facts.protocol(journey) !== of ? null : part(own);
    });
  for (const [name, of, id] of [
    ['icmp', ICMP, 'icmp.ident'],
    ['icmpv6', ICMPV6, 'icmpv6.echo.identifier'],
  ] as const) {
    const label = name === 'icmp' ? 'ICMP' : 'ICMPv6';
    yield {
      name: `${name}.type`,
      description: `type of an ${label} message that is no echo`,
      values: message((m) => m >> 8, of),
    };
    yield { name: `${name}.code`, description: `code of that message`, values: message((m) => m & 0xff, of) };
    yield {
      name: id,
      description: `id of an ${label} echo`,
      atPoint: true,
      values: {
        type: 'number',
        limit: 65_535,
        counts: false,
        some: (facts, journey, at, test) =>
          facts.protocol(journey) === of &&
          someLeg(facts, journey, at, (leg) => {
            const own = facts.icmpId(journey, leg);
            return own >= 0 && test(own);
          }),
      },
    };
  }
  yield {
    name: 'frame.time_relative',
    description: "time of a packet after the session's first, in seconds",
    cost: 1,
    values: {
      type: 'seconds',
      some: (facts, journey, _, test) => facts.someTime(journey, (time) => test(time - facts.start)),
    },
  };
  yield {
    name: 'frame.time',
    description: 'time of a packet, ISO 8601, UTC unless it says otherwise',
    cost: 1,
    values: { type: 'time', some: (facts, journey, _, test) => facts.someTime(journey, test) },
  };

  yield {
    name: 'nat.changed',
    description: 'an address or port was translated',
    values: translated((kind) => kind !== 'none'),
  };
  yield {
    name: 'nat.snat',
    description: 'the source was translated',
    values: translated((kind) => kind === 'snat' || kind === 'snat+dnat'),
  };
  yield {
    name: 'nat.dnat',
    description: 'the destination was translated',
    values: translated((kind) => kind === 'dnat' || kind === 'snat+dnat'),
  };
  yield {
    name: 'nat.kind',
    description: 'what was done between two neighbouring points',
    values: {
      type: 'choice',
      choices: choices(KINDS),
      ordered: false,
      some: (facts, journey, _, test) => someGap(facts, journey, (gap) => test(facts.kind(journey, gap))),
    },
  };
  yield {
    name: 'nat.port_changed',
    description: 'a port, or the id of an echo, was translated',
    values: {
      type: 'boolean',
      holds: (facts, journey) => someGap(facts, journey, (gap) => facts.portChanged(journey, gap)),
    },
  };
  yield {
    name: 'point',
    description: 'a point where it was seen: id, role, interface or file',
    values: {
      type: 'point',
      some: (facts, journey, at, test) => someLeg(facts, journey, at, (leg) => test(facts.point(journey, leg))),
    },
  };
  yield {
    name: 'not_seen_at',
    description: 'a point on its path that was capturing and did not see it',
    values: { type: 'point', some: (facts, journey, _, test) => facts.notSeenAt(journey).some(test) },
  };
  yield {
    name: 'points',
    description: 'at how many points it was seen',
    values: number(MOST, false, (facts, journey) => {
      const seen = new Set<number>();
      for (let leg = 0; leg < facts.legs(journey); leg++) seen.add(facts.point(journey, leg));
      return seen.size;
    }),
  };
  yield {
    name: 'confidence',
    description: 'how sure it is that its legs are one connection',
    values: {
      type: 'choice',
      choices: choices(CONFIDENCES),
      ordered: true,
      some: (facts, journey, _, test) => test(facts.confidence(journey)),
    },
  };
  yield {
    name: 'direction',
    description: 'whether it is known which end is the client',
    values: {
      type: 'choice',
      choices: choices({
        known: 'the packets or the topology say it',
        unknown: 'out is the direction of the first packet',
      }),
      ordered: false,
      some: (facts, journey, _, test) => test(facts.directionKnown(journey) ? 'known' : 'unknown'),
    },
  };
  for (const [name, back, words] of [
    ['lost', null, 'packets proven lost'],
    ['lost.out', false, 'packets proven lost on the way out'],
    ['lost.back', true, 'packets proven lost on the way back'],
  ] as const) {
    const lost = number(MOST, true, (f, j) => (back === null ? total((b) => f.lost(j, b)) : f.lost(j, back)));
    yield { name, description: words, cost: 2, values: lost };
  }
  yield {
    name: 'delay',
    description: 'time of a packet between two neighbouring points, clocks corrected',
    cost: 2,
    values: { type: 'seconds', some: (facts, journey, _, test) => facts.someDelay(journey, test) },
  };
  yield {
    name: 'rtt',
    description: 'from the first packet out to its answer, at the first point',
    cost: 2,
    values: seconds((f, j) => f.rtt(j)),
  };
  yield {
    name: 'duration',
    description: 'from the first to the last packet, at the first point',
    values: seconds((f, j) => f.duration(j)),
  };
  for (const [name, what] of [
    ['packets', 'packets at the first point'],
    ['bytes', 'bytes on the wire at the first point'],
  ] as const) {
    yield { name, description: what, values: number(MOST, true, (f, j) => total((back) => f[name](j, back))) };
    yield {
      name: `${name}.out`,
      description: `${what}, from the client`,
      values: number(MOST, true, (f, j) => f[name](j, false)),
    };
    yield {
      name: `${name}.back`,
      description: `${what}, from the server`,
      values: number(MOST, true, (f, j) => f[name](j, true)),
    };
  }
  yield { name: 'finding', description: 'code of a finding about it', values: text((f, j) => f.findings(j)) };
  yield {
    name: 'finding.severity',
    description: 'how grave a finding about it is',
    values: {
      type: 'choice',
      choices: choices(SEVERITIES),
      ordered: true,
      some: (facts, journey, _, test) => facts.severities(journey).some(test),
    },
  };
  yield {
    name: 'name',
    description: 'of a pod, container, process, service or host at its ends',
    cost: 1,
    values: text((f, j) => f.names(j)),
  };
  yield { name: 'id', description: "the journey's own id, as reports have it", values: text((f, j) => [f.id(j)]) };
  yield {
    name: 'text',
    description: 'all its addresses, ports, kinds and words in one line',
    values: text((f, j) => [f.text(j)]),
  };
}

export const FIELDS: readonly Field[] = [...drafts()].map(({ name, description, atPoint, cost, values }) => ({
  name,
  description,
  atPoint: atPoint ?? false,
  cost: cost ?? 0,
  values,
}));

const BY_NAME: ReadonlyMap<string, Field> = new Map(FIELDS.map((field) => [field.name, field]));

export function fieldNamed(name: string): Field | null {
  return BY_NAME.get(name) ?? null;
}

/** Names that this one may have been meant as, the nearest first. */
export function namesLike(name: string): string[] {
  const wanted = name.toLowerCase();
  const near = FIELDS.map((field) => ({ name: field.name, distance: distance(wanted, field.name) }));
  return near
    .filter((one) => one.distance <= Math.max(1, Math.floor(wanted.length / 3)) || one.name.startsWith(`${wanted}.`))
    .sort((x, y) => x.distance - y.distance || x.name.localeCompare(y.name))
    .slice(0, 3)
    .map((one) => one.name);
}

/** Letters to put in, take out or exchange to get from one word to the other. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 8) return 99;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(next[j - 1]! + 1, row[j]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length]!;
}
