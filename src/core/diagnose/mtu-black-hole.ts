// A path that is too narrow for full packets and does not say so: between two points everything up to some size passes and
// everything beyond it dies, sent again and again, without an ICMP "fragmentation needed" (RFC 1191) or "packet too big"
// (RFC 8201) back.
import { ICMP, ICMPV6 } from '../decode/headers.ts';
import type { Detector } from './detector.ts';
import { count, grouped } from './ends.ts';
import { type Lost, lossesOf } from './losses.ts';

const MAX_PROOFS = 8;
/** Losses of the large packets of one connection that make a pattern. */
const FEWEST = 3;
/** ICMP: destination unreachable, fragmentation needed; ICMPv6: packet too big. */
const FRAGMENTATION_NEEDED = (3 << 8) | 4;
const PACKET_TOO_BIG = 2 << 8;

interface Narrow {
  readonly lost: readonly Lost[];
  /** The smallest of them; bytes on the wire. */
  readonly died: number;
}

export const mtuBlackHole: Detector = {
  code: 'mtu-black-hole',
  explains: ['packet-loss'],
  start: ({ corpus }) => {
    const narrow: Narrow[] = [];
    /** The largest packet of any connection that passed a gap, by its points and direction. */
    const largest = new Map<string, number>();
    let saysTooBig = false;
    return {
      look: (facts) => {
        if (facts.isIcmpMessage) {
          const { legs } = corpus;
          const leg = facts.journey.legs[0]!;
          saysTooBig ||=
            (legs.protocol[leg] === ICMP && legs.icmp[leg] === FRAGMENTATION_NEEDED) ||
            (legs.protocol[leg] === ICMPV6 && legs.icmp[leg] === PACKET_TOO_BIG);
          return;
        }
        const { point } = corpus.legs;
        for (const { out, back } of facts.followed.gaps) {
          for (const { upstream, downstream, next } of [out, back]) {
            const key = `${point[upstream.leg]!} ${point[downstream.leg]!}`;
            const { wireLength } = corpus.packetsOf(downstream.leg);
            let most = largest.get(key) ?? 0;
            for (const d of next) if (d >= 0) most = Math.max(most, wireLength[downstream.rows[d]!]!);
            largest.set(key, most);
          }
        }
        if (!facts.isTcp || !facts.tcp(0).isEstablished) return;
        for (const { of } of grouped([...lossesOf(facts, corpus)], ({ from, to }) => `${from} ${to}`)) {
          const lost = of.filter(({ payloadLength, isRepaired }) => payloadLength > 0 && !isRepaired);
          if (lost.length < FEWEST || lost.length < of.filter(({ payloadLength }) => payloadLength > 0).length)
            continue;
          narrow.push({ lost, died: Math.min(...lost.map(({ wireLength }) => wireLength)) });
        }
      },
      conclude: (isExplained) => {
        if (saysTooBig) return [];
        const all = narrow.filter(({ lost }) => !isExplained(lost[0]!.journey));
        return grouped(all, ({ lost }) => `${lost[0]!.from} ${lost[0]!.to}`).flatMap(({ key, of }) => {
          const passed = largest.get(key) ?? 0;
          const died = Math.min(...of.map((n) => n.died));
          if (passed >= died) return [];
          const { from, to, isBack } = of[0]!.lost[0]!;
          const total = of.reduce((sum, { lost }) => sum + lost.length, 0);
          return [
            {
              severity: 'error',
              certainty: 'certain',
              title: `Packets of ${died} bytes and more die on the way ${isBack ? 'back' : 'out'}, and nobody is told`,
              explain:
                `${count(total, 'packet')} of ${died} bytes or more were sent again and again and never seen behind the gap; everything up to ` +
                `${passed} bytes passed. No ICMP "fragmentation needed" came back, so the sender cannot know: a narrow link, and its ICMP is filtered.`,
              at: from,
              to,
              journeys: of.map(({ lost }) => lost[0]!.journey),
              proof: of
                .flatMap(({ lost }) => lost)
                .slice(0, MAX_PROOFS)
                .map(({ packet, wireLength }) => ({ ...packet, what: `${wireLength} bytes that never arrive` })),
              next: [
                `ping -M do -s ${Math.max(0, died - 42)} ADDRESS   # from the pod: does it pass, and is there an answer "frag needed"?`,
                'iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --clamp-mss-to-pmtu   # a way around',
              ],
            },
          ];
        });
      },
    };
  },
};
