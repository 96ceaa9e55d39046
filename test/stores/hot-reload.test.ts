import { randomBytes } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OwnPairingStore, StoreChange } from '../../src/live/index.js';
import { openPairingStore } from '../../src/stores/index.js';
import { askNo, commandsNo, deviceNo, nodeNo } from './asks.js';
import { recordedFolder, removeFolders, rowsOf, stateFolder } from './state-folders.js';
import { nextEvent } from './waiting.js';

afterAll(removeFolders);

type Rows = Record<string, Record<string, unknown>>;

function replaceRows(folder: string, file: string, rows: Rows): void {
  const path = join(folder, file);
  writeFileSync(`${path}.tmp`, JSON.stringify(rows, null, 2));
  renameSync(`${path}.tmp`, path);
}

const concerns = (deviceId: string) => (change: StoreChange) =>
  change.deviceIds !== 'all' && change.deviceIds.has(deviceId);

const row = (number: number, fields: Record<string, unknown> = {}) => ({
  ...deviceNo(number),
  roles: ['operator'],
  scopes: ['operator.read'],
  ...fields,
});

describe('what others write comes into force', () => {
  test('a device that a script adds by hand, without a token, and only it is told', async () => {
    const folder = recordedFolder('2026.3.31');
    const store = await openPairingStore(folder);
    const { deviceId } = deviceNo(1);
    const change = nextEvent(store, 'changed');
    const rows = rowsOf(folder, 'devices/paired.json');
    replaceRows(folder, 'devices/paired.json', { ...rows, [deviceId]: row(1) });
    expect((await change).deviceIds).toEqual(new Set([deviceId]));
    expect(store.paired(deviceId)?.roles).toEqual(['operator']);
    await store.close();
  });

  test('a file that an editor writes in place, and in two halves', async () => {
    const folder = stateFolder({ 'devices/paired.json': '{}' });
    const store = await openPairingStore(folder);
    const problems: unknown[] = [];
    store.on('problem', (problem) => problems.push(problem));
    const text = JSON.stringify({ [deviceNo(1).deviceId]: row(1) }, null, 2);
    const change = nextEvent(store, 'changed');
    writeFileSync(join(folder, 'devices/paired.json'), text.slice(0, 50));
    await new Promise((resolve) => setTimeout(resolve, 60));
    writeFileSync(join(folder, 'devices/paired.json'), text);
    expect((await change).deviceIds).toEqual(new Set([deviceNo(1).deviceId]));
    expect(problems).toEqual([]);
    await store.close();
  });

  test('a store whose folders are made later', async () => {
    const folder = stateFolder();
    const store = await openPairingStore(folder);
    const other = await openPairingStore(folder);
    const { deviceId } = deviceNo(1);
    const change = nextEvent(store, 'changed', concerns(deviceId));
    await other.pair(askNo(1));
    await change;
    expect(store.paired(deviceId)?.roles).toEqual(['operator']);
    await Promise.all([store.close(), other.close()]);
  });

  test('requests, commands, revoked tokens and removed devices of either store', async () => {
    const folder = stateFolder();
    const [store, other] = await Promise.all([openPairingStore(folder), openPairingStore(folder)]);
    const { deviceId } = deviceNo(1);
    const told = async <T>(change: () => Promise<T>): Promise<T> => {
      const event = nextEvent(store, 'changed', concerns(deviceId));
      const made = await change();
      await event;
      await store.refresh();
      return made;
    };
    const request = await told(() => other.request(nodeNo(1)));
    expect(store.pending(request.requestId)).toEqual(request);
    await told(() => other.approve(request));
    expect(store.pendingOf(deviceId)).toEqual([]);
    const commands = await told(() => other.request(commandsNo(1, ['camera.snap'])));
    const device = await store.approve(commands);
    expect(device.commands).toEqual(['camera.snap']);
    const rows = rowsOf(folder, 'devices/paired.json');
    const tokens = rows[deviceId]?.['tokens'] as Rows;
    const revoked = { node: { ...tokens['node'], revokedAtMs: 1 } };
    await told(async () =>
      replaceRows(folder, 'devices/paired.json', {
        [deviceId]: { ...rows[deviceId], tokens: revoked },
      }),
    );
    expect(store.paired(deviceId)?.roles).toEqual([]);
    expect(await store.tokenOf(deviceId, 'node')).toBeUndefined();
    await told(async () => replaceRows(folder, 'devices/paired.json', {}));
    expect(store.paired(deviceId)).toMatchObject({ roles: [], commands: ['camera.snap'] });
    await Promise.all([store.close(), other.close()]);
  });

  test('refresh reads at once, without a watch', async () => {
    const folder = stateFolder();
    const store = await openPairingStore(folder, { watch: false });
    const other = await openPairingStore(folder, { watch: false });
    await other.pair(askNo(1));
    await other.blocks.add({ device: deviceNo(2).deviceId, reason: undefined, since: 1 });
    expect(store.paired(deviceNo(1).deviceId)).toBeUndefined();
    await store.refresh();
    expect(store.paired(deviceNo(1).deviceId)).toBeDefined();
    expect(store.blocks.find(deviceNo(2))).toBeDefined();
    await Promise.all([store.close(), other.close()]);
  });
});

describe('noting that a device was seen', () => {
  const seenAt = (store: OwnPairingStore) => store.paired(deviceNo(1).deviceId)?.lastSeenAtMs;

  test('is written with the next write, and undoes nothing that others wrote', async () => {
    const folder = stateFolder();
    const store = await openPairingStore(folder, { watch: false });
    await store.pair(askNo(1));
    store.noteSeen(deviceNo(1).deviceId, 900);
    store.noteSeen(deviceNo(1).deviceId, 800);
    const rows = rowsOf(folder, 'devices/paired.json');
    const id = deviceNo(1).deviceId;
    replaceRows(folder, 'devices/paired.json', {
      [id]: { ...rows[id], lastSeenAtMs: 850, label: 'x' },
    });
    await store.pair(askNo(2));
    expect(rowsOf(folder, 'devices/paired.json')[id]).toMatchObject({
      lastSeenAtMs: 900,
      label: 'x',
    });
    expect(seenAt(store)).toBe(900);
    await store.close();
  });

  test('is written by itself after a while, and never for a device that is gone', async () => {
    const folder = stateFolder();
    const store = await openPairingStore(folder, { seenMs: 10 });
    await store.pair(askNo(1));
    await store.pair(askNo(2));
    const change = nextEvent(store, 'changed', concerns(deviceNo(1).deviceId));
    store.noteSeen(deviceNo(1).deviceId, 900);
    await change;
    expect(seenAt(store)).toBe(900);
    store.noteSeen(deviceNo(2).deviceId, 900);
    await store.revoke(deviceNo(2).deviceId);
    await store.close();
    expect(Object.keys(rowsOf(folder, 'devices/paired.json'))).toEqual([deviceNo(1).deviceId]);
  });
});

test('a token is in nothing that is said, whatever goes wrong', async () => {
  const secret = randomBytes(32).toString('base64url');
  const { deviceId } = deviceNo(1);
  const tokens = { operator: { token: secret, role: 'operator' } };
  const request = {
    requestId: 'r',
    deviceId,
    role: 'node',
    ts: Date.now(),
    bootstrapToken: secret,
  };
  const folder = stateFolder({
    'devices/paired.json': JSON.stringify({ [deviceId]: row(1, { tokens }) }),
    'nodes/paired.json': JSON.stringify({
      [deviceId]: { nodeId: deviceId, token: secret, commands: [] },
    }),
    'devices/pending.json': JSON.stringify({ r: request }),
  });
  const said: string[] = [];
  const say = (value: unknown) => {
    const problems = value instanceof Error && 'problems' in value ? value.problems : [];
    said.push(String(value), JSON.stringify(value), JSON.stringify(problems));
    if (value instanceof Error) said.push(value.message, value.stack ?? '', String(value.cause));
  };
  const store = await openPairingStore(folder);
  store.on('changed', ({ deviceIds }) => say([...deviceIds]));
  store.on('problem', say);
  say([...store.allPaired()]);
  say(store.allPending());
  say(await store.pair(nodeNo(1)));
  const good = readFileSync(join(folder, 'devices/paired.json'), 'utf8');
  expect(good).toContain(secret);
  const at = good.indexOf(secret);
  const tails = [
    good.slice(0, at + 10),
    `${good.slice(0, at)}\\x`,
    `${good.slice(0, at + 43)}" ${secret}`,
    secret,
  ];
  for (const bad of [...tails, JSON.stringify(secret), `${good}${secret}`]) {
    replaceText(folder, bad);
    await store.refresh();
    await store.pair(askNo(2)).catch(say);
    await openPairingStore(folder).catch(say);
  }
  await store.close();
  const parts = [secret, secret.slice(0, 8), secret.slice(-8)];
  expect(said.length).toBeGreaterThan(40);
  for (const part of parts) expect(said.filter((text) => text?.includes(part))).toEqual([]);
});

function replaceText(folder: string, text: string): void {
  writeFileSync(join(folder, 'devices/paired.json.tmp'), text);
  renameSync(join(folder, 'devices/paired.json.tmp'), join(folder, 'devices/paired.json'));
}
