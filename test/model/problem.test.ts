import { expect, test } from 'vitest';
import {
  PairPolicyError,
  type Problem,
  problemLine,
  startOf,
  visible,
} from '../../src/model/index.js';

test.each([
  ['plain text', 'plain text'],
  ['é 漢 😀', 'é 漢 😀'],
  ['\u001b[31mred', '\\u001b[31mred'],
  ['a\r\nb\tc', 'a\\u000d\\u000ab\\u0009c'],
  ['\u0000\u007f\u0085\u009b', '\\u0000\\u007f\\u0085\\u009b'],
  ['\u202egnp.exe', '\\u202egnp.exe'],
  ['zero\u200bwidth\u200d\ufeff', 'zero\\u200bwidth\\u200d\\ufeff'],
  ['\u2066\u2069', '\\u2066\\u2069'],
  ['\u2028\u2029', '\\u2028\\u2029'],
  ['\ud800 alone', '\\ud800 alone'],
  ['alone \udc00', 'alone \\udc00'],
  ['\u{e0001}\u{e0041}', '\\u{e0001}\\u{e0041}'],
  ['', ''],
])('%j is shown as %s', (text, shown) => {
  expect(visible(text)).toBe(shown);
});

test('nothing that is shown can move a cursor or hide', () => {
  for (let code = 0; code < 0x3000; code += 1) {
    expect(visible(String.fromCodePoint(code))).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u);
  }
});

const problem: Problem = {
  ...startOf('a\u001b.yaml'),
  line: 3,
  column: 7,
  code: 'UNKNOWN_KEY',
  severity: 'error',
  message: 'unknown key `x\n`',
  hint: 'remove it',
};

test('a problem is one line with its place and code', () => {
  expect(problemLine(problem)).toBe('a\\u001b.yaml:3:7: unknown key `x\\u000a` [UNKNOWN_KEY]');
});

test('an error carries every problem', () => {
  const error = new PairPolicyError([problem, { ...problem, line: 4 }]);
  expect(error.problems).toHaveLength(2);
  expect(error.name).toBe('PairPolicyError');
  expect(error.message.split('\n')).toHaveLength(2);
  expect(error.sources.size).toBe(0);
});
