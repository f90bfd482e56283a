// Scenes opened as the program opens captures, and what it makes of them as short lines:
//
//   tcp strong: pod 10.42.3.21:1000 > 198.51.100.10:80 | node 10.42.1.17:2000 > 198.51.100.10:80
//
// one a journey (protocol, confidence, its legs from client to server); an unknown direction has a `?` behind the
// confidence, an incarnation after the first is told by its packets only.
import {
  type Capture,
  NO_OPTIONS,
  Session,
  type SessionOptions,
  type SideSource,
  readSideFile,
} from '../../src/core/session.ts';
import type { Journey, Leg, Report, Role } from '../../src/core/report/model.ts';
import type { ExportRequest } from '../../src/core/report/views.ts';
import { type SceneFile, drawScene, parseScene, readTables } from './scene.ts';

export interface SceneExtras {
  /** Side files: name -> text. */
  readonly beside?: Readonly<Record<string, string>>;
  readonly options?: Partial<SessionOptions>;
}

export interface OpenedScene {
  readonly session: Session;
  readonly report: Report;
  /** One a journey, in the report's order. */
  readonly journeys: readonly string[];
  /** The only journey; fails where there are several. */
  readonly only: () => Journey;
  /** The journey that has a leg with this source, such as `10.42.3.21:1000`. */
  readonly from: (source: string) => Journey;
}

export function openScene(text: string, extras: SceneExtras = {}): OpenedScene {
  const scene = parseScene(text);
  const names = new Map<string, string>();
  const opened = openFiles(drawScene(scene), extras);
  for (const point of opened.report.points) {
    const own = scene.points.filter((p) => p.file === point.file);
    const one = own.find((p) => p.interfaceIndex !== null && `if${p.interfaceIndex}` === point.interface) ?? own[0]!;
    names.set(point.id, one.isCooked && point.interface !== null ? `${one.name}#${point.interface}` : one.name);
  }
  return toldBy(opened, names);
}

/** The same for captures as they are; points are told by their ids. */
export function openCaptures(files: readonly SceneFile[], extras: SceneExtras = {}): OpenedScene {
  const opened = openFiles(files, extras);
  return toldBy(opened, new Map(opened.report.points.map(({ id }) => [id, id])));
}

function toldBy(
  opened: { readonly session: Session; readonly report: Report },
  names: ReadonlyMap<string, string>,
): OpenedScene {
  const { report } = opened;
  return {
    ...opened,
    journeys: report.journeys.map((journey) => journeyLine(journey, names)),
    only: () => {
      if (report.journeys.length !== 1) throw new Error(`${report.journeys.length} journeys, not one`);
      return report.journeys[0]!;
    },
    from: (source) => {
      const found = report.journeys.filter((j) => j.legs.some((leg) => sourceOf(leg) === source));
      if (found.length !== 1) throw new Error(`${found.length} journeys from ${source}, not one`);
      return found[0]!;
    },
  };
}

function openFiles(
  files: readonly SceneFile[],
  { beside = {}, options = {} }: SceneExtras,
): { readonly session: Session; readonly report: Report } {
  const captures = files.map(({ file, bytes }): Capture => ({ file, tables: readTables(bytes) }));
  const sides = Object.entries(beside).map(([file, content]): SideSource => {
    const side = readSideFile(file, null, content);
    if (typeof side === 'string') throw new Error(side);
    return side;
  });
  const session = new Session({
    title: 'a scene',
    version: '0.0.0',
    captures,
    sides,
    inputs: files.map(({ file }) => ({ file, ok: true, error: null })),
    options: { ...NO_OPTIONS, ...options },
  });
  return { session, report: reportOf(session) };
}

/** An export as one text; fails where its filter cannot be used. */
export function exported(session: Session, request: ExportRequest): string {
  const report = session.export(request);
  if (!report.ok) throw new Error(report.error.message);
  return [...report.pieces].join('');
}

function reportOf(session: Session): Report {
  return JSON.parse(exported(session, { format: 'json', filter: '', theme: 'light', picture: 'map' })) as Report;
}

function journeyLine(journey: Journey, names: ReadonlyMap<string, string>): string {
  const unknown = journey.direction === 'unknown' ? '?' : '';
  const legs = journey.legs.map((leg) => `${names.get(leg.point) ?? leg.point} ${legText(leg)}`);
  return `${journey.proto} ${journey.confidence}${unknown}: ${legs.join(' | ')}`;
}

function legText(leg: Leg): string {
  const to = leg.icmpId === null ? end(leg.dst, leg.dport) : leg.dst;
  return `${sourceOf(leg)} > ${to}`;
}

function sourceOf(leg: Leg): string {
  return leg.icmpId === null ? end(leg.src, leg.sport) : `${leg.src} id ${leg.icmpId}`;
}

function end(address: string, port: Leg['sport']): string {
  if (port === null) return address;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Roles by hand, where files have names that say nothing. */
export function roleOptions(roles: Readonly<Record<string, Role>>): Partial<SessionOptions> {
  return { roles: Object.entries(roles).map(([file, role]) => ({ file, interface: null, role })) };
}
