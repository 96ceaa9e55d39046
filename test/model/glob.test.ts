import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileGlob, isMatchAll } from '../../src/model/index.js';
import { matchesGlob } from '../reference/glob.js';

test.each([
  ['', '', true],
  ['', 'a', false],
  ['*', '', true],
  ['*', 'a\nb', true],
  ['**', 'anything', true],
  ['a', 'a', true],
  ['a', 'A', false],
  ['a*', 'a', true],
  ['*a', 'ba', true],
  ['*a', 'ab', false],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['ab*ba', 'aba', false],
  ['a*b*c', 'aXbYc', true],
  ['a*b*c', 'acb', false],
  ['*ab*ab*', 'ab', false],
  ['*ab*ab*', 'xabyabz', true],
  ['*b*c', 'abbc', true],
  ['a*bc*c', 'abc', false],
  ['a*bc*c', 'abcc', true],
  // nothing but the star means anything
  ['a.c', 'abc', false],
  ['a?c', 'abc', false],
  ['[ab]', 'a', false],
  ['a\\*', 'a*', false],
  ['a\\*', 'a\\b', true],
  ['(a+)+$', '(a+)+$', true],
  ['😀*', '😀😀', true],
])('%j matches %j: %s', (pattern, text, expected) => {
  expect(compileGlob(pattern)(text)).toBe(expected);
});

test('a pattern matches what a plain matcher says', () => {
  const letters = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 9 });
  const texts = fc.string({ unit: fc.constantFrom('a', 'b', '*', '\n'), maxLength: 12 });
  let matched = 0;
  fc.assert(
    fc.property(letters, texts, (pattern, text) => {
      const expected = matchesGlob(pattern, text);
      expect(compileGlob(pattern)(text)).toBe(expected);
      if (expected) matched += 1;
    }),
    { seed: 6, numRuns: 5_000 },
  );
  expect(matched).toBeGreaterThan(500);
});

test.each([
  ['*', true],
  ['***', true],
  ['', false],
  ['*a', false],
  ['* ', false],
  ['*\n', false],
])('%j matches everything: %s', (pattern, expected) => {
  expect(isMatchAll(pattern)).toBe(expected);
});

test.each([
  ['a*'.repeat(500_000), 'a'.repeat(1_000_000)],
  ['*a'.repeat(500_000), 'a'.repeat(1_000_000)],
  [`${'*'.repeat(500_000)}b`, 'a'.repeat(1_000_000)],
  [`*${'a'.repeat(1_000)}b*`, 'a'.repeat(1_000_000)],
])('a hostile pattern of a megabyte is answered', (pattern, text) => {
  expect(typeof compileGlob(pattern)(text)).toBe('boolean');
});
