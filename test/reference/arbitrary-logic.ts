import fc from 'fast-check';

import {
  CLIENT_MODES,
  COMMANDS,
  KINDS,
  MIDDLE_OF_TIMES,
  REMOTE_IPS,
  SCOPES,
  STRINGS,
} from './pools.js';

const FACTS_OF_ONE_VALUE = [
  'ts',
  'requestId',
  'remoteIp',
  'forwarded',
  'deviceId',
  'publicKey',
  'clientId',
  'clientMode',
  'clientVersion',
  'platform',
  'deviceFamily',
  'displayName',
  'browserOrigin',
  'authMethod',
  'authUser',
  'kind',
  'gateway',
  'gatewayVersion',
  'isRepair',
  'silent',
  'now',
];
const FACTS_OF_A_LIST = ['roles', 'scopes', 'commands'];

const literals = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('', '0', '1', ' 1.5x', '-1', 'operator', 'node', 'x.y') },
  { weight: 2, arbitrary: fc.constantFrom(...SCOPES, ...COMMANDS, ...STRINGS.platform.said) },
  { weight: 3, arbitrary: fc.constantFrom(-2, -1, 0, 1, 2, 3, 0.5, 1e20, MIDDLE_OF_TIMES) },
  { weight: 2, arbitrary: fc.constantFrom(true, false, null) },
);
const factsOfOneValue = fc.constantFrom(...FACTS_OF_ONE_VALUE).map((name) => ({ var: name }));
const factsOfAList = fc.constantFrom(...FACTS_OF_A_LIST).map((name) => ({ var: name }));
const literalLists = fc.array(literals, { maxLength: 3 });
const lists = fc.oneof(literalLists, factsOfAList);

/** Expressions of every allowed operator over the given leaves; where `overLists` is false, without all, some and none. */
function expressions(
  leaves: fc.Arbitrary<unknown>,
  overLists: boolean,
  maxDepth: number,
): fc.Arbitrary<unknown> {
  const { operation } = fc.letrec((tie) => {
    const operand = fc.oneof(
      { maxDepth, withCrossShrink: true },
      { weight: 3, arbitrary: leaves },
      { weight: 2, arbitrary: tie('operation') },
    );
    const of = (operators: string[], minLength: number, maxLength: number): fc.Arbitrary<unknown> =>
      fc
        .tuple(fc.constantFrom(...operators), fc.array(operand, { minLength, maxLength }))
        .map(([operator, args]) => ({ [operator]: args }));
    return {
      operation: fc.oneof(
        { weight: 3, arbitrary: of(['===', '!==', '>', '>='], 2, 2) },
        { weight: 2, arbitrary: of(['<', '<='], 2, 3) },
        { weight: 4, arbitrary: of(['and', 'or'], 1, 3) },
        { weight: 1, arbitrary: of(['!', '!!'], 1, 1) },
        {
          weight: 1,
          arbitrary: fc
            .tuple(
              fc.constantFrom('!', '!!'),
              // A list here would be the list of arguments.
              leaves.filter((leaf) => !Array.isArray(leaf)),
            )
            .map(([operator, leaf]) => ({ [operator]: leaf })),
        },
        { weight: 2, arbitrary: of(['if'], 2, 5) },
        {
          weight: 2,
          arbitrary: fc
            .tuple(operand, overLists ? lists : literalLists)
            .map((args) => ({ in: args })),
        },
        { weight: 2, arbitrary: of(['+', '*', 'min', 'max', 'cat'], 1, 3) },
        { weight: 1, arbitrary: of(['-'], 1, 2) },
        { weight: 1, arbitrary: of(['/', '%'], 2, 2) },
        { weight: 1, arbitrary: of(['substr'], 2, 3) },
        ...(overLists
          ? [
              {
                weight: 2,
                arbitrary: fc
                  .tuple(fc.constantFrom('all', 'some', 'none'), lists, expressionsOverElements)
                  .map(([operator, list, test]) => ({ [operator]: [list, test] })),
              },
            ]
          : []),
      ),
    };
  });
  return operation;
}

/** Inside all, some and none only the element can be read. */
const expressionsOverElements = expressions(
  fc.oneof({ weight: 2, arbitrary: fc.constant({ var: '' }) }, { weight: 1, arbitrary: literals }),
  false,
  1,
);

const leaves = fc.oneof(
  { weight: 3, arbitrary: literals },
  { weight: 3, arbitrary: factsOfOneValue },
  { weight: 2, arbitrary: factsOfAList },
  { weight: 1, arbitrary: fc.array(literals, { maxLength: 2 }) },
);

/** Expressions as a person would write them, which are true or false for a reason. */
const plausible = fc.oneof(
  fc.constantFrom(...CLIENT_MODES).map((mode) => ({ '===': [{ var: 'clientMode' }, mode] })),
  fc.constantFrom(...KINDS).map((kind) => ({ '!==': [{ var: 'kind' }, kind] })),
  fc.constantFrom(...REMOTE_IPS).map((ip) => ({ '===': [{ var: 'remoteIp' }, ip] })),
  fc.constantFrom(...SCOPES).map((scope) => ({ in: [scope, { var: 'scopes' }] })),
  fc
    .subarray(SCOPES, { minLength: 1 })
    .map((listed) => ({ all: [{ var: 'scopes' }, { in: [{ var: '' }, listed] }] })),
  fc.constantFrom('some', 'none').map((over) => ({
    [over]: [{ var: 'commands' }, { '===': [{ substr: [{ var: '' }, 0, 7] }, 'system.'] }],
  })),
  fc.constantFrom('<', '>=').map((order) => ({ [order]: [{ var: 'now' }, MIDDLE_OF_TIMES] })),
  fc
    .constantFrom(-2, -1, 0, 3)
    .map((end) => ({ '===': [{ substr: [{ cat: [{ var: 'platform' }, '!'] }, 0, end] }, 'mac'] })),
  factsOfOneValue.map((fact) => ({ or: [{ '===': [{ var: 'forwarded' }, false] }, fact] })),
);

/** JSON Logic expressions of the allow-list, each with an operator at the top. */
export const logicExpressions: fc.Arbitrary<unknown> = fc.oneof(
  plausible,
  expressions(leaves, true, 2).filter(saysSomething),
);

const COMPARING = ['===', '!==', '<', '<=', '>', '>='];
const NUMBERS = ['ts', 'now'];
const BOOLEANS = ['forwarded', 'isRepair', 'silent'];

/** Whether an expression is free of the slips that a policy may not have: constants as conditions, and comparisons that cannot hold. */
function saysSomething(expression: unknown): boolean {
  if (typeof expression !== 'object' || expression === null) return true;
  if (Array.isArray(expression)) return expression.every(saysSomething);
  return Object.entries(expression).every(([operator, values]) => {
    const args: unknown[] = Array.isArray(values) ? values : [values];
    return fits(operator, args) && args.every(saysSomething);
  });
}

function fits(operator: string, args: unknown[]): boolean {
  if (COMPARING.includes(operator)) return areComparable(args);
  if (['and', 'or', '!', '!!'].includes(operator)) return args.every(isCondition);
  if (operator === 'if')
    return args.filter((_, i) => i % 2 === 0 && i < args.length - 1).every(isCondition);
  if (['all', 'some', 'none'].includes(operator)) return isCondition(args[1]);
  if (operator !== 'in') return true;
  const [member, list] = args;
  return kindOf(member) !== 'list' && (!Array.isArray(list) || areComparable([member, ...list]));
}

function isCondition(value: unknown): boolean {
  return (
    typeof value === 'boolean' ||
    (typeof value === 'object' && value !== null && !Array.isArray(value))
  );
}

/** Each of the others is of the kind of the first fact; nothing is a list or null. */
function areComparable(args: unknown[]): boolean {
  const kinds = args.map(kindOf);
  if (kinds.includes('list') || kinds.includes('null')) return false;
  const fact = args.findIndex((arg) => factOf(arg) !== undefined);
  return fact < 0 || kinds.every((kind) => kind === 'any' || kind === kinds[fact]);
}

function factOf(value: unknown): string | undefined {
  const fact =
    typeof value === 'object' && value !== null ? (value as { var?: unknown }).var : undefined;
  return typeof fact === 'string' && fact !== '' ? fact : undefined;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (value === null) return 'null';
  const fact = factOf(value);
  if (fact === undefined) return typeof value === 'object' ? 'any' : typeof value;
  if (FACTS_OF_A_LIST.includes(fact)) return 'list';
  if (NUMBERS.includes(fact)) return 'number';
  return BOOLEANS.includes(fact) ? 'boolean' : 'string';
}
