import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PairPolicyError } from '../../src/model/index.js';
import { openPairingStore } from '../../src/stores/index.js';
import { askNo, deviceNo, nodeNo } from './asks.js';
import { codesOf } from './contract.js';
import { recordedFolder, removeFolders, rowsOf, stateFolder } from './state-folders.js';
import { nextEvent } from './waiting.js';

afterAll(removeFolders);

const PAIRED = 'devices/paired.json';

/** Texts that are no store, and the line and column that is named. */
const BAD: readonly (readonly [name: string, text: string | Buffer, place: string])[] = [
  ['nothing at all', '', '1:1'],
  ['blanks', ' \n ', '1:1'],
  ['NUL bytes, as after a power cut', Buffer.alloc(100), '1:1'],
  ['torn in a row', '{\n  "a": {\n    "token": "sec', '3:18'],
  ['torn after a row', '{\n  "a": {}', '2:10'],
  ['torn after a comma', '{ "a": {},', '1:11'],
  ['a list with something in it', '\n [{}]', '2:2'],
  ['a text', '"secret"', '1:1'],
  ['null', 'null', '1:1'],
  ['a number', '5', '1:1'],
  ['two documents', '{}\n{}', '2:1'],
  ['a comment', '{} // {}', '1:4'],
  ['a comma too many', '{"a": {}, }', '1:11'],
  ['a comma too few', '{"a": {} "b": {}}', '1:10'],
  ['a key without quotes', '{a: {}}', '1:2'],
  ['single quotes', "{'a': {}}", '1:2'],
  ['a wrong word', '{"a": nil}', '1:7'],
  ['a wrong number', '{"a": 01}', '1:8'],
  ['a wrong escape', '{"a": "\\x"}', '1:8'],
  ['half an escape', '{"a": "\\u12"}', '1:8'],
  ['a line feed in a text', '{"a": "x\ny"}', '1:9'],
  ['a byte order mark', '\ufeff{}', '1:1'],
  ['UTF-16', Buffer.from('{}', 'utf16le'), '1:2'],
  ['a byte that is no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), '1:2'],
  ['nesting without end', `{"a": ${'['.repeat(100_000)}`, '1:71'],
  ['a row of megabytes', `{"a": "${'x'.repeat(2 ** 21)}"}`, '1:2'],
];

/** Replaces a file as careful programs do. */
function replace(path: string, text: string | Buffer): void {
  writeFileSync(`${path}.new`, text);
  renameSync(`${path}.new`, path);
}

describe.each(BAD)('%s', (_, text, place) => {
  test('is an error when the store is opened, and stays as it is', async () => {
    const folder = stateFolder({ [PAIRED]: text });
    const error = await openPairingStore(folder).catch((error: unknown) => error);
    if (!(error instanceof PairPolicyError)) throw new Error('it was opened');
    const [problem] = error.problems;
    expect(error.problems.map(({ code }) => code)).toEqual(['STORE_UNREADABLE']);
    expect(problem?.file).toBe(join(folder, PAIRED));
    expect(`${problem?.line}:${problem?.column}`).toBe(place);
    expect(readFileSync(join(folder, PAIRED)).equals(Buffer.from(text))).toBe(true);
  });
});

test('a file that goes bad is told once; the last good state stays; nothing is written over it', async () => {
  const folder = recordedFolder('2026.3.31');
  const file = join(folder, PAIRED);
  const good = readFileSync(file);
  const store = await openPairingStore(folder);
  const before = [...store.allPaired()];
  const told: unknown[] = [];
  store.on('problem', (problems) => told.push(...problems));
  const bad = good.subarray(0, 1000);
  const problem = nextEvent(store, 'problem');
  replace(file, bad);
  expect((await problem).map(({ code }) => code)).toEqual(['STORE_UNREADABLE']);
  expect([...store.allPaired()]).toEqual(before);
  const [first] = before;
  if (!first) throw new Error('the sample is empty');
  expect(await codesOf(store.pair(askNo(1)))).toEqual(['STORE_UNREADABLE']);
  expect(await codesOf(store.revoke(first.deviceId))).toEqual(['STORE_UNREADABLE']);
  await store.refresh();
  // What is in the other files goes on.
  const request = await store.request(askNo(1));
  expect(await codesOf(store.approve(request))).toEqual(['STORE_UNREADABLE']);
  expect(store.pending(request.requestId)).toEqual(request);
  expect(readFileSync(file)).toEqual(bad);
  expect(told).toHaveLength(1);
  replace(file, good);
  await store.approve(request);
  expect([...store.allPaired()]).toHaveLength(before.length + 1);
  await store.close();
});

test('a file that a gateway truncates in place is not taken for an empty one', async () => {
  const folder = recordedFolder('2026.2.19');
  const file = join(folder, PAIRED);
  const store = await openPairingStore(folder);
  const count = [...store.allPaired()].length;
  const problem = nextEvent(store, 'problem');
  truncateSync(file, 0);
  await problem;
  expect([...store.allPaired()]).toHaveLength(count);
  expect(await codesOf(store.pair(askNo(1)))).toEqual(['STORE_UNREADABLE']);
  expect(statSync(file).size).toBe(0);
  await store.close();
});

test('a file that is taken away for a moment is waited for', async () => {
  const folder = recordedFolder('2026.3.31');
  const file = join(folder, PAIRED);
  const store = await openPairingStore(folder, { watch: false });
  const count = [...store.allPaired()].length;
  renameSync(file, `${file}.away`);
  const paired = store.pair(askNo(1));
  setTimeout(() => renameSync(`${file}.away`, file), 200);
  await paired;
  expect(Object.keys(rowsOf(folder, PAIRED))).toContain(deviceNo(1).deviceId);
  expect([...store.allPaired()]).toHaveLength(count + 1);
  await store.close();
});

test('a file that stays away takes its devices with it, and that is told', async () => {
  const folder = recordedFolder('2026.3.31');
  const store = await openPairingStore(folder);
  const ids = [...store.allPaired()]
    .filter((one) => one.roles.length > 0)
    .map((one) => one.deviceId);
  const told = Promise.all([nextEvent(store, 'problem'), nextEvent(store, 'changed')]);
  rmSync(join(folder, PAIRED));
  const [problems, { deviceIds }] = await told;
  expect(problems).toMatchObject([{ code: 'FILE_NOT_FOUND', severity: 'warning' }]);
  expect(deviceIds).toEqual(new Set(ids));
  for (const id of ids) expect(store.paired(id)?.roles ?? []).toEqual([]);
  await store.pair(askNo(1));
  expect(Object.keys(rowsOf(folder, PAIRED))).toEqual([deviceNo(1).deviceId]);
  await store.close();
});

test('where the whole state folder goes, what is paired stays and nothing is written', async () => {
  const folder = recordedFolder('2026.3.31');
  const store = await openPairingStore(folder);
  const before = [...store.allPaired()];
  const problem = nextEvent(store, 'problem');
  renameSync(folder, `${folder}.away`);
  expect((await problem)[0]?.code).toBe('STORE_UNREADABLE');
  expect(await codesOf(store.pair(askNo(1)))).toEqual(['STORE_UNREADABLE']);
  expect([...store.allPaired()]).toEqual(before);
  renameSync(`${folder}.away`, folder);
  await store.pair(askNo(1));
  expect([...store.allPaired()]).toHaveLength(before.length + 1);
  await store.close();
});

test('a folder or a pipe in the place of a file is no store', async () => {
  const folder = stateFolder();
  mkdirSync(join(folder, PAIRED), { recursive: true });
  expect(await codesOf(openPairingStore(folder))).toEqual(['STORE_UNREADABLE']);
});

test('what we make is for its owner only; what is there keeps its links', async () => {
  const folder = stateFolder({ 'elsewhere/paired.json': '{}' });
  chmodSync(join(folder, 'elsewhere/paired.json'), 0o644);
  mkdirSync(join(folder, 'devices'));
  symlinkSync('../elsewhere/paired.json', join(folder, PAIRED));
  const store = await openPairingStore(folder);
  await store.pair(nodeNo(1));
  await store.pair({ ...nodeNo(1), store: 'node', commands: ['camera.snap'] });
  await store.blocks.add({ device: deviceNo(2).deviceId, reason: 'lost', since: 1 });
  await store.close();
  const modes = [
    'elsewhere/paired.json',
    'nodes',
    'nodes/paired.json',
    'pair-policy',
    'pair-policy/blocked.json',
  ].map((name) => statSync(join(folder, name)).mode & 0o777);
  expect(modes).toEqual([0o600, 0o700, 0o600, 0o700, 0o600]);
  expect(Object.keys(rowsOf(folder, 'elsewhere/paired.json'))).toEqual([deviceNo(1).deviceId]);
  expect(readdirSync(join(folder, 'devices'))).toEqual(['paired.json']);
  expect(readdirSync(join(folder, 'pair-policy'))).toEqual(['blocked.json']);
});

test('what a killed process of ours left beside the files is removed, what a gateway is writing is not', async () => {
  const folder = stateFolder({
    'devices/paired.json.pair-policy.0.tmp': '{"half',
    'devices/paired.json.0.tmp': '{"half',
  });
  const store = await openPairingStore(folder);
  await store.pair(askNo(1));
  await store.close();
  expect(readdirSync(join(folder, 'devices')).sort()).toEqual(['paired.json', 'paired.json.0.tmp']);
});

test('a closed store changes nothing', async () => {
  const folder = stateFolder();
  const store = await openPairingStore(folder);
  const begun = store.pair(askNo(1));
  await store.close();
  await begun;
  expect(await codesOf(store.pair(askNo(2)))).toEqual(['WRITE_FAILED']);
  expect(Object.keys(rowsOf(folder, PAIRED))).toEqual([deviceNo(1).deviceId]);
});

test('what a node says of itself in another form does not make the files unreadable for others', async () => {
  const folder = stateFolder({});
  const store = await openPairingStore(folder, { watch: false });
  const nested = JSON.parse(`${'['.repeat(1500)}${']'.repeat(1500)}`) as unknown;
  const said = {
    caps: nested,
    permissions: { camera: nested },
    version: nested,
    platform: 'linux',
  };
  const commands = (names: readonly string[]) =>
    nodeNo(1, { store: 'node', roles: [], commands: names, record: said as never });
  await store.pair(nodeNo(1));
  await store.request(commands(['camera.snap']));
  await store.pair(commands(['camera.list']));
  await store.close();
  const again = await openPairingStore(folder, { watch: false });
  expect(again.paired(nodeNo(1).deviceId)?.commands).toEqual(['camera.list']);
  expect(again.allPending()).toHaveLength(1);
  await again.request(nodeNo(2, { store: 'node', roles: [], commands: ['camera.snap'] }));
  await again.close();
});
