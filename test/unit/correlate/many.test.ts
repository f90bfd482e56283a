// Many connections at once: what chance, loss and delay make of them. The network is simulated; what it did is the truth.
import { describe, expect, it } from 'vitest';
import { type Ends, Network, type NetworkPoint } from '../../support/network.ts';
import { openCaptures } from '../../support/scene-session.ts';
import { type Truth, score } from '../../support/score.ts';

/** Pairs of all points that saw each connection. */
class Ledger {
  private readonly pairs: Truth['pairs'][number][] = [];
  private readonly points: readonly NetworkPoint[];

  constructor(points: readonly NetworkPoint[]) {
    this.points = points;
  }

  add(proto: string, legs: readonly (Ends | null)[]): void {
    const flow = ({ client, clientPort, server, serverPort }: Ends): string =>
      `${client}:${clientPort}>${server}:${serverPort}`;
    for (const [i, a] of legs.entries()) {
      for (const [j, b] of legs.entries()) {
        if (i >= j || !a || !b) continue;
        const side = (point: number, ends: Ends) => ({ file: this.points[point]!.file, flow: flow(ends) });
        this.pairs.push({ proto, a: side(i, a), b: side(j, b) });
      }
    }
  }

  truth(): Truth {
    return { closed: true, pairs: this.pairs };
  }
}

describe('2,000 connections at once to one destination', () => {
  it('through a relay that delays by 20 to 50 ms, loses 5 % and reorders: all are tied', () => {
    const points = [
      { file: 'pod.pcap' },
      { file: 'node-eth0.pcap' },
      { file: 'internet.pcap', delay: [20, 50], loss: 0.05 },
    ] as const;
    const network = new Network(1, points);
    const ledger = new Ledger(points);
    const server = { server: '198.51.100.10', serverPort: 443 };
    const outer = Array.from({ length: 2000 }, (_, i) => 1024 + ((i * 7919) % 60_000));
    for (let i = 0; i < 2000; i++) {
      const behind = { client: '10.42.1.17', clientPort: outer[i]!, ...server };
      const legs = [{ client: `10.42.3.${20 + (i % 8)}`, clientPort: 30_000 + i, ...server }, behind, behind];
      network.tcp(legs, 1 + network.random() * 0.5, 2);
      ledger.add('tcp', legs);
    }
    const { report } = openCaptures(network.files());
    const result = score(report, ledger.truth());
    expect({ missed: result.missed, wrong: result.wrong }).toEqual({ missed: [], wrong: [] });
    expect(result.pairs).toBe(6000);
    expect(report.journeys).toHaveLength(2000);
  }, 120_000);
});
