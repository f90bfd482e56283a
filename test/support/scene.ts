// A small text language for scenes of packets, so that a test reads like a picture of its input:
//
//   point pod: pod1-veth.pcap
//   point node: node-eth0.pcap clock=+3
//
//   0.000   pod   10.42.3.21:1000 > 198.51.100.10:80  tcp SYN seq=100 ts=5
//   +0.001  node  10.42.1.17:2000 > 198.51.100.10:80  " ttl=63
//
// `point NAME: FILE` declares a point; `clock=` is what its clock shows too much, in seconds; `snap=` its snap length;
// `if=` the Linux interface index of one of several points in one cooked (SLL2) capture; `cooked` a capture of `any` in SLL
// version 1, where a packet's `type=` says that it came in (0) or went out (4). A packet's line has the true
// time in seconds (`+` after the line above), the point, both ends and what it carries:
//
//   tcp SYN ACK FIN RST PSH  seq= ack= len= ts=VALUE[/ECHO] mss= win=
//                            payload bytes follow from the sequence numbers, or from those of bytes=
//   udp data=WORD | dns=ID/NAME | answer=ID/NAME    len=           `data` fills `len` bytes; ports are the ends'
//   icmp echo|reply id= seq= data= len=                            (ICMPv6 between IPv6 ends)
//   icmp TYPE/CODE quotes END > END PROTOCOL                       an error, with the header that it quotes
//
// and for all of them `ttl=` (64), `ipid=` (counts up by default), `frag=OFFSET[+]` (a fragment at this offset in
// units of 8 bytes, `+` with more to come). A `"` in place of what it carries is that of the line above, IP id and all,
// changed only by what follows. `TIME POINT noise` is a frame without IP: it makes a window longer and no more.
// Blank lines and lines that begin with # say nothing. An end is ADDRESS:PORT, or the address alone for ICMP; IPv6
// with a port stands in brackets.
import { type CaptureTables, Ingest, openCapture } from '../../src/core/session.ts';
import {
  MSS,
  NOP,
  type Network,
  SACK_PERMITTED,
  TIMESTAMPS,
  type Transport,
  WINDOW_SCALE,
  ascii,
  bytesOf,
  ethernet,
  icmp,
  icmpv6,
  ipv4,
  ipv6,
  raw,
  sll,
  sll2,
  tcp,
  u16,
  udp,
} from './packets.ts';
import { type Frame, writePcap } from './packets-write.ts';

/** The scene's second 0: 2023-11-14T22:13:20Z. */
const EPOCH = 1_700_000_000_000_000_000n;
const FLAGS: Readonly<Record<string, number>> = { FIN: 1, SYN: 2, RST: 4, PSH: 8, ACK: 16 };
const PROTOCOL_NUMBERS: Readonly<Record<string, number>> = { icmp: 1, tcp: 6, udp: 17 };

interface ScenePoint {
  readonly name: string;
  readonly file: string;
  /** Seconds. */
  readonly clock: number;
  readonly snapLength: number;
  readonly interfaceIndex: number | null;
  /** Linux cooked, version 1. */
  readonly isCooked: boolean;
}

/** A frame as one point captured it, in the order of the text. */
interface SceneFrame {
  readonly point: ScenePoint;
  readonly time: bigint;
  readonly bytes: Uint8Array;
}

export interface Scene {
  readonly points: readonly ScenePoint[];
  readonly frames: readonly SceneFrame[];
}

/** A file of a scene: classic pcap, nanoseconds. */
export interface SceneFile {
  readonly file: string;
  readonly bytes: Uint8Array;
}

interface Carried {
  readonly words: readonly string[];
  readonly values: ReadonlyMap<string, string>;
  readonly id: number;
}

interface End {
  readonly address: string;
  readonly port: number;
}

export function parseScene(text: string): Scene {
  const points = new Map<string, ScenePoint>();
  const frames: SceneFrame[] = [];
  let seconds = 0;
  let ipId = 100;
  let above: Carried | null = null;
  for (const [number, whole] of text.split('\n').entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) continue;
    const fail = (why: string): never => {
      throw new Error(`scene line ${number + 1}: ${why}: ${line}`);
    };
    const declared = /^point (\S+): (\S+)(.*)$/.exec(line);
    if (declared) {
      const words = declared[3]!.split(/\s+/);
      const values = valuesOf(words);
      points.set(declared[1]!, {
        name: declared[1]!,
        file: declared[2]!,
        clock: Number(values.get('clock') ?? 0),
        snapLength: Number(values.get('snap') ?? 262_144),
        interfaceIndex: values.has('if') ? Number(values.get('if')) : null,
        isCooked: words.includes('cooked'),
      });
      continue;
    }
    const packet = /^(\+?)(\d+(?:\.\d+)?)\s+(\S+)\s+(.*)$/.exec(line) ?? fail('neither a point nor a packet');
    const point = points.get(packet[3]!) ?? fail(`no point ${packet[3]!}`);
    seconds = Number(packet[2]) + (packet[1] === '+' ? seconds : 0);
    const time = EPOCH + BigInt(Math.round((seconds + point.clock) * 1e9));
    if (packet[4] === 'noise') {
      frames.push({ point, time, bytes: frameOf(point, { etherType: 0x0806, bytes: new Uint8Array(28) }, 0) });
      continue;
    }
    const [from, arrow, to, ...rest] = packet[4]!.split(/\s+/);
    if (arrow !== '>' || from === undefined || to === undefined) fail('no END > END');
    const again = rest[0] === '"';
    if (again && above === null) fail('nothing stands above');
    const own = again ? rest.slice(1) : rest;
    const carried: Carried = {
      words: again ? above!.words : own.filter((word) => !word.includes('=')),
      values: new Map([...(again ? above!.values : []), ...valuesOf(own)]),
      id: again ? above!.id : ipId++,
    };
    above = carried;
    const packetType = Number(carried.values.get('type') ?? 0);
    frames.push({ point, time, bytes: frameOf(point, networkOf(endOf(from!), endOf(to!), carried), packetType) });
  }
  return { points: [...points.values()], frames };
}

/** The scene as captures, in the order in which their points were declared. */
export function drawScene(scene: Scene): SceneFile[] {
  const files = [...new Set(scene.points.map((point) => point.file))];
  return files.map((file) => {
    const own = scene.frames.filter((frame) => frame.point.file === file);
    const point = scene.points.find((p) => p.file === file)!;
    const frames = own.map(({ time, bytes }): Frame => {
      return { time, bytes: bytes.slice(0, point.snapLength), wireLength: bytes.length };
    });
    const linkType = point.isCooked ? 113 : point.interfaceIndex === null ? 1 : 276;
    const variant = { littleEndian: true, kind: 'nanoseconds', linkType, snapLength: point.snapLength } as const;
    return { file, bytes: writePcap(variant, frames) };
  });
}

/** What reading a capture leaves behind. */
export function readTables(bytes: Uint8Array): CaptureTables {
  const ingest = new Ingest();
  const reader = openCapture(ingest);
  reader.push(bytes);
  reader.end();
  return ingest.tables(reader.format);
}

function valuesOf(words: readonly string[]): Map<string, string> {
  return new Map(
    words
      .filter((word) => word.includes('='))
      .map((word) => {
        const at = word.indexOf('=');
        return [word.slice(0, at), word.slice(at + 1)];
      }),
  );
}

function endOf(text: string): End {
  const joined = /^\[(.+)\]:(\d+)$/.exec(text) ?? /^([\d.]+):(\d+)$/.exec(text);
  return joined ? { address: joined[1]!, port: Number(joined[2]) } : { address: text, port: 0 };
}

function frameOf(point: ScenePoint, network: Network, packetType: number): Uint8Array {
  if (point.isCooked) return sll(network, packetType);
  return point.interfaceIndex === null ? ethernet(network) : sll2(network, point.interfaceIndex);
}

function networkOf(from: End, to: End, { words, values, id }: Carried): Network {
  const number = (name: string, otherwise: number): number => Number(values.get(name) ?? otherwise);
  const isV6 = from.address.includes(':');
  const ttl = number('ttl', 64);
  const fragment = /^(\d+)(\+?)$/.exec(values.get('frag') ?? '');
  const later = fragment !== null && fragment[1] !== '0';
  const transport = later
    ? raw(PROTOCOL_NUMBERS[words[0]!]!, payloadOf(values, 64))
    : transportOf(from, to, words, values, isV6);
  if (isV6) return ipv6({ source: from.address, destination: to.address, hopLimit: ttl }, transport);
  const flags = fragment ? Number(fragment[1]) | (fragment[2] === '+' ? 0x2000 : 0) : 0x4000;
  return ipv4(
    { source: from.address, destination: to.address, ttl, id: number('ipid', id), fragment: flags },
    transport,
  );
}

function transportOf(
  from: End,
  to: End,
  words: readonly string[],
  values: ReadonlyMap<string, string>,
  isV6: boolean,
): Transport {
  const number = (name: string, otherwise: number): number => Number(values.get(name) ?? otherwise);
  const ports = { sourcePort: from.port, destinationPort: to.port };
  switch (words[0]) {
    case 'tcp': {
      const flags = words.slice(1).reduce((sum, word) => sum | flagOf(word), 0);
      const sequence = number('seq', 0);
      const [value, echo = 0] = (values.get('ts') ?? '').split('/').map(Number);
      const stamp = values.has('ts') ? [...NOP, ...NOP, ...TIMESTAMPS(value!, echo)] : [];
      const opening = (flags & FLAGS.SYN!) !== 0;
      const syn = opening ? [...MSS(number('mss', 1460)), ...SACK_PERMITTED, ...NOP, ...NOP] : [];
      const scale = opening ? [...NOP, ...WINDOW_SCALE(7)] : [];
      const options = [...syn, ...scale, ...stamp];
      const data = streamBytes(number('bytes', sequence), number('len', 0));
      const window = number('win', 501);
      return tcp({ ...ports, sequence, acknowledgment: number('ack', 0), flags, options, window }, data);
    }
    case 'udp':
      return udp(ports, values.has('dns') || values.has('answer') ? dnsOf(values) : payloadOf(values, 0));
    case 'icmp': {
      const kind = words[1]!;
      const rest = u16(number('id', 0), number('seq', 0));
      if (kind === 'echo' || kind === 'reply') {
        const type = isV6 ? (kind === 'echo' ? 128 : 129) : kind === 'echo' ? 8 : 0;
        return (isV6 ? icmpv6 : icmp)(type, 0, rest, payloadOf(values, 56));
      }
      const [type, code] = kind.split('/').map(Number);
      const [, quotedFrom, , quotedTo, protocol] = words.slice(2);
      const [a, b] = [endOf(quotedFrom!), endOf(quotedTo!)];
      const header = raw(PROTOCOL_NUMBERS[protocol!]!, bytesOf(u16(a.port, b.port), [0, 0, 0, 1]));
      const ends = { source: a.address, destination: b.address };
      if (isV6) return icmpv6(type!, code!, [0, 0, 0, 0], ipv6({ ...ends, hopLimit: 1 }, header).bytes);
      return icmp(type!, code!, [0, 0, 0, 0], ipv4({ ...ends, ttl: 1 }, header).bytes);
    }
    default:
      throw new Error(`scene: no protocol ${words[0] ?? ''}`);
  }
}

function flagOf(word: string): number {
  const flag = FLAGS[word];
  if (flag === undefined) throw new Error(`scene: no TCP flag ${word}`);
  return flag;
}

/** The bytes of a stream at these sequence numbers, however it is cut into segments. */
function streamBytes(sequence: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => {
    const at = (sequence + i) >>> 0;
    return (Math.imul(at ^ (at >>> 7), 0x9e3779b1) >>> 24) & 0xff;
  });
}

function payloadOf(values: ReadonlyMap<string, string>, otherwise: number): Uint8Array {
  const word = ascii(values.get('data') ?? 'filling-');
  const length = Number(values.get('len') ?? (values.has('data') ? word.length : otherwise));
  return Uint8Array.from({ length }, (_, i) => word[i % word.length]!);
}

function dnsOf(values: ReadonlyMap<string, string>): Uint8Array {
  const answer = values.has('answer');
  const [id, name] = (values.get(answer ? 'answer' : 'dns') ?? '').split('/');
  const labels = name!.split('.').flatMap((label) => [label.length, ...ascii(label)]);
  const question = [...labels, 0, ...u16(1, 1)];
  const record = answer ? [0xc0, 12, ...u16(1, 1), 0, 0, 0, 60, ...u16(4), 192, 0, 2, 1] : [];
  return bytesOf(u16(Number(id), answer ? 0x8180 : 0x0100, 1, answer ? 1 : 0, 0, 0), question, record);
}
