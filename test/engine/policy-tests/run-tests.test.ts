import { describe, expect, test } from 'vitest';
import { buildPolicy, runTests, type TestOutcome } from '../../../src/engine/index.js';

const RULES = `
version: 1
networks: { office: [192.168.1.0/24] }
rules:
  - id: own
    action: approve
    when: { from: [loopback, own-tailnet], role: operator, scopes: { within: [operator.read] } }
  - id: office
    description: nodes in the office
    action: approve
    when: { from: "@office", role: node, kind: new-device, scopes: { within: [] } }
    unless: { clientMode: probe }
    limit: { max: 1, per: 1h }
  - id: once
    action: approve
    when: { from: 10.0.0.1, role: node, scopes: { within: [] } }
    expires: 2027-01-01T00:00:00Z
`;

const OWN = 'ownAddresses: [100.100.1.1]';
const NODE = 'remoteIp: 192.168.1.9, forwarded: false, role: node, kind: new-device, scopes: []';

/** Runs the tests that are given as YAML flow mappings, in the order given. */
function outcomesOf(tests: readonly string[], rules = RULES): readonly TestOutcome[] {
  const list = tests.map((one) => `  - ${one}\n`).join('');
  const text = `${rules}\ntests:\n${list}`;
  return runTests(buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]).compiled);
}

function problemOf(written: string) {
  return outcomesOf([written])[0]?.problem;
}

const named = (given: string, connect: string, expected: string) =>
  `{ name: t, given: { ${given} }, connect: { ${connect} }, expect: ${expected} }`;
const KNOWN = `now: 2026-12-01T00:00:00Z, ${OWN}`;

describe('a test passes when the decision is as expected', () => {
  test.each([
    ['the action alone', 'approve'],
    ['action and rule', '{ action: approve, rule: office }'],
    ['action, rule and cause', '{ action: approve, rule: office, cause: rule }'],
  ])('%s', (_what, expected) => {
    expect(problemOf(named(KNOWN, `${NODE}, clientMode: node`, expected))).toBeUndefined();
  });

  test('a rule of null expects that no rule is named', () => {
    const connect = 'remoteIp: 8.8.8.8, forwarded: false, role: node';
    const expected = '{ action: hold, rule: null, cause: default }';
    expect(problemOf(named(KNOWN, connect, expected))).toBeUndefined();
  });
});

describe('a test that fails says what was expected, what was decided, and why', () => {
  test.each([
    [
      'another action',
      `${NODE}, clientMode: node`,
      'hold',
      '`t` expected hold, but it was approve by `office` (rule)',
      'the rule `office` approves: nodes in the office',
    ],
    [
      'another rule',
      `${NODE}, clientMode: node`,
      '{ action: approve, rule: own }',
      '`t` expected approve by `own`, but it was approve by `office` (rule)',
      'the rule `office` approves: nodes in the office; of `own`: `from` is false, `role` is false',
    ],
    [
      'another cause',
      NODE,
      '{ action: hold, cause: default }',
      '`t` expected hold (default), but it was hold by no rule (unknown-fact)',
      'no rule is true, but not known: `clientMode`, on which `office` depends',
    ],
    [
      'no rule',
      `${NODE}, clientMode: node`,
      '{ action: hold, rule: null }',
      '`t` expected hold by no rule, but it was approve by `office` (rule)',
      'the rule `office` approves: nodes in the office',
    ],
    [
      'an exception that holds',
      `${NODE}, clientMode: probe`,
      '{ action: approve, rule: office }',
      '`t` expected approve by `office`, but it was hold by no rule (default)',
      "no rule matches; of `office`: `unless`'s `clientMode` is true",
    ],
  ])('%s', (_what, connect, expected, message, hint) => {
    const problem = problemOf(named(KNOWN, connect, expected));
    expect(problem).toMatchObject({ code: 'TEST_FAILED', severity: 'error', message, hint });
  });

  test('it stands at the name of the test', () => {
    const problem = problemOf(named(KNOWN, NODE, 'deny'));
    const line = RULES.split('\n').length + 2;
    expect(problem).toMatchObject({ file: 'p.yaml', line, column: 13 });
  });

  test('an expected rule that has expired is said to have', () => {
    const connect =
      'remoteIp: 10.0.0.1, forwarded: false, role: node, kind: new-device, scopes: []';
    const given = `now: 2027-01-01T00:00:00Z, ${OWN}`;
    const problem = problemOf(named(given, connect, '{ action: approve, rule: once }'));
    expect(problem?.hint).toContain('of `once`: it has expired');
  });
});

describe('a test that depends on the clock or on this host needs a given', () => {
  const clock = 'TEST_NEEDS_GIVEN';
  test.each([
    ['the time is not said and a rule expires', OWN, 'role: node', clock, 'now'],
    ['the time is the one of the connect', OWN, 'role: node, ts: 1', undefined, ''],
    ['the time is said to be unknown', `now: null, ${OWN}`, 'role: node', undefined, ''],
    ['the own addresses are not said', 'now: 1', 'remoteIp: 100.100.1.1', clock, 'ownAddresses'],
    [
      'the own addresses are said to be unknown',
      'now: 1, ownAddresses: null',
      'remoteIp: 100.100.1.1',
      undefined,
      '',
    ],
    [
      'the own addresses make no difference',
      'now: 1',
      'remoteIp: 8.8.8.8, forwarded: false',
      undefined,
      '',
    ],
  ])('%s', (_what, given, connect, code, fact) => {
    const problem = problemOf(named(given, connect, 'hold'));
    expect(problem?.code).toBe(code);
    if (code) expect(problem?.hint).toContain(`${fact}: null`);
  });

  test.each([
    ['a limit with a window', 'limit: { max: 1, per: 1h }', 'TEST_NEEDS_GIVEN'],
    ['a limit for ever', 'limit: { max: 1 }', undefined],
  ])('%s', (_what, limit, code) => {
    const rules = `
version: 1
rules:
  - id: limited
    action: approve
    when: { from: 10.0.0.0/8, role: node, scopes: { within: [] } }
    ${limit}
`;
    const connect = 'remoteIp: 10.0.0.1, role: node, scopes: [], kind: new-device';
    const [outcome] = outcomesOf([named('', connect, 'approve')], rules);
    expect(outcome?.problem?.code).toBe(code);
  });

  test('a rule that takes no part in a reconnect needs none', () => {
    expect(problemOf(named('', 'kind: reconnect', 'approve'))).toBeUndefined();
  });

  test('what the file says holds for its tests', () => {
    const text = `${RULES}\ngiven: { now: null, ownAddresses: null }\ntests: [{ name: t, connect: {}, expect: hold }]\n`;
    const policy = buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]);
    expect(runTests(policy.compiled)[0]?.problem).toBeUndefined();
  });
});

test('each test starts with a limit that nobody has used', () => {
  const one = named(KNOWN, `${NODE}, clientMode: node`, 'approve');
  const outcomes = outcomesOf([one, one.replace('name: t', 'name: u')]);
  expect(outcomes.map(({ problem }) => problem)).toEqual([undefined, undefined]);
});
