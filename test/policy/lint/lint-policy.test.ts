import { describe, expect, test } from 'vitest';
import { lintCodes, lintText, rule, rules } from './lint-text.js';

const ID = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';

/** An approve rule of nodes that get nothing. */
const nodes = (when: string, more = '') =>
  rule('approve', `role: node, scopes: { within: [] }, ${when}`, more);

/** An approve rule of operators in an office. */
const operators = (when: string, more = '') =>
  rule('approve', `from: 192.168.1.0/24, role: operator, ${when}`, more);

describe('approve rules are looked at for where they approve from', () => {
  test.each([
    ['anywhere', ['warning APPROVE_FROM_ANYWHERE']],
    ['[10.1.0.0/16, anywhere]', ['warning APPROVE_FROM_ANYWHERE']],
    ['8.0.0.0/8', ['warning APPROVE_FROM_ANYWHERE']],
    ['203.0.113.0/24', ['warning APPROVE_FROM_ANYWHERE']],
    ['"2001:db8::/32"', ['warning APPROVE_FROM_ANYWHERE']],
    ['203.0.113.7', ['note APPROVE_FROM_ANYWHERE']],
    ['"2001:db8:1:2::/64"', ['note APPROVE_FROM_ANYWHERE']],
    ['192.168.1.0/24', []],
    ['"fd00:1234::/64"', []],
    ['loopback', []],
    ['private', ['warning BRIDGE_NETWORK']],
    ['172.17.0.0/16', ['warning BRIDGE_NETWORK']],
    ['172.28.5.0/24', []],
    ['127.0.0.1', ['warning BRIDGE_NETWORK']],
    ['"::1"', ['warning BRIDGE_NETWORK']],
    ['127.0.0.1, forwarded: false', []],
    ['tailnet', ['note TAILNET_PITFALL']],
    ['100.64.0.0/10', ['note TAILNET_PITFALL']],
    ['100.101.0.0/16', []],
    ['own-tailnet', ['note OWN_ADDRESS_PITFALL']],
    ['own-address', ['note OWN_ADDRESS_PITFALL']],
    [`anywhere, device: ${ID}`, []],
    [`[private, tailnet, own-address], device: ${ID}`, []],
    ['anywhere, authUser: ann@example.org', []],
    ['anywhere, authUser: "*"', ['warning APPROVE_FROM_ANYWHERE']],
  ])('from: %s', (from, expected) => {
    expect(lintCodes(rules(nodes(`from: ${from}`)))).toEqual(expected);
  });

  test('a public network behind a name is told with its widest part', () => {
    const networks = 'networks: { office: [10.0.0.0/8, 9.9.9.9, 198.51.0.0/16] }\n';
    const problem = lintText(networks + rules(nodes('from: "@office"'))).find(
      ({ code }) => code !== 'UNTESTED_RULE',
    );
    expect(problem).toMatchObject({ severity: 'warning', line: 4 });
    expect(problem?.message).toContain('`@office` (198.51.0.0/16)');
  });

  test('a redefined tailnet is no public network, and has the pitfall only if it is as wide', () => {
    const tailnet = (range: string) =>
      lintCodes(`networks: { tailnet: [${range}] }\n${rules(nodes('from: tailnet'))}`);
    expect(tailnet('100.100.0.0/16, 9.9.0.0/16')).toEqual([]);
    expect(tailnet('100.64.0.0/10')).toEqual(['note TAILNET_PITFALL']);
  });

  test('an exemption of the bridge or of loopback is enough', () => {
    const from = (unless: string) =>
      lintCodes(rules(nodes('from: [172.17.0.0/16, 127.0.0.1]', `unless: { ${unless} }`)));
    expect(from('from: [172.17.0.1, 127.0.0.1]')).toEqual([]);
    expect(from('from: [172.17.0.1, loopback]')).toEqual(['warning BRIDGE_NETWORK']);
    expect(from('from: [172.17.0.1, 127.0.0.1], kind: reconnect')).toHaveLength(2);
  });

  test('deny and hold rules may be from wherever', () => {
    expect(lintCodes(rules(rule('deny', 'from: [anywhere, private, own-address]')))).toEqual([]);
  });
});

describe('approve rules are looked at for what they can grant', () => {
  test.each([
    ['scopes: any-scopes', ['warning APPROVE_GRANTS_ADMIN']],
    ['scopes: { within: [operator.admin] }', ['warning APPROVE_GRANTS_ADMIN']],
    ['scopes: { within: [operator.pairing] }', ['warning APPROVE_GRANTS_ADMIN']],
    ['scopes: { within: [operator.read, operator.write] }', []],
    [
      'scopes: { within: [operator.admin], none: [operator.read] }',
      ['warning APPROVE_GRANTS_ADMIN'],
    ],
    ['scopes: { within: [operator.admin], none: [operator.read, operator.pairing] }', []],
    ['scopes: { within: [] }, commands: any-commands', ['warning APPROVE_GRANTS_ADMIN']],
    ['scopes: { within: [] }, commands: { within: ["s*"] }', ['warning APPROVE_GRANTS_ADMIN']],
    ['scopes: { within: [] }, commands: { within: [camera.*, system.which] }', []],
    ['scopes: { within: [] }, commands: { within: ["*"], none: ["system.*"] }', []],
    ['scopes: { within: [] }, commands: { none: [system.run] }', ['warning APPROVE_COMMANDS_OPEN']],
    [
      'scopes: { within: [] }, commands: { all: [camera.snap] }',
      ['warning APPROVE_COMMANDS_OPEN', 'warning APPROVE_GRANTS_ADMIN'],
    ],
    [`scopes: any-scopes, device: ${ID}`, ['note APPROVE_GRANTS_ADMIN']],
  ])('%s', (when, expected) => {
    expect(lintCodes(rules(operators(when)))).toEqual(expected);
  });

  test('what is granted is named', () => {
    const messages = lintText(rules(operators('scopes: any-scopes'))).map(({ message }) => message);
    expect(messages).toContain('`r` can grant `operator.admin` and `operator.pairing`');
  });

  test('what `unless` or another rule keeps back is not granted', () => {
    const hold = (when: string, more = '') => rule('hold', when, more, 'hold');
    const all = operators('scopes: any-scopes');
    const any = 'scopes: { any: [operator.admin, operator.pairing] }';
    expect(lintCodes(rules(operators('scopes: any-scopes', `unless: { ${any} }`)))).toEqual([]);
    expect(lintCodes(rules(all, hold(any)))).toEqual([]);
    expect(lintCodes(rules(all, hold(any, 'unless: { from: loopback }')))).toEqual([]);
    expect(lintCodes(rules(all, hold(any, 'unless: { from: private }')))).toHaveLength(1);
    expect(lintCodes(rules(all, hold('scopes: { any: [operator.admin] }')))).toHaveLength(1);
  });
});

describe('what the client says of itself bounds nothing', () => {
  test.each([
    ['from: 192.168.1.0/24, role: node, scopes: { within: [] }, clientMode: node', ['note']],
    ['from: 192.168.1.0/24, role: operator, scopes: { within: [x.y] }, platform: ios', ['warning']],
    [
      'from: loopback, role: operator, scopes: { within: [operator.read] }, clientId: cli',
      ['note'],
    ],
    ['authUser: a, role: operator, scopes: { within: [operator.read] }, platform: ios', []],
    [`device: ${ID}, role: operator, scopes: { within: [operator.read] }, platform: ios`, []],
    [
      'from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] }, clientId: cli, authMethod: token',
      [],
    ],
    [
      'from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] }, clientId: cli, authMethod: [token, none]',
      ['warning'],
    ],
    [
      'from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] }, clientId: cli, logic: { "===": [{ var: gateway }, home] }',
      [],
    ],
    [
      'from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] }, logic: { "===": [{ var: [clientVersion] }, "1"] }',
      ['warning'],
    ],
    [
      'from: 192.168.1.0/24, role: node, scopes: { within: [] }, commands: any-commands, clientId: x',
      ['warning'],
    ],
  ])('an approve rule on %s', (when, expected) => {
    const found = lintCodes(rules(rule('approve', when))).filter((one) => one.endsWith('_BOUND'));
    expect(found).toEqual(expected.map((severity) => `${severity} SELF_ASSERTED_BOUND`));
  });

  test.each([
    [rule('deny', 'platform: windows'), 1],
    [rule('hold', 'from: 10.0.0.0/8, clientMode: [ui, cli], displayName: x'), 2],
    [rule('hold', 'logic: { "===": [{ var: platform }, x] }'), 1],
    [rule('hold', 'kind: key-change'), 0],
    [rule('hold', 'kind: key-change', 'unless: { clientMode: cli }'), 1],
    [rule('hold', 'kind: key-change', 'unless: { clientMode: cli, from: loopback }'), 0],
    [operators('scopes: { within: [operator.read] }', 'unless: { platform: windows }'), 1],
    [
      operators(
        'scopes: { within: [operator.read] }',
        'unless: { platform: x, from: 192.168.1.9 }',
      ),
      1,
    ],
    [rule('deny', `device: ${ID}`, 'unless: { from: loopback }'), 0],
  ])('%s can be dodged by %i words', (text, count) => {
    const found = lintCodes(rules(text)).filter((one) => one === 'warning SELF_ASSERTED_GUARD');
    expect(found).toHaveLength(count);
  });
});

describe('rules that end are told', () => {
  test.each([
    ['approve', '2026-12-01T09:00:00Z', ['warning EXPIRED']],
    ['deny', '2026-12-01T08:59:59Z', ['warning EXPIRED']],
    ['approve', '2026-12-01T09:00:01Z', []],
    ['hold', '2026-12-01T09:00:01Z', []],
    ['deny', '2026-12-01T09:00:01Z', ['warning DENY_EXPIRES']],
  ])('%s until %s', (action, expires, expected) => {
    const when = 'from: 10.1.0.0/16, role: node, scopes: { within: [] }';
    expect(lintCodes(rules(rule(action, when, `expires: ${expires}`)))).toEqual(expected);
  });
});

describe('words that OpenClaw does not know, and names that nothing uses, are warnings', () => {
  test('each unknown scope is told once, with the nearest known one', () => {
    const found = lintText(
      rules(
        rule(
          'hold',
          'scopes: { any: [operator.amdin, x.y], none: [x.y] }',
          'unless: { scopes: { any: [operator.raed] } }',
        ),
      ),
    ).filter(({ code }) => code === 'UNKNOWN_SCOPE');
    expect(found.map(({ message }) => message)).toEqual([
      'OpenClaw knows no scope `operator.amdin`',
      'OpenClaw knows no scope `x.y`',
      'OpenClaw knows no scope `operator.raed`',
    ]);
    expect(found[0]?.hint).toBe('did you mean `operator.admin`?');
    expect(found.every(({ severity }) => severity === 'warning')).toBe(true);
  });

  test('an unknown client mode is told, an empty one is none that was sent', () => {
    const codes = lintCodes(rules(nodes('from: 10.1.0.0/16, clientMode: [nod, "", ui]')));
    expect(codes).toEqual(['note SELF_ASSERTED_BOUND', 'warning UNKNOWN_CLIENT_MODE']);
  });

  test('unused networks and device groups are told at their names', () => {
    const lists = `networks: { a: [10.0.0.0/8], tailnet: [100.64.0.0/10] }\ndevices:\n  b: [${ID}]\n`;
    const found = lintText(lists).map(({ code, line, column, message }) => [
      code,
      line,
      column,
      message,
    ]);
    expect(found).toEqual([
      ['UNUSED_NAME', 2, 13, 'no rule uses the network `a`'],
      ['UNUSED_NAME', 4, 3, 'no rule uses the device group `b`'],
    ]);
  });
});

describe('a rule that no test expects is a note', () => {
  const text = rules(
    rule('hold', 'kind: key-change', '', 'a'),
    rule('deny', 'kind: reconnect', '', 'b'),
  );
  const untested = (tests: string) =>
    lintText(`${text}tests: [${tests}]`)
      .filter(({ code }) => code === 'UNTESTED_RULE')
      .map(({ severity, message }) => `${severity}: ${message}`);
  test.each([
    ['', ['note: no test expects `a`', 'note: no test expects `b`']],
    ['{ name: x, connect: {}, expect: { action: hold, rule: a } }', ['note: no test expects `b`']],
    ['{ name: x, connect: {}, expect: deny }', ['note: no test expects `a`']],
    [
      '{ name: x, connect: {}, expect: { action: hold, rule: null } }',
      ['note: no test expects `a`', 'note: no test expects `b`'],
    ],
  ])('tests: [%s]', (tests, expected) => {
    expect(untested(tests)).toEqual(expected);
  });
});
