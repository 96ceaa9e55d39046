import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { fixPolicy, type SourceFile } from '../../src/policy/index.js';
import { loadablePolicies } from '../engine/plain-policies.js';
import { contexts, records } from '../reference/arbitraries.js';
import type { PlainPolicy } from '../reference/plain-policy.js';

const ID = '31dd7431ae24b1abbb0d36c1b0c596ba497ed2ff66eb614225a2a944e0c4c219';

const policy = (text: string): SourceFile => ({ path: 'p.yaml', text, kind: 'policy' });

/** The text after fixing, and what was said; the same text where nothing was fixed. */
function fix(text: string): { readonly text: string; readonly messages: readonly string[] } {
  const { fixed } = fixPolicy([policy(text)]);
  return {
    text: fixed[0]?.fixed.text ?? text,
    messages: fixed.flatMap(({ fixes }) =>
      fixes.map(({ line, column, message }) => `${line}:${column} ${message}`),
    ),
  };
}

/** A hold rule with this as its `when`, in block style. */
function hold(when: string): string {
  return `version: 1\nrules:\n  - id: r\n    action: hold\n    when:\n${when}`;
}

describe('what is safe to rewrite is rewritten, and nothing else', () => {
  test.each([
    [
      'keys that differ in case only',
      hold('      clientmode: node # a node\n').replace('rules', 'Rules'),
      hold('      clientMode: node # a node\n'),
      ['2:1 `Rules` is now `rules`', '6:7 `clientmode` is now `clientMode`'],
    ],
    [
      'keys in quotes, which they keep',
      `{"version": 1, 'RULES': [{"ID": "r", "action": "hold", "When": {"kind": "reconnect"}}]}`,
      `{"version": 1, 'rules': [{"id": "r", "action": "hold", "when": {"kind": "reconnect"}}]}`,
      ['1:16 `RULES` is now `rules`', '1:27 `ID` is now `id`', '1:56 `When` is now `when`'],
    ],
    [
      'keys of sets, limits and times',
      hold('      time: { Between: "09:00-10:00" }\n      scopes: { Within: [] }\n'),
      hold('      time: { between: "09:00-10:00" }\n      scopes: { within: [] }\n'),
      ['6:15 `Between` is now `between`', '7:17 `Within` is now `within`'],
    ],
    [
      'booleans of another age',
      hold('      forwarded:   Yes # really\n'),
      hold('      forwarded:   true # really\n'),
      ['6:20 `Yes` is now `true`'],
    ],
    [
      'a boolean behind a key that is fixed, too',
      hold('      Forwarded: off\n'),
      hold('      forwarded: false\n'),
      ['6:7 `Forwarded` is now `forwarded`', '6:18 `off` is now `false`'],
    ],
    [
      'IPv4 in its IPv6 form',
      `version: 1\nnetworks:\n  a: ["::ffff:10.0.0.0/104", '::ffff:c0a8:101'] # mapped\n`,
      `version: 1\nnetworks:\n  a: ["10.0.0.0/8", '192.168.1.1'] # mapped\n`,
      [
        '3:7 `::ffff:10.0.0.0/104` is now `10.0.0.0/8`',
        '3:30 `::ffff:c0a8:101` is now `192.168.1.1`',
      ],
    ],
    [
      'a lone mapped address of a rule',
      hold('      from: ::ffff:10.1.2.3\n'),
      hold('      from: 10.1.2.3\n'),
      ['6:13 `::ffff:10.1.2.3` is now `10.1.2.3`'],
    ],
    [
      'repeats in flow lists',
      hold('      scopes: { any: [a, b, a , a, c] } # a, b, c\n'),
      hold('      scopes: { any: [a, b, c] } # a, b, c\n'),
      ['6:29 `a` stood there already: removed', '6:33 `a` stood there already: removed'],
    ],
    [
      'repeats in block lists, with their lines',
      `version: 1\ndevices:\n  lost:\n    # mine\n    - ${ID}\n    # yours\n    - ${ID}\n`,
      `version: 1\ndevices:\n  lost:\n    # mine\n    - ${ID}\n    # yours\n`,
      [`7:7 \`${ID}\` stood there already: removed`],
    ],
    [
      'repeats that only a mapped form hid, at the end of a file without a last line end',
      'version: 1\r\nnetworks:\r\n  a:\r\n    - 10.0.0.0/8\r\n    - ::ffff:10.0.0.0/104',
      'version: 1\r\nnetworks:\r\n  a:\r\n    - 10.0.0.0/8\r\n',
      [
        '5:7 `::ffff:10.0.0.0/104` is now `10.0.0.0/8`',
        '5:7 `10.0.0.0/8` stood there already: removed',
      ],
    ],
    [
      'repeats of days',
      hold('      time: { days: [mon, tue, mon] }\n'),
      hold('      time: { days: [mon, tue] }\n'),
      ['6:32 `mon` stood there already: removed'],
    ],
  ])('%s', (_name, before, after, messages) => {
    expect(fix(before)).toEqual({ text: after, messages });
    expect(fix(after)).toEqual({ text: after, messages: [] });
  });
});

describe('what may be meant otherwise is left', () => {
  test.each([
    [
      'a key that stands there in both spellings',
      hold('      kind: reconnect\n      Kind: reconnect\n'),
    ],
    ['a key in two wrong spellings', hold('      KIND: reconnect\n      Kind: reconnect\n')],
    ['a key that is only nearly known', hold('      clientMod: node\n')],
    ['names of networks and devices', 'version: 1\nnetworks: { Rules: [10.0.0.0/8] }\n'],
    ['host bits', hold('      from: 10.1.2.3/8\n')],
    ['a network that covers more than mapped addresses', hold('      from: "::ffff:0:0/90"\n')],
    ['an IPv6 address that embeds IPv4', hold('      from: "::10.1.2.3"\n')],
    ['a text between quotes', hold('      forwarded: "yes"\n')],
    ['a boolean word where a text is meant', hold('      displayName: yes\n')],
    ['upper-case ids', `version: 1\ndevices: { a: [${ID.toUpperCase()}, ${ID}] }\n`],
    ['a repeat with a comment', hold('      clientId:\n        - a # one\n        - a # two\n')],
    ['a repeat behind a comment', hold('      clientId: [a, # one\n        a]\n')],
    ['a repeat of another type', hold('      clientId: [1, "1"]\n')],
    [
      'a repeat over several lines',
      hold('      clientId:\n        - "a\n          b"\n        - "a\n          b"\n'),
    ],
    [
      'a repeat that is written otherwise',
      hold('      clientId:\n        - a\n        -\n          a\n'),
    ],
    [
      'an escaped spelling',
      hold('      "\\x4bind": reconnect\n      from: "::ffff:10.1.2\\x2e3"\n'),
    ],
    ['logic', hold('      logic: { "===": [{ var: kind }, { cat: [a, a] }] }\n')],
    [
      'connects of tests',
      'version: 1\ntests: [{ name: x, expect: hold, connect: { Role: node, scopes: [a, a], forwarded: no, remoteIp: "::ffff:10.0.0.1" } }]\n',
    ],
    ['a file with aliases', hold('      clientId: &a [x, x]\n      clientMode: *a\n')],
    ['what is no YAML', 'version: 1\nRules: [\n'],
    ['an empty file', ''],
  ])('%s', (_name, text) => {
    expect(fix(text)).toEqual({ text, messages: [] });
  });
});

test('a test file has keys of its own', () => {
  const text = 'version: 1\nTests:\n  - { Name: x, connect: { Name: y }, expect: hold }\n';
  const tests: SourceFile = { path: 'p.test.yaml', text, kind: 'tests' };
  const { fixed } = fixPolicy([policy(hold('      kind: reconnect\n')), tests]);
  expect(fixed.map(({ source, fixed: after }) => [source.path, after.text])).toEqual([
    ['p.test.yaml', 'version: 1\ntests:\n  - { name: x, connect: { Name: y }, expect: hold }\n'],
  ]);
});

test('a file in which fixing would bring an error to light is left, others are fixed', () => {
  const hidden: SourceFile = {
    path: 'a.yaml',
    text: hold('      from: "@nowhere"\n').replace('rules', 'Rules'),
    kind: 'policy',
  };
  const other = policy(hold('      Kind: reconnect\n').replace('id: r', 'id: s'));
  const { fixed, refused } = fixPolicy([hidden, other]);
  expect(refused.map(({ source }) => source.path)).toEqual(['a.yaml']);
  expect(fixed.map(({ source }) => source.path)).toEqual(['p.yaml']);
});

/** The policy with the first value of each list of alternatives once more, and IPv4 in its IPv6 form. */
function untidy({ rules = [], ...others }: PlainPolicy): string {
  const untidied = (value: unknown): unknown => {
    if (Array.isArray(value)) return [...value, ...value.slice(0, 1)].map(untidied);
    if (typeof value === 'object' && value !== null) return untidyEntries(value);
    const cidr = typeof value === 'string' && /^([0-9.]+)\/([0-9]+)$/.exec(value);
    return cidr ? `::ffff:${cidr[1]}/${Number(cidr[2]) + 96}` : value;
  };
  const untidyEntries = (value: object): object =>
    Object.fromEntries(
      Object.entries(value).map(([key, one]) => [key, key === 'logic' ? one : untidied(one)]),
    );
  const untidyRules = rules.map(({ when, unless, ...rule }) => ({
    ...rule,
    when: untidyEntries(when),
    ...(unless && { unless: untidyEntries(unless) }),
  }));
  return JSON.stringify({ ...untidyEntries(others), rules: untidyRules });
}

test('fixing_changes_no_decision', () => {
  let count = 0;
  const connects = fc.array(fc.tuple(records(), contexts()), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(loadablePolicies(), connects, (plain, some) => {
      const text = untidy(plain);
      const after = fix(text);
      count += after.messages.length;
      const [one, two] = [text, after.text].map((of) => buildPolicy([policy(of)]));
      for (const [record, context] of some) {
        const { revision: _, ...before } = one?.decide(record, context) ?? { revision: '' };
        expect(two?.decide(record, context)).toMatchObject(before);
      }
      expect(fix(after.text).messages).toEqual([]);
    }),
    { numRuns: 60 },
  );
  expect(count).toBeGreaterThan(300);
});
