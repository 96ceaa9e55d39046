import { describe, expect, test } from 'vitest';
import {
  type Facts,
  isDeviceId,
  isPublicKey,
  normaliseAddresses,
  normaliseRecord,
} from '../../src/model/index.js';

const ID = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';
const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

/** Facts for tables: addresses as text. */
function factsOf(record: unknown): Record<string, unknown> {
  const facts: Facts = normaliseRecord(record);
  return { ...facts, remoteIp: facts.remoteIp?.text };
}

describe('a field of the right form is a fact', () => {
  test.each<[string, unknown, unknown]>([
    ['ts', 1_796_115_600_000, 1_796_115_600_000],
    ['ts', '2026-12-01T09:00:00Z', 1_796_115_600_000],
    ['requestId', 'req-1', 'req-1'],
    ['deviceId', ID, ID],
    ['deviceId', ID.toUpperCase(), ID],
    ['publicKey', KEY, KEY],
    ['remoteIp', '192.168.1.20', '192.168.1.20'],
    ['remoteIp', '::ffff:10.0.0.1', '10.0.0.1'],
    ['forwarded', false, false],
    ['clientId', 'openclaw-ios', 'openclaw-ios'],
    ['clientMode', 'a mode of tomorrow', 'a mode of tomorrow'],
    ['clientVersion', '2026.9.6', '2026.9.6'],
    ['platform', '', ''],
    ['deviceFamily', 'iPhone', 'iPhone'],
    ['displayName', " Ann's\nphone ", " Ann's\nphone "],
    ['browserOrigin', 'https://claw.example.org', 'https://claw.example.org'],
    ['scopes', [], []],
    ['scopes', [' operator.read\n', 'operator.read'], ['operator.read']],
    ['scopes', ['operator.future'], ['operator.future']],
    ['commands', ['system.run', ' x', ''], ['system.run', ' x', '']],
    ['authMethod', 'bootstrap-token', 'bootstrap-token'],
    ['kind', 'scope-upgrade', 'scope-upgrade'],
    ['gateway', 'home', 'home'],
    ['gatewayVersion', '2026.9.6', '2026.9.6'],
    ['isRepair', true, true],
    ['silent', false, false],
  ])('%s %j', (name, value, fact) => {
    expect(factsOf({ [name]: value })[name]).toEqual(fact);
  });
});

describe('a field that is absent, null, or of the wrong type or form is an unknown fact', () => {
  const names = Object.keys(factsOf({}));
  const wrong = [undefined, null, 7.5, {}, [null], [[]], Symbol('x'), () => 'operator'];

  test.each(names.map((name) => [name]))('%s', (name) => {
    expect(factsOf({})[name]).toBeUndefined();
    for (const value of wrong) expect(factsOf({ [name]: value })[name]).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['ts', '2026-12-01T09:00:00'],
    ['ts', 8.64e15 + 2],
    ['deviceId', ID.slice(1)],
    ['deviceId', `${ID}0`],
    ['deviceId', `${ID}\n`],
    ['deviceId', `${ID.slice(1)}g`],
    ['publicKey', `${KEY}=`],
    ['publicKey', `${KEY.slice(1)}B`],
    ['publicKey', `${KEY.slice(1)}/`],
    ['publicKey', `${KEY}\n`],
    ['remoteIp', '127.1'],
    ['remoteIp', ''],
    ['forwarded', 'false'],
    ['forwarded', 0],
    ['authMethod', 'Token'],
    ['authMethod', 'constructor'],
    ['kind', 'new_device'],
    ['kind', 'toString'],
    ['isRepair', 'false'],
    ['clientId', ['openclaw-ios']],
    ['scopes', 'operator.read'],
    ['scopes', { 0: 'operator.read', length: 1 }],
    // one bad member spoils the list
    ['scopes', ['operator.read', '']],
    ['scopes', ['operator.read', ' \t']],
    ['scopes', ['operator.read', 'a b']],
    ['scopes', ['operator.read', 'a\u0000']],
    ['scopes', ['operator.read', 'a\u0085b']],
    ['scopes', ['operator.read', 'a\u00a0b']],
    ['scopes', ['operator.read', null]],
    ['scopes', ['operator.read', 1]],
    ['scopes', ['operator.read', ['operator.admin']]],
    ['scopes', Array(2)],
    ['commands', ['system.run', null]],
    ['commands', Array(1)],
  ])('%s %j', (name, value) => {
    expect(factsOf({ [name]: value })[name]).toBeUndefined();
  });

  test.each<[unknown]>([
    [undefined],
    [null],
    [0],
    ['{}'],
    [[]],
    [[{ role: 'node' }]],
    [true],
    [Symbol('record')],
  ])('%s is no record: every fact is unknown', (record) => {
    expect(new Set(Object.values(factsOf(record)))).toEqual(new Set([undefined]));
  });
});

describe('what is asked for is the union of role and roles', () => {
  test.each<[Record<string, unknown>, unknown]>([
    [{ role: 'node' }, ['node']],
    [{ role: ' operator ' }, ['operator']],
    [{ roles: ['node', 'operator', 'node'] }, ['node', 'operator']],
    [{ role: 'operator', roles: ['node'] }, ['operator', 'node']],
    [{ role: 'operator', roles: ['operator'] }, ['operator']],
    [{ role: 'operator', roles: [] }, ['operator']],
    // empty, or with another word
    [{}, undefined],
    [{ roles: [] }, undefined],
    [{ role: '' }, undefined],
    [{ role: 'admin' }, undefined],
    [{ role: 'Node' }, undefined],
    [{ role: 'operator', roles: ['root'] }, undefined],
    [{ role: 'root', roles: ['operator'] }, undefined],
    [{ role: null, roles: ['operator'] }, undefined],
    [{ role: 'operator', roles: null }, undefined],
    [{ role: 'operator', roles: 'node' }, undefined],
    [{ role: 'operator', roles: ['node', null] }, undefined],
    [{ role: ['operator'] }, undefined],
    [{ role: 'op erator' }, undefined],
    [{ role: '__proto__' }, undefined],
  ])('%j asks for %j', (record, roles) => {
    expect(factsOf(record)['roles']).toEqual(roles);
  });
});

describe('what a record of the gateway leaves out was not sent', () => {
  const SELF = [
    'displayName',
    'platform',
    'deviceFamily',
    'clientId',
    'clientMode',
    'browserOrigin',
  ].map((name) => [name]);

  test.each(SELF)('%s is empty with isRepair', (name) => {
    expect(factsOf({ isRepair: true })[name]).toBe('');
    expect(factsOf({ isRepair: false, [name]: undefined })[name]).toBe('');
    expect(factsOf({ isRepair: false, [name]: 'x' })[name]).toBe('x');
    expect(factsOf({ isRepair: false, [name]: null })[name]).toBeUndefined();
    expect(factsOf({ isRepair: false, [name]: 1 })[name]).toBeUndefined();
    expect(factsOf({ isRepair: 'false' })[name]).toBeUndefined();
    expect(factsOf({ kind: 'new-device' })[name]).toBeUndefined();
  });

  test.each([['requestId'], ['clientVersion'], ['remoteIp'], ['forwarded'], ['scopes'], ['roles']])(
    '%s stays unknown',
    (name) => {
      expect(factsOf({ isRepair: false })[name]).toBeUndefined();
    },
  );
});

describe('the kind that nobody said', () => {
  test.each<[Record<string, unknown>, unknown]>([
    [{ isRepair: false }, 'new-device'],
    [{ isRepair: true }, undefined],
    [{ isRepair: false, kind: 'reconnect' }, 'reconnect'],
    [{ isRepair: false, kind: null }, undefined],
    [{ isRepair: false, kind: 'other' }, undefined],
    [{ isRepair: 'false' }, undefined],
    [{}, undefined],
  ])('%j is %j', (record, kind) => {
    expect(factsOf(record)['kind']).toBe(kind);
  });
});

describe('commands, scopes and roles that nobody said', () => {
  test.each<[Record<string, unknown>, Record<string, unknown>]>([
    [{ isRepair: true }, { commands: [] }],
    [{ kind: 'new-device' }, { commands: [] }],
    [{ kind: 'reconnect' }, { commands: [], scopes: undefined, roles: undefined }],
    [{ kind: 'other' }, { commands: undefined }],
    [{ kind: 'new-device', commands: null }, { commands: undefined }],
    [{ kind: 'new-device', commands: ['x'] }, { commands: ['x'] }],
    [{ kind: 'node-commands' }, { commands: undefined, scopes: [], roles: ['node'] }],
    [
      { kind: 'node-commands', isRepair: true },
      { commands: [], scopes: [], roles: ['node'] },
    ],
    [{ kind: 'node-commands', scopes: null }, { scopes: undefined }],
    [{ kind: 'node-commands', role: 'operator' }, { roles: ['operator'] }],
    [{ kind: 'node-commands', roles: ['operator'] }, { roles: ['operator'] }],
    [{ kind: 'node-commands', roles: [] }, { roles: undefined }],
    [{ kind: 'node-commands', role: null }, { roles: undefined }],
  ])('%j', (record, facts) => {
    expect(factsOf(record)).toMatchObject(facts);
  });
});

test.each<[unknown, unknown, unknown]>([
  ['tailscale', 'ann', 'ann'],
  ['trusted-proxy', 'ann', 'ann'],
  ['trusted-proxy', '', ''],
  ['trusted-proxy', null, undefined],
  ['token', 'ann', undefined],
  ['none', 'ann', undefined],
  ['Tailscale', 'ann', undefined],
  [undefined, 'ann', undefined],
  [['tailscale'], 'ann', undefined],
])('with authMethod %j the authUser %j is %j', (authMethod, authUser, expected) => {
  expect(factsOf({ authMethod, authUser })['authUser']).toBe(expected);
});

describe('a hostile record is read once and never throws', () => {
  test('what it inherits is not its own', () => {
    expect(factsOf(Object.create({ role: 'node' }))['roles']).toBeUndefined();
    expect(factsOf(JSON.parse('{"__proto__":{"role":"node"}}'))['roles']).toBeUndefined();
  });

  test('a getter that throws makes every fact unknown', () => {
    const record = {
      role: 'node',
      get scopes(): string[] {
        throw new Error('no');
      },
    };
    expect(factsOf(record)['roles']).toBeUndefined();
  });

  test('a getter cannot give two answers', () => {
    let asked = 0;
    const record = {
      get remoteIp(): string {
        asked += 1;
        return asked === 1 ? '203.0.113.7' : '127.0.0.1';
      },
    };
    expect(factsOf(record)['remoteIp']).toBe('203.0.113.7');
    expect(asked).toBe(1);
  });

  test('what refuses to be read is unknown', () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    for (const name of ['scopes', 'roles', 'commands', 'remoteIp', 'ts']) {
      const facts = factsOf({ clientId: 'cli', [name]: proxy });
      expect(facts).toMatchObject({ clientId: 'cli', [name]: undefined });
    }
    expect(factsOf(proxy)['remoteIp']).toBeUndefined();
  });

  test('an instance of a class is no record: it may hide fields in its prototype', () => {
    class Connect {
      readonly role = 'node';
    }
    expect(factsOf(new Connect())['roles']).toBeUndefined();
    expect(factsOf(Object.assign(Object.create(null), { role: 'node' }))['roles']).toEqual([
      'node',
    ]);
  });

  test('a text or list beyond any honest one is unknown', () => {
    const text = 'x'.repeat(65_536);
    expect(factsOf({ displayName: text })['displayName']).toBe(text);
    expect(factsOf({ displayName: `${text}x` })['displayName']).toBeUndefined();
    expect(factsOf({ commands: [`${text}x`] })['commands']).toBeUndefined();
    const list = Array.from({ length: 4_096 }, (_, i) => `c${i}`);
    expect(factsOf({ commands: list })['commands']).toEqual(list);
    expect(factsOf({ commands: [...list, 'x'] })['commands']).toBeUndefined();
    expect(factsOf({ scopes: [...list, 'x'] })['scopes']).toBeUndefined();
  });
});

test.each<[unknown, readonly string[] | undefined]>([
  [[], []],
  [
    ['127.0.0.1', '::ffff:10.0.0.1', 'fe80::1%eth0'],
    ['127.0.0.1', '10.0.0.1', 'fe80::1'],
  ],
  [['127.0.0.1', '10.0.0.0/8'], undefined],
  [['127.0.0.1', null], undefined],
  [Array(1), undefined],
  ['127.0.0.1', undefined],
  [null, undefined],
  [undefined, undefined],
])('the own addresses %j are %j', (list, expected) => {
  expect(normaliseAddresses(list)?.map((address) => address.text)).toEqual(expected);
});

test('every last character of a key leaves two bits zero', () => {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  for (const [i, last] of [...alphabet].entries()) {
    expect(isPublicKey(KEY.slice(1) + last)).toBe(i % 4 === 0);
  }
  expect(isDeviceId(ID)).toBe(true);
  expect(isDeviceId(KEY)).toBe(false);
});
