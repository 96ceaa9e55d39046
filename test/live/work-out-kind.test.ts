import { describe, expect, it } from 'vitest';
import { coversLiterally, type PairedDevice, workOutKind } from '../../src/live/index.js';
import { normaliseRecord } from '../../src/model/index.js';
import { deviceNo, operatorNo } from './set-up.js';

const PAIRED: PairedDevice = {
  ...deviceNo(1),
  displayName: undefined,
  platform: 'linux',
  deviceFamily: 'Linux',
  clientId: undefined,
  clientMode: undefined,
  remoteIp: undefined,
  roles: ['operator'],
  scopes: ['operator.read', 'operator.write'],
  commands: undefined,
  createdAtMs: undefined,
  approvedAtMs: undefined,
  lastSeenAtMs: undefined,
};
const other = deviceNo(2).publicKey;
const NODE_ONLY = { ...PAIRED, publicKey: undefined, roles: [], scopes: [], commands: ['x'] };

describe('the kind of a connect', () => {
  const cases: [string, Parameters<typeof operatorNo>[1], PairedDevice | undefined, unknown][] = [
    ['nobody is paired', {}, undefined, 'new-device'],
    ['only its node surface is known', {}, NODE_ONLY, 'new-device'],
    ['nothing new', {}, PAIRED, 'reconnect'],
    ['no scopes', { scopes: [] }, PAIRED, 'reconnect'],
    ['another key', {}, { ...PAIRED, publicKey: other }, 'key-change'],
    ['a row without a key', {}, { ...PAIRED, publicKey: undefined }, 'key-change'],
    ['another role', { role: 'node' }, PAIRED, 'role-upgrade'],
    ['one role more', { roles: ['operator', 'node'] }, PAIRED, 'role-upgrade'],
    ['a role that was revoked', {}, { ...PAIRED, roles: ['node'] }, 'role-upgrade'],
    ['one scope more', { scopes: ['operator.read', 'operator.admin'] }, PAIRED, 'scope-upgrade'],
    ['a scope that is implied', { scopes: ['operator.sessions.read'] }, PAIRED, 'reconnect'],
    ['another platform', { platform: 'windows' }, PAIRED, 'metadata-upgrade'],
    ['the platform in capitals', { platform: ' LINUX ' }, PAIRED, 'reconnect'],
    ['no platform', { platform: undefined }, PAIRED, 'reconnect'],
    ['an empty platform', { platform: '' }, PAIRED, 'reconnect'],
    ['a platform that is not pinned', {}, { ...PAIRED, platform: undefined }, 'reconnect'],
    ['another family', { deviceFamily: 'Mac' }, PAIRED, 'metadata-upgrade'],
    [
      'the key comes first',
      { role: 'node', scopes: ['operator.admin'], platform: 'x' },
      { ...PAIRED, publicKey: other },
      'key-change',
    ],
    [
      'then the role',
      { role: 'node', scopes: ['operator.admin'], platform: 'x' },
      PAIRED,
      'role-upgrade',
    ],
    ['then the scopes', { scopes: ['operator.admin'], platform: 'x' }, PAIRED, 'scope-upgrade'],
    ['unknown scopes', { scopes: ['a b'] }, PAIRED, undefined],
    ['unknown roles', { role: undefined }, PAIRED, undefined],
    ['an unknown key', { publicKey: 'x' }, PAIRED, undefined],
    ['its own word for it', { kind: 'reconnect' }, undefined, 'new-device'],
  ];
  it.each(cases)('%s', (_name, rest, paired, kind) => {
    expect(workOutKind(normaliseRecord(operatorNo(1, rest)), paired)).toBe(kind);
  });

  it('takes scopes literally for releases that do', () => {
    const facts = normaliseRecord(operatorNo(1, { scopes: ['operator.sessions.read'] }));
    expect(workOutKind(facts, PAIRED, coversLiterally)).toBe('scope-upgrade');
  });
});
