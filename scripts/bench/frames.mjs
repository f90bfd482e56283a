// Ethernet frames of the bench's traffic, and the classic pcap files that hold them: nanoseconds, cut to a snap length.
// IPv4 header checksums are right; those of TCP, UDP and ICMP are left at 0, as offload leaves them.
import { closeSync, openSync, writeSync } from 'node:fs';

const SNAP_LENGTH = 160;
const RECORD = 16;
const ETHERNET = 14;
const IPV4 = 20;
const SYN = 0x02;
const EPOCH_SECONDS = 1_700_000_000;

/** One record of a pcap: header and frame. `frame`: see `traffic.mjs`. */
function recordOf(time, { source, destination, ttl, id, protocol, transport, payload, length }) {
  const ipLength = IPV4 + transport.length + length;
  const wire = ETHERNET + ipLength;
  const captured = Math.min(wire, SNAP_LENGTH);
  const out = Buffer.alloc(RECORD + Math.max(captured, ETHERNET + IPV4 + transport.length));
  out.writeUInt32LE(EPOCH_SECONDS + Math.floor(time / 1e9), 0);
  out.writeUInt32LE(time % 1e9, 4);
  out.writeUInt32LE(captured, 8);
  out.writeUInt32LE(wire, 12);
  out.writeUInt16BE(0x0800, RECORD + 12);
  const ip = RECORD + ETHERNET;
  out[ip] = 0x45;
  out.writeUInt16BE(ipLength & 0xffff, ip + 2);
  out.writeUInt16BE(id, ip + 4);
  out.writeUInt16BE(0x4000, ip + 6);
  out[ip + 8] = ttl;
  out[ip + 9] = protocol;
  out.writeUInt32BE(source, ip + 12);
  out.writeUInt32BE(destination, ip + 16);
  let sum = 0;
  for (let at = ip; at < ip + IPV4; at += 2) sum += out.readUInt16BE(at);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  out.writeUInt16BE(~sum & 0xffff, ip + 10);
  transport.copy(out, ip + IPV4);
  payload.copy(out, ip + IPV4 + transport.length);
  return out.subarray(0, RECORD + captured);
}

export function tcpHeader({ sourcePort, destinationPort, sequence, acknowledgment, flags, tsVal, tsEcr }) {
  const isSyn = (flags & SYN) !== 0;
  const header = Buffer.alloc(isSyn ? 40 : 32);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt32BE(sequence >>> 0, 4);
  header.writeUInt32BE(acknowledgment >>> 0, 8);
  header[12] = header.length << 2;
  header[13] = flags;
  header.writeUInt16BE(isSyn ? 64_240 : 502, 14);
  let at = 20;
  if (isSyn) at += header.write('020405b40402', at, 'hex');
  else at += header.write('0101', at, 'hex');
  at += header.write('080a', at, 'hex');
  at = header.writeUInt32BE(tsVal >>> 0, at);
  at = header.writeUInt32BE(tsEcr >>> 0, at);
  if (isSyn) header.write('01030307', at, 'hex');
  return header;
}

export function udpHeader({ sourcePort, destinationPort, length }) {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(sourcePort, 0);
  header.writeUInt16BE(destinationPort, 2);
  header.writeUInt16BE(8 + length, 4);
  return header;
}

export function echoHeader({ type, id, sequence }) {
  const header = Buffer.alloc(8);
  header[0] = type;
  header.writeUInt16BE(id, 4);
  header.writeUInt16BE(sequence, 6);
  return header;
}

/** A capture that grows: frames may come out of order by as much as stays between two calls of `flush`. */
export class PcapWriter {
  #file;
  #waiting = [];

  constructor(file) {
    this.#file = openSync(file, 'w');
    const header = Buffer.alloc(24);
    [0xa1b23c4d, 0x00040002, 0, 0, SNAP_LENGTH, 1].forEach((word, i) => header.writeUInt32LE(word, 4 * i));
    writeSync(this.#file, header);
  }

  /** `time`: nanoseconds after the epoch of the bench. */
  add(time, frame) {
    this.#waiting.push({ time, record: recordOf(time, frame) });
  }

  /** Writes what is older than `before`. */
  flush(before = Number.POSITIVE_INFINITY) {
    this.#waiting.sort((x, y) => x.time - y.time);
    let ready = this.#waiting.findIndex(({ time }) => time >= before);
    if (ready < 0) ready = this.#waiting.length;
    if (ready === 0) return;
    writeSync(this.#file, Buffer.concat(this.#waiting.splice(0, ready).map(({ record }) => record)));
  }

  close() {
    this.flush();
    closeSync(this.#file);
  }
}
