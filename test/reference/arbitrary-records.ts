import fc from 'fast-check';

import * as pools from './pools.js';

/** Good values of each field, near values of it that are malformed, and strings that it should survive. */
type FieldValues = Record<string, { good: fc.Arbitrary<unknown>; bad: fc.Arbitrary<unknown> }>;

const hostileStrings = fc.constantFrom(...pools.HOSTILE_STRINGS);

const wrongTypes = fc.constantFrom<unknown[]>(
  42,
  0,
  NaN,
  '',
  true,
  [],
  {},
  [null],
  [''],
  ['operator', 7],
  { 0: 'operator', length: 1 },
  [['operator']],
  'true',
);

const FIELDS: FieldValues = {
  ts: {
    good: fc.oneof(
      fc.constantFrom(...pools.NEAR_TIMES, ...pools.FAR_TIMES),
      fc.constantFrom(...pools.EXPIRIES),
      fc.constantFrom(...pools.NEAR_TIMES).map((ms) => new Date(ms).toISOString()),
    ),
    bad: fc.constantFrom<unknown[]>(
      ...pools.NO_TIMES,
      1.5,
      8.64e15,
      8.64e15 + 2,
      Number.MAX_SAFE_INTEGER,
      Infinity,
      new Date(0),
    ),
  },
  requestId: { good: fc.constantFrom('req-1', 'req-2'), bad: hostileStrings },
  deviceId: {
    good: fc.constantFrom(...pools.DEVICE_IDS, ...pools.DEVICE_IDS.map((id) => id.toUpperCase())),
    bad: fc.constantFrom(
      ...pools.DEVICE_IDS.flatMap((id) => [
        id.slice(1),
        `${id}0`,
        ` ${id}`,
        `${id.slice(1)}g`,
        `${id.slice(1)}\n`,
      ]),
    ),
  },
  publicKey: {
    good: fc.constantFrom(...pools.PUBLIC_KEYS),
    bad: fc.constantFrom(
      ...pools.PUBLIC_KEYS.flatMap((key) => [
        `${key}=`,
        key.slice(1),
        `${key.slice(1)}B`,
        `+${key.slice(1)}`,
      ]),
    ),
  },
  remoteIp: {
    good: fc.oneof(
      { weight: 4, arbitrary: fc.constantFrom(...pools.NEAR_IPS) },
      { weight: 6, arbitrary: fc.constantFrom(...pools.REMOTE_IPS) },
      { weight: 1, arbitrary: fc.ipV4() },
      { weight: 1, arbitrary: fc.ipV6() },
    ),
    bad: fc.constantFrom(...pools.NO_ADDRESSES),
  },
  forwarded: {
    good: fc.constantFrom(false, false, true),
    bad: fc.constantFrom<unknown[]>('false', 0, ''),
  },
  clientId: stringField(pools.STRINGS.clientId.said),
  clientMode: stringField([...pools.CLIENT_MODES, 'future-mode', '']),
  clientVersion: stringField(['2026.11.1', '0', '']),
  platform: stringField(pools.STRINGS.platform.said),
  deviceFamily: stringField(pools.STRINGS.deviceFamily.said),
  displayName: stringField(pools.STRINGS.displayName.said),
  browserOrigin: stringField(pools.STRINGS.browserOrigin.said),
  role: {
    good: fc.constantFrom('operator', 'node'),
    bad: fc.constantFrom<unknown[]>(
      'Operator',
      ' node ',
      'admin',
      '',
      '__proto__',
      'op erator',
      ['operator'],
      'node\u0000',
    ),
  },
  roles: {
    good: fc.oneof(
      fc.shuffledSubarray(['operator', 'node'], { minLength: 1 }),
      fc.constant(['node', 'node', ' operator']),
    ),
    bad: fc.constantFrom<unknown[]>(
      [],
      ['operator', 'root'],
      ['operator', null],
      [''],
      ['operator', ' '],
      'operator',
      ['no\tde'],
    ),
  },
  scopes: {
    good: fc.oneof(
      { weight: 1, arbitrary: fc.constant([]) },
      { weight: 5, arbitrary: fc.array(fc.constantFrom(...pools.SCOPES), { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.constantFrom(...pools.SCOPES, ...pools.UNKNOWN_SCOPES, 'operator.', 'operator.*', '*'),
          {
            maxLength: 4,
          },
        ),
      },
      {
        weight: 1,
        arbitrary: fc.constantFrom(
          [' operator.read ', 'operator.read'],
          ['\ufeffoperator.talk\n'],
          ['operator.write', 'operator.read', 'operator.write'],
        ),
      },
    ),
    bad: fc.constantFrom<unknown[]>(
      [''],
      ['operator.read', ' '],
      ['operator.read operator.admin'],
      ['operator.read\u0000'],
      ['operator.read\u0085'],
      ['operator\u00a0.read'],
      ['operator.read', 1],
      'operator.read',
      { 0: 'operator.read' },
    ),
  },
  commands: {
    good: fc.oneof(
      { weight: 2, arbitrary: fc.constant([]) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom(...pools.COMMANDS), { maxLength: 3 }) },
      {
        weight: 1,
        arbitrary: fc.array(
          fc.oneof(
            fc.constantFrom(...pools.COMMANDS, 'system.', ' system.run', 'system.*'),
            hostileStrings,
          ),
          { maxLength: 2 },
        ),
      },
    ),
    bad: fc.constantFrom<unknown[]>(['system.run', null], [['system.run']], 'system.run'),
  },
  authMethod: {
    good: fc.constantFrom(...pools.AUTH_METHODS, 'tailscale', 'tailscale', 'trusted-proxy'),
    bad: fc.constantFrom('Tailscale', 'oauth', '', 'constructor'),
  },
  authUser: stringField(pools.USERS),
  kind: {
    good: fc.constantFrom(...pools.KINDS, 'new-device', 'new-device'),
    bad: fc.constantFrom('New-Device', '', 'toString', 'reconnect '),
  },
  gateway: stringField(pools.STRINGS.gateway.said),
  gatewayVersion: stringField(['2026.11.1', '2026.10.0']),
  isRepair: { good: fc.boolean(), bad: fc.constantFrom<unknown[]>('false', 0, null) },
  silent: { good: fc.boolean(), bad: fc.constantFrom<unknown[]>('false', 1) },
};

function stringField(said: readonly string[]): FieldValues[string] {
  return { good: fc.constantFrom(...said), bad: hostileStrings };
}

/** Connect records: well-formed ones, those of a gateway, those with anything in any field, and what is no record at all. */
export function records(): fc.Arbitrary<unknown> {
  return fc.oneof(
    { weight: 12, arbitrary: wellFormed },
    { weight: 5, arbitrary: ofTheGateway },
    { weight: 5, arbitrary: malformed },
    {
      weight: 1,
      arbitrary: fc.constantFrom<unknown[]>(null, undefined, 'record', 7, [], {}, [
        { remoteIp: '127.0.0.1' },
      ]),
    },
  );
}

/** Nearly all fields, nearly all of them good. */
const wellFormed = fields(24, 1, 0, 1);

/** What `openclaw devices list --json` shows: `isRepair`, and no field that the client did not send. */
const ofTheGateway = fc
  .tuple(
    fields(6, 0, 0, 3),
    fc.boolean(),
    fc.constantFrom(...pools.KINDS, undefined, undefined, undefined),
  )
  .map(([record, isRepair, kind]) => {
    const { kind: _, ...others } = record;
    return { ...others, isRepair, ...(kind === undefined ? {} : { kind }) };
  });

const malformed = fc
  .tuple(fields(6, 2, 1, 2), fc.option(smuggled(), { nil: undefined }))
  .map(([record, extra]) => (extra === undefined ? record : withOwnProto(record, extra)));

/** Each field by weight: good, malformed or hostile, of a wrong type or null or undefined, or absent. */
function fields(
  good: number,
  bad: number,
  wrong: number,
  absent: number,
): fc.Arbitrary<Record<string, unknown>> {
  const absentMark = Symbol('absent');
  const model = Object.fromEntries(
    Object.entries(FIELDS).map(([name, values]) => [
      name,
      fc.oneof(
        { weight: good, arbitrary: values.good },
        { weight: bad, arbitrary: fc.oneof(values.bad, fc.constant(null)) },
        { weight: wrong, arbitrary: fc.oneof(wrongTypes, hostileStrings, fc.constant(undefined)) },
        // A record asks for its role in one field as a rule, in both at times.
        {
          weight: name === 'roles' || name === 'isRepair' ? absent + good : absent,
          arbitrary: fc.constant(absentMark),
        },
      ),
    ]),
  );
  return fc
    .record(model)
    .map((record) =>
      Object.fromEntries(Object.entries(record).filter(([, value]) => value !== absentMark)),
    );
}

/** Good values that a record has under its own key `__proto__`: they must not become the record's fields. */
function smuggled(): fc.Arbitrary<Record<string, unknown>> {
  return fc.constantFrom<Record<string, unknown>[]>(
    { remoteIp: '127.0.0.1', forwarded: false, role: 'operator', scopes: [], kind: 'reconnect' },
    { isRepair: false },
    {},
  );
}

function withOwnProto(record: Record<string, unknown>, value: unknown): Record<string, unknown> {
  const copy = { ...record, constructor: 'x', hasOwnProperty: 1 };
  return Object.defineProperty(copy, '__proto__', {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
