import { statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { OwnPairingStore } from '../../src/live/index.js';
import { createMemoryStore, openPairingStore } from '../../src/stores/index.js';
import { askNo, deviceNo } from './asks.js';
import { codesOf } from './contract.js';
import { removeFolders, rowsOf, stateFolder } from './state-folders.js';

afterAll(removeFolders);

const FILE = 'devices/pending.json';
const START = 1_800_000_000_000;
let clock = START;
let store: OwnPairingStore;

afterEach(async () => {
  await store.close();
});

async function setUp(options: { readonly seenMs?: number } = {}) {
  clock = START;
  const folder = stateFolder();
  store = await openPairingStore(folder, { now: () => clock, watch: false, ...options });
  const request = await store.request(askNo(1));
  const version = () => statSync(join(folder, FILE), { bigint: true }).mtimeNs;
  const refreshedAt = () => rowsOf(folder, FILE)[request.requestId]?.['refreshedAtMs'];
  return { folder, request, version, refreshedAt };
}

describe('a request that is asked again', () => {
  test('writes nothing for half a minute', async () => {
    const { request, version } = await setUp();
    const before = version();
    for (clock = START; clock < START + 30_000; clock += 1000) {
      expect(await store.request(askNo(1))).toEqual(request);
    }
    expect(version()).toBe(before);
    expect((await store.request(askNo(1))).expiresAt).toBe(clock + 300_000);
    expect(version()).not.toBe(before);
  });

  test('is written with what else is written', async () => {
    const { refreshedAt } = await setUp();
    clock += 9000;
    await store.request(askNo(1));
    expect(refreshedAt()).toBe(START);
    clock += 9000;
    await store.request(askNo(2));
    expect(refreshedAt()).toBe(START + 9000);
  });

  test.each([
    ['by itself, soon', { seenMs: 10 }, async () => {}],
    ['when the store closes', {}, () => store.close()],
  ])('is written %s', async (_, options, end) => {
    const { refreshedAt } = await setUp(options);
    clock += 9000;
    await store.request(askNo(1));
    await end();
    await expect.poll(refreshedAt).toBe(START + 9000);
  });

  test('does not come back when it was rejected', async () => {
    const { folder, request } = await setUp();
    clock += 9000;
    await store.request(askNo(1));
    await store.reject(request);
    await store.close();
    expect(rowsOf(folder, FILE)).toEqual({});
  });

  test('is a new one where another program has dropped it', async () => {
    const { folder, request } = await setUp();
    const other = await openPairingStore(folder, { now: () => clock, watch: false });
    await other.reject(request);
    await other.close();
    expect((await store.request(askNo(1))).requestId).not.toBe(request.requestId);
  });

  test('is refused by a store that is closed', async () => {
    await setUp();
    await store.close();
    expect(await codesOf(store.request(askNo(1)))).toEqual(['WRITE_FAILED']);
  });
});

test('in memory a retry counts at once, and nobody is told', async () => {
  clock = START;
  store = createMemoryStore({ now: () => clock });
  const request = await store.request(askNo(1));
  const told: unknown[] = [];
  store.on('changed', (event) => told.push(event));
  clock += 9000;
  await store.request(askNo(1));
  expect(told).toEqual([]);
  expect(store.pending(request.requestId)?.expiresAt).toBe(clock + 300_000);
});

test('expired requests go with the next write, of whatever age the others are', async () => {
  const { folder } = await setUp();
  for (let number = 2; number <= 4; number += 1) {
    clock += 100_000;
    await store.request(askNo(number));
  }
  clock += 1;
  await store.request(askNo(5));
  const left = Object.values(rowsOf(folder, FILE)).map((row) => row['deviceId']);
  expect(left).toEqual([2, 3, 4, 5].map((number) => deviceNo(number).deviceId));
});
