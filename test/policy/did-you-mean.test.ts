import { describe, expect, test } from 'vitest';
import {
  closestWord,
  listWords,
  mergePolicy,
  ProblemList,
  suggestWord,
} from '../../src/policy/index.js';

test.each([
  ['clientmode', ['clientMode', 'clientId'], 'clientMode'],
  ['fmor', ['from', 'role'], 'from'],
  ['defualt', ['default', 'devices'], 'default'],
  ['day', ['days', 'zone'], 'days'],
  ['@offce', ['@office', '@lab'], '@office'],
  // too far, too short or too long
  ['os', ['from', 'role'], undefined],
  ['foo', ['or', 'in'], undefined],
  ['', ['ts'], undefined],
  ['x', ['or'], undefined],
  ['=', ['<', '>'], undefined],
  ['timezone', ['zone', 'between'], undefined],
  ['x'.repeat(1_000_000), ['x'.repeat(64)], undefined],
  ['role', [], undefined],
])('%.20s of %j means %s', (word, candidates, expected) => {
  expect(closestWord(word, candidates)).toBe(expected);
});

test.each([
  [[], 'nothing'],
  [['a'], '`a`'],
  [['a', 'b'], '`a` or `b`'],
  [['a', 'b', 'c'], '`a`, `b` or `c`'],
])('%j is listed as %s', (words, text) => {
  expect(listWords(words)).toBe(text);
});

test('a list of very many words is cut', () => {
  const words = Array.from({ length: 10_000 }, (_, i) => `w${i}`);
  expect(listWords(words).length).toBeLessThan(400);
  expect(suggestWord('nothing like it', words)).toContain('`w0`');
});

describe('a slip is answered with what was meant', () => {
  const rule = (when: string) =>
    `version: 1\nnetworks: { office: 10.0.0.0/8 }\ndevices: { lost: ${'A'.repeat(43)} }\nrules:\n  - { id: a, action: hold, when: { ${when} } }\n`;

  test.each([
    ['version: 1\nruls: []\n', 'rules'],
    ['version: 1\ndefault: hol\n', 'hold'],
    [rule('clientmode: node'), 'clientMode'],
    [rule('kind: newdevice'), 'new-device'],
    [rule('role: [opertor]'), 'operator'],
    [rule('scopes: { withn: [] }'), 'within'],
    [rule('from: "@offce"'), '@office'],
    [rule('from: "@talnet"'), '@tailnet'],
    [rule('from: loopbak'), 'loopback'],
    [rule('from: office'), '@office'],
    [rule('from: 10.0.0.1/8'), '10.0.0.0/8'],
    [rule('device: "@lots"'), '@lost'],
    [rule('logic: { "==": [1, 1] }'), '==='],
    [rule('logic: { var: knd }'), 'kind'],
    [rule('logic: { var: role }'), 'roles'],
    [rule('logic: { subst: [a, 1] }'), 'substr'],
    [rule('time: { days: [mnday, mon], between: "09:00-18:00" }'), 'mon'],
  ])('%j: %s', (text, meant) => {
    const problems = new ProblemList();
    mergePolicy([{ path: 'p.yaml', text, kind: 'policy' }], problems);
    expect(problems.sorted()).toHaveLength(1);
    expect(problems.sorted()[0]?.hint).toMatch(new RegExp(`\`"?${literally(meant)}"?\``));
  });

  function literally(text: string): string {
    return text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
  }
});
