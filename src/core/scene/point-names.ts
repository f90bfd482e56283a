// What points are called wherever there is no room for files and ids: in the window, on the ladder, in drawings.
import { CLIENT_SIDE, SERVER_SIDE } from '../flows/sides.ts';
import type { Point, Role } from '../report/model.ts';

const ROLE_NAME: Readonly<Record<Role, string>> = {
  'pod-veth': 'pod veth',
  'node-eth0': 'node eth0',
  'nat-inside': 'NAT inside',
  'nat-outside': 'NAT outside',
  internet: 'internet',
  other: 'other',
};

export function roleName(role: Role): string {
  return ROLE_NAME[role];
}

type Named = Pick<Point, 'file' | 'interface' | 'role'>;

/** A point by its role; where others have the same role, or it has none of the usual, by its interface or file. */
export function pointName(point: Named, all: readonly Named[]): string {
  const alike = all.filter((other) => other.role === point.role).length > 1;
  return point.role === 'other' || alike ? ownName(point, all) : ROLE_NAME[point.role];
}

function ownName(point: Named, all: readonly Named[]): string {
  const file = baseName(point.file);
  if (point.interface === null) return file;
  const alike = all.some((other) => other !== point && other.interface === point.interface);
  const isSide = point.interface === CLIENT_SIDE || point.interface === SERVER_SIDE;
  return alike || isSide ? `${file} ${point.interface}` : point.interface;
}

/** The file's name without folder and ending. */
export function baseName(file: string): string {
  const name = file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
  return name.replace(/\.(pcapng|pcap|cap)(\.\w+)?$/, '');
}
