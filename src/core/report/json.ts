// The report as JSON, in pieces: never one string, so that a million journeys need no more memory than one.
import type { Filtered, Finding, Input, Journey, Point, SideFile } from './model.ts';
import { REPORT_SCHEMA } from './model.ts';

export interface ReportParts {
  readonly version: string;
  readonly points: readonly Point[];
  readonly paths: readonly (readonly string[])[];
  readonly journeys: Iterable<Journey>;
  readonly findings: readonly Finding[];
  readonly inputs: readonly Input[];
  readonly sideFiles: readonly SideFile[];
  readonly filter: Filtered | null;
}

/** One JSON object, schema first; journeys one a line. */
export function* writeJson(report: ReportParts): Generator<string> {
  yield `{\n"schema": ${JSON.stringify(REPORT_SCHEMA)},\n"version": ${JSON.stringify(report.version)},\n`;
  if (report.filter) yield `"filter": ${JSON.stringify(report.filter)},\n`;
  yield* list('points', report.points);
  yield `"paths": ${JSON.stringify(report.paths)},\n`;
  yield* list('journeys', report.journeys);
  yield* list('findings', report.findings);
  yield* list('inputs', report.inputs);
  yield `"sideFiles": ${JSON.stringify(report.sideFiles)}\n}\n`;
}

function* list(name: string, values: Iterable<unknown>): Generator<string> {
  yield `"${name}": [`;
  let separator = '\n';
  for (const value of values) {
    yield separator + JSON.stringify(value);
    separator = ',\n';
  }
  yield separator === '\n' ? '],\n' : '\n],\n';
}
