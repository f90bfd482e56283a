// A line of `conntrack -o save`: an entry as the arguments that would make it again. -A is an entry (in a log: NEW), -U an
// update, -D a destroyed one.
//
//   -A -t 29 -u UNSET --orig-zone 9 -s 10.42.3.21 -d 172.20.0.10 -g 10.42.3.30 -n 10.42.1.17 -p udp --sport 46843
//   --dport 80 --reply-port-src 8080 --reply-port-dst 62986 [--state TIME_WAIT]
//
// -s and -d are the original tuple; the reply's source is -r, or -g where the destination was translated; its destination
// -q, or -n where the source was. The id of an ICMP reply is not printed.
import { type ConntrackEvent, type ParsedLine, canonicalAddress, countOf, portNumber } from './conntrack-entry.ts';
import { plainText } from './conntrack-plain.ts';
import { hasPorts, protocolNumber } from './tuple.ts';

const EVENTS: Readonly<Record<string, ConntrackEvent>> = { '-A': 'NEW', '-U': 'UPDATE', '-D': 'DESTROY' };

export function parseSaveLine(line: string): ParsedLine {
  const words = line.split(/\s+/);
  const values = new Map<string, string>();
  for (let i = 1; i + 1 < words.length && words[i]!.startsWith('-'); i += 2) values.set(words[i]!, words[i + 1]!);
  const get = (...names: readonly string[]): string | undefined =>
    names.map((n) => values.get(n)).find((v) => v !== undefined);

  const protocol = protocolNumber(values.get('-p') ?? '');
  if (protocol === null) return 'no protocol';
  const [src, dst] = [canonicalAddress(values.get('-s')), canonicalAddress(values.get('-d'))];
  const replySrc = canonicalAddress(get('-g', '-r'));
  const replyDst = canonicalAddress(get('-n', '-q'));
  if (src === null || dst === null || replySrc === null || replyDst === null) return 'an address that cannot be read';

  const isIcmp = protocol === 1 || protocol === 58;
  const names = isIcmp
    ? [`--icmp${protocol === 58 ? 'v6' : ''}-id`]
    : protocol === 47
      ? ['--srckey', '--dstkey', '--reply-key-src', '--reply-key-dst']
      : hasPorts(protocol)
        ? ['--sport', '--dport', '--reply-port-src', '--reply-port-dst']
        : [];
  const ports = names.map((name) => portNumber(values.get(name)));
  if (ports.some((port) => port === null)) return 'a port or id that cannot be read';
  const [sport = 0, dport = sport, replySport = sport, replyDport = dport] = ports as number[];

  const zone = portNumber(values.get('-w')) ?? 0;
  const seen = (values.get('-u') ?? '').split(',');
  const entry = {
    protocol,
    original: { src, dst, sport, dport },
    reply: { src: replySrc, dst: replyDst, sport: replySport, dport: replyDport },
    isComplete: !isIcmp,
    state: values.get('--state') ?? null,
    event: EVENTS[words[0]!] ?? null,
    time: null,
    timeout: countOf(values.get('-t')),
    counters: null,
    isReplied: seen.includes('SEEN_REPLY'),
    zones: [portNumber(values.get('--orig-zone')) ?? zone, portNumber(values.get('--reply-zone')) ?? zone],
    mark: markOf(values.get('-m')),
    id: null,
  } as const;
  return { ...entry, text: plainText(entry) };
}

function markOf(text: string | undefined): number | null {
  const mark = Number(text?.split('/')[0]);
  return text !== undefined && Number.isInteger(mark) ? mark : null;
}
