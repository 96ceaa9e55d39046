import { describe, expect, it } from 'vitest';
import type { LimitBook } from '../../src/engine/index.js';
import { toCircumstances } from '../../src/engine/index.js';
import type { PlainPolicy } from '../reference/plain-policy.js';
import { buildPlain } from './plain-policies.js';

const record = {
  deviceId: '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9',
  publicKey: 'mmIh7s0sQXJ5tYp9oVuQ3W6Zx2c4LkUe8RfTg1BnHj0',
  remoteIp: '10.0.0.1',
  forwarded: false,
  role: 'node',
  scopes: [],
  kind: 'new-device',
};
const when = { from: '10.0.0.0/8', role: 'node', scopes: { within: [] } };
const plain: PlainPolicy = {
  version: 1,
  rules: [
    { id: 'limited', action: 'approve', when, limit: { max: 1, by: 'rule' } },
    { id: 'denied', action: 'deny', when: { from: '10.9.0.0/16' } },
  ],
};

describe('a decision', () => {
  it('cannot be changed for those that come after', () => {
    const policy = buildPlain(plain);
    const denied = policy.decide({ ...record, remoteIp: '10.9.0.1' });
    expect(() => Object.assign(denied, { action: 'approve' })).toThrow(TypeError);
    expect(policy.decide({ ...record, remoteIp: '10.9.0.1' }).action).toBe('deny');
  });

  it('that is asked for within another is held', () => {
    const policy = buildPlain(plain);
    const inner: string[] = [];
    const book: LimitBook = {
      approvals: () => {
        const { action, cause } = policy.decide({ ...record, remoteIp: '203.0.113.9' });
        inner.push(action, cause);
        return [];
      },
    };
    expect(policy.compiled.decide(toCircumstances(record), book).action).toBe('approve');
    expect(inner).toEqual(['hold', 'error']);
    expect(policy.decide({ ...record, remoteIp: '203.0.113.9' })).toMatchObject({
      action: 'hold',
      cause: 'default',
    });
  });

  const revoked = (target: object) => {
    const { proxy, revoke } = Proxy.revocable(target, {});
    revoke();
    return proxy;
  };
  const throwing = new Proxy({}, { get: () => Reflect.getPrototypeOf(revoked({})) });
  it.each<[string, unknown, unknown]>([
    ['a record that throws', revoked({}), {}],
    ['no record', undefined, {}],
    ['no context', record, null],
    ['a context that throws', record, throwing],
    ['own addresses that throw', record, { ownAddresses: revoked([]) }],
    ['limits that throw', record, { limits: revoked({}) }],
    ['limits in a map', record, { limits: new Map() }],
    ['limits with holes', record, { limits: { limited: { '': new Array(3) } } }],
    ['a clock that gives no moment', record, { now: Number.NaN }],
  ])('is made of %s without an exception', (_name, given, context) => {
    const policy = buildPlain(plain);
    expect(['approve', 'hold']).toContain(policy.decide(given, context as object).action);
  });

  it.each([
    [{ limits: new Map() }],
    [{ limits: [] }],
    [{ limits: { limited: { '': new Array(3) } } }],
    [{ limits: { limited: { '': [{ at: 1 }] } } }],
  ])('by a limit whose state is malformed is held: %j', (context) => {
    expect(buildPlain(plain).decide(record, context as object)).toMatchObject({
      action: 'hold',
      rule: 'limited',
      cause: 'limit',
    });
  });

  it.each([
    [Date.UTC(2026, 11, 1, 9), 'hold'],
    ['2026-12-01T09:00:00Z', 'hold'],
    [Date.UTC(2026, 11, 1, 8), 'approve'],
    ['2026-12-01T08:00:00Z', 'approve'],
    ['2026-12-01T08:00:00', 'hold'],
  ])('is taken at the time that the caller names: %s', (now, action) => {
    const expires = '2026-12-01T09:00:00Z';
    const rules: PlainPolicy['rules'] = [{ id: 'expiring', action: 'approve', when, expires }];
    expect(buildPlain({ version: 1, rules }).decide(record, { now }).action).toBe(action);
  });
});
