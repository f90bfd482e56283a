// A line of `conntrack -o xml`: conntrack prints one `<flow>` a line, in a log with its type. The id of an ICMP connection
// is not in it (`<id>` is conntrack's own), and `<when>` of `-o timestamp` is local time in whole seconds: it is not used.
import {
  type ConntrackEvent,
  type Counter,
  type ParsedLine,
  canonicalAddress,
  countOf,
  portNumber,
} from './conntrack-entry.ts';
import { plainText } from './conntrack-plain.ts';
import { type Tuple, hasPorts } from './tuple.ts';

export function parseXmlLine(line: string): ParsedLine {
  if (!/^<flow[ >]/.test(line)) return 'no <flow> at its beginning';
  if (!line.includes('</flow>')) return 'a <flow> without its end';
  const [original, reply, both] = ['original', 'reply', 'independent'].map((direction) => meta(line, direction));
  if (original === undefined || reply === undefined) return 'no reply tuple';
  const layer4 = /<layer4 protonum="(\d{1,3})"/.exec(original);
  const protocol = layer4 ? Number(layer4[1]) : 256;
  if (protocol > 255) return 'no protocol';
  const before = tupleOf(protocol, original);
  if (typeof before === 'string') return before;
  const after = tupleOf(protocol, reply);
  if (typeof after === 'string') return after;
  const counters = [counterOf(original), counterOf(reply)];
  const type = /^<flow type="(new|update|destroy)"/.exec(line)?.[1];
  const zone = portNumber(value(both ?? '', 'zone')) ?? 0;
  const entry = {
    protocol,
    original: before,
    reply: after,
    isComplete: protocol !== 1 && protocol !== 58,
    state: value(both ?? '', 'state') ?? null,
    event: (type?.toUpperCase() as ConntrackEvent | undefined) ?? null,
    time: null,
    timeout: countOf(value(both ?? '', 'timeout')),
    counters: counters[0] && counters[1] ? ([counters[0], counters[1]] as const) : null,
    isReplied: !(both ?? '').includes('<unreplied/>'),
    zones: [portNumber(value(original, 'zone')) ?? zone, portNumber(value(reply, 'zone')) ?? zone],
    mark: countOf(value(both ?? '', 'mark')),
    id: value(both ?? '', 'id') ?? null,
  } as const;
  return { ...entry, text: plainText(entry) };
}

/** What stands within the `<meta>` of a direction. */
function meta(line: string, direction: string): string | undefined {
  const start = line.indexOf(`<meta direction="${direction}">`);
  const end = start < 0 ? -1 : line.indexOf('</meta>', start);
  return end < 0 ? undefined : line.slice(start, end);
}

function value(text: string, name: string): string | undefined {
  const start = text.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const end = text.indexOf('<', start + name.length + 2);
  return end < 0 ? undefined : text.slice(start + name.length + 2, end);
}

function tupleOf(protocol: number, text: string): Tuple | string {
  const [src, dst] = [canonicalAddress(value(text, 'src')), canonicalAddress(value(text, 'dst'))];
  if (src === null || dst === null) return 'an address that cannot be read';
  if (protocol === 47) {
    const [sport, dport] = [Number(value(text, 'srckey')), Number(value(text, 'dstkey'))];
    return Number.isInteger(sport) && Number.isInteger(dport)
      ? { src, dst, sport, dport }
      : 'a port or id that cannot be read';
  }
  if (!hasPorts(protocol)) return { src, dst, sport: 0, dport: 0 };
  const [sport, dport] = [portNumber(value(text, 'sport')), portNumber(value(text, 'dport'))];
  return sport === null || dport === null ? 'a port or id that cannot be read' : { src, dst, sport, dport };
}

function counterOf(text: string): Counter | null {
  const [packets, bytes] = [countOf(value(text, 'packets')), countOf(value(text, 'bytes'))];
  return packets === null || bytes === null ? null : { packets, bytes };
}
