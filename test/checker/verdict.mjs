// Holds reports on one recording against its truth and against the independent judge (identify.mjs).
import fs from 'node:fs';
import path from 'node:path';
import { legKey } from '../../samples/lab/legs.mjs';
import { compare, readLegPackets } from './identify.mjs';

const errorFlow = /:t\d/;
const protoOf = (proto) => proto.replace('icmpv6', 'icmp');
const legName = (file, proto, flow) => `${file} | ${legKey(protoOf(proto), flow)}`;

/** The comparisons of a recording's captures, each made once. */
export class Recording {
  #captures = new Map();
  #comparisons = new Map();

  constructor(folder) {
    this.folder = folder;
    this.truth = JSON.parse(fs.readFileSync(path.join(folder, 'truth.json'), 'utf8'));
  }

  compare(fileA, fileB) {
    const name = JSON.stringify([fileA, fileB]);
    if (!this.#comparisons.has(name)) this.#comparisons.set(name, compare(this.#capture(fileA), this.#capture(fileB)));
    return this.#comparisons.get(name);
  }

  #capture(file) {
    if (!this.#captures.has(file)) this.#captures.set(file, readLegPackets(path.join(this.folder, file)));
    return this.#captures.get(file);
  }

  /** The truth's pairs with the judge's word on each; 'error' for ICMP errors, which follow what they quote. */
  judged() {
    this.pairs ??= this.truth.pairs.map(({ proto, a, b }) => ({
      a: legName(a.file, proto, a.flow),
      b: legName(b.file, proto, b.flow),
      word: errorFlow.test(a.flow)
        ? 'error'
        : this.compare(a.file, b.file).judge(legKey(protoOf(proto), a.flow), legKey(protoOf(proto), b.flow)),
    }));
    return this.pairs;
  }
}

/**
 * What a report makes of the pairs: `tied` (names of pairs), `listed` (pairs of which one leg has the other as a candidate),
 * `ambiguous` (journeys), and `unsupported`: ties of legs that have no packet in common.
 */
export function readReport(report, recording) {
  const fileOf = new Map(report.points.map(({ id, file }) => [id, file]));
  const nameOf = (journey, leg) => legName(fileOf.get(leg.point), journey.proto, flowOf(leg));
  const tied = new Set();
  const listed = new Set();
  const unsupported = [];
  for (const journey of report.journeys) {
    const names = journey.legs.map((leg) => nameOf(journey, leg));
    const isOpen = journey.confidence === 'ambiguous';
    names.forEach((a, i) => names.slice(i + 1).forEach((b) => !isOpen && tied.add(pairName(a, b))));
    for (const { legs } of journey.candidates) {
      for (const candidate of legs) names.forEach((a) => listed.add(pairName(a, nameOf(journey, candidate))));
    }
    if (!isOpen)
      unsupported.push(
        ...journey.legs.slice(1).flatMap((leg, i) => unshared(journey, journey.legs[i], leg, fileOf, recording)),
      );
  }
  const ambiguous = report.journeys.filter(({ confidence }) => confidence === 'ambiguous').length;
  return { tied, listed, unsupported, ambiguous };
}

export const pairName = (a, b) => [a, b].sort().join(' = ');

/** A tie that no packet supports. Of an ICMP error and of a protocol that the judge does not read nothing is said. */
function unshared(journey, a, b, fileOf, recording) {
  const [flowA, flowB] = [flowOf(a), flowOf(b)];
  if (errorFlow.test(flowA) || !/^(tcp|udp|icmp|icmpv6|sctp|gre)$/.test(journey.proto)) return [];
  const [legA, legB] = [flowA, flowB].map((flow) => legKey(protoOf(journey.proto), flow));
  const [fileA, fileB] = [a, b].map((leg) => fileOf.get(leg.point));
  const microseconds = (time) => Date.parse(`${time.slice(0, 19)}Z`) * 1000 + Number(time.slice(20, 26));
  if (fileA === fileB && legA === legB) return [];
  const comparison = recording.compare(fileA, fileB);
  const shared = comparison.sharing(legA, legB, microseconds(a.first), microseconds(a.last) + 1);
  if (shared > 0 || (legA === legB && comparison.continues(legA))) return [];
  return [`${journey.id}: ${fileA} ${flowA} = ${fileB} ${flowB}`];
}

function flowOf(leg) {
  const [sport, dport] = leg.icmpId === null ? [leg.sport, leg.dport] : [leg.icmpId, leg.icmpId];
  return `${leg.src}:${sport ?? ''}>${leg.dst}:${dport ?? ''}`;
}
