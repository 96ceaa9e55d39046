import { rmSync } from 'node:fs';
import { afterEach, describe, expect, test } from 'vitest';
import { pruneOutputSchema } from '../../src/cli/schemas/prune-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  pairedRow,
  pendingRow,
  readStore,
  SECRET,
} from './state-dir.js';

const DAY = 86_400_000;
const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function stateDir(): string {
  const folder = makeStateDir({
    pending: {
      ...pendingRow('aaaa1111', 1, { ts: NOW - 120_000 }),
      ...pendingRow('bbbb2222', 2, { ts: NOW - 10_000 }),
    },
    paired: {
      ...pairedRow(3, { approvedAtMs: NOW - 400 * DAY, lastSeenAtMs: NOW - 100 * DAY }),
      ...pairedRow(4, { approvedAtMs: NOW - 400 * DAY, lastSeenAtMs: NOW - DAY }),
      ...pairedRow(5, { approvedAtMs: NOW - 20 * DAY, lastSeenAtMs: undefined }),
      ...pairedRow(6, { approvedAtMs: NOW - 2 * DAY, lastSeenAtMs: NOW - 2 * DAY }),
    },
  });
  folders.push(folder);
  return folder;
}

async function prune(folder: string, ...options: string[]) {
  const finished = await runCommand(['prune', '--state-dir', folder, ...options]);
  expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  return finished;
}

describe('what is stale', () => {
  test.each([
    ['what was not seen for 90 days, unless it is said', [], ['revoke 3']],
    ['by when it was seen', ['--idle', '2d'], ['revoke 3', 'revoke 6']],
    ['by when it was paired', ['--age', '52w'], ['revoke 3', 'revoke 4']],
    ['by either', ['--age', '365d', '--idle', '48h'], ['revoke 3', 'revoke 4', 'revoke 6']],
    ['requests by how long they wait', ['--pending', '1m'], ['reject 1']],
    ['nothing', ['--idle', '900d'], []],
  ])('%s', async (_what, options, expected) => {
    const folder = stateDir();
    const { code, stdout } = await prune(folder, '--json', ...options);
    const output = pruneOutputSchema.parse(JSON.parse(stdout));
    const found = output.stale.map(({ change }) => {
      const n = [1, 2, 3, 4, 5, 6].find((one) => device(one).deviceId === change.deviceId);
      expect(change.done).toBe(false);
      return `${change.action} ${n}`;
    });
    expect(found.sort()).toEqual(expected);
    expect([code, output.dryRun, output.neverSeen]).toEqual([0, true, 1]);
    expect(Object.keys(readStore(folder, 'devices/paired.json'))).toHaveLength(4);
    expect(Object.keys(readStore(folder, 'devices/pending.json'))).toHaveLength(2);
  });

  test.each(['--idle', '--age', '--pending'])('%s takes no other text', async (flag) => {
    const { code, stderr } = await prune(stateDir(), flag, '90 days');
    expect(code).toBe(2);
    expect(stderr).toContain('such as 90d');
  });
});

test('it says what it would do, and with --yes does it', async () => {
  const folder = stateDir();
  const shown = await prune(folder, '--idle', '30d', '--pending', '1m');
  expect(shown.code).toBe(0);
  expect(shown.stdout).toMatch(/revoke {2}\w{8} {2}device 3 {2}operator {2}not seen for 100d/);
  expect(shown.stdout).toMatch(/reject {2}aaaa1111 {2}device 1 {2}operator {2}waits for 2m/);
  expect(shown.stdout).toContain('of 1 device it is not known when they were seen\n');
  expect(shown.stdout).toContain('2 changes would be made; nothing was done');
  const done = await prune(folder, '--idle', '30d', '--pending', '1m', '--yes');
  expect(done.code).toBe(0);
  expect(done.stdout).toContain(`revoked ${device(3).deviceId.slice(0, 16)}`);
  expect(done.stdout).toContain('rejected aaaa1111');
  expect(Object.keys(readStore(folder, 'devices/paired.json'))).not.toContain(device(3).deviceId);
  expect(Object.keys(readStore(folder, 'devices/pending.json'))).toEqual(['bbbb2222']);
  expect((await prune(folder, '--idle', '30d')).stdout).toMatch(/^nothing is stale\n/);
});
