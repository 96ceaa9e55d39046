import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { openPairingStore } from '../../src/stores/index.js';
import { askNo, deviceNo } from './asks.js';
import { runChild, untilLines } from './run-child.js';
import { removeFolders, rowsOf, stateFolder } from './state-folders.js';

afterAll(removeFolders);

const FILES = ['devices/paired.json', 'devices/pending.json'];

/** Reads the files over and over while a child runs, as another program would; counts the readings. */
async function readBeside(folder: string, isOver: () => boolean): Promise<number> {
  let readings = 0;
  while (!isOver()) {
    for (const file of FILES) JSON.parse(readFileSync(join(folder, file), 'utf8'));
    readings += 1;
    await nextTurn();
  }
  return readings;
}

test('two processes that approve 500 devices each have paired 1,000', {
  timeout: 120_000,
}, async () => {
  const folder = stateFolder();
  const children = [0, 500].map((from) => runChild('approve-many', folder, from, 500));
  await Promise.all(children.map(({ ended }) => ended));
  expect(children.map(({ process, errors }) => [process.exitCode, errors()])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  const paired = rowsOf(folder, 'devices/paired.json');
  expect(Object.keys(paired)).toHaveLength(1000);
  expect(rowsOf(folder, 'devices/pending.json')).toEqual({});
  for (let i = 0; i < 1000; i += 1) expect(paired[deviceNo(i).deviceId]).toBeDefined();
});

test.each([50, 300, 700])(
  'killed after %i of 1,000 approvals, all that were answered are on the disk',
  { timeout: 120_000 },
  async (after) => {
    const folder = stateFolder(Object.fromEntries(FILES.map((file) => [file, '{}'])));
    const child = runChild('approve-many', folder, 0, 1000);
    let isOver = false;
    const reading = readBeside(folder, () => isOver);
    try {
      await untilLines(child, after);
      child.process.kill('SIGKILL');
      await child.ended;
    } finally {
      isOver = true;
    }
    expect(child.process.signalCode).toBe('SIGKILL');
    expect(await reading).toBeGreaterThan(10);
    const paired = rowsOf(folder, 'devices/paired.json');
    rowsOf(folder, 'devices/pending.json');
    const answered = child.lines().map((line) => deviceNo(Number(line)).deviceId);
    expect(answered.length).toBeGreaterThanOrEqual(after);
    expect(answered.filter((deviceId) => paired[deviceId] === undefined)).toEqual([]);
    // Who comes after it waits for its lock to grow old, and cleans up.
    const store = await openPairingStore(folder);
    await store.pair(askNo(5000));
    await store.close();
    expect(readdirSync(join(folder, 'devices')).sort()).toEqual(['paired.json', 'pending.json']);
    expect(Object.keys(rowsOf(folder, 'devices/paired.json'))).toHaveLength(
      Object.keys(paired).length + 1,
    );
  },
);

test('a gateway that writes without a lock loses nothing to us', { timeout: 60_000 }, async () => {
  const folder = stateFolder({ 'devices/paired.json': '{}' });
  const gateway = runChild('fake-gateway', folder, 20);
  await untilLines(gateway, 1);
  const store = await openPairingStore(folder);
  // However fast either of the two is: both have written often beside each other.
  for (let i = 0; i < 40 || gateway.lines().length < 30; i += 1) await store.pair(askNo(i));
  gateway.process.stdin.end();
  await gateway.ended;
  const { writes, lost } = JSON.parse(gateway.lines().at(-1) ?? '{}');
  // Between our look and our rename are microseconds, in which nobody can keep it from writing; without the look it
  // would lose every second write.
  expect(lost).toBeLessThanOrEqual(writes / 10);
  await store.refresh();
  const onDisk = Object.keys(rowsOf(folder, 'devices/paired.json'));
  expect([...store.allPaired()].map(({ deviceId }) => deviceId)).toEqual(onDisk);
  await store.close();
});
