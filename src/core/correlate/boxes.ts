// Which boxes stand between two points, by the points' roles.
import type { Role } from '../report/model.ts';
import type { Box } from '../sources/side-files.ts';

/** The boxes on the way from a pod to the internet, and the stage of each role between them. */
const ON_THE_WAY: readonly Box[] = ['node', 'nat', 'igw'];
const STAGE: Readonly<Record<Role, number | null>> = {
  'pod-veth': 0,
  'node-eth0': 1,
  'nat-inside': 1,
  'nat-outside': 2,
  internet: 3,
  other: null,
};

/** In the order in which a packet from `from` to `to` meets them; null where a role does not tell where its point is. */
export function boxesBetween(from: Role, to: Role): readonly Box[] | null {
  const [a, b] = [STAGE[from], STAGE[to]];
  if (a === null || b === null) return null;
  // From one pod of a node to another the packet passes the node itself.
  if (a === b) return from === 'pod-veth' ? ['node'] : [];
  const boxes = ON_THE_WAY.slice(Math.min(a, b), Math.max(a, b));
  return a < b ? boxes : boxes.reverse();
}
