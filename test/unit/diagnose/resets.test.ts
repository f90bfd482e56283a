import { describe, expect, it } from 'vitest';
import { POINTS, back, codesOf, findingsOf, out, served } from './lines.ts';

const WINDOW = '\n0 pod noise\n0 node noise\n500 pod noise\n500 node noise';
const c = { at: 1, port: 1000 };
const again = 'tcp PSH ACK seq=1000101 ack=1500201 len=10';
const resetHere = '\n361.001 pod 198.51.100.10:80 > 10.42.3.21:1000 tcp RST seq=1500201 ttl=64';

describe('a reset after a long silence', () => {
  it('that only the near point saw is a box that forgot the connection', () => {
    const [first, ...rest] = findingsOf(POINTS + WINDOW + served(c) + out(c, 361, again, true) + resetHere);
    expect(first).toMatchObject({
      code: 'idle-timeout',
      severity: 'error',
      title: '1 idle connection reset by a box on the way after 360 s of silence',
      at: 'p0',
      to: 'p1',
    });
    expect(first!.explain).toContain('350 s');
    expect(rest.map(({ code }) => code)).toEqual([]);
  });

  it('that the far point saw too came from the server', () => {
    const scene = POINTS + WINDOW + served(c) + out(c, 361, again) + back(c, 361.01, 'tcp RST seq=1500201');
    expect(codesOf(scene)).toEqual(['note connection-reset']);
  });

  it('is no timer where a like connection survived a longer silence', () => {
    const other = { at: 2, port: 1001 };
    const survived =
      served(other) +
      out(other, 420, 'tcp PSH ACK seq=1001101 ack=1501201 len=10') +
      back(other, 420.01, 'tcp ACK seq=1501201 ack=1001111');
    const codes = codesOf(POINTS + WINDOW + served(c) + out(c, 361, again, true) + resetHere + survived);
    expect(codes).not.toContain('error idle-timeout');
    expect(codes).toContain('warning connection-reset');
  });

  it('is nothing but a reset where nothing was captured behind the box', () => {
    const near = (POINTS + WINDOW + served(c) + out(c, 361, again, true) + resetHere)
      .split('\n')
      .filter((line) => !line.includes('node'))
      .join('\n');
    expect(codesOf(near)).toEqual(['note connection-reset']);
  });
});
