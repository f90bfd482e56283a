import { describe, expect, it } from 'vitest';
import { POINTS, back, codesOf, findingsOf, out, served } from './lines.ts';

const WINDOW = '\n0 pod noise\n0 node noise\n500 pod noise\n500 node noise';
const c = { at: 1, port: 1000 };
const around = served({ at: 0.2, port: 1100 }) + served({ at: 450, port: 1101 });
const data = 'tcp PSH ACK seq=1000101 ack=1500201 len=70';

describe('a connection that changed its port after a silence', () => {
  const later = { ...c, outer: 2600 };

  it('is an error where the server reset it, with the first packet of the new port as its proof', () => {
    const scene =
      POINTS + WINDOW + around + served(c) + out(later, 50, data) + back(later, 50.02, 'tcp RST seq=1500201');
    const [first, ...rest] = findingsOf(scene);
    expect(first).toMatchObject({ code: 'remapped-after-idle', severity: 'error', at: 'p0', to: 'p1' });
    expect(first!.journeys).toHaveLength(2);
    expect(first!.proof[0]!.what).toBe('leaves as 10.42.1.17:2600');
    expect(rest.map(({ code }) => code)).not.toContain('connection-reset');
  });

  it('is not said where it kept its port', () => {
    expect(codesOf(POINTS + WINDOW + around + served(c) + out(c, 50, data))).toEqual([]);
  });
});

describe('a packet that left untranslated', () => {
  const fin = 'tcp FIN ACK seq=1000101 ack=1500201';
  const invalid = (from: string): string =>
    `\n5.0 pod 10.42.3.21:1000 > 198.51.100.10:80 ${fin}\n5.0002 node ${from} > 198.51.100.10:80 " ttl=63`;

  it('is told with the connection that it belongs to', () => {
    const [first] = findingsOf(POINTS + WINDOW + around + served(c) + invalid('10.42.3.21:1000'));
    expect(first).toMatchObject({
      code: 'left-untranslated',
      severity: 'warning',
      title: '1 packet of translated connections left untranslated',
      at: 'p0',
      to: 'p1',
    });
  });

  it('is not said of one that was translated, nor where nothing is translated', () => {
    expect(codesOf(POINTS + WINDOW + around + served(c) + invalid('10.42.1.17:21000'))).toEqual([]);
  });
});
