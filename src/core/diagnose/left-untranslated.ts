// Packets of a translated connection that left with the address they came with: conntrack took them for invalid (out of
// window, or after the entry was gone), and what is invalid is not translated. Often a late FIN or RST. The peer cannot
// answer that address, and whoever receives it sees a private one.
import type { Detector } from './detector.ts';
import { count, grouped, tupleAt } from './ends.ts';
import type { Proof } from './finding.ts';

const MAX_PROOFS = 8;

export const leftUntranslated: Detector = {
  code: 'left-untranslated',
  start: ({ corpus, correlation }) => {
    const found: {
      of: number;
      journey: number;
      from: number;
      to: number;
      source: string;
      packets: number;
      proof: Proof;
    }[] = [];
    return {
      look: (facts) => {
        for (const { kind, journey: of } of correlation.relations.get(facts.number) ?? []) {
          if (kind !== 'untranslated-of') continue;
          const leg = facts.journey.legs[0]!;
          const rows = corpus.rowsOf(leg);
          const to = facts.point(0);
          const points = correlation.journeys[of]!.legs.map((other) => corpus.legs.point[other]!);
          found.push({
            of,
            journey: facts.number,
            from: points[Math.max(0, points.indexOf(to) - 1)]!,
            to,
            source: tupleAt(corpus, facts.journey, 0).src,
            packets: rows.length,
            proof: {
              journey: facts.number,
              leg,
              row: rows[0]!,
              what: 'left with the address from before the translation',
            },
          });
        }
      },
      conclude: () =>
        grouped(found, ({ from, to }) => `${from} ${to}`).map(({ of }) => ({
          severity: 'warning',
          certainty: 'certain',
          title: `${count(
            of.reduce((sum, { packets }) => sum + packets, 0),
            'packet',
          )} of translated connections left untranslated`,
          explain:
            `They carry ${[...new Set(of.map(({ source }) => source))].slice(0, 4).join(', ')} where the other packets of the same connections carry the translated address. ` +
            'Conntrack takes a packet for invalid that lies outside its window or whose entry is gone, and does not translate it.',
          at: of[0]!.from,
          to: of[0]!.to,
          journeys: of.flatMap(({ of: connection, journey }) => [connection, journey]),
          proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
          next: [
            'conntrack -S   # invalid',
            'iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP   # as KUBE-FORWARD does',
            'sysctl net.netfilter.nf_conntrack_tcp_be_liberal',
          ],
        })),
    };
  },
};
