import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { explainOutputSchema } from '../../src/cli/schemas/explain-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  nodePendingRow,
  pairedRow,
  pendingRow,
  SECRET,
} from './state-dir.js';

const POLICY = `version: 1
rules:
  - id: office
    action: approve
    when:
      from: 192.168.1.0/24
      role: operator
      scopes: { within: [operator.read, operator.approvals] }
      time: { between: "08:00-10:00" }
`;

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

async function explain(...args: string[]) {
  return explainIn('json', ...args);
}

async function explainIn(format: 'json' | 'human', ...args: string[]) {
  const folder = makeStateDir({
    pending: {
      ...pendingRow('aaaa1111', 1),
      ...pendingRow('bbbb2222', 3, {
        scopes: ['operator.read', 'operator.write'],
        isRepair: true,
        ts: NOW - 120_000,
      }),
    },
    paired: { ...pairedRow(3), ...pairedRow(4, { role: 'node', scopes: [] }), ...pairedRow(5) },
    nodePending: nodePendingRow('cccc3333', 4),
  });
  folders.push(folder);
  writeFileSync(join(folder, 'p.yaml'), POLICY);
  const flags = ['--state-dir', folder, '--policy', join(folder, 'p.yaml'), '--format', format];
  const finished = await runCommand(['explain', ...args, ...flags]);
  expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  return { ...finished, folder };
}

test.each([
  [
    'a new device, by its id',
    ['--device', device(1).deviceId.slice(0, 8)],
    'new-device',
    'approve',
  ],
  ['the same by its request', ['--request', 'aaaa'], 'new-device', 'approve'],
  [
    'one that is paired and asks for more',
    ['--device', device(3).deviceId],
    'scope-upgrade',
    'hold',
  ],
  ["a node's commands", ['--request', 'cccc3333'], 'node-commands', 'hold'],
  [
    'what is paired, where nothing waits',
    ['--device', device(5).publicKey],
    'new-device',
    'approve',
  ],
])('%s', async (_what, args, kind, action) => {
  const { code, stdout } = await explain(...args);
  expect(code).toBe(0);
  const { decision, facts } = explainOutputSchema.parse(JSON.parse(stdout));
  expect(facts.find(({ fact }) => fact === 'kind')?.value).toBe(kind);
  expect(facts.find(({ fact }) => fact === 'now')).toMatchObject({ value: NOW, from: 'the clock' });
  expect(decision.action).toBe(action);
});

test('the scopes that are asked for, those that are approved, and those that the policy would grant', async () => {
  const { stdout, folder } = await explain('--device', device(3).deviceId);
  const { scopes, record } = explainOutputSchema.parse(JSON.parse(stdout));
  expect(record.file).toBe(join(folder, 'devices', 'pending.json'));
  expect(scopes).toEqual({
    asked: ['operator.read', 'operator.write'],
    approved: ['operator.read'],
    granted: expect.arrayContaining(['operator.read', 'operator.approvals']),
  });
  expect(scopes.granted).not.toContain('operator.write');
});

test('the same in words, for a person', async () => {
  const { code, stdout } = await explainIn('human', '--device', device(3).deviceId);
  expect(code).toBe(0);
  const after = (words: string) => new RegExp(`^ *${words} +(.+)$`, 'm').exec(stdout)?.[1];
  expect(after('asked for')).toBe('operator.read, operator.write');
  expect(after('approved before')).toBe('operator.read');
  expect(after('would be granted')).toContain('operator.approvals');
  expect(after('would be granted')).not.toContain('operator.write');
});

test('another time, and facts that the store does not hold', async () => {
  const evening = await explain('--request', 'aaaa', '--now', '2026-12-01T20:00:00Z');
  expect(JSON.parse(evening.stdout)).toMatchObject({ decision: { action: 'hold' } });
  const other = await explain('--request', 'aaaa', '--remote-ip', '10.0.0.1');
  expect(JSON.parse(other.stdout)).toMatchObject({ decision: { action: 'hold' } });
});

test.each([
  ['a device that is not there', ['--device', 'dddd'], /UNKNOWN_DEVICE/],
  ['a request that is not there', ['--request', 'dddd'], /UNKNOWN_REQUEST/],
  ['nothing named', [], /ARGUMENT/],
])('%s is bad input', async (_what, args, code) => {
  const { code: exit, stdout, stderr } = await explain(...args);
  expect([exit, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(code);
});
