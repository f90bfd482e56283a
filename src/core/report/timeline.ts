// Packets and bytes per point over time, binned; clocks corrected.
import { HAS_TIME } from '../flows/tables.ts';
import { type ReportSource, pointId } from './build.ts';
import type { Timeline, TimelineQuery } from './views.ts';

const MAX_BINS = 2000;

export function timelineOf(source: ReportSource, query: TimelineQuery): Timeline {
  const { corpus, visibility } = source;
  const bins = Math.min(Math.max(1, Math.floor(query.bins)), MAX_BINS);
  const number = query.journey === null ? null : source.numberOf(query.journey);
  const times: Float64Array[] = [];
  const lengths: Uint32Array[] = [];
  if (number !== null) {
    const followed = source.followed(number);
    for (let p = 0; p < corpus.points.length; p++) {
      const own: [number, number][] = [];
      for (const stream of [...followed.out, ...followed.back]) {
        if (corpus.legs.point[stream.leg] !== p) continue;
        const packets = corpus.packetsOf(stream.leg);
        for (const [i, row] of stream.rows.entries()) own.push([stream.times[i]!, packets.wireLength[row]!]);
      }
      const timed = own.filter(([t]) => !Number.isNaN(t));
      times.push(Float64Array.from(timed, ([t]) => t));
      lengths.push(Uint32Array.from(timed, ([, length]) => length));
    }
  } else {
    for (const [p, point] of corpus.points.entries()) {
      const { packets } = corpus.captures[point.capture]!.tables;
      const shift = corpus.timeShift(point.capture) - visibility.offset[p]!;
      const rows: number[] = [];
      for (let row = 0; row < packets.length; row++) {
        if (packets.point[row] === point.local && (packets.flags[row]! & HAS_TIME) !== 0) rows.push(row);
      }
      times.push(Float64Array.from(rows, (row) => packets.time[row]! + shift));
      lengths.push(Uint32Array.from(rows, (row) => packets.wireLength[row]!));
    }
  }
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  for (const own of times) {
    for (const time of own) {
      if (time < from) from = time;
      if (time > to) to = time;
    }
  }
  const isEmpty = from > to;
  const binNs = isEmpty ? 0 : Math.max(1, (to - from) / bins);
  return {
    from: isEmpty ? null : source.time(from + visibility.offset[0]!),
    binNs,
    series: times.map((own, p) => {
      const packets = new Array<number>(bins).fill(0);
      const bytes = new Array<number>(bins).fill(0);
      for (const [i, time] of own.entries()) {
        const bin = Math.min(bins - 1, Math.floor((time - from) / binNs));
        packets[bin]!++;
        bytes[bin]! += lengths[p]![i]!;
      }
      return { point: pointId(p), packets, bytes };
    }),
  };
}
