import { describe, expect, test } from 'vitest';
import { lintCodes, lintText, rule, rules } from './lint-text.js';

const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const ID = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';
const OTHER_ID = '123e4567000000000000000000000000000000000000000000000000000000ff';

/** Whether a hold rule with this `when` and `unless` is said to match nothing. */
function isNeverTrue(when: string, unless = ''): boolean {
  const text = rules(rule('hold', when, unless && `unless: { ${unless} }`));
  return lintCodes(text).includes('warning NEVER_TRUE');
}

describe('a rule whose conditions contradict each other can never match', () => {
  test.each([
    ['scopes: { within: [operator.read], all: [operator.write] }'],
    ['scopes: { within: [], any: [operator.read] }'],
    ['scopes: { all: [operator.admin], none: [operator.read] }'],
    ['scopes: { any: [operator.write, operator.read], none: [operator.sessions.read] }'],
    ['commands: { within: [camera.*], all: [system.run] }'],
    ['commands: { within: [camera.*, "*.list"], any: [system.run, "s*.which"] }'],
    ['commands: { all: [system.run], none: [system.*] }'],
    ['roles: { within: [node], all: [operator] }'],
    ['roles: { none: [node, operator] }'],
    ['role: node, roles: { any: [operator] }'],
    ['from: loopback, forwarded: true'],
    ['forwarded: true, from: [own-tailnet, own-address]'],
    ['authUser: ann@example.org, authMethod: token'],
    ['authMethod: [none, password], authUser: "*"'],
  ])('%s', (when) => {
    expect(isNeverTrue(when)).toBe(true);
  });
});

describe('a rule that something can match is not said to match nothing', () => {
  test.each([
    ['scopes: { within: [operator.read, operator.write], all: [operator.sessions.read] }'],
    ['scopes: { within: [operator.read], any: [operator.write, operator.sessions.read] }'],
    ['scopes: { all: [operator.read], none: [operator.write] }'],
    ['scopes: { within: [] }'],
    ['scopes: any-scopes'],
    ['commands: { within: [camera.*], all: ["*.list"] }'],
    ['commands: { within: ["a*c"], all: ["ab*"] }'],
    ['commands: { all: ["system.*"], none: [system.run] }'],
    ['roles: { all: [node, operator] }'],
    ['role: [node, operator], roles: { any: [operator] }'],
    ['from: [loopback, 10.0.0.0/8], forwarded: true'],
    ['from: anywhere, forwarded: true'],
    ['authMethod: [token, tailscale], authUser: ann@example.org'],
    ['kind: node-commands, role: operator'],
  ])('%s', (when) => {
    expect(isNeverTrue(when)).toBe(false);
  });
});

describe('a rule is never true where its `unless` exempts all that its `when` matches', () => {
  test.each([
    ['kind: new-device', 'kind: [new-device, key-change]'],
    ['from: 10.1.0.0/16', 'from: [10.0.0.0/9, 10.128.0.0/9]'],
    ['from: [10.0.0.0/9, 10.128.0.0/9]', 'from: 10.0.0.0/8'],
    ['from: 10.1.0.0/16', 'from: private'],
    ['from: loopback', 'from: [127.0.0.0/8, "::1"]'],
    ['from: own-tailnet', 'from: own-address'],
    ['from: own-tailnet', 'from: tailnet'],
    ['from: loopback', 'from: loopback, forwarded: false'],
    ['kind: new-device', 'from: anywhere'],
    ['kind: new-device', 'from: [0.0.0.0/0, "::/0"]'],
    ['kind: new-device', 'scopes: any-scopes'],
    ['kind: new-device', 'commands: any-commands'],
    ['kind: new-device', 'platform: "*"'],
    ['kind: new-device', 'roles: { within: [node, operator] }'],
    [
      'role: node',
      'kind: [new-device, key-change, role-upgrade, scope-upgrade, metadata-upgrade, reconnect, node-commands]',
    ],
    [
      'role: node',
      'authMethod: [token, password, tailscale, trusted-proxy, device-token, bootstrap-token, none]',
    ],
    ['authMethod: token', 'authUser: ann@example.org'],
    ['platform: IOS*', 'platform: "i*"'],
    ['clientId: [openclaw-ios, openclaw-cli]', 'clientId: "openclaw-*"'],
    ['role: node', 'roles: { none: [operator] }'],
    ['scopes: { within: [operator.read] }', 'scopes: { within: [operator.write] }'],
    ['scopes: { all: [operator.admin] }', 'scopes: { any: [operator.pairing, x.y] }'],
    ['scopes: { any: [operator.write, operator.admin] }', 'scopes: { all: [operator.read] }'],
    ['scopes: { within: [operator.read] }', 'scopes: { none: [operator.write] }'],
    ['scopes: { none: [operator.read] }', 'scopes: { none: [operator.write] }'],
    ['commands: { within: [camera.snap] }', 'commands: { within: [camera.*], none: [system.*] }'],
    ['commands: { all: [camera.snap] }', 'commands: { any: [camera.*, x] }'],
    ['commands: { none: ["system.*"] }', 'commands: { none: [system.run] }'],
    ['scopes: { within: [x.y] }', 'scopes: any-scopes'],
    [`device: ${ID}`, `device: [${ID}, ${KEY}]`],
    ['forwarded: true', 'forwarded: true'],
    ['time: { days: [mon], between: "09:00-10:00" }', 'time: { between: "08:00-24:00" }'],
    ['time: { days: [mon], between: "09:00-10:00" }', 'time: { days: [mon, tue] }'],
    ['time: { between: "22:00-06:00" }', 'time: { between: "22:00-06:00" }'],
    ['logic: { "===": [{ var: kind }, a] }', 'logic: { "===": [{ var: kind }, a] }'],
  ])('%s unless %s', (when, unless) => {
    expect(isNeverTrue(when, unless)).toBe(true);
  });
});

describe('an `unless` that leaves something over is not said to exempt all', () => {
  test.each([
    ['kind: [new-device, key-change]', 'kind: new-device'],
    ['kind: new-device', 'kind: new-device, forwarded: true'],
    ['kind: new-device', 'kind: key-change'],
    ['from: 10.0.0.0/8', 'from: 10.0.0.0/9'],
    ['from: 10.0.0.0/8', 'from: own-address'],
    ['from: 127.0.0.1', 'from: loopback'],
    ['from: own-address', 'from: own-tailnet'],
    ['from: loopback', 'from: own-address'],
    ['from: [loopback, own-address]', 'from: loopback'],
    ['time: { days: [mon, tue] }', 'time: { days: [mon] }'],
    ['from: anywhere', 'from: 10.0.0.0/8'],
    ['role: [node, operator]', 'role: node'],
    ['scopes: any-scopes', 'scopes: { within: [operator.admin] }'],
    ['scopes: { any: [operator.read, operator.talk] }', 'scopes: { all: [operator.read] }'],
    ['scopes: { none: [operator.write] }', 'scopes: { none: [operator.read] }'],
    ['commands: { within: [camera.*] }', 'commands: { within: [camera.snap] }'],
    ['commands: { any: [camera.*] }', 'commands: { all: [camera.snap] }'],
    ['clientId: "openclaw-*"', 'clientId: openclaw-ios'],
    ['clientId: CLI', 'clientId: cli'],
    [`device: [${ID}, ${KEY}]`, `device: ${ID}`],
    ['time: { days: [mon] }', 'time: { days: [mon], between: "09:00-10:00" }'],
    ['time: { days: [mon], between: "22:00-06:00" }', 'time: { days: [mon] }'],
    ['time: { days: [mon], zone: Europe/Berlin }', 'time: { days: [mon] }'],
    ['time: { between: "09:00-10:00" }', 'time: { between: "22:00-06:00" }'],
    ['authMethod: [token, tailscale]', 'authUser: ann@example.org'],
    ['logic: { "===": [{ var: kind }, a] }', 'logic: { "===": [{ var: kind }, b] }'],
    [`device: ${ID}`, `device: ${OTHER_ID}`],
  ])('%s unless %s', (when, unless) => {
    expect(isNeverTrue(when, unless)).toBe(false);
  });
});

test('an approve rule without `commands` is exempted by what holds for no commands', () => {
  const when = 'from: 10.0.0.0/8, role: node, scopes: { within: [] }';
  const unless = 'unless: { commands: { none: [system.run] } }';
  expect(lintCodes(rules(rule('approve', when, unless)))).toEqual(['warning NEVER_TRUE']);
});

test('the reason is told at the id of the rule', () => {
  const [problem] = lintText(rules(rule('deny', 'from: loopback, forwarded: true')));
  expect(problem).toMatchObject({ code: 'NEVER_TRUE', line: 3, column: 11 });
  expect(problem?.message).toContain('`from` together with the other conditions');
});
