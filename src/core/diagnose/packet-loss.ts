// Packets seen at one point and proven not to have reached the next: by gap and direction.
import type { Detector } from './detector.ts';
import { count, grouped } from './ends.ts';
import { type Lost, lossesOf } from './losses.ts';

const MAX_PROOFS = 8;
/** Below this share, and all made good, a loss is a remark. */
const NOTABLE_SHARE = 0.01;
/** Fewer than this are no rate. */
const NOTABLE = 5;

export const packetLoss: Detector = {
  code: 'packet-loss',
  start: ({ corpus }) => {
    const found: Lost[] = [];
    const passed = new Map<string, number>();
    const keyOf = (from: number, to: number, isBack: boolean): string => `${from} ${to} ${isBack}`;
    return {
      look: (facts) => {
        if (facts.isIcmpMessage) return;
        for (const { out, back } of facts.followed.gaps) {
          for (const [crossing, isBack] of [
            [out, false],
            [back, true],
          ] as const) {
            const point = corpus.legs.point;
            const key = keyOf(point[crossing.upstream.leg]!, point[crossing.downstream.leg]!, isBack);
            passed.set(key, (passed.get(key) ?? 0) + crossing.passed);
          }
        }
        found.push(...lossesOf(facts, corpus));
      },
      conclude: (isExplained) =>
        grouped(
          found.filter(({ journey }) => !isExplained(journey)),
          ({ from, to, isBack }) => keyOf(from, to, isBack),
        ).map(({ key, of }) => {
          const all = of.length + passed.get(key)!;
          const open = of.filter(({ isRepaired, payloadLength, isSyn }) => !isRepaired && (isSyn || payloadLength > 0));
          const journeys = [...new Set(of.map(({ journey }) => journey))];
          const { isBack, from, to } = of[0]!;
          const isNotable = of.length >= NOTABLE && of.length >= NOTABLE_SHARE * all;
          const repaired =
            open.length === 0
              ? 'What they carried passed later: the senders made it good, at the price of the time until then.'
              : `What ${open.length} of them carried was not seen to pass later.`;
          return {
            severity: open.length > 0 || isNotable ? 'warning' : 'note',
            certainty: 'certain',
            title: `${of.length} of ${count(all, 'packet')} lost on the way ${isBack ? 'back' : 'out'}`,
            explain:
              'They were seen at the first of the two points and not at the second, which was capturing then and shows others of ' +
              `this direction; nothing acknowledges their bytes. ${repaired}`,
            at: from,
            to,
            journeys,
            proof: of.slice(0, MAX_PROOFS).map(({ packet, isSyn, payloadLength }) => ({
              ...packet,
              what: isSyn ? 'a SYN that did not arrive' : `${count(payloadLength, 'byte')} that did not arrive`,
            })),
            next: [
              'conntrack -S   # drop, early_drop, insert_failed, invalid of the box between',
              'ip -s link   # drops and errors of its interfaces',
              'iptables -L -v -n   # DROP rules whose counters rise',
            ],
          };
        }),
    };
  },
};
