import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { openPairingStore } from '../../src/stores/index.js';
import { deviceNo } from './asks.js';
import { codesOf } from './contract.js';
import { removeFolders, stateFolder } from './state-folders.js';
import { nextEvent } from './waiting.js';

afterAll(removeFolders);

const FILE = 'pair-policy/blocked.json';
const one = { device: deviceNo(1).deviceId, reason: 'lost', since: 5 };
const list = (...blocked: object[]) => JSON.stringify({ version: 1, blocked });

function replace(folder: string, text: string): void {
  mkdirSync(join(folder, 'pair-policy'), { recursive: true });
  writeFileSync(join(folder, `${FILE}.new`), text);
  renameSync(join(folder, `${FILE}.new`), join(folder, FILE));
}

describe('a list that cannot be read lets nobody in', () => {
  test.each([
    ['nothing', ''],
    ['torn', list(one).slice(0, -2)],
    ['no object', '[]'],
    ['another version', JSON.stringify({ version: 2, blocked: [] })],
    ['without a list', JSON.stringify({ version: 1 })],
    ['an id with a slip in it', list({ ...one, device: one.device.slice(1) })],
    ['no device', list({ since: 5 })],
    ['something after it', `${list(one)} x`],
  ])('%s', async (_, text) => {
    const folder = stateFolder({ [FILE]: text });
    expect(await codesOf(openPairingStore(folder))).toEqual(['STORE_UNREADABLE']);
    const other = stateFolder({ [FILE]: list(one) });
    const store = await openPairingStore(other);
    const problem = nextEvent(store, 'problem');
    replace(other, text);
    expect((await problem).map(({ code }) => code)).toEqual(['STORE_UNREADABLE']);
    expect(store.blocks.all()).toEqual([one]);
    expect(await codesOf(store.blocks.add({ ...one, reason: 'x' }))).toEqual(['STORE_UNREADABLE']);
    expect(readFileSync(join(other, FILE), 'utf8')).toBe(text);
    await store.close();
  });
});

test('an edit by hand comes into force', async () => {
  const folder = stateFolder();
  const store = await openPairingStore(folder);
  const change = nextEvent(store, 'changed');
  replace(folder, list({ device: one.device.toUpperCase(), since: 5 }));
  expect((await change).deviceIds).toBe('all');
  expect(store.blocks.find({ deviceId: one.device })).toBeDefined();
  await store.close();
});

test('a key is found by the id that goes with it, and an id by its key', async () => {
  const store = await openPairingStore(stateFolder());
  await store.blocks.add({ device: deviceNo(1).publicKey, reason: undefined, since: 1 });
  await store.blocks.add({ device: deviceNo(2).deviceId, reason: undefined, since: 1 });
  expect(store.blocks.find({ deviceId: deviceNo(1).deviceId })).toBeDefined();
  expect(store.blocks.find({ publicKey: deviceNo(2).publicKey })).toBeDefined();
  expect(store.blocks.find({ publicKey: deviceNo(3).publicKey })).toBeUndefined();
  expect(await codesOf(store.blocks.add({ ...one, device: 'laptop' }))).toEqual(['INVALID_DEVICE']);
  await store.close();
});

test('a list that is taken away keeps its devices out, and is written anew with them', async () => {
  const folder = stateFolder({ [FILE]: list(one) });
  const store = await openPairingStore(folder);
  const problem = nextEvent(store, 'problem');
  rmSync(join(folder, FILE));
  expect((await problem)[0]?.message).toContain('gone');
  expect(store.blocks.all()).toEqual([one]);
  await store.blocks.add({ device: deviceNo(2).deviceId, reason: undefined, since: 6 });
  const again = await openPairingStore(folder);
  expect(again.blocks.all()).toHaveLength(2);
  await Promise.all([store.close(), again.close()]);
});

test('fields that are not ours are kept', async () => {
  const text = JSON.stringify({ version: 1, note: 'x', blocked: [{ ...one, by: 'me' }] });
  const folder = stateFolder({ [FILE]: text });
  const store = await openPairingStore(folder);
  await store.blocks.add({ device: deviceNo(2).deviceId, reason: undefined, since: 6 });
  await store.close();
  expect(JSON.parse(readFileSync(join(folder, FILE), 'utf8'))).toEqual({
    version: 1,
    note: 'x',
    blocked: [
      { ...one, by: 'me' },
      { device: deviceNo(2).deviceId, since: 6 },
    ],
  });
});

test('two that block at once both do', async () => {
  const folder = stateFolder();
  const stores = await Promise.all([openPairingStore(folder), openPairingStore(folder)]);
  await Promise.all(
    Array.from({ length: 20 }, (_, i) =>
      stores[i % 2]?.blocks.add({ device: deviceNo(i).deviceId, reason: undefined, since: i }),
    ),
  );
  await Promise.all(stores.map((store) => store.close()));
  const store = await openPairingStore(folder);
  expect(store.blocks.all()).toHaveLength(20);
  await store.close();
});
