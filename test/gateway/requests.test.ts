/** A gateway's request as the record that is decided, and what was granted against it. */
import { describe, expect, test } from 'vitest';
import { type ConnectRecord, normaliseRecord } from '../../src/model/index.js';
import { compareGrant, isSameRequest } from '../../src/openclaw/compare-grant.js';
import { toPaired, toRequest } from '../../src/openclaw/gateway-rows.js';
import { settingsOf } from '../../src/openclaw/gateway-settings.js';
import { lackingScopes } from '../../src/openclaw/needed-scopes.js';
import { RejectBackoff } from '../../src/openclaw/reject-backoff.js';
import { toConnectRecord } from '../../src/openclaw/to-connect-record.js';
import { workOutGatewayKind } from '../../src/openclaw/work-out-gateway-kind.js';
import { deviceNo } from '../stores/asks.js';
import { nodeRow, operatorRow } from './governed.js';

type Row = Readonly<Record<string, unknown>>;

function request(row: Row, store: 'device' | 'node' = 'device') {
  const made = toRequest({ requestId: 'r1', ts: 5, isRepair: false, ...row }, store);
  if (!made) throw new Error('this is no request');
  return made;
}

function paired(row: Row) {
  const made = toPaired(row);
  if (!made) throw new Error('this is no device');
  return made;
}

describe('rows', () => {
  test.each([
    [undefined],
    [{}],
    [{ requestId: 'r1', deviceId: 'd' }],
    [{ requestId: 5, deviceId: 'd', ts: 1 }],
    [{ requestId: 'r1', deviceId: 'd', ts: Number.NaN }],
  ])('%j is no request', (row) => {
    expect(toRequest(row, 'device')).toBeUndefined();
  });

  test('what is not known to be harmless is left out', () => {
    const { record } = request({ ...nodeRow(1), token: 'secret', tokens: [{ token: 'secret' }] });
    expect(JSON.stringify(record)).not.toContain('secret');
    const device = paired({ ...nodeRow(1), tokens: [{ role: 'node', token: 'secret' }] });
    expect(JSON.stringify(device)).not.toContain('secret');
  });

  test('a role whose token was revoked is none', () => {
    const tokens = [
      { role: 'node', revokedAtMs: 5 },
      { role: 'operator', lastUsedAtMs: 9 },
    ];
    expect(paired({ ...nodeRow(1), tokens })).toMatchObject({
      roles: ['operator'],
      lastSeenAtMs: 9,
    });
    expect(toPaired({})).toBeUndefined();
  });

  test('a request for commands is of their kind, and never expires', () => {
    expect(request({ nodeId: 'd', commands: ['x'] }, 'node')).toMatchObject({
      deviceId: 'd',
      expiresAt: undefined,
      record: { kind: 'node-commands', deviceId: 'd' },
    });
    expect(request(nodeRow(1)).expiresAt).toBe(300_005);
  });
});

describe('the kind', () => {
  const admin = { scopes: ['operator.admin'] };
  test.each([
    ['new-device', nodeRow(1), undefined, '2026.9.6'],
    [null, nodeRow(1, { isRepair: true }), undefined, '2026.9.6'],
    [null, nodeRow(1), nodeRow(1), '2026.9.6'],
    ['role-upgrade', operatorRow(1, { isRepair: true }), nodeRow(1), '2026.9.6'],
    ['scope-upgrade', operatorRow(1, { isRepair: true, ...admin }), operatorRow(1), '2026.9.6'],
    [null, operatorRow(1, { isRepair: true }), operatorRow(1, admin), '2026.9.6'],
    ['scope-upgrade', operatorRow(1, { isRepair: true }), operatorRow(1, admin), '2026.2.19'],
    ['scope-upgrade', operatorRow(1, { isRepair: true }), operatorRow(1, admin), 'dev'],
    ['metadata-upgrade', nodeRow(1, { isRepair: true, platform: 'macos' }), nodeRow(1), '2026.9.6'],
    [
      'key-change',
      nodeRow(1, { isRepair: true, publicKey: deviceNo(2).publicKey }),
      nodeRow(1),
      '2026.9.6',
    ],
  ])('%s', (expected, asked, before, version) => {
    const { record } = request({ ...asked });
    expect(workOutGatewayKind(record, before && paired(before), version)).toBe(expected);
  });
});

describe('the record', () => {
  const evidence = (gateway: object, rest: object = {}) => ({
    settings: settingsOf({ resolved: { gateway } }, '2026.9.6'),
    ownAddresses: ['192.0.2.9'],
    paired: undefined,
    isLoopback: false,
    gateway: undefined,
    ...rest,
  });

  test.each([
    ['a peer', {}, '192.168.1.20', { remoteIp: '192.168.1.20', forwarded: false }],
    [
      'behind a proxy',
      { trustedProxies: ['192.0.2.1'] },
      '192.168.1.20',
      { remoteIp: '192.168.1.20' },
    ],
    ['forgeable', { trustedProxies: ['127.0.0.1'] }, '192.168.1.20', {}],
    ['missing', {}, undefined, {}],
  ])('an address: %s', (_, gateway, remoteIp, expected) => {
    const { remoteIp: ip, forwarded } = toConnectRecord(
      request(nodeRow(1, { remoteIp })),
      evidence(gateway),
    );
    expect({
      ...(ip !== undefined && { remoteIp: ip }),
      ...(forwarded !== undefined && { forwarded }),
    }).toEqual(expected);
  });

  test('a missing address with evidence is loopback, a forgeable one never', () => {
    const known = { isLoopback: true };
    const { remoteIp, forwarded } = toConnectRecord(
      request(nodeRow(1, { remoteIp: undefined })),
      evidence({}, known),
    );
    expect([remoteIp, forwarded]).toEqual(['127.0.0.1', false]);
    const forged = evidence({ trustedProxies: ['127.0.0.1'] }, known);
    expect(toConnectRecord(request(nodeRow(1)), forged)).not.toHaveProperty('remoteIp');
  });

  test("the client's own word on kind and proxy counts for nothing", () => {
    const row = { ...nodeRow(1), kind: 'reconnect', forwarded: false };
    const record = toConnectRecord(request(row), evidence({ trustedProxies: ['192.0.2.1'] }));
    expect(record.kind).toBe('new-device');
    expect(record).not.toHaveProperty('forwarded');
  });

  test('commands come with what is known of their node', () => {
    const asked = request({ nodeId: deviceNo(1).deviceId, commands: ['canvas.show'] }, 'node');
    const named = { paired: paired(nodeRow(1)), gateway: 'home' };
    expect(toConnectRecord(asked, evidence({}, named))).toMatchObject({
      kind: 'node-commands',
      clientMode: 'node',
      platform: 'linux',
      commands: ['canvas.show'],
      gateway: 'home',
      gatewayVersion: '2026.9.6',
    });
    expect(toConnectRecord(asked, evidence({}))).toMatchObject({ clientMode: null });
  });
});

describe('what was granted', () => {
  test.each([
    [[], {}],
    [['it has another key'], { publicKey: 'x' }],
    [['it has the role operator'], { roles: ['node', 'operator'] }],
    [['it has the scope operator.read'], { scopes: ['operator.read'] }],
    [['its displayName is "x"'], { displayName: 'x' }],
    [['its platform is "windows"'], { platform: 'windows' }],
    [['its clientMode is ""'], { clientMode: undefined }],
    [[`it is the device ${'0'.repeat(64)}`], { deviceId: '0'.repeat(64) }],
  ])('%j', (expected, change) => {
    expect(compareGrant(request(nodeRow(1)), paired(nodeRow(1, change)), undefined)).toEqual(
      expected,
    );
  });

  test('what the device had before, or what its scopes give, is no more than was asked', () => {
    const before = paired(operatorRow(1, { scopes: ['operator.admin'] }));
    const granted = paired(
      operatorRow(1, { roles: ['node', 'operator'], scopes: ['operator.write'] }),
    );
    const asked = request({ ...operatorRow(1), role: 'node', roles: ['node'], scopes: [] });
    expect(compareGrant(asked, granted, before)).toEqual([]);
    expect(compareGrant(asked, granted, { ...before, publicKey: 'another' })).toHaveLength(2);
  });

  test('only when it was asked makes no other request', () => {
    const one = request(nodeRow(1));
    expect(isSameRequest(one, request({ ...nodeRow(1), ts: 9 }))).toBe(true);
    expect(isSameRequest(one, request(nodeRow(1, { clientMode: 'cli' })))).toBe(false);
    expect(isSameRequest(one, { ...one, requestId: 'r2' })).toBe(false);
  });
});

describe('the authority that it takes', () => {
  const commands = request(
    { nodeId: 'd', commands: [], requiredApproveScopes: ['operator.write', 5] },
    'node',
  );
  const none: string[] = [];
  const old = '2026.2.19';
  test.each([
    ['a node', request(nodeRow(1)), ['operator.pairing'], '2026.9.6', ['operator.admin']],
    ['a node, long ago', request(nodeRow(1)), ['operator.pairing'], old, none],
    [
      'a node, nobody knows when',
      request(nodeRow(1)),
      ['operator.pairing'],
      undefined,
      ['operator.admin'],
    ],
    ['a reader', request(operatorRow(1)), ['operator.pairing'], '2026.9.6', ['operator.read']],
    ['a reader, by admin', request(operatorRow(1)), ['operator.admin'], '2026.9.6', none],
    ['commands', commands, ['operator.pairing'], '2026.9.6', ['operator.write']],
    [
      'anything, by nobody',
      request(operatorRow(1)),
      [],
      old,
      ['operator.pairing', 'operator.read'],
    ],
  ])('%s', (_, asked, held, version, expected) => {
    expect(lackingScopes(asked, normaliseRecord(asked.record), new Set(held), version)).toEqual(
      expected,
    );
  });
});

test('a device that goes on asking waits twice as long each time, until it has been quiet', () => {
  let now = 0;
  const backoff = new RejectBackoff(() => now);
  const waits = Array.from({ length: 12 }, () => {
    backoff.note('a');
    const wait = backoff.waitFor('a');
    now += wait;
    return wait;
  });
  expect(waits.slice(0, 4)).toEqual([1000, 2000, 4000, 8000]);
  expect(waits.at(-1)).toBe(300_000);
  expect(backoff.waitFor('b')).toBe(0);
  now += 300_001;
  backoff.note('a');
  expect(backoff.waitFor('a')).toBe(1000);
});

test('a record keeps no field that is not known', () => {
  const { record }: { record: ConnectRecord } = request({ ...nodeRow(1), anything: 1 });
  expect(record).not.toHaveProperty('anything');
});
