// The rule of an opened dump that made a translation between two points: of the box that stands there by the points' roles.
import { addressTextAt } from '../decode/addresses.ts';
import type { Role, RuleDetail } from '../report/model.ts';
import { type Rule, type Translate, translatingRules } from '../sources/nat-rules.ts';
import { NatJudge, type NatVerdict, type RuleVerdict, type Wire } from '../sources/nat-verdict.ts';
import type { Box, SideSource } from '../sources/side-files.ts';
import type { Tuple } from '../sources/tuple.ts';
import { boxesBetween } from './boxes.ts';
import type { Corpus } from './corpus.ts';
import { isPodInterface, isUplink } from './roles.ts';

export interface GapRule {
  /** The rule, or both of a box that translated both ends, one a line; null where none is known. */
  readonly text: string | null;
  readonly details: readonly RuleDetail[];
}

export const NO_RULE: GapRule = { text: null, details: [] };

export class GapRules {
  private readonly corpus: Corpus;
  private readonly roleOf: (point: number) => Role;
  private readonly judges: readonly { readonly file: string; readonly box: Box; readonly judge: NatJudge }[];
  /** Rules that translate sources, of all boxes, but those that were never met by their counters. */
  readonly snatRules: readonly { readonly rule: Rule; readonly translate: Translate }[];

  constructor(corpus: Corpus, roleOf: (point: number) => Role, sides: readonly SideSource[]) {
    this.corpus = corpus;
    this.roleOf = roleOf;
    this.judges = sides.flatMap(({ file, box, content }) =>
      content.kind === 'iptables' || content.kind === 'nft'
        ? [{ file, box, judge: new NatJudge(content.ruleset) }]
        : [],
    );
    this.snatRules = sides.flatMap(({ content }) =>
      content.kind === 'iptables' || content.kind === 'nft'
        ? translatingRules(content.ruleset, 'snat').filter(({ rule }) => rule.packets !== 0)
        : [],
    );
  }

  /** Of a connection that is `before` at one point and `after` at the next, both from the client's side. */
  of(from: number, to: number, protocol: number, before: Tuple, after: Tuple): GapRule {
    const boxes = boxesBetween(this.roleOf(from), this.roleOf(to));
    if (this.judges.length === 0 || boxes?.length !== 1) return NO_RULE;
    const judges = this.judges.filter(({ box }) => box === boxes[0]);
    if (judges.length === 0) return NO_RULE;
    const translated = {
      protocol,
      before,
      after,
      inInterface: this.wireAt(from),
      outInterface: this.wireAt(to),
    };
    const verdicts = judges.map(({ file, judge }) => ({ file, verdict: judge.verdict(translated) }));
    const details = (['destination', 'source'] as const).flatMap((end) => best(verdicts, end));
    const texts = details.flatMap(({ status, rule }) => (status === 'rule' && rule !== null ? [rule] : []));
    return { text: texts.length === 0 ? null : texts.join('\n'), details };
  }

  /** The box's interface at a point; by name only where the point's own name is surely that. */
  private wireAt(point: number): Wire {
    const { interfaceName } = this.corpus.points[point]!;
    const role = this.roleOf(point);
    const kind = role === 'pod-veth' ? 'pod' : role === 'other' ? null : 'uplink';
    if (interfaceName === null) return { name: null, kind };
    const isNodes =
      role === 'pod-veth' ? isPodInterface(interfaceName) : role === 'node-eth0' && isUplink(interfaceName);
    return { name: isNodes ? interfaceName : null, kind };
  }
}

/** Of several dumps of one box (iptables and nft of one state) the first that explains it. */
function best(
  verdicts: readonly { readonly file: string; readonly verdict: NatVerdict }[],
  end: keyof NatVerdict,
): RuleDetail[] {
  const told = verdicts.flatMap(({ file, verdict }) => (verdict[end] ? [{ file, verdict: verdict[end] }] : []));
  const found = told.find(({ verdict }) => verdict.status === 'rule') ?? told[0];
  if (!found) return [];
  return [detailOf(end, found.file, found.verdict)];
}

function detailOf(end: keyof NatVerdict, file: string, { status, rule, chains, translate }: RuleVerdict): RuleDetail {
  const range = translate?.to?.length === 1 ? translate.to[0]! : null;
  return {
    end,
    status,
    file,
    rule: rule?.text ?? null,
    line: rule?.line ?? null,
    packets: rule?.packets ?? null,
    chains,
    addresses: range?.addresses ? [addressTextAt(range.addresses.low), addressTextAt(range.addresses.high)] : null,
    ports: range?.ports ?? null,
    random: translate?.random ?? null,
  };
}
