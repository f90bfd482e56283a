// Which packets make one leg: a tuple at a point, and each use of it.
import { describe, expect, it } from 'vitest';
import { Corpus } from '../../../src/core/correlate/corpus.ts';
import { tupleOfLeg } from '../../../src/core/correlate/dumps.ts';
import { drawScene, parseScene, readTables } from '../../support/scene.ts';

/** Legs of a scene's only file as `source > destination out/back`, in the order in which they began. */
function legsOf(text: string): string[] {
  const [file] = drawScene(parseScene(`point here: here.pcap\n${text}`));
  const corpus = new Corpus([{ file: file!.file, tables: readTables(file!.bytes) }]);
  return Array.from({ length: corpus.legs.length }, (_, leg) => {
    const { src, sport, dst, dport } = tupleOfLeg(corpus, leg);
    return `${src}:${sport} > ${dst}:${dport} ${corpus.legs.packetsOut[leg]!}/${corpus.legs.packetsBack[leg]!}`;
  });
}

const A = '10.0.0.1:1000 > 192.0.2.1:80';
const B = '192.0.2.1:80 > 10.0.0.1:1000';

describe('one tuple, one leg', () => {
  it('both directions belong together, named after the first packet', () => {
    expect(
      legsOf(`
        0    here ${A} tcp SYN seq=100
        0.01 here ${B} tcp SYN ACK seq=500 ack=101
        0.02 here ${A} tcp ACK seq=101 ack=501`),
    ).toEqual([`${A} 2/1`]);
  });

  it('a capture that begins with the SYN-ACK names the leg after it, and still knows the later packets', () => {
    expect(
      legsOf(`
        0    here ${B} tcp SYN ACK seq=500 ack=101
        0.01 here ${A} tcp SYN seq=100
        0.02 here ${A} tcp ACK seq=101 ack=501`),
    ).toEqual([`${B} 1/2`]);
  });

  it('ports, protocol, addresses and IP version all tell legs apart', () => {
    expect(
      legsOf(`
        0 here 10.0.0.1:1000 > 192.0.2.1:80 udp data=x
        0 here 10.0.0.1:1001 > 192.0.2.1:80 udp data=x
        0 here 10.0.0.1:1000 > 192.0.2.1:81 udp data=x
        0 here 10.0.0.2:1000 > 192.0.2.1:80 udp data=x
        0 here 10.0.0.1:1000 > 192.0.2.2:80 udp data=x
        0 here 10.0.0.1:1000 > 192.0.2.1:80 tcp ACK seq=1 ack=1
        0 here [2001:db8::1]:1000 > [2001:db8::2]:80 udp data=x`),
    ).toHaveLength(7);
  });

  it('equal addresses and equal ports (NTP) are one leg with no confusion of directions', () => {
    expect(
      legsOf(`
        0    here 10.0.0.1:123 > 192.0.2.1:123 udp data=ask
        0.01 here 192.0.2.1:123 > 10.0.0.1:123 udp data=tell`),
    ).toEqual(['10.0.0.1:123 > 192.0.2.1:123 1/1']);
  });

  it('a thousand tuples stay apart while the table grows', () => {
    const lines = Array.from({ length: 3000 }, (_, i) => `0 here 10.0.0.1:${1000 + i} > 192.0.2.1:80 udp data=x`);
    const answers = Array.from({ length: 3000 }, (_, i) => `1 here 192.0.2.1:80 > 10.0.0.1:${1000 + i} udp data=y`);
    const legs = legsOf([...lines, ...answers].join('\n'));
    expect(legs).toHaveLength(3000);
    expect(legs.every((leg) => leg.endsWith(' 1/1'))).toBe(true);
  });
});

describe('a tuple used again', () => {
  it('a SYN with another initial sequence number within a second is another connection', () => {
    expect(
      legsOf(`
        0    here ${A} tcp SYN seq=100
        0.01 here ${B} tcp RST ACK seq=0 ack=101
        0.45 here ${A} tcp SYN seq=70000
        0.46 here ${B} tcp SYN ACK seq=900 ack=70001
        0.47 here ${A} tcp ACK seq=70001 ack=901`),
    ).toEqual([`${A} 1/1`, `${A} 2/1`]);
  });

  it('a SYN sent again is no new connection', () => {
    expect(
      legsOf(`
        0 here ${A} tcp SYN seq=100 ts=5
        1 here ${A} tcp SYN seq=100 ts=1005
        3 here ${A} tcp SYN seq=100 ts=3005`),
    ).toEqual([`${A} 3/0`]);
  });

  it('a late packet of the old connection finds the old one by its numbers', () => {
    expect(
      legsOf(`
        0   here ${A} tcp SYN seq=100
        0.1 here ${B} tcp SYN ACK seq=5000 ack=101
        0.2 here ${A} tcp ACK seq=101 ack=5001 len=50
        1   here ${A} tcp SYN seq=900000
        1.1 here ${B} tcp SYN ACK seq=7000000 ack=900001
        1.2 here ${A} tcp FIN ACK seq=151 ack=5001
        1.3 here ${B} tcp ACK seq=5001 ack=152
        1.4 here ${A} tcp ACK seq=900001 ack=7000001`),
    ).toEqual([`${A} 3/2`, `${A} 2/1`]);
  });

  it('a retransmitted SYN of the old connection after the new one began is no third', () => {
    expect(
      legsOf(`
        0   here ${A} tcp SYN seq=100
        0.1 here ${A} tcp SYN seq=900000
        0.2 here ${A} tcp SYN seq=100
        0.3 here ${B} tcp SYN ACK seq=1 ack=900001`),
    ).toEqual([`${A} 2/0`, `${A} 1/1`]);
  });

  it('a SYN-ACK with another acknowledgment answers a SYN that was not captured: another connection', () => {
    expect(
      legsOf(`
        0    here ${A} tcp SYN seq=100
        0.01 here ${B} tcp RST ACK seq=0 ack=101
        0.46 here ${B} tcp SYN ACK seq=900 ack=70000001
        0.47 here ${A} tcp ACK seq=70000001 ack=901`),
    ).toEqual([`${A} 1/1`, `${B} 1/1`]);
  });

  it('a SYN-ACK that acknowledges data of the SYN (fast open) is of the same connection', () => {
    expect(
      legsOf(`
        0    here ${A} tcp SYN seq=100 len=40
        0.01 here ${B} tcp SYN ACK seq=500 ack=141`),
    ).toEqual([`${A} 1/1`]);
  });

  it('a SYN after packets from mid-stream begins another connection', () => {
    expect(
      legsOf(`
        0 here ${A} tcp ACK seq=5000 ack=6000 len=20
        5 here ${A} tcp SYN seq=100
        6 here ${A} tcp ACK seq=101 ack=1`),
    ).toEqual([`${A} 1/0`, `${A} 2/0`]);
  });

  it('sequence numbers that wrap stay in their connection', () => {
    expect(
      legsOf(`
        0   here ${A} tcp SYN seq=1000
        0.1 here ${A} tcp ACK seq=1001 ack=1 len=10
        1   here ${A} tcp SYN seq=4294967290
        1.1 here ${B} tcp SYN ACK seq=77 ack=4294967291
        1.2 here ${A} tcp ACK seq=4294967291 ack=78 len=100
        1.3 here ${A} tcp ACK seq=95 ack=78 len=100`),
    ).toEqual([`${A} 2/0`, `${A} 3/1`]);
  });
});

describe('fragments', () => {
  it('later fragments belong where their first one does', () => {
    expect(
      legsOf(`
        0    here 10.0.0.1:1000 > 192.0.2.1:53 udp data=word len=1400 ipid=7 frag=0+
        0    here 10.0.0.1 > 192.0.2.1 udp len=1000 ipid=7 frag=176+
        0    here 10.0.0.1 > 192.0.2.1 udp len=500 ipid=7 frag=301`),
    ).toEqual(['10.0.0.1:1000 > 192.0.2.1:53 3/0']);
  });

  it('of two fragmented packets between the same hosts, the id tells which is which', () => {
    expect(
      legsOf(`
        0 here 10.0.0.1:1000 > 192.0.2.1:53 udp data=word len=1400 ipid=7 frag=0+
        0 here 10.0.0.1:2000 > 192.0.2.1:53 udp data=word len=1400 ipid=8 frag=0+
        0 here 10.0.0.1 > 192.0.2.1 udp len=1000 ipid=8 frag=176+
        0 here 10.0.0.1 > 192.0.2.1 udp len=500 ipid=8 frag=301
        0 here 10.0.0.1 > 192.0.2.1 udp len=500 ipid=7 frag=176`),
    ).toEqual(['10.0.0.1:1000 > 192.0.2.1:53 2/0', '10.0.0.1:2000 > 192.0.2.1:53 3/0']);
  });

  it('fragments of an answer run back', () => {
    expect(
      legsOf(`
        0 here 10.0.0.1:1000 > 192.0.2.1:53 udp dns=1/example.com
        0 here 192.0.2.1:53 > 10.0.0.1:1000 udp data=word len=1400 ipid=7 frag=0+
        0 here 192.0.2.1 > 10.0.0.1 udp len=500 ipid=7 frag=176`),
    ).toEqual(['10.0.0.1:1000 > 192.0.2.1:53 1/2']);
  });

  it('a later fragment without its first one makes no leg of its own', () => {
    expect(legsOf('0 here 10.0.0.1 > 192.0.2.1 udp len=500 ipid=7 frag=176')).toEqual([]);
  });
});

describe('ICMP', () => {
  it('echo and reply are one leg by their id; another id is another', () => {
    expect(
      legsOf(`
        0    here 10.0.0.1 > 192.0.2.1 icmp echo id=7 seq=1
        0.01 here 192.0.2.1 > 10.0.0.1 icmp reply id=7 seq=1
        1    here 10.0.0.1 > 192.0.2.1 icmp echo id=7 seq=2
        1    here 10.0.0.1 > 192.0.2.1 icmp echo id=8 seq=1`),
    ).toEqual(['10.0.0.1:7 > 192.0.2.1:7 2/1', '10.0.0.1:8 > 192.0.2.1:8 1/0']);
  });

  it('errors that quote two connections are two legs, and neither is a part of the connection', () => {
    expect(
      legsOf(`
        0    here ${A} tcp SYN seq=100
        0.01 here 10.0.0.9 > 10.0.0.1 icmp 3/1 quotes 10.0.0.1:1000 > 192.0.2.1:80 tcp
        0.02 here 10.0.0.9 > 10.0.0.1 icmp 3/1 quotes 10.0.0.1:1001 > 192.0.2.1:80 tcp
        0.03 here 10.0.0.9 > 10.0.0.1 icmp 3/1 quotes 10.0.0.1:1000 > 192.0.2.1:80 tcp`),
    ).toEqual([`${A} 1/0`, '10.0.0.9:0 > 10.0.0.1:0 2/0', '10.0.0.9:0 > 10.0.0.1:0 1/0']);
  });
});

describe('openings that come in another order', () => {
  it('packets that overtook their SYN are of its connection', () => {
    expect(
      legsOf(`
        0      here ${A} tcp PSH ACK seq=101 ack=501 len=80
        0.0001 here ${A} tcp SYN seq=100
        0.0002 here ${B} tcp SYN ACK seq=500 ack=101`),
    ).toEqual([`${A} 2/1`]);
  });

  it('so is an answer that overtook its SYN-ACK', () => {
    expect(
      legsOf(`
        0      here ${B} tcp PSH ACK seq=501 ack=181 len=80
        0.0001 here ${B} tcp SYN ACK seq=500 ack=101
        0.0002 here ${A} tcp SYN seq=100`),
    ).toEqual([`${B} 2/1`]);
  });

  it('a connection under way is not, and the SYN begins another', () => {
    expect(
      legsOf(`
        0      here ${A} tcp PSH ACK seq=3000000 ack=501 len=80
        5      here ${A} tcp SYN seq=100
        5.0001 here ${B} tcp SYN ACK seq=500 ack=101`),
    ).toEqual([`${A} 1/0`, `${A} 1/1`]);
  });

  it('SYNs of both ends that cross each other open one connection', () => {
    expect(
      legsOf(`
        0      here ${A} tcp SYN seq=100
        0.0100 here ${B} tcp SYN seq=500
        0.0200 here ${A} tcp SYN ACK seq=100 ack=501
        0.0300 here ${B} tcp SYN ACK seq=500 ack=101
        0.0400 here ${A} tcp SYN seq=100
        0.0500 here ${B} tcp SYN seq=500`),
    ).toEqual([`${A} 3/3`]);
  });

  it('a SYN from the other end, long after or of a connection that was answered, opens another', () => {
    expect(
      legsOf(`
        0      here ${A} tcp SYN seq=100
        60     here ${B} tcp SYN seq=500`),
    ).toEqual([`${A} 1/0`, `${B} 1/0`]);
    expect(
      legsOf(`
        0      here ${A} tcp SYN seq=100
        0.01   here ${B} tcp SYN ACK seq=900 ack=101
        1      here ${B} tcp SYN seq=500`),
    ).toEqual([`${A} 1/1`, `${B} 1/0`]);
  });
});
