// Points from the pod to the internet: as the paths lead, and where they leave it open as set by hand or else by role.
import type { Point, Role } from '../../shared/contract.ts';
import { ROLE_NAME } from './words.ts';

const RANK = Object.keys(ROLE_NAME) as Role[];

/** `wished`: ids in the order that was set by hand, or null. */
export function inPathOrder(
  points: readonly Point[],
  paths: readonly (readonly string[])[],
  wished: readonly string[] | null,
): Point[] {
  const rank = ({ id, role }: Point): number => (wished === null ? RANK.indexOf(role) : wished.indexOf(id));
  const waiting = [...points].sort((a, b) => rank(a) - rank(b));
  const before = new Map<string, Set<string>>(points.map(({ id }) => [id, new Set()]));
  for (const path of paths)
    path.slice(1).forEach((id, i) => {
      if (path[i] !== id) before.get(id)?.add(path[i]!);
    });
  const ordered: Point[] = [];
  while (waiting.length > 0) {
    const isFree = (point: Point): boolean => !waiting.some(({ id }) => before.get(point.id)!.has(id));
    // Paths that lead in a circle leave nobody free: then the first that waits goes.
    const next = Math.max(0, waiting.findIndex(isFree));
    ordered.push(...waiting.splice(next, 1));
  }
  return ordered;
}
