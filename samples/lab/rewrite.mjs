// Changes recorded captures, for what this kernel or one machine cannot do: boxes that draw new sequence numbers or IP ids,
// protocols without a kernel module, clocks of several machines, captures begun late. A scenario that uses it says so.
import fs from 'node:fs';
import path from 'node:path';
import { decode, flag, protocol } from './packet.mjs';
import { readCapture, writeCapture } from './pcap.mjs';

/** Replaces captures of a folder: `change(records, capture, file)` gives the new records. */
export function rewriteFiles(folder, files, change) {
  for (const file of files) {
    const capture = readCapture(path.join(folder, file));
    writeCapture(path.join(folder, file), { ...capture, records: change(capture.records, capture, file) });
  }
}

/** Changes packets one by one: `change(frame, packet, record)` may alter the frame, a copy; checksums are renewed. */
export function rewritePackets(folder, files, change) {
  rewriteFiles(folder, files, (records, { linkType }) =>
    records.map((record) => {
      const packet = decode(linkType, record.bytes);
      if (!packet) return record;
      const frame = Buffer.from(record.bytes);
      const replaced = change(frame, packet, record) ?? frame;
      const bytes = renewChecksums(linkType, replaced);
      return { ...record, bytes, length: record.length + bytes.length - record.bytes.length };
    }),
  );
}

/** One capture made of several, in the order of time: both sides in one file, and no interface to tell them apart. */
export function merge(folder, files, into) {
  const captures = files.map((file) => readCapture(path.join(folder, file)));
  const records = captures.flatMap(({ records }) => records).sort((a, b) => a.time - b.time);
  for (const file of files) fs.rmSync(path.join(folder, file));
  writeCapture(path.join(folder, into), { ...captures[0], records });
}

/** Keeps what fell between two fractions of the recording's time, the same time for all files. */
export function cut(folder, windows) {
  const times = Object.keys(windows).flatMap((file) =>
    readCapture(path.join(folder, file)).records.map(({ time }) => time),
  );
  const first = times.reduce((a, b) => Math.min(a, b));
  const last = times.reduce((a, b) => Math.max(a, b));
  for (const [file, [from, to]] of Object.entries(windows)) {
    const at = (fraction) => first + (last - first) * fraction;
    rewriteFiles(folder, [file], (records) => records.filter(({ time }) => time >= at(from) && time <= at(to)));
  }
}

/** As a clock would show it that is `offsetMs` ahead and `skewPpm` too fast. */
export function shiftClock(folder, file, { offsetMs, skewPpm }) {
  rewriteFiles(folder, [file], (records) => {
    const begin = records[0].time;
    return records.map((record) => ({
      ...record,
      time: Math.round(record.time + offsetMs * 1000 + ((record.time - begin) * skewPpm) / 1e6),
    }));
  });
}

/** Every packet gets an IP id of its own, as a box without regard for ids gives them. */
export function renumberIds(folder, file, first = 1) {
  let next = first;
  rewritePackets(folder, [file], (frame, packet) => {
    if (packet.version === 4) frame.writeUInt16BE(next++ & 0xffff, packet.ipAt + 4);
  });
}

/**
 * Draws new sequence numbers for each connection, as firewalls do: those of the client, and of the server where `both`.
 * Acknowledgments, SACK blocks too, are set right. A connection's number changes with each SYN that is not a repetition.
 */
export function randomiseSequences(folder, file, { both }) {
  const draws = new Map();
  rewritePackets(folder, [file], (frame, packet) => {
    if (packet.proto !== 'tcp') return;
    const key = [packet.from, packet.to].sort().join(' ');
    if ((packet.flags & (flag.syn | flag.ack)) === flag.syn && draws.get(key)?.isn !== packet.seq) {
      draws.set(key, { isn: packet.seq, client: packet.from, shift: [random32(), both ? random32() : 0] });
    }
    const draw = draws.get(key);
    if (!draw) return;
    const isClient = draw.client === packet.from;
    const [own, other] = isClient ? draw.shift : [...draw.shift].reverse();
    const add = (at, shift) => frame.writeUInt32BE((frame.readUInt32BE(at) + shift) >>> 0, at);
    add(packet.transportAt + 4, own);
    if (packet.flags & flag.ack) add(packet.transportAt + 8, other);
    for (const at of sackEdges(frame, packet)) add(at, other);
  });
}

const random32 = () => Math.floor(Math.random() * 2 ** 32);

function sackEdges(frame, packet) {
  const edges = [];
  for (let at = packet.transportAt + 20; at < Math.min(packet.payloadAt, frame.length) && frame[at] !== 0;) {
    if (frame[at] === 1) {
      at += 1;
      continue;
    }
    if (frame[at] === 5) for (let edge = at + 2; edge < at + frame[at + 1]; edge += 4) edges.push(edge);
    at += Math.max(2, frame[at + 1]);
  }
  return edges;
}

/** Lets the conntrack lists and logs of a folder tell of another protocol: `change(line)`. */
export function restateConntrack(folder, change) {
  for (const file of fs.readdirSync(folder, { recursive: true }).filter((name) => /\.(conntrack|events)$/.test(name))) {
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    fs.writeFileSync(path.join(folder, file), text.split('\n').map(change).join('\n'));
  }
}

/**
 * Makes each TCP connection an SCTP association (RFC 9260): SYN becomes INIT, data DATA chunks, a bare acknowledgment SACK, FIN
 * SHUTDOWN, RST ABORT. Tags are made of the initial sequence numbers, which every point saw alike.
 */
export function toSctp(folder, files) {
  for (const file of files) {
    const tags = new Map(); // of each end, the one that its peer must show
    const tagOf = (seq) => Math.imul(seq ^ 0x5bd1e995, 0x9e3779b1) >>> 0 || 1;
    rewritePackets(folder, [file], (frame, packet) => {
      if (packet.proto !== 'tcp') return undefined;
      const syn = (packet.flags & flag.syn) !== 0;
      const direction = `${packet.from}>${packet.to}`;
      if (syn) tags.set(direction, tagOf(packet.seq));
      const peerTag = tags.get(`${packet.to}>${packet.from}`) ?? 0;
      const header = Buffer.alloc(12);
      header.writeUInt16BE(packet.sport, 0);
      header.writeUInt16BE(packet.dport, 2);
      header.writeUInt32BE(syn && !(packet.flags & flag.ack) ? 0 : peerTag, 4);
      const chunks = sctpChunks(frame, packet, tags.get(direction));
      return replaceTransport(frame, packet, protocol.sctp, Buffer.concat([header, ...chunks]));
    });
  }
}

function sctpChunks(frame, packet, ownTag) {
  const chunk = (type, ...words) => {
    const bytes = Buffer.alloc(4 + words.length * 4);
    bytes[0] = type;
    bytes.writeUInt16BE(bytes.length, 2);
    words.forEach((word, i) => bytes.writeUInt32BE(word >>> 0, 4 + i * 4));
    return bytes;
  };
  const [data, init, initAck, sack, abort, shutdown] = [0, 1, 2, 3, 6, 7];
  if (packet.flags & flag.syn) {
    const streams = 0x000a000a;
    return [chunk(packet.flags & flag.ack ? initAck : init, ownTag, 65535, streams, packet.seq)];
  }
  if (packet.flags & flag.rst) return [chunk(abort)];
  const payload = frame.subarray(packet.payloadAt, packet.payloadEnd);
  const chunks = [];
  if (payload.length > 0) {
    const [streamZero, payloadProtocol] = [0, 0];
    const head = chunk(data, packet.seq, streamZero, payloadProtocol);
    head[1] = 3; // begin and end of a message
    head.writeUInt16BE(head.length + payload.length, 2);
    chunks.push(head, payload, Buffer.alloc((4 - (payload.length % 4)) % 4));
  }
  if (packet.flags & flag.fin) chunks.push(chunk(shutdown, packet.ack));
  if (chunks.length === 0) chunks.push(chunk(sack, packet.ack, 65535, 0));
  return chunks;
}

/**
 * Makes each datagram an enhanced GRE packet (RFC 2637) with the payload as it was and the call id `callOf(packet)`. Ports
 * are gone, and a NAT without a helper leaves the call id.
 */
export function toGre(folder, files, callOf) {
  for (const file of files) {
    const sent = new Map();
    rewritePackets(folder, [file], (frame, packet) => {
      if (packet.proto !== 'udp') return undefined;
      const payload = frame.subarray(packet.payloadAt, packet.payloadEnd);
      const header = Buffer.alloc(12);
      header.writeUInt16BE(0x3001, 0); // key and sequence present, version 1
      header.writeUInt16BE(0x880b, 2);
      header.writeUInt16BE(payload.length, 4);
      header.writeUInt16BE(callOf(packet), 6);
      const direction = `${packet.from}>${packet.to}`;
      const number = sent.get(direction) ?? 0;
      sent.set(direction, number + 1);
      header.writeUInt32BE(number, 8);
      return replaceTransport(frame, packet, protocol.gre, Buffer.concat([header, payload]));
    });
  }
}

function replaceTransport(frame, packet, protocolNumber, transport) {
  const replaced = Buffer.concat([frame.subarray(0, packet.transportAt), transport]);
  replaced[packet.ipAt + 9] = protocolNumber;
  replaced.writeUInt16BE(replaced.length - packet.ipAt, packet.ipAt + 2);
  return replaced;
}

/** IPv4 header and TCP checksums of a whole packet. */
function renewChecksums(linkType, frame) {
  const packet = decode(linkType, frame);
  if (packet?.version !== 4) return frame;
  frame.writeUInt16BE(0, packet.ipAt + 10);
  frame.writeUInt16BE(sum(frame.subarray(packet.ipAt, packet.transportAt)), packet.ipAt + 10);
  if (packet.proto === 'tcp' && frame.length >= packet.packetEnd) {
    const segment = frame.subarray(packet.transportAt, packet.packetEnd);
    segment.writeUInt16BE(0, 16);
    const pseudo = Buffer.alloc(12);
    frame.copy(pseudo, 0, packet.ipAt + 12, packet.ipAt + 20);
    pseudo.writeUInt16BE(protocol.tcp, 8);
    pseudo.writeUInt16BE(segment.length, 10);
    segment.writeUInt16BE(sum(Buffer.concat([pseudo, segment])), 16);
  }
  return frame;
}

/** RFC 1071. */
function sum(bytes) {
  let total = 0;
  for (let i = 0; i < bytes.length; i += 2) total += (bytes[i] << 8) | (bytes[i + 1] ?? 0);
  while (total > 0xffff) total = (total & 0xffff) + (total >>> 16);
  return ~total & 0xffff;
}
