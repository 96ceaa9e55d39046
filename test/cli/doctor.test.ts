import { chmodSync, chownSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { doctorOutputSchema } from '../../src/cli/schemas/doctor-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  nodePairedRow,
  nodePendingRow,
  pairedRow,
  pendingRow,
  REVOKED,
  SECRET,
  type Stores,
  writeStore,
} from './state-dir.js';

const POLICY = `version: 1
rules:
  - { id: r, action: hold, when: { kind: key-change } }
tests:
  - { name: held, connect: { kind: key-change }, expect: hold }
`;

let folder = '';
const folders: string[] = [];
beforeEach(() => make({}));
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true });
});

function make(stores: Stores): void {
  folder = makeStateDir(stores);
  folders.push(folder);
  writeFileSync(join(folder, 'p.yaml'), POLICY);
}

async function doctor(...options: string[]) {
  const flags = ['--state-dir', folder, '--policy', join(folder, 'p.yaml')];
  // The files are as old as they are.
  const finished = await runCommand(['doctor', ...flags, ...options], { now: () => NOW });
  expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  return finished;
}

/** The findings, each as its severity and code, with their places and hints looked at. */
async function findings(...options: string[]) {
  const { code, stdout, stderr } = await doctor('--json', ...options);
  expect(stderr).toBe('');
  const { ok, problems } = doctorOutputSchema.parse(JSON.parse(stdout));
  expect(code).toBe(ok ? 0 : 1);
  for (const { file, hint } of problems) {
    expect(file).not.toBe('');
    expect(hint).not.toBe('');
  }
  return problems.map(({ severity, code: found }) => `${severity} ${found}`);
}

test('nothing is wrong with a gateway that is as it should be', async () => {
  make({ paired: pairedRow(3), pending: pendingRow('aaaa1111', 1) });
  const { code, stdout } = await doctor();
  expect(code).toBe(0);
  expect(stdout).toBe(
    'nothing is wrong; looked at the policy, 1 paired device, no recorded connects\n',
  );
});

describe('devices', () => {
  test.each<[string, Stores, readonly string[]]>([
    [
      'a token that was revoked',
      { paired: pairedRow(3, { tokens: REVOKED }) },
      ['warning DEVICE_WITHOUT_TOKEN'],
    ],
    ['no token at all', { paired: pairedRow(3, { tokens: {} }) }, ['note DEVICE_WITHOUT_TOKEN']],
    ['a node in one store only', { nodePaired: nodePairedRow(5) }, ['warning NODE_UNMATCHED']],
    [
      'a node without commands',
      { paired: pairedRow(4, { role: 'node', scopes: [] }) },
      ['note NODE_UNMATCHED'],
    ],
    [
      'one name for two',
      { paired: { ...pairedRow(3, { displayName: 'x' }), ...pairedRow(6, { displayName: 'x' }) } },
      ['warning DEVICE_DUPLICATE'],
    ],
    [
      'one key for two',
      { paired: { ...pairedRow(3), ...pairedRow(6, { publicKey: device(3).publicKey }) } },
      ['error DEVICE_DUPLICATE', 'error RECORD_DEVICE_MISMATCH'],
    ],
    [
      'a client whose id changes',
      {
        paired: Object.fromEntries(
          [11, 12, 13, 14].flatMap((n) =>
            Object.entries(
              pairedRow(n, {
                displayName: `${'0'.repeat(10)}${n}`,
                createdAtMs: NOW - n * 60_000,
                approvedAtMs: NOW - n * 60_000,
              }),
            ),
          ),
        ),
      },
      ['warning DEVICE_MULTIPLIES'],
    ],
  ])('%s', async (_what, stores, expected) => {
    make(stores);
    expect(await findings()).toEqual(expected);
  });

  test('a request that is asked again and again, and nobody decides', async () => {
    const waits = { ts: NOW - 3_600_000, refreshedAtMs: NOW - 1_000 };
    make({ pending: pendingRow('aaaa1111', 1, waits), nodePending: nodePendingRow('bbbb2222', 4) });
    const { stdout } = await doctor();
    expect(stdout).toContain('the request aaaa1111 of device 1 has waited for 1h [REQUEST_WAITS]');
    expect(stdout).toContain('`pair-policy approve aaaa1111`');
  });

  test('one that is blocked and still paired', async () => {
    make({ paired: pairedRow(3) });
    await runCommand(['block', device(3).deviceId, '--yes', '--state-dir', folder]);
    expect(await findings()).toEqual([]);
    writeStore(folder, 'devices/paired.json', pairedRow(3));
    expect(await findings()).toEqual(['warning DEVICE_BLOCKED']);
  });
});

describe('files', () => {
  test.each([
    ['tokens that all can read', 'devices/paired.json', 0o644, 'error STORE_MODE'],
    ['tokens that a group can write', 'nodes/paired.json', 0o620, 'error STORE_MODE'],
    ['requests that all can read', 'devices/pending.json', 0o604, 'warning STORE_MODE'],
    ['a folder that all can write', 'devices', 0o777, 'error STORE_MODE'],
    ['a folder that all can look into', 'devices', 0o755, 'note STORE_MODE'],
    ['a policy that a group can write', 'p.yaml', 0o660, 'warning STORE_MODE'],
    ['a policy that all can write', 'p.yaml', 0o666, 'error STORE_MODE'],
  ])('%s', async (_what, file, mode, expected) => {
    chmodSync(join(folder, file), mode);
    expect(await findings()).toEqual([expected]);
    const { stdout } = await doctor();
    expect(stdout).toContain(`${join(folder, file)}:1:1: `);
    expect(stdout).toContain('chmod');
  });

  test.skipIf(process.getuid?.() !== 0)('one that belongs to somebody else', async () => {
    chownSync(join(folder, 'devices', 'paired.json'), 12_345, 12_345);
    expect(await findings()).toEqual(['error STORE_OWNER']);
  });

  test('what was left behind, and not what is in use now', async () => {
    for (const name of ['devices/paired.json.1234.tmp', 'devices/pending.json.abc.tmp']) {
      writeFileSync(join(folder, name), SECRET, { mode: 0o600 });
    }
    mkdirSync(join(folder, 'devices', 'paired.json.lock'), { mode: 0o700 });
    const old = new Date(NOW - 3_600_000);
    utimesSync(join(folder, 'devices', 'paired.json.1234.tmp'), old, old);
    utimesSync(join(folder, 'devices', 'paired.json.lock'), old, old);
    utimesSync(join(folder, 'devices', 'pending.json.abc.tmp'), new Date(NOW), new Date(NOW));
    expect(await findings()).toEqual(['warning STORE_LEFTOVER', 'warning STORE_LEFTOVER']);
  });

  test('one that is half written', async () => {
    writeFileSync(join(folder, 'devices', 'paired.json'), `{"a": {"token": "${SECRET}`, {
      mode: 0o600,
    });
    expect(await findings()).toEqual(['error STORE_UNREADABLE']);
  });

  test('stores that have moved to SQLite', async () => {
    mkdirSync(join(folder, 'state'));
    writeFileSync(join(folder, 'state', 'openclaw.sqlite'), '');
    expect(await findings()).toEqual([]);
    writeFileSync(join(folder, 'devices', 'paired.json.migrated'), '{}', { mode: 0o600 });
    expect(await findings()).toEqual(['warning STORE_MOVED']);
    rmSync(join(folder, 'devices', 'paired.json'));
    rmSync(join(folder, 'devices', 'pending.json'));
    expect(await findings()).toEqual(['error STORE_MOVED']);
  });
});

describe('the policy', () => {
  test.each([
    ['that does not load', POLICY.replace('hold, when', 'hold, wen'), 'error UNKNOWN_KEY'],
    [
      'with a rule that has expired',
      POLICY.replace('hold, when', 'hold, expires: 2020-01-01T00:00:00Z, when'),
      'EXPIRED',
    ],
    ['whose own test fails', POLICY.replace('expect: hold', 'expect: deny'), 'error TEST_FAILED'],
  ])('%s', async (_what, text, expected) => {
    writeFileSync(join(folder, 'p.yaml'), text);
    expect((await findings()).join('\n')).toContain(expected);
  });

  test('rules that no recorded connect met', async () => {
    mkdirSync(join(folder, 'pair-policy'), { mode: 0o700 });
    const log = join(folder, 'pair-policy', 'decisions.jsonl');
    const connect = (kind: string) => `${JSON.stringify({ kind, role: 'node' })}\n`;
    writeFileSync(log, connect('new-device').repeat(3), { mode: 0o600 });
    expect(await findings()).toEqual(['note RULE_UNUSED']);
    expect((await doctor()).stdout).toContain('none of 3 recorded connects met the rule `r`');
    writeFileSync(log, connect('new-device') + connect('key-change'));
    expect(await findings()).toEqual([]);
  });

  test('a recording in the place of the log', async () => {
    const recording = join(folder, 'r.jsonl');
    writeFileSync(recording, `${JSON.stringify({ role: 'node' })}\n`);
    expect(await findings('--recording', recording)).toEqual(['note RULE_UNUSED']);
  });
});

test('all at once, the worst first', async () => {
  make({ paired: pairedRow(3, { tokens: REVOKED }) });
  chmodSync(join(folder, 'devices', 'paired.json'), 0o644);
  chmodSync(join(folder, 'nodes'), 0o755);
  writeFileSync(join(folder, 'p.yaml'), 'version: 2\n');
  const { code, stdout } = await doctor();
  expect(code).toBe(1);
  const codes = [...stdout.matchAll(/\[([A-Z_]+)\]$/gm)].map(([, found]) => found);
  expect(codes).toEqual(['STORE_MODE', 'WRONG_WORD', 'DEVICE_WITHOUT_TOKEN', 'STORE_MODE']);
  expect(stdout).toMatch(/2 errors, 1 warning, 1 note; looked at the policy, 1 paired device/);
});

test('devices whose names draw', async () => {
  const name = '\u001b[31m\u202e';
  make({
    paired: { ...pairedRow(3, { displayName: name }), ...pairedRow(6, { displayName: name }) },
  });
  const { stdout } = await doctor();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
  expect(stdout).not.toMatch(/[\u001b\u202e]/);
  expect(stdout).toContain('\\u001b[31m\\u202e');
});
