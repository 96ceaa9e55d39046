import { describe, expect, test } from 'vitest';
import { lintCodes, lintText, rule, rules } from './lint-text.js';

const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const ID = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';
const OTHER_ID = '123e4567000000000000000000000000000000000000000000000000000000ff';
const APPROVE = 'from: 10.0.0.0/8, role: operator, scopes: { within: [operator.read] }';

/** Whether a rule `r` is said never to decide beside another one, in whatever order they stand. */
function isCovered(covered: string, covering: string): boolean {
  const [first, second] = [
    [covered, covering],
    [covering, covered],
  ].map((list) =>
    lintText(rules(...list)).some(
      ({ code, message }) => code === 'NEVER_DECIDES' && message.startsWith('`r` '),
    ),
  );
  expect(first).toBe(second);
  return first === true;
}

const approve = (more = '', rest = '') => rule('approve', APPROVE + more, rest);
const deny = (when: string, rest = '') => rule('deny', when, rest, 'other');
const hold = (when: string, rest = '') => rule('hold', when, rest, 'other');

describe('a rule never decides where a more restrictive one is true whenever it is', () => {
  test.each([
    ['a deny of a wider network', approve(), deny('from: 10.0.0.0/7')],
    ['a hold of the same', approve(), hold(APPROVE)],
    ['a deny over a hold', rule('hold', 'kind: key-change'), deny('kind: [key-change, reconnect]')],
    ['a deny from anywhere', rule('hold', 'kind: key-change'), deny('from: anywhere')],
    ['a role in its other spelling', approve(), hold('roles: { all: [operator] }')],
    ['what the sources say by the way', rule('hold', 'from: loopback'), deny('forwarded: false')],
    ['implied commands', approve(), hold('commands: { none: [system.run] }')],
    [
      'an exemption of other addresses',
      approve(),
      hold('role: operator', 'unless: { from: [loopback, 192.168.0.0/16] }'),
    ],
    [
      'an exemption for another device',
      approve(`, device: ${ID}`),
      hold('role: operator', `unless: { device: ${OTHER_ID} }`),
    ],
    [
      'an exemption for another key',
      approve(`, device: ${KEY}`),
      hold('role: operator', `unless: { device: 1111111111111111111111111111111111111111118 }`),
    ],
    [
      'an exemption for another word',
      approve(', kind: new-device'),
      hold('role: operator', 'unless: { kind: key-change }'),
    ],
    [
      'an exemption for another client',
      approve(', clientId: "openclaw-*"'),
      hold('role: operator', 'unless: { clientId: [cli, "x*-cli"] }'),
    ],
    [
      'an exemption for more scopes',
      approve(),
      hold('role: operator', 'unless: { scopes: { any: [operator.admin] } }'),
    ],
    [
      'an exemption for the other role',
      approve(),
      hold('role: [operator, node]', 'unless: { roles: { any: [node] } }'),
    ],
    [
      'an exemption for what was forwarded',
      approve(', forwarded: false'),
      hold('role: operator', 'unless: { forwarded: true }'),
    ],
    [
      'the same exemption',
      approve('', 'unless: { from: own-address }'),
      hold('role: operator', 'unless: { from: own-address }'),
    ],
    [
      'an exemption of fewer',
      approve('', 'unless: { kind: [key-change, role-upgrade] }'),
      hold('role: operator', 'unless: { kind: key-change, platform: ios }'),
    ],
    [
      'a deny that ends later',
      approve('', 'expires: 2027-01-01T00:00:00Z'),
      deny('role: operator', 'expires: 2027-02-01T00:00:00Z'),
    ],
  ])('%s', (_name, covered, covering) => {
    expect(isCovered(covered, covering)).toBe(true);
  });
});

describe('a rule that may decide is not said never to', () => {
  test.each([
    ['a narrower network', approve(), deny('from: 10.0.0.0/9')],
    [
      'all addresses, where none may be known',
      approve().replace('10.0.0.0/8', 'anywhere'),
      deny('from: [0.0.0.0/0, "::/0"]'),
    ],
    ['a condition more', approve(), hold(`${APPROVE}, kind: new-device`)],
    ['the same action', rule('hold', 'kind: key-change'), hold('kind: key-change')],
    ['a less restrictive one', rule('deny', 'kind: key-change'), hold('kind: key-change')],
    ['an exemption', approve(), hold('role: operator', 'unless: { from: 10.1.2.3 }')],
    [
      'an exemption that may be unknown',
      approve(),
      hold('role: operator', 'unless: { kind: key-change }'),
    ],
    [
      'an exemption by address or id',
      approve('', `unless: { device: [${ID}, ${KEY}] }`),
      hold('role: operator', `unless: { device: ${ID} }`),
    ],
    [
      'an exemption of more',
      approve('', 'unless: { kind: key-change }'),
      hold('role: operator', 'unless: { kind: [key-change, role-upgrade] }'),
    ],
    [
      'own addresses, which may be any',
      approve(),
      hold('role: operator', 'unless: { from: [own-address, 192.168.0.0/16] }'),
    ],
    [
      'a device that may be known by its key',
      approve(`, device: [${ID}, ${KEY}]`),
      hold('role: operator', `unless: { device: ${OTHER_ID} }`),
    ],
    ['a deny that ends', approve(), deny('role: operator', 'expires: 2027-02-01T00:00:00Z')],
    [
      'a deny that ends earlier',
      approve('', 'expires: 2027-03-01T00:00:00Z'),
      deny('role: operator', 'expires: 2027-02-01T00:00:00Z'),
    ],
    [
      'logic, which is named if it fails',
      approve(', logic: { "===": [{ var: kind }, new-device] }'),
      deny('role: operator'),
    ],
    [
      'an exemption by logic',
      approve(),
      deny('role: operator', 'unless: { logic: { "===": [{ var: kind }, new-device] } }'),
    ],
    [
      'an exemption by the hour',
      approve(', time: { days: [mon] }'),
      deny('role: operator', 'unless: { time: { days: [tue] } }'),
    ],
  ])('%s', (_name, covered, covering) => {
    expect(isCovered(covered, covering)).toBe(false);
  });
});

test('an approve rule for reconnects alone never decides, a hold does', () => {
  expect(lintCodes(rules(approve(', kind: reconnect')))).toEqual(['warning NEVER_DECIDES']);
  expect(lintCodes(rules(approve(', kind: [reconnect, new-device]')))).toEqual([]);
  expect(lintCodes(rules(hold('kind: reconnect')))).toEqual([]);
});

test('the rule that covers is named', () => {
  const problems = lintText(rules(approve(), hold('role: operator')));
  const problem = problems.find(({ code }) => code === 'NEVER_DECIDES');
  expect(problem).toMatchObject({ line: 3, column: 11 });
  expect(problem?.message).toContain('the hold rule `other`');
});

test('nothing is said of a rule that matches nothing anyway', () => {
  const expired = approve('', 'expires: 2026-01-01T00:00:00Z');
  expect(lintCodes(rules(expired, deny('from: anywhere')))).toEqual(['warning EXPIRED']);
});

test('rules are held against each other only as far as the effort goes', () => {
  const many = (action: string, count: number) =>
    Array.from({ length: count }, (_, i) =>
      rule(action, `kind: new-device, gateway: ${action}-${i}`, '', `${action}-${i}`),
    );
  const last = rule('hold', 'kind: new-device, gateway: deny-0', '', 'last');
  const tests = ['hold', 'deny'].map(
    (action) => `{ name: ${action}, connect: {}, expect: ${action} }`,
  );
  const found = (count: number) =>
    lintCodes(
      `${rules(...many('hold', count), ...many('deny', count), last)}tests: [${tests.join()}]`,
    );
  expect(found(50)).toEqual(['warning NEVER_DECIDES']);
  expect(found(1_000)).toEqual([]);
});
