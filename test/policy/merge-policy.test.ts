import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildPolicy } from '../../src/engine/index.js';
import { mergePolicy, type Policy, ProblemList, type SourceFile } from '../../src/policy/index.js';

function merge(...files: readonly (readonly [path: string, text: string])[]): Policy {
  const problems = new ProblemList();
  const sources = files.map(
    ([path, text]): SourceFile => ({
      path,
      text,
      kind: path.endsWith('.test.yaml') ? 'tests' : 'policy',
    }),
  );
  const policy = mergePolicy(sources, problems);
  expect(problems.sorted().filter(({ severity }) => severity === 'error')).toEqual([]);
  if (!policy) throw new Error('no policy');
  return policy;
}

const FILES = [
  [
    'c.yaml',
    'version: 1\ndefault: deny\nrules:\n  - { id: c, action: hold, when: { from: "@office" } }\n',
  ],
  [
    'a.yaml',
    'version: 1\nrules:\n  - { id: a2, action: deny, when: { from: "@lab" } }\n  - { id: a1, action: hold, when: { role: node } }\n',
  ],
  ['b.yaml', 'version: 1\nnetworks: { office: 10.0.0.0/8, lab: [10.1.0.0/16] }\n'],
  ['b.test.yaml', 'version: 1\ntests:\n  - { name: t, connect: {}, expect: hold }\n'],
] as const;

describe('files can be split and merged freely', () => {
  test('they give the same policy in any order', () => {
    const policy = merge(...FILES);
    expect(policy.rules.map(({ id }) => id)).toEqual(['a2', 'a1', 'c']);
    expect(policy.files).toEqual(['a.yaml', 'b.test.yaml', 'b.yaml', 'c.yaml']);
    fc.assert(
      fc.property(fc.shuffledSubarray([...FILES], { minLength: FILES.length }), (shuffled) => {
        expect(merge(...shuffled)).toEqual(policy);
      }),
      { seed: 7, numRuns: 24 },
    );
  });

  test('names are ordered by their characters, not by a language', () => {
    const rule = (id: string) =>
      `version: 1\nrules:\n  - { id: ${id}, action: hold, when: { role: node } }\n`;
    const names = ['ä.yaml', 'Z.yaml', 'a.yaml', '10.yaml', '9.yaml', 'b/a.yaml'];
    expect(merge(...names.map((name, i) => [name, rule(`r${i}`)] as const)).files).toEqual([
      '10.yaml',
      '9.yaml',
      'Z.yaml',
      'a.yaml',
      'b/a.yaml',
      'ä.yaml',
    ]);
  });
});

describe('the revision is a hash of what is meant', () => {
  const base =
    'version: 1\nrules:\n  - { id: a, action: hold, when: { from: 10.0.0.0/8, role: node } }\n';

  test.each([
    [
      'comments and layout',
      '# x\nversion: 1\nrules:\n- id: a\n  action: hold\n  when:\n    from: 10.0.0.0/8\n    role: node\n',
    ],
    [
      'json',
      '{"version":1,"rules":[{"id":"a","action":"hold","when":{"from":"10.0.0.0/8","role":"node"}}]}',
    ],
    [
      'the order of keys',
      'version: 1\nrules:\n  - { when: { role: node, from: 10.0.0.0/8 }, action: hold, id: a }\n',
    ],
    [
      'aliases',
      'version: 1\nrules:\n  - { id: a, action: hold, when: { from: &x 10.0.0.0/8, role: node } }\n',
    ],
    ['line ends', base.replaceAll('\n', '\r\n')],
    ['tests', `${base}tests:\n  - { name: t, connect: {}, expect: hold }\n`],
    ["the tests' given", `${base}given: { now: null }\n`],
    ['the schema line', `$schema: x\n${base}`],
  ])('%s do not matter', (_what, text) => {
    expect(merge(['a.yaml', text]).revision).toBe(merge(['a.yaml', base]).revision);
  });

  test.each([
    ['an id', base.replace('id: a', 'id: b')],
    ['an action', base.replace('hold', 'deny')],
    ['a value', base.replace('10.0.0.0/8', '10.0.0.0/9')],
    ['a key', base.replace(', role: node', '')],
    ['a default', `${base}default: deny\n`],
    ['a network', `${base}networks: { tailnet: 10.0.0.0/8 }\n`],
    ['an expiry', base.replace('action', 'expires: 2027-01-01T00:00:00Z, action')],
  ])('%s matters', (_what, text) => {
    expect(merge(['a.yaml', text]).revision).not.toBe(merge(['a.yaml', base]).revision);
  });

  test('it is the same on every machine', () => {
    expect(merge(['a.yaml', base]).revision).toMatch(/^[0-9a-f]{16}$/);
    expect(merge(['/some/where/a.yaml', base]).revision).toBe(merge(['a.yaml', base]).revision);
  });
});

test('what is listed under several names of a file is looked up wherever it stands', () => {
  const policy = merge(
    ['z.yaml', 'version: 1\nnetworks: { office: [10.0.0.0/8, "fd00::/8"] }\n'],
    ['a.yaml', 'version: 1\nrules:\n  - { id: a, action: hold, when: { from: "@office" } }\n'],
  );
  expect(policy.rules[0]?.when[0]).toMatchObject({
    key: 'from',
    sources: [
      {
        kind: 'networks',
        text: '@office',
        networks: [{ text: '10.0.0.0/8' }, { text: 'fd00::/8' }],
      },
    ],
  });
});

test('a problem carries the text in which it stands', () => {
  try {
    buildPolicy([{ path: 'a.yaml', text: 'version: 2\n', kind: 'policy' }]);
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ sources: new Map([['a.yaml', 'version: 2\n']]) });
  }
});
