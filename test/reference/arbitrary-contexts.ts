import fc from 'fast-check';

import { parseAddress, renderLimitKey } from './address.js';
import type { PlainContext, PlainLimitEntry, PlainLimits } from './plain-policy.js';
import * as pools from './pools.js';

const times = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pools.NEAR_TIMES) },
  { weight: 2, arbitrary: fc.constantFrom(...pools.FAR_TIMES) },
  { weight: 1, arbitrary: fc.integer({ min: Date.UTC(2026, 0, 1), max: Date.UTC(2027, 0, 1) }) },
);

const OWN_ADDRESSES = [
  '127.0.0.1',
  '192.168.1.20',
  '::ffff:10.1.2.3',
  '100.101.102.103',
  'fd7a:115c:a1e0:0::1',
  'fe80::1%eth0',
  'fd00:1234::5',
  '2001:db8:1:2::5',
];

const ownAddresses = fc.oneof(
  { weight: 2, arbitrary: fc.constant<string[]>([]) },
  { weight: 8, arbitrary: fc.subarray(OWN_ADDRESSES) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.subarray(OWN_ADDRESSES), fc.constantFrom(...pools.NO_ADDRESSES))
      .map(([good, bad]) => [...good, bad]),
  },
);

/** What a caller passes beside the record: the time, the host's own addresses, the state of the limits; each may be absent. */
export function contexts(): fc.Arbitrary<PlainContext> {
  return fc
    .tuple(
      fc.option(
        fc.oneof(
          { weight: 20, arbitrary: times },
          { weight: 1, arbitrary: fc.constantFrom(NaN, Infinity, 8.64e15 + 2, -8.64e15, 0.5) },
        ),
        {
          nil: undefined,
        },
      ),
      fc.option(ownAddresses, { nil: undefined }),
      fc.option(limitStates(), { freq: 8, nil: undefined }),
    )
    .map(([now, own, limits]) => ({
      ...(now === undefined ? {} : { now }),
      ...(own === undefined ? {} : { ownAddresses: own }),
      ...(limits === undefined ? {} : { limits }),
    }));
}

const LIMIT_KEYS = [
  '',
  ...pools.REMOTE_IPS.flatMap((text) => {
    const address = parseAddress(text);
    return address === undefined ? [] : [renderLimitKey(address)];
  }),
  ...pools.DEVICE_IDS,
  ...pools.USERS,
];

/** What a device of the pools may have asked for before. */
const asks = fc
  .tuple(
    fc.constantFrom(...pools.DEVICE_IDS),
    fc.constantFrom(['operator'], ['node'], ['node', 'operator']),
    fc.oneof(
      fc.constant<string[]>([]),
      fc.constantFrom(...pools.SCOPES).map((scope) => [scope]),
    ),
  )
  .map(([deviceId, roles, scopes]) => JSON.stringify([deviceId, roles, scopes, []]));

const limitEntries: fc.Arbitrary<PlainLimitEntry[]> = fc.array(
  fc.record(
    {
      at: fc
        .constantFrom(0, 45_000, 60_000, 1_800_000, 3_600_000, 3_600_001, 172_800_000)
        .map((ms) => pools.MIDDLE_OF_TIMES - ms),
      ask: fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 4, arbitrary: asks }),
    },
    { noNullPrototype: true },
  ),
  { minLength: 1, maxLength: 6, size: 'max' },
);

/** The state of the limits of the pools' rules: the rule as a whole nearly always, the other keys now and then. */
function limitStates(): fc.Arbitrary<PlainLimits> {
  const ofOneRule = fc
    .tuple(
      limitEntries,
      fc.array(fc.tuple(fc.constantFrom(...LIMIT_KEYS), limitEntries), {
        maxLength: 12,
        size: 'max',
      }),
    )
    .map(([ofTheRule, others]) => Object.fromEntries([...others, ['', ofTheRule]]));
  return fc
    .uniqueArray(fc.tuple(fc.constantFrom(...pools.RULE_IDS), ofOneRule), {
      selector: ([id]) => id,
      minLength: 4,
      maxLength: pools.RULE_IDS.length,
      size: 'max',
    })
    .map((rules) => Object.fromEntries(rules));
}
