// Whether two legs are one connection, by what their protocol carries.
import { TCP } from '../decode/headers.ts';
import type { Corpus } from './corpus.ts';
import { DatagramEvidence } from './datagram-evidence.ts';
import { isSketched, protocolFamily } from './sketch.ts';
import { TcpEvidence } from './tcp-evidence.ts';
import type { Tie } from './tie.ts';
import type { Timing } from './timing.ts';

export class Comparison {
  readonly tcp: TcpEvidence;
  readonly datagrams: DatagramEvidence;
  private readonly corpus: Corpus;

  constructor(corpus: Corpus, timing: Timing) {
    this.corpus = corpus;
    this.tcp = new TcpEvidence(corpus);
    this.datagrams = new DatagramEvidence(corpus, timing);
  }

  /** The evidence that legs `a` and `b` are one connection, or null where there is none or some against it. */
  compare(a: number, b: number): Tie | null {
    const { protocol } = this.corpus.legs;
    if (protocolFamily(protocol[a]!) !== protocolFamily(protocol[b]!)) return null;
    if (!isSketched(this.corpus, a) || !isSketched(this.corpus, b)) return null;
    return protocol[a] === TCP ? this.tcp.compare(a, b) : this.datagrams.compare(a, b);
  }
}
