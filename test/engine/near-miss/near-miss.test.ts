import { describe, expect, test } from 'vitest';
import {
  findNearMisses,
  type NearMiss,
  readLimits,
  smallestChange,
  toCircumstances,
} from '../../../src/engine/index.js';
import { sizeOf } from '../../../src/engine/near-miss/change-connect.js';
import type { DecisionContext } from '../../../src/model/index.js';
import type { PlainConditions, PlainPolicy, PlainRule } from '../../reference/plain-policy.js';
import { buildPlain } from '../plain-policies.js';

const DEVICE = '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9';
const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
const TUESDAY = Date.UTC(2026, 11, 1, 9, 30);
const HOUR = 3_600_000;

/** A connect that the rule of `approving({})` approves. */
const NODE = {
  remoteIp: '192.168.1.20',
  forwarded: false,
  role: 'node',
  clientMode: 'node',
  kind: 'new-device',
  scopes: [],
  commands: [],
  deviceId: DEVICE,
  ts: TUESDAY,
};

function approving(more: PlainConditions, rest: Partial<PlainRule> = {}): PlainRule {
  const bounds: PlainConditions = {
    from: 'anywhere',
    role: ['node', 'operator'],
    scopes: 'any-scopes',
    commands: 'any-commands',
  };
  return { id: 'let-in', action: 'approve', when: { ...bounds, ...more }, ...rest } as PlainRule;
}

function nearMisses(
  rules: readonly PlainRule[],
  record: unknown,
  context: DecisionContext = {},
  rest: Partial<PlainPolicy> = {},
): readonly NearMiss[] {
  const { compiled } = buildPlain({ version: 1, rules: [...rules], ...rest });
  const circumstances = toCircumstances(record, context);
  const book = readLimits(context.limits);
  return findNearMisses(compiled, compiled.explain(circumstances, book), circumstances, book);
}

describe('one condition that is not true is changed into a value that makes it true', () => {
  const logic = { '===': [{ var: 'platform' }, 'linux'] };
  test.each<[string, PlainConditions, object, object | null]>([
    ['the network', { from: '10.0.0.0/8' }, {}, { remoteIp: '10.0.0.1' }],
    ['an IPv6 network', { from: 'fd00:1234::/64' }, {}, { remoteIp: 'fd00:1234::1' }],
    [
      'an IPv6 network in full',
      { from: '1:2:3:4:5:6:7:8/125' },
      {},
      { remoteIp: '1:2:3:4:5:6:7:9' },
    ],
    ['one address', { from: '10.1.2.3' }, {}, { remoteIp: '10.1.2.3' }],
    ['its own family first', { from: ['fd00::/64', '10.0.0.0/8'] }, {}, { remoteIp: '10.0.0.1' }],
    ['loopback', { from: 'loopback' }, {}, { remoteIp: '127.0.0.1' }],
    [
      'loopback, directly',
      { from: 'loopback' },
      { remoteIp: '::1', forwarded: null },
      { forwarded: false },
    ],
    ['the client id', { clientId: 'openclaw-*' }, {}, { clientId: 'openclaw-' }],
    ['the mode', { clientMode: ['ui', 'cli'] }, {}, { clientMode: 'ui' }],
    ['the kind', { kind: ['reconnect', 'key-change'] }, {}, { kind: 'key-change' }],
    ['the method', { authMethod: 'token' }, {}, { authMethod: 'token' }],
    [
      'the login',
      { authUser: '*@example.org' },
      {},
      { authMethod: 'tailscale', authUser: '@example.org' },
    ],
    ['the login alone', { authUser: 'ann' }, { authMethod: 'trusted-proxy' }, { authUser: 'ann' }],
    ['the role', { role: 'operator' }, {}, { roles: ['operator'] }],
    [
      'both roles',
      { roles: { within: ['node', 'operator'], all: ['node', 'operator'] } },
      {},
      { roles: ['node', 'operator'] },
    ],
    [
      'no admin',
      { scopes: { within: ['operator.read'] } },
      { scopes: ['operator.read', 'operator.pairing'] },
      { scopes: ['operator.read'] },
    ],
    [
      'the lesser scope',
      { scopes: { within: ['operator.read'] } },
      { scopes: ['operator.admin'] },
      { scopes: ['operator.read'] },
    ],
    ['no scopes', { scopes: { within: [] } }, { scopes: ['operator.read'] }, { scopes: [] }],
    ['known scopes', { scopes: { within: [] } }, { scopes: null }, { scopes: [] }],
    [
      'one more scope',
      { scopes: { within: ['operator.write'], any: ['operator.write'] } },
      {},
      { scopes: ['operator.write'] },
    ],
    [
      'not this scope',
      { scopes: { within: ['operator.admin'], none: ['operator.pairing'] } },
      { scopes: ['operator.admin', 'operator.read'] },
      { scopes: ['operator.read'] },
    ],
    [
      'a command of a glob',
      { commands: { within: ['camera.*'], any: ['camera.*'] } },
      { commands: ['system.run'] },
      { commands: ['camera.'] },
    ],
    [
      'known commands',
      { commands: 'any-commands' },
      { commands: null, kind: null },
      { commands: [] },
    ],
    ['the device', { device: 'ab'.repeat(32) }, {}, { deviceId: 'ab'.repeat(32) }],
    ['a proxy', { forwarded: true }, {}, { forwarded: true }],
    ['the hours', { time: { between: '12:00-13:00' } }, {}, { now: Date.UTC(2026, 11, 1, 12) }],
    [
      'the hours in a zone',
      { time: { between: '12:00-12:10', zone: 'Asia/Kolkata' } },
      {},
      { now: Date.UTC(2026, 11, 2, 6, 30) },
    ],
    ['the day', { time: { days: 'sat' } }, {}, { now: Date.UTC(2026, 11, 5) }],
    ['a known time', { time: { days: 'mon' } }, { ts: null }, { now: Date.UTC(2026, 0, 5) }],
    ['logic, of which nothing is known', { logic }, {}, null],
    ['a rule about paired devices', { kind: 'reconnect' }, {}, null],
  ])('%s', (_name, more, record, change) => {
    const [miss, ...others] = nearMisses([approving(more)], { ...NODE, ...record });
    expect(others).toEqual([]);
    expect(miss).toMatchObject({ rule: { rule: { id: 'let-in' } }, against: [], change });
    expect(miss?.unmet.map(({ part }) => part)).toEqual(['when']);
  });

  test('a device by its key gets the id of that key', () => {
    const [miss] = nearMisses([approving({ device: KEY })], NODE);
    expect(miss?.change).toEqual({
      publicKey: KEY,
      deviceId: '66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925',
    });
    expect(sizeOf(miss?.change ?? {})).toBe(1);
  });
});

describe('the own addresses', () => {
  const rules = [approving({ from: ['own-tailnet'] })];
  const own = '100.101.102.103';
  test.each<[string, object, DecisionContext, object | null]>([
    ['are those of the host', {}, { ownAddresses: ['127.0.0.1', own] }, { remoteIp: own }],
    ['of which none is in the tailnet', {}, { ownAddresses: ['127.0.0.1'] }, null],
    [
      'that are not known may be the one it comes from',
      { remoteIp: own },
      {},
      { ownAddresses: [own] },
    ],
    [
      'that are not known may be any',
      {},
      {},
      { remoteIp: '100.64.0.1', ownAddresses: ['100.64.0.1'] },
    ],
    [
      'need to be without a proxy',
      { remoteIp: own, forwarded: true },
      { ownAddresses: [own] },
      { forwarded: false },
    ],
  ])('%s', (_name, record, context, change) => {
    expect(nearMisses(rules, { ...NODE, ...record }, context)[0]?.change).toEqual(change);
  });

  test('of any kind will do for own-address', () => {
    const misses = nearMisses([approving({ from: 'own-address' })], NODE, {
      ownAddresses: ['10.0.0.9'],
    });
    expect(misses[0]?.change).toEqual({ remoteIp: '10.0.0.9' });
  });
});

describe('an `unless` that is not false', () => {
  test.each<[string, PlainConditions, object | null]>([
    ['the mode', { clientMode: 'node' }, { clientMode: 'webchat' }],
    ['the platform', { platform: '*' }, null],
    ['a text', { displayName: 'bad' }, { displayName: '' }],
    ['the address', { from: 'private' }, { remoteIp: '192.0.2.1' }],
    ['the roles', { role: 'node' }, { roles: ['operator'] }],
    [
      'a scope that is not there',
      { scopes: { none: ['operator.read'] } },
      { scopes: ['operator.admin'] },
    ],
    ['the proxy', { forwarded: false }, { forwarded: true }],
    ['the time', { time: { between: '09:00-10:00' } }, { now: Date.UTC(2026, 11, 1, 10) }],
    ['the login', { authUser: 'ann' }, { authMethod: 'tailscale', authUser: '' }],
    ['the device, which stays the same one', { device: DEVICE }, null],
    ['logic', { logic: { '===': [1, 1] } }, null],
  ])('is told as one: %s', (_name, unless, change) => {
    const record = { ...NODE, displayName: 'bad', platform: 'linux' };
    const [miss] = nearMisses([approving({}, { unless })], record);
    expect(miss?.unmet).toMatchObject([
      { part: 'unless', conditions: [{ condition: unless && {} }] },
    ]);
    expect(miss?.change ?? null).toEqual(change);
  });

  test('of several conditions needs one of them to be false', () => {
    const unless = { platform: '*', clientMode: 'node' };
    const [miss] = nearMisses([approving({}, { unless })], { ...NODE, platform: 'linux' });
    expect(miss?.unmet).toHaveLength(1);
    expect(miss?.change).toEqual({ clientMode: 'webchat' });
  });
});

describe('what is no condition', () => {
  test('a rule that has expired counts as one', () => {
    const expires = '2026-12-01T09:00:00Z';
    const [miss] = nearMisses([approving({}, { expires })], NODE);
    expect(miss?.unmet).toEqual([{ part: 'expires', conditions: [] }]);
    expect(miss?.change).toEqual({ now: Date.UTC(2026, 11, 1, 9) - 1 });
  });

  test('hours are looked for before a rule expires, too', () => {
    const rule = approving(
      { time: { between: '08:00-08:30' } },
      { expires: '2026-12-01T09:40:00Z' },
    );
    const [miss] = nearMisses([rule], NODE);
    expect(miss?.change).toEqual({ now: Date.UTC(2026, 11, 1, 8) });
  });

  test.each<[string, object, PlainRule['limit'], DecisionContext, object | null]>([
    [
      'is spent until the window has moved on',
      {},
      { max: 1, per: '1h' },
      { limits: { 'let-in': { '': [{ at: TUESDAY - 60_000, ask: null }] } } },
      { now: TUESDAY - 60_000 + HOUR },
    ],
    [
      'is spent for ever',
      {},
      { max: 1 },
      { limits: { 'let-in': { '': [{ at: 1, ask: null }] } } },
      null,
    ],
    ['needs the time', { ts: null }, { max: 1, per: '1h' }, {}, { now: Date.UTC(2026, 0, 5) }],
    [
      'needs the login',
      {},
      { max: 1, by: 'authUser' },
      {},
      { authMethod: 'tailscale', authUser: 'other' },
    ],
    [
      'needs the address',
      { remoteIp: null },
      { max: 1, by: 'remoteIp' },
      {},
      { remoteIp: '192.0.2.1' },
    ],
    ['needs the device', { deviceId: null, publicKey: KEY }, { max: 1, by: 'deviceId' }, {}, null],
    ['cannot be told', {}, { max: 1 }, { limits: { 'let-in': 7 } as never }, null],
  ])('a limit %s', (_name, record, limit, context, change) => {
    const [miss] = nearMisses(
      [approving({}, { limit } as Partial<PlainRule>)],
      { ...NODE, ...record },
      context,
    );
    expect(miss?.unmet).toEqual([{ part: 'limit', conditions: [] }]);
    expect(miss?.change ?? null).toEqual(change);
  });

  test('a limit by device needs to know a device', () => {
    const limit = { max: 1, by: 'deviceId' as const };
    const [miss] = nearMisses([approving({}, { limit })], { ...NODE, deviceId: null });
    expect(Object.keys(miss?.change ?? {})).toEqual(['publicKey', 'deviceId']);
  });
});

describe('deny and hold rules stand against an approve', () => {
  const guard = (action: 'hold' | 'deny', when: PlainConditions, unless?: PlainConditions) =>
    ({ id: 'guard', action, when, ...(unless && { unless }) }) as PlainRule;
  test.each<[string, PlainRule, object, object | null]>([
    [
      'what it asks for',
      guard('hold', { scopes: { any: ['operator.admin'] } }),
      { scopes: ['operator.admin', 'operator.read'] },
      { scopes: ['operator.read'] },
    ],
    [
      'all of several',
      guard('hold', { scopes: { all: ['operator.read'] } }),
      { scopes: ['operator.read'] },
      { scopes: [] },
    ],
    [
      'its commands',
      guard('hold', { commands: { any: ['system.*'] } }),
      { commands: ['system.run', 'x'] },
      { commands: ['x'] },
    ],
    [
      'its kind',
      guard('deny', { kind: ['key-change'] }),
      { kind: 'key-change' },
      { kind: 'new-device' },
    ],
    [
      'its `unless`',
      guard(
        'hold',
        { kind: 'new-device', displayName: '*' },
        { from: 'loopback', forwarded: false },
      ),
      { displayName: 'x', forwarded: true },
      { kind: 'key-change' },
    ],
    ['an unknown fact', guard('deny', { gateway: 'lab' }), {}, { gateway: '' }],
    ['which device it is', guard('deny', { device: DEVICE }), {}, null],
    ['that its key is unknown', guard('deny', { device: KEY }), {}, null],
  ])('for %s', (_name, rule, record, change) => {
    const [miss] = nearMisses([rule, approving({})], { ...NODE, ...record });
    expect(miss?.unmet).toEqual([]);
    expect(miss?.against.map((one) => one.rule.id)).toEqual(['guard']);
    expect(miss?.change ?? null).toEqual(change);
  });

  test('a device that is not known may be one that is in no list', () => {
    const [miss] = nearMisses([guard('deny', { device: [KEY, DEVICE] }), approving({})], {
      ...NODE,
      deviceId: undefined,
    });
    expect(miss?.change?.publicKey).not.toBe(KEY);
    expect(Object.keys(miss?.change ?? {})).toEqual(['publicKey', 'deviceId']);
  });

  test('an `unless` is made to hold condition by condition', () => {
    const rule = guard(
      'hold',
      { logic: { '===': [1, 1] } },
      { from: 'loopback', platform: 'linux' },
    );
    const [miss] = nearMisses([rule, approving({})], NODE);
    expect(miss?.change).toEqual({ remoteIp: '127.0.0.1', platform: 'linux' });
  });

  test('a paired device that asks for nothing new has only them', () => {
    const rules = [guard('deny', { platform: 'linux' }), approving({ kind: 'reconnect' })];
    const record = { ...NODE, kind: 'reconnect', platform: 'linux' };
    const misses = nearMisses(rules, record);
    expect(misses).toMatchObject([{ rule: null, unmet: [], change: { platform: '' } }]);
  });
});

describe('of several rules', () => {
  const near = approving({ clientMode: 'cli' }, { id: 'near' });
  const far = approving({ clientMode: 'cli', platform: 'x', forwarded: true }, { id: 'far' });
  const odd = approving({ logic: { '===': [1, 2] } }, { id: 'odd' });
  test('the one with the fewest conditions that are not true comes first', () => {
    const misses = nearMisses([far, near, odd], NODE);
    expect(misses.map((miss) => [miss.rule?.rule.id, miss.unmet.length])).toEqual([
      ['near', 1],
      ['odd', 1],
      ['far', 3],
    ]);
  });

  test('the smallest change is that of the rule that asks for the fewest facts', () => {
    const misses = nearMisses([odd, far, near], NODE);
    expect(smallestChange(misses)).toMatchObject({ rule: { rule: { id: 'near' } } });
    expect(smallestChange(nearMisses([odd], NODE))).toBeUndefined();
  });

  test('none is near where the connect is approved, and none where no rule approves', () => {
    expect(nearMisses([approving({})], NODE)).toEqual([]);
    expect(nearMisses([], NODE)).toEqual([]);
  });

  test('the search ends, however many there are', () => {
    const many = Array.from({ length: 3_000 }, (_, i) =>
      approving({ time: { between: '12:00-13:00' }, platform: `p${i}` }, { id: `r${i}` }),
    );
    const misses = nearMisses(many, NODE);
    expect(misses).toHaveLength(3_000);
    expect(misses.at(-1)?.change).toBeNull();
    expect(smallestChange(misses)?.change).toEqual({
      platform: 'p0',
      now: Date.UTC(2026, 11, 1, 12),
    });
  });
});
