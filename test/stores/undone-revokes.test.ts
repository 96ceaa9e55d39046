import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { OwnPairingStore } from '../../src/live/index.js';
import type { Problem } from '../../src/model/index.js';
import { openPairingStore } from '../../src/stores/index.js';
import { askNo, commandsNo, deviceNo, nodeNo } from './asks.js';
import { runChild, untilLines } from './run-child.js';
import { removeFolders, rowsOf, stateFolder } from './state-folders.js';
import { nextEvent } from './waiting.js';

afterAll(removeFolders);

const PAIRED = ['devices/paired.json', 'nodes/paired.json'] as const;
const { deviceId } = deviceNo(1);
const UNDONE = { code: 'REVOKE_UNDONE', severity: 'warning' };

let clock = 1_800_000_000_000;
let store: OwnPairingStore;

afterEach(async () => {
  await store.close();
});

/** A store in which one device has all that there is to have, and another one is beside it. */
async function setUp(): Promise<string> {
  const folder = stateFolder();
  store = await openPairingStore(folder, { now: () => clock, watch: false });
  await store.pair(askNo(1));
  await store.pair(nodeNo(1));
  await store.pair(commandsNo(1, ['camera.snap']));
  await store.pair(askNo(2));
  return folder;
}

/** What a gateway has in memory that reads the files now; the answer writes it as it was. */
function oldCopy(folder: string): () => void {
  const copies = PAIRED.map(
    (file) => [join(folder, file), readFileSync(join(folder, file))] as const,
  );
  return () => {
    for (const [file, bytes] of copies) {
      writeFileSync(`${file}.tmp`, bytes);
      renameSync(`${file}.tmp`, file);
    }
  };
}

/** Reads what was written, and waits for what follows; the answer is what was told. */
async function reread(): Promise<readonly Problem[]> {
  const told: Problem[] = [];
  const stop = store.on('problem', (problems) => told.push(...problems));
  await store.refresh();
  // What was put right is written in turn before this is.
  await store.pair(askNo(9));
  stop();
  return told;
}

describe('an old copy that is written after a revocation', () => {
  test('brings nothing back, however often, and it is told of', async () => {
    const folder = await setUp();
    const writeOld = oldCopy(folder);
    await store.revoke(deviceId);
    for (let times = 0; times < 3; times += 1) {
      clock += 50_000;
      writeOld();
      expect(await reread()).toMatchObject([UNDONE, UNDONE]);
      expect(store.paired(deviceId)).toBeUndefined();
      expect(store.paired(deviceNo(2).deviceId)).toBeDefined();
      for (const file of PAIRED) expect(rowsOf(folder, file)).not.toHaveProperty(deviceId);
    }
    expect(await reread()).toEqual([]);
  });

  test('tells no secret', async () => {
    const folder = await setUp();
    const token = (await store.tokenOf(deviceId, 'operator')) ?? '';
    const writeOld = oldCopy(folder);
    await store.revoke(deviceId);
    writeOld();
    expect(JSON.stringify(await reread())).not.toContain(token);
  });

  test('brings no role back that was revoked, and leaves the other', async () => {
    const folder = await setUp();
    const writeOld = oldCopy(folder);
    await store.revoke(deviceId, 'operator');
    writeOld();
    expect(await reread()).toMatchObject([UNDONE]);
    expect(store.paired(deviceId)).toMatchObject({
      roles: ['node'],
      scopes: [],
      commands: ['camera.snap'],
    });
    expect(rowsOf(folder, PAIRED[0])[deviceId]).not.toHaveProperty('tokens.operator');
  });

  test('brings no key back that another one has replaced', async () => {
    const folder = await setUp();
    const writeOld = oldCopy(folder);
    await store.pair(askNo(1, { publicKey: deviceNo(3).publicKey }));
    writeOld();
    expect(await reread()).toMatchObject([UNDONE, UNDONE]);
    expect(store.paired(deviceId)).toBeUndefined();
  });

  test.each([
    ['with a token that was rotated', (row: Row) => ({ ...row, tokens: {} })],
    ['with a later approval', (row: Row) => ({ ...row, approvedAtMs: clock + 9 })],
    ['with other words', (row: Row) => ({ ...row, displayName: 'me', lastSeenAtMs: clock })],
  ])('is known %s', async (_, change) => {
    const folder = await setUp();
    const row = rowsOf(folder, PAIRED[0])[deviceId] ?? {};
    await store.revoke(deviceId);
    writeRow(folder, change(row));
    expect(await reread()).toMatchObject([UNDONE]);
    expect(store.paired(deviceId)).toBeUndefined();
  });

  test.each([
    ['is approved anew', (row: Row) => ({ ...row, approvedAtMs: clock + 9, tokens: newTokens }), 0],
    ['has another key', (row: Row) => ({ ...row, publicKey: deviceNo(3).publicKey }), 0],
    ['comes back after a minute, as from a backup', (row: Row) => row, 60_000],
  ])('is none where the device %s', async (_, change, laterMs) => {
    const folder = await setUp();
    const row = rowsOf(folder, PAIRED[0])[deviceId] ?? {};
    await store.revoke(deviceId);
    clock += laterMs;
    writeRow(folder, change(row));
    expect(await reread()).toEqual([]);
    expect(store.paired(deviceId)?.roles).toContain('operator');
  });

  test('leaves alone what is paired again here', async () => {
    const folder = await setUp();
    await store.revoke(deviceId);
    await store.pair(askNo(1));
    oldCopy(folder)();
    expect(await reread()).toEqual([]);
    expect(store.paired(deviceId)?.roles).toEqual(['operator']);
  });
});

test('another process that holds an old copy brings no device back', {
  timeout: 60_000,
}, async () => {
  const folder = stateFolder();
  store = await openPairingStore(folder);
  for (const number of [1, 2]) await store.pair(askNo(number));
  const gateway = runChild('stale-gateway', folder);
  await untilLines(gateway, 1);
  await store.revoke(deviceId);
  let wasBack = false;
  store.on('changed', () => {
    wasBack ||= store.paired(deviceId) !== undefined;
  });
  for (let times = 0; times < 2; times += 1) {
    const told = nextEvent(store, 'problem');
    gateway.process.stdin.write('again\n');
    expect(await told).toMatchObject([UNDONE]);
    await expect
      .poll(() => Object.keys(rowsOf(folder, PAIRED[0])), { timeout: 10_000 })
      .toEqual([deviceNo(2).deviceId]);
  }
  gateway.process.stdin.end();
  await gateway.ended;
  expect(wasBack).toBe(false);
});

type Row = Readonly<Record<string, unknown>>;

const newTokens = { operator: { token: 'x'.repeat(43), role: 'operator', scopes: [] } };

function writeRow(folder: string, row: Row): void {
  const file = join(folder, PAIRED[0]);
  writeFileSync(`${file}.tmp`, JSON.stringify({ ...rowsOf(folder, PAIRED[0]), [deviceId]: row }));
  renameSync(`${file}.tmp`, file);
}
