// The bench's traffic: connections of many pods, each through two translations in a row (the node's, the NAT's), seen at
// three points. Everything follows from the seed; nothing depends on the number of connections but their number: their
// rate, mix and length are the same, so that the cost of a packet can be compared between sizes.
//
// Of 100 connections 68 are TCP (a TLS-like exchange; one of them began before the capture), 24 DNS, 5 UDP with random
// payload, 3 pings. One packet in 200 is lost between two points. With `probes`, as many byte-identical one-packet
// datagrams go out at one moment: nothing can tell them apart.
import { echoHeader, tcpHeader, udpHeader } from './frames.mjs';

const TCP = 6;
const UDP = 17;
const ICMP = 1;
const [FIN, SYN, PSH, ACK] = [0x01, 0x02, 0x08, 0x10];

/** Connections a second. */
const RATE = 2000;
const MS = 1e6;
const PODS = 200;
/** Translated addresses: a node's and a NAT's, each with ports of its own. */
const NODES = 16;
const PUBLIC = 32;
const SERVERS = 64;
const PORTS = 64_511;
const LOSS = 1 / 200;
/** What each point's clock shows more, and how far it stands from the client. */
export const POINTS = [
  { file: 'pod-veth.pcap', clock: 0, at: 0 },
  { file: 'node-eth0.pcap', clock: 3_200 * MS, at: 0.08 * MS },
  { file: 'nat-outside.pcap', clock: -1_700 * MS, at: 0.9 * MS },
];
const SERVER_AT = 8 * MS;

/** Unsigned 32-bit numbers (mulberry32). */
function seededNumbers(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

const address = (a, b, c, d) => ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
const addressText = (n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255].join('.');

export class Traffic {
  #next;
  #writers;
  #numberOfPort = [0, 0];
  #podPorts = new Uint16Array(PODS).fill(32_768);
  #pairs = [];

  /** `writers`: one a point, as `PcapWriter`. */
  constructor(seed, writers) {
    this.#next = seededNumbers(seed);
    this.#writers = writers;
  }

  /** `{ proto, a: {file, flow}, b: {file, flow} }`, of what the points saw; those of probes are not among them. */
  get pairs() {
    return this.#pairs;
  }

  /** Connection `number` of those that begin one after the other. */
  connection(number) {
    const start = 5_000 * MS + Math.round((number * 1e9) / RATE) + this.#below(200_000);
    const kind = number % 100;
    if (kind < 68) this.#tcp(start, kind === 0);
    else if (kind < 92) this.#dns(start);
    else if (kind < 97) this.#stream(start);
    else this.#ping(start);
    return start;
  }

  /** A datagram that is like all others of this moment. */
  probe(time) {
    const ends = this.#ends(UDP, address(192, 0, 2, 7), 9999);
    this.#send(
      time,
      ends,
      true,
      64,
      0,
      UDP,
      (ports) => udpHeader({ ...ports, length: 16 }),
      Buffer.from('probe-of-health!'),
    );
  }

  #below(bound) {
    return this.#next() % bound;
  }

  #bytes(length) {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at + 4 <= length; at += 4) bytes.writeUInt32LE(this.#next(), at);
    return bytes;
  }

  /** Both ends at each of the three points. */
  #ends(protocol, server, port) {
    const pod = this.#below(PODS);
    const podPort = this.#podPorts[pod]++;
    if (this.#podPorts[pod] === 61_000) this.#podPorts[pod] = 32_768;
    const outer = (box, addresses, of) => {
      const n = this.#numberOfPort[box]++;
      return [of(Math.floor(n / PORTS) % addresses), 1024 + ((n * 40_503) % PORTS)];
    };
    const seen = [
      [address(10, 42, 3 + (pod >> 7), 1 + (pod & 127)), podPort],
      outer(0, NODES, (i) => address(10, 42, 1, 17 + i)),
      outer(1, PUBLIC, (i) => address(203, 0, 113, 7 + i)),
    ];
    const ends = seen.map(([client, clientPort]) => ({ client, clientPort, server, port, packets: 0 }));
    return { protocol, ends };
  }

  /** One packet past the three points, as far as it gets; false where it was lost. */
  #send(time, { ends }, out, ttl, id, protocol, header, payload, length = payload.length) {
    const order = out ? [0, 1, 2] : [2, 1, 0];
    let delay = 0;
    for (const [hop, p] of order.entries()) {
      if (hop > 0 && this.#next() / 2 ** 32 < LOSS) return false;
      const { client, clientPort, server, port } = ends[p];
      const [from, to] = out ? [client, server] : [server, client];
      const [sourcePort, destinationPort] = out ? [clientPort, port] : [port, clientPort];
      delay += this.#below(20_000) + (this.#below(50) === 0 ? this.#below(2_000_000) : 0);
      const at = time + delay + (out ? POINTS[p].at : SERVER_AT - POINTS[p].at) + POINTS[p].clock;
      ends[p].packets++;
      this.#writers[p].add(at, {
        source: from,
        destination: to,
        ttl: ttl - hop,
        id,
        protocol,
        transport: header({ sourcePort, destinationPort }),
        payload,
        length,
      });
    }
    return true;
  }

  #tcp(start, isOld) {
    const flow = this.#ends(TCP, address(198, 51, 100, 1 + this.#below(SERVERS)), 443);
    const side = () => ({ sequence: this.#next(), ts: this.#next(), id: this.#below(65_536), from: 0 });
    const [client, server] = [side(), side()];
    let time = start;
    const segment = (out, flags, length) => {
      const [own, other] = out ? [client, server] : [server, client];
      const stamp = (s) => (s.ts + Math.floor((time - start) / MS)) >>> 0;
      const fields = {
        sequence: own.sequence,
        acknowledgment: (flags & ACK) === 0 ? 0 : other.sequence,
        flags,
        tsVal: stamp(own),
        tsEcr: (flags & ACK) === 0 ? 0 : stamp(other),
      };
      own.id = (own.id + 1) & 0xffff;
      own.sequence = (own.sequence + length + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)) >>> 0;
      const payload = length === 0 ? Buffer.alloc(0) : this.#bytes(96);
      const send = () =>
        this.#send(
          time,
          flow,
          out,
          out ? 64 : 58,
          own.id,
          TCP,
          (ports) => tcpHeader({ ...ports, ...fields }),
          payload,
          length,
        );
      if (!send()) {
        time += 200 * MS;
        own.id = (own.id + 1) & 0xffff;
        fields.tsVal = stamp(own);
        send();
      }
      time += 2 * SERVER_AT + this.#below(MS);
    };
    if (!isOld) {
      segment(true, SYN, 0);
      segment(false, SYN | ACK, 0);
    }
    segment(true, ACK | PSH, 517);
    segment(false, ACK | PSH, 1200 + this.#below(2400));
    segment(true, ACK, 0);
    for (let n = this.#below(3); n > 0; n--) {
      segment(true, ACK | PSH, 80 + this.#below(400));
      segment(false, ACK | PSH, 200 + this.#below(8000));
    }
    segment(true, ACK | FIN, 0);
    segment(false, ACK | FIN, 0);
    segment(true, ACK, 0);
    this.#note('tcp', flow);
  }

  #dns(start) {
    const flow = this.#ends(UDP, address(10, 100, 0, 10 + this.#below(2)), 53);
    const id = this.#below(65_536);
    const name = `service-${this.#below(40)}.example`;
    const message = (answer) => {
      const labels = name.split('.').flatMap((label) => [label.length, ...Buffer.from(label)]);
      const head = Buffer.alloc(12);
      [id, answer ? 0x8180 : 0x0100, 1, answer ? 1 : 0].forEach((word, i) => head.writeUInt16BE(word, 2 * i));
      const record = answer ? Buffer.from('c00c000100010000003c0004c0000201', 'hex') : Buffer.alloc(0);
      return Buffer.concat([head, Buffer.from([...labels, 0, 0, 1, 0, 1]), record]);
    };
    for (const answer of [false, true]) {
      const payload = message(answer);
      const header = (ports) => udpHeader({ ...ports, length: payload.length });
      this.#send(
        start + (answer ? SERVER_AT : 0),
        flow,
        !answer,
        answer ? 58 : 64,
        this.#below(65_536),
        UDP,
        header,
        payload,
      );
    }
    this.#note('udp', flow);
  }

  #stream(start) {
    const flow = this.#ends(UDP, address(198, 51, 100, 1 + this.#below(SERVERS)), 8443);
    for (let n = 0; n < 12; n++) {
      const length = 200 + this.#below(1000);
      const header = (ports) => udpHeader({ ...ports, length });
      const out = n % 3 !== 1;
      this.#send(start + n * 10 * MS, flow, out, out ? 64 : 58, 0, UDP, header, this.#bytes(96), length);
    }
    this.#note('udp', flow);
  }

  #ping(start) {
    const flow = this.#ends(ICMP, address(198, 51, 100, 1 + this.#below(SERVERS)), 0);
    const payload = this.#bytes(56);
    for (let sequence = 1; sequence <= 4; sequence++) {
      for (const type of [8, 0]) {
        const time = start + sequence * 1000 * MS + (type === 0 ? SERVER_AT : 0);
        // The echo's id is the client's port, to the translators too.
        const header = ({ sourcePort, destinationPort }) =>
          echoHeader({ type, id: sourcePort || destinationPort, sequence });
        this.#send(time, flow, type === 8, type === 8 ? 64 : 58, this.#below(65_536), ICMP, header, payload);
      }
    }
    this.#note('icmp', flow);
  }

  #note(proto, { ends }) {
    const seen = ends.map(({ client, clientPort, server, port, packets }, p) => ({
      packets,
      leg: {
        file: POINTS[p].file,
        flow: `${addressText(client)}:${clientPort}>${addressText(server)}:${proto === 'icmp' ? clientPort : port}`,
      },
    }));
    for (const [x, y] of [
      [0, 1],
      [1, 2],
      [0, 2],
    ]) {
      if (seen[x].packets > 0 && seen[y].packets > 0) this.#pairs.push({ proto, a: seen[x].leg, b: seen[y].leg });
    }
  }
}
