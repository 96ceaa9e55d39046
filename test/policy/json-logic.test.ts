/**
 * The operators of JSON Logic that the language allows, held against three interpreters: the engine's way, the library
 * under it, and the reference's own. What is not allowed is refused when a policy is read.
 */
import jsonLogic from 'json-logic-js';
import { describe, expect, test } from 'vitest';
import { toCircumstances } from '../../src/engine/index.js';
import { evaluateLogic } from '../../src/engine/logic.js';
import { mergePolicy, ProblemList } from '../../src/policy/index.js';
import { evaluateLogic as evaluateByReference } from '../reference/logic.js';
import { normalise } from '../reference/normalise.js';

const RECORD = {
  ts: '2026-12-01T09:00:00Z',
  clientId: 'openclaw-cli',
  clientVersion: '2026.9.6',
  platform: 'macOS',
  displayName: '',
  remoteIp: '::ffff:192.168.1.20',
  forwarded: false,
  silent: true,
  kind: 'new-device',
  roles: ['operator', 'node'],
  scopes: ['operator.read', 'operator.talk'],
  commands: [],
};

/** The facts of the record as plain data, for the library alone. */
const ASKED = Date.UTC(2026, 11, 1, 9);
const DATA = { ...RECORD, ts: ASKED, now: ASKED, remoteIp: '192.168.1.20' };

function problemsOf(expression: unknown): ProblemList {
  const text = JSON.stringify({
    version: 1,
    rules: [{ id: 'a', action: 'hold', when: { logic: expression } }],
  });
  const problems = new ProblemList();
  mergePolicy([{ path: 'p.yaml', text, kind: 'policy' }], problems);
  return problems;
}

/** What the engine, the library and the reference say. */
function truthsOf(expression: unknown): readonly unknown[] {
  expect(problemsOf(expression).sorted()).toEqual([]);
  return [
    evaluateLogic(expression, toCircumstances(RECORD)).truth,
    jsonLogic.truthy(jsonLogic.apply(expression as jsonLogic.RulesLogic, DATA)),
    evaluateByReference(expression, normalise(RECORD, {})),
  ];
}

const fact = (name: string) => ({ var: name });

describe('conditions', () => {
  test.each<[unknown, boolean]>([
    // strict equality
    [{ '===': ['a', 'a'] }, true],
    [{ '===': ['a', 'A'] }, false],
    [{ '===': [1, '1'] }, false],
    [{ '===': [0, false] }, false],
    [{ '!==': [1, '1'] }, true],
    [{ '!==': ['a', 'a'] }, false],
    [{ '===': [fact('kind'), 'new-device'] }, true],
    [{ '===': [fact('forwarded'), false] }, true],
    [{ '!==': [fact('platform'), 'macos'] }, true],
    [{ '===': [fact('remoteIp'), '192.168.1.20'] }, true],
    [{ '===': [{ var: ['clientId'] }, 'openclaw-cli'] }, true],
    // order, of numbers and of texts
    [{ '>': [2, 1] }, true],
    [{ '>': [1, 1] }, false],
    [{ '>=': [1, 1] }, true],
    [{ '<': [1, 2] }, true],
    [{ '<=': [2, 1] }, false],
    [{ '<': [fact('clientVersion'), '2026.9.7'] }, true],
    [{ '<': ['2026.10.0', '2026.9.6'] }, true],
    [{ '>=': [fact('ts'), 1_796_115_600_000] }, true],
    [{ '>': [fact('now'), fact('ts')] }, false],
    // between
    [{ '<': [1, 2, 3] }, true],
    [{ '<': [1, 1, 3] }, false],
    [{ '<': [1, 3, 3] }, false],
    [{ '<=': [1, 1, 3] }, true],
    [{ '<=': [1, 3, 3] }, true],
    [{ '<=': [1, 4, 3] }, false],
    // what is true and what is not: an empty list and an empty text are not, `"0"` is
    [{ '!': [{ '===': [1, 1] }] }, false],
    [{ '!!': [{ '===': [1, 1] }] }, true],
    [{ '!': fact('commands') }, true],
    [{ '!!': fact('scopes') }, true],
    [{ '!': [fact('displayName')] }, true],
    [{ '!!': { cat: ['0'] } }, true],
    [{ '!': { '+': [0] } }, true],
    [{ '!': { '+': ['no number'] } }, true],
    // the first that decides is what counts, and those behind it are not read
    [{ and: [fact('silent'), { '===': [1, 1] }] }, true],
    [{ and: [{ '===': [1, 2] }, fact('gateway')] }, false],
    [{ or: [fact('silent'), fact('gateway')] }, true],
    [{ or: [fact('forwarded'), fact('displayName'), fact('commands')] }, false],
    [{ or: [fact('forwarded'), true] }, true],
    [{ and: [true, fact('silent')] }, true],
    // if, with and without else, and chained
    [{ if: [fact('silent'), fact('platform'), fact('gateway')] }, true],
    [{ if: [fact('forwarded'), fact('gateway'), fact('displayName')] }, false],
    [{ if: [fact('forwarded'), 'then'] }, false],
    [{ if: [fact('forwarded'), 'a', fact('silent'), '', 'c'] }, false],
    [{ if: [fact('forwarded'), 'a', fact('displayName'), 'b', 'c'] }, true],
    // membership in lists
    [{ in: ['operator.read', fact('scopes')] }, true],
    [{ in: ['operator', fact('scopes')] }, false],
    [{ in: [fact('kind'), ['reconnect', 'new-device']] }, true],
    [{ in: ['x', []] }, false],
    // over lists: all of nothing is false, none of nothing true
    [{ all: [fact('scopes'), { '!==': [fact(''), 'operator.admin'] }] }, true],
    [{ all: [fact('commands'), { '!==': [fact(''), 'system.run'] }] }, false],
    [{ some: [fact('scopes'), { '===': [fact(''), 'operator.talk'] }] }, true],
    [{ some: [fact('commands'), { '!==': [fact(''), 'x'] }] }, false],
    [{ none: [fact('scopes'), { '===': [fact(''), 'operator.admin'] }] }, true],
    [{ none: [fact('commands'), { '!==': [fact(''), 'x'] }] }, true],
    [{ all: [[1, 2, 3], { '>': [fact(''), 0] }] }, true],
    [{ some: [[1, 2, 3], { '>': [fact(''), 3] }] }, false],
    [{ all: [fact('scopes'), { in: [fact(''), ['operator.read', 'operator.talk']] }] }, true],
    [{ some: [[{ '+': [1, 1] }], { '===': [fact(''), 2] }] }, true],
  ])('%j: %j', (expression, expected) => {
    expect(truthsOf(expression)).toEqual([expected, expected, expected]);
  });
});

describe('values', () => {
  test.each<[unknown, string | number]>([
    [{ '+': [1, 2, 3] }, 6],
    [{ '+': ['1', '2'] }, 3],
    [{ '+': ['3.5 apples'] }, 3.5],
    [{ '+': [-1] }, -1],
    [{ '-': [5, 2] }, 3],
    [{ '-': [5] }, -5],
    [{ '-': ['5', '2'] }, 3],
    [{ '*': [2, 3, 4] }, 24],
    [{ '*': ['2', 3] }, 6],
    [{ '*': [7] }, 7],
    [{ '/': [7, 2] }, 3.5],
    [{ '%': [7, 2] }, 1],
    [{ '%': [-7, 2] }, -1],
    [{ min: [3, 1, 2] }, 1],
    [{ max: [3, 1, 2] }, 3],
    [{ max: [-1] }, -1],
    [{ cat: ['a', 'b', 'c'] }, 'abc'],
    [{ cat: ['n', 1, true] }, 'n1true'],
    [{ cat: [fact('platform'), '/', fact('clientVersion')] }, 'macOS/2026.9.6'],
    [{ cat: 'alone' }, 'alone'],
    [{ substr: ['jsonlogic', 4] }, 'logic'],
    [{ substr: ['jsonlogic', -5] }, 'logic'],
    [{ substr: ['jsonlogic', 1, 3] }, 'son'],
    [{ substr: ['jsonlogic', 4, -2] }, 'log'],
    [{ substr: ['jsonlogic', -5, -2] }, 'log'],
    [{ substr: ['jsonlogic', 0, 0] }, ''],
    [{ substr: ['short', 9] }, ''],
    [{ substr: [fact('clientId'), 0, 8] }, 'openclaw'],
    [{ and: [fact('silent'), fact('platform')] }, 'macOS'],
    [{ or: [fact('displayName'), fact('platform')] }, 'macOS'],
    [{ if: [fact('silent'), 'yes', 'no'] }, 'yes'],
    [{ if: [fact('forwarded'), 'yes', 'no'] }, 'no'],
    [{ if: [fact('forwarded'), 1, fact('displayName'), 2, 3] }, 3],
  ])('%j is %j', (expression, expected) => {
    expect(jsonLogic.apply(expression as jsonLogic.RulesLogic, DATA)).toBe(expected);
    expect(truthsOf({ '===': [expression, expected] })).toEqual([true, true, true]);
  });
});

describe('reading an unknown fact makes the expression unknown', () => {
  test.each<[unknown, string]>([
    [{ '===': [fact('gateway'), 'home'] }, 'gateway'],
    [{ '!': fact('gateway') }, 'gateway'],
    [{ or: [fact('forwarded'), fact('gateway'), fact('silent')] }, 'gateway'],
    [{ and: [fact('silent'), fact('deviceId')] }, 'deviceId'],
    [{ if: [fact('isRepair'), 'a', 'b'] }, 'isRepair'],
    [{ cat: [fact('platform'), fact('authUser')] }, 'authUser'],
    [{ in: ['x', [fact('gatewayVersion')]] }, 'gatewayVersion'],
  ])('%j', (expression, missing) => {
    expect(problemsOf(expression).sorted()).toEqual([]);
    expect(evaluateLogic(expression, toCircumstances(RECORD))).toEqual({
      truth: 'unknown',
      missing: [missing],
    });
    expect(evaluateByReference(expression, normalise(RECORD, {}))).toBe('unknown');
  });
});

describe('what is not in the allow-list is refused', () => {
  const deep = (levels: number): unknown =>
    levels === 0 ? { '===': [1, 1] } : { '!': [deep(levels - 1)] };

  test.each<[string, unknown]>([
    // operators of JSON Logic that are not allowed
    ...['==', '!=', '?:', 'missing', 'missing_some', 'map', 'reduce', 'filter', 'merge', 'log'].map(
      (operator): [string, unknown] => [operator, { [operator]: [[1], 1] }],
    ),
    // names that objects have anyway
    ...['constructor', 'toString', 'hasOwnProperty', 'valueOf', 'method', 'apply'].map(
      (operator): [string, unknown] => [operator, { [operator]: [1] }],
    ),
    ['__proto__', JSON.parse('{"__proto__": [1]}')],
    ['an operator in a text', { 'var.x': ['a'] }],
    // more or fewer arguments than it takes
    ['one to compare', { '===': ['a'] }],
    ['three to compare', { '===': ['a', 'b', 'c'] }],
    ['no comparison', { '!==': [] }],
    ['between backwards', { '>': [3, 2, 1] }],
    ['four in order', { '<': [1, 2, 3, 4] }],
    ['not of nothing', { '!': [] }],
    ['not of two', { '!': [fact('silent'), fact('silent')] }],
    ['and of nothing', { and: [] }],
    ['or of nothing', { or: [] }],
    ['if of nothing', { if: [] }],
    ['in one', { in: ['a'] }],
    ['in three', { in: ['a', ['a'], 1] }],
    ['a sum of nothing', { '+': [] }],
    ['a difference of three', { '-': [3, 2, 1] }],
    ['a quotient of one', { '/': [1] }],
    ['a rest of three', { '%': [3, 2, 1] }],
    ['the least of nothing', { min: [] }],
    ['a text of nothing', { cat: [] }],
    ['a part without a start', { substr: ['a'] }],
    ['a part of four', { substr: ['a', 1, 1, 1] }],
    ['all without a test', { all: [fact('scopes')] }],
    ['some with two tests', { some: [fact('scopes'), { '!': fact('') }, 1] }],
    // facts
    ['no such fact', { '!': fact('user') }],
    ['the empty fact', { '!': fact('') }],
    ['a part of a fact', { '!': fact('scopes.0') }],
    ['a property of a fact', { '!': fact('scopes.length') }],
    ['a prototype', { '!': fact('__proto__') }],
    ['a constructor', { '!': fact('constructor') }],
    ['a constructor of a fact', { '!': fact('kind.constructor.name') }],
    ['the own addresses', { '!': fact('ownAddresses') }],
    ['a default', { '!': { var: ['kind', 'new-device'] } }],
    ['a fact by a number', { '!': { var: 1 } }],
    ['a fact by null', { '!': { var: null } }],
    ['a fact without a name', { '!': { var: [] } }],
    ['a fact whose name is made', { '!': { var: { cat: ['ki', 'nd'] } } }],
    // lists
    ['a list to compare', { '===': [fact('scopes'), 'operator.read'] }],
    ['null to compare', { '===': [fact('kind'), null] }],
    ['a truth value with a text', { '===': [fact('forwarded'), 'false'] }],
    ['a time with a text', { '>': [fact('ts'), '2026-12-01T09:00:00Z'] }],
    ['a text with a number', { '!==': [fact('clientVersion'), 2026] }],
    ['a list in a list', { in: [fact('scopes'), ['operator.read']] }],
    ['in a list of another type', { in: [fact('kind'), [1, 2]] }],
    ['in a text', { in: ['a', 'abc'] }],
    ['in a text that is made', { in: ['a', { cat: ['a', 'b'] }] }],
    ['in a text that is a fact', { in: ['mac', fact('platform')] }],
    ['over a text', { all: [fact('platform'), { '!': fact('') }] }],
    ['over what is made', { some: [{ cat: ['a'] }, { '!': fact('') }] }],
    ['over and over', { all: [[1], { some: [[2], { '!': fact('') }] }] }],
    ['a fact inside', { all: [fact('scopes'), { '===': [fact('kind'), 'x'] }] }],
    ['a property of the item', { all: [fact('scopes'), { '!': fact('length') }] }],
    // form
    ['no key', {}],
    ['two keys', { and: [true], or: [true] }],
    ['two keys inside', { '!': { '===': [1, 1], '!==': [1, 1] } }],
    ['no operation', true],
    ['a text', 'kind'],
    ['null', null],
    ['a list', [{ '===': [1, 1] }]],
    ['too deep', deep(16)],
    ['too wide', { or: Array(300).fill({ '!': fact('silent') }) }],
    ['too long', { cat: Array(33).fill('a') }],
  ])('%s', (_what, expression) => {
    const codes = new Set(
      problemsOf(expression)
        .sorted()
        .map(({ code }) => code),
    );
    // `__proto__` as a key does not get past the YAML.
    expect([...codes]).toEqual([
      JSON.stringify(expression).includes('{"__proto__') ? 'YAML_KEY' : 'INVALID_LOGIC',
    ]);
  });

  test('what is just deep and wide enough is not', () => {
    expect(problemsOf(deep(14)).sorted()).toEqual([]);
    expect(problemsOf({ or: Array(100).fill({ '!': fact('silent') }) }).sorted()).toEqual([]);
  });
});
