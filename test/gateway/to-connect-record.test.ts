import { describe, expect, test } from 'vitest';
import type { PendingRequest } from '../../src/live/index.js';
import { normaliseRecord } from '../../src/model/index.js';
import { settingsOf } from '../../src/openclaw/gateway-settings.js';
import { toConnectRecord } from '../../src/openclaw/to-connect-record.js';

const DEVICE_ID = 'ab'.repeat(32);

function requestOf(store: PendingRequest['store']): PendingRequest {
  const record = { deviceId: DEVICE_ID, remoteIp: '10.0.0.5', isRepair: false } as const;
  return { requestId: 'r', store, deviceId: DEVICE_ID, ts: 1, expiresAt: undefined, record };
}

function factsOf(store: PendingRequest['store'], answer: unknown, version: string | undefined) {
  const settings = settingsOf(answer, version);
  const known = { ownAddresses: [], isLoopback: false, gateway: undefined };
  const evidence = { settings, paired: undefined, ...known };
  return normaliseRecord(toConnectRecord(requestOf(store), evidence));
}

const config = (trustedProxies: unknown) => ({ config: { gateway: { trustedProxies } } });

describe('an address is believed only as far as the settings are known', () => {
  test.each([
    ['no proxy is trusted', config([]), '10.0.0.5', false],
    ['a proxy is trusted', config(['10.0.0.1']), '10.0.0.5', undefined],
    ['loopback is trusted', config(['127.0.0.1']), undefined, undefined],
    ['the settings cannot be read', undefined, undefined, undefined],
    ['the list is none', config('10.0.0.1'), undefined, undefined],
  ])('%s', (_, answer, address, forwarded) => {
    const { remoteIp, ...facts } = factsOf('device', answer, '2026.9.6');
    expect([remoteIp?.text, facts.forwarded]).toEqual([address, forwarded]);
  });
});

describe('what a release does not keep of a client is unknown, and not the empty text', () => {
  test.each([
    ['device', '2026.9.6', { browserOrigin: '', deviceFamily: '', clientId: '' }],
    ['device', '2026.4.15', { browserOrigin: undefined, deviceFamily: '', clientId: '' }],
    ['device', '2026.2.19', { browserOrigin: undefined, deviceFamily: undefined, clientId: '' }],
    ['device', undefined, { browserOrigin: undefined, deviceFamily: undefined, clientId: '' }],
    ['node', '2026.9.6', { browserOrigin: undefined, clientId: undefined, clientMode: undefined }],
  ] as const)('a %s request of %s', (store, version, facts) => {
    expect(factsOf(store, config([]), version)).toMatchObject(facts);
  });
});
