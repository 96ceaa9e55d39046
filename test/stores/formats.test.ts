import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openPairingStore } from '../../src/stores/index.js';
import { askNo, commandsNo, deviceNo, nodeNo } from './asks.js';
import { codesOf } from './contract.js';
import { recordedFolder, removeFolders, rowsOf, stateFolder } from './state-folders.js';

afterAll(removeFolders);

const FILES = ['devices/paired', 'devices/pending', 'nodes/paired', 'nodes/pending'].map(
  (name) => `${name}.json`,
);
const RELEASES = ['2026.1.30', '2026.2.19', '2026.3.31'];
/** When the samples were taken, more or less: nothing in them has expired. */
const THEN = 1_795_218_400_000;

const textsOf = (folder: string) => FILES.map((file) => readFileSync(join(folder, file), 'utf8'));

describe.each(RELEASES)('files of %s', (release) => {
  test('are read as they are, and left as they are where nothing changes', async () => {
    const folder = recordedFolder(release);
    const before = textsOf(folder);
    const store = await openPairingStore(folder, { now: () => THEN });
    const paired = rowsOf(folder, 'devices/paired.json');
    const nodes = rowsOf(folder, 'nodes/paired.json');
    const ids = new Set([...Object.keys(paired), ...Object.keys(nodes)]);
    expect(new Set([...store.allPaired()].map(({ deviceId }) => deviceId))).toEqual(ids);
    for (const [deviceId, row] of Object.entries(paired)) {
      const { publicKey, roles, scopes = [], createdAtMs, approvedAtMs } = row;
      const expected = { publicKey, roles, scopes, createdAtMs, approvedAtMs };
      expect(store.paired(deviceId)).toMatchObject(expected);
    }
    for (const [deviceId, { commands }] of Object.entries(nodes)) {
      expect(store.paired(deviceId)?.commands).toEqual(commands);
    }
    const waiting = [
      ...Object.keys(rowsOf(folder, 'devices/pending.json')),
      ...Object.keys(rowsOf(folder, 'nodes/pending.json')),
    ];
    expect(new Set(store.allPending().map(({ requestId }) => requestId))).toEqual(new Set(waiting));
    const unknown = { ...store.allPending()[0], requestId: 'none' } as never;
    expect(await codesOf(store.approve(unknown))).toEqual(['UNKNOWN_REQUEST']);
    await store.close();
    expect(textsOf(folder)).toEqual(before);
  });

  test('are written as the gateway writes them, all but the change as it was', async () => {
    const folder = recordedFolder(release);
    const before = rowsOf(folder, 'devices/paired.json');
    const store = await openPairingStore(folder, { now: () => THEN });
    await store.pair(nodeNo(1));
    await store.pair(commandsNo(1, ['camera.snap']));
    await store.close();
    const { [deviceNo(1).deviceId]: added, ...rest } = rowsOf(folder, 'devices/paired.json');
    expect(rest).toEqual(before);
    expect(added).toMatchObject({
      role: 'node',
      roles: ['node'],
      approvedScopes: [],
      tokens: { node: { role: 'node', scopes: [], createdAtMs: THEN } },
    });
    for (const text of textsOf(folder))
      expect(text).toBe(JSON.stringify(JSON.parse(text), null, 2));
  });

  test('every request in them can be approved', async () => {
    const folder = recordedFolder(release);
    const store = await openPairingStore(folder, { now: () => THEN });
    const waiting = store.allPending();
    await Promise.all(waiting.map((request) => store.approve(request)));
    expect(store.allPending()).toEqual([]);
    for (const { deviceId, store: kind, record } of waiting) {
      const device = store.paired(deviceId);
      if (kind === 'node') expect(device?.commands).toEqual(record.commands);
      else expect(device).toMatchObject({ roles: record.roles, scopes: record.scopes });
    }
    await store.close();
    expect(readFileSync(join(folder, 'devices/pending.json'), 'utf8')).toBe('{}');
  });
});

describe('what is not ours', () => {
  const one = deviceNo(1).deviceId;
  const row = (fields: string) => `{"deviceId":"${one}",${fields}}`;

  test('stays byte for byte, whatever it is', async () => {
    const odd = [
      '"__proto__": {"roles":["operator"],"tokens":{"operator":{"token":"x"}}}',
      '"note": "by hand \\u00e9 é \\ud83d"',
      '"7": [1.50e+2,  {"a" :null}]',
      '"3": 12345678901234567890',
    ];
    const folder = stateFolder({ 'devices/paired.json': `{${odd.join(' ,\n')} }\n` });
    const store = await openPairingStore(folder);
    expect(store.paired('note')).toBeUndefined();
    await store.pair(askNo(2));
    await store.close();
    const text = readFileSync(join(folder, 'devices/paired.json'), 'utf8');
    expect(text.startsWith(`{\n  ${odd.join(',\n  ')},\n  "${deviceNo(2).deviceId}": {\n`)).toBe(
      true,
    );
  });

  test('unknown fields of a row outlive its changes', async () => {
    const { deviceId, publicKey } = deviceNo(1);
    const old = {
      deviceId,
      publicKey,
      '9': 1,
      role: 'operator',
      roles: ['operator'],
      scopes: ['operator.read'],
      operatorLabel: 'desk',
      tokens: { operator: { token: 'not-a-real-token', role: 'operator', more: [1] } },
      plugin: { deep: [{ a: null }] },
    };
    const folder = stateFolder({ 'devices/paired.json': JSON.stringify({ [deviceId]: old }) });
    const store = await openPairingStore(folder);
    await store.pair(nodeNo(1));
    store.noteSeen(deviceId, 77);
    await store.close();
    const changed = rowsOf(folder, 'devices/paired.json')[deviceId];
    expect(changed).toMatchObject({
      '9': 1,
      operatorLabel: 'desk',
      plugin: { deep: [{ a: null }] },
      tokens: { operator: { token: 'not-a-real-token', more: [1] } },
      roles: ['operator', 'node'],
      lastSeenAtMs: 77,
    });
  });

  test('a device that stands there twice is gone when it is revoked', async () => {
    const twice = `{"${one}":${row('"roles":["operator"]')},"${one}":${row('"roles":["node"]')}}`;
    const folder = stateFolder({ 'devices/paired.json': twice });
    const store = await openPairingStore(folder);
    expect(store.paired(one)?.roles).toEqual(['node']);
    await store.revoke(one);
    await store.close();
    expect(readFileSync(join(folder, 'devices/paired.json'), 'utf8')).toBe('{}');
  });

  test('an empty list of an old release is an empty store', async () => {
    const folder = stateFolder({ 'devices/paired.json': ' [ ]\n' });
    const store = await openPairingStore(folder);
    expect([...store.allPaired()]).toEqual([]);
    await store.pair(askNo(1));
    await store.close();
    expect(Object.keys(rowsOf(folder, 'devices/paired.json'))).toEqual([one]);
  });

  test.each([
    ['no tokens at all', '"roles":["operator"]', ['operator']],
    ['no tokens in it', '"roles":["operator"],"tokens":{}', ['operator']],
    ['only a last role', '"role":"node","tokens":null', ['node']],
    ['a token', '"roles":["node"],"tokens":{"node":{"token":"x"}}', ['node']],
    [
      'a role without its token',
      '"roles":["node","operator"],"tokens":{"node":{"token":"x"}}',
      ['node'],
    ],
    ['a token without its role', '"roles":["node"],"tokens":{"operator":{"token":"x"}}', []],
    ['a revoked token', '"roles":["node"],"tokens":{"node":{"token":"x","revokedAtMs":5}}', []],
    ['revoked at nought', '"roles":["node"],"tokens":{"node":{"token":"x","revokedAtMs":0}}', []],
    ['an empty token', '"roles":["node"],"tokens":{"node":{"token":""}}', []],
    ['tokens that are none', '"roles":["node"],"tokens":["x"]', []],
    ['roles that are none', '"roles":["node",5]', []],
  ])('the roles of a row with %s', async (_, fields, roles) => {
    const folder = stateFolder({ 'devices/paired.json': `{"${one}":${row(fields)}}` });
    const store = await openPairingStore(folder, { watch: false });
    expect(store.paired(one)?.roles).toEqual(roles);
    await store.close();
  });

  test.each([
    ['scopes', '"scopes":["a"]', ['a']],
    ['approved ones', '"scopes":["a"],"approvedScopes":["b"]', ['b']],
    ['approved ones of a wrong form', '"scopes":["a"],"approvedScopes":"b"', []],
  ])('the scopes of a row with %s', async (_, fields, scopes) => {
    const folder = stateFolder({ 'devices/paired.json': `{"${one}":${row(fields)}}` });
    const store = await openPairingStore(folder, { watch: false });
    expect(store.paired(one)?.scopes).toEqual(scopes);
    await store.close();
  });

  test('a revoked role does not come back by the end of the last token', async () => {
    const fields = '"roles":["operator","node"],"tokens":{"node":{"token":"x"}}';
    const folder = stateFolder({ 'devices/paired.json': `{"${one}":${row(fields)}}` });
    const store = await openPairingStore(folder, { watch: false });
    await store.revoke(one, 'node');
    expect(store.paired(one)).toBeUndefined();
    await store.close();
  });

  test('a hand-written device keeps its role when it gets another', async () => {
    const { publicKey } = deviceNo(1);
    const fields = `"publicKey":"${publicKey}","roles":["operator"],"scopes":["operator.read"]`;
    const folder = stateFolder({ 'devices/paired.json': `{"${one}":${row(fields)}}` });
    const store = await openPairingStore(folder, { watch: false });
    const device = await store.pair(nodeNo(1));
    expect(device.roles).toEqual(['operator', 'node']);
    await store.close();
  });
});

test('what a gateway has refreshed is approved only as it is now', async () => {
  const folder = recordedFolder('2026.3.31');
  const store = await openPairingStore(folder, { now: () => THEN, watch: false });
  const [request] = store.allPending().filter((one) => one.store === 'device');
  if (!request) throw new Error('the sample has no request');
  const file = join(folder, 'devices/pending.json');
  const rows = rowsOf(folder, 'devices/pending.json');
  writeFileSync(
    `${file}.new`,
    JSON.stringify({
      ...rows,
      [request.requestId]: { ...rows[request.requestId], clientId: 'other' },
    }),
  );
  renameSync(`${file}.new`, file);
  expect(await codesOf(store.approve(request))).toEqual(['REQUEST_CHANGED']);
  await store.close();
});
