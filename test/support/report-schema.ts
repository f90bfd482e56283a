// The schema of `report --format json`, to the letter of the design: every key with its type. What is not named here is an
// addition, which the schema allows.

type Check = (value: unknown, at: string) => string[];

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (at: string, wanted: string, value: unknown): string[] => [
  `${at}: ${wanted} expected, ${JSON.stringify([value]).slice(1, 80)} found`,
];

const is =
  (wanted: string, test: (value: unknown) => boolean): Check =>
  (value, at) =>
    test(value) ? [] : wrong(at, wanted, value);

const string = is('a string', (v) => typeof v === 'string');
const boolean = is('true or false', (v) => typeof v === 'boolean');
const count = is('a count', (v) => Number.isInteger(v) && (v as number) >= 0);
const integer = is('an integer', (v) => Number.isInteger(v));
const number = is('a number', (v) => typeof v === 'number');
const time = is(
  'an ISO time with nanoseconds',
  (v) => typeof v === 'string' && /^[+-]?\d{4,6}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/.test(v),
);
const matching = (pattern: RegExp): Check => is(String(pattern), (v) => typeof v === 'string' && pattern.test(v));
const oneOf = (...values: readonly string[]): Check => is(values.join('|'), (v) => values.includes(v as string));
const nullOr =
  (check: Check): Check =>
  (value, at) =>
    value === null ? [] : check(value, at);
const listOf =
  (check: Check): Check =>
  (value, at) =>
    Array.isArray(value) ? value.flatMap((v, i) => check(v, `${at}[${i}]`)) : wrong(at, 'a list', value);
const pairOf =
  (check: Check): Check =>
  (value, at) =>
    Array.isArray(value) && value.length === 2
      ? value.flatMap((v, i) => check(v, `${at}[${i}]`))
      : wrong(at, 'a pair', value);
const object =
  (keys: Readonly<Record<string, Check>>): Check =>
  (value, at) =>
    isObject(value)
      ? Object.entries(keys).flatMap(([key, check]) =>
          key in value ? check(value[key], `${at}.${key}`) : [`${at}.${key}: missing`],
        )
      : wrong(at, 'an object', value);

const pointId = matching(/^p\d+$/);
const port: Check = is(
  'a port, "t" and an ICMP type, or null',
  (v) =>
    v === null ||
    (Number.isInteger(v) && (v as number) >= 0 && (v as number) <= 65_535) ||
    (typeof v === 'string' && /^t\d+$/.test(v)),
);
/** IPv4, or IPv6 in the canonical form of RFC 5952: lower case, no leading zeros. */
const address = matching(/^(\d+(\.\d+){3}|[0-9a-f:]*:[0-9a-f:.]*)$/);
const end = matching(/^(\d+(\.\d+){3}(:(\d+|t\d+))?|\[[0-9a-f:.]+\]:\d+|[0-9a-f:.]+(:t\d+)?)$/);

const leg = object({
  point: pointId,
  src: address,
  sport: port,
  dst: address,
  dport: port,
  icmpId: nullOr(count),
  packets: pairOf(count),
  bytes: pairOf(count),
  first: time,
  last: time,
});

const change = object({
  from: pointId,
  to: pointId,
  confidence: oneOf('exact', 'strong', 'probable'),
  source: oneOf('packets', 'conntrack', 'trace', 'flow-log'),
  kind: oneOf('none', 'snat', 'dnat', 'snat+dnat', 'nat64'),
  portChanged: boolean,
  src: pairOf(end),
  dst: pairOf(end),
  conntrack: nullOr(matching(/^\S+\s+\d+ .*src=\S+ dst=\S+ .*src=\S+ dst=\S+/)),
  evidence: listOf(object({ kind: string, count })),
  passed: pairOf(count),
  lost: pairOf(count),
  born: pairOf(count),
  delayNs: object({ out: nullOr(pairOf(integer)), back: nullOr(pairOf(integer)) }),
});

const report = object({
  schema: oneOf('snatscope.report/1'),
  version: matching(/^\d+\.\d+\.\d+/),
  points: listOf(
    object({
      id: pointId,
      file: string,
      interface: nullOr(string),
      role: oneOf('pod-veth', 'node-eth0', 'nat-inside', 'nat-outside', 'internet', 'other'),
      name: string,
      roleSource: oneOf('name', 'evidence', 'user'),
      host: nullOr(string),
      linkType: string,
      packets: count,
      bytes: count,
      first: nullOr(time),
      last: nullOr(time),
      clock: nullOr(object({ offsetNs: number, skewPpm: number, uncertaintyNs: count })),
      issues: listOf(object({ code: string, count })),
    }),
  ),
  paths: listOf(listOf(pointId)),
  journeys: listOf(
    object({
      id: matching(/^j\d+$/),
      proto: matching(/^(tcp|udp|icmp|icmpv6|sctp|gre|other:\d+)$/),
      direction: oneOf('known', 'unknown'),
      confidence: oneOf('exact', 'strong', 'probable', 'ambiguous', 'single'),
      legs: listOf(leg),
      changes: listOf(change),
      candidates: listOf(object({ from: pointId, to: pointId, legs: listOf(leg), count: number })),
      findings: listOf(string),
    }),
  ),
  findings: listOf(
    object({
      code: string,
      severity: oneOf('error', 'warning', 'note'),
      certainty: oneOf('certain', 'probable'),
      title: string,
      explain: string,
      journeys: listOf(matching(/^j\d+$/)),
      at: nullOr(pointId),
      to: nullOr(pointId),
      proof: listOf(object({ journey: matching(/^j\d+$/), point: pointId, time: string, what: string })),
      next: listOf(string),
    }),
  ),
  inputs: listOf(object({ file: string, ok: boolean, error: nullOr(string) })),
});

/** Where a report is not as the schema says; none where it is. Also: that what it says holds together. */
export function schemaProblems(value: unknown): string[] {
  const problems = report(value, 'report');
  if (problems.length > 0) return problems;
  const { points, journeys, paths } = value as {
    points: { id: string }[];
    paths: string[][];
    journeys: {
      id: string;
      confidence: string;
      legs: { point: string }[];
      changes: { from: string; to: string; confidence: string }[];
      candidates: unknown[];
    }[];
  };
  const known = new Set(points.map((p) => p.id));
  for (const id of [...paths.flat(), ...journeys.flatMap((j) => j.legs.map((l) => l.point))]) {
    if (!known.has(id)) problems.push(`there is no point ${id}`);
  }
  if (new Set(journeys.map((j) => j.id)).size !== journeys.length) problems.push('two journeys have one id');
  const order = ['exact', 'strong', 'probable'];
  for (const { id, confidence, legs, changes, candidates } of journeys) {
    if (changes.length !== legs.length - 1) problems.push(`${id}: ${changes.length} changes of ${legs.length} legs`);
    changes.forEach(({ from, to }, i) => {
      if (from !== legs[i]?.point || to !== legs[i + 1]?.point) problems.push(`${id}: change ${i} is not of its legs`);
    });
    const weakest = order[Math.max(...changes.map((c) => order.indexOf(c.confidence)))];
    const wanted = legs.length > 1 ? weakest : candidates.length > 0 ? 'ambiguous' : 'single';
    if (confidence !== wanted) problems.push(`${id}: ${confidence}, not ${wanted ?? ''}`);
  }
  return problems;
}
