import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { OwnPairingStore } from '../../src/live/index.js';
import { createMemoryStore, openPairingStore } from '../../src/stores/index.js';
import { askNo, commandsNo } from './asks.js';
import { codesOf } from './contract.js';
import { removeFolders, stateFolder } from './state-folders.js';

interface Bounds {
  readonly maxPending: number;
  readonly maxPendingPerAddress: number;
}

let clock = 1_800_000_000_000;
const now = () => clock;
const opened: OwnPairingStore[] = [];

const STORES: readonly [string, (bounds: Bounds) => Promise<OwnPairingStore>][] = [
  ['in memory', async (bounds) => createMemoryStore({ now, ...bounds })],
  ['in files', (bounds) => openPairingStore(stateFolder(), { now, ...bounds })],
];

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
});
afterAll(removeFolders);

const askFrom = (number: number, remoteIp: string | undefined) =>
  askNo(number, { record: { clientId: 'cli', ...(remoteIp && { remoteIp }) } });

/** Asks as so many devices, all at once; how many have a request then. */
async function flood(
  store: OwnPairingStore,
  first: number,
  count: number,
  remoteIp: (number: number) => string | undefined,
): Promise<number> {
  const all = Array.from({ length: count }, (_, i) =>
    codesOf(store.request(askFrom(first + i, remoteIp(i)))),
  );
  const codes = (await Promise.all(all)).flat();
  expect(new Set(codes)).toEqual(new Set(codes.length > 0 ? ['PENDING_FULL'] : []));
  return count - codes.length;
}

describe.each(STORES)('how many requests may wait, %s', (_name, open) => {
  const setUp = async (maxPending: number, maxPendingPerAddress: number) => {
    const store = await open({ maxPending, maxPendingPerAddress });
    opened.push(store);
    return store;
  };

  test.each<[string, (number: number) => string | undefined]>([
    ['one address', () => '192.0.2.1'],
    ['one IPv6 network', (number) => `2001:db8::${number}`],
    ['where nobody knows', () => undefined],
    ['one address, written as IPv6 too', (n) => (n % 2 ? '192.0.2.1' : '::ffff:192.0.2.1')],
  ])('as many as are allowed from %s, and the others have their room', async (_from, remoteIp) => {
    const store = await setUp(100, 5);
    expect(await flood(store, 100, 20, remoteIp)).toBe(5);
    const before = store.allPending();
    expect(await codesOf(store.request(askFrom(1, '198.51.100.1')))).toEqual([]);
    expect(store.allPending()).toEqual(expect.arrayContaining([...before]));
    expect(store.allPending()).toHaveLength(6);
  });

  test('many addresses leave room for one that has nothing yet', async () => {
    const store = await setUp(40, 100);
    const waiting = await store.request(askFrom(1, '198.51.100.1'));
    await flood(store, 100, 200, (number) => `192.0.2.${number % 8}`);
    const count = store.allPending().length;
    expect(count).toBeGreaterThan(20);
    expect(count).toBeLessThan(40);
    expect(store.pending(waiting.requestId)).toEqual(waiting);
    expect(await codesOf(store.request(askFrom(2, '198.51.100.2')))).toEqual([]);
  });

  test('never more than are allowed in all, and none is dropped for another', async () => {
    const store = await setUp(10, 5);
    expect(await flood(store, 100, 50, (number) => `192.0.${number}.1`)).toBe(10);
    const full = store.allPending();
    expect(await codesOf(store.request(askFrom(1, '198.51.100.1')))).toEqual(['PENDING_FULL']);
    expect(store.allPending()).toEqual(full);
  });

  test('one that waits may ask again, also where all is full', async () => {
    const store = await setUp(2, 2);
    const request = await store.request(askFrom(1, '192.0.2.1'));
    await store.request(askFrom(2, '192.0.2.2'));
    clock += 60_000;
    const again = await store.request(askFrom(1, '192.0.2.1'));
    expect(again.requestId).toBe(request.requestId);
    expect((await store.request(askFrom(1, '192.0.2.3'))).requestId).toBe(request.requestId);
  });

  test('an address gains nothing by handing its requests to another', async () => {
    const store = await setUp(100, 3);
    await flood(store, 100, 3, () => '192.0.2.1');
    expect(await flood(store, 100, 3, () => '192.0.2.2')).toBe(3);
    expect(await flood(store, 200, 3, () => '192.0.2.1')).toBe(3);
    expect(await flood(store, 200, 3, () => '192.0.2.2')).toBe(0);
    expect(store.allPending()).toHaveLength(6);
  });

  test('those that are decided or have expired make room', async () => {
    const store = await setUp(100, 2);
    const request = await store.request(askFrom(1, '192.0.2.1'));
    await store.request(askFrom(2, '192.0.2.1'));
    expect(await codesOf(store.request(askFrom(3, '192.0.2.1')))).toEqual(['PENDING_FULL']);
    await store.reject(request);
    await store.request(askFrom(3, '192.0.2.1'));
    expect(await codesOf(store.request(askFrom(4, '192.0.2.1')))).toEqual(['PENDING_FULL']);
    clock += 300_001;
    expect(await flood(store, 10, 5, () => '192.0.2.1')).toBe(2);
    expect(store.allPending()).toHaveLength(2);
  });

  test('the commands of nodes have room of their own', async () => {
    const store = await setUp(100, 1);
    await store.request(askFrom(1, undefined));
    const commands = { ...commandsNo(2, ['camera.snap']), record: {} };
    expect(await codesOf(store.request(commands))).toEqual([]);
    expect(await codesOf(store.request({ ...commands, commands: ['camera.clip'] }))).toEqual([
      'PENDING_FULL',
    ]);
  });
});

test('what a store has when it is opened counts', async () => {
  const folder = stateFolder();
  const bounds = { now, maxPending: 100, maxPendingPerAddress: 3 };
  const first = await openPairingStore(folder, bounds);
  await flood(first, 1, 2, () => '192.0.2.1');
  await first.close();
  const store = await openPairingStore(folder, bounds);
  opened.push(store);
  expect(await flood(store, 10, 4, () => '192.0.2.1')).toBe(1);
});
