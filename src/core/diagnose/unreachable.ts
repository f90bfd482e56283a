// ICMP errors: what they say, who sent them and whom they address.
import { ICMP } from '../decode/headers.ts';
import { ICMP_ERROR } from '../flows/tables.ts';
import { addressText } from '../decode/addresses.ts';
import type { Detector } from './detector.ts';
import { count, grouped, tupleAt } from './ends.ts';
import type { Proof } from './finding.ts';

const MAX_PROOFS = 8;

/** RFC 792, RFC 1812, RFC 4443: what a type and code say of the packet that they answer. */
const MEANINGS: Readonly<Record<string, string>> = {
  '4 3/0': 'network unreachable: no route at the sender of the message',
  '4 3/1': 'host unreachable: the last router could not reach it',
  '4 3/2': 'protocol unreachable',
  '4 3/3': 'port unreachable: nothing listens there, or a firewall rejects',
  '4 3/9': 'network prohibited by a rule',
  '4 3/10': 'host prohibited by a rule',
  '4 3/13': 'prohibited by a rule',
  '6 1/0': 'no route at the sender of the message',
  '6 1/1': 'prohibited by a rule',
  '6 1/3': 'address unreachable',
  '6 1/4': 'port unreachable',
};

interface Said {
  readonly journey: number;
  readonly meaning: string;
  readonly sender: string;
  readonly about: string;
  readonly at: number;
  readonly proof: Proof;
}

export const unreachable: Detector = {
  code: 'icmp-unreachable',
  start: ({ corpus }) => {
    const said: Said[] = [];
    const l = corpus.legs;
    return {
      look: (facts) => {
        const leg = facts.journey.legs[0]!;
        if (!facts.isIcmpMessage || (l.traits[leg]! & ICMP_ERROR) === 0 || l.quoted[leg] === 0) return;
        const meaning = MEANINGS[`${facts.protocol === ICMP ? 4 : 6} ${l.icmp[leg]! >> 8}/${l.icmp[leg]! & 0xff}`];
        if (!meaning) return;
        const row = l.quoted[leg]! - 1;
        const q = corpus.quoted;
        const about = addressText(
          q.destination0[row]!,
          q.destination1[row]!,
          q.destination2[row]!,
          q.destination3[row]!,
        );
        const port = q.destinationPort[row]!;
        const first = (facts.followed.out[0]!.rows[0] ?? facts.followed.back[0]!.rows[0])!;
        said.push({
          journey: facts.number,
          meaning,
          sender: tupleAt(corpus, facts.journey, 0).src,
          about: port === 0 ? about : `${about} port ${port}`,
          at: facts.point(0),
          proof: { journey: facts.number, leg, row: first, what: `an ICMP error about a packet to ${about}` },
        });
      },
      conclude: () =>
        grouped(said, ({ meaning, sender, about }) => `${meaning} ${sender} ${about}`).map(({ of }) => {
          const { meaning, sender, about, at } = of[0]!;
          return {
            severity: 'note',
            certainty: 'certain',
            title: `${about}: ${meaning.replace(/:.*$/, '')}, says ${sender}`,
            explain: `${count(of.length, 'ICMP error')} from ${sender} about packets to ${about}: ${meaning}.`,
            at,
            to: null,
            journeys: of.map(({ journey }) => journey),
            proof: of.slice(0, MAX_PROOFS).map(({ proof }) => proof),
            next: ['ip route get ADDRESS   # at the sender of the message', 'iptables -S | grep REJECT'],
          };
        }),
    };
  },
};
