// The field's words for what the report names by codes.
import type { ChangeKind, Confidence, Point, Protocol, RelatedJourney, Role } from '../../shared/contract.ts';

export const ROLE_NAME: Record<Role, string> = {
  'pod-veth': 'pod veth',
  'node-eth0': 'node eth0',
  'nat-inside': 'NAT inside',
  'nat-outside': 'NAT outside',
  internet: 'internet',
  other: 'other',
};

const FURTHER_PROTOCOLS: Readonly<Record<string, string>> = {
  'other:2': 'igmp',
  'other:4': 'ipip',
  'other:50': 'esp',
  'other:51': 'ah',
  'other:89': 'ospf',
  'other:112': 'vrrp',
};

export function protocolName(proto: Protocol): string {
  return FURTHER_PROTOCOLS[proto] ?? proto.replace('other:', 'ip ');
}

export const KIND_NAME: Record<ChangeKind, string> = {
  none: 'not translated',
  snat: 'SNAT',
  dnat: 'DNAT',
  'snat+dnat': 'SNAT and DNAT',
  nat64: 'NAT64',
};

export const CONFIDENCE_NAME: Record<Confidence, string> = {
  exact: 'exact',
  strong: 'strong',
  probable: 'probable',
  ambiguous: 'ambiguous',
  single: 'one point',
};

export const CONFIDENCE_REASON: Record<Confidence, string> = {
  exact: 'An imported conntrack entry or a kernel trace says so, and the packets agree.',
  strong: 'The packets themselves tie it: several independent kinds of evidence.',
  probable: 'The packets agree, but the evidence is thin.',
  ambiguous: 'Several partners are possible and nothing decides between them; none is taken.',
  single: 'Seen at one point only.',
};

const EVIDENCE_NAME: Readonly<Record<string, string>> = {
  isn: 'initial sequence numbers',
  tsval: 'TCP timestamps',
  segments: 'sequence ranges, out and back',
  payload: 'payload digests',
  dns: 'DNS ids and questions',
  'icmp-seq': 'ICMP sequence numbers',
  'ip-id': 'IP ids',
  tuple: 'the same addresses and ports',
  conntrack: 'conntrack entry agrees',
  options: 'TCP options',
  time: 'packets in the same moment',
};

export function evidenceName(kind: string): string {
  return EVIDENCE_NAME[kind] ?? kind.replaceAll('-', ' ');
}

/** Titles of what another journey is to this one. */
export const RELATED_NAME: Record<RelatedJourney['kind'], string> = {
  continues: 'Before, it went another way',
  'continued-by': 'Later it went another way',
  untranslated: 'Some packets left untranslated',
  'untranslated-of': 'Packets that left untranslated',
};

export const RELATED_REASON: Record<RelatedJourney['kind'], string> = {
  continues: 'These addresses and ports were translated otherwise: an entry expires when it is idle.',
  'continued-by': 'The same addresses and ports were translated anew: an entry expires when it is idle.',
  untranslated: 'A box lets through what it cannot place (a late FIN or RST) as it is.',
  'untranslated-of': 'They belong to a translated connection, whose box could not place them.',
};

/** The name of the point with this id. */
export function nameOfPoint(id: string, points: readonly Point[]): string {
  return points.find((point) => point.id === id)?.name ?? id;
}

/** The report speaks of points by their ids; the window by their names. */
export function withPointNames(text: string, points: readonly Point[]): string {
  return text.replace(/\bp\d+\b/g, (id) => nameOfPoint(id, points));
}
