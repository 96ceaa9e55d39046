import { describe, expect, it } from 'vitest';
import { normaliseRecord } from '../../src/model/index.js';
import { ProblemList } from '../../src/policy/index.js';
import { fillIn, parseGiven } from '../../src/simulate/given.js';

/** The facts of a record after what is given is filled in. */
function factsOf(record: Record<string, unknown>, ...texts: string[]): Record<string, unknown> {
  const problems = new ProblemList();
  const given = parseGiven(texts, problems);
  expect(problems.sorted()).toEqual([]);
  return { ...normaliseRecord(fillIn(record, given)) };
}

describe('a fact that is given', () => {
  const fills: [string, Record<string, unknown>, string[], Record<string, unknown>][] = [
    ['is filled in where it is absent', {}, ['forwarded=false'], { forwarded: false }],
    ['is filled in where it is null', { forwarded: null }, ['forwarded=true'], { forwarded: true }],
    [
      'is filled in where it is malformed',
      { kind: 'x' },
      ['kind=reconnect'],
      { kind: 'reconnect' },
    ],
    ['never replaces what is known', { forwarded: true }, ['forwarded=false'], { forwarded: true }],
    ['may be a text', {}, ['displayName=two words'], { displayName: 'two words' }],
    ['may be a text in quotes', {}, ['displayName="true"'], { displayName: 'true' }],
    ['may be empty', {}, ['displayName='], { displayName: '' }],
    ['may hold an equals sign', {}, ['displayName=a=b'], { displayName: 'a=b' }],
    ['may be a text of digits', {}, ['clientVersion=2026'], { clientVersion: '2026' }],
    ['may be an id of digits', {}, [`deviceId=${'1'.repeat(64)}`], { deviceId: '1'.repeat(64) }],
    ['may be a number', {}, ['ts=5'], { ts: 5 }],
    ['may be a list', {}, ['scopes=["operator.read"]'], { scopes: ['operator.read'] }],
    ['may be a role', {}, ['role=node'], { roles: ['node'] }],
    ['may be roles', {}, ['roles=["node","operator"]'], { roles: ['node', 'operator'] }],
    ['may be one of roles', {}, ['roles=operator'], { roles: ['operator'] }],
    [
      'replaces all that is wrong of the roles',
      { role: 'x', roles: [1] },
      ['role=node'],
      { roles: ['node'] },
    ],
    ['never replaces a role', { role: 'node' }, ['roles=["operator"]'], { roles: ['node'] }],
    [
      'is a login only beside a method that verifies it',
      { authMethod: 'token' },
      ['authUser=ann'],
      { authMethod: 'token', authUser: undefined },
    ],
    [
      'can be a login with its method, whatever their order',
      {},
      ['authUser=ann', 'authMethod=tailscale'],
      { authMethod: 'tailscale', authUser: 'ann' },
    ],
    [
      'can be a kind, which brings what it fills in',
      {},
      ['scopes=["operator.read"]', 'kind=node-commands'],
      { kind: 'node-commands', scopes: [], roles: ['node'] },
    ],
    [
      'is not hidden by what another one fills in',
      {},
      ['isRepair=false', 'displayName=x'],
      { isRepair: false, kind: 'new-device', displayName: 'x', platform: '' },
    ],
  ];
  it.each(fills)('%s', (_name, record, texts, facts) => {
    expect(factsOf(record, ...texts)).toMatchObject(facts);
  });

  it('does not change the record', () => {
    const record = Object.freeze({ role: null });
    factsOf(record, 'role=node');
    expect(record).toEqual({ role: null });
  });
});

describe('what cannot be given', () => {
  const refused: [string[], string, string][] = [
    [['forwardet=false'], 'there is no fact `forwardet`', 'did you mean `forwarded`?'],
    [['quux=1'], 'there is no fact `quux`', 'the facts are `ts`'],
    [['constructor=1'], 'there is no fact `constructor`', 'the facts are'],
    [['now=1'], 'there is no fact `now`', 'use `--now TIME`'],
    [['ownAddresses=[]'], 'there is no fact `ownAddresses`', 'use `--own-address IP`'],
    [['forwarded'], '`forwarded` has no value', 'write `--given forwarded=VALUE`'],
    [['forwarded=maybe'], '`maybe` is no value of `forwarded`', 'write `true` or `false`'],
    [['scopes=operator.read'], '`operator.read` is no value of `scopes`', 'write a JSON list'],
    [['displayName=null'], '`null` is no value of `displayName`', 'docs/reference/facts.md'],
    [['role=guest'], '`guest` is no value of `roles`', 'docs/reference/facts.md'],
    [['kind=new', 'kind=reconnect'], '`new` is no value of `kind`', 'docs/reference/facts.md'],
    [['role=node', 'roles=operator'], '`roles` is given twice', 'keep one of them'],
  ];
  it.each(refused)('is %j', (texts, message, hint) => {
    const problems = new ProblemList();
    parseGiven(texts, problems);
    const [only, ...others] = problems.sorted();
    expect(others).toEqual([]);
    expect(only).toMatchObject({ code: 'ARGUMENT', severity: 'error', file: '--given', message });
    expect(only?.hint).toContain(hint);
  });
});
