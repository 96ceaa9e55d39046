import { describe, expect, it } from 'vitest';
import {
  findChangingIdentities,
  IdentityWatch,
  type SeenDevice,
} from '../../src/live/changing-identity.js';
import type { ConnectAnswer } from '../../src/live/index.js';
import { nodeNo, policyOf, RULES, setUp } from './set-up.js';

const HOUR = 3_600_000;
const seen = (deviceId: string, rest: Partial<SeenDevice> = {}): SeenDevice => ({
  deviceId,
  remoteIp: '192.168.1.20',
  clientId: 'node-host',
  clientMode: 'node',
  displayName: 'kitchen',
  platform: 'linux',
  at: 0,
  ...rest,
});

describe('clients whose device id changes', () => {
  const cases: [string, SeenDevice[], string[][]][] = [
    ['three ids of one client', [seen('a'), seen('b'), seen('c')], [['a', 'b', 'c']]],
    ['two ids may be two devices', [seen('a'), seen('b')], []],
    ['one id, however often', [seen('a'), seen('a'), seen('a'), seen('a')], []],
    ['other addresses', ['1', '2', '3'].map((i) => seen(i, { remoteIp: `192.0.2.${i}` })), []],
    ['other names', ['1', '2', '3'].map((i) => seen(i, { displayName: i })), []],
    [
      'containers, whose names change as well',
      ['a1b2c3d4e5f6', '0123456789ab', 'ffffffffffff'].map((name) =>
        seen(name, { displayName: name }),
      ),
      [['a1b2c3d4e5f6', '0123456789ab', 'ffffffffffff']],
    ],
    ['unknown addresses', ['1', '2', '3'].map((i) => seen(i, { remoteIp: undefined })), []],
    ['unknown times', ['1', '2', '3'].map((i) => seen(i, { at: undefined })), []],
    ['spread over days', ['1', '2', '3'].map((i) => seen(i, { at: 20 * HOUR * Number(i) })), []],
    [
      'in any order',
      [seen('c', { at: 2 }), seen('a', { at: 0 }), seen('b', { at: 1 })],
      [['a', 'b', 'c']],
    ],
  ];
  it.each(cases)('%s', (_name, devices, ids) => {
    expect(findChangingIdentities(devices).map(({ deviceIds }) => deviceIds)).toEqual(ids);
  });

  it('are watched in bounded memory', () => {
    const watch = new IdentityWatch();
    for (let i = 0; i < 20; i += 1) watch.note(seen(`id ${i}`));
    for (let i = 0; i < 5_000; i += 1) watch.note(seen(`${i}`, { remoteIp: `${i}` }));
    expect(watch.note(seen('one'))).toBeUndefined();
    const last = Array.from({ length: 50 }, (_, i) => watch.note(seen(`many ${i}`))).at(-1);
    expect(last?.deviceIds).toHaveLength(16);
  });

  it('are told so, with what they call themselves made visible', async () => {
    const { hook } = setUp(policyOf(RULES.holdAdmin));
    const answers: ConnectAnswer[] = [];
    for (let i = 0; i < 3; i += 1) {
      answers.push(await hook.onConnect(nodeNo(i, { displayName: 'kitchen\u001b[31m' })));
    }
    const details = answers.map((answer) => (answer.admitted ? undefined : answer.error.details));
    expect(details[1]?.policy.changingIdentity).toBeUndefined();
    expect(details[2]?.policy.changingIdentity).toContain('kitchen\\u001b[31m');
    expect(details[2]?.remediationHint).toContain('its device id seems to change at every start');
  });

  it('are recognised after a restart by those that are pending', async () => {
    const { hook, store } = setUp(policyOf(RULES.holdAdmin));
    for (let i = 0; i < 2; i += 1) await hook.onConnect(nodeNo(i, { displayName: 'kitchen' }));
    const again = setUp(policyOf(RULES.holdAdmin), { store });
    expect(await again.hook.onConnect(nodeNo(2, { displayName: 'kitchen' }))).toMatchObject({
      error: { details: { policy: { changingIdentity: expect.any(String) } } },
    });
  });
});
