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
const FURTHER: readonly Hue[] = ['other1', 'other2', 'other3'];

export class Identities {
  readonly #hues = new Map<string, Hue>();
  #further = 0;

  learnSession(summary: SessionSummary): void {
    for (const path of summary.paths)
      path.slice(1).forEach((to, i) => {
        const gap = summary.gaps.find((g) => g.from === path[i] && g.to === to);
        for (const { before, after } of gap?.sources ?? []) {
          this.#learn(hostOf(before), roleOf(path[i], summary.points));
          this.#learn(hostOf(after), roleOf(to, summary.points));
        }
      });
  }

  learnJourneys(journeys: readonly Journey[], points: readonly Point[]): void {
    for (const journey of journeys) for (const leg of journey.legs) this.#learn(leg.src, roleOf(leg.point, points));
  }

  hueOf(address: string): Hue | null {
    return this.#hues.get(address) ?? null;
  }

  #learn(address: string, role: Role): void {
    if (this.#hues.has(address)) return;
    this.#hues.set(address, role === 'other' ? FURTHER[this.#further++ % FURTHER.length]! : HUE_OF_ROLE[role]);
  }
}

function roleOf(id: string | undefined, points: readonly Point[]): Role {
  return points.find((point) => point.id === id)?.role ?? 'other';
}

/** The address of `address`, `address:port` or `[v6]:port`. */
export function hostOf(text: string): string {
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
