import { describe, expect, test } from 'vitest';
import { KNOWN_SCOPES, scopeGrants } from '../../src/model/index.js';

/** What each scope grants besides itself. */
const GRANTS: Readonly<Record<string, readonly string[]>> = {
  'operator.admin': KNOWN_SCOPES,
  'operator.write': [
    'operator.read',
    'operator.talk',
    'operator.sessions.read',
    'operator.sessions.write',
  ],
  'operator.read': ['operator.sessions.read'],
  'operator.sessions.write': ['operator.sessions.read'],
};

describe('every pair of known scopes', () => {
  test.each(KNOWN_SCOPES.map((scope) => [scope]))('%s grants what the language says', (scope) => {
    const granted = KNOWN_SCOPES.filter((other) => scopeGrants(scope, other));
    const expected = new Set([scope, ...(GRANTS[scope] ?? [])]);
    expect(new Set(granted)).toEqual(expected);
  });
});

test.each([
  ['operator.admin', 'operator.future', true],
  ['operator.admin', 'operator.', true],
  ['operator.admin', 'operator', false],
  ['operator.admin', 'operators.read', false],
  ['operator.admin', 'node.exec', false],
  ['operator.admin', 'Operator.read', false],
  ['operator.write', 'operator.talk.secrets', false],
  ['operator.write', 'operator.admin', false],
  ['operator.read', 'operator.write', false],
  ['operator.talk', 'operator.talk.secrets', false],
  ['operator.future', 'operator.future', true],
  ['operator.future', 'operator.read', false],
  ['Operator.Admin', 'operator.read', false],
  ['constructor', 'operator.read', false],
  ['__proto__', '__proto__', true],
])('%s grants %s: %s', (scope, other, expected) => {
  expect(scopeGrants(scope, other)).toBe(expected);
});
