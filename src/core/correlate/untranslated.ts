// Packets that a box let through as they were, beside the translated ones of their connection: what conntrack takes for
// invalid (a late FIN or RST, data after the entry expired where it picks up no connection in its middle) is not translated.
// At the next point they make a leg with the tuple from before. It is no second journey that nobody translated: the same
// packets stand in the connection's leg before the box, and none of them in its leg behind.
import { TCP } from '../decode/headers.ts';
import type { Assignment } from './assign.ts';
import type { Corpus } from './corpus.ts';
import { PacketKeys } from './packet-keys.ts';
import { hasOpening } from './tcp-evidence.ts';

/** Of such a leg's packets, this share must be in the connection's leg at the other point. */
const SHARE = 0.8;

/** Legs of untranslated packets -> the connection's leg at another point that has their tuple. */
export function findUntranslated(corpus: Corpus, { ties, possible, clocks }: Assignment): Map<number, number> {
  const found = new Map<number, number>();
  const l = corpus.legs;
  const suspects: number[] = [];
  for (let leg = 0; leg < l.length; leg++) {
    if (l.protocol[leg] === TCP && !hasOpening(corpus, leg)) suspects.push(leg);
  }
  if (suspects.length === 0) return found;
  const keys = new PacketKeys(corpus, clocks);
  const partners = new Map<number, { leg: number; crossed: boolean }[]>();
  const add = (leg: number, other: number, crossed: boolean): void => {
    const list = partners.get(leg);
    if (list) list.push({ leg: other, crossed });
    else partners.set(leg, [{ leg: other, crossed }]);
  };
  for (const { a, b, crossed } of [...ties, ...possible]) {
    if (l.protocol[a] !== TCP || l.point[a] === l.point[b] || corpus.sameTuple(a, b)) continue;
    add(a, b, crossed);
    add(b, a, crossed);
  }
  for (const leg of suspects) {
    for (let point = 0; point < corpus.points.length; point++) {
      if (point === l.point[leg]) continue;
      const before = corpus
        .withTupleOf(leg, point)
        .find((own) =>
          (partners.get(own) ?? []).some(
            (partner) => l.point[partner.leg] === l.point[leg] && leftBeside(corpus, keys, leg, own, partner),
          ),
        );
      if (before === undefined) continue;
      found.set(leg, before);
      break;
    }
  }
  for (const [leg, before] of found) if (found.has(before)) found.delete(leg);
  return found;
}

/** Whether the packets of `leg` are those of `own` that its partner at their point does not have. */
function leftBeside(
  corpus: Corpus,
  keys: PacketKeys,
  leg: number,
  own: number,
  partner: { readonly leg: number; readonly crossed: boolean },
): boolean {
  const crossed = !corpus.sameEnd(leg, false, own, false);
  if (keys.shared(leg, own, crossed).length < SHARE * corpus.rowsOf(leg).length) return false;
  const untranslated = new Set(keys.shared(own, leg, crossed).map((packet) => packet.own));
  const translated = keys.shared(own, partner.leg, partner.crossed);
  return translated.length > 0 && !translated.some((packet) => untranslated.has(packet.own));
}
