// What the path map tells, before any pixel: which stages were captured, which box changed what between them, and which
// address holds on each stretch. Places are slots on one axis: a stage's number, 4.8 and 5.2 for the two sides of the
// NAT gateway, and fractions for points outside the usual stages.
import type { Change, ChangeKind, Journey, Leg, Point, Role } from '../report/model.ts';
import type { GapSummary } from '../report/views.ts';
import type { PathMapInput, StageState, Tone } from './path-map.ts';
import { baseName } from './point-names.ts';

export interface Endpoint {
  readonly address: string;
  /** `:51602`, ` id 7`, or empty. */
  readonly port: string;
}

export interface Station {
  readonly slot: number;
  readonly number: number | null;
  readonly name: string;
  readonly points: readonly string[];
  readonly state: StageState;
  readonly word: string;
  readonly reason: string;
}

interface Note {
  readonly full: string;
  readonly short: string | null;
}

export interface Gate {
  readonly slot: number;
  readonly stage: number | null;
  readonly state: 'seen' | 'inferred' | 'open';
  readonly title: string;
  readonly reverse: string;
  /** Each in full, and shorter for little room; null where it is left out there. */
  readonly notes: readonly Note[];
  readonly reason: string;
  readonly conntrack: string | null;
  readonly rule: string | null;
  readonly tone: Tone;
}

export interface StretchAddress {
  readonly endpoint: Endpoint;
  readonly tone: Tone;
  readonly changed: { readonly address: boolean; readonly port: boolean };
  readonly count: number | null;
}

/** A stretch between two gates: one source address, one destination. */
export interface Stretch {
  /** The station whose column bears the address. */
  readonly home: number;
  readonly tone: Tone;
  readonly sources: readonly StretchAddress[];
  /** There may be more sources than are named. */
  readonly partial: boolean;
  /** Only where the destination changes on the way. */
  readonly destinations: readonly StretchAddress[];
  readonly answered: boolean;
}

export interface Story {
  readonly points: readonly string[];
  readonly title: string;
  readonly journeys: number;
  readonly usual: boolean;
  readonly stations: readonly Station[];
  readonly gates: readonly Gate[];
  readonly stretches: readonly Stretch[];
  /** First and last slot that saw it; between them the lines are solid. */
  readonly seen: readonly [number, number] | null;
  readonly server: Endpoint | null;
  readonly serverSeen: boolean;
  /** The destination is a private address: it does not lie on the public internet. */
  readonly serverPrivate: boolean;
  readonly single: boolean;
  readonly summary: string;
}

const ROLE_SLOT: Record<Role, number | null> = {
  'pod-veth': 2,
  'node-eth0': 4,
  'nat-inside': 4.8,
  'nat-outside': 5.2,
  internet: 7,
  other: null,
};
const ROLE_TONE: Record<Role, Tone> = {
  'pod-veth': 'pod',
  'node-eth0': 'node',
  'nat-inside': 'node',
  'nat-outside': 'nat',
  internet: 'public',
  other: 'other',
};
const STAGES: readonly (readonly [number, string])[] = [
  [1, 'container'],
  [2, 'veth'],
  [3, 'node netns'],
  [4, 'ENI'],
  [5, 'NAT'],
  [6, 'edge'],
  [7, 'server'],
];
/** Stages that may translate. */
const BOXES: readonly number[] = [3, 5, 6];
const BOX_NAME: Readonly<Record<number, string>> = {
  3: "the node's network namespace",
  5: 'the NAT gateway',
  6: 'the internet gateway',
};
const KIND_NAME: Record<ChangeKind, string> = {
  none: 'none',
  snat: 'SNAT',
  dnat: 'DNAT',
  'snat+dnat': 'SNAT+DNAT',
  nat64: 'NAT64',
};
/** Connections with kept ports that it takes before a translation is called 1:1. */
const ONE_TO_ONE = 3;

export function storyOfJourney(journey: Journey, input: PathMapInput): Story {
  const path = pathOf(journey, input);
  const places = placesOf(
    journey.legs.map((leg) => leg.point),
    path,
    input.points,
  );
  const tones = tonesOfJourney(journey, input.points);
  const destinationChanges = new Set(journey.legs.map((leg) => `${leg.dst} ${String(leg.dport)}`)).size > 1;
  const gates: Gate[] = [];
  const stretches: Stretch[] = [];
  const unchanged = new Set<number>();
  const inferred = new Map<number, string>();

  journey.legs.forEach((leg, i) => {
    const before = journey.legs[i - 1];
    const tone = tones.get(leg.src) ?? 'other';
    if (before !== undefined) {
      const change = changeBetween(journey, i);
      const between = places.between(i - 1, i);
      if (!differs(before, leg)) {
        for (const box of between.boxes) unchanged.add(box);
        if (leg.packets[1] > 0 && stretches.length > 0)
          stretches[stretches.length - 1] = { ...stretches[stretches.length - 1]!, answered: true };
        return;
      }
      const gap = input.gaps.find((g) => g.from === before.point && g.to === leg.point);
      const gate = gateOf(between, change, before, leg, gap, tone);
      gates.push(gate);
      if (gate.stage !== null) inferred.set(gate.stage, gate.reason);
    }
    const previous = journey.legs[i - 1];
    stretches.push({
      home: homeOf(places.slots[i]!, gates.at(-1)),
      tone,
      sources: [
        { endpoint: source(leg), tone, changed: changedFrom(previous && source(previous), source(leg)), count: null },
      ],
      partial: false,
      destinations: destinationChanges
        ? [
            {
              endpoint: destination(leg),
              tone: 'server',
              changed: changedFrom(previous && destination(previous), destination(leg)),
              count: null,
            },
          ]
        : [],
      answered: leg.packets[1] > 0,
    });
  });

  const last = journey.legs.at(-1);
  const open = last && journey.candidates.find((c) => c.from === last.point);
  if (last && open) gates.push(openGate(places.slots.at(-1)!, slotOf(open.to, path, input.points), open.count));

  const unseen = path.filter((id) => !journey.legs.some((leg) => leg.point === id));
  const missing = new Map(unseen.map((id) => [id, journey.notSeenAt.includes(id)]));
  return {
    points: path,
    title: titleOf(path, input.points),
    journeys: 1,
    usual: places.usual,
    stations: stationsOf(places, input.points, unchanged, inferred, missing, hasNoNat(places, input.gaps, path)),
    gates,
    stretches,
    seen: places.slots.length === 0 ? null : [places.slots[0]!, places.slots.at(-1)!],
    server: last ? destination(last) : null,
    serverSeen: places.slots.includes(7),
    serverPrivate: last !== undefined && isPrivate(last.dst),
    single: true,
    summary: journeySentence(journey, gates, input.points),
  };
}

export function storyOfPath(path: readonly string[], input: PathMapInput): Story {
  const sightings = path.flatMap((id) => (input.gaps.some((g) => g.from === id && g.to === id) ? [id, id] : [id]));
  const places = placesOf(sightings, path, input.points);
  const gaps = sightings.slice(1).map((to, i) => input.gaps.find((g) => g.from === sightings[i] && g.to === to));
  const tones = tonesOf(
    gaps.flatMap((gap) =>
      (gap?.sources ?? []).flatMap((s) => [
        { point: gap!.from, address: hostOf(s.before), translated: false },
        { point: gap!.to, address: hostOf(s.after), translated: hostOf(s.before) !== hostOf(s.after) },
      ]),
    ),
    input.points,
  );
  const gates: Gate[] = [];
  const unchanged = new Set<number>();
  const inferred = new Map<number, string>();
  const stretches: Stretch[] = [];

  const stretch = (i: number, gap: GapSummary | undefined, counted: readonly (readonly [string, number])[]): void => {
    // A summary names a few sources only: where it leaves some out, its counts say less than all.
    const whole = gap !== undefined && gap.sources.reduce((total, { count }) => total + count, 0) >= gap.journeys;
    const sum = new Map<string, number>();
    for (const [address, count] of counted) sum.set(address, (sum.get(address) ?? 0) + count);
    const tone = ROLE_TONE[roleOf(sightings[i]!, input.points)];
    const before = stretches.at(-1);
    const earlier = before && new Set(before.sources.map(({ endpoint }) => endpoint.address));
    stretches.push({
      home: homeOf(places.slots[i]!, gates.at(-1)),
      tone,
      sources: [...sum]
        .sort((a, b) => b[1] - a[1])
        .map(([address, count]) => ({
          endpoint: { address, port: '' },
          tone: tones.get(address) ?? tone,
          changed: { address: earlier !== undefined && !earlier.has(address), port: false },
          count: whole ? count : null,
        })),
      partial: !whole,
      destinations: [],
      answered: true,
    });
  };

  sightings.forEach((_, i) => {
    const gap = gaps[i - 1];
    const following = gaps[i];
    if (i > 0) {
      const between = places.between(i - 1, i);
      const translated = gap === undefined ? 0 : translatedIn(gap);
      if (gap === undefined || translated === 0) {
        if (gap !== undefined && gap.journeys > 0) for (const box of between.boxes) unchanged.add(box);
        return;
      }
      const gate = sumGate(between, gap, ROLE_TONE[roleOf(sightings[i]!, input.points)]);
      gates.push(gate);
      if (gate.stage !== null) inferred.set(gate.stage, gate.reason);
      stretch(
        i,
        gap,
        gap.sources.map((s) => [hostOf(s.after), s.count]),
      );
      return;
    }
    stretch(0, following, following?.sources.map((s) => [hostOf(s.before), s.count]) ?? []);
  });

  const counts = gaps.filter((gap) => gap !== undefined).map((gap) => gap.journeys);
  const journeys = counts.length === 0 ? 0 : Math.min(...counts);
  return {
    points: path,
    title: titleOf(path, input.points),
    journeys,
    usual: places.usual,
    stations: stationsOf(places, input.points, unchanged, inferred, new Map(), hasNoNat(places, input.gaps, path)),
    gates,
    stretches,
    seen: places.slots.length === 0 ? null : [places.slots[0]!, places.slots.at(-1)!],
    server: null,
    serverSeen: places.slots.includes(7),
    serverPrivate: false,
    single: false,
    summary: pathSentence(path, gates, input.points),
  };
}

interface Between {
  readonly from: number;
  readonly to: number;
  readonly fromName: string;
  readonly toName: string;
  /** Stages strictly between that may translate. */
  readonly boxes: readonly number[];
}

interface Places {
  /** A slot a sighting. */
  readonly slots: readonly number[];
  /** Points of the path outside the usual stages, with their slots. */
  readonly extras: readonly { readonly point: string; readonly slot: number; readonly again: boolean }[];
  readonly usualPoints: ReadonlyMap<string, number>;
  readonly usual: boolean;
  between(a: number, b: number): Between;
}

/** Slots of the path's points: a role's own where the order allows, otherwise a fraction after the point before. */
function slotsOf(path: readonly string[], points: readonly Point[]): Map<string, number> {
  const slots = new Map<string, number>();
  const recognised: (number | null)[] = [];
  let last = 0;
  path.forEach((id, i) => {
    const slot = ROLE_SLOT[roleOf(id, points)];
    const fits = slot !== null && slot > last && (slot !== 7 || i === path.length - 1);
    recognised.push(fits ? slot : null);
    if (fits) last = slot;
  });
  // A capture on the internet alone does not make the rest a cluster's path.
  if (recognised.every((slot) => slot === null || slot === 7)) {
    path.forEach((id, i) => slots.set(id, 1 + i));
    return slots;
  }
  let before = 0;
  path.forEach((id, i) => {
    const own = recognised[i];
    if (own !== null && own !== undefined) {
      slots.set(id, own);
      before = own;
      return;
    }
    const after = recognised.slice(i).find((slot) => slot !== null);
    before = before === 0 ? (after ?? 2) - 0.5 : before + 0.08;
    slots.set(id, before);
  });
  return slots;
}

function slotOf(point: string, path: readonly string[], points: readonly Point[]): number {
  return slotsOf(path.includes(point) ? path : [...path, point], points).get(point)!;
}

function placesOf(sightings: readonly string[], path: readonly string[], points: readonly Point[]): Places {
  const all = slotsOf(path, points);
  const usual = path.some((id) => ROLE_SLOT[roleOf(id, points)] === all.get(id));
  const usualPoints = new Map([...all].filter(([id, slot]) => usual && ROLE_SLOT[roleOf(id, points)] === slot));
  const extras: { point: string; slot: number; again: boolean }[] = [...all]
    .filter(([id]) => !usualPoints.has(id))
    .map(([point, slot]) => ({ point, slot, again: false }));
  const slots = sightings.map((id, i) => {
    const slot = all.get(id)!;
    const twice = sightings.indexOf(id) !== sightings.lastIndexOf(id);
    if (!twice) return slot;
    const first = sightings.indexOf(id) === i;
    if (slot === 4.8 || slot === 5.2) return first ? 4.8 : 5.2;
    if (first) return slot;
    if (!extras.some((extra) => extra.again && extra.point === id))
      extras.push({ point: id, slot: slot + 0.04, again: true });
    return slot + 0.04;
  });
  return {
    slots,
    extras,
    usualPoints,
    usual,
    between: (a, b) => ({
      from: slots[a]!,
      to: slots[b]!,
      fromName: nameOf(sightings[a]!, points),
      toName: nameOf(sightings[b]!, points),
      boxes: usual ? BOXES.filter((box) => box > slots[a]! && box < slots[b]!) : [],
    }),
  };
}

/** Node to internet with ports kept by every one of several connections: the internet gateway alone, no NAT gateway. */
function hasNoNat(places: Places, gaps: readonly GapSummary[], path: readonly string[]): boolean {
  const internet = path.at(-1);
  const node = path.at(-2);
  if (internet === undefined || node === undefined) return false;
  if (places.usualPoints.get(internet) !== 7 || places.usualPoints.get(node) !== 4) return false;
  const gap = gaps.find((g) => g.from === node && g.to === internet);
  return gap !== undefined && keepsPorts(gap);
}

function keepsPorts(gap: GapSummary): boolean {
  return gap.portChanged === 0 && translatedIn(gap) >= ONE_TO_ONE;
}

function translatedIn(gap: GapSummary): number {
  return gap.kinds.reduce((sum, { kind, count }) => sum + (kind === 'none' ? 0 : count), 0);
}

interface GatePlace {
  readonly slot: number;
  readonly stage: number | null;
  readonly state: Gate['state'];
  readonly reason: string;
}

/** Where between two sightings a change happened, as far as the captures tell. */
function placeOf(between: Between, gap: GapSummary | undefined): GatePlace {
  const { from, to, fromName, toName } = between;
  const kept = gap !== undefined && keepsPorts(gap);
  const boxes = from === 4 && to === 7 && kept ? [6] : between.boxes;
  const [box] = boxes;
  if (boxes.length === 1 && box !== undefined) {
    const place = BOX_NAME[box]!;
    if (box === 5 && from === 4.8 && to === 5.2)
      return { slot: 5, stage: 5, state: 'seen', reason: `Captured on both sides of ${place}.` };
    return {
      slot: box,
      stage: box,
      state: 'inferred',
      reason: `Seen at ${fromName} and at ${toName}; what changed between them changed in ${place}.`,
    };
  }
  if (boxes.length > 1) {
    const first = boxes[0]!;
    return {
      slot: first === 3 ? 4.4 : 5.6,
      stage: null,
      state: 'open',
      reason: `Between ${fromName} and ${toName}, at stage ${boxes.join(' or ')}, perhaps in more than one: not captured between.`,
    };
  }
  if (from === to || Math.abs(to - from) < 0.05)
    return { slot: (from + to) / 2, stage: null, state: 'seen', reason: `Both sides were captured at ${fromName}.` };
  return {
    slot: (from + to) / 2,
    stage: null,
    state: 'inferred',
    reason: `Seen at ${fromName} and at ${toName}; a box between them changed it.`,
  };
}

function gateOf(
  between: Between,
  change: Change | undefined,
  before: Leg,
  after: Leg,
  gap: GapSummary | undefined,
  tone: Tone,
): Gate {
  const place = placeOf(between, gap);
  const kind = change?.kind ?? 'none';
  const oneToOne = place.stage === 6 && kind === 'snat' && gap !== undefined && keepsPorts(gap);
  const title = oneToOne ? '1:1' : kind === 'none' ? 'changed' : KIND_NAME[kind];
  const notes: Note[] = [];
  const [from, to] = [source(before), source(after)];
  const port = before.icmpId === null ? 'port' : 'id';
  if (from.port !== to.port)
    notes.push({ full: `${port} ${bare(from.port)} → ${bare(to.port)}`, short: `${port} changed` });
  else if (from.port !== '') notes.push(note(`${port} kept`));
  if (from.address === to.address && kind.includes('snat')) notes.push(note('address kept'));
  if (change?.rule != null) notes.push(note(ruleName(change.rule)));
  if (change?.conntrackSource === 'dump') notes.push({ full: 'entry in dump', short: null });
  return {
    ...place,
    tone,
    title,
    reverse: oneToOne ? '1:1' : kind === 'none' ? 'reversed' : `un-${KIND_NAME[kind]}`,
    notes,
    conntrack: change?.conntrack ?? null,
    rule: change?.rule ?? null,
  };
}

function sumGate(between: Between, gap: GapSummary, tone: Tone): Gate {
  const place = placeOf(between, gap);
  const kinds = [...gap.kinds]
    .filter(({ count }) => count > 0)
    .sort((a, b) => Number(a.kind === 'none') - Number(b.kind === 'none') || b.count - a.count);
  const oneToOne = place.stage === 6 && keepsPorts(gap);
  const named = kinds.map(
    ({ kind, count }) => `${oneToOne && kind === 'snat' ? '1:1' : KIND_NAME[kind]} ${grouped(count)}`,
  );
  const translated = translatedIn(gap);
  const notes = named.slice(1).map(note);
  if (gap.portChanged === 0) notes.push(note('ports kept'));
  else notes.push(note(gap.portChanged >= translated ? 'ports changed' : `ports changed ${grouped(gap.portChanged)}`));
  if (gap.rule !== null) notes.push(note(ruleName(gap.rule)));
  const top = kinds[0]?.kind ?? 'none';
  return {
    ...place,
    tone,
    title: named[0] ?? '',
    reverse: oneToOne ? '1:1' : `un-${KIND_NAME[top]}`,
    notes,
    conntrack: null,
    rule: gap.rule,
  };
}

function openGate(from: number, to: number, candidates: number): Gate {
  return {
    slot: BOXES.find((box) => box > from && box < to) ?? (from + to) / 2,
    stage: null,
    state: 'open',
    title: '?',
    reverse: '?',
    notes: [note(`${grouped(candidates)} candidates`)],
    reason: `Ambiguous: ${grouped(candidates)} connections beyond could be this one, and nothing decides between them.`,
    conntrack: null,
    rule: null,
    tone: 'none',
  };
}

/** The address of a stretch stands at the first station that saw it; of the NAT gateway's inner side, at the node's. */
function homeOf(slot: number, gate: Gate | undefined): number {
  if (slot === 4.8) return gate !== undefined && gate.slot > 4 ? 4.8 : 4;
  return slot === 5.2 ? 5 : slot;
}

function stationsOf(
  places: Places,
  points: readonly Point[],
  unchanged: ReadonlySet<number>,
  inferred: ReadonlyMap<number, string>,
  /** Points without a sighting, and whether they could have had one. */
  missing: ReadonlyMap<string, boolean>,
  noNat: boolean,
): Station[] {
  const extras = places.extras.map(({ point, slot, again }): Station => {
    const seen: Pick<Station, 'state' | 'word' | 'reason'> = {
      state: 'seen',
      word: 'seen',
      reason: `Captured at ${nameOf(point, points)}.`,
    };
    return {
      slot,
      number: null,
      name: `${nameOf(point, points)}${again ? ', after' : ''}`,
      points: [point],
      ...(missing.has(point) ? unseenAt(point, missing.get(point)!, points) : seen),
    };
  });
  if (!places.usual) return extras;
  const stages = STAGES.map(([number, name]): Station => {
    const here = [...places.usualPoints].filter(([, slot]) => Math.round(slot) === number).map(([id]) => id);
    const present = here.filter((id) => !missing.has(id));
    const base = { slot: number, number, name, points: here };
    if (present.length > 0) {
      const sides =
        number !== 5
          ? ''
          : here.length > 1 || (places.slots.includes(4.8) && places.slots.includes(5.2))
            ? ' both sides'
            : places.usualPoints.get(here[0]!) === 4.8
              ? ' inside'
              : ' outside';
      return {
        ...base,
        state: 'seen',
        word: `seen${sides}`,
        reason: `Captured: ${present.map((id) => nameOf(id, points)).join(', ')}.`,
      };
    }
    if (here.length > 0)
      return {
        ...base,
        ...unseenAt(
          here[0]!,
          here.some((id) => missing.get(id)),
          points,
        ),
      };
    const why = inferred.get(number);
    if (why !== undefined) return { ...base, state: 'inferred', word: 'inferred', reason: why };
    if (number === 5 && noNat)
      return {
        ...base,
        state: 'absent',
        word: 'none on this path',
        reason:
          'No NAT gateway on this path: every connection keeps its port from the node to the internet, translated once.',
      };
    if (unchanged.has(number))
      return {
        ...base,
        state: 'inferred',
        word: 'no change',
        reason: 'Source and destination are the same on both sides: nothing was translated here.',
      };
    return { ...base, state: 'not-captured', word: 'not captured', reason: 'No capture was opened from here.' };
  });
  return [...stages, ...extras].sort((a, b) => a.slot - b.slot);
}

function unseenAt(
  point: string,
  expected: boolean,
  points: readonly Point[],
): Pick<Station, 'state' | 'word' | 'reason'> {
  const name = nameOf(point, points);
  return expected
    ? { state: 'not-seen', word: 'not seen', reason: `${name} could have seen this connection and did not.` }
    : {
        state: 'not-captured',
        word: 'not seen',
        reason: `Captured at ${name}, but this connection is not there, and nothing says that it should be.`,
      };
}

function pathOf(journey: Journey, input: PathMapInput): readonly string[] {
  const legs = [...new Set(journey.legs.map((leg) => leg.point))];
  let best: readonly string[] = [];
  let most = -1;
  for (const path of input.paths) {
    const shared = legs.filter((id) => path.includes(id)).length;
    const wanted = path.filter((id) => journey.notSeenAt.includes(id)).length;
    const score = shared * 100 + wanted;
    if (shared > 0 && score > most) [best, most] = [path, score];
  }
  return legs.every((id) => best.includes(id)) ? best : legs;
}

function changeBetween(journey: Journey, i: number): Change | undefined {
  if (journey.changes.length === journey.legs.length - 1) return journey.changes[i - 1];
  const [before, after] = [journey.legs[i - 1]!, journey.legs[i]!];
  return journey.changes.find((change) => change.from === before.point && change.to === after.point);
}

function differs(a: Leg, b: Leg): boolean {
  return a.src !== b.src || a.dst !== b.dst || a.sport !== b.sport || a.dport !== b.dport || a.icmpId !== b.icmpId;
}

export function changedFrom(before: Endpoint | undefined, after: Endpoint): { address: boolean; port: boolean } {
  if (before === undefined) return { address: false, port: false };
  return { address: before.address !== after.address, port: before.port !== after.port };
}

export function source(leg: Leg): Endpoint {
  if (leg.icmpId !== null) return { address: leg.src, port: ` id ${leg.icmpId}` };
  return { address: leg.src, port: portOf(leg.sport) };
}

function destination(leg: Leg): Endpoint {
  return { address: leg.dst, port: typeof leg.dport === 'number' ? portOf(leg.dport) : '' };
}

/** A number after a colon; of an ICMP message, `t3`, its type. */
function portOf(port: Leg['sport']): string {
  if (port === null) return '';
  return typeof port === 'number' ? `:${port}` : ` type ${port.replace(/^t/, '')}`;
}

function bare(port: string): string {
  return port.replace(/^(:| id | type )/, '');
}

/** RFC 1918, RFC 4193 and link-local. */
function isPrivate(address: string): boolean {
  return /^(10\.|172\.(1[6-9]|2\d|3[01])\.|192\.168\.|169\.254\.|f[cd][0-9a-f]{2}:|fe[89ab][0-9a-f]:)/.test(address);
}

/** The address of `address`, `address:port` or `[v6]:port`. */
function hostOf(text: string): string {
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

/** `11994` as `11,994`. */
export function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ',');
}

function note(text: string): Note {
  return { full: text, short: text };
}

function ruleName(rule: string): string {
  return /^-A (\S+)/.exec(rule)?.[1] ?? rule.split(' ')[0] ?? rule;
}

/** The tones of a journey's sources. */
export function tonesOfJourney({ legs }: Journey, points: readonly Point[]): Map<string, Tone> {
  return tonesOf(
    legs.map(({ point, src }, i) => ({ point, address: src, translated: i > 0 && legs[i - 1]!.src !== src })),
    points,
  );
}

/** Each address has the tone of the place where it is first seen; what a pod sees only after a translation is the node's. */
function tonesOf(
  seen: readonly { readonly point: string; readonly address: string; readonly translated: boolean }[],
  points: readonly Point[],
): Map<string, Tone> {
  const tones = new Map<string, Tone>();
  for (const { point, address, translated } of seen) {
    const role = roleOf(point, points);
    if (!tones.has(address)) tones.set(address, translated && role === 'pod-veth' ? 'node' : ROLE_TONE[role]);
  }
  return tones;
}

function roleOf(id: string, points: readonly Point[]): Role {
  return points.find((point) => point.id === id)?.role ?? 'other';
}

function nameOf(id: string, points: readonly Point[]): string {
  return points.find((p) => p.id === id)?.name ?? id;
}

function titleOf(path: readonly string[], points: readonly Point[]): string {
  return path
    .map((id) => {
      const point = points.find((p) => p.id === id);
      return point === undefined ? id : baseName(point.file);
    })
    .join(' → ');
}

function journeySentence(journey: Journey, gates: readonly Gate[], points: readonly Point[]): string {
  const places = journey.legs.map((leg) => `${leg.src}${source(leg).port} at ${nameOf(leg.point, points)}`);
  const last = journey.legs.at(-1);
  const ending = last ? `, to ${last.dst}${destination(last).port}` : '';
  const boxes = gates.map((gate) => `${gate.title}${gate.stage === null ? '' : ` at stage ${gate.stage}`}`);
  return `Source ${places.join(', then ')}${ending}. ${boxes.length === 0 ? 'Nothing was translated.' : `${boxes.join(', ')}; replies are reversed at the same places.`}`;
}

function pathSentence(path: readonly string[], gates: readonly Gate[], points: readonly Point[]): string {
  const places = path.map((id) => nameOf(id, points)).join(', ');
  const boxes = gates.map(
    (gate) =>
      `${[gate.title, ...gate.notes.map(({ full }) => full)].join(', ')}${gate.stage === null ? '' : ` at stage ${gate.stage}`}`,
  );
  return `Captured at ${places}. ${boxes.length === 0 ? 'No translation was seen.' : `${boxes.join('; ')}.`}`;
}
