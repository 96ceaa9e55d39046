import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createClassifier } from '../../src/engine/classify/index.js';
import { compileRule, evaluateRule } from '../../src/engine/compile-rule.js';
import { toCircumstances } from '../../src/engine/index.js';
import { CONDITION_KEYS, type ConditionKey } from '../../src/policy/index.js';
import { contexts, policies, records } from '../reference/arbitraries.js';
import type { PlainPolicy, PlainRule } from '../reference/plain-policy.js';
import { buildPlain } from './plain-policies.js';

/** Rules of many policies in one: enough that sets have several words and stretches. */
function repeated(policy: PlainPolicy, times: number): PlainPolicy {
  const rules = policy.rules ?? [];
  const copies = Array.from({ length: times }, (_, copy) =>
    rules.map((rule): PlainRule => ({ ...rule, id: `${rule.id}-${copy}` })),
  );
  return { ...policy, rules: copies.flat() };
}

it.each([
  { times: 1, numRuns: 300 },
  { times: 40, numRuns: 30 },
  { times: 700, numRuns: 4 },
])(
  'finds just the rules that are not false, with their values: $times times the rules',
  ({ times, numRuns }) => {
    fc.assert(
      fc.property(
        policies(),
        fc.array(fc.tuple(records(), contexts()), { minLength: 4, maxLength: 4 }),
        fc.boolean(),
        (plain, connects, pairedOnly) => {
          const { document } = buildPlain(repeated(plain, times));
          const rules = document.rules.map((rule) => compileRule(rule, document));
          const classifier = createClassifier(rules, document);
          for (const [record, context] of connects) {
            const circumstances = toCircumstances(record, context);
            const found: unknown[] = [];
            classifier.visit(circumstances, pairedOnly, {
              take({ rule }, truth) {
                found.push([rule.id, truth]);
                return false;
              },
            });
            const expected = rules
              .filter((rule) => !pairedOnly || rule.guardsPaired)
              .map((rule) => [rule.rule.id, evaluateRule(rule, circumstances)])
              .filter(([, truth]) => truth !== false);
            expect(found.sort()).toEqual(expected.sort());
          }
        },
      ),
      { seed: 7, numRuns },
    );
  },
  60_000,
);

/** For each condition key a value that does not hold for `CONNECT`. */
const NOT_HOLDING: Record<ConditionKey, unknown> = {
  from: '10.0.0.0/8',
  device: '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219',
  clientId: 'other',
  platform: 'other',
  deviceFamily: 'other*',
  displayName: 'other',
  browserOrigin: 'https://other.example',
  authUser: 'other@example.com',
  gateway: 'other',
  clientMode: 'ui',
  kind: 'reconnect',
  authMethod: 'token',
  role: 'operator',
  roles: { all: ['operator'] },
  scopes: { all: ['operator.read'] },
  commands: { any: ['system.run'] },
  forwarded: true,
  time: { between: '01:00-02:00' },
  logic: { '===': [{ var: 'kind' }, 'key-change'] },
};

const CONNECT = {
  ts: '2026-12-01T09:00:00Z',
  deviceId: '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9',
  remoteIp: '192.168.1.20',
  forwarded: false,
  clientId: 'node-host',
  clientMode: 'node',
  platform: 'linux',
  deviceFamily: 'Linux',
  displayName: 'kitchen',
  browserOrigin: '',
  role: 'node',
  scopes: [],
  commands: [],
  authMethod: 'tailscale',
  authUser: 'anna@example.com',
  kind: 'new-device',
  gateway: 'home',
};

it.each(CONDITION_KEYS)('a deny on `%s` that does not hold denies nothing', (key) => {
  const when = { [key]: NOT_HOLDING[key] } as PlainRule['when'];
  const policy = buildPlain({ version: 1, rules: [{ id: 'r', action: 'deny', when }] });
  expect(policy.explain(CONNECT).rules.map(({ value }) => value)).toEqual([false]);
  expect(policy.decide(CONNECT)).toMatchObject({ action: 'hold', cause: 'default' });
});

it('stops where the visitor says so, and starts anew the next time', () => {
  const plain: PlainPolicy = {
    version: 1,
    rules: Array.from({ length: 70 }, (_, i) => ({
      id: `r${i}`,
      action: 'deny' as const,
      when: { from: ['10.0.0.0/8'] },
    })),
  };
  const { document } = buildPlain(plain);
  const rules = document.rules.map((rule) => compileRule(rule, document));
  const classifier = createClassifier(rules, document);
  const idsOf = (remoteIp: string, stopAfter: number) => {
    const ids: string[] = [];
    classifier.visit(toCircumstances({ remoteIp }), false, {
      take({ rule }) {
        ids.push(rule.id);
        return ids.length === stopAfter;
      },
    });
    return ids;
  };
  expect(idsOf('10.1.2.3', 2)).toEqual(['r0', 'r1']);
  expect(idsOf('192.168.1.1', 99)).toEqual([]);
  expect(idsOf('10.1.2.3', 99)).toHaveLength(70);
});
