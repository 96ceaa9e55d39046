import { expect, test } from 'vitest';
import { createMemoryStore } from '../../src/stores/index.js';
import { askNo, deviceNo } from './asks.js';
import { describeOwnPairingStore } from './contract.js';

describeOwnPairingStore('the memory store', async (now) => createMemoryStore({ now }));

test('a device that was seen is noted, but never earlier than before', async () => {
  const store = createMemoryStore();
  await store.pair(askNo(1));
  store.noteSeen(deviceNo(1).deviceId, 9);
  store.noteSeen(deviceNo(1).deviceId, 5);
  store.noteSeen(deviceNo(2).deviceId, 9);
  expect([...store.allPaired()].map(({ lastSeenAtMs }) => lastSeenAtMs)).toEqual([9]);
});
