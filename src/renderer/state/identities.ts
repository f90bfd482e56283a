// Which hue a source address has: that of the place where it is first seen along the path, for as long as the session
// is open. Addresses of unnamed places take the further hues in turn.
import type { Journey, Point, Role, SessionSummary, Tone } from '../../shared/contract.ts';

export type Hue = Exclude<Tone, 'other'> | 'other1' | 'other2' | 'other3';

const HUE_OF_ROLE: Record<Exclude<Role, 'other'>, Hue> = {
  'pod-veth': 'pod',
  'node-eth0': 'node',
  'nat-inside': 'node',
  'nat-outside': 'nat',
  internet: 'public',
};
const ROLES = [...Object.keys(HUE_OF_ROLE), 'other'] as readonly Role[];
const FURTHER: readonly Hue[] = ['other1', 'other2', 'other3'];

export class Identities {
  readonly #hues = new Map<string, Hue>();
  #further = 0;

  learnSession({ gaps, points, paths }: SessionSummary): void {
    const placeOf = (id: string): number => Math.min(...paths.map((path) => path.indexOf(id)).filter((at) => at >= 0));
    this.#learn(
      gaps.flatMap(({ from, to, sources }) =>
        sources.flatMap(({ before, after }) => [
          { address: hostOf(before), role: roleOf(from, points), place: placeOf(from), translated: false },
          {
            address: hostOf(after),
            role: roleOf(to, points),
            place: placeOf(to),
            translated: hostOf(before) !== hostOf(after),
          },
        ]),
      ),
    );
  }

  learnJourneys(journeys: readonly Journey[], points: readonly Point[]): void {
    this.#learn(
      journeys.flatMap(({ legs }) =>
        legs.map(({ src, point }, place) => {
          const before = legs[place - 1];
          return {
            address: src,
            role: roleOf(point, points),
            place,
            translated: before !== undefined && before.src !== src,
          };
        }),
      ),
    );
  }

  hueOf(address: string): Hue | null {
    return this.#hues.get(address) ?? null;
  }

  /** Of all places where an address is seen, the first on the path names it; what it was translated to, first of all. */
  #learn(seen: readonly Seen[]): void {
    const ordered = [...seen].sort(
      (a, b) =>
        Number(b.translated) - Number(a.translated) ||
        a.place - b.place ||
        ROLES.indexOf(a.role) - ROLES.indexOf(b.role),
    );
    for (const { address, role, translated } of ordered) {
      if (this.#hues.has(address)) continue;
      // A source that a pod sees only after a translation is the node's.
      if (translated && role === 'pod-veth') this.#hues.set(address, 'node');
      else if (role === 'other') this.#hues.set(address, FURTHER[this.#further++ % FURTHER.length]!);
      else this.#hues.set(address, HUE_OF_ROLE[role]);
    }
  }
}

interface Seen {
  readonly address: string;
  readonly role: Role;
  /** How far on the path. */
  readonly place: number;
  /** It is what a translation put in place of another. */
  readonly translated: boolean;
}

function roleOf(id: string | undefined, points: readonly Point[]): Role {
  return points.find((point) => point.id === id)?.role ?? 'other';
}

/** The address of `address`, `address:port` or `[v6]:port`. */
function hostOf(text: string): string {
  if (text.startsWith('[')) return text.slice(1, text.indexOf(']'));
  const colon = text.indexOf(':');
  return colon >= 0 && colon === text.lastIndexOf(':') ? text.slice(0, colon) : text;
}

/** The hue of a point: that of its role; points of no usual role take the further hues in turn. */
export function hueOfPoint(point: Point, points: readonly Point[]): Hue {
  if (point.role !== 'other') return HUE_OF_ROLE[point.role];
  const others = points.filter(({ role }) => role === 'other');
  return FURTHER[others.indexOf(point) % FURTHER.length] ?? 'other1';
}
