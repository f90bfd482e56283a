export interface Capture {
  readonly legs: ReadonlyMap<string, readonly unknown[]>;
}

export interface Comparison {
  judge(legA: string, legB: string): 'identifiable' | 'symmetric' | 'unclear' | 'apart';
  sharing(legA: string, legB: string, first?: number, last?: number): number;
}

export function readLegPackets(file: string): Capture;
export function compare(a: Capture, b: Capture): Comparison;
