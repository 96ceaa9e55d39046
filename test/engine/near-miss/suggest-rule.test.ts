import { describe, expect, test } from 'vitest';
import {
  buildPolicy,
  readLimits,
  type Suggestion,
  suggestRule,
  toCircumstances,
} from '../../../src/engine/index.js';
import type { DecisionContext } from '../../../src/model/index.js';
import type { PlainConditions, PlainRule } from '../../reference/plain-policy.js';
import { buildPlain } from '../plain-policies.js';

const DEVICE = '5e1fb9f2c0a44dd8a2f6f4f0c3a7b1e95e1fb9f2c0a44dd8a2f6f4f0c3a7b1e9';
const KEY = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

const NODE = {
  remoteIp: '192.168.1.20',
  forwarded: false,
  role: 'node',
  clientMode: 'node',
  kind: 'new-device',
  scopes: [],
  commands: [],
  deviceId: DEVICE,
};

function suggest(
  rules: readonly PlainRule[],
  record: unknown,
  context: DecisionContext = {},
): Suggestion {
  const { compiled } = buildPlain({ version: 1, rules: [...rules] });
  const circumstances = toCircumstances(record, context);
  const book = readLimits(context.limits);
  return suggestRule(compiled, compiled.explain(circumstances, book), circumstances, book);
}

/** The conditions of the suggested rule, as the policy's own reader takes them. */
function whenOf({ yaml }: Suggestion): Readonly<Record<string, unknown>> {
  const file = { path: 'q.yaml', text: yaml ?? '', kind: 'policy' } as const;
  const when = buildPolicy([file]).document.rules[0]?.when ?? [];
  return Object.fromEntries(
    when.filter(({ implied }) => !implied).map(({ key, written }) => [key, written]),
  );
}

test('the rule is YAML that can be pasted', () => {
  expect(suggest([], NODE).yaml).toBe(`version: 1
rules:
  - id: node-192-168-1-20-5e1fb9f2
    action: approve
    when:
      from: 192.168.1.20/32
      forwarded: false
      role: node
      clientMode: node
      kind: new-device
      scopes: { within: [] }
      device: ${DEVICE}
`);
});

describe('the rule pins what is known', () => {
  const own = '100.101.102.103';
  test.each<[string, object, DecisionContext, object]>([
    [
      'loopback by its word',
      { remoteIp: '127.0.0.1' },
      {},
      { from: 'loopback', forwarded: undefined },
    ],
    [
      'the own tailnet by its word',
      { remoteIp: own },
      { ownAddresses: [own] },
      { from: 'own-tailnet' },
    ],
    [
      'another own address as it is',
      { remoteIp: '10.0.0.9' },
      { ownAddresses: ['10.0.0.9'] },
      { from: '10.0.0.9/32' },
    ],
    ['an IPv6 address', { remoteIp: 'FD00:0::7%eth0' }, {}, { from: 'fd00::7/128' }],
    [
      'loopback through a proxy as an address',
      { remoteIp: '127.0.0.1', forwarded: true },
      {},
      { from: '127.0.0.1/32', forwarded: true },
    ],
    ['both roles', { roles: ['node', 'operator'] }, {}, { role: ['node', 'operator'] }],
    ['the scopes', { scopes: ['operator.read'] }, {}, { scopes: { within: ['operator.read'] } }],
    ['the commands', { commands: ['camera.snap'] }, {}, { commands: { within: ['camera.snap'] } }],
    ['a key without an id', { deviceId: null, publicKey: KEY }, {}, { device: KEY }],
    ['a device without an address', { remoteIp: null }, {}, { from: undefined, device: DEVICE }],
    [
      'an address without a device',
      { deviceId: null },
      {},
      { from: '192.168.1.20/32', device: undefined },
    ],
    ['no kind that is not known', { kind: null }, {}, { kind: undefined }],
    ['no mode that cannot be shown', { clientMode: 'a\u202eb' }, {}, { clientMode: undefined }],
    [
      'an id that looks like a number',
      { deviceId: '12345678'.repeat(8) },
      {},
      { device: '12345678'.repeat(8) },
    ],
  ])('%s', (_name, record, context, pins) => {
    const when = whenOf(suggest([], { ...NODE, ...record }, context));
    expect(Object.fromEntries(Object.keys(pins).map((key) => [key, when[key]]))).toEqual(pins);
  });
});

test('the id is one that no rule has', () => {
  const when: PlainConditions = { kind: 'key-change' };
  const id = 'node-192-168-1-20-5e1fb9f2';
  const taken = [id, `${id}-2`].map((one): PlainRule => ({ id: one, action: 'hold', when }));
  expect(suggest(taken, NODE).rule).toBe(`${id}-3`);
  expect(suggest([], { ...NODE, remoteIp: '::1', deviceId: null }).rule).toBe('node-1');
});

describe('a warning stands in the YAML', () => {
  const spent: PlainRule = {
    id: 'nodes',
    action: 'approve',
    when: { from: 'private', role: 'node', scopes: { within: [] } },
    limit: { max: 1 },
  };
  const limits = { nodes: { '': [{ at: 1, ask: null }] } };
  test.each<[string, PlainRule[], object, DecisionContext]>([
    ['operator.admin and operator.pairing', [], { scopes: ['operator.admin'] }, {}],
    ['grants operator.pairing', [], { scopes: ['operator.pairing'] }, {}],
    ['system.run', [], { commands: ['system.run'] }, {}],
    ['no device is pinned', [], { deviceId: null }, {}],
    ["a proxy's header", [], { forwarded: true }, {}],
    ['the limit of the rule nodes', [spent], {}, { limits }],
  ])('%s', (words, rules, record, context) => {
    const { yaml, warnings } = suggest(rules, { ...NODE, ...record }, context);
    expect(warnings).toEqual([expect.stringContaining(words)]);
    expect(yaml).toMatch(/^# WARNING: /);
    expect(yaml).toContain(words);
  });

  test('and nothing where there is nothing to think over', () => {
    expect(suggest([], NODE).warnings).toEqual([]);
  });
});

describe('nothing is suggested', () => {
  const approve: PlainRule = {
    id: 'all',
    action: 'approve',
    when: { from: 'anywhere', role: 'node', scopes: 'any-scopes' },
  };
  const guard = (action: 'deny' | 'hold', when: PlainConditions, id = 'guard'): PlainRule => ({
    id,
    action,
    when,
  });
  test.each<[string, PlainRule[], object, RegExp]>([
    ['where it is approved', [approve], {}, /approved already/],
    [
      'against a deny rule',
      [guard('deny', { kind: 'new-device' })],
      {},
      /deny rule `guard` is true; .*`unless`/,
    ],
    ['against a hold rule', [guard('hold', { role: 'node' })], {}, /hold rule `guard` is true/],
    [
      'against several',
      ['a', 'b', 'c', 'd'].map((id) => guard('hold', { role: 'node' }, id)),
      {},
      /and 1 more/,
    ],
    [
      'while a rule may be true',
      [guard('deny', { gateway: 'lab' })],
      {},
      /unknown: gateway\); make them known/,
    ],
    [
      'while a rule may have expired',
      [{ ...guard('deny', { role: 'node' }), expires: '2027-01-01T00:00:00Z' }],
      {},
      /unknown: now/,
    ],
    [
      'for a paired device',
      [guard('deny', { role: 'node' })],
      { kind: 'reconnect' },
      /`guard` is true/,
    ],
    ['without the role', [], { role: null }, /unknown: roles$/],
    [
      'without the scopes and commands',
      [],
      { scopes: null, commands: null },
      /unknown: scopes, commands$/,
    ],
    ['without address and device', [], { remoteIp: null, deviceId: null }, /remoteIp or deviceId/],
    [
      'for a scope that is a wildcard',
      [],
      { scopes: ['operator.*'] },
      /`operator\.\*` cannot be listed/,
    ],
    [
      'for a command that cannot be shown',
      [],
      { commands: ['a\u001b[31m'] },
      /`a\\u001b\[31m` cannot/,
    ],
    [
      'for too many scopes',
      [],
      { scopes: Array.from({ length: 201 }, (_, i) => `s${i}`) },
      /too many/,
    ],
  ])('%s', (_name, rules, record, why) => {
    const suggestion = suggest(rules, { ...NODE, ...record });
    expect(suggestion).toMatchObject({ yaml: null, rule: null, warnings: [] });
    expect(suggestion.why).toMatch(why);
  });
});
