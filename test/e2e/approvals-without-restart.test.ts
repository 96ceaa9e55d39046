/** Approvals needed a restart of the gateway (openclaw #7715): here whoever is approved, by whatever means, is let in at once. */
import { randomUUID } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { PendingRequest } from '../../src/live/index.js';
import { runCommand } from '../cli/run-command.js';
import { useGateway } from './gateway-bench.js';
import { describePromptness, promptly } from './promptly.js';
import { newDevice, type RunningClient, type TestDevice } from './real-client.js';

const bench = useGateway();
const DEFAULT_POLICY = readFileSync('policies/pairing.yaml', 'utf8');

/** More than the default policy grants to anyone. */
const ASK = { scopes: ['operator.admin'] };

afterEach(() => bench.files.setPolicy(DEFAULT_POLICY));
afterAll(() => void process.stdout.write(`${describePromptness()}\n`));

type Approve = (request: PendingRequest, device: TestDevice) => Promise<unknown> | unknown;

const MEANS: [string, Approve][] = [
  ['the command `pair-policy approve`', (request) => approveByCommand(request)],
  ['another process with our store', (request) => bench.store.approve(request)],
  ['a script that replaces devices/paired.json', (_, device) => replacePaired(device, 'rename')],
  [
    'a script that writes devices/paired.json in place',
    (_, device) => replacePaired(device, 'in-place'),
  ],
  [
    'an API call of an operator',
    async (request) => {
      const operator = await anOperator();
      await operator.request('device.pair.approve', { requestId: request.requestId });
    },
  ],
  ['a changed policy', (_, { deviceId }) => bench.files.setPolicy(policyFor(deviceId))],
];

describe.each(MEANS)('a device that is approved by %s', (_, approve) => {
  it('is let in at once while its connect waits', async () => {
    const device = newDevice();
    const client = bench.start(device, ASK);
    await approve(await bench.requestOf(device), device);
    const { hello } = await promptly(client.first);
    expect(hello?.auth).toMatchObject({ role: 'operator', scopes: ['operator.admin'] });
    // What was answered is on the disk.
    expect(readJson(pairedFile())).toHaveProperty(device.deviceId);
  });

  it('is let in at once when it comes back', async () => {
    const device = newDevice();
    const before = bench.start(device, ASK);
    const request = await bench.requestOf(device);
    await before.stop();
    await approve(request, device);
    const back = bench.start(device, ASK);
    expect((await promptly(back.first)).hello).toBeDefined();
  });
});

describe('a device with two roles and two connects', () => {
  it('is let in with both, each when it is approved', async () => {
    const device = newDevice();
    const node = bench.start(device, {
      ...{ role: 'node', mode: 'node', clientName: 'node-host', scopes: [] },
    });
    const asNode = await bench.requestOf(device);
    const operator = bench.start(device, ASK);
    const asOperator = await otherRequestOf(device, asNode);
    await bench.store.approve(asNode);
    expect((await promptly(node.first)).hello?.auth.role).toBe('node');
    await bench.store.approve(asOperator);
    expect((await promptly(operator.first)).hello?.auth.role).toBe('operator');
    expect([...device.tokens.keys()].sort()).toEqual(['node', 'operator']);
  });
});

async function approveByCommand({ requestId }: PendingRequest): Promise<void> {
  const args = ['approve', requestId, '--yes', '--state-dir', bench.files.stateDir];
  const { code, stderr } = await runCommand(args, { now: Date.now });
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}

/** A client that may approve: its own device was approved by the first person there. */
async function anOperator(): Promise<RunningClient> {
  const device = newDevice();
  const client = bench.start(device, { scopes: ['operator.admin'] });
  await bench.store.approve(await bench.requestOf(device));
  await client.hello;
  return client;
}

async function otherRequestOf(device: TestDevice, known: PendingRequest): Promise<PendingRequest> {
  for (;;) {
    const other = bench.store
      .pendingOf(device.deviceId)
      .find(({ requestId }) => requestId !== known.requestId);
    if (other) return other;
    await new Promise((resolve) => bench.store.on('changed', resolve));
  }
}

function policyFor(deviceId: string): string {
  return `version: 1
rules:
  - id: this-one
    action: approve
    when: { device: ${deviceId}, role: operator, scopes: { within: [operator.admin] } }
`;
}

/** What scripts do that people have written for want of anything better. */
function replacePaired(device: TestDevice, how: 'rename' | 'in-place'): void {
  const path = pairedFile();
  mkdirSync(dirname(path), { recursive: true });
  const text = JSON.stringify({ ...readJson(path), [device.deviceId]: pairedRow(device) }, null, 2);
  if (how === 'in-place') {
    writeFileSync(path, text);
  } else {
    writeFileSync(`${path}.tmp`, text);
    renameSync(`${path}.tmp`, path);
  }
}

function pairedFile(): string {
  return join(bench.files.stateDir, 'devices', 'paired.json');
}

function pairedRow({ deviceId, publicKey }: TestDevice): object {
  const scopes = ['operator.admin'];
  const at = Date.now();
  const token = { token: randomUUID(), role: 'operator', scopes, createdAtMs: at };
  return {
    ...{ deviceId, publicKey, platform: 'linux', clientId: 'cli', clientMode: 'cli' },
    ...{ role: 'operator', roles: ['operator'], scopes, approvedScopes: scopes },
    ...{ tokens: { operator: token }, createdAtMs: at, approvedAtMs: at },
  };
}

function readJson(path: string): object {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as object;
  } catch {
    return {};
  }
}
