import fc from 'fast-check';

import { logicExpressions } from './arbitrary-logic.js';
import type {
  OneOrMany,
  PlainConditions,
  PlainLimit,
  PlainPolicy,
  PlainRule,
  PlainSetForms,
} from './plain-policy.js';
import * as pools from './pools.js';

/** A condition as a key and its value. */
type Entry = [key: string, value: unknown];

const ROLES = ['operator', 'node'];
const DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
const ALL_SCOPES = [...pools.SCOPES, ...pools.UNKNOWN_SCOPES];

function someOf(words: readonly string[], maxLength: number): fc.Arbitrary<string[]> {
  return fc.uniqueArray(fc.constantFrom(...words), { minLength: 1, maxLength, size: 'max' });
}

function oneOrSome(words: readonly string[]): fc.Arbitrary<OneOrMany<string>> {
  return fc.oneof(fc.constantFrom(...words), someOf(words, 3));
}

/** The value in one of `oneIn` cases, else nothing. */
function sometimes<T>(value: fc.Arbitrary<T>, oneIn: number): fc.Arbitrary<T | undefined> {
  return fc.oneof(
    { weight: oneIn - 1, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: value },
  );
}

function entry(key: string, value: fc.Arbitrary<unknown>): fc.Arbitrary<Entry> {
  return value.map((one): Entry => [key, one]);
}

function always(key: string, value: unknown): fc.Arbitrary<Entry> {
  return fc.constant<Entry>([key, value]);
}

// --- the values of conditions -------------------------------------------------------------------------------------

const NAMED_NETWORKS = pools.NETWORK_NAMES.map((name) => `@${name}`);
const NAMED_DEVICES = pools.DEVICE_GROUPS.map((name) => `@${name}`);
const WORDS_OF_FROM = ['loopback', 'own-tailnet', 'own-address', 'tailnet', 'private'];
const BOUNDED_PLACES = [
  ...WORDS_OF_FROM,
  ...WORDS_OF_FROM,
  ...NAMED_NETWORKS,
  '@tailnet',
  ...pools.NETWORKS,
  'anywhere',
];
/** A /0 bounds nothing: no approve rule may rely on it. */
const ALL_PLACES = [...BOUNDED_PLACES, ...pools.NETWORKS_OF_ALL];

const listedDevices = oneOrSome([
  ...NAMED_DEVICES,
  ...NAMED_DEVICES,
  ...pools.DEVICE_IDS,
  ...pools.PUBLIC_KEYS,
]);

const times = fc
  .record(
    {
      days: someOf(DAYS, 4),
      between: fc.constantFrom(...pools.HOURS),
      zone: fc.constantFrom(...pools.ZONES),
    },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((time) => 'days' in time || 'between' in time);

/** One to three of the four forms, with the given one among them. Only `within` may be empty. */
function setForms(
  words: readonly string[],
  required?: keyof PlainSetForms,
): fc.Arbitrary<PlainSetForms> {
  const keys = ['within', 'all', 'any', 'none'] as const;
  const chosenKeys = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...keys).map((key) => [key]) },
    { weight: 1, arbitrary: fc.subarray([...keys], { minLength: 1, maxLength: 3 }) },
  );
  const values = fc.record({
    within: fc.oneof(
      { weight: 1, arbitrary: fc.constant<string[]>([]) },
      { weight: 5, arbitrary: someOf(words, 4) },
    ),
    all: someOf(words, 2),
    any: someOf(words, 2),
    none: someOf(words, 2),
  });
  return fc.tuple(chosenKeys, values).map(([chosen, value]) => {
    const [first] = chosen;
    const kept =
      required === undefined
        ? chosen
        : chosen.length === 1 && first !== required
          ? [required]
          : [required, ...chosen];
    return Object.fromEntries(
      keys.filter((key) => kept.includes(key)).map((key) => [key, value[key]]),
    );
  });
}

const stringConditions = Object.entries(pools.STRINGS).map(([key, { listed }]) =>
  entry(key, oneOrSome(listed)),
);

const conditions: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 5, arbitrary: entry('from', oneOrSome(ALL_PLACES)) },
  { weight: 4, arbitrary: fc.oneof(...stringConditions) },
  { weight: 1, arbitrary: entry('authUser', oneOrSome([...pools.USERS, '*@example.org', '*'])) },
  { weight: 2, arbitrary: entry('clientMode', oneOrSome([...pools.CLIENT_MODES, 'future-mode'])) },
  { weight: 3, arbitrary: entry('kind', oneOrSome(pools.KINDS)) },
  { weight: 1, arbitrary: entry('authMethod', oneOrSome(pools.AUTH_METHODS)) },
  { weight: 1, arbitrary: entry('role', oneOrSome(ROLES)) },
  { weight: 1, arbitrary: entry('roles', setForms(ROLES)) },
  { weight: 3, arbitrary: entry('scopes', setForms(ALL_SCOPES)) },
  { weight: 1, arbitrary: always('scopes', 'any-scopes') },
  { weight: 2, arbitrary: entry('commands', setForms(pools.COMMAND_GLOBS)) },
  { weight: 1, arbitrary: always('commands', 'any-commands') },
  { weight: 2, arbitrary: entry('device', listedDevices) },
  { weight: 1, arbitrary: entry('forwarded', fc.boolean()) },
  { weight: 3, arbitrary: entry('time', times) },
  { weight: 4, arbitrary: entry('logic', logicExpressions) },
);

function entries(minLength: number, maxLength: number): fc.Arbitrary<Entry[]> {
  return fc.uniqueArray(conditions, {
    selector: ([key]) => key,
    minLength,
    maxLength,
    size: 'max',
  });
}

function toConditions(some: Entry[]): PlainConditions {
  return Object.fromEntries(some);
}

// --- what an approve rule must bound ------------------------------------------------------------------------------

/** Who has no name, and what has neither letter nor digit, is nobody. */
const BOUNDED_USERS = [...pools.USERS.filter((user) => user !== ''), '*@example.org'];

const whereOrWho: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 6, arbitrary: always('from', 'anywhere') },
  { weight: 6, arbitrary: entry('from', oneOrSome(BOUNDED_PLACES)) },
  { weight: 2, arbitrary: entry('device', listedDevices) },
  { weight: 2, arbitrary: entry('authUser', oneOrSome(BOUNDED_USERS)) },
);

const asWhat: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 3, arbitrary: always('role', ROLES) },
  { weight: 2, arbitrary: entry('role', oneOrSome(ROLES)) },
  { weight: 2, arbitrary: entry('roles', setForms(ROLES, 'within')) },
);

const howMuch: fc.Arbitrary<Entry> = fc.oneof(
  { weight: 3, arbitrary: always('scopes', 'any-scopes') },
  { weight: 3, arbitrary: always('scopes', { within: ['operator.admin'] }) },
  { weight: 4, arbitrary: entry('scopes', setForms(ALL_SCOPES, 'within')) },
);

const commandsOfApprove: fc.Arbitrary<Entry[]> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Entry[]>([]) },
  { weight: 4, arbitrary: fc.constant<Entry[]>([['commands', 'any-commands']]) },
  { weight: 2, arbitrary: entry('commands', setForms(pools.COMMAND_GLOBS)).map((one) => [one]) },
);

// --- rules --------------------------------------------------------------------------------------------------------

const unlesses = entries(1, 2).map((some) => ({ unless: toConditions(some) }));

const expiries = fc.constantFrom(...pools.EXPIRIES).map((expires) => ({ expires }));

const limits: fc.Arbitrary<{ limit: PlainLimit }> = fc
  .record(
    {
      max: fc.constantFrom(1, 1, 1, 2, 3),
      per: fc.constantFrom(...pools.DURATIONS),
      by: fc.constantFrom('rule', 'rule', 'rule', 'remoteIp', 'deviceId', 'authUser'),
    },
    { requiredKeys: ['max', 'by'], noNullPrototype: true },
  )
  .map((limit) => ({ limit }));

const whensOfApprove = fc
  .tuple(
    fc.oneof(
      { weight: 1, arbitrary: fc.constant<Entry[]>([]) },
      { weight: 1, arbitrary: entries(1, 2) },
    ),
    commandsOfApprove,
    whereOrWho,
    asWhat,
    howMuch,
  )
  .map(([more, commands, ...bounds]) => toConditions([...more, ...commands, ...bounds]));

const approveRules: fc.Arbitrary<Omit<PlainRule, 'id'>> = fc
  .tuple(whensOfApprove, sometimes(limits, 2), sometimes(unlesses, 5), sometimes(expiries, 5))
  .map(([when, limit, unless, expires]) => ({
    action: 'approve',
    when,
    ...limit,
    ...unless,
    ...expires,
  }));

function restrictingRules(action: 'hold' | 'deny'): fc.Arbitrary<Omit<PlainRule, 'id'>> {
  return fc
    .tuple(entries(1, 3).map(toConditions), sometimes(unlesses, 3), sometimes(expiries, 6))
    .map(([when, unless, expires]) => ({ action, when, ...unless, ...expires }));
}

const rules = fc.uniqueArray(
  fc
    .tuple(
      fc.constantFrom(...pools.RULE_IDS),
      fc.oneof(
        { weight: 5, arbitrary: approveRules },
        { weight: 2, arbitrary: restrictingRules('hold') },
        { weight: 2, arbitrary: restrictingRules('deny') },
      ),
    )
    .map(([id, body]): PlainRule => ({ id, ...body })),
  { selector: ({ id }) => id, maxLength: 6, size: 'max' },
);

// --- policies -----------------------------------------------------------------------------------------------------

const networksOfAllNames = fc.tuple(
  ...pools.NETWORK_NAMES.map((name) => namedList(name, someOf(pools.NETWORKS, 3))),
);
const deviceLists = someOf(
  [...pools.DEVICE_IDS, ...pools.DEVICE_IDS.map((id) => id.toUpperCase()), ...pools.PUBLIC_KEYS],
  3,
);
const devicesOfAllNames = fc.tuple(
  ...pools.DEVICE_GROUPS.map((name) => namedList(name, deviceLists)),
);

function namedList(name: string, lists: fc.Arbitrary<string[]>): fc.Arbitrary<[string, string[]]> {
  return lists.map((list): [string, string[]] => [name, list]);
}

/** Valid policies: every kind of condition, and every approve rule bounded as the language wants it. */
export function policies(): fc.Arbitrary<PlainPolicy> {
  return fc
    .tuple(
      sometimes(fc.constantFrom('hold' as const, 'deny' as const, 'deny' as const), 2),
      networksOfAllNames,
      sometimes(someOf(pools.NETWORKS, 3), 5),
      devicesOfAllNames,
      rules,
    )
    .map(([fallback, networks, tailnet, devices, rulesOfPolicy]) => {
      const used = namesIn(rulesOfPolicy);
      const usedNetworks = networks.filter(([name]) => used.has(name));
      const redefined: [string, string[]][] = tailnet === undefined ? [] : [['tailnet', tailnet]];
      return {
        version: 1,
        ...(fallback === undefined ? {} : { default: fallback }),
        ...asField('networks', [...usedNetworks, ...redefined]),
        ...asField(
          'devices',
          devices.filter(([name]) => used.has(name)),
        ),
        rules: rulesOfPolicy,
      };
    });
}

/** The names that rules use as `@name`: what is used must be defined. */
function namesIn(rulesOfPolicy: PlainRule[]): Set<string> {
  const values = rulesOfPolicy
    .flatMap(({ when, unless }) => [when, unless ?? {}])
    .flatMap(({ from, device }) => [from ?? [], device ?? []].flat());
  return new Set(values.filter((value) => value.startsWith('@')).map((value) => value.slice(1)));
}

function asField(
  name: string,
  lists: [string, string[]][],
): Record<string, Record<string, string[]>> {
  return lists.length === 0 ? {} : { [name]: Object.fromEntries(lists) };
}
