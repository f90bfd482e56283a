// What the journeys are sorted by: one number each, so that a million of them sort in a moment. Addresses become their
// place among all addresses that occur. Missing values are Infinity, and stand last whichever way is sorted.
import { TCP, UDP } from '../decode/headers.ts';
import { type ReportSource, pointId, protocolName, roundTrip } from './build.ts';
import type { Confidence, Severity } from './model.ts';
import type { JourneySortKey } from './views.ts';

const CONFIDENCE_ORDER: readonly Confidence[] = ['exact', 'strong', 'probable', 'ambiguous', 'single'];
const GRAVITY: Readonly<Record<Severity, number>> = { note: 1, warning: 2, error: 3 };
/** Orders that are kept. */
const KEPT = 4;
/** Journeys between two pauses where each has to be followed from point to point. */
const FOLLOWED_AT_ONCE = 500;

export class JourneyOrder {
  private readonly source: ReportSource;
  private readonly kept = new Map<string, Float64Array>();
  private places: ReadonlyMap<string, number> | null = null;
  private loss: { readonly lost: Float64Array; readonly rtt: Float64Array; done: number } | null = null;

  constructor(source: ReportSource) {
    this.source = source;
  }

  /** Makes ready what takes long, a part at a time; the host may do other things at each pause. */
  *prepare(key: JourneySortKey): Generator<void> {
    if (key !== 'lost' && key !== 'rtt') return;
    const { journeys } = this.source.correlation;
    this.loss ??= { lost: new Float64Array(journeys.length), rtt: new Float64Array(journeys.length), done: 0 };
    while (this.loss.done < journeys.length) {
      this.follow(Math.min(journeys.length, this.loss.done + FOLLOWED_AT_ONCE));
      yield;
    }
  }

  private follow(end: number): void {
    const loss = this.loss!;
    for (; loss.done < end; loss.done++) {
      const { gaps, out, back } = this.source.followed(loss.done);
      loss.lost[loss.done] = gaps.reduce((sum, gap) => sum + gap.out.lost + gap.back.lost, 0);
      loss.rtt[loss.done] = roundTrip(out[0]!.times, back[0]!.times) ?? Number.POSITIVE_INFINITY;
    }
  }

  /** A number a journey. */
  keys(key: JourneySortKey): Float64Array {
    const name = JSON.stringify(key);
    let keys = this.kept.get(name);
    if (!keys) {
      const preparing = this.prepare(key);
      while (!preparing.next().done) continue;
      if (this.kept.size >= KEPT) this.kept.clear();
      this.kept.set(name, (keys = this.compute(key)));
    }
    return keys;
  }

  private compute(key: JourneySortKey): Float64Array {
    const { corpus, correlation, visibility, diagnosis } = this.source;
    const { journeys } = correlation;
    const l = corpus.legs;
    const each = (value: (number: number) => number): Float64Array =>
      Float64Array.from({ length: journeys.length }, (_, number) => value(number));
    const first = (number: number): number => journeys[number]!.legs[0]!;
    if (typeof key === 'object') {
      return each((number) => {
        const { legs, reversed } = journeys[number]!;
        const at = legs.findIndex((leg) => pointId(l.point[leg]!) === key.point);
        return at < 0 ? Number.POSITIVE_INFINITY : this.end(legs[at]!, reversed[at]!);
      });
    }
    switch (key) {
      case 'start':
        return each((n) => l.first[first(n)]! - visibility.offset[l.point[first(n)]!]!);
      case 'proto': {
        const names = [...new Set(l.protocol)].sort((x, y) => (protocolName(x) < protocolName(y) ? -1 : 1));
        const places = new Map(names.map((protocol, place) => [protocol, place]));
        return each((n) => places.get(l.protocol[first(n)]!)!);
      }
      case 'source':
        return each((n) => this.end(first(n), journeys[n]!.reversed[0]!));
      case 'destination':
        return each((n) => this.end(journeys[n]!.legs.at(-1)!, !journeys[n]!.reversed.at(-1)!));
      case 'packets':
        return each((n) => l.packetsOut[first(n)]! + l.packetsBack[first(n)]!);
      case 'bytes':
        return each((n) => l.bytesOut[first(n)]! + l.bytesBack[first(n)]!);
      case 'duration':
        return each((n) => l.last[first(n)]! - l.first[first(n)]!);
      case 'rtt':
        return this.loss!.rtt;
      case 'lost':
        return this.loss!.lost;
      case 'confidence':
        return each((n) => CONFIDENCE_ORDER.indexOf(journeys[n]!.confidence));
      case 'findings': {
        const gravity = new Map<string, number>(diagnosis.findings.map((f) => [f.code, GRAVITY[f.severity]]));
        const of = (codes: readonly string[]): number =>
          codes.reduce((most, code) => Math.max(most, gravity.get(code) ?? 0), 0) * 1000 + codes.length;
        return each((n) => of(diagnosis.byJourney.get(n) ?? []));
      }
    }
  }

  /** An address and port: IPv4 before IPv6, each by number. */
  private end(leg: number, destination: boolean): number {
    const { corpus } = this.source;
    const { legs } = corpus;
    const hasPort = legs.protocol[leg] === TCP || legs.protocol[leg] === UDP;
    const port = hasPort ? (destination ? legs.destinationPort[leg]! : legs.sourcePort[leg]!) : 0;
    return this.placeOf(leg, destination) * 0x1_0000 + port;
  }

  private placeOf(leg: number, destination: boolean): number {
    this.places ??= this.addressPlaces();
    return this.places.get(this.addressOf(leg, destination))!;
  }

  /** Each address that occurs, with its place among all. */
  private addressPlaces(): Map<string, number> {
    const { legs } = this.source.corpus;
    const addresses = new Set<string>();
    for (let leg = 0; leg < legs.length; leg++) {
      addresses.add(this.addressOf(leg, false));
      addresses.add(this.addressOf(leg, true));
    }
    return new Map([...addresses].sort().map((address, place) => [address, place]));
  }

  /** A string that sorts as the address does. */
  private addressOf(leg: number, destination: boolean): string {
    const { corpus } = this.source;
    let text = '';
    for (let word = 0; word < 4; word++) {
      const value = corpus.word(leg, destination, word);
      text += String.fromCharCode(value >>> 16, value & 0xffff);
    }
    return text;
  }
}
