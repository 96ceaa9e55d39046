import { describe, expect, test } from 'vitest';
import {
  buildPolicy,
  type Coverage,
  measureCoverage,
  runTests,
} from '../../../src/engine/index.js';

function coverageOf(rules: readonly string[], connects: readonly string[]): Coverage {
  const list = (lines: readonly string[]) =>
    lines.length === 0 ? '  []\n' : lines.map((line) => `  - ${line}\n`).join('');
  const tests = connects.map((one, i) => `{ name: t${i}, connect: { ${one} }, expect: hold }`);
  const text = `version: 1\nrules:\n${list(rules)}tests:\n${list(tests)}`;
  const { compiled } = buildPolicy([{ path: 'p.yaml', text, kind: 'policy' }]);
  return measureCoverage(
    compiled,
    runTests(compiled).map(({ explain }) => explain()),
  );
}

const unseen = ({ missing }: Coverage) =>
  missing.map(({ condition, value }) => (condition ? `${condition.key} ${value}` : value));

const HOLD = (when: string, more = '') => `{ id: r, action: hold, when: { ${when} }${more} }`;

describe('a condition is seen with each value that it can take', () => {
  test.each([
    ['nothing', [], ['decided', 'gateway true', 'gateway false', 'gateway unknown']],
    ['true', ['gateway: a'], ['gateway false', 'gateway unknown']],
    ['true and false', ['gateway: a', 'gateway: b'], ['gateway unknown']],
    ['all three', ['gateway: a', 'gateway: b', ''], []],
  ])('%s', (_what, connects, expected) => {
    const never = 'kind: reconnect';
    expect(unseen(coverageOf([HOLD('gateway: a')], [...connects, never]))).toEqual(expected);
  });

  test.each([
    ['from: anywhere', []],
    ['from: [0.0.0.0/0, "::/0"]', ['from unknown']],
    ['from: 0.0.0.0/0', ['from false', 'from unknown']],
    ['clientId: "*"', ['clientId unknown']],
    ['clientId: "a*"', ['clientId false', 'clientId unknown']],
    ['role: [operator, node]', ['role unknown']],
    ['roles: { any: [operator, node] }', ['roles unknown']],
    ['roles: { within: [operator] }', ['roles false', 'roles unknown']],
    ['roles: { none: [node] }', ['roles false', 'roles unknown']],
    ['scopes: any-scopes', ['scopes unknown']],
    ['scopes: { within: [operator.read] }', ['scopes false', 'scopes unknown']],
    ['commands: any-commands', ['commands unknown']],
    ['commands: { within: ["*"] }', ['commands unknown']],
    ['commands: { within: [a] }', ['commands false', 'commands unknown']],
    [
      'authMethod: [token, password, tailscale, trusted-proxy, device-token, bootstrap-token, none]',
      ['authMethod unknown'],
    ],
    [
      'kind: [new-device, key-change, role-upgrade, scope-upgrade, metadata-upgrade, reconnect, node-commands]',
      ['kind unknown'],
    ],
    ['kind: new-device', ['kind false', 'kind unknown']],
    ['clientMode: cli', ['clientMode false', 'clientMode unknown']],
    ['forwarded: true', ['forwarded false', 'forwarded unknown']],
    ['time: { between: "00:00-24:00" }', ['time unknown']],
    ['time: { days: [mon] }', ['time false', 'time unknown']],
    ['time: { days: [mon, tue, wed, thu, fri, sat, sun] }', ['time unknown']],
    ['time: { between: "10:00-12:00" }', ['time false', 'time unknown']],
    ['logic: { "===": [{ var: clientId }, a] }', ['logic false', 'logic unknown']],
    ['logic: { "===": [1, 1] }', []],
    [`device: "${'ab'.repeat(32)}"`, ['device false', 'device unknown']],
  ])('%s', (when, expected) => {
    const connect = `remoteIp: 10.0.0.1, forwarded: true, clientId: a, clientMode: cli, role: operator, scopes: [operator.read],
      commands: [a], authMethod: token, kind: new-device, ts: "2027-01-04T11:00:00Z", deviceId: "${'ab'.repeat(32)}"`;
    expect(unseen(coverageOf([HOLD(when)], [connect]))).toEqual(expected);
  });
});

describe('what does not count', () => {
  const approve =
    '{ id: a, action: approve, when: { from: 10.0.0.1, role: node, scopes: { within: [] } } }';
  const connect = 'remoteIp: 10.0.0.1, role: node, scopes: [], kind: new-device';

  test('the implied condition on commands', () => {
    expect(unseen(coverageOf([approve], [connect]))).not.toContain('commands true');
  });

  test('a rule that takes no part in a reconnect', () => {
    const reconnect = 'remoteIp: 10.0.0.1, role: node, scopes: [], kind: reconnect';
    const coverage = coverageOf([approve], [reconnect]);
    expect(coverage.seen).toBe(0);
    expect(coverage.rules[0]).toMatchObject({ decided: 0, true: 0, false: 0, unknown: 0 });
  });

  test('an approve rule that is overridden', () => {
    const coverage = coverageOf([approve, HOLD('role: node')], [connect]);
    expect(coverage.rules.map(({ rule, decided }) => [rule.id, decided])).toEqual([
      ['a', 0],
      ['r', 1],
    ]);
    expect(coverage.rules[0]).toMatchObject({ true: 1 });
  });
});

test('conditions of `unless` are seen as those of `when`, each at its place', () => {
  const coverage = coverageOf(
    [HOLD('gateway: a', ', unless: { clientId: x }')],
    ['gateway: a, clientId: y', 'gateway: b', ''],
  );
  expect(coverage.missing).toMatchObject([
    { rule: 'r', condition: { part: 'unless', key: 'clientId' }, value: 'true' },
  ]);
  expect(coverage.missing[0]?.place).toMatchObject({ file: 'p.yaml', line: 3 });
  expect([coverage.seen, coverage.possible]).toEqual([6, 7]);
});

test('a policy without rules has nothing to see', () => {
  expect(coverageOf([], [])).toEqual({ rules: [], missing: [], seen: 0, possible: 0 });
});
