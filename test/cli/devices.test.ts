import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { devicesOutputSchema } from '../../src/cli/schemas/devices-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  NOW,
  nodePairedRow,
  nodePendingRow,
  pairedRow,
  pendingRow,
  SECRET,
  type Stores,
} from './state-dir.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function stateDir(stores: Stores): string {
  const folder = makeStateDir(stores);
  folders.push(folder);
  return folder;
}

function policyFile(folder: string, rules: string): string {
  const path = join(folder, 'policy.yaml');
  writeFileSync(path, `version: 1\nrules:\n${rules}`);
  return path;
}

const OFFICE = `  - id: office
    action: approve
    when: { from: 192.168.1.0/24, role: operator, scopes: { within: [operator.read] } }
`;

const BOTH: Stores = {
  pending: {
    ...pendingRow('aaaa1111-0000-4000-8000-000000000001', 1),
    ...pendingRow('bbbb2222-0000-4000-8000-000000000002', 2, {
      scopes: ['operator.admin'],
      ts: NOW - 120_000,
    }),
    ...pendingRow('dddd4444-0000-4000-8000-000000000004', 8, { ts: NOW - 400_000 }),
  },
  paired: {
    ...pairedRow(3),
    ...pairedRow(4, { role: 'node', scopes: [], approvedAtMs: NOW - 86_400_000 }),
  },
  nodePending: nodePendingRow('cccc3333-0000-4000-8000-000000000003', 4),
  nodePaired: nodePairedRow(5),
};

async function list(folder: string, ...options: string[]) {
  return await runCommand(['devices', '--state-dir', folder, '--json', ...options]);
}

async function rowsOf(folder: string, ...options: string[]) {
  const { code, stdout, stderr } = await list(folder, ...options);
  expect([code, stderr]).toEqual([0, '']);
  return devicesOutputSchema.parse(JSON.parse(stdout)).devices;
}

describe('one table of both stores', () => {
  test('what waits first, the newest first; then what is paired; what has expired is gone', async () => {
    const rows = await rowsOf(stateDir(BOTH));
    expect(rows.map(({ state, stores, name }) => [state, stores, name])).toEqual([
      ['pending', ['node'], 'node 4'],
      ['pending', ['device'], 'device 1'],
      ['pending', ['device'], 'device 2'],
      ['paired', ['node'], 'node 5'],
      ['paired', ['device'], 'device 4'],
      ['paired', ['device'], 'device 3'],
    ]);
  });

  test.each([
    ['--pending', ['node 4', 'device 1', 'device 2']],
    ['--paired', ['node 5', 'device 4', 'device 3']],
    ['--pending --paired', ['node 4', 'device 1', 'device 2', 'node 5', 'device 4', 'device 3']],
    ['--blocked', []],
    ['--role node', ['node 4', 'device 4']],
    ['--match DEVICE', ['device 1', 'device 2', 'device 4', 'device 3']],
    ['--match 192.168.1.21', ['node 4']],
    [`--match ${device(3).deviceId}`, ['device 3']],
    ['--paired --role node --match nobody', []],
  ])('%s', async (options, names) => {
    const rows = await rowsOf(stateDir(BOTH), ...options.split(' '));
    expect(rows.map(({ name }) => name)).toEqual(names);
  });

  test('says what the policy of today would decide of what waits, and why', async () => {
    const folder = stateDir(BOTH);
    const rows = await rowsOf(folder, '--pending', '--policy', policyFile(folder, OFFICE));
    expect(rows.map(({ decision }) => [decision?.action, decision?.rule, decision?.cause])).toEqual(
      [
        ['hold', null, 'default'],
        ['approve', 'office', 'rule'],
        ['hold', null, 'default'],
      ],
    );
  });

  test('a policy that was named and does not load is bad input', async () => {
    const folder = stateDir(BOTH);
    const { code, stdout, stderr } = await list(folder, '--policy', policyFile(folder, 'x'));
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/policy\.yaml:\d+:\d+: .*\[\w+\]/);
  });

  test('for a person, with what to do next', async () => {
    const folder = stateDir(BOTH);
    const policy = policyFile(folder, OFFICE);
    const { code, stdout } = await runCommand([
      'devices',
      '--state-dir',
      folder,
      '--policy',
      policy,
    ]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^ {2}state +id +name +store +role +scopes +commands +from +client/);
    expect(stdout).toMatch(
      /pending {2}cccc3333 {2}node 4 .*system\.run .*192\.168\.1\.21.* 30s +4m/,
    );
    expect(stdout).toMatch(/pending {2}aaaa1111 {2}device 1 .*approve/);
    expect(stdout).toMatch(/paired +[0-9a-f]{8} {2}device 3 .* 10d .* 1h/);
    expect(stdout).toContain('3 pending, 3 paired\n');
    expect(stdout).toContain('pair-policy approve cccc3333');
  });

  test('by which rule a device was approved, where the decision log says so', async () => {
    const folder = stateDir({ paired: { ...pairedRow(3), ...pairedRow(6) } });
    mkdirSync(join(folder, 'pair-policy'));
    const line = (at: number, rule: string) =>
      JSON.stringify({
        deviceId: device(3).deviceId,
        decision: {
          action: 'approve',
          rule,
          cause: 'rule',
          reason: 'r',
          missing: [],
          revision: 'a',
          generation: 1,
          at,
        },
        answered: 'admitted',
      });
    const at = NOW - 10 * 86_400_000;
    const lines = [line(at - 200, 'office'), 'torn', line(at + 60_000, '(paired)')];
    writeFileSync(join(folder, 'pair-policy', 'decisions.jsonl'), lines.join('\n'));
    const rows = await rowsOf(folder);
    const byName = new Map(rows.map(({ name, approvedBy }) => [name, approvedBy]));
    expect(byName.get('device 3')).toEqual({ rule: 'office', at: at - 200 });
    expect(byName.get('device 6')).toBeNull();
  });
});

const profileEnv = (folder: string, profile: string) => ({
  HOME: join(folder, 'home'),
  OPENCLAW_PROFILE: profile,
});

function pairIn(state: string, n: number): void {
  mkdirSync(join(state, 'devices'), { recursive: true });
  writeFileSync(join(state, 'devices', 'paired.json'), JSON.stringify(pairedRow(n)));
}

describe('where the store is', () => {
  test.each([
    ['$OPENCLAW_STATE_DIR', (folder: string) => ({ OPENCLAW_STATE_DIR: folder })],
    [
      '$OPENCLAW_STATE_DIR, whatever the profile',
      (folder: string) => ({ OPENCLAW_STATE_DIR: folder, OPENCLAW_PROFILE: 'work' }),
    ],
    ['~/.openclaw', (folder: string) => ({ HOME: join(folder, 'home') })],
    ['~/.openclaw for the profile `default`', (folder: string) => profileEnv(folder, 'Default')],
    ['~/.openclaw for an empty one', (folder: string) => profileEnv(folder, '')],
  ])('%s', async (_what, env) => {
    const folder = stateDir(BOTH);
    pairIn(join(folder, 'home', '.openclaw'), 3);
    pairIn(join(folder, 'home', '.openclaw-work'), 7);
    const { code, stdout } = await runCommand(['devices', '--json'], { env: env(folder) });
    expect(code).toBe(0);
    expect(stdout).toContain('"device 3"');
  });

  test.each([['devices'], ['doctor']])('~/.openclaw-<profile>: %s', async (command) => {
    const folder = stateDir({});
    pairIn(join(folder, 'home', '.openclaw'), 3);
    pairIn(join(folder, 'home', '.openclaw-work'), 7);
    const env = profileEnv(folder, 'work');
    const { stdout } = await runCommand([command, '--json'], { env });
    expect(stdout).toContain(command === 'devices' ? '"device 7"' : '.openclaw-work');
    expect(stdout).not.toContain('"device 3"');
  });

  test.each(['../evil', 'a b', 'x'.repeat(65), 'a\u001b[2J'])(
    'no folder is made of what is no profile: %j',
    async (profile) => {
      const folder = stateDir({});
      pairIn(join(folder, 'home', '.openclaw'), 3);
      const finished = await runCommand(['devices'], { env: profileEnv(folder, profile) });
      expect([finished.code, finished.stdout]).toEqual([2, '']);
      expect(finished.stderr).toContain('OPENCLAW_PROFILE');
      expect(finished.stderr).not.toContain('\u001b[2J');
    },
  );

  test.each([
    ['nothing says it', [], {}, /ARGUMENT/],
    ['it is not there', ['--state-dir', '/nowhere/at/all'], {}, /FILE_NOT_FOUND/],
    ['it is a file', ['--state-dir', 'package.json'], {}, /FILE_UNREADABLE/],
  ])('bad input where %s', async (_what, options, env, code) => {
    const finished = await runCommand(['devices', ...options], { env });
    expect([finished.code, finished.stdout]).toEqual([2, '']);
    expect(finished.stderr).toMatch(code);
    expect(finished.stderr).toContain('--state-dir');
  });

  test('a gateway that keeps its devices in SQLite is named, and nothing is done', async () => {
    const folder = join(tmpdir(), `pair-policy-sqlite-${process.pid}`);
    folders.push(folder);
    mkdirSync(join(folder, 'state'), { recursive: true });
    writeFileSync(join(folder, 'state', 'openclaw.sqlite'), '');
    for (const command of [['devices'], ['block', device(1).deviceId, '--yes']]) {
      const { code, stderr } = await runCommand([...command, '--state-dir', folder]);
      expect(code).toBe(2);
      expect(stderr).toContain('openclaw.sqlite:1:1');
      expect(stderr).toContain('[STORE_MOVED]');
    }
  });

  test('a file that is no store is told with its place', async () => {
    const folder = stateDir(BOTH);
    writeFileSync(join(folder, 'devices', 'paired.json'), `{"${SECRET}": `);
    const { code, stderr } = await runCommand(['devices', '--state-dir', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/devices\/paired\.json:\d+:\d+: .*\[STORE_UNREADABLE\]/);
    expect(stderr).not.toContain(SECRET);
  });
});

test('what a client may write is never more than text, and any field may be anything', async () => {
  const hostile = `\u001b]0;x\u0007\u202e\u2066\n${'x'.repeat(100_000)}`;
  const folder = stateDir({
    pending: {
      ...pendingRow('eeee5555', 1, { displayName: hostile, remoteIp: hostile, clientId: hostile }),
      ...pendingRow('ffff6666', 2, {
        displayName: 7,
        roles: 'x',
        role: { a: 1 },
        scopes: [1],
        remoteIp: [],
        clientId: null,
        platform: {},
      }),
    },
    paired: pairedRow(3, { displayName: hostile, platform: hostile }),
  });
  for (const format of ['human', 'json']) {
    const { code, stdout } = await runCommand([
      'devices',
      '--state-dir',
      folder,
      '--format',
      format,
    ]);
    expect(code).toBe(0);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e\u2066]/);
    if (format === 'human') expect(stdout.length).toBeLessThan(20_000);
    else devicesOutputSchema.parse(JSON.parse(stdout));
  }
});
