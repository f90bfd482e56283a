import { describe, expect, it } from 'vitest';
import { linkTypeName } from '../../../src/core/formats/link-types.ts';

describe('the name of a link type', () => {
  it.each([
    [0, 'NULL'],
    [1, 'EN10MB'],
    [9, 'PPP'],
    [101, 'RAW'],
    [108, 'LOOP'],
    [113, 'LINUX_SLL'],
    [127, 'IEEE802_11_RADIO'],
    [228, 'IPV4'],
    [229, 'IPV6'],
    [276, 'LINUX_SLL2'],
  ])('%i is %s, as tcpdump prints it', (linkType, name) => {
    expect(linkTypeName(linkType)).toBe(name);
  });

  it('of a number without one holds the number', () => {
    expect(linkTypeName(4711)).toBe('LINKTYPE_4711');
  });
});
