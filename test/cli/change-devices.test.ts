import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { afterEach, describe, expect, test } from 'vitest';
import { changeOutputSchema } from '../../src/cli/schemas/change-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  nodePairedRow,
  nodePendingRow,
  pairedRow,
  pendingRow,
  readStore,
  SECRET,
  type Stores,
  writeStore,
} from './state-dir.js';

const A = 'aaaa1111-0000-4000-8000-000000000001';
const A2 = 'aaaa2222-0000-4000-8000-000000000002';
const N = 'cccc3333-0000-4000-8000-000000000003';
const STORES: Stores = {
  pending: { ...pendingRow(A, 1), ...pendingRow(A2, 2, { scopes: ['operator.admin'] }) },
  paired: { ...pairedRow(3), ...pairedRow(4, { role: 'node', scopes: [] }) },
  nodePending: nodePendingRow(N, 4),
  nodePaired: nodePairedRow(5),
};

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function stateDir(stores: Stores = STORES): string {
  const folder = makeStateDir(stores);
  folders.push(folder);
  return folder;
}

async function run(folder: string, command: string, ...args: string[]) {
  const finished = await runCommand([...command.split(' '), ...args, '--state-dir', folder]);
  expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  return finished;
}

/** A person at a terminal, who answers when asked. */
async function runAsked(folder: string, args: readonly string[], answer: () => string | null) {
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  const running = runCommand([...args, '--state-dir', folder], { stdin });
  const text = answer();
  if (text === null) stdin.end();
  else stdin.write(`${text}\n`);
  return await running;
}

const pendingIds = (folder: string) => [
  ...Object.keys(readStore(folder, 'devices/pending.json')),
  ...Object.keys(readStore(folder, 'nodes/pending.json')),
];
const pairedIds = (folder: string) => Object.keys(readStore(folder, 'devices/paired.json'));

describe('approve takes any id of either store, whole or as far as only one has it', () => {
  test.each([
    ['a request id', A, A],
    ['its beginning, in another case', 'AAAA1', A],
    ['a device id', device(1).deviceId, A],
    ['the beginning of one', device(1).deviceId.slice(0, 6), A],
    ['a public key', device(1).publicKey, A],
    ["the id of a node's request", 'cccc', N],
    ["the id of a node's device", device(4).deviceId, N],
  ])('%s', async (_what, id, gone) => {
    const folder = stateDir();
    const { code, stdout, stderr } = await run(folder, `approve ${id} --yes`);
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain(`approved ${gone}`);
    expect(pendingIds(folder)).not.toContain(gone);
    expect(pendingIds(folder)).toHaveLength(2);
  });

  test('several at once', async () => {
    const folder = stateDir();
    const { code } = await run(folder, `approve ${A2} cccc3333 aaaa1111 ${A} --yes`);
    expect(code).toBe(0);
    expect(pendingIds(folder)).toEqual([]);
    expect(pairedIds(folder)).toEqual(
      expect.arrayContaining([1, 2, 3, 4].map((n) => device(n).deviceId)),
    );
  });

  test.each([
    ['one that several have', 'aaaa', /AMBIGUOUS_ID/, [A, A2]],
    ['one that nothing has', 'dddd', /UNKNOWN_REQUEST/, ['pair-policy devices']],
    ['one that is paired', device(3).deviceId, /UNKNOWN_REQUEST/, []],
    ['one that is too short', 'aaa', /ARGUMENT/, []],
    ['one among good ones', `${A} dddd`, /UNKNOWN_REQUEST/, []],
  ])('%s is bad input, and nothing is done', async (_what, ids, code, named) => {
    const folder = stateDir();
    const finished = await run(folder, `approve ${ids} --yes`);
    expect([finished.code, finished.stdout]).toEqual([2, '']);
    expect(finished.stderr).toMatch(code);
    for (const text of named) expect(finished.stderr).toContain(text);
    expect(pendingIds(folder)).toHaveLength(3);
  });

  test('a device that has several requests is told to say which', async () => {
    const folder = stateDir({ ...STORES, pending: pendingRow(A, 4) });
    const { code, stderr } = await run(folder, `approve ${device(4).deviceId} --yes`);
    expect(code).toBe(2);
    expect(stderr).toContain('AMBIGUOUS_ID');
    expect(stderr).toContain(A);
    expect(stderr).toContain(N);
  });
});

describe('what would be done is shown, then asked about', () => {
  test('who asks, for what, what it has, what the policy says, and what to think of', async () => {
    const folder = stateDir({
      pending: pendingRow(A2, 3, { scopes: ['operator.admin'] }),
      paired: pairedRow(3),
    });
    const policy = join(folder, 'p.yaml');
    writeFileSync(
      policy,
      'version: 1\nrules:\n  - { id: no, action: deny, reason: not this one, when: { role: operator } }\n',
    );
    const { stdout } = await run(folder, `approve ${A2} --yes --policy ${policy}`);
    for (const line of [
      `approve ${A2} (device store)`,
      `  device    ${device(3).deviceId} device 3`,
      '  asks for  role operator; scopes operator.admin',
      '  has       role operator; scopes operator.read',
      '  from      192.168.1.20',
      '  client    cli/cli linux',
      '  asked     1m ago, gone in 4m',
      '  policy    deny: the rule `no` denies: not this one',
      '  warning   operator.admin is full control of the gateway',
      '  warning   operator.pairing lets it let others in',
      '  warning   the policy denies it, and will refuse it when it connects',
    ]) {
      expect(stdout.split('\n')).toContain(line);
    }
  });

  test("a node's commands that run programs", async () => {
    const { stdout } = await run(stateDir(), `approve ${N} --yes`);
    expect(stdout).toContain('  warning   on the node it can be made to run: system.run\n');
  });

  test('another key than it was paired with', async () => {
    const other = pendingRow(A, 1, { deviceId: device(3).deviceId });
    const { stdout } = await run(
      stateDir({ pending: other, paired: pairedRow(3) }),
      `approve ${A} --yes`,
    );
    expect(stdout).toContain(
      '  warning   the device comes with another key than it was paired with\n',
    );
  });

  test.each([
    ['yes', 0, 2],
    ['Y', 0, 2],
    ['', 1, 3],
    ['no', 1, 3],
    ['yesterday', 1, 3],
    [null, 1, 3],
  ])('the answer %j', async (answer, code, left) => {
    const folder = stateDir();
    const finished = await runAsked(folder, ['approve', A], () => answer);
    expect(finished.code).toBe(code);
    expect(finished.stderr).toContain('Do this? [y/N]');
    expect(pendingIds(folder)).toHaveLength(left);
    if (code === 1) expect(finished.stderr).toContain('nothing was done');
  });

  test.each([
    `approve ${A}`,
    `reject ${A}`,
    `revoke ${device(3).deviceId}`,
    `block ${device(3).deviceId}`,
  ])('without a terminal `%s` does nothing', async (command) => {
    const folder = stateDir();
    const { code, stdout, stderr } = await run(folder, command);
    expect(code).toBe(2);
    expect(stdout).toContain(command.slice(0, 15));
    expect(stderr).toContain('--yes');
    expect(pendingIds(folder)).toHaveLength(3);
    expect(pairedIds(folder)).toHaveLength(2);
  });

  test.each([
    ['asks for more', pendingRow(A, 1, { scopes: ['operator.admin'] }), /REQUEST_CHANGED/],
    ['has another key', pendingRow(A, 1, { publicKey: device(9).publicKey }), /REQUEST_CHANGED/],
    ['is gone', {}, /UNKNOWN_REQUEST/],
  ])('a request that %s by the time of the answer is not approved', async (_what, then, code) => {
    const folder = stateDir({ pending: pendingRow(A, 1) });
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    const stderr: string[] = [];
    const running = runCommand(['approve', A, '--state-dir', folder], { stdin });
    // The question comes after the store was read.
    await new Promise((resolve) => stdin.once('resume', resolve));
    writeStore(folder, 'devices/pending.json', then);
    stdin.write('y\n');
    const finished = await running;
    stderr.push(finished.stderr);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toMatch(code);
    expect(finished.stdout).toContain(`not done: approve ${A}`);
    expect(pairedIds(folder)).toEqual([]);
    expect(readStore(folder, 'devices/pending.json')).toEqual(then);
  });
});

describe('reject', () => {
  test('drops one', async () => {
    const folder = stateDir();
    const { code, stdout } = await run(folder, `reject ${N.slice(0, 8)} --yes`);
    expect(code).toBe(0);
    expect(stdout).toContain(`rejected ${N}`);
    expect(pendingIds(folder)).toEqual([A, A2]);
  });

  test('drops all that a device asks for', async () => {
    const folder = stateDir({ ...STORES, pending: { ...pendingRow(A, 4), ...pendingRow(A2, 2) } });
    const { code } = await run(folder, `reject ${device(4).deviceId.slice(0, 10)} --yes`);
    expect(code).toBe(0);
    expect(pendingIds(folder)).toEqual([A2]);
  });

  test('is not led by what several devices share', async () => {
    const folder = stateDir();
    const { code, stderr } = await run(folder, 'reject aaaa --yes');
    expect([code, pendingIds(folder).length]).toEqual([2, 3]);
    expect(stderr).toContain('AMBIGUOUS_ID');
  });
});

describe('revoke', () => {
  test('takes a pairing back, with what the node had', async () => {
    const folder = stateDir({ ...STORES, nodePaired: nodePairedRow(4) });
    const { code, stdout } = await run(folder, `revoke ${device(4).deviceId.slice(0, 8)} --yes`);
    expect(code).toBe(0);
    expect(stdout).toContain('  loses     role node; scopes none; commands system.run\n');
    expect(pairedIds(folder)).toEqual([device(3).deviceId]);
    expect(readStore(folder, 'nodes/paired.json')).toEqual({});
  });

  test('takes one role back', async () => {
    const { tokens } = pairedRow(3)[device(3).deviceId] ?? {};
    const node = { token: `${SECRET}node`, role: 'node', scopes: [], createdAtMs: NOW };
    const both = pairedRow(3, {
      roles: ['operator', 'node'],
      tokens: { ...(tokens as object), node },
    });
    const folder = stateDir({ paired: both });
    const { code } = await run(folder, `revoke ${device(3).deviceId} --role operator --yes`);
    expect(code).toBe(0);
    const list = await run(folder, 'devices --json');
    expect(JSON.parse(list.stdout)).toMatchObject({ devices: [{ roles: ['node'] }] });
  });

  test.each([
    ['nobody', 'dddddddd', []],
    ['a role that it does not have', device(3).deviceId, ['--role', 'node']],
    ['one that only waits', device(1).deviceId, []],
  ])('%s is bad input', async (_what, id, options) => {
    const folder = stateDir();
    const { code, stderr } = await run(folder, `revoke ${id} --yes`, ...options);
    expect([code, pairedIds(folder).length]).toEqual([2, 2]);
    expect(stderr).toContain('[UNKNOWN_DEVICE]');
  });
});

describe('block and unblock', () => {
  test('blocks, rejects what waits, and revokes; each is said', async () => {
    const pending = { ...pendingRow(A, 3), ...pendingRow(A2, 2) };
    const folder = stateDir({ ...STORES, pending });
    const finished = await run(folder, `block ${device(3).deviceId} --yes --reason stolen --json`);
    const output = changeOutputSchema.parse(JSON.parse(finished.stdout));
    expect([finished.code, output.ok]).toEqual([0, true]);
    expect(output.changes.map(({ action, done }) => [action, done])).toEqual([
      ['block', true],
      ['reject', true],
      ['revoke', true],
    ]);
    expect(pendingIds(folder)).toEqual([A2, N]);
    expect(pairedIds(folder)).toEqual([device(4).deviceId]);
    const list = await run(folder, 'devices --blocked --json');
    expect(JSON.parse(list.stdout)).toMatchObject({
      devices: [{ state: 'blocked', deviceId: device(3).deviceId, blocked: { reason: 'stolen' } }],
    });
  });

  test.each([
    ['id', device(9).deviceId],
    ['public key', device(9).publicKey],
  ])(
    'a device that is not known here, by its whole %s; it is not approved then',
    async (_what, id) => {
      const folder = stateDir({ pending: pendingRow(A, 9) });
      const unknown = stateDir({});
      expect((await run(unknown, `block ${id} --yes`)).code).toBe(0);
      expect((await run(unknown, `unblock ${device(9).deviceId.slice(0, 8)} --yes`)).code).toBe(0);
      expect((await run(folder, `block ${id} --yes`)).code).toBe(0);
      writeStore(folder, 'devices/pending.json', pendingRow(A, 9));
      const { code, stderr } = await run(folder, `approve ${A} --yes`);
      expect(code).toBe(2);
      expect(stderr).toContain('[DEVICE_BLOCKED]');
      expect(pairedIds(folder)).toEqual([]);
      expect((await run(folder, `unblock ${id} --yes`)).code).toBe(0);
      expect((await run(folder, `approve ${A} --yes`)).code).toBe(0);
    },
  );

  test('revokes also a device that was paired while it was asked whether this is meant', async () => {
    const folder = stateDir({ pending: pendingRow(A, 9) });
    async function* answer() {
      writeStore(folder, 'devices/pending.json', {});
      writeStore(folder, 'devices/paired.json', pairedRow(9));
      yield 'y\n';
    }
    const stdin = Object.assign(Readable.from(answer()), { isTTY: true });
    await runCommand(['block', device(9).deviceId, '--state-dir', folder], {
      stdin: stdin as never,
      now: () => NOW,
    });
    expect(pairedIds(folder)).toEqual([]);
  });

  test.each([
    ['block', 'dddd'],
    ['unblock', device(1).deviceId],
  ])('%s of one that is not there is bad input', async (command, id) => {
    const { code, stderr } = await run(stateDir(), `${command} ${id} --yes`);
    expect(code).toBe(2);
    expect(stderr).toContain('[UNKNOWN_DEVICE]');
  });
});

test('--json says what was done, and alone is on stdout', async () => {
  const folder = stateDir();
  const { stdout, stderr } = await run(folder, `approve ${A} --yes --json`);
  expect(stderr).toBe('');
  const output = changeOutputSchema.parse(JSON.parse(stdout));
  expect(output).toMatchObject({
    ok: true,
    changes: [
      {
        action: 'approve',
        done: true,
        requestId: A,
        store: 'device',
        ...device(1),
        roles: ['operator'],
        scopes: ['operator.read'],
      },
    ],
  });
  const asked = await runAsked(folder, ['approve', A2, '--json'], () => 'n');
  expect(asked.code).toBe(1);
  expect(changeOutputSchema.parse(JSON.parse(asked.stdout))).toMatchObject({
    ok: false,
    changes: [{ done: false, problem: null }],
  });
  expect(asked.stderr).toContain(A2);
});
