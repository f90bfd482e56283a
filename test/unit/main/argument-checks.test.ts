import { expect, it } from 'vitest';
import { checkedArguments, REQUEST_NAMES } from '../../../src/main/argument-checks.ts';
import type { JourneyQuery, LadderQuery, RequestName } from '../../../src/shared/contract.ts';

const LADDER: LadderQuery = { journey: 'j1', width: 800, top: 0, height: 900, zoom: 1, times: 'relative' };
const QUERY: JourneyQuery = {
  filter: 'src == 10.42.3.21 && nat.snat',
  sort: 'start',
  descending: false,
  offset: 0,
  limit: 500,
};

it.each<[RequestName, unknown[]]>([
  ['open', [['/captures/pod.pcap', '/captures']]],
  ['openDialog', []],
  ['openSample', ['eks-nat-gateway']],
  ['journeys', [QUERY]],
  ['journeys', [{ ...QUERY, sort: { point: 'p1' } }]],
  ['journeys', [{ ...QUERY, sort: 'findings', grouped: { by: 'pod', folded: { all: true, except: ['10.42.3.21'] } } }]],
  ['pathMap', [null, 1200]],
  ['ladder', [LADDER]],
  ['ladder', [{ ...LADDER, top: { packet: 7 }, zoom: 0.5 }]],
  ['passages', ['j1', 0, 500]],
  ['timeline', [{ journey: null, bins: 300 }]],
  ['setRole', ['p0', 'pod-veth']],
  ['setOrder', [['p0', 'p1']]],
  ['checkFilter', ['tcp.po', 6]],
  ['exportReport', [{ format: 'json', filter: '', theme: 'light', picture: 'map' }]],
])('lets sound arguments of %s pass as they are', (name, args) => {
  expect(checkedArguments(name, args)).toEqual(args);
});

it.each<[RequestName, unknown[], string]>([
  ['open', [], 'open must be 1 arguments, not 0'],
  ['open', ['/captures'], 'argument 1 of open must be a list'],
  ['open', [[7]], 'item 1 of argument 1 of open must be a text'],
  ['open', [['captures']], 'absolute paths'],
  ['open', [['/captures\0.pcap']], 'absolute paths'],
  ['open', [Array(1001).fill('/a')], 'a list of at most 1000'],
  ['journeys', [{ ...QUERY, limit: 501 }], 'limit of argument 1 of journeys must be a whole number from 0 to 500'],
  ['journeys', [{ ...QUERY, offset: -1 }], 'offset of argument 1'],
  ['journeys', [{ ...QUERY, offset: 0.5 }], 'offset of argument 1'],
  ['journeys', [{ ...QUERY, sort: 'colour' }], 'sort of argument 1 of journeys must be one of start, '],
  ['journeys', [{ ...QUERY, sort: null }], 'sort of argument 1 of journeys must be an object'],
  ['journeys', [{ ...QUERY, descending: 'yes' }], 'descending of argument 1 of journeys must be true or false'],
  [
    'journeys',
    [{ ...QUERY, grouped: { by: 'colour', folded: { all: true, except: [] } } }],
    'by of grouped of argument 1',
  ],
  ['journeys', [{ ...QUERY, grouped: null }], 'grouped of argument 1 of journeys must be an object'],
  [
    'journeys',
    [{ ...QUERY, grouped: { by: 'pod', folded: { all: true, except: Array(5001).fill('a') } } }],
    'a list of at most 5000',
  ],
  ['journey', [null], 'argument 1 of journey must be a text'],
  ['pathMap', ['j1', NaN], 'argument 2 of pathMap must be a whole number'],
  ['setRole', ['p0', 'router'], 'one of pod-veth'],
  ['ladder', [{ ...LADDER, zoom: NaN }], 'zoom of argument 1 of ladder must be a number from'],
  ['ladder', [{ ...LADDER, top: -1 }], 'top of argument 1 of ladder must be a number'],
  ['ladder', [{ ...LADDER, top: { packet: 0.5 } }], 'packet of top of argument 1 of ladder must be a whole number'],
  ['timeline', [null], 'argument 1 of timeline must be an object'],
])('refuses of %s: %j', (name, args, why) => {
  expect(() => checkedArguments(name, args)).toThrow(why);
});

it('leaves behind what a query has beside its fields', () => {
  const [query] = checkedArguments('journeys', [{ ...QUERY, __proto__: { evil: true }, more: 1 }]);
  expect(Object.keys(query).sort()).toEqual(Object.keys(QUERY).sort());
});

it('knows every request of the contract once', () => {
  expect(new Set(REQUEST_NAMES).size).toBe(REQUEST_NAMES.length);
  expect(REQUEST_NAMES).toContain('copyText');
});
