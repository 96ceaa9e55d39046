import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { auditOutputSchema } from '../../src/cli/schemas/audit-output.js';
import { runCommand } from './run-command.js';
import {
  device,
  makeStateDir,
  nodePairedRow,
  pairedRow,
  REVOKED,
  SECRET,
  type Stores,
} from './state-dir.js';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

const OFFICE = `version: 1
networks: { office: [192.168.1.0/24] }
rules:
  - id: office
    action: approve
    when: { from: "@office", role: operator, scopes: { within: [operator.read] }, kind: new-device }
  - id: nodes
    action: approve
    when: { from: "@office", role: node, scopes: { within: [] }, kind: new-device }
  - id: commands
    action: approve
    when: { from: "@office", role: node, scopes: { within: [] }, kind: node-commands, commands: { within: [canvas.*] } }
  - id: lost
    action: deny
    when: { device: [${device(7).deviceId}] }
`;

async function audit(stores: Stores, policy: string, ...options: string[]) {
  const folder = makeStateDir(stores);
  folders.push(folder);
  writeFileSync(join(folder, 'p.yaml'), policy);
  const flags = ['--state-dir', folder, '--policy', join(folder, 'p.yaml')];
  const finished = await runCommand(['audit', ...flags, ...options]);
  expect(finished.stdout + finished.stderr).not.toContain(SECRET);
  return { ...finished, folder };
}

async function verdictOf(stores: Stores, policy = OFFICE, ...options: string[]) {
  const { code, stdout } = await audit(stores, policy, '--json', ...options);
  const { devices } = auditOutputSchema.parse(JSON.parse(stdout));
  const [one] = devices;
  return { code, ...one };
}

describe('each paired device as if it came today', () => {
  const node = (fields = {}) => pairedRow(4, { role: 'node', scopes: [], ...fields });
  test.each([
    ['as the rule has it', { paired: pairedRow(3) }, 'approved', 0],
    [
      'with more scopes',
      { paired: pairedRow(3, { scopes: ['operator.write'] }) },
      'not-approved',
      1,
    ],
    ['from elsewhere', { paired: pairedRow(3, { remoteIp: '10.0.0.7' }) }, 'not-approved', 1],
    ['from nobody knows where', { paired: pairedRow(3, { remoteIp: undefined }) }, 'unknown', 0],
    ['denied now', { paired: pairedRow(7) }, 'refused', 1],
    ['a node', { paired: node() }, 'approved', 0],
    [
      'a node with commands',
      {
        paired: node(),
        nodePaired: nodePairedRow(4, { commands: ['canvas.show'], remoteIp: '192.168.1.9' }),
      },
      'approved',
      0,
    ],
    [
      'a node with other commands',
      { paired: node(), nodePaired: nodePairedRow(4) },
      'not-approved',
      1,
    ],
    ['without a token', { paired: pairedRow(3, { tokens: REVOKED }) }, 'unknown', 0],
  ])('%s', async (_what, stores, verdict, code) => {
    const found = await verdictOf(stores);
    expect(found).toMatchObject({ verdict, code });
    const isBad = verdict === 'not-approved' || verdict === 'refused';
    expect(found.revoke === null).toBe(!isBad);
  });

  test('what is unknown is named, can be given, and fails only if it is to', async () => {
    const stores = { paired: pairedRow(3, { remoteIp: '127.0.0.1' }) };
    const own = OFFICE.replace('"@office", role: operator', 'loopback, role: operator');
    expect(await verdictOf(stores, own)).toMatchObject({
      verdict: 'unknown',
      missing: ['forwarded'],
      code: 0,
    });
    expect(await verdictOf(stores, own, '--strict')).toMatchObject({ code: 1 });
    expect(await verdictOf(stores, own, '--given', 'forwarded=false')).toMatchObject({
      verdict: 'approved',
    });
  });

  test('a hold that a paired device cannot escape refuses it; others do not concern it', async () => {
    const hold = (when: string) =>
      `${OFFICE}  - { id: h, action: hold, reason: now, when: ${when} }\n`;
    const stores = { paired: pairedRow(3) };
    expect(await verdictOf(stores, hold('{ kind: [reconnect] }'))).toMatchObject({
      verdict: 'refused',
    });
    expect(await verdictOf(stores, hold('{ role: operator }'))).toMatchObject({
      verdict: 'not-approved',
    });
  });

  test('it is judged at this time, or at another one', async () => {
    const hours = OFFICE.replace(
      'kind: new-device }',
      'kind: new-device, time: { between: "08:00-10:00" } }',
    );
    const stores = { paired: pairedRow(3) };
    expect(await verdictOf(stores, hours)).toMatchObject({ verdict: 'approved' });
    const evening = ['--now', '2026-12-01T20:00:00Z'];
    expect(await verdictOf(stores, hours, ...evening)).toMatchObject({ verdict: 'not-approved' });
  });
});

test('a blocked device is refused, whatever the policy says', async () => {
  const folder = makeStateDir({ paired: pairedRow(3) });
  folders.push(folder);
  writeFileSync(join(folder, 'p.yaml'), OFFICE);
  const { deviceId } = device(3);
  await runCommand(['block', deviceId, '--yes', '--reason', 'sold', '--state-dir', folder]);
  const again = makeStateDir({});
  folders.push(again);
  // As after a backup was put back: blocked and paired.
  writeFileSync(join(folder, 'devices', 'paired.json'), JSON.stringify(pairedRow(3)));
  const flags = ['--state-dir', folder, '--policy', join(folder, 'p.yaml')];
  const { code, stdout } = await runCommand(['audit', ...flags]);
  expect(code).toBe(1);
  expect(stdout).toContain('it is blocked: sold');
});

test('for a person: the worst first, why, and the line that puts it right', async () => {
  const stores = {
    paired: { ...pairedRow(3), ...pairedRow(5, { scopes: ['operator.admin'] }), ...pairedRow(7) },
  };
  const { code, stdout, folder } = await audit(stores, OFFICE);
  expect(code).toBe(1);
  const heads = stdout.split('\n').filter((line) => /^\w{8} /.test(line));
  expect(heads).toEqual([
    `${device(7).deviceId.slice(0, 8)} device 7: refused when it connects next`,
    `${device(5).deviceId.slice(0, 8)} device 5: would not be approved any more`,
  ]);
  expect(stdout).toContain(
    `pair-policy revoke ${device(5).deviceId.slice(0, 8)} --state-dir ${folder}\n`,
  );
  expect(stdout).toContain(
    '3 devices: 1 would be approved, 1 would not, 1 refused, 0 cannot be told',
  );
  const line = stdout.split('\n').find((one) => one.includes('revoke')) ?? '';
  const args = line.trim().split(' ').slice(1);
  expect(await runCommand([...args, '--yes'])).toMatchObject({ code: 0 });
});

test('a folder whose name a shell would take apart is one word of the line', async () => {
  const folder = makeStateDir({ paired: pairedRow(7) });
  folders.push(folder);
  const named = join(folder, "it's; rm -rf x");
  mkdirSync(named);
  cpSync(join(folder, 'devices'), join(named, 'devices'), { recursive: true });
  writeFileSync(join(folder, 'p.yaml'), OFFICE);
  const { stdout } = await runCommand([
    'audit',
    '--state-dir',
    named,
    '--policy',
    join(folder, 'p.yaml'),
  ]);
  expect(stdout).toContain(`--state-dir '${folder}/it'\\''s; rm -rf x'\n`);
});

test('without a policy there is nothing to judge by', async () => {
  const folder = makeStateDir({ paired: pairedRow(3) });
  folders.push(folder);
  const { code, stderr } = await runCommand(['audit', '--state-dir', folder, '--policy', '/none']);
  expect(code).toBe(2);
  expect(stderr).toContain('[FILE_NOT_FOUND]');
});
