import { expect, test } from 'vitest';
import { mergePolicy, ProblemList } from '../../src/policy/index.js';
import { hostileTexts } from '../fuzz/hostile-texts.js';

function problemsOf(text: string): ProblemList {
  const problems = new ProblemList();
  mergePolicy([{ path: 'p.yaml', text, kind: 'policy' }], problems);
  return problems;
}

/** More than what is free of any bound on tokens. */
const SIZE = 250_000;

// How long a megabyte of each may take is measured by `npm run fuzz`: here the machine may be busy.
test.each(Object.entries(hostileTexts(SIZE)))(
  'a text of %s is answered with problems',
  (_name, text) => {
    expect(text.length).toBeLessThan(SIZE * 1.5);
    const problems = problemsOf(text);
    expect(problems.hasErrors()).toBe(true);
    expect(problems.sorted().length).toBeLessThanOrEqual(1_001);
    for (const { message, hint, line, column } of problems.sorted()) {
      expect(message.length + hint.length).toBeLessThan(2_000);
      expect(Math.min(line, column)).toBeGreaterThan(0);
    }
  },
);

test('a text of nothing but punctuation is told as such', () => {
  const codes = problemsOf(hostileTexts(SIZE)['asterisks'] ?? '')
    .sorted()
    .map(({ code }) => code);
  expect(codes).toEqual(['YAML_TOO_DENSE']);
});

test('ten thousand rules in one line each are not too dense', () => {
  const rules = Array.from(
    { length: 10_000 },
    (_, i) =>
      `  - { id: rule-${i}, action: approve, when: { from: 10.${i >> 8}.${i & 255}.1, role: node, scopes: { within: [] } } }\n`,
  );
  expect(problemsOf(`version: 1\nrules:\n${rules.join('')}`).sorted()).toEqual([]);
});

test('of very many problems the first thousand are told, and that there are more', () => {
  const bad = (count: number) =>
    problemsOf(
      `version: 1\n${Array.from({ length: count }, (_, i) => `k${i}: 1\n`).join('')}`,
    ).sorted();
  expect(bad(1_000).map(({ code }) => code)).not.toContain('MORE_PROBLEMS');
  expect(bad(1_001)).toHaveLength(1_001);
  expect(bad(1_001).at(-1)?.code).toBe('MORE_PROBLEMS');
  expect(bad(3_000)).toHaveLength(1_001);
});

test('many warnings never hide an error', () => {
  const tests = Array.from(
    { length: 2_000 },
    (_, i) => `  - { name: t${i}, connect: { os: linux }, expect: hold }\n`,
  );
  const problems = problemsOf(`version: 1\ntests:\n${tests.join('')}rules: 5\n`).sorted();
  expect(problems.filter(({ severity }) => severity === 'error')).toMatchObject([
    { code: 'WRONG_TYPE', line: 2_003 },
  ]);
  expect(problems.filter(({ code }) => code === 'MORE_PROBLEMS')).toHaveLength(1);
});

test('lists that rules name too often are refused before they fill the memory', () => {
  const lost = Array.from({ length: 4_000 }, (_, i) => i.toString(16).padStart(64, '0'));
  const rules = Array.from({ length: 600 }, (_, i) => ({
    id: `r${i}`,
    action: 'deny',
    when: { device: '@lost' },
  }));
  const problems = problemsOf(JSON.stringify({ version: 1, devices: { lost }, rules }));
  expect(problems.sorted().map(({ code }) => code)).toEqual(['LISTS_TOO_LARGE']);
});
